/*
 * model: what a report says, in the words of its reader; the same for every variant.
 *
 * Renderers look at the model and never at the wire document. It copies nothing but a few
 * counts: vCPUs are computed when asked for, so that a report of millions of slots costs
 * no more than its document. A model borrows its report, which must outlive it.
 *
 * The two meanings of null in vcpu_regs are decided here, once: "never parked" in a
 * degraded report, "registers not obtained" in any other; where the member "dumpctl" has
 * the vCPU's own state, that wins (wire-format 4, 7.1).
 */
#ifndef DUMPCTL_LIB_MODEL_H
#define DUMPCTL_LIB_MODEL_H

#include "lib/buf.h"
#include "lib/report.h"

enum dc_phase { DC_ONLY, DC_EARLY, DC_LATE };

enum dc_vcpu_state { DC_PARKED, DC_NOT_PARKED, DC_UNAVAILABLE };

struct dc_vcpu {
    size_t id;
    enum dc_vcpu_state state;
    const struct dc_rec *regs;   /* VCPU_REGS; NULL: none */
    const struct dc_rec *detail; /* VCPU of the member "dumpctl"; NULL: none */
};

struct dc_snapshot {
    enum dc_phase phase;
    const struct dc_rec *rec; /* SINGLE, or DEGRADED */
    const struct dc_rec *own; /* DUMPCTL of this snapshot; NULL: none */
    const struct dc_list *regs;
    const struct dc_list *details;
    /* STATS_SAMPLE: of the run, not of a snapshot, and so told with the main one alone. */
    const struct dc_list *samples;
    size_t vcpus, parked, not_parked, unavailable;
    bool placeholder;
};

struct dc_exit_kind {
    bool known;
    uint32_t value;
    const char *name; /* SCX_EXIT_...; "unknown" for numbers without a name */
};

struct dc_model {
    const struct dc_report *report;
    const char *file;         /* borrowed; NULL or "-": standard input */
    const struct dc_rec *own; /* DUMPCTL at top level; NULL: none */
    size_t n_snapshots;
    struct dc_snapshot snapshots[2]; /* early before late */
    struct dc_exit_kind exit_kind;   /* of the last snapshot */
    enum dc_variant variant;
    bool watchpoint_known, watchpoint_hit;
    bool reason_counts;   /* the reason has an n/m of its own, and */
    bool counts_disagree; /* it is not that of the slots */
    struct dc_str latch;  /* bss_latch_state, of other variants than degraded that of
                             "dumpctl"; p NULL: not recorded */

    /* degraded */
    struct dc_str reason;
    uint64_t elapsed_ms;
    uint64_t reason_parked, reason_total;

    /* dual */
    struct dc_str early_skipped_reason; /* p NULL: none */
    uint64_t early_max_age_jiffies, early_threshold_jiffies;

    /* missing_stats */
    const struct dc_rec *missing; /* a choice of dc_type_REASON */
    struct dc_str tag;            /* of the sample; p NULL: none */
};

/* `file` is borrowed: what the report is called on a screen. */
void dc_model_init(struct dc_model *model, const struct dc_report *report,
                   const char *file);

/* vCPU `id` < snapshot->vcpus. */
struct dc_vcpu dc_snapshot_vcpu(const struct dc_snapshot *snapshot, size_t id);

/* One vCPU after the other, in constant time each:
   for (struct dc_vcpu_walk walk = dc_vcpu_walk(snapshot); dc_vcpu_next(&walk);) walk.vcpu */
struct dc_vcpu_walk {
    struct dc_vcpu vcpu;
    const struct dc_snapshot *snapshot;
    struct dc_list_walk regs, details;
};

struct dc_vcpu_walk dc_vcpu_walk(const struct dc_snapshot *snapshot);
bool dc_vcpu_next(struct dc_vcpu_walk *walk); /* false: there is none left */

/* "parked", "not_parked", "unavailable"; "only", "early", "late". */
const char *dc_state_name(enum dc_vcpu_state state);
const char *dc_phase_name(enum dc_phase phase);

/* The snapshot that the report is about: the only one, or the late one; NULL: none. */
const struct dc_snapshot *dc_model_main(const struct dc_model *model);

/*
 * What happened, in a few words of ours and, where we do not know its kind, the report's
 * own words: "vCPU rendezvous timed out", "SCX_EXIT_ERROR_STALL (1026)", ... Escape it.
 */
void dc_model_cause(const struct dc_model *model, struct dc_buf *out);

/*
 * The text of a reason for missing statistics (scheduler-stats 3.1), byte for byte.
 * `reason` is a choice of dc_type_REASON. 0, or -1 with `err` set where memory ran out.
 */
int dc_missing_text(const struct dc_rec *reason, struct dc_buf *out,
                    struct dc_error *err) DC_MUST_USE;

/* The kernel's name of an exit kind, or "unknown" (wire-format 8.6). */
const char *dc_exit_kind_name(uint32_t kind);

/* What a latch state means, or NULL for a word that is not known (wire-format 8.1). */
const char *dc_latch_meaning(struct dc_str state);

/*
 * The ids of all vCPUs in `state` as ranges ("3,7-9"), at most `columns` wide: what does
 * not fit is counted ("0-3,9 ... (+12 more)"). columns 0: all of them.
 */
void dc_snapshot_ids(const struct dc_snapshot *snapshot, enum dc_vcpu_state state,
                     unsigned columns, struct dc_buf *out);

#endif

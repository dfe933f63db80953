/*
 * compare: what is different between two reports, by meaning, as rows.
 *
 * Rows are built once; lib/show_diff.h prints them as text or as JSON. First come those
 * that an operator must know (variant, cause, exit kind, latch, vCPUs that went from one
 * state to another), then registers, then every other section of both reports, found by
 * the schema tables. Nothing is passed over in silence: what differs and does not count,
 * and what could not be compared, has rows too.
 *
 * Everything borrows the two models. Memory follows the tables and the number of ranges
 * of vCPUs that changed, not the size of the reports; registers are not copied, they are
 * walked over (struct dc_diff_regs_walk).
 */
#ifndef DUMPCTL_LIB_COMPARE_H
#define DUMPCTL_LIB_COMPARE_H

#include "lib/alike.h"
#include "lib/model.h"

struct dc_diff_options {
    struct dc_alloc alloc;
    bool addresses; /* addresses and register contents count as differences */
};

enum dc_diff_class {
    DC_DIFF_COUNTS,  /* a difference */
    DC_DIFF_IGNORED, /* differs, but addresses, times and the like differ in every run */
    DC_DIFF_MISSED,  /* one report has it and the other's variant cannot: not compared */
};

struct dc_diff_value {
    enum {
        DC_DIFF_NONE, /* not there */
        DC_DIFF_TEXT, /* may come from outside: escape it */
        DC_DIFF_NUMBER,
        DC_DIFF_SIGNED,
        DC_DIFF_REAL,
        DC_DIFF_TRUTH,
        DC_DIFF_HEX,      /* an address, or a set of bits */
        DC_DIFF_KIND,     /* number is an exit kind */
        DC_DIFF_ELEMENTS, /* number is how many a list has */
        DC_DIFF_OBJECT,   /* there, and not shown */
    } kind;
    union {
        uint64_t number;
        int64_t integer;
        double real;
        struct dc_str text;
    };
};

/* vCPUs by id, as ranges in rising order. */
struct dc_diff_ids {
    struct {
        uint32_t first, last;
    } * ranges;
    size_t n, room;
    size_t count; /* of vCPUs */
};

/* Registers of the vCPUs that have them in both reports. */
struct dc_diff_regs {
    size_t compared;
    size_t changed; /* vCPUs with any register that differs */
    size_t moved;   /* vCPUs whose instruction pointer differs; the others stood still */
};

struct dc_diff_pair;

struct dc_diff_row {
    enum dc_diff_class class;
    /* "variant", "cause", "reason", "missing_stats", "tag", "exit_kind",
       "bss_latch_state", "watchpoint_hit", "snapshot", "vcpus", "vcpu_state",
       "registers", "section", "unknown_members" */
    const char *what;
    const char *path;     /* of a "section": "maps", "dumpctl.guest.name"; or NULL */
    const char *snapshot; /* of two duals: "early" or "late"; else NULL */
    bool first;           /* what an operator must know first */
    struct dc_diff_value a, b;
    const struct dc_diff_ids *ids;   /* of a "vcpu_state" */
    const struct dc_diff_regs *regs; /* of "registers" */
    /* Of the section dumpctl.vcpus, where addresses count: what differs in it can be listed
       (struct dc_diff_details_walk); else NULL. */
    const struct dc_diff_pair *details;
};

/* Bytes of a segment register's name that are shown. */
enum { DC_DIFF_MOST_SEGMENT = 16 };

/* A vCPU that one report does not have at all is in the state DC_DIFF_ABSENT. */
enum { DC_DIFF_ABSENT = DC_UNAVAILABLE + 1, DC_DIFF_N_STATES };

/* Two snapshots that were compared with each other. */
struct dc_diff_pair {
    const struct dc_snapshot *a, *b;
    struct dc_diff_ids changed[DC_DIFF_N_STATES][DC_DIFF_N_STATES]; /* from, to */
    struct dc_diff_regs regs;
};

struct dc_diff {
    const struct dc_model *a, *b;
    struct dc_diff_options options;
    struct dc_arena arena; /* of rows and their texts */
    struct dc_diff_row *rows;
    size_t n_rows, room;
    size_t n_pairs;
    struct dc_diff_pair pairs[2]; /* early before late */
};

/* The value of a field as it stands in a row; `slot` NULL: what its absence means. */
struct dc_diff_value dc_diff_value_of(const struct dc_field *field,
                                      const union dc_slot *slot);

/*
 * Compares. 0; or -1 with `err` set where memory ran out. In both cases dc_diff_done()
 * must follow. The models must outlive `diff`.
 */
int dc_diff_init(struct dc_diff *diff, const struct dc_model *a, const struct dc_model *b,
                 const struct dc_diff_options *options, struct dc_error *err) DC_MUST_USE;
void dc_diff_done(struct dc_diff *diff);

/* How many rows of a class there are. */
size_t dc_diff_count(const struct dc_diff *diff, enum dc_diff_class class);

/* "parked", "not_parked", "unavailable" or "absent". */
const char *dc_diff_state_name(int state);

/* The snapshot of side 0 or 1 that was compared, where it was one; else NULL. */
const struct dc_snapshot *dc_diff_snapshot(const struct dc_diff *diff, int side);

/* ---- vCPUs: lib/compare_vcpus.c ---- */

/* Fills the pair. 0, or -1 with `err` set where memory ran out. */
int dc_diff_pair_compare(struct dc_diff_pair *pair,
                         const struct dc_alike_pair *alike) DC_MUST_USE;
void dc_diff_pair_done(struct dc_diff_pair *pair, struct dc_alloc alloc);

/*
 * Every register that differs, by vCPU:
 * for (struct dc_diff_regs_walk w = dc_diff_regs_walk(pair); dc_diff_regs_next(&w);) ...
 */
struct dc_diff_regs_walk {
    size_t vcpu;
    const struct dc_field *field;
    struct dc_diff_value a, b;
    /* private */
    struct dc_vcpu_walk walk_a, walk_b;
    size_t next; /* field of VCPU_REGS */
};

struct dc_diff_regs_walk dc_diff_regs_walk(const struct dc_diff_pair *pair);
bool dc_diff_regs_next(struct dc_diff_regs_walk *walk); /* false: there is none left */

/*
 * What counts in the details that dumpctl has of each vCPU: general, control and segment
 * registers and the rest of VCPU, member by member.
 * for (struct dc_diff_details_walk w = dc_diff_details_walk(p); dc_diff_details_next(&w);)
 */
struct dc_diff_details_walk {
    size_t vcpu;
    /* "regs.rax", "segments.cs.base": may come from outside, escape it. */
    char path[2 * DC_MAX_NAME + DC_DIFF_MOST_SEGMENT];
    struct dc_diff_value a, b;
    /* private */
    struct dc_vcpu_walk walk_a, walk_b;
    struct dc_list_walk list_a, list_b; /* segments */
    const struct dc_rec *rec_a, *rec_b; /* whose members are walked over; NULL: none */
    size_t part;                        /* of the vCPU, the next one */
    size_t next;                        /* field */
};

struct dc_diff_details_walk dc_diff_details_walk(const struct dc_diff_pair *pair);
bool dc_diff_details_next(struct dc_diff_details_walk *walk);

/* As many ranges as fit into `columns`, then how many vCPUs are left out; columns 0: all
   of them. Printable ASCII but for the ellipsis. */
void dc_diff_ids_text(const struct dc_diff_ids *ids, unsigned columns,
                      struct dc_buf *out);

#endif

/*
 * compare: what is different between two reports, by meaning.
 *
 * First come those differences that an operator must know (variant, cause, exit kind,
 * latch, vCPUs that went from one state to another), then registers, then every other
 * section of both reports, member by member, found by the schema tables. Nothing is passed
 * over in silence: what differs and does not count, and what could not be compared, is told
 * too.
 *
 * A difference is a row. dc_diff_init() keeps those of the beginning and counts the others;
 * dc_diff_each() finds them again, one after the other, so that memory does not follow
 * their number. lib/show_diff.h prints them. Everything borrows the two models.
 */
#ifndef DUMPCTL_LIB_COMPARE_H
#define DUMPCTL_LIB_COMPARE_H

#include "lib/diff_path.h"
#include "lib/model.h"
#include "lib/noise.h"
#include "lib/sections.h"
#include "lib/symbols.h"

/* Numbers that differ by no more are the same. */
struct dc_tolerance {
    double percent; /* of the larger one of the two; 0: none */
    double number;  /* 0: none */
};

struct dc_diff_options {
    struct dc_alloc alloc;
    enum dc_noise noise;
    bool same_run; /* both are of one run: addresses say who is who, totals have rates */
    struct dc_tolerance tolerance;
    const char *const *ignore; /* patterns of dc_diff_path_matches(); borrowed */
    size_t n_ignore;
    uint32_t only; /* bits of enum dc_diff_section; 0: all */
    /* Names of functions for the instruction pointers of either side; NULL: none. */
    const struct dc_symbols *symbols[2];
};

/* The sections of show, and three more. */
enum dc_diff_section {
    DC_DIFF_CAPTURE = DC_N_SECTIONS, /* the member "dumpctl" but for its vCPUs */
    DC_DIFF_OTHER,                   /* members of the report without a section */
    DC_DIFF_N_SECTIONS,
};

/* Sections in the order in which their rows come; the findings of show have none. */
enum { DC_DIFF_N_ORDERED = DC_DIFF_N_SECTIONS - 1 };
extern const int dc_diff_order[DC_DIFF_N_ORDERED];

/* How it is called, and --only finds it by; -1: by none. */
const char *dc_diff_section_name(int section);
int dc_diff_section_find(const char *name, size_t len);

enum dc_diff_class {
    DC_DIFF_COUNTS,  /* a difference */
    DC_DIFF_IGNORED, /* differs, but does not count: see enum dc_diff_why */
    DC_DIFF_MISSED,  /* one report has it and the other's variant cannot: not compared */
};

enum dc_diff_why {
    DC_DIFF_NOISE,   /* addresses, times and the like differ in every run */
    DC_DIFF_NEAR,    /* within the tolerance */
    DC_DIFF_PATTERN, /* its path is to be ignored */
    DC_DIFF_N_WHYS,
};

struct dc_diff_value {
    enum {
        DC_DIFF_NONE, /* not there */
        DC_DIFF_TEXT, /* may come from outside: escape it */
        DC_DIFF_JSON, /* text is a value of the input as it stands there */
        DC_DIFF_NUMBER,
        DC_DIFF_SIGNED,
        DC_DIFF_REAL,
        DC_DIFF_TRUTH,
        DC_DIFF_HEX,      /* an address, or a set of bits */
        DC_DIFF_KIND,     /* number is an exit kind */
        DC_DIFF_ELEMENTS, /* number is how many a list has */
        DC_DIFF_OBJECT,   /* there, and not shown */
        DC_DIFF_VALUE,    /* a rendered value */
    } kind;
    union {
        uint64_t number;
        int64_t integer;
        double real;
        struct dc_str text;
        const struct dc_rec *value;
    };
};

/* How far it is from the first number to the second. */
struct dc_diff_delta {
    enum { DC_DELTA_NONE, DC_DELTA_WHOLE, DC_DELTA_REAL } kind;
    bool negative;
    uint64_t whole; /* without its sign */
    double real;
};

/* What a running total gains in a second. */
struct dc_diff_rate {
    enum {
        DC_RATE_NONE,
        DC_RATE_BETWEEN, /* between the two reports, which are of one run: a */
        DC_RATE_EACH,    /* in each of two runs: a and b */
    } kind;
    double a, b;
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
    size_t changed;           /* vCPUs with any register that differs */
    struct dc_diff_ids moved; /* vCPUs whose instruction pointer differs */
    struct dc_diff_ids still; /* the others */
};

struct dc_diff_row {
    enum dc_diff_class class;
    enum dc_diff_why why; /* of one that is ignored */
    /* "variant", "cause", "reason", "missing_stats", "tag", "exit_kind",
       "bss_latch_state", "watchpoint_hit", "is_placeholder", "snapshot", "vcpus", "vcpu_state",
       "registers"; in a section "changed", "added", "removed", "reordered", and "ignored"
       for a number of such that do not count; "section" for one that is missed */
    const char *what;
    int section;
    const char *snapshot;          /* of two duals: "early" or "late"; else NULL */
    bool first;                    /* what an operator must know first */
    const char *path;              /* of a section that is missed, or NULL */
    const struct dc_diff_step *at; /* where; NULL: what says it. While the row is told. */
    struct dc_diff_value a, b;
    struct dc_diff_delta delta;
    struct dc_diff_rate rate;
    bool is_time; /* the numbers are nanoseconds */
    size_t count; /* of elements that differ, of a list of scalars, or of "ignored" */
    size_t of;    /* elements in all; 0: no such list */
    size_t where; /* the first element that differs */
    const struct dc_diff_ids *ids;   /* of a "vcpu_state" */
    const struct dc_diff_regs *regs; /* of "registers" */
};

/* A vCPU that one report does not have at all is in the state DC_DIFF_ABSENT. */
enum { DC_DIFF_ABSENT = DC_UNAVAILABLE + 1, DC_DIFF_N_STATES };

/* Two snapshots that were compared with each other. */
struct dc_diff_pair {
    const struct dc_snapshot *a, *b;
    struct dc_diff_ids changed[DC_DIFF_N_STATES][DC_DIFF_N_STATES]; /* from, to */
    struct dc_diff_regs regs;
};

struct dc_diff_counts {
    size_t changed, added, removed;
    size_t ignored[DC_DIFF_N_WHYS];
    bool present; /* one of the reports has it, or it differs */
};

struct dc_diff {
    const struct dc_model *a, *b;
    struct dc_diff_options options;
    struct dc_arena arena;    /* of texts of rows */
    struct dc_diff_row *rows; /* that are no members of sections; all have `at` NULL */
    size_t n_rows, room;
    size_t n_pairs;
    struct dc_diff_pair pairs[2];                     /* early before late */
    struct dc_diff_counts counts[DC_DIFF_N_SECTIONS]; /* of all rows, both pairs */
};

/*
 * Compares. 0; or -1 with `err` set where memory ran out. In both cases dc_diff_done()
 * must follow. The models must outlive `diff`.
 */
int dc_diff_init(struct dc_diff *diff, const struct dc_model *a, const struct dc_model *b,
                 const struct dc_diff_options *options, struct dc_error *err) DC_MUST_USE;
void dc_diff_done(struct dc_diff *diff);

/* Told of one row. 0, or -1: no more. */
typedef int (*dc_diff_fn)(void *ctx, const struct dc_diff_row *row);

/*
 * Tells every row of a class, those that must be known first at first; of the others those
 * of one section come together. The rows that are ignored and have no value worth telling
 * are summed up, for each section and reason. 0, or -1 with `err` set where memory ran out;
 * a -1 of fn() ends it with 0.
 */
int dc_diff_each(const struct dc_diff *diff, enum dc_diff_class class, dc_diff_fn fn,
                 void *ctx, struct dc_error *err) DC_MUST_USE;

/* How many differences there are that count. */
size_t dc_diff_total(const struct dc_diff *diff);

/* Whether there is no row of any class. */
bool dc_diff_is_silent(const struct dc_diff *diff);

/* "parked", "not_parked", "unavailable" or "absent". */
const char *dc_diff_state_name(int state);

/* The snapshot of side 0 or 1 that was compared, where it was one; else NULL. */
const struct dc_snapshot *dc_diff_snapshot(const struct dc_diff *diff, int side);

/* Adds the row's path, or what it is. It may hold any bytes: escape it. */
void dc_diff_row_path(const struct dc_diff_row *row, struct dc_buf *out);

/* As many ranges as fit into `columns`, then how many vCPUs are left out; columns 0: all
   of them. Printable ASCII but for the ellipsis. */
void dc_diff_ids_text(const struct dc_diff_ids *ids, unsigned columns,
                      struct dc_buf *out);

#endif

/*
 * compare_private: what the files of lib/compare.h share: a comparison that is under way.
 */
#ifndef DUMPCTL_LIB_COMPARE_PRIVATE_H
#define DUMPCTL_LIB_COMPARE_PRIVATE_H

#include "lib/compare.h"

struct dc_compare {
    struct dc_diff *diff; /* in dc_diff_each() it is only read */
    struct dc_diff_options options;
    const char *text[2]; /* the whole input of each side */
    size_t len[2];
    struct dc_error *err;
    bool failed; /* without memory; err is set */

    /* dc_diff_each() */
    bool telling;
    enum dc_diff_class class;
    dc_diff_fn fn;
    void *ctx;
    bool stopped;

    /* where it is */
    const char *snapshot;
    int section;
    const struct dc_diff_pair *pair; /* whose sections are compared; NULL: none */
    bool registers;    /* inside them: what upstream adds is a register too */
    bool passing;      /* inside of what is of one moment: nothing counts */
    double seconds[2]; /* of the run, at either snapshot; 0: not known */
    size_t summed[DC_DIFF_N_SECTIONS][DC_DIFF_N_WHYS]; /* ignored, not told one by one */
    struct dc_buf path;                                /* for patterns */
};

bool dc_diff_variants_differ(const struct dc_compare *c);

/* Whether it is of no use to go on. */
static inline bool dc_diff_is_over(const struct dc_compare *c) {
    return c->failed || c->stopped;
}

void dc_diff_no_memory(struct dc_compare *c);

/* Whether a difference in that field does not count. */
bool dc_diff_is_noise(const struct dc_compare *c, const struct dc_type *type, size_t i);

/* Whether the section is one of those that are wanted. */
bool dc_diff_is_wanted(const struct dc_compare *c, int section);

/* ---- lib/compare_row.c: values and rows ---- */

/* p NULL: not there. */
struct dc_diff_value dc_diff_text(struct dc_str s);
struct dc_diff_value dc_diff_word(const char *word);
struct dc_diff_value dc_diff_number(int kind, uint64_t number);
struct dc_diff_value dc_diff_none(void);

/* The value of a field as it stands in a row; `slot` NULL: what its absence means. */
struct dc_diff_value dc_diff_value_of(const struct dc_field *field,
                                      const union dc_slot *slot);

/* An exit kind with a name and the plain number of a field are equal. */
bool dc_diff_equal(struct dc_diff_value a, struct dc_diff_value b);

/* Sets the row's delta, and whether it is within the tolerance: then it is ignored. */
void dc_diff_measure(const struct dc_compare *c, struct dc_diff_row *row);

/* Tells a row of a section, or counts it. */
void dc_diff_tell(struct dc_compare *c, struct dc_diff_row *row);

/* Keeps a row that is no member of a section. */
void dc_diff_keep(struct dc_compare *c, struct dc_diff_row row);

/* ---- lib/compare_vcpus.c ---- */

int dc_diff_pair_compare(struct dc_compare *c, struct dc_diff_pair *pair) DC_MUST_USE;
void dc_diff_pair_done(struct dc_diff_pair *pair, struct dc_alloc alloc);

/* Whether the vCPU went from one state to another. */
bool dc_diff_pair_has(const struct dc_diff_pair *pair, uint64_t id);

/* Two details of one vCPU, without what its change of state has said. */
void dc_diff_compare_vcpu(struct dc_compare *c, const struct dc_diff_step *at,
                          const struct dc_rec *a, const struct dc_rec *b);

/* Every register that differs and counts. */
void dc_diff_compare_registers(struct dc_compare *c, const struct dc_diff_pair *pair);

/* ---- lib/compare_first.c: what an operator must know ---- */

void dc_diff_compare_first(struct dc_compare *c);

/* Whether these are the values that the models have of such a fact. */
bool dc_diff_is_fact(const struct dc_compare *c, const char *name, struct dc_diff_value a,
                     struct dc_diff_value b);

/* ---- lib/compare_tree.c: records, member by member ---- */

void dc_diff_compare_record(struct dc_compare *c, const struct dc_diff_step *at,
                            const struct dc_type *declared, const struct dc_rec *a,
                            const struct dc_rec *b);
void dc_diff_compare_field(struct dc_compare *c, const struct dc_diff_step *up,
                           const struct dc_type *type, const struct dc_rec *a,
                           const struct dc_rec *b, size_t i);
void dc_diff_compare_unknown(struct dc_compare *c, const struct dc_diff_step *at,
                             const struct dc_type *declared, const struct dc_rec *a,
                             const struct dc_rec *b);

/* Sets what a running total of two records of `type` gains in a second, where its delta is
   set and both say how long they took. */
void dc_diff_find_rate(const struct dc_compare *c, const struct dc_type *type,
                       const struct dc_rec *a, const struct dc_rec *b,
                       struct dc_diff_row *row);

/* ---- lib/compare_lists.c ---- */

void dc_diff_compare_lists(struct dc_compare *c, const struct dc_diff_step *at,
                           const struct dc_type *type, const struct dc_rec *a,
                           const struct dc_rec *b, size_t i);

/* ---- lib/compare_values.c: rendered values ---- */

void dc_diff_compare_values(struct dc_compare *c, const struct dc_diff_step *at,
                            const struct dc_rec *a, const struct dc_rec *b);

/* ---- lib/compare_sections.c ---- */

/* The pair's sections, and what one of the two has and the other cannot have. */
void dc_diff_compare_snapshots(struct dc_compare *c, const struct dc_diff_pair *pair);

/* What dual reports have beside their snapshots. */
void dc_diff_compare_roots(struct dc_compare *c);

/* compare_samples.c: the statistics of two runs. */
void dc_diff_compare_samples(struct dc_compare *c, const struct dc_diff_step *up,
                             const struct dc_rec *a, const struct dc_rec *b);

#endif

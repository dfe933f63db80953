/*
 * show_diff_private: what the files of lib/show_diff.h share: rows in words.
 */
#ifndef DUMPCTL_LIB_SHOW_DIFF_PRIVATE_H
#define DUMPCTL_LIB_SHOW_DIFF_PRIVATE_H

#include "lib/show_diff.h"
#include "lib/text.h"

/* A row in words; nothing is escaped yet. */
struct dc_diff_words {
    char sign; /* '-' only the first report has it, '+' only the second, or ' ' */
    struct dc_buf name; /* where: the last step, or the whole path */
    struct dc_buf a, b; /* the two values; both empty: there is none to show */
    struct dc_buf note; /* how far they are apart */
};

void dc_diff_words_init(struct dc_diff_words *words, struct dc_alloc alloc);
void dc_diff_words_done(struct dc_diff_words *words);
bool dc_diff_words_ok(const struct dc_diff_words *words);

/* Replaces what `words` holds by a row. */
void dc_diff_words_set(struct dc_diff_words *words, const struct dc_diff *diff,
                       const struct dc_diff_row *row, bool whole_path);

/* A value as it stands in text, not escaped. */
void dc_diff_value_text(struct dc_diff_value value, struct dc_buf *out);

void dc_diff_add_number(struct dc_buf *out, uint64_t value);

/* "3 of 4 vCPUs (instruction_pointer moved on ...)". */
void dc_diff_regs_text(const struct dc_diff_regs *regs, struct dc_buf *out);

/* Differences of a section but for those that stand first. */
size_t dc_diff_below(const struct dc_diff *diff, int section);

/* ": 3 changed, 1 added, 2 removed", of what stands below the section's heading; nothing
   where it has several, one for each half. */
void dc_diff_counts_text(const struct dc_diff *diff, int section, struct dc_buf *out);

/* Sections that one of the reports has and that are the same. */
size_t dc_diff_unchanged(const struct dc_diff *diff);

/* ---- remarks, in words: show_diff_remarks.c ---- */

/* Told of one paragraph. */
typedef void (*dc_diff_remark_fn)(void *ctx, const struct dc_buf *remark);

/* What explains the differences: which halves were compared, what was captured of them. 0,
   or -1 with `err` set where memory ran out. */
int dc_diff_first_remarks(const struct dc_diff *diff, struct dc_alloc alloc,
                          dc_diff_remark_fn fn, void *ctx,
                          struct dc_error *err) DC_MUST_USE;

/* What did not count, what was not compared, what is the same. As above. */
int dc_diff_remarks(const struct dc_diff *diff, struct dc_alloc alloc,
                    dc_diff_remark_fn fn, void *ctx, struct dc_error *err) DC_MUST_USE;

/* ---- the rows of sections as text: show_diff_rows.c ---- */

enum { DC_DIFF_GROUP = 128 }; /* rows that are aligned with each other */

/* Rows of one parent that wait to be written together. */
struct dc_diff_group {
    struct dc_text *text;
    const struct dc_diff *diff;
    bool sides;
    bool failed; /* without memory */
    struct dc_diff_words words;
    struct dc_buf parent, trial, held; /* paths, and what the lines hold */
    struct dc_diff_line {
        char sign;
        bool dotted;                  /* its name stands behind a dot */
        size_t name, a, b, note, end; /* where each begins in `held` */
    } lines[DC_DIFF_GROUP];
    size_t n;
    int section; /* of the lines; -1: none yet */
    const char *snapshot;
};

void dc_diff_group_init(struct dc_diff_group *group, struct dc_text *text,
                        const struct dc_diff *diff, bool sides, struct dc_alloc alloc);
void dc_diff_group_done(struct dc_diff_group *group);

/* Adds a row, writing those before it where it is none of theirs. */
void dc_diff_group_add(struct dc_diff_group *group, const struct dc_diff_row *row);

/* Writes what is held. */
void dc_diff_group_end(struct dc_diff_group *group);

/* A value, folded behind column `hang`; what would take too many lines is counted. */
void dc_diff_put_folded(struct dc_text *text, const char *s, size_t len, unsigned hang);

#endif

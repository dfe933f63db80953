/*
 * diff_path: where in two reports a difference is, as people write it:
 * "maps[cell_stats].entries[7].value.load".
 *
 * Members stand behind a dot, elements in brackets: by their key, the same in both reports,
 * or by their place. Members of a rendered struct stand where its value does. Steps live on
 * the stack of whoever walks over the reports; text is made only where something differs.
 */
#ifndef DUMPCTL_LIB_DIFF_PATH_H
#define DUMPCTL_LIB_DIFF_PATH_H

#include "lib/buf.h"
#include "lib/doc.h"

struct dc_diff_step {
    const struct dc_diff_step *up; /* NULL: this is the first */
    enum {
        DC_STEP_WORD,    /* a member of the tables, or a word of ours */
        DC_STEP_MEMBER,  /* of a rendered struct, or unknown: from outside */
        DC_STEP_INDEX,   /* an element by its place */
        DC_STEP_NAME,    /* an element by a name of ours */
        DC_STEP_ELEMENT, /* an element by its key */
        DC_STEP_OFFSET,  /* a page by its place in memory */
    } kind;
    const char *word;
    struct dc_str name;
    uint64_t index;
    const struct dc_rec *rec; /* an element that has the key */
    size_t nth;               /* of the elements with that key, from 0 */
};

/* Adds the path. It may hold any bytes: escape it. */
void dc_diff_path_add(const struct dc_diff_step *step, struct dc_buf *out);

/* Adds the last step alone, a member without its dot. */
void dc_diff_step_add(const struct dc_diff_step *step, struct dc_buf *out);

/* Whether it leads to an element of a list, or into one. */
bool dc_diff_path_is_listed(const struct dc_diff_step *step);

/*
 * Whether the pattern matches the path, or a part of it from its beginning to before a
 * "." or "[": '*' stands for any bytes, '?' for one, \* \? and \\ for themselves, \xNN and
 * \uNNNN for what lib/escape.h shows so, everything else for itself. Time is the product of
 * both lengths at most.
 */
bool dc_diff_path_matches(const char *pattern, const char *path, size_t len);

#endif

/*
 * outline_private: what the files of lib/outline.h share. Nobody else includes it.
 */
#ifndef DUMPCTL_LIB_OUTLINE_PRIVATE_H
#define DUMPCTL_LIB_OUTLINE_PRIVATE_H

#include "lib/outline.h"

/* Items stand in items: a key in a map. */
enum { DC_OUTLINE_DEPTH = 4 };

/* The lines inside of one line, or of the section. */
struct dc_outline_block {
    struct dc_arena arena; /* of texts and tables */
    struct dc_outline_line *lines;
    size_t count, room;
    unsigned level;                /* of its lines */
    size_t path[DC_OUTLINE_DEPTH]; /* the ordinals of the items that it is inside of */
    unsigned depth;                /* how many they are */
};

/* An empty block, or NULL without memory. */
struct dc_outline_block *dc_outline_block_new(struct dc_outline *outline);
void dc_outline_block_free(struct dc_outline *outline, struct dc_outline_block *block);

/* Room for so many more lines. false: no memory. */
bool dc_outline_reserve(const struct dc_outline *outline, struct dc_outline_block *block,
                        size_t count);

/* A new line at the end, or NULL without memory. */
struct dc_outline_line *dc_outline_add(const struct dc_outline *outline,
                                       struct dc_outline_block *block,
                                       enum dc_outline_kind kind);

/* A copy that lives as long as the block. false: no memory. */
bool dc_outline_keep(struct dc_outline_block *block, const struct dc_buf *text,
                     struct dc_str *out);

/* outline_build.c: fills a block with what the section says at its path. 0, or -1 with
   `err` set where memory ran out. */
int dc_outline_build(struct dc_outline *outline, struct dc_outline_block *block,
                     struct dc_error *err) DC_MUST_USE;

/* outline_value.c: whether a value has parts, and a line for each. false: no memory. */
bool dc_outline_value_folds(const struct dc_rec *value);
bool dc_outline_value_parts(struct dc_outline *outline, struct dc_outline_block *block,
                            const struct dc_rec *value);
/* Adds the value in a few words. */
void dc_outline_value_words(const struct dc_outline *outline, const struct dc_rec *value,
                            bool folded, struct dc_buf *out);

/* Puts outline->lines together anew. 0, or -1 with `err` set. */
int dc_outline_collect(struct dc_outline *outline, struct dc_error *err) DC_MUST_USE;

#endif

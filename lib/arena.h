/*
 * arena: memory that is handed out piece by piece and given back all at once.
 *
 * One arena belongs to one document. What it hands out lives until dc_arena_done();
 * nothing is freed alone. An arena is used by one thread at a time.
 */
#ifndef DUMPCTL_LIB_ARENA_H
#define DUMPCTL_LIB_ARENA_H

#include "lib/error.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Where memory comes from. resize(ctx, p, size) is realloc() with a context: p NULL
 * allocates, size 0 frees and returns NULL. Tests pass one that fails at a chosen call.
 */
struct dc_alloc {
    void *(*resize)(void *ctx, void *p, size_t size);
    void *ctx;
};

/* The C library's allocator. */
extern const struct dc_alloc dc_alloc_libc;

struct dc_arena {
    struct dc_alloc alloc;
    struct dc_arena_block *last;
    size_t taken; /* bytes asked of `alloc` */
    size_t given; /* bytes handed out, those for alignment too */
    size_t limit; /* the most that `taken` may reach; 0 = no limit */
    bool limited; /* the last refusal came from `limit`, not from `alloc` */
};

/* An empty arena; takes no memory yet. `limit` is in bytes, 0 for none. */
void dc_arena_init(struct dc_arena *arena, struct dc_alloc alloc, size_t limit);

/* Frees all that the arena holds; it may be used again afterwards. */
void dc_arena_done(struct dc_arena *arena);

/*
 * `size` bytes, aligned to 8, not cleared; NULL where the limit or the memory is reached
 * (dc_arena_fail() says which). The arena owns them.
 */
void *dc_arena_get(struct dc_arena *arena, size_t size) DC_MUST_USE;

/* Sets `err` after a refusal of dc_arena_get(). Returns -1. */
int dc_arena_fail(const struct dc_arena *arena, struct dc_error *err);

#endif

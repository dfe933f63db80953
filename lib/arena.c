#include "lib/arena.h"

#include <stdint.h>
#include <stdlib.h>

enum {
    ALIGN = 8,
    FIRST_BLOCK = 4 << 10,
    LAST_BLOCK = 1 << 20, /* blocks double up to this: the slack stays below 1 MiB */
};

struct dc_arena_block {
    struct dc_arena_block *before;
    size_t size; /* of data[] */
    size_t used;
    _Alignas(ALIGN) char data[];
};

static void *libc_resize(void *ctx, void *p, size_t size) {
    (void)ctx;
    if (size == 0) {
        free(p);
        return NULL;
    }
    return realloc(p, size);
}

const struct dc_alloc dc_alloc_libc = {.resize = libc_resize, .ctx = NULL};

void dc_arena_init(struct dc_arena *arena, struct dc_alloc alloc, size_t limit) {
    *arena = (struct dc_arena){.alloc = alloc, .limit = limit};
}

void dc_arena_done(struct dc_arena *arena) {
    struct dc_arena_block *block = arena->last;
    while (block) {
        struct dc_arena_block *before = block->before;
        arena->alloc.resize(arena->alloc.ctx, block, 0);
        block = before;
    }
    arena->last = NULL;
    arena->taken = arena->given = 0;
    arena->limited = false;
}

static struct dc_arena_block *add_block(struct dc_arena *arena, size_t least) {
    size_t size = arena->last ? arena->last->size * 2 : FIRST_BLOCK;
    if (size > LAST_BLOCK)
        size = LAST_BLOCK;
    if (size < least)
        size = least;
    size_t whole = size + sizeof(struct dc_arena_block);
    arena->limited =
        arena->limit && (whole > arena->limit || arena->taken > arena->limit - whole);
    if (arena->limited)
        return NULL;
    struct dc_arena_block *block = arena->alloc.resize(arena->alloc.ctx, NULL, whole);
    if (!block)
        return NULL;
    block->before = arena->last;
    block->size = size;
    block->used = 0;
    arena->last = block;
    arena->taken += whole;
    return block;
}

void *dc_arena_get(struct dc_arena *arena, size_t size) {
    struct dc_arena_block *block = arena->last;
    if (size > SIZE_MAX / 2)
        return NULL;
    size = (size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    if (!block || block->size - block->used < size) {
        block = add_block(arena, size);
        if (!block)
            return NULL;
    }
    void *p = block->data + block->used;
    block->used += size;
    arena->given += size;
    return p;
}

int dc_arena_fail(const struct dc_arena *arena, struct dc_error *err) {
    static const char *const units[] = {" bytes", "K", "M", "G", "T"};
    size_t limit = arena->limit, unit = 0;
    for (; limit % 1024 == 0 && limit > 0 && unit < 4; unit++)
        limit /= 1024;
    if (arena->limited)
        return dc_fail(err, DC_ELIMIT,
                       "needs more memory than the limit of %zu%s; allow more with "
                       "--max-memory=SIZE",
                       limit, units[unit]);
    return dc_fail(err, DC_ENOMEM, "out of memory");
}

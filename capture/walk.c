#include "capture/walk.h"

/* Bits of an entry, as in the manuals. */
#define PRESENT (UINT64_C(1) << 0)
#define WRITABLE (UINT64_C(1) << 1)
#define USER (UINT64_C(1) << 2)
#define LARGE (UINT64_C(1) << 7)
#define NO_EXECUTE (UINT64_C(1) << 63)
#define ADDRESS UINT64_C(0x000ffffffffff000)

#define PAGE_SHIFT 12
#define LEVEL_BITS 9
#define TABLE_ENTRIES (UINT64_C(1) << LEVEL_BITS)
#define TOP 3 /* the level of CR3; 0 has pages of 4 KiB */

static unsigned shift_of(int level) {
    return PAGE_SHIFT + LEVEL_BITS * (unsigned)level;
}

/* Are bits 47 to 63 all the same? */
static bool is_canonical(uint64_t virtual) {
    uint64_t high = virtual >> 47;
    return high == 0 || high == UINT64_C(0x1ffff);
}

/* Bit 7 makes a large page on two levels; on the last it is the PAT bit, and on the first
   it is reserved, so that no page is there. */
static bool is_page(uint64_t entry, int level) {
    return level == 0 || (level < TOP && (entry & LARGE) != 0);
}

static void fill(struct cap_page *out, uint64_t entry, uint64_t all, uint64_t any,
                 uint64_t virtual, int level) {
    uint64_t inside = (UINT64_C(1) << shift_of(level)) - 1;
    *out = (struct cap_page){
        .physical = (entry & ADDRESS & ~inside) | (virtual & inside),
        .left = inside + 1 - (virtual & inside),
        .writable = (all & WRITABLE) != 0,
        .user = (all & USER) != 0,
        .executable = (any & NO_EXECUTE) == 0,
    };
}

enum cap_walk_result cap_walk(struct cap_source *source, uint64_t root, uint64_t virtual,
                              struct cap_page *out) {
    uint64_t table = root & ADDRESS, all = UINT64_MAX, any = 0, entry;

    if (!is_canonical(virtual))
        return CAP_WALK_NOT_CANONICAL;
    for (int level = TOP;; level--) {
        uint64_t index = virtual >> shift_of(level) & (TABLE_ENTRIES - 1);
        if (!source->ops->read_memory(source, table + index * sizeof(entry), &entry,
                                      sizeof(entry)))
            return CAP_WALK_OUT_OF_MEMORY;
        if (!(entry & PRESENT) || (level == TOP && (entry & LARGE)))
            return CAP_WALK_NOT_PRESENT;
        all &= entry;
        any |= entry;
        if (is_page(entry, level)) {
            fill(out, entry, all, any, virtual, level);
            return CAP_WALK_OK;
        }
        table = entry & ADDRESS;
    }
}

bool cap_virtual_read(struct cap_source *source, uint64_t root, uint64_t virtual,
                      void *to, size_t bytes) {
    uint8_t *at = to;

    if (bytes > 0 && virtual > UINT64_MAX - (bytes - 1))
        return false;
    while (bytes > 0) {
        struct cap_page page;
        if (cap_walk(source, root, virtual, &page) != CAP_WALK_OK)
            return false;
        size_t part = bytes < page.left ? bytes : (size_t)page.left;
        if (!source->ops->read_memory(source, page.physical, at, part))
            return false;
        at += part;
        virtual += part;
        bytes -= part;
    }
    return true;
}

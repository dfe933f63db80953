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

/* ---- all of them ---- */

struct tour {
    struct cap_source *source;
    uint64_t tables_left;
    cap_page_fn *take;
    void *context;
};

/* What the levels above say: where they lead, and the rights that are left. */
struct branch {
    uint64_t table, virtual, all, any;
};

/* Bits 48 to 63 follow bit 47. */
static uint64_t sign_extend(uint64_t virtual) {
    return (uint64_t)((int64_t)(virtual << 16) >> 16);
}

/* One table. The recursion ends with the level. */
static bool tour_table(struct tour *tour, const struct branch *in, int level) {
    uint64_t entries[TABLE_ENTRIES];

    if (tour->tables_left-- == 0)
        return false;
    if (!tour->source->ops->read_memory(tour->source, in->table, entries,
                                        sizeof(entries)))
        return true;
    for (uint64_t i = 0; i < TABLE_ENTRIES; i++) {
        uint64_t entry = entries[i];
        struct branch next = {
            .table = entry & ADDRESS,
            .virtual = sign_extend(in->virtual | i << shift_of(level)),
            .all = in->all & entry,
            .any = in->any | entry,
        };
        if (!(entry & PRESENT) || (level == TOP && (entry & LARGE)))
            continue;
        if (!is_page(entry, level)) {
            if (!tour_table(tour, &next, level - 1))
                return false;
            continue;
        }
        struct cap_page page;
        fill(&page, entry, next.all, next.any, next.virtual, level);
        if (!tour->take(tour->context, next.virtual, &page))
            return false;
    }
    return true;
}

bool cap_walk_pages(struct cap_source *source, uint64_t root, uint64_t most_tables,
                    cap_page_fn *take, void *context) {
    struct tour tour = {source, most_tables, take, context};
    struct branch top = {.table = root & ADDRESS, .all = UINT64_MAX};

    return tour_table(&tour, &top, TOP);
}

/* ---- reading ---- */

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

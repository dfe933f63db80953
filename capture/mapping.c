#include "capture/mapping.h"

#include <stdlib.h>

#include "capture/walk.h"

/* Tables that are read at most: enough for 512 GiB of the smallest pages, read in well
   under a second. */
#define MOST_TABLES (UINT64_C(1) << 18)

/* Can `next` be the end of `last`? At 2^64 the sum is 0, which nothing follows. */
static bool continues(const struct cap_range *last, const struct cap_range *next) {
    return last->virtual + last->bytes == next->virtual &&
           last->physical + last->bytes == next->physical &&
           last->writable == next->writable && last->executable == next->executable;
}

static bool add(struct cap_mapping *self, const struct cap_range *range) {
    if (self->count > 0 && continues(&self->ranges[self->count - 1], range)) {
        self->ranges[self->count - 1].bytes += range->bytes;
        return true;
    }
    if (self->count == self->most)
        return false;
    if (self->count == self->room) {
        size_t room = self->room > 0 ? self->room * 2 : 64;
        struct cap_range *ranges = reallocarray(self->ranges, room, sizeof(*ranges));
        self->no_memory = !ranges;
        if (!ranges)
            return false;
        self->ranges = ranges;
        self->room = room;
    }
    self->ranges[self->count++] = *range;
    return true;
}

static bool take_page(void *context, uint64_t virtual, const struct cap_page *page) {
    struct cap_mapping *self = context;

    if (page->physical >= self->memory_bytes)
        return true;
    uint64_t memory = self->memory_bytes - page->physical;
    struct cap_range range = {
        .virtual = virtual,
        .physical = page->physical,
        .bytes = page->left < memory ? page->left : memory,
        .writable = page->writable,
        .executable = page->executable,
    };
    return add(self, &range);
}

int cap_mapping_read(struct cap_mapping *mapping, struct cap_source *source,
                     uint64_t root, uint64_t memory_bytes, size_t most,
                     struct dc_error *err) {
    *mapping = (struct cap_mapping){.memory_bytes = memory_bytes, .most = most};
    mapping->complete = cap_walk_pages(source, root, MOST_TABLES, take_page, mapping);
    if (!mapping->no_memory)
        return 0;
    cap_mapping_close(mapping);
    return dc_fail(err, DC_ENOMEM, "no memory for the guest's mappings");
}

void cap_mapping_close(struct cap_mapping *mapping) {
    free(mapping->ranges);
    *mapping = (struct cap_mapping){0};
}

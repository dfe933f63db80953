/*
 * mapping: what the page tables of a guest map, as few ranges.
 *
 * Pages that follow each other in virtual and in physical memory with the same rights are
 * one range. Only what is memory is in it: a page, or the part of one, that lies beyond
 * the end of memory is left out. In ascending order of virtual addresses.
 */
#ifndef DUMPCTL_CAPTURE_MAPPING_H
#define DUMPCTL_CAPTURE_MAPPING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture/source.h"
#include "lib/error.h"

struct cap_range {
    uint64_t virtual, physical, bytes;
    bool writable, executable;
};

struct cap_mapping {
    struct cap_range *ranges; /* owned */
    size_t count, room;
    uint64_t memory_bytes;
    size_t most;    /* ranges that are wanted at most */
    bool complete;  /* else the tables had more than `most`, or never came to an end */
    bool no_memory; /* an allocation failed */
};

/* Reads the tables at `root`. DC_ENOMEM; too many ranges are no error. To be closed. */
int cap_mapping_read(struct cap_mapping *mapping, struct cap_source *source,
                     uint64_t root, uint64_t memory_bytes, size_t most,
                     struct dc_error *err) DC_MUST_USE;

void cap_mapping_close(struct cap_mapping *mapping);

#endif

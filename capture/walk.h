/*
 * walk: from a virtual address of the guest to the place in its memory.
 *
 * A walk of our own through the guest's page tables, read as any other guest memory: it
 * needs no vCPU, so it works while they run and for those that never park. Four levels
 * (PML4, page directory pointers, page directory, page table) with pages of 4 KiB, 2 MiB
 * and 1 GiB. Five levels (CR4.LA57) are not known here: no machine that dumpctl makes has
 * them. Reserved bits are not checked; what sets them faults in the guest.
 *
 * Nothing is owned, nothing is kept: each call walks anew.
 */
#ifndef DUMPCTL_CAPTURE_WALK_H
#define DUMPCTL_CAPTURE_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture/source.h"

/* Where a virtual address leads. */
struct cap_page {
    uint64_t physical; /* of the address itself, not of its page; need not be memory */
    uint64_t left;     /* bytes from there to the end of its page, at least 1 */
    bool writable, user, executable; /* all levels say so; executable: no XD bit is set */
};

enum cap_walk_result {
    CAP_WALK_OK,
    CAP_WALK_NOT_CANONICAL,
    CAP_WALK_NOT_PRESENT,
    CAP_WALK_OUT_OF_MEMORY, /* a table of the walk is not memory */
};

/* `root` is a CR3: its low 12 bits and bit 63 do not matter. *out is set with CAP_WALK_OK
   alone; the only check of its `physical` is to read there. */
enum cap_walk_result cap_walk(struct cap_source *source, uint64_t root, uint64_t virtual,
                              struct cap_page *out);

/* Takes one page of cap_walk_pages(): `virtual` is where it begins, and page->left its
   size. False ends the walk. */
typedef bool cap_page_fn(void *context, uint64_t virtual, const struct cap_page *page);

/*
 * Calls `take` for every page that is mapped, in ascending order. Tables that are not
 * memory are passed over. False if `take` ended it, or after `most_tables` tables: entries
 * may lead back to tables above them, and then there is no end to speak of.
 */
bool cap_walk_pages(struct cap_source *source, uint64_t root, uint64_t most_tables,
                    cap_page_fn *take, void *context);

/*
 * Copies guest memory by virtual address. False unless all of it is mapped and is memory;
 * then *to may be partly written where it reaches over several pages. 4 or 8 bytes that
 * are aligned are one access.
 */
bool cap_virtual_read(struct cap_source *source, uint64_t root, uint64_t virtual,
                      void *to, size_t bytes);

#endif

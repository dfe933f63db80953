/*
 * memory_aid: guest memory without a guest, and page tables in it, made by hand.
 */
#ifndef TESTS_UNIT_MEMORY_AID_H
#define TESTS_UNIT_MEMORY_AID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture/source.h"

#define AID_P UINT64_C(1)
#define AID_W UINT64_C(2)
#define AID_U UINT64_C(4)
#define AID_PS UINT64_C(0x80)
#define AID_XD (UINT64_C(1) << 63)

/* A source that has nothing but memory. */
struct aid_memory {
    struct cap_source source; /* first */
    uint8_t *bytes;           /* `size` of them, from physical address 0 */
    uint64_t size;
    int file;            /* what memory_file() gives; -1 unless the test sets it */
    uint64_t root;       /* what page_table() gives; the tables begin there */
    uint64_t next_table; /* where the next one goes, upwards */
    uint64_t reads;      /* so far */
    size_t last_read;    /* bytes of the latest */
};

/* `bytes` is of the caller, zeroed; the first table will be at `root`. */
void aid_memory_init(struct aid_memory *memory, uint8_t *bytes, uint64_t size,
                     uint64_t root);

void aid_put_u64(struct aid_memory *memory, uint64_t physical, uint64_t value);

/* Maps one page: of 4 KiB (level 0), 2 MiB (1) or 1 GiB (2), with the flags AID_* in the
   last entry. Tables that are missing are made, and let everything through. Returns the
   physical address of the last entry. */
uint64_t aid_map(struct aid_memory *memory, uint64_t virtual, uint64_t physical,
                 int level, uint64_t flags);

/* Page tables for a source whose memory has no room for them: virtual addresses are
   physical ones in the first 2 GiB, and the tables lie at AID_TABLES, above all memory.
   Reads 8 bytes of them; false: there is nothing. */
#define AID_TABLES UINT64_C(0x100000000)
bool aid_one_to_one(uint64_t address, uint64_t *entry);

#endif

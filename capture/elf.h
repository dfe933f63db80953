/*
 * elf: a 64-bit x86-64 executable that becomes a guest.
 *
 * The file is not trusted: libelf does the parsing, and everything that is used of it is
 * checked here. A program must be linked to fixed addresses (ET_EXEC) and need no dynamic
 * linker, because there is nobody to relocate it.
 */
#ifndef DUMPCTL_CAPTURE_ELF_H
#define DUMPCTL_CAPTURE_ELF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/error.h"

/* More than any guest needs, and little enough to read at once. */
#define CAP_ELF_MAX_BYTES (UINT64_C(256) << 20)

struct cap_elf;

/* Opens and checks an executable whose bytes the caller keeps unchanged until the free. */
struct cap_elf *cap_elf_open_memory(const void *bytes, size_t size,
                                    struct dc_error *err) DC_MUST_USE;

/* Reads and checks an executable; errors carry `path` (borrowed). */
struct cap_elf *cap_elf_open_file(const char *path, struct dc_error *err) DC_MUST_USE;

void cap_elf_free(struct cap_elf *elf);

uint64_t cap_elf_entry(const struct cap_elf *elf);

/* Lowest and highest address that the program uses: [low, high). */
uint64_t cap_elf_low(const struct cap_elf *elf);
uint64_t cap_elf_high(const struct cap_elf *elf);

/* Copies the segments to their places in `ram` (address 0 of the machine, `size` bytes,
   zeroed) and zeroes what the file does not fill. `size` must reach cap_elf_high(). */
void cap_elf_load(const struct cap_elf *elf, uint8_t *ram, uint64_t size);

struct cap_symbol {
    uint64_t value;
    uint64_t size;
};

/* Looks up a defined symbol by its exact name. The value is as hostile as the file. */
bool cap_elf_symbol(const struct cap_elf *elf, const char *name, struct cap_symbol *out);

/*
 * Is `symbol` the only data on its pages (of 4 KiB), as far as the symbols tell? Functions do
 * not count, nor other names of the same bytes; labels without a type do. False where there
 * is no table of symbols.
 */
bool cap_elf_alone_on_page(const struct cap_elf *elf, const struct cap_symbol *symbol);

#endif

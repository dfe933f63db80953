/*
 * place: where in the guest something lies, as a person writes it: [*]BASE[+OFF]
 *
 * BASE is a symbol of the guest's ELF file or 0xADDRESS, a virtual address. With a `*` the
 * address that counts is the pointer (8 bytes) that lies at BASE. OFF, 0x... or decimal,
 * is added last. So `*scx_root+8` is the second u64 of what scx_root points to.
 *
 * An expression is parsed without the guest, then bound to its ELF file, and resolved as
 * often as one looks: a pointer may change. It owns nothing; the text that it was parsed
 * from is borrowed. One that is all zero is of nothing and is never resolved.
 */
#ifndef DUMPCTL_CAPTURE_PLACE_H
#define DUMPCTL_CAPTURE_PLACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture/elf.h"
#include "capture/source.h"
#include "lib/error.h"

struct cap_place_expr {
    const char *text; /* as given; borrowed; may be NULL */
    char symbol[256]; /* "" where BASE is an address */
    bool indirect;    /* there is a `*` */
    bool known;       /* `base` is an address: it was given, or the symbol was found */
    uint64_t base;
    uint64_t offset;
};

enum cap_place_state {
    CAP_PLACE_OK,
    CAP_PLACE_NOT_RESOLVED,  /* the expression is not bound to an address */
    CAP_PLACE_NULL,          /* the pointer is 0 */
    CAP_PLACE_OUT_OF_BOUNDS, /* the pointer or the place is not mapped, or not memory */
};

/* Reads `text`. DC_EUSAGE, with the whole text in the message, where it is no place. */
int cap_place_parse(struct cap_place_expr *out, const char *text,
                    struct dc_error *err) DC_MUST_USE;

/*
 * Finds the symbol. DC_EUSAGE, which names it, where the guest has none; the expression is
 * then not known, and may still be resolved (to CAP_PLACE_NOT_RESOLVED). Nothing is done
 * for an address.
 */
int cap_place_bind(struct cap_place_expr *place, const struct cap_elf *elf,
                   struct dc_error *err);

/*
 * Looks where the place is now, with the page table `root` (a CR3). *virtual and *physical
 * are set with CAP_PLACE_OK alone; either pointer may be NULL. The byte at *physical is
 * memory; more than one byte is for the reader to check.
 */
enum cap_place_state cap_place_resolve(struct cap_source *source, uint64_t root,
                                       const struct cap_place_expr *place,
                                       uint64_t *virtual, uint64_t *physical);

/* Resolves and copies `bytes` from there. CAP_PLACE_OUT_OF_BOUNDS unless all of it exists;
   then *to may be partly written. 4 or 8 bytes that are aligned are one access. */
enum cap_place_state cap_place_read(struct cap_source *source, uint64_t root,
                                    const struct cap_place_expr *place, void *to,
                                    size_t bytes);

#endif

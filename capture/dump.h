/*
 * dump: ranges of guest memory that a report shows, as --dump names them.
 *
 *   SYMBOL[:LEN]    from a symbol of the guest's ELF file on; LEN is the symbol's size
 *   0xADDRESS:LEN   from a virtual address on
 *
 * LEN is decimal or 0x..., CAP_DUMP_MOST bytes at most, CAP_DUMP_MOST_OF_ALL together.
 * There are two nouns here. A request is what the command line says: the caller's, parsed
 * without the guest. A dump is one set of ranges with the memory for their contents: made
 * before the guest runs, so that nothing can fail in a freeze, and filled while the guest
 * is frozen; each snapshot of a run has its own.
 *
 * In a report a range is a map: an array with one value of its size, whose bytes have no
 * type (we have no BTF). Where a range ends early the value is a truncated one.
 */
#ifndef DUMPCTL_CAPTURE_DUMP_H
#define DUMPCTL_CAPTURE_DUMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture/elf.h"
#include "capture/source.h"
#include "lib/error.h"
#include "lib/writer.h"

#define CAP_DUMP_MOST (UINT64_C(1) << 20)
#define CAP_DUMP_MOST_OF_ALL (UINT64_C(16) << 20)

/* All zero: nothing is dumped. */
struct cap_dump_requests {
    struct cap_dump_request *requests; /* owned; private */
    size_t count;
};

/* Adds what one --dump argument says. -1 with DC_EUSAGE or DC_ENOMEM; then nothing is
   added. */
int cap_dump_parse(struct cap_dump_requests *requests, const char *text,
                   struct dc_error *err);
void cap_dump_requests_free(struct cap_dump_requests *requests);

struct cap_dump;

/*
 * Finds symbols and sizes, and allocates. DC_EUSAGE: no such symbol, a symbol of size 0
 * without :LEN, too long. No requests are a dump of nothing. `requests` and `elf` are not
 * needed any more afterwards.
 */
struct cap_dump *cap_dump_new(const struct cap_dump_requests *requests,
                              const struct cap_elf *elf,
                              struct dc_error *err) DC_MUST_USE;
void cap_dump_free(struct cap_dump *dump);

/*
 * DC_EUSAGE if a range is not all memory, as `root` (a CR3) maps it now. Meant for before
 * the guest runs, with a guest that finds its page tables ready. What is in the dump
 * afterwards is nothing.
 */
int cap_dump_check(struct cap_dump *dump, struct cap_source *source, uint64_t root,
                   struct dc_error *err);

/* Fills the dump; what cannot be read is said in it. All vCPUs are parked. */
void cap_dump_read(struct cap_dump *dump, struct cap_source *source, uint64_t root);

/* Writes an element of "maps" for each range that cap_dump_read() was called for; nothing
   if `dump` is NULL. */
void cap_dump_write(struct dc_writer *w, const struct cap_dump *dump);

#endif

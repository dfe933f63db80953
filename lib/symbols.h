/*
 * symbols: names of kernel addresses, from a System.map or a copy of /proc/kallsyms.
 *
 * A System.map has the addresses of the link, kallsyms those of one boot. Where the guest's
 * kernel was put elsewhere (KASLR), names from either would be wrong, and nothing in a
 * report says where it was put. But the instruction pointers of the vCPUs do say when a
 * file cannot be right: one in the kernel's image that is not in the file's text.
 */
#ifndef DUMPCTL_LIB_SYMBOLS_H
#define DUMPCTL_LIB_SYMBOLS_H

#include "lib/buf.h"
#include "lib/model.h"

struct dc_symbols {
    struct dc_alloc alloc;
    struct dc_symbol *symbols; /* by address */
    size_t count;
    uint64_t text_begin,
        text_end; /* _stext and _etext, or of the symbols that are text */
};

/* Reads the text of such a file, which must outlive `symbols`. 0; or -1 with `err` set
   (line and column too), then nothing is to free. */
int dc_symbols_read(struct dc_symbols *symbols, const char *text, size_t len,
                    struct dc_alloc alloc, struct dc_error *err) DC_MUST_USE;
void dc_symbols_done(struct dc_symbols *symbols);

/* What the vCPUs of a report say of the file. */
enum dc_symbols_fit {
    DC_SYMBOLS_UNTESTED, /* no vCPU stands in a kernel image */
    DC_SYMBOLS_FIT,      /* all that do stand in the file's text */
    DC_SYMBOLS_DOUBTFUL, /* some do not: another boot, another kernel */
};

struct dc_symbols_judgement {
    enum dc_symbols_fit fit;
    size_t inside, outside; /* vCPUs in a kernel image, by the file's text */
};

/* Looks at all snapshots of a report. */
struct dc_symbols_judgement dc_symbols_judge(const struct dc_symbols *symbols,
                                             const struct dc_model *model);

/* Adds "name+0x1c", or "name" at offset 0. false: no symbol is near, nothing was added.
   The name comes from the file: escape it. */
bool dc_symbols_add(const struct dc_symbols *symbols, uint64_t address,
                    struct dc_buf *out);

#endif

#include "lib/symbols.h"

#include "lib/number.h"

#include <stdlib.h>
#include <string.h>

/* What is farther behind a symbol than the largest function of a kernel, or the largest
   object, belongs to none. */
static const uint64_t FARTHEST_TEXT = (uint64_t)1 << 20, FARTHEST = (uint64_t)16 << 20;

/* Where x86-64 puts its kernel image, wherever KASLR moves it to: KERNEL_IMAGE_SIZE is
   1 GiB (arch/x86/include/asm/page_64_types.h of the kernel). */
static const uint64_t X86_IMAGE = 0xffffffff80000000, X86_IMAGE_END = 0xffffffffc0000000;

struct dc_symbol {
    uint64_t address;
    const char *name;
    uint32_t len;
    uint32_t order; /* in the file: of several at one address the first one counts */
    char type;
};

/* ---- reading ---- */

static int digit(char c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* "ffffffff81000000 T _text", and perhaps "\t[module]" behind it. */
static bool parse_line(const char *p, const char *end, struct dc_symbol *symbol) {
    const char *start = p;
    uint64_t address = 0;
    for (; p < end && digit(*p) >= 0; p++)
        address = address << 4 | (uint64_t)digit(*p);
    if (p == start || p - start > 16 || end - p < 4 || p[0] != ' ' || p[2] != ' ')
        return false;
    const char *name = p + 3, *stop = name;
    while (stop < end && *stop != '\t' && *stop != ' ' && *stop != '\r')
        stop++;
    *symbol = (struct dc_symbol){
        .address = address, .name = name, .len = (uint32_t)(stop - name), .type = p[1]};
    return symbol->len > 0;
}

static bool is_text(const struct dc_symbol *symbol) {
    return symbol->type == 't' || symbol->type == 'T';
}

static bool is_named(const struct dc_symbol *symbol, const char *name) {
    return symbol->len == strlen(name) && memcmp(symbol->name, name, symbol->len) == 0;
}

static void note_text(struct dc_symbols *symbols, const struct dc_symbol *symbol,
                      bool *begin_named, bool *end_named) {
    if (is_named(symbol, "_stext")) {
        *begin_named = true;
        symbols->text_begin = symbol->address;
    } else if (is_named(symbol, "_etext")) {
        *end_named = true;
        symbols->text_end = symbol->address;
    }
    if (!is_text(symbol) || symbol->address >> 63 == 0)
        return;
    if (!*begin_named &&
        (symbols->text_begin == 0 || symbol->address < symbols->text_begin))
        symbols->text_begin = symbol->address;
    if (!*end_named && symbol->address >= symbols->text_end)
        symbols->text_end = symbol->address + 1;
}

static int by_address(const void *a, const void *b) {
    const struct dc_symbol *one = a, *other = b;
    if (one->address != other->address)
        return one->address < other->address ? -1 : 1;
    return one->order < other->order ? -1 : 1;
}

static int fail_line(struct dc_symbols *symbols, uint64_t line, struct dc_error *err) {
    dc_symbols_done(symbols);
    dc_fail(err, DC_ESYNTAX,
            "expected an address, a type and a name, as in System.map and "
            "/proc/kallsyms");
    if (err) {
        err->line = line;
        err->column = 1;
    }
    return -1;
}

/* Lines are counted first, so that one allocation does. */
static size_t count_lines(const char *text, size_t len) {
    size_t lines = 0;
    for (const char *p = text, *end = text + len; p < end; lines++) {
        const char *newline = memchr(p, '\n', (size_t)(end - p));
        p = newline ? newline + 1 : end;
    }
    return lines;
}

static int read_lines(struct dc_symbols *symbols, const char *text, size_t len,
                      struct dc_error *err) {
    bool begin_named = false, end_named = false, any = false;
    uint64_t line = 1;
    for (const char *p = text, *end = text + len; p < end; line++) {
        struct dc_symbol *symbol = &symbols->symbols[symbols->count];
        const char *newline = memchr(p, '\n', (size_t)(end - p));
        const char *stop = newline ? newline : end;
        if (!parse_line(p, stop, symbol))
            return fail_line(symbols, line, err);
        symbol->order = (uint32_t)symbols->count++;
        any |= symbol->address != 0;
        note_text(symbols, symbol, &begin_named, &end_named);
        p = newline ? newline + 1 : end;
    }
    if (any)
        return 0;
    dc_symbols_done(symbols);
    return dc_fail(err, DC_EVARIANT,
                   "has no addresses; /proc/kallsyms shows them to root alone, and only "
                   "where sysctl kernel.kptr_restrict permits it");
}

/* Of several symbols at one address the first of the file stays. */
static void drop_others(struct dc_symbols *symbols) {
    size_t n = 1;
    for (size_t i = 1; i < symbols->count; i++)
        if (symbols->symbols[i].address != symbols->symbols[n - 1].address)
            symbols->symbols[n++] = symbols->symbols[i];
    symbols->count = n;
}

int dc_symbols_read(struct dc_symbols *symbols, const char *text, size_t len,
                    struct dc_alloc alloc, struct dc_error *err) {
    *symbols = (struct dc_symbols){.alloc = alloc};
    size_t lines = count_lines(text, len);
    if (lines == 0)
        return dc_fail(err, DC_EVARIANT, "is empty; a System.map has a symbol on a line");
    symbols->symbols = alloc.resize(alloc.ctx, NULL, lines * sizeof(*symbols->symbols));
    if (!symbols->symbols)
        return dc_fail(err, DC_ENOMEM, "out of memory");
    if (read_lines(symbols, text, len, err) < 0)
        return -1;
    qsort(symbols->symbols, symbols->count, sizeof(*symbols->symbols), by_address);
    drop_others(symbols);
    return 0;
}

void dc_symbols_done(struct dc_symbols *symbols) {
    if (symbols->symbols)
        symbols->alloc.resize(symbols->alloc.ctx, symbols->symbols, 0);
    *symbols = (struct dc_symbols){.alloc = symbols->alloc};
}

/* ---- looking up ---- */

/* The last symbol that is not behind `address`. */
static const struct dc_symbol *nearest(const struct dc_symbols *symbols,
                                       uint64_t address) {
    size_t low = 0, high = symbols->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (symbols->symbols[middle].address <= address)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 ? &symbols->symbols[low - 1] : NULL;
}

/* Marks behind the last object: nothing of them lies there. */
static bool is_end(const struct dc_symbol *symbol) {
    return is_named(symbol, "_end") || is_named(symbol, "__brk_limit") ||
           is_named(symbol, "__bss_stop");
}

bool dc_symbols_add(const struct dc_symbols *symbols, uint64_t address,
                    struct dc_buf *out) {
    char number[DC_NUMBER_MAX];
    /* The lower half is user space, and per-CPU offsets stand there in the file. */
    const struct dc_symbol *symbol = address >> 63 ? nearest(symbols, address) : NULL;
    if (!symbol || symbol->address >> 63 == 0 || is_end(symbol) ||
        address - symbol->address > (is_text(symbol) ? FARTHEST_TEXT : FARTHEST))
        return false;
    dc_buf_add(out, symbol->name, symbol->len);
    if (address == symbol->address)
        return true;
    dc_buf_text(out, "+");
    dc_buf_add(out, number, dc_format_hex(address - symbol->address, 0, number));
    return true;
}

/* Whether an address says something of where the kernel's image is. */
static bool is_x86(const struct dc_symbols *symbols) {
    return symbols->text_begin >= X86_IMAGE && symbols->text_begin < X86_IMAGE_END;
}

static bool is_in_image(const struct dc_symbols *symbols, uint64_t address) {
    if (is_x86(symbols))
        return address >= X86_IMAGE && address < X86_IMAGE_END;
    return address >> 63;
}

struct dc_symbols_judgement dc_symbols_judge(const struct dc_symbols *symbols,
                                             const struct dc_model *model) {
    struct dc_symbols_judgement judgement = {.fit = DC_SYMBOLS_UNTESTED};
    for (size_t i = 0; i < model->n_snapshots; i++) {
        struct dc_vcpu_walk walk = dc_vcpu_walk(&model->snapshots[i]);
        while (dc_vcpu_next(&walk)) {
            uint64_t ip = dc_u64(walk.vcpu.regs, DC_AT_VCPU_REGS_instruction_pointer);
            if (!is_in_image(symbols, ip))
                continue;
            if (ip >= symbols->text_begin && ip < symbols->text_end)
                judgement.inside++;
            else
                judgement.outside++;
        }
    }
    /* Elsewhere modules and JIT code may stand anywhere in the upper half: one vCPU in the
       text is enough. */
    if (judgement.outside > 0 && (is_x86(symbols) || judgement.inside == 0))
        judgement.fit = DC_SYMBOLS_DOUBTFUL;
    else if (judgement.inside > 0)
        judgement.fit = DC_SYMBOLS_FIT;
    return judgement;
}

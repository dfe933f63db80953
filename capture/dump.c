#include "capture/dump.h"

#include "capture/walk.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ERROR_TEXT 96
#define PAGE_BYTES 4096u

/* The kernel's bpf_map_type of an array: data sections are arrays of one element. */
#define MAP_TYPE_ARRAY 2

struct cap_dump_request {
    char *name;       /* owned; the symbol, or the address as it was given */
    bool is_address;  /* and `address` is known */
    uint64_t address; /* virtual */
    bool has_bytes;
    uint64_t bytes; /* with has_bytes, from 1 to CAP_DUMP_MOST */
};

struct range {
    char *name; /* owned */
    uint64_t address;
    size_t bytes;
    size_t had;    /* of them, from the first on, that were read */
    uint8_t *data; /* owned; `bytes` */
    char *hex;     /* owned; "00 11", with room for all; written when it is needed */
    char error[ERROR_TEXT];
};

struct cap_dump {
    size_t count;
    bool read;
    struct range ranges[];
};

/* ---- what the command line says ---- */

/* A number, 0x... or decimal, that ends at `end`. */
static bool parse_number(const char *text, const char *end, uint64_t *value) {
    bool hex = end - text > 2 && text[0] == '0' && text[1] == 'x';
    uint64_t base = hex ? 16 : 10;
    const char *at = hex ? text + 2 : text;

    for (*value = 0; at < end; at++) {
        unsigned digit = *at >= '0' && *at <= '9'          ? (unsigned)(*at - '0')
                         : hex && *at >= 'a' && *at <= 'f' ? (unsigned)(*at - 'a' + 10)
                         : hex && *at >= 'A' && *at <= 'F' ? (unsigned)(*at - 'A' + 10)
                                                           : 16;
        if (digit >= base || *value > (UINT64_MAX - digit) / base)
            return false;
        *value = *value * base + digit;
    }
    return end > text;
}

static int parse_length(struct cap_dump_request *request, const char *text,
                        const char *length, struct dc_error *err) {
    if (!parse_number(length, length + strlen(length), &request->bytes) ||
        request->bytes == 0)
        return dc_fail(
            err, DC_EUSAGE,
            "--dump %s: the length behind the colon must be a number of bytes, "
            "decimal or 0x..., from 1",
            text);
    if (request->bytes > CAP_DUMP_MOST)
        return dc_fail(err, DC_EUSAGE,
                       "--dump %s: %" PRIu64 " bytes are too many; %" PRIu64
                       " are the most for one range",
                       text, request->bytes, CAP_DUMP_MOST);
    request->has_bytes = true;
    return 0;
}

/* The last colon divides: C++ has symbols with colons in them. */
static int parse(struct cap_dump_request *request, const char *text,
                 struct dc_error *err) {
    const char *colon = strrchr(text, ':');
    const char *end = colon ? colon : text + strlen(text);

    if (end == text)
        return dc_fail(err, DC_EUSAGE,
                       "--dump %s: expected SYMBOL[:LEN] or 0xADDRESS:LEN", text);
    if (text[0] >= '0' && text[0] <= '9') { /* no symbol begins with a digit */
        request->is_address = true;
        if (strncmp(text, "0x", 2) != 0 || !parse_number(text, end, &request->address))
            return dc_fail(err, DC_EUSAGE,
                           "--dump %s: an address is 0x and up to 16 hexadecimal digits",
                           text);
        if (!colon)
            return dc_fail(err, DC_EUSAGE, "--dump %s: an address needs a length: %s:LEN",
                           text, text);
    }
    if (colon && parse_length(request, text, colon + 1, err))
        return -1;
    request->name = strndup(text, (size_t)(end - text));
    return request->name ? 0 : dc_fail(err, DC_ENOMEM, "no memory for --dump");
}

int cap_dump_parse(struct cap_dump_requests *requests, const char *text,
                   struct dc_error *err) {
    struct cap_dump_request request = {0};
    struct cap_dump_request *more =
        reallocarray(requests->requests, requests->count + 1, sizeof(*more));

    if (!more)
        return dc_fail(err, DC_ENOMEM, "no memory for --dump");
    requests->requests = more;
    if (parse(&request, text, err))
        return -1;
    requests->requests[requests->count++] = request;
    return 0;
}

void cap_dump_requests_free(struct cap_dump_requests *requests) {
    for (size_t i = 0; i < requests->count; i++)
        free(requests->requests[i].name);
    free(requests->requests);
    *requests = (struct cap_dump_requests){0};
}

/* ---- before the guest runs ---- */

/* Where the range lies and how long it is. */
static int find(struct range *range, const struct cap_dump_request *request,
                const struct cap_elf *elf, struct dc_error *err) {
    struct cap_symbol symbol = {.value = request->address};
    uint64_t bytes = request->bytes;

    if (!request->is_address && !cap_elf_symbol(elf, request->name, &symbol))
        return dc_fail(err, DC_EUSAGE, "--dump %s: the guest has no such symbol",
                       request->name);
    if (!request->has_bytes)
        bytes = symbol.size;
    if (bytes == 0)
        return dc_fail(err, DC_EUSAGE,
                       "--dump %s: the guest's file does not say how long it is; say it: "
                       "--dump %s:LEN",
                       request->name, request->name);
    if (bytes > CAP_DUMP_MOST)
        return dc_fail(err, DC_EUSAGE,
                       "--dump %s: it has %" PRIu64 " bytes, and %" PRIu64
                       " are the most for one range; say how many: --dump %s:LEN",
                       request->name, bytes, CAP_DUMP_MOST, request->name);
    if (symbol.value > UINT64_MAX - bytes)
        return dc_fail(err, DC_EUSAGE,
                       "--dump %s: %" PRIu64 " bytes from 0x%" PRIx64
                       " on wrap around the address space",
                       request->name, bytes, symbol.value);
    range->address = symbol.value;
    range->bytes = (size_t)bytes;
    return 0;
}

static int add_range(struct cap_dump *dump, const struct cap_dump_request *request,
                     const struct cap_elf *elf, struct dc_error *err) {
    struct range *range = &dump->ranges[dump->count];

    if (find(range, request, elf, err) || range->bytes == 0)
        return -1;
    range->name = strdup(request->name);
    range->data = malloc(range->bytes);
    range->hex = malloc(3 * range->bytes);
    dump->count++;
    if (!range->name || !range->data || !range->hex)
        return dc_fail(err, DC_ENOMEM, "no memory for %zu bytes of --dump %s",
                       range->bytes, request->name);
    return 0;
}

struct cap_dump *cap_dump_new(const struct cap_dump_requests *requests,
                              const struct cap_elf *elf, struct dc_error *err) {
    struct cap_dump *dump =
        calloc(1, sizeof(*dump) + requests->count * sizeof(dump->ranges[0]));
    uint64_t total = 0;
    int result = 0;
    if (!dump) {
        dc_fail(err, DC_ENOMEM, "no memory for --dump");
        return NULL;
    }

    for (size_t i = 0; i < requests->count && result == 0; i++) {
        result = add_range(dump, &requests->requests[i], elf, err);
        total += result == 0 ? dump->ranges[i].bytes : 0;
        if (total > CAP_DUMP_MOST_OF_ALL)
            result =
                dc_fail(err, DC_EUSAGE,
                        "--dump: all ranges together must not be over %" PRIu64 " bytes",
                        CAP_DUMP_MOST_OF_ALL);
    }
    if (result == 0)
        return dump;
    cap_dump_free(dump);
    return NULL;
}

void cap_dump_free(struct cap_dump *dump) {
    for (size_t i = 0; dump && i < dump->count; i++) {
        free(dump->ranges[i].name);
        free(dump->ranges[i].data);
        free(dump->ranges[i].hex);
    }
    free(dump);
}

/* ---- reading ---- */

static void read_range(struct range *range, struct cap_source *source, uint64_t root) {
    range->error[0] = '\0';
    for (range->had = 0; range->had < range->bytes;) {
        uint64_t virtual = range->address + range->had;
        struct cap_page page = {0};
        bool mapped = cap_walk(source, root, virtual, &page) == CAP_WALK_OK;
        /* A small page at a time: memory may end inside a large one. */
        uint64_t n = PAGE_BYTES - virtual % PAGE_BYTES;
        if (n > range->bytes - range->had)
            n = range->bytes - range->had;
        if (!mapped || !source->ops->read_memory(source, page.physical,
                                                 range->data + range->had, n)) {
            snprintf(range->error, sizeof(range->error),
                     "%zu of %zu bytes read: 0x%" PRIx64 " is not %s", range->had,
                     range->bytes, virtual, mapped ? "memory" : "mapped");
            return;
        }
        range->had += n;
    }
}

void cap_dump_read(struct cap_dump *dump, struct cap_source *source, uint64_t root) {
    for (size_t i = 0; i < dump->count; i++)
        read_range(&dump->ranges[i], source, root);
    dump->read = true;
}

int cap_dump_check(struct cap_dump *dump, struct cap_source *source, uint64_t root,
                   struct dc_error *err) {
    for (size_t i = 0; i < dump->count; i++) {
        struct range *range = &dump->ranges[i];
        read_range(range, source, root);
        if (range->had < range->bytes)
            return dc_fail(err, DC_EUSAGE,
                           "--dump %s: %zu bytes from 0x%" PRIx64
                           " on do not lie in the guest's memory",
                           range->name, range->bytes, range->address);
    }
    return 0;
}

/* ---- the report ---- */

/* "00 11": one blank between bytes, as the wire format has it. */
static size_t format_hex(const struct range *range) {
    static const char digits[] = "0123456789abcdef";
    char *at = range->hex;

    for (size_t i = 0; i < range->had; i++) {
        *at++ = digits[range->data[i] >> 4];
        *at++ = digits[range->data[i] & 0xf];
        *at++ = ' ';
    }
    return range->had > 0 ? (size_t)(at - range->hex) - 1 : 0;
}

static void name_u64(struct dc_writer *w, const char *name, uint64_t value) {
    dc_write_name(w, name);
    dc_write_u64(w, value);
}

static void name_text(struct dc_writer *w, const char *name, const char *text) {
    dc_write_name(w, name);
    dc_write_text(w, text);
}

static void write_bytes(struct dc_writer *w, const struct range *range) {
    size_t n = format_hex(range);

    dc_write_open(w, '{');
    name_text(w, "kind", "bytes");
    dc_write_name(w, "hex");
    dc_write_string(w, range->hex, n);
    dc_write_close(w, '}');
}

static void write_value(struct dc_writer *w, const struct range *range) {
    if (range->had == range->bytes) {
        write_bytes(w, range);
        return;
    }
    dc_write_open(w, '{');
    name_text(w, "kind", "truncated");
    name_u64(w, "needed", range->bytes);
    name_u64(w, "had", range->had);
    dc_write_name(w, "partial");
    write_bytes(w, range);
    dc_write_close(w, '}');
}

static void write_range(struct dc_writer *w, const struct range *range) {
    dc_write_open(w, '{');
    name_text(w, "name", range->name);
    if (range->address != 0)
        name_u64(w, "map_kva", range->address);
    name_u64(w, "map_type", MAP_TYPE_ARRAY);
    name_u64(w, "value_size", range->bytes);
    name_u64(w, "max_entries", 1);
    dc_write_name(w, "value");
    write_value(w, range);
    if (range->error[0])
        name_text(w, "error", range->error);
    dc_write_close(w, '}');
}

void cap_dump_write(struct dc_writer *w, const struct cap_dump *dump) {
    for (size_t i = 0; dump && dump->read && i < dump->count; i++)
        write_range(w, &dump->ranges[i]);
}

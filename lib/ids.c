#include "lib/ids.h"

#include "lib/number.h"

#include <string.h>

/* A number at *p, which is moved behind it. */
static bool take_id(const char **p, uint64_t *id) {
    const char *from = *p;
    while (**p >= '0' && **p <= '9')
        ++*p;
    struct dc_span digits = {from, (size_t)(*p - from)};
    bool zeros = digits.len > 1 && *from == '0'; /* which is no JSON integer */
    return digits.len > 0 && !zeros && dc_parse_u64(digits, id) == 0 && *id <= UINT32_MAX;
}

/* "7" or "7-9" at *p, which is moved to the next one. */
static bool take_range(const char **p, uint64_t *first, uint64_t *last) {
    if (!take_id(p, first))
        return false;
    *last = *first;
    if (**p == '-') {
        ++*p;
        if (!take_id(p, last) || *last < *first)
            return false;
    }
    if (**p != ',')
        return **p == '\0';
    ++*p;
    return **p != '\0';
}

int dc_ids_check(const char *text, struct dc_error *err) {
    uint64_t first, last;
    const char *p = text;
    do {
        if (!take_range(&p, &first, &last))
            return dc_fail(err, DC_EUSAGE, "takes numbers such as 3,7-9, not '%s'", text);
    } while (*p);
    return 0;
}

bool dc_ids_has(const char *text, uint64_t id) {
    uint64_t first, last;
    if (!text)
        return true;
    for (const char *p = text; *p && take_range(&p, &first, &last);)
        if (id >= first && id <= last)
            return true;
    return false;
}

/* ---- building ---- */

void dc_ranges_begin(struct dc_ranges *ranges, struct dc_buf *out, size_t limit) {
    *ranges = (struct dc_ranges){.out = out, .limit = limit, .start = out->len};
}

static size_t open_ids(const struct dc_ranges *ranges) {
    return ranges->added > ranges->written ? ranges->last - ranges->first + 1 : 0;
}

/* Writes the open range. What has room beside the count of all others is sure; where the
   list passes its limit, it is cut there. */
static void close_range(struct dc_ranges *ranges) {
    enum { REST = 24 }; /* bytes of " ... (+4294967295 more)" */
    char text[2 * DC_NUMBER_MAX + 2];
    size_t n = 0;
    if (ranges->full || open_ids(ranges) == 0)
        return;
    if (ranges->written > 0)
        text[n++] = ',';
    n += dc_format_u64(ranges->first, text + n);
    if (ranges->last > ranges->first) {
        text[n++] = ranges->last == ranges->first + 1 ? ',' : '-';
        n += dc_format_u64(ranges->last, text + n);
    }
    size_t used = ranges->out->len - ranges->start + n;
    bool first = ranges->written == 0; /* which always stands there */
    if (ranges->limit > 0 && used > ranges->limit && !first) {
        ranges->full = true;
        ranges->out->len = ranges->start + ranges->sure;
        ranges->written = ranges->sure_written;
        return;
    }
    size_t ids = open_ids(ranges);
    dc_buf_add(ranges->out, text, n);
    ranges->written += ids;
    if (first || ranges->limit == 0 || used + REST <= ranges->limit) {
        ranges->sure = used;
        ranges->sure_written = ranges->written;
    }
}

void dc_ranges_add(struct dc_ranges *ranges, uint64_t id) {
    bool follows = open_ids(ranges) > 0 && id == ranges->last + 1;
    if (!ranges->full && !follows) {
        close_range(ranges);
        if (!ranges->full)
            ranges->first = id;
    }
    ranges->last = ranges->full ? ranges->last : id;
    ranges->added++;
}

void dc_ranges_end(struct dc_ranges *ranges) {
    char number[DC_NUMBER_MAX];
    close_range(ranges);
    if (!ranges->full)
        return;
    dc_buf_text(ranges->out, ranges->written ? " \xe2\x80\xa6 (+" : "\xe2\x80\xa6 (+");
    dc_buf_add(ranges->out, number,
               dc_format_u64(ranges->added - ranges->written, number));
    dc_buf_text(ranges->out, " more)");
}

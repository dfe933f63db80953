#include "cmd/json.h"

#include "lib/buf.h"

#include <stdlib.h>
#include <string.h>
#include <unistr.h>

/* `text` with U+FFFD for every byte that belongs to no character. */
static json_t *repaired(const char *text) {
    struct dc_buf buf;
    dc_buf_init(&buf, dc_alloc_libc);
    for (size_t len = strlen(text); len > 0;) {
        ucs4_t c;
        int n = u8_mbtoucr(&c, (const uint8_t *)text, len);
        if (n > 0)
            dc_buf_add(&buf, text, (size_t)n);
        else
            dc_buf_text(&buf, "\xef\xbf\xbd");
        size_t taken = n > 0 ? (size_t)n : 1;
        text += taken;
        len -= taken;
    }
    json_t *string = dc_buf_ok(&buf) ? json_stringn(buf.data, buf.len) : NULL;
    dc_buf_done(&buf);
    return string;
}

json_t *cmd_json_string(const char *text) {
    if (!text)
        return json_null();
    json_t *string = json_string(text);
    return string ? string : repaired(text);
}

int cmd_json_write(struct dc_sink sink, const json_t *value, bool pretty) {
    size_t flags = JSON_ENSURE_ASCII | JSON_ENCODE_ANY;
    char *text = json_dumps(value, flags | (pretty ? JSON_INDENT(2) : JSON_COMPACT));
    if (!text)
        return -1;
    struct dc_buf buf;
    dc_buf_init(&buf, dc_alloc_libc);
    /* jansson leaves U+007F as it is; a terminal does not. It can stand only in strings. */
    for (const char *p = text; *p;) {
        size_t plain = strcspn(p, "\x7f");
        dc_buf_add(&buf, p, plain);
        p += plain;
        if (*p) {
            dc_buf_text(&buf, "\\u007f");
            p++;
        }
    }
    dc_buf_text(&buf, "\n");
    free(text);
    int status = dc_buf_ok(&buf) ? sink.write(sink.ctx, buf.data, buf.len) : -1;
    dc_buf_done(&buf);
    return status;
}

/*
 * Any bytes to a terminal: what is written is UTF-8 without a character that moves the
 * cursor, folding ends, and no line is wider than asked.
 *
 * The first two bytes choose width and indent; the rest is the string.
 */
#include "lib/buf.h"
#include "lib/escape.h"
#include "lib/text.h"

#include <stdlib.h>
#include <string.h>
#include <unistr.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition) {
    if (!condition)
        abort();
}

static void check_lines(const struct dc_buf *out, unsigned width) {
    require(u8_check((const uint8_t *)out->data, out->len) == NULL);
    for (size_t from = 0, i = 0; i <= out->len; i++) {
        if (i < out->len && out->data[i] != '\n') {
            require((unsigned char)out->data[i] >= 0x20 && out->data[i] != 0x7f);
            continue;
        }
        require(dc_escaped_width(out->data + from, i - from) <= width);
        from = i + 1;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 2)
        return 0;
    unsigned width = 20 + data[0] % 100, indent = data[1] % 32, lines = data[1] / 32;
    size_t len = size - 2;
    char *text = malloc(len ? len : 1);
    struct dc_text t;
    struct dc_buf out;
    require(text != NULL);
    memcpy(text, data + 2, len);
    dc_buf_init(&out, dc_alloc_libc);
    dc_text_init(&t, dc_buf_sink(&out), false, width);
    require(dc_text_fold(&t, text, len, indent, lines) <= len);
    dc_text_put(&t, "\n");
    dc_text_cut(&t, text, len, indent < width ? indent : width);
    require(dc_text_finish(&t) == 0);
    check_lines(&out, width);
    dc_buf_done(&out);
    free(text);
    return 0;
}

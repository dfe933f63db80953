#include "lib/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *dc_code_name(enum dc_code code) {
    static const char *const names[] = {
        [DC_OK] = "ok",
        [DC_ENOMEM] = "memory",
        [DC_ESYNTAX] = "syntax",
        [DC_ETYPE] = "type",
        [DC_EMISSING] = "missing",
        [DC_EDUPLICATE] = "duplicate",
        [DC_EUNKNOWN] = "unknown",
        [DC_EVARIANT] = "variant",
        [DC_ELIMIT] = "limit",
        [DC_EIO] = "io",
        [DC_EUSAGE] = "usage",
        [DC_ECANNOT] = "cannot",
        [DC_EINTERNAL] = "internal",
    };
    size_t i = (size_t)code;
    return i < sizeof(names) / sizeof(names[0]) ? names[i] : "error";
}

/* A cut must not leave half a code point behind: the message may be shown as UTF-8. */
static void trim_partial_code_point(char *text, size_t len) {
    size_t end = len;
    while (end > 0 && len - end < 4 && ((unsigned char)text[end - 1] & 0xc0) == 0x80)
        end--;
    if (end > 0 && (unsigned char)text[end - 1] >= 0xc0)
        text[end - 1] = '\0';
}

static DC_PRINTF(2, 0) size_t format(struct dc_error *err, const char *fmt, va_list ap) {
    int n = vsnprintf(err->message, sizeof(err->message), fmt, ap);
    if (n < 0) {
        err->message[0] = '\0';
        return 0;
    }
    if ((size_t)n < sizeof(err->message))
        return (size_t)n;
    trim_partial_code_point(err->message, sizeof(err->message) - 1);
    return strlen(err->message);
}

static void clear(struct dc_error *err, enum dc_code code) {
    err->code = code;
    err->file = NULL;
    err->line = 0;
    err->column = 0;
    err->pointer[0] = '\0';
}

int dc_fail(struct dc_error *err, enum dc_code code, const char *fmt, ...) {
    if (!err)
        return -1;
    va_list ap;
    clear(err, code);
    va_start(ap, fmt);
    format(err, fmt, ap);
    va_end(ap);
    return -1;
}

int dc_fail_errno(struct dc_error *err, enum dc_code code, int errnum, const char *fmt,
                  ...) {
    if (!err)
        return -1;
    va_list ap;
    clear(err, code);
    va_start(ap, fmt);
    size_t used = format(err, fmt, ap);
    va_end(ap);
    /* strerrordesc_np() is not translated and allocates nothing. */
    const char *why = strerrordesc_np(errnum);
    snprintf(err->message + used, sizeof(err->message) - used, ": %s",
             why ? why : "unknown error");
    return -1;
}

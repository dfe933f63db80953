#include "lib/reader_private.h"

#include "lib/number.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void dc_reader_push_name(struct dc_reader *reader, struct dc_span name) {
    reader->steps[reader->n_steps++] = (struct dc_step){.name = name};
}

void dc_reader_push_index(struct dc_reader *reader, size_t index) {
    reader->steps[reader->n_steps++] = (struct dc_step){.index = index};
}

void dc_reader_pop(struct dc_reader *reader) {
    reader->n_steps--;
}

/* Appends; false once the room is used up. */
static bool append(char *out, size_t size, size_t *used, const char *s, size_t len) {
    if (*used + len >= size)
        return false;
    memcpy(out + *used, s, len);
    *used += len;
    out[*used] = '\0';
    return true;
}

/* The pointer is a C string: a NUL in a name stays the escape that it was. */
static bool append_character(char *out, size_t size, size_t *used, struct dc_span *name) {
    char text[4];
    size_t len = dc_unescape_one(name, text);
    if (len == 1 && text[0] == '~')
        return append(out, size, used, "~0", 2);
    if (len == 1 && text[0] == '/')
        return append(out, size, used, "~1", 2);
    if (len == 1 && text[0] == '\0')
        return append(out, size, used, "\\u0000", 6);
    return append(out, size, used, text, len);
}

static bool append_step(char *out, size_t size, size_t *used,
                        const struct dc_step *step) {
    char text[DC_NUMBER_MAX];
    if (!append(out, size, used, "/", 1))
        return false;
    if (!step->name.p)
        return append(out, size, used, text, dc_format_u64(step->index, text));
    for (struct dc_span name = step->name; name.len > 0;)
        if (!append_character(out, size, used, &name))
            return false;
    return true;
}

void dc_reader_locate(struct dc_reader *reader) {
    struct dc_error *err = reader->lex.err;
    if (!err)
        return;
    size_t used = 0, size = sizeof(err->pointer) - 4;
    err->pointer[0] = '\0';
    for (size_t i = 0; i < reader->n_steps; i++) {
        if (!append_step(err->pointer, size, &used, &reader->steps[i])) {
            memcpy(err->pointer + used, "...", 4);
            return;
        }
    }
}

int dc_reader_fail(struct dc_reader *reader, const char *at, enum dc_code code,
                   const char *fmt, ...) {
    char message[sizeof(reader->lex.err->message)];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(message, sizeof(message), fmt, ap);
    va_end(ap);
    dc_lex_fail(&reader->lex, at, code, "%s", message);
    dc_reader_locate(reader);
    return -1;
}

/* For faults of the lexer: they lack the pointer. */
int dc_reader_located(struct dc_reader *reader, int rc) {
    if (rc < 0)
        dc_reader_locate(reader);
    return rc;
}

int dc_reader_wrong_type(struct dc_reader *reader, const char *at, const char *wanted) {
    char found[40];
    struct dc_lex lex = reader->lex;
    lex.pos = at;
    dc_lex_describe(&lex, found, sizeof(found));
    return dc_reader_fail(reader, at, DC_ETYPE, "expected %s, found %s", wanted, found);
}

#include "cmd/fail.h"

#include "cmd/fd.h"
#include "cmd/input.h"
#include "cmd/json.h"
#include "cmd/later.h"
#include "lib/text.h"

#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int stderr_write(void *ctx, const char *data, size_t len) {
    (void)ctx;
    cmd_fd_write(STDERR_FILENO, data, len);
    return 0;
}

struct dc_sink cmd_stderr(const struct cmd_common *common) {
    return common && common->later ? cmd_later_err(common->later)
                                   : (struct dc_sink){.write = stderr_write};
}

static void add(struct dc_text *line, const char *s) {
    dc_text_add(line, s, strlen(s));
}

static void finish(struct dc_text *line) {
    dc_text_put(line, "\n");
    (void)!dc_text_finish(line); /* there is no place to tell it */
}

static void fail_text(const struct cmd_common *common, const struct dc_error *err) {
    struct dc_text line;
    dc_text_init(&line, cmd_stderr(common), false, UINT_MAX);
    dc_text_put(&line, "dumpctl: ");
    if (err->file)
        add(&line, err->file);
    if (err->line > 0 && !err->file)
        dc_text_put(&line, "line %" PRIu64 ", column %" PRIu64, err->line, err->column);
    else if (err->line > 0)
        dc_text_put(&line, ":%" PRIu64 ":%" PRIu64, err->line, err->column);
    if (err->file || err->line > 0)
        dc_text_put(&line, ": ");
    if (*err->pointer) {
        add(&line, err->pointer);
        dc_text_put(&line, ": ");
    }
    add(&line, err->message);
    finish(&line);
}

static json_t *position(uint64_t n) {
    return n > 0 ? json_integer((json_int_t)n) : json_null();
}

/* Writes {name: value} in one line and takes `value`. */
static void say_json(const struct cmd_common *common, const char *name, json_t *value) {
    json_t *object = json_pack("{s:o}", name, value);
    if (!object || cmd_json_write(cmd_stderr(common), object, false) < 0)
        stderr_write(NULL, "{\"error\":{\"code\":\"memory\"}}\n", 28);
    json_decref(object);
}

static void fail_json(const struct cmd_common *common, const struct dc_error *err) {
    /* "" is a pointer too, that to the document; without a position there is none. */
    const char *pointer = *err->pointer || err->line > 0 ? err->pointer : NULL;
    json_t *object = json_object();
    json_object_set_new(object, "code", json_string(dc_code_name(err->code)));
    const char *file = err->file == cmd_stdin_name ? "-" : err->file;
    json_object_set_new(object, "file", cmd_json_string(file));
    json_object_set_new(object, "line", position(err->line));
    json_object_set_new(object, "column", position(err->column));
    json_object_set_new(object, "pointer", cmd_json_string(pointer));
    json_object_set_new(object, "message", cmd_json_string(err->message));
    say_json(common, "error", object);
}

int cmd_fail(const struct cmd_common *common, const struct dc_error *err) {
    if (common->json)
        fail_json(common, err);
    else
        fail_text(common, err);
    return err->code == DC_ECANNOT ? EXIT_CANNOT : EXIT_TROUBLE;
}

void cmd_note(const struct cmd_common *common, const char *fmt, ...) {
    char message[1024];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(message, sizeof(message), fmt, ap);
    va_end(ap);
    if (common->json) {
        say_json(common, "note", json_pack("{s:o}", "message", cmd_json_string(message)));
        return;
    }
    struct dc_text line;
    dc_text_init(&line, cmd_stderr(common), false, UINT_MAX);
    dc_text_put(&line, "dumpctl: ");
    add(&line, message);
    finish(&line);
}

int cmd_worse(int one, int other) {
    return one > other ? one : other;
}

#include "capture/control_line.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "lib/writer.h"

static const char *const command_names[] = {
    [CAP_COMMAND_CAPTURE] = "capture",
    [CAP_COMMAND_STATUS] = "status",
    [CAP_COMMAND_STOP] = "stop",
};

#define COMMANDS "capture, status or stop"

/* ---- reading ---- */

static int set_command(struct cap_control_line *out, const char *name, size_t len,
                       struct dc_error *err) {
    for (size_t i = 0; i < sizeof(command_names) / sizeof(command_names[0]); i++)
        if (strlen(command_names[i]) == len && memcmp(command_names[i], name, len) == 0) {
            out->command = (enum cap_command)i;
            return 0;
        }
    return dc_fail(err, DC_EUNKNOWN, "unknown command; send " COMMANDS);
}

static int set_tag(struct cap_control_line *out, const char *tag, size_t len,
                   struct dc_error *err) {
    char whole[CAP_TAG_SIZE];

    if (out->command != CAP_COMMAND_CAPTURE)
        return dc_fail(err, DC_EUSAGE, "only capture takes a tag");
    if (len >= sizeof(whole)) /* cut, it could be that of another capture */
        return dc_fail(err, DC_ELIMIT, "a tag has %d bytes at most", CAP_TAG_SIZE - 1);
    memcpy(whole, tag, len);
    whole[len] = '\0';
    cap_tag_clean(out->tag, sizeof(out->tag), whole);
    return 0;
}

static int read_object(const json_t *object, struct cap_control_line *out,
                       struct dc_error *err) {
    const json_t *command = json_object_get(object, "command");
    const json_t *tag = json_object_get(object, "tag");

    if (!command)
        return dc_fail(err, DC_EMISSING, "the member \"command\" is missing: " COMMANDS);
    if (!json_is_string(command) || (tag && !json_is_string(tag)))
        return dc_fail(err, DC_ETYPE, "\"%s\" must be a string",
                       json_is_string(command) ? "tag" : "command");
    if (json_object_size(object) > (tag ? 2 : 1))
        return dc_fail(err, DC_EUNKNOWN,
                       "there are members besides \"command\" and \"tag\"");
    if (set_command(out, json_string_value(command), json_string_length(command), err))
        return -1;
    return tag ? set_tag(out, json_string_value(tag), json_string_length(tag), err) : 0;
}

static int read_json(const char *line, size_t len, struct cap_control_line *out,
                     struct dc_error *err) {
    json_error_t error;
    json_t *object = json_loadb(line, len, JSON_REJECT_DUPLICATES, &error);
    if (!object)
        return dc_fail(err, DC_ESYNTAX, "the line is no JSON object: %s", error.text);
    int rc = read_object(object, out, err);
    json_decref(object);
    return rc;
}

struct word {
    const char *text;
    size_t len;
};

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r';
}

static struct word next_word(const char **at, const char *end) {
    while (*at < end && is_blank(**at))
        ++*at;
    struct word word = {*at, 0};
    while (*at < end && !is_blank(**at))
        ++*at;
    word.len = (size_t)(*at - word.text);
    return word;
}

int cap_control_read(const char *line, size_t len, struct cap_control_line *out,
                     struct dc_error *err) {
    const char *at = line, *end = line + len;

    *out = (struct cap_control_line){0};
    if (memchr(line, '\0', len))
        return dc_fail(err, DC_ESYNTAX, "the line has a NUL in it");
    struct word command = next_word(&at, end);
    if (command.len == 0)
        return dc_fail(err, DC_EMISSING, "the line is empty; send " COMMANDS);
    if (*command.text == '{')
        return read_json(line, len, out, err);
    struct word tag = next_word(&at, end), more = next_word(&at, end);
    if (set_command(out, command.text, command.len, err))
        return -1;
    if (more.len > 0)
        return dc_fail(err, DC_EUSAGE, "too many words; a tag has no blank in it");
    return tag.len > 0 ? set_tag(out, tag.text, tag.len, err) : 0;
}

/* ---- writing ---- */

static void write_text(struct dc_writer *w, const char *name, const char *text) {
    dc_write_name(w, name);
    dc_write_text(w, text);
}

static void write_count(struct dc_writer *w, const char *name, uint64_t count) {
    dc_write_name(w, name);
    dc_write_count(w, count);
}

static void write_bool(struct dc_writer *w, const char *name, bool value) {
    dc_write_name(w, name);
    dc_write_bool(w, value);
}

/* `command` may be NULL: none was understood. */
static void begin(struct dc_writer *w, struct dc_sink sink, bool ok,
                  const char *command) {
    dc_writer_init(w, sink, true, false);
    dc_write_open(w, '{');
    write_bool(w, "ok", ok);
    if (command)
        write_text(w, "command", command);
}

static void refuse(struct dc_writer *w, const char *error, const char *message) {
    write_text(w, "error", error);
    write_text(w, "message", message);
}

static int finish(struct dc_writer *w) {
    dc_write_close(w, '}');
    dc_write_newline(w);
    return dc_writer_finish(w);
}

/* The client may run in another folder. */
static void write_path(struct dc_writer *w, const char *folder, const char *path) {
    char whole[2 * sizeof(((struct cap_answer *)0)->path)];

    dc_write_name(w, "report");
    if (!folder || *path == '/' || *path == '\0') {
        dc_write_text(w, *path ? path : NULL);
        return;
    }
    snprintf(whole, sizeof(whole), "%s%s%s", folder,
             folder[strlen(folder) - 1] == '/' ? "" : "/", path);
    dc_write_text(w, whole);
}

int cap_control_write_answer(struct dc_sink sink, const struct cap_answer *answer,
                             const char *folder) {
    bool ok = answer->code == CAP_ANSWER_CAPTURED || answer->code == CAP_ANSWER_DEGRADED;
    struct dc_writer w;

    begin(&w, sink, ok, command_names[CAP_COMMAND_CAPTURE]);
    if (!ok)
        refuse(&w, answer->code == CAP_ANSWER_ENDED ? "ended" : "failed", answer->reason);
    if (*answer->tag)
        write_text(&w, "tag", answer->tag);
    if (ok) {
        write_path(&w, folder, answer->path);
        write_text(&w, "variant",
                   answer->code == CAP_ANSWER_CAPTURED ? "single" : "degraded");
        if (*answer->reason)
            write_text(&w, "reason", answer->reason);
    }
    if (answer->code != CAP_ANSWER_ENDED) {
        write_count(&w, "parked", answer->parked);
        write_count(&w, "total", answer->total);
        write_count(&w, "latency_us", answer->latency_us);
    }
    return finish(&w);
}

int cap_control_write_busy(struct dc_sink sink) {
    struct dc_writer w;

    begin(&w, sink, false, command_names[CAP_COMMAND_CAPTURE]);
    refuse(&w, "busy", CAP_BUSY_TEXT);
    return finish(&w);
}

int cap_control_write_status(struct dc_sink sink, const struct cap_status *status) {
    static const char *const states[] = {
        [CAP_RUN_IDLE] = "idle",           [CAP_RUN_TOOK_EARLY] = "took_early",
        [CAP_RUN_DONE] = "done",           [CAP_RUN_FROZEN] = "frozen",
        [CAP_RUN_CAPTURING] = "capturing",
    };
    struct dc_writer w;

    begin(&w, sink, true, command_names[CAP_COMMAND_STATUS]);
    write_text(&w, "state", states[status->state]);
    write_text(&w, "guest", status->guest);
    write_count(&w, "vcpus", status->vcpus);
    write_count(&w, "uptime_ms", status->uptime_ms);
    write_count(&w, "captures", status->captures);
    write_bool(&w, "pending", status->pending);
    dc_write_name(&w, "triggers");
    dc_write_open(&w, '[');
    for (uint32_t i = 0; i < status->trigger_count && i < CAP_STATUS_TRIGGERS; i++)
        dc_write_text(&w, status->triggers[i]);
    dc_write_close(&w, ']');
    write_bool(&w, "early_held", status->early_held);
    return finish(&w);
}

int cap_control_write_stop(struct dc_sink sink) {
    struct dc_writer w;

    begin(&w, sink, true, command_names[CAP_COMMAND_STOP]);
    return finish(&w);
}

int cap_control_write_error(struct dc_sink sink, const struct dc_error *err) {
    struct dc_writer w;

    begin(&w, sink, false, NULL);
    refuse(&w, dc_code_name(err->code), err->message);
    return finish(&w);
}

#include "tests/aid/stats_script.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void refuse(const char *word) {
    fprintf(stderr, "stats_server: what is '%s'?\n", word);
    exit(2);
}

static unsigned long number(const char *word, const char *text, int base) {
    char *end;
    unsigned long value = strtoul(text, &end, base);
    if (end == text || (*end != '\0' && *end != ':'))
        refuse(word);
    return value;
}

/* The text behind "NAME=", "" behind a NAME alone; NULL: it is another word. */
static const char *value_of(const char *word, const char *name) {
    size_t n = strlen(name);
    if (name[n - 1] == '=')
        return strncmp(word, name, n) == 0 ? word + n : NULL;
    return strcmp(word, name) == 0 ? "" : NULL;
}

static bool read_step(struct step *step, const char *word) {
    static const struct {
        const char *name;
        enum step_kind kind;
    } names[] = {
        {"reply=", STEP_REPLY},      {"echo", STEP_ECHO},    {"args=", STEP_ARGS},
        {"error=", STEP_ERROR},      {"relay=", STEP_RELAY}, {"line=", STEP_LINE},
        {"raw=", STEP_RAW},          {"size=", STEP_SIZE},   {"open=", STEP_OPEN},
        {"not-utf8", STEP_NOT_UTF8}, {"torn", STEP_TORN},    {"close", STEP_CLOSE},
        {"silent", STEP_SILENT},     {"exit", STEP_EXIT}};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const char *text = value_of(word, names[i].name);
        if (!text)
            continue;
        step->kind = names[i].kind;
        step->text = text;
        if (step->kind == STEP_SIZE || step->kind == STEP_OPEN)
            step->number = number(word, text, 10);
        if (step->kind == STEP_ERROR) {
            number(word, text[0] == '-' ? text + 1 : text, 10);
            if (!strchr(text, ':'))
                refuse(word);
        }
        return true;
    }
    return false;
}

static bool read_modifier(struct step *step, const char *word) {
    const char *text;
    if ((text = value_of(word, "delay=")) || (text = value_of(word, "late=")))
        step->delay_ms = (unsigned)number(word, text, 10);
    else if ((text = value_of(word, "times=")))
        step->times = (unsigned)number(word, text, 10);
    else if ((text = value_of(word, "more=")))
        step->more = text;
    else if ((text = value_of(word, "stray=")))
        step->stray = text;
    else if (value_of(word, "bytewise"))
        step->bytewise = true;
    else if (value_of(word, "glued"))
        step->glued = true;
    else if (value_of(word, "stop"))
        step->stop = true;
    else if (value_of(word, "then-close"))
        step->then_close = true;
    else if (value_of(word, "then-exit"))
        step->then_exit = true;
    else
        return false;
    return true;
}

static bool read_setting(struct script *script, const char *word) {
    const char *text;
    if ((text = value_of(word, "meta="))) {
        script->meta = text;
    } else if ((text = value_of(word, "meta-delay="))) {
        script->meta_ms = (unsigned)number(word, text, 10);
    } else if ((text = value_of(word, "greet="))) {
        script->greet = text;
    } else if ((text = value_of(word, "refuse="))) {
        script->refuse = text;
    } else if ((text = value_of(word, "accept-after="))) {
        script->accept_ms = (unsigned)number(word, text, 10);
    } else if ((text = value_of(word, "log="))) {
        script->log = text;
    } else if ((text = value_of(word, "mode="))) {
        script->mode = (unsigned)number(word, text, 8);
    } else if ((text = value_of(word, "seconds="))) {
        script->seconds = (unsigned)number(word, text, 10);
    } else if ((text = value_of(word, "read="))) {
        const char *colon = strchr(text, ':');
        script->read_bytes = number(word, text, 10);
        script->read_ms = colon ? (unsigned)number(word, colon + 1, 10) : 0;
        if (script->read_bytes == 0)
            refuse(word);
    } else if (value_of(word, "loop")) {
        script->loop = true;
    } else if (value_of(word, "no-accept")) {
        script->no_accept = true;
    } else if (value_of(word, "stop-reading")) {
        script->stop_reading = true;
    } else {
        return false;
    }
    return true;
}

void script_read(struct script *script, char **words, size_t n) {
    static const struct step blank = {.times = 1};
    struct step step = blank;
    bool modified = false; /* a modifier waits for its step */
    *script = (struct script){.meta = "{}", .seconds = 300};
    script->steps = calloc(n + 1, sizeof(*script->steps));
    if (!script->steps)
        abort();
    for (size_t i = 0; i < n; i++) {
        if (read_step(&step, words[i])) {
            script->steps[script->n_steps++] = step;
            step = blank;
            modified = false;
        } else if (read_modifier(&step, words[i])) {
            modified = true;
        } else if (!read_setting(script, words[i])) {
            refuse(words[i]);
        }
    }
    if (modified)
        refuse(words[n - 1]); /* a modifier of nothing */
    if (script->n_steps == 0)
        script->steps[script->n_steps++] = (struct step){.kind = STEP_ECHO, .times = 1};
}

size_t script_text(const char *text, char *out) {
    size_t n = 0;
    while (*text) {
        char c = *text++;
        if (c == '\\' && *text) {
            c = *text++;
            if (c == 'x') {
                char hex[3] = {text[0], text[0] ? text[1] : '\0', '\0'};
                c = (char)strtoul(hex, NULL, 16);
                text += strlen(hex);
            } else {
                c = (char)(c == 'n' ? '\n' : c == 'r' ? '\r' : c == 't' ? '\t' : c);
            }
        }
        out[n++] = c;
    }
    return n;
}

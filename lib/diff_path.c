#include "lib/diff_path.h"

#include "lib/number.h"
#include "lib/value_text.h"

#include <string.h>

enum {
    MOST_KEY = 48,   /* bytes of a key that was rendered */
    MOST_NAME = 256, /* bytes of a name or of a key's bytes; longer ones are hostile */
};

static void add_number(struct dc_buf *out, uint64_t value) {
    char text[DC_NUMBER_MAX];
    dc_buf_add(out, text, dc_format_u64(value, text));
}

static void add_hex(struct dc_buf *out, uint64_t value) {
    char text[DC_NUMBER_MAX];
    dc_buf_add(out, text, dc_format_hex(value, 0, text));
}

/* A path stands on every line: what is too long for a name is cut, in the middle of a
   character if need be. */
static void add_name(struct dc_buf *out, struct dc_str name) {
    dc_buf_add(out, name.p, name.len < MOST_NAME ? name.len : MOST_NAME);
    if (name.len > MOST_NAME)
        dc_buf_text(out, "...");
}

/* ---- keys ---- */

/* A short one as it was rendered, but for the name of its type, else its bytes. */
static void add_rendered(const struct dc_rec *key, struct dc_str hex,
                         struct dc_buf *out) {
    static const struct dc_cell_style style = {.exact = true, .all = true};
    size_t start = out->len;
    if (key && dc_value_add_inline(key, &style, out, MOST_KEY) && out->len > start) {
        size_t name = key->type == &dc_type_RV_STRUCT
                          ? dc_string(key, DC_AT_RV_STRUCT_type_name).len
                          : 0;
        memmove(out->data + start, out->data + start + name, out->len - start - name);
        out->len -= name;
        return;
    }
    out->len = start;
    add_name(out, hex);
}

static void add_member(const struct dc_rec *rec, int key, struct dc_buf *out) {
    const struct dc_field *field = &rec->type->fields[key];
    char text[DC_NUMBER_MAX];
    if (field->kind == DC_STRING)
        add_name(out, dc_string(rec, key));
    else if (field->kind == DC_I32 || field->kind == DC_I64)
        dc_buf_add(out, text, dc_format_i64(dc_i64(rec, key), text));
    else if (field->unit == DC_ADDRESS || field->unit == DC_BITMAP)
        add_hex(out, dc_u64(rec, key));
    else
        add_number(out, dc_u64(rec, key));
}

/* "local cpu 3" says it all; of the scheduler's own queues the id does. The serial number
   of a cgroup means the same in every run, its address does not. */
static bool is_enough(const struct dc_rec *rec, int key) {
    if (rec->type == &dc_type_CGROUP_PSI)
        return key == DC_AT_CGROUP_PSI_serial_nr;
    return rec->type == &dc_type_DSQ && key == DC_AT_DSQ_origin &&
           !dc_str_is(dc_string(rec, key), "user");
}

static void add_key(const struct dc_diff_step *step, struct dc_buf *out) {
    const struct dc_rec *rec = step->rec;
    int keys[DC_MAX_KEYS];
    size_t n = dc_schema_keys(rec->type, keys);
    if (rec->type == &dc_type_ENTRY) {
        add_rendered(dc_record(rec, DC_AT_ENTRY_key), dc_string(rec, DC_AT_ENTRY_key_hex),
                     out);
    } else if (rec->type == &dc_type_PERCPU_HASH_ENTRY) {
        add_rendered(dc_record(rec, DC_AT_PERCPU_HASH_ENTRY_key),
                     dc_string(rec, DC_AT_PERCPU_HASH_ENTRY_key_hex), out);
    } else {
        bool first = true;
        for (size_t i = 0; i < n; i++) {
            if (!dc_has(rec, keys[i]))
                continue;
            if (!first)
                dc_buf_text(out, " ");
            first = false;
            add_member(rec, keys[i], out);
            if (is_enough(rec, keys[i]))
                break;
        }
    }
    if (step->nth > 0) {
        dc_buf_text(out, " #");
        add_number(out, step->nth + 1);
    }
}

/* ---- steps ---- */

void dc_diff_step_add(const struct dc_diff_step *step, struct dc_buf *out) {
    switch (step->kind) {
    case DC_STEP_WORD:
        dc_buf_text(out, step->word);
        return;
    case DC_STEP_MEMBER:
        add_name(out, step->name);
        if (step->name.len == 0)
            dc_buf_text(out, "<anon>");
        return;
    default:
        break;
    }
    dc_buf_text(out, "[");
    if (step->kind == DC_STEP_NAME) {
        dc_buf_text(out, step->word);
    } else if (step->kind == DC_STEP_INDEX) {
        add_number(out, step->index);
    } else if (step->kind == DC_STEP_OFFSET) {
        dc_buf_text(out, "+");
        add_hex(out, step->index);
    } else {
        add_key(step, out);
    }
    dc_buf_text(out, "]");
}

void dc_diff_path_add(const struct dc_diff_step *step, struct dc_buf *out) {
    bool named = step->kind == DC_STEP_WORD || step->kind == DC_STEP_MEMBER;
    if (step->up)
        dc_diff_path_add(step->up, out);
    if (step->up && named)
        dc_buf_text(out, ".");
    dc_diff_step_add(step, out);
}

bool dc_diff_path_is_listed(const struct dc_diff_step *step) {
    for (; step; step = step->up)
        if (step->kind != DC_STEP_WORD && step->kind != DC_STEP_MEMBER)
            return true;
    return false;
}

/* ---- patterns ---- */

static bool ends_here(const char *path, size_t len, size_t at) {
    return at == len || path[at] == '.' || path[at] == '[';
}

static int hex_value(char c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* `n` hexadecimal digits. -1: they are none. */
static int64_t hex_of(const char *text, size_t n) {
    int64_t value = 0;
    for (size_t i = 0; i < n; i++) {
        int digit = hex_value(text[i]);
        if (digit < 0)
            return -1;
        value = value * 16 + digit;
    }
    return value;
}

static size_t put_utf8(uint32_t c, char out[4]) {
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const unsigned char first[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = n; i-- > 1; c >>= 6)
        out[i] = (char)(0x80 | (c & 0x3f));
    out[0] = (char)(first[n] | c);
    return n;
}

/* What one character of a pattern stands for, which it is moved over: as the escapes of
   lib/escape.h show bytes and characters, or a character behind a backslash. */
static size_t take_literal(const char **pattern, char out[4]) {
    const char *p = *pattern;
    size_t digits = p[0] != '\\' ? 0 : p[1] == 'x' ? 2 : p[1] == 'u' ? 4 : 0;
    int64_t value = digits ? hex_of(p + 2, digits) : -1;
    if (value >= 0) {
        *pattern += 2 + digits;
        return put_utf8((uint32_t)value, out);
    }
    bool escaped = p[0] == '\\' && (p[1] == '*' || p[1] == '?' || p[1] == '\\');
    out[0] = p[escaped];
    *pattern += 1 + escaped;
    return 1;
}

/* Whether the path goes on with the next character of the pattern; both are moved over it. */
static bool match_one(const char **pattern, const char *path, size_t len, size_t *at) {
    char literal[4];
    if (**pattern == '?') {
        ++*pattern;
        return (*at)++ < len;
    }
    size_t n = take_literal(pattern, literal);
    if (n > len - *at || memcmp(literal, path + *at, n) != 0)
        return false;
    *at += n;
    return true;
}

bool dc_diff_path_matches(const char *pattern, const char *path, size_t len) {
    const char *star = NULL;  /* behind the last one, and */
    size_t at = 0, tried = 0; /* where what it stands for ends at present */
    for (;;) {
        if (*pattern == '\0' && ends_here(path, len, at))
            return true;
        if (*pattern == '*') {
            star = ++pattern;
            tried = at;
            continue;
        }
        if (*pattern && match_one(&pattern, path, len, &at))
            continue;
        if (!star || tried >= len)
            return false;
        pattern = star;
        at = ++tried;
    }
}

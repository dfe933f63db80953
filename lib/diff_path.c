#include "lib/diff_path.h"

#include "lib/number.h"
#include "lib/value_text.h"

#include <string.h>

enum { MOST_KEY = 48 }; /* bytes of a key that was rendered */

static void add_number(struct dc_buf *out, uint64_t value) {
    char text[DC_NUMBER_MAX];
    dc_buf_add(out, text, dc_format_u64(value, text));
}

static void add_hex(struct dc_buf *out, uint64_t value) {
    char text[DC_NUMBER_MAX];
    dc_buf_add(out, text, dc_format_hex(value, 0, text));
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
    dc_buf_add(out, hex.p, hex.len);
}

static void add_member(const struct dc_rec *rec, int key, struct dc_buf *out) {
    const struct dc_field *field = &rec->type->fields[key];
    char text[DC_NUMBER_MAX];
    if (field->kind == DC_STRING)
        dc_buf_add(out, dc_string(rec, key).p, dc_string(rec, key).len);
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
        dc_buf_add(out, step->name.p, step->name.len);
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

bool dc_diff_path_matches(const char *pattern, const char *path, size_t len) {
    const char *star = NULL;  /* behind the last one, and */
    size_t at = 0, tried = 0; /* where what it stands for ends at present */
    for (;;) {
        if (*pattern == '\0' && ends_here(path, len, at))
            return true;
        if (*pattern == '*') {
            star = ++pattern;
            tried = at;
        } else if (*pattern && at < len && (*pattern == '?' || *pattern == path[at])) {
            pattern++;
            at++;
        } else if (star && tried < len) {
            pattern = star;
            at = ++tried;
        } else {
            return false;
        }
    }
}

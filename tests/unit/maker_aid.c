#include "tests/unit/maker_aid.h"

#include "tests/unit/schema_aid.h"

#include <string.h>

static size_t below(struct maker *m, size_t n) {
    return aid_below(&m->random, n);
}

static void put(struct maker *m, const char *text) {
    dc_buf_text(m->out, text);
}

static void space(struct maker *m) {
    static const char *const spaces[] = {" ", "\n", "\t", "\r\n", "  "};
    if (below(m, 12) == 0)
        put(m, spaces[below(m, 5)]);
}

static void put_string(struct maker *m) {
    static const char *const parts[] = {
        "a",
        "name",
        "\\n",
        "\\u0000",
        "\\\"",
        "\\\\",
        "\\/",
        "\xc3\xa9",
        "\xe2\x86\x92",
        "\xf0\x9f\x98\x80",
        "\\ud83d\\ude00",
        "\\u00e9",
        " ",
        "\x7f",
        "\\u001f",
        "0",
    };
    put(m, "\"");
    for (size_t n = below(m, 5); n > 0; n--)
        put(m, parts[below(m, sizeof(parts) / sizeof(parts[0]))]);
    put(m, "\"");
}

static void put_integer(struct maker *m, enum dc_kind kind) {
    size_t shift = below(m, 64);
    uint64_t value = aid_random(&m->random) >> shift;
    bool minus = (kind == DC_I32 || kind == DC_I64) && below(m, 2);
    value &= kind == DC_U8    ? UINT8_MAX
             : kind == DC_U32 ? UINT32_MAX
             : kind == DC_I32 ? INT32_MAX
                              : INT64_MAX;
    aid_put(m->out, "%s%llu", minus && value ? "-" : "", (unsigned long long)value);
}

static void put_real(struct maker *m) {
    static const char *const forms[] = {"0",      "-0.0",        "1.5",    "2e10",
                                        "1E-7",   "-3.25e+2",    "5e-324", "0.1",
                                        "1e-400", "123456789.25"};
    put(m, forms[below(m, sizeof(forms) / sizeof(forms[0]))]);
}

/* Any JSON. */
static void put_any(struct maker *m) {
    size_t what = m->depth < 6 ? below(m, 8) : below(m, 6);
    m->depth++;
    if (what == 0) {
        put(m, "null");
    } else if (what == 1) {
        put(m, below(m, 2) ? "true" : "false");
    } else if (what == 2) {
        put_real(m);
    } else if (what <= 4) {
        put_integer(m, DC_I64);
    } else if (what == 5) {
        put_string(m);
    } else {
        size_t n = below(m, 4);
        put(m, what == 6 ? "[" : "{");
        for (size_t i = 0; i < n; i++) {
            put(m, i ? "," : "");
            space(m);
            if (what == 7)
                aid_put(m->out, "\"k%zu\":", i);
            put_any(m);
        }
        put(m, what == 6 ? "]" : "}");
    }
    m->depth--;
}

static void put_record(struct maker *m, const struct dc_type *type);

static void put_one(struct maker *m, const struct dc_field *field,
                    const struct dc_type *owner) {
    switch (field->kind) {
    case DC_BOOL:
        put(m, below(m, 2) ? "true" : "false");
        break;
    case DC_STRING:
        if (field->rule == DC_TAG)
            aid_put(m->out, "\"%s\"", owner->tag_value);
        else
            put_string(m);
        break;
    case DC_F64:
        put_real(m);
        break;
    case DC_ANY:
        put_any(m);
        break;
    case DC_RECORD:
        put_record(m, field->type);
        break;
    default:
        put_integer(m, field->kind);
    }
}

static void put_field(struct maker *m, const struct dc_field *field,
                      const struct dc_type *owner) {
    size_t n = field->shape == DC_LIST_OF_10 ? 10 : below(m, 4);
    if (field->shape == DC_ONE) {
        put_one(m, field, owner);
        return;
    }
    put(m, "[");
    for (size_t i = 0; i < n; i++) {
        put(m, i ? "," : "");
        space(m);
        if (field->shape == DC_HOLES && below(m, 3) == 0)
            put(m, "null");
        else
            put_one(m, field, owner);
    }
    put(m, "]");
}

/* Which of the members of which one must be there; n_fields: the type has none. */
static size_t pick_either(struct maker *m, const struct dc_type *type) {
    size_t picked = type->n_fields, n = 0;
    for (size_t i = 0; i < type->n_fields; i++)
        if (type->fields[i].rule == DC_EITHER && below(m, (unsigned)++n) == 0)
            picked = i;
    return picked;
}

static bool is_wanted(struct maker *m, const struct dc_field *field) {
    if (field->rule == DC_REQUIRED || field->rule == DC_TAG || field->rule == DC_VALUE)
        return true;
    return m->depth < 8 && below(m, 4) == 0;
}

/* Members in any order, with unknown ones between. */
static void put_members(struct maker *m, const struct dc_type *type,
                        const struct dc_type *declared) {
    size_t n = type->n_fields, start = n && below(m, 2) ? below(m, n) : 0;
    size_t tag_at = below(m, 3) ? 0 : below(m, n + 1);
    size_t either = pick_either(m, type);
    bool any = false;
    for (size_t i = 0; i <= n; i++) {
        if (declared->tag && i == tag_at) {
            aid_put(m->out, "%s\"%s\":\"%s\"", any ? "," : "", declared->tag,
                    type->tag_value);
            any = true;
        }
        if (i == n)
            continue;
        const struct dc_field *field = &type->fields[(start + i) % n];
        if (field->rule == DC_EITHER ? (start + i) % n != either : !is_wanted(m, field))
            continue;
        if (below(m, 40) == 0) {
            aid_put(m->out, "%s\"unknown%zu\":", any ? "," : "", i);
            put_any(m);
            any = true;
        }
        put(m, any ? "," : "");
        space(m);
        aid_put(m->out, "\"%s\"", field->name);
        space(m);
        put(m, ":");
        space(m);
        bool optional = field->rule == DC_OPTIONAL || field->rule == DC_NULLED ||
                        field->rule == DC_LAST;
        if (optional && below(m, 4) == 0)
            put(m, "null");
        else
            put_field(m, field, type);
        any = true;
    }
}

static const struct dc_type *pick(struct maker *m, const struct dc_type *type) {
    static const struct dc_type *const leaves[] = {&dc_type_RV_INT, &dc_type_RV_FLOAT,
                                                   &dc_type_RV_BYTES, &dc_type_RV_ENUM};
    if (type == &dc_type_RV && m->depth > 8)
        return leaves[below(m, 4)];
    return type->choices[below(m, type->n_choices)];
}

static void put_record(struct maker *m, const struct dc_type *type) {
    const struct dc_type *choice = type->choices ? pick(m, type) : type;
    bool named = type->choices && !type->tag;
    m->depth++;
    if (named && choice->n_fields == 0) {
        aid_put(m->out, below(m, 2) ? "\"%s\"" : "{\"%s\":null}", choice->tag_value);
    } else {
        if (named)
            aid_put(m->out, "{\"%s\":", choice->tag_value);
        put(m, "{");
        put_members(m, choice, type);
        put(m, named ? "}}" : "}");
    }
    m->depth--;
}

void maker_document(struct maker *m) {
    static const struct dc_type *const roots[] = {&dc_type_SINGLE, &dc_type_SINGLE,
                                                  &dc_type_DUAL,   &dc_type_DEGRADED,
                                                  &dc_type_SAMPLE, &dc_type_REASON};
    m->out->len = 0;
    m->depth = 0;
    space(m);
    put_record(m, roots[below(m, sizeof(roots) / sizeof(roots[0]))]);
    space(m);
}

/* ---- slight damage ---- */

void maker_damage(struct maker *m) {
    static const char bytes[] = "{}[]\",:0123456789-.eEntfu\\ \n\x80\xc3\xff";
    struct dc_buf *out = m->out;
    for (size_t n = 1 + below(m, 2); n > 0 && out->len > 2; n--) {
        size_t at = below(m, out->len), other = below(m, out->len);
        size_t len = out->len - at - 1;
        switch (below(m, 5)) {
        case 0: /* another byte */
            out->data[at] = bytes[below(m, sizeof(bytes) - 1)];
            break;
        case 1: /* one less */
            memmove(out->data + at, out->data + at + 1, len);
            out->len--;
            break;
        case 2: /* one more */
            dc_buf_add(out, "x", 1);
            memmove(out->data + at + 1, out->data + at, out->len - at - 1);
            out->data[at] = bytes[below(m, sizeof(bytes) - 1)];
            break;
        case 3: { /* two swapped */
            char c = out->data[at];
            out->data[at] = out->data[other];
            out->data[other] = c;
            break;
        }
        default: /* cut off */
            if (below(m, 4) == 0)
                out->len = at;
        }
    }
}

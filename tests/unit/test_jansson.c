/*
 * The reader against jansson: documents made at random from the tables, whole and broken.
 *
 * What jansson knows better or not at all is left out, and only that:
 *   - integers above 2^63-1, which it refuses, are not made;
 *   - it takes -0 for the integer 0, we do not: such a document is not compared;
 *   - it takes NUL in no member name;
 *   - it knows no doubled member once the document is read: asked again with
 *     JSON_REJECT_DUPLICATES, it must refuse what we refused as doubled;
 *   - it has no limit of 127 containers, so none is made deeper.
 */
#include "lib/report.h"

#include "tests/unit/lib_aid.h"
#include "tests/unit/maker_aid.h"
#include "tests/unit/unit.h"

#include <jansson.h>
#include <math.h>

enum { DOCUMENTS = 20000 };

/* ---- the tables once more, over jansson's tree ---- */

static bool conforms(const json_t *json, const struct dc_type *type);

static bool conforms_one(const json_t *json, const struct dc_field *field) {
    static const struct {
        json_int_t least, most;
    } ranges[] = {
        [DC_U8] = {0, UINT8_MAX},          [DC_U32] = {0, UINT32_MAX},
        [DC_U64] = {0, INT64_MAX},         [DC_I32] = {INT32_MIN, INT32_MAX},
        [DC_I64] = {INT64_MIN, INT64_MAX},
    };
    switch (field->kind) {
    case DC_BOOL:
        return json_is_boolean(json);
    case DC_STRING:
        return json_is_string(json);
    case DC_F64:
        return json_is_number(json);
    case DC_ANY:
        return true;
    case DC_RECORD:
        return conforms(json, field->type);
    default:
        return json_is_integer(json) &&
               json_integer_value(json) >= ranges[field->kind].least &&
               json_integer_value(json) <= ranges[field->kind].most;
    }
}

static bool conforms_field(const json_t *json, const struct dc_field *field) {
    size_t i;
    json_t *element;
    if (field->shape == DC_ONE)
        return conforms_one(json, field);
    if (!json_is_array(json) ||
        (field->shape == DC_LIST_OF_10 && json_array_size(json) != 10))
        return false;
    json_array_foreach(json, i, element) {
        bool hole = field->shape == DC_HOLES && json_is_null(element);
        if (!hole && !conforms_one(element, field))
            return false;
    }
    return true;
}

static bool conforms_members(const json_t *json, const struct dc_type *type) {
    size_t alternatives = 0, there = 0;
    if (!json_is_object(json))
        return false;
    for (size_t i = 0; i < type->n_fields; i++) {
        const struct dc_field *field = &type->fields[i];
        const json_t *value = json_object_get(json, field->name);
        alternatives += field->rule == DC_EITHER;
        there += field->rule == DC_EITHER && value;
        bool needed = field->rule == DC_REQUIRED || field->rule == DC_TAG ||
                      field->rule == DC_VALUE;
        bool none = field->rule == DC_OPTIONAL || field->rule == DC_NULLED ||
                    field->rule == DC_LAST;
        if (!value ? needed
                   : !(none && json_is_null(value)) && !conforms_field(value, field))
            return false;
    }
    return alternatives == 0 || there == 1;
}

static const struct dc_type *choice_named(const struct dc_type *type, const char *name,
                                          size_t len) {
    for (size_t i = 0; name && i < type->n_choices; i++)
        if (strlen(type->choices[i]->tag_value) == len &&
            memcmp(type->choices[i]->tag_value, name, len) == 0)
            return type->choices[i];
    return NULL;
}

static const struct dc_type *choice_by_value(const struct dc_type *type,
                                             const json_t *name) {
    return choice_named(type, json_string_value(name), json_string_length(name));
}

/* A union: by its tag, as a bare name, or as the only member. Root variants are told
   apart by "schema" before this. */
static bool conforms(const json_t *json, const struct dc_type *type) {
    if (!type->choices)
        return conforms_members(json, type);
    if (type->tag) {
        const struct dc_type *choice =
            choice_by_value(type, json_object_get(json, type->tag));
        return choice && conforms_members(json, choice);
    }
    if (json_is_string(json)) {
        const struct dc_type *choice = choice_by_value(type, json);
        return choice && choice->n_fields == 0;
    }
    void *iter = json_object_iter((json_t *)json);
    if (!iter || json_object_size(json) != 1)
        return false;
    const char *name = json_object_iter_key(iter);
    const struct dc_type *choice = choice_named(type, name, strlen(name));
    const json_t *value = json_object_iter_value(iter);
    if (!choice)
        return false;
    return choice->n_fields ? conforms_members(value, choice) : json_is_null(value);
}

static const struct dc_type *root_of(const json_t *json) {
    static const struct dc_type *const variants[] = {&dc_type_SINGLE, &dc_type_DUAL,
                                                     &dc_type_DEGRADED};
    const json_t *schema = json_object_get(json, "schema");
    for (size_t i = 0; i < 3; i++)
        if (json_is_string(schema) &&
            strcmp(json_string_value(schema), variants[i]->tag_value) == 0 &&
            strlen(variants[i]->tag_value) == json_string_length(schema))
            return variants[i];
    if (schema)
        return NULL;
    return json_object_get(json, "MissingStats") ? &dc_type_SAMPLE : &dc_type_REASON;
}

/* ---- values ---- */

static bool same_record(const struct dc_rec *rec, const struct dc_type *declared,
                        const json_t *json);

static bool same_string(struct dc_str str, const json_t *json) {
    return json_is_string(json) && json_string_length(json) == str.len &&
           memcmp(json_string_value(json), str.p, str.len) == 0;
}

static bool same_any(struct dc_str text, const json_t *json) {
    json_error_t error;
    json_t *any = json_loadb(text.p, text.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
    bool same = any && json_equal(any, json);
    json_decref(any);
    return same;
}

/* Tells -0.0 from 0.0. */
static uint64_t bits_of(double value) {
    union dc_slot slot = {.f = value};
    return slot.u;
}

static bool same_one(union dc_slot slot, const struct dc_field *field,
                     const json_t *json) {
    switch (field->kind) {
    case DC_BOOL:
        return json_is_boolean(json) && slot.u == (uint64_t)json_is_true(json);
    case DC_STRING:
        return same_string(*slot.str, json);
    case DC_F64:
        return json_is_number(json) && bits_of(json_number_value(json)) == slot.u;
    case DC_ANY:
        return same_any(*slot.any, json);
    case DC_RECORD:
        return slot.rec ? same_record(slot.rec, field->type, json) : json_is_null(json);
    default:
        return json_is_integer(json) && slot.i == json_integer_value(json);
    }
}

static bool same_list(const struct dc_list *list, const struct dc_field *field,
                      const json_t *json) {
    if (list->count != json_array_size(json))
        return false;
    for (struct dc_list_walk walk = dc_list_walk(list); dc_list_next(&walk);)
        if (!same_one(walk.value, field, json_array_get(json, walk.index)))
            return false;
    for (size_t i = 0; i < list->count; i++) /* and by index */
        if (field->kind == DC_RECORD &&
            (dc_list_rec(list, i) == NULL) != json_is_null(json_array_get(json, i)))
            return false;
    return true;
}

static bool same_record(const struct dc_rec *rec, const struct dc_type *declared,
                        const json_t *json) {
    size_t known = declared->tag != NULL;
    if (declared->choices && !declared->tag) {
        const json_t *inner = json_object_get(json, rec->type->tag_value);
        if (rec->type->n_fields == 0)
            return json_is_string(json)
                       ? same_string((struct dc_str){rec->type->tag_value,
                                                     strlen(rec->type->tag_value)},
                                     json)
                       : json_is_null(inner);
        json = inner;
    }
    for (size_t i = 0; i < rec->type->n_fields; i++) {
        const struct dc_field *field = &rec->type->fields[i];
        const union dc_slot *slot = dc_slot(rec, (int)i);
        const json_t *value = json_object_get(json, field->name);
        known += value != NULL;
        if (!slot                    ? value && !json_is_null(value)
            : field->shape == DC_ONE ? !same_one(*slot, field, value)
                                     : !same_list(slot->list, field, value))
            return false;
    }
    return dc_has_unknown(rec) == (json_object_size(json) > known);
}

/* ---- comparing ---- */

struct tally {
    unsigned accepted, refused, skipped, wrong;
};

static json_t *load(const struct dc_buf *text, size_t flags, json_error_t *error) {
    flags |= JSON_DECODE_ANY | JSON_ALLOW_NUL;
    return json_loadb(text->data, text->len, flags, error);
}

static bool is_known_difference(const struct dc_buf *text, const json_error_t *error) {
    return strstr(error->text, "NUL byte in object key") ||
           strstr(error->text, "too big") || /* integers; reals overflow for us too */
           memmem(text->data, text->len, "-0", 2) != NULL;
}

/* Whether the two agree on JSON alone, whatever the tables say. */
static bool agree_on_syntax(const struct dc_buf *text, const json_t *json) {
    struct dc_lex lex;
    dc_lex_init(&lex, text->data, text->len, NULL);
    bool good = dc_lex_skip(&lex, NULL) == 0 && dc_lex_peek(&lex) < 0;
    return good == (json != NULL);
}

static bool agree_on_refusal(const struct dc_buf *text, const json_t *json,
                             const struct dc_error *err) {
    json_error_t error;
    if (err->code == DC_EDUPLICATE) {
        json_t *again = load(text, JSON_REJECT_DUPLICATES, &error);
        json_decref(again);
        return !again;
    }
    const struct dc_type *root = json ? root_of(json) : NULL;
    return !root || !conforms(json, root);
}

static void compare(const struct dc_buf *text, struct tally *tally) {
    struct dc_report report;
    struct dc_error err = {.code = DC_OK};
    json_error_t error = {.text = ""};
    json_t *json = load(text, 0, &error);
    bool good;
    if (is_known_difference(text, &error)) {
        tally->skipped++;
        json_decref(json);
        return;
    }
    good = agree_on_syntax(text, json);
    if (aid_read(&report, text->data, text->len, &err) == 0) {
        tally->accepted++;
        good = good && json && root_of(json) && conforms(json, root_of(json)) &&
               same_record(report.root, report.declared, json);
        dc_report_done(&report);
    } else {
        tally->refused++;
        good = good && agree_on_refusal(text, json, &err) && err.line > 0;
    }
    json_decref(json);
    if (!good && ++tally->wrong <= 10) {
        unit_bytes("text", text->data, text->len);
        printf("#   dumpctl: %s %s %s\n#   jansson: %s\n", dc_code_name(err.code),
               err.pointer, err.message, error.text);
    }
}

static void whole_documents_hold_the_same_values(void) {
    struct dc_buf out;
    struct tally tally = {.wrong = 0};
    struct maker m = {.random = {20240607}, .out = &out};
    dc_buf_init(&out, dc_alloc_libc);
    for (int i = 0; i < DOCUMENTS / 2; i++) {
        maker_document(&m);
        compare(&out, &tally);
    }
    printf("# %u accepted, %u refused, %u not compared\n", tally.accepted, tally.refused,
           tally.skipped);
    CHECK_EQ_U64(tally.wrong, 0);
    CHECK_EQ_U64(tally.refused, 0);
    CHECK(tally.accepted > DOCUMENTS / 4);
    dc_buf_done(&out);
}

static void broken_documents_are_refused_alike(void) {
    struct dc_buf out;
    struct tally tally = {.wrong = 0};
    struct maker m = {.random = {987654321}, .out = &out};
    dc_buf_init(&out, dc_alloc_libc);
    for (int i = 0; i < DOCUMENTS / 2; i++) {
        maker_document(&m);
        maker_damage(&m);
        compare(&out, &tally);
    }
    printf("# %u accepted, %u refused, %u not compared\n", tally.accepted, tally.refused,
           tally.skipped);
    CHECK_EQ_U64(tally.wrong, 0);
    CHECK(tally.refused > DOCUMENTS / 8);
    CHECK(tally.accepted > DOCUMENTS / 40); /* damage inside of strings and numbers */
    dc_buf_done(&out);
}

/* What comes out of the wire form is, for jansson, what went in. */
static void the_wire_form_says_the_same(void) {
    struct dc_buf out;
    unsigned wrong = 0, compared = 0;
    struct maker m = {.random = {55555}, .out = &out};
    dc_buf_init(&out, dc_alloc_libc);
    for (int i = 0; i < DOCUMENTS / 10; i++) {
        struct dc_buf once, twice;
        struct dc_report report;
        struct dc_error err;
        json_error_t error;
        maker_document(&m);
        if (aid_rewrite(out.data, out.len, &once, &err) < 0)
            continue;
        compared++;
        bool good = aid_rewrite(once.data, once.len, &twice, &err) == 0 &&
                    twice.len == once.len && memcmp(once.data, twice.data, once.len) == 0;
        json_t *json = load(&once, JSON_REJECT_DUPLICATES, &error);
        good = good && json && root_of(json) && conforms(json, root_of(json));
        if (good && aid_read(&report, once.data, once.len, &err) == 0) {
            good = same_record(report.root, report.declared, json);
            dc_report_done(&report);
        }
        if (!good && ++wrong < 10)
            unit_bytes("text", out.data, out.len);
        json_decref(json);
        dc_buf_done(&once);
        dc_buf_done(&twice);
    }
    CHECK_EQ_U64(wrong, 0);
    CHECK(compared > DOCUMENTS / 20);
    dc_buf_done(&out);
}

int main(void) {
    UNIT_RUN(whole_documents_hold_the_same_values);
    UNIT_RUN(broken_documents_are_refused_alike);
    UNIT_RUN(the_wire_form_says_the_same);
    return unit_done();
}

#include "lib/reader_private.h"

#include <string.h>

static const struct dc_type *unknown_choice(struct dc_reader *reader,
                                            const struct dc_type *type, const char *at,
                                            struct dc_span name) {
    dc_reader_fail(reader, at, DC_EVARIANT, "unknown %s \"%.*s\" (%s)",
                   type->tag ? type->tag : "name", (int)(name.len < 40 ? name.len : 40),
                   name.p, type->name);
    return NULL;
}

static const struct dc_type *choice_of(struct dc_reader *reader,
                                       const struct dc_type *type, const char *at,
                                       struct dc_string_token name) {
    const struct dc_type *choice = dc_schema_choice_raw(type, name.raw);
    return choice ? choice : unknown_choice(reader, type, at, name.raw);
}

/* The choice that the tag of a tagged union names; NULL: fault. */
const struct dc_type *dc_reader_choose(struct dc_reader *reader,
                                       const struct dc_type *type) {
    struct dc_lex ahead = reader->lex;
    struct dc_string_token value;
    int found = dc_reader_find_tag(reader, &ahead, type->tag);
    if (found == 0)
        dc_reader_fail(reader, reader->lex.pos, DC_EMISSING,
                       "the required member \"%s\" is missing (%s)", type->tag,
                       type->name);
    if (found <= 0)
        return NULL;
    dc_reader_push_name(reader, (struct dc_span){type->tag, strlen(type->tag)});
    int c = dc_lex_peek(&ahead);
    const char *at = ahead.pos;
    if (c != '"') {
        dc_reader_wrong_type(reader, at, "a string");
        return NULL;
    }
    if (dc_reader_located(reader, dc_lex_string(&ahead, &value)) < 0)
        return NULL;
    const struct dc_type *choice = choice_of(reader, type, at, value);
    if (choice)
        dc_reader_pop(reader);
    return choice;
}

/* ---- unions without a tag ---- */

/* "CHOICE" */
static const struct dc_rec *read_bare(struct dc_reader *reader,
                                      const struct dc_type *type) {
    struct dc_string_token name;
    const char *at = reader->lex.pos;
    if (dc_reader_located(reader, dc_lex_string(&reader->lex, &name)) < 0)
        return NULL;
    const struct dc_type *choice = choice_of(reader, type, at, name);
    if (!choice)
        return NULL;
    if (choice->n_fields == 0)
        return dc_reader_unit(reader, choice, at);
    dc_reader_fail(reader, at, DC_ETYPE, "expected {\"%s\": {...}}, found the bare name",
                   choice->tag_value);
    return NULL;
}

/* What stands behind {"CHOICE": */
static const struct dc_rec *read_choice(struct dc_reader *reader,
                                        const struct dc_type *choice) {
    if (choice->n_fields > 0)
        return dc_read_record(reader, choice);
    if (dc_lex_peek(&reader->lex) != 'n') {
        dc_reader_wrong_type(reader, reader->lex.pos, "null");
        return NULL;
    }
    const char *at = reader->lex.pos;
    if (dc_reader_located(reader, dc_lex_word(&reader->lex, "null")) < 0)
        return NULL;
    return dc_reader_unit(reader, choice, at);
}

const struct dc_rec *dc_reader_union(struct dc_reader *reader,
                                     const struct dc_type *type) {
    struct dc_string_token name;
    int c = dc_lex_peek(&reader->lex);
    const char *at = reader->lex.pos;
    if (c == '"')
        return read_bare(reader, type);
    if (c != '{') {
        dc_reader_wrong_type(reader, at, "a string or an object");
        return NULL;
    }
    if (dc_reader_located(reader, dc_lex_open(&reader->lex, '{')) < 0 ||
        dc_reader_located(reader, dc_lex_key(&reader->lex, &name)) < 0)
        return NULL;
    dc_reader_push_name(reader, name.raw);
    const struct dc_type *choice = choice_of(reader, type, name.raw.p - 1, name);
    const struct dc_rec *rec = choice ? read_choice(reader, choice) : NULL;
    if (!rec)
        return NULL;
    dc_reader_pop(reader);
    if (dc_lex_peek(&reader->lex) == ',') {
        dc_reader_fail(reader, reader->lex.pos, DC_ETYPE,
                       "expected an object of one member, found more");
        return NULL;
    }
    return dc_reader_located(reader, dc_lex_more(&reader->lex, '}', false)) < 0 ? NULL
                                                                                : rec;
}

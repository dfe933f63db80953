#include "lib/reader_private.h"

#include "lib/number.h"

#include <string.h>

void dc_reader_init(struct dc_reader *reader, const char *text, size_t len,
                    struct dc_arena *arena, struct dc_error *err) {
    dc_lex_init(&reader->lex, text, len, err);
    reader->arena = arena;
    reader->faults = NULL;
    reader->n_faults = 0;
    reader->strict = false;
    reader->assume_single = false;
    reader->unknown = 0;
    reader->n_steps = 0;
    reader->places = (struct dc_tag_places){.tag = NULL};
}

/* ---- scalars ---- */

int dc_reader_no_memory(struct dc_reader *reader) {
    dc_arena_fail(reader->arena, reader->lex.err);
    dc_reader_locate(reader);
    return -1;
}

static const char *kind_words(enum dc_kind kind) {
    static const char *const words[] = {
        [DC_BOOL] = "true or false",
        [DC_U8] = "an unsigned 8-bit integer",
        [DC_U32] = "an unsigned 32-bit integer",
        [DC_U64] = "an unsigned 64-bit integer",
        [DC_I32] = "a signed 32-bit integer",
        [DC_I64] = "a signed 64-bit integer",
        [DC_F64] = "a number",
        [DC_STRING] = "a string",
        [DC_RECORD] = "an object",
        [DC_ANY] = "a value",
    };
    return words[kind];
}

static bool fits(enum dc_kind kind, struct dc_span text, union dc_slot *value) {
    switch (kind) {
    case DC_U8:
        return dc_parse_u64(text, &value->u) == 0 && value->u <= UINT8_MAX;
    case DC_U32:
        return dc_parse_u64(text, &value->u) == 0 && value->u <= UINT32_MAX;
    case DC_U64:
        return dc_parse_u64(text, &value->u) == 0;
    case DC_I32:
        return dc_parse_i64(text, &value->i) == 0 && value->i >= INT32_MIN &&
               value->i <= INT32_MAX;
    default:
        return dc_parse_i64(text, &value->i) == 0;
    }
}

/*
 * Integers as they mostly are: a few digits with a comma or a bracket behind them. Reports
 * hold millions of them. false: not one of those, nothing has been read.
 */
static bool read_short(struct dc_lex *lex, enum dc_kind kind, union dc_slot *value) {
    enum { FEW = 18 }; /* digits that cannot overflow */
    const char *p = lex->pos, *end = lex->end - p > FEW ? p + FEW : lex->end;
    uint64_t v = 0;
    uint64_t most = kind == DC_U8    ? UINT8_MAX
                    : kind == DC_U32 ? UINT32_MAX
                    : kind == DC_I32 ? INT32_MAX
                                     : INT64_MAX;
    if (kind == DC_F64)
        return false;
    while (p < end && *p >= '0' && *p <= '9')
        v = v * 10 + (uint64_t)(*p++ - '0');
    size_t digits = (size_t)(p - lex->pos);
    if (digits == 0 || p == lex->end || (*p != ',' && *p != ']' && *p != '}') ||
        (digits > 1 && *lex->pos == '0') || v > most)
        return false;
    value->u = v;
    lex->pos = p;
    return true;
}

static int read_number(struct dc_reader *reader, enum dc_kind kind,
                       union dc_slot *value) {
    struct dc_number_token number;
    const char *at = reader->lex.pos;
    if (read_short(&reader->lex, kind, value))
        return 0;
    int c = dc_lex_peek(&reader->lex);
    if (c != '-' && (c < '0' || c > '9'))
        return dc_reader_wrong_type(reader, at, kind_words(kind));
    if (dc_reader_located(reader, dc_lex_number(&reader->lex, &number)) < 0)
        return -1;
    if (kind == DC_F64)
        return dc_parse_f64(number.raw, &value->f);
    if (!number.integer || !fits(kind, number.raw, value))
        return dc_reader_wrong_type(reader, at, kind_words(kind));
    return 0;
}

static int read_bool(struct dc_reader *reader, union dc_slot *value) {
    int c = dc_lex_peek(&reader->lex);
    if (c != 't' && c != 'f')
        return dc_reader_wrong_type(reader, reader->lex.pos, kind_words(DC_BOOL));
    value->u = c == 't';
    return dc_reader_located(reader,
                             dc_lex_word(&reader->lex, c == 't' ? "true" : "false"));
}

static int keep(struct dc_reader *reader, const char *p, size_t len,
                const struct dc_str **out) {
    struct dc_str *str = dc_arena_get(reader->arena, sizeof(*str));
    if (!str)
        return dc_reader_no_memory(reader);
    *str = (struct dc_str){p, len};
    *out = str;
    return 0;
}

static int read_string(struct dc_reader *reader, union dc_slot *value) {
    struct dc_string_token token;
    if (dc_lex_peek(&reader->lex) != '"')
        return dc_reader_wrong_type(reader, reader->lex.pos, kind_words(DC_STRING));
    if (dc_reader_located(reader, dc_lex_string(&reader->lex, &token)) < 0)
        return -1;
    if (!token.escaped)
        return keep(reader, token.raw.p, token.raw.len, &value->str);
    char *text = dc_arena_get(reader->arena, token.raw.len);
    if (!text)
        return dc_reader_no_memory(reader);
    return keep(reader, text, dc_unescape(token.raw, text), &value->str);
}

static int read_any(struct dc_reader *reader, union dc_slot *value) {
    struct dc_span span;
    if (dc_reader_located(reader, dc_lex_skip(&reader->lex, &span)) < 0)
        return -1;
    return keep(reader, span.p, span.len, &value->any);
}

/* ---- going on after a fault ---- */

/* Where a value begins, so that it can be passed over. */
struct restart {
    const char *pos;
    unsigned depth;
    size_t n_steps;
};

static struct restart restart_here(const struct dc_reader *reader) {
    return (struct restart){reader->lex.pos, reader->lex.depth, reader->n_steps};
}

static void tell(struct dc_reader *reader, const struct dc_error *fault) {
    reader->n_faults++;
    reader->faults->add(reader->faults->ctx, fault);
}

/* Tells of a fault behind which the reader can go on. 0, or -1 where it is to end. */
static int tolerate(struct dc_reader *reader) {
    if (!reader->faults)
        return -1;
    tell(reader, reader->lex.err);
    return 0;
}

static bool is_of_meaning(enum dc_code code) {
    return code == DC_ETYPE || code == DC_EMISSING || code == DC_EDUPLICATE ||
           code == DC_EUNKNOWN || code == DC_EVARIANT;
}

/* After a fault in the value at `from`: passes over it, where its syntax allows that. */
static int recover(struct dc_reader *reader, struct restart from) {
    if (!reader->faults || !is_of_meaning(reader->lex.err->code))
        return -1;
    struct dc_error fault = *reader->lex.err;
    reader->lex.pos = from.pos;
    reader->lex.depth = from.depth;
    reader->n_steps = from.n_steps;
    if (dc_reader_located(reader, dc_lex_skip(&reader->lex, NULL)) == 0) {
        *reader->lex.err = fault;
        return tolerate(reader);
    }
    /* A second fault, which ends the reading and is told by the caller, or the same. */
    const struct dc_error *end = reader->lex.err;
    if (fault.line != end->line || fault.column != end->column)
        tell(reader, &fault);
    return -1;
}

/* ---- lists ---- */

static int read_one(struct dc_reader *reader, const struct dc_field *field,
                    union dc_slot *value);

static int read_element(struct dc_reader *reader, const struct dc_field *field,
                        union dc_slot *value) {
    bool null = dc_lex_peek(&reader->lex) == 'n';
    if (!null || field->shape != DC_HOLES)
        return read_one(reader, field, value);
    value->rec = NULL;
    return dc_reader_located(reader, dc_lex_word(&reader->lex, "null"));
}

static int read_elements(struct dc_reader *reader, const struct dc_field *field,
                         struct dc_list *list) {
    int more;
    while ((more = dc_lex_more(&reader->lex, ']', list->count == 0)) > 0) {
        union dc_slot value = {.u = 0};
        dc_reader_push_index(reader, list->count);
        struct restart restart = restart_here(reader);
        if (read_element(reader, field, &value) < 0 && recover(reader, restart) < 0)
            return -1;
        if (dc_list_add(list, reader->arena, value) < 0)
            return dc_reader_no_memory(reader);
        dc_reader_pop(reader);
    }
    return dc_reader_located(reader, more);
}

static int read_list(struct dc_reader *reader, const struct dc_field *field,
                     union dc_slot *value) {
    enum { TEN = 10 };
    if (dc_lex_peek(&reader->lex) != '[')
        return dc_reader_wrong_type(reader, reader->lex.pos, "an array");
    const char *at = reader->lex.pos;
    struct dc_list *list = dc_arena_get(reader->arena, sizeof(*list));
    if (!list)
        return dc_reader_no_memory(reader);
    *list = (struct dc_list){.kind = field->kind};
    if (dc_reader_located(reader, dc_lex_open(&reader->lex, '[')) < 0 ||
        read_elements(reader, field, list) < 0)
        return -1;
    if (field->shape == DC_LIST_OF_10 && list->count != TEN)
        return dc_reader_fail(reader, at, DC_ETYPE,
                              "expected an array of exactly %d elements, found %zu", TEN,
                              list->count);
    value->list = list;
    return 0;
}

/* ---- records ---- */

static int read_one(struct dc_reader *reader, const struct dc_field *field,
                    union dc_slot *value) {
    switch (field->kind) {
    case DC_BOOL:
        return read_bool(reader, value);
    case DC_STRING:
        return read_string(reader, value);
    case DC_ANY:
        return read_any(reader, value);
    case DC_RECORD:
        value->rec = dc_read_record(reader, field->type);
        return value->rec ? 0 : -1;
    default:
        return read_number(reader, field->kind, value);
    }
}

static bool may_be_null(const struct dc_field *field) {
    return field->rule == DC_OPTIONAL || field->rule == DC_NULLED ||
           field->rule == DC_LAST;
}

/* The value behind a known name. 1: it is there; 0: null that means none; -1: fault. */
static int read_member(struct dc_reader *reader, const struct dc_field *field,
                       union dc_slot *value) {
    if (dc_lex_peek(&reader->lex) == 'n' && may_be_null(field))
        return dc_reader_located(reader, dc_lex_word(&reader->lex, "null"));
    int rc = field->shape == DC_ONE ? read_one(reader, field, value)
                                    : read_list(reader, field, value);
    return rc < 0 ? -1 : 1;
}

/* A record while it is being read. */
struct draft {
    const struct dc_type *type;
    const char *tag; /* the tag of the union it is a choice of, or NULL */
    uint32_t seen;   /* fields whose name stood there, null ones too */
    uint32_t set;
    bool tag_seen, unknown;
    union dc_slot slots[DC_MAX_FIELDS];
};

static bool is_tag(const struct draft *draft, struct dc_string_token key) {
    struct dc_span tag = {draft->tag, draft->tag ? strlen(draft->tag) : 0};
    return draft->tag && dc_compare_raw(key.raw, tag) == 0;
}

static int read_unknown(struct dc_reader *reader, struct draft *draft, const char *at) {
    if (reader->strict)
        return dc_reader_fail(reader, at, DC_EUNKNOWN,
                              "unknown member (%s), which --strict refuses",
                              draft->type->name);
    draft->unknown = true;
    reader->unknown++;
    return dc_reader_located(reader, dc_lex_skip(&reader->lex, NULL));
}

static int twice(struct dc_reader *reader, const char *at) {
    return dc_reader_fail(reader, at, DC_EDUPLICATE, "this member stands twice");
}

static int read_named(struct dc_reader *reader, struct draft *draft,
                      struct dc_string_token key, int *field) {
    const char *at = key.raw.p - 1;
    if (is_tag(draft, key)) {
        if (draft->tag_seen)
            return twice(reader, at);
        draft->tag_seen = true;
        return dc_reader_located(reader, dc_lex_skip(&reader->lex, NULL));
    }
    int found = dc_schema_find_raw(draft->type, key.raw, (size_t)*field);
    if (found < 0)
        return read_unknown(reader, draft, at);
    if (draft->seen >> found & 1)
        return twice(reader, at);
    *field = found + 1;
    draft->seen |= (uint32_t)1 << found;
    int rc = read_member(reader, &draft->type->fields[found], &draft->slots[found]);
    draft->set |= rc > 0 ? (uint32_t)1 << found : 0;
    return rc < 0 ? -1 : 0;
}

static bool is_required(const struct dc_reader *reader, const struct dc_type *type,
                        const struct dc_field *field) {
    if (field->rule == DC_TAG)
        return !reader->assume_single || type != &dc_type_SINGLE;
    return field->rule == DC_REQUIRED || field->rule == DC_VALUE;
}

/* Of the members with the rule DC_EITHER one and no other must be there. */
static int check_either(struct dc_reader *reader, const struct draft *draft,
                        const char *at) {
    const char *names[2] = {NULL, NULL};
    size_t n = 0, seen = 0;
    for (size_t i = 0; i < draft->type->n_fields; i++) {
        const struct dc_field *field = &draft->type->fields[i];
        if (field->rule != DC_EITHER)
            continue;
        bool there = draft->seen >> i & 1;
        /* Those that are there are named first. */
        names[there ? (seen < 2 ? seen : 1) : (n < 2 ? n : 1)] = field->name;
        n++;
        seen += there;
    }
    if (n == 0 || seen == 1)
        return 0;
    if (seen == 0)
        dc_reader_fail(reader, at, DC_EMISSING,
                       "one of the members \"%s\" and \"%s\" must be there (%s)",
                       names[0], names[1], draft->type->name);
    else
        dc_reader_fail(reader, at, DC_EDUPLICATE,
                       "of the members \"%s\" and \"%s\" only one may be there (%s)",
                       names[0], names[1], draft->type->name);
    return tolerate(reader);
}

static int check_required(struct dc_reader *reader, const struct draft *draft,
                          const char *at) {
    for (size_t i = 0; i < draft->type->n_fields; i++) {
        const struct dc_field *field = &draft->type->fields[i];
        /* One that was there and had a fault has been told of. */
        if (!is_required(reader, draft->type, field) || (draft->seen >> i & 1))
            continue;
        /* Of those without a tag only the oldest reports are known. */
        bool oldest = field->rule == DC_TAG && draft->type == &dc_type_SINGLE;
        dc_reader_fail(reader, at, DC_EMISSING,
                       "the required member \"%s\" is missing (%s)%s", field->name,
                       draft->type->name,
                       oldest ? "; the oldest reports have none: --assume-single reads "
                                "them"
                              : "");
        if (tolerate(reader) < 0)
            return -1;
    }
    return check_either(reader, draft, at);
}

static const struct dc_rec *finish(struct dc_reader *reader, const struct draft *draft,
                                   const char *at) {
    size_t n = (size_t)__builtin_popcount(draft->set), used = 0;
    struct dc_rec *rec =
        dc_arena_get(reader->arena, sizeof(*rec) + n * sizeof(union dc_slot));
    if (!rec) {
        dc_reader_no_memory(reader);
        return NULL;
    }
    rec->type = draft->type;
    rec->set = draft->set | (uint32_t)draft->unknown << DC_MAX_FIELDS;
    rec->at = (uint32_t)(at - reader->lex.start);
    for (size_t i = 0; i < draft->type->n_fields; i++)
        if (draft->set >> i & 1)
            rec->slots[used++] = draft->slots[i];
    return rec;
}

static int read_members(struct dc_reader *reader, struct draft *draft) {
    int more, field = 0;
    struct dc_string_token key;
    bool first = true;
    if (dc_reader_located(reader, dc_lex_open(&reader->lex, '{')) < 0)
        return -1;
    while ((more = dc_lex_more(&reader->lex, '}', first)) > 0) {
        if (dc_reader_located(reader, dc_lex_key(&reader->lex, &key)) < 0)
            return -1;
        dc_reader_push_name(reader, key.raw);
        struct restart restart = restart_here(reader);
        if (read_named(reader, draft, key, &field) < 0 && recover(reader, restart) < 0)
            return -1;
        dc_reader_pop(reader);
        first = false;
    }
    return dc_reader_located(reader, more);
}

static const struct dc_rec *read_object(struct dc_reader *reader,
                                        const struct dc_type *type) {
    int c = dc_lex_peek(&reader->lex);
    const char *at = reader->lex.pos;
    struct draft draft;
    draft.tag = type->tag;
    draft.seen = draft.set = 0;
    draft.tag_seen = draft.unknown = false;
    if (c != '{') {
        dc_reader_wrong_type(reader, at, kind_words(DC_RECORD));
        return NULL;
    }
    draft.type = type->tag ? dc_reader_choose(reader, type) : type;
    if (!draft.type || read_members(reader, &draft) < 0 ||
        check_required(reader, &draft, at) < 0)
        return NULL;
    return finish(reader, &draft, at);
}

const struct dc_rec *dc_reader_unit(struct dc_reader *reader, const struct dc_type *type,
                                    const char *at) {
    struct draft draft = {.type = type};
    return finish(reader, &draft, at);
}

const struct dc_rec *dc_read_record(struct dc_reader *reader,
                                    const struct dc_type *type) {
    bool named = type->choices && !type->tag;
    return named ? dc_reader_union(reader, type) : read_object(reader, type);
}

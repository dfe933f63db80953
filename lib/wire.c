#include "lib/wire.h"

#include "lib/members.h"
#include "lib/number.h"

#include <string.h>

static int write_record(const struct dc_wire *wire, const struct dc_rec *rec,
                        const struct dc_type *declared);

/* ---- what may be left out ---- */

bool dc_wire_is_default(const struct dc_field *field, const union dc_slot *slot) {
    if (field->shape != DC_ONE)
        return slot->list->count == 0;
    switch (field->kind) {
    case DC_STRING:
        return slot->str->len == 0;
    case DC_F64:
        return slot->f == 0;
    case DC_ANY:
        return false;
    case DC_RECORD: {
        const struct dc_rec *rec = slot->rec;
        if (dc_has_unknown(rec))
            return false;
        for (size_t i = 0; i < rec->type->n_fields; i++) {
            const union dc_slot *inner = dc_slot(rec, (int)i);
            if (inner && !dc_wire_is_default(&rec->type->fields[i], inner))
                return false;
        }
        return true;
    }
    default:
        return slot->u == 0;
    }
}

bool dc_wire_omits(const struct dc_field *field, const union dc_slot *slot) {
    switch (field->rule) {
    case DC_DEFAULTED:
        return !slot || dc_wire_is_default(field, slot);
    case DC_OPTIONAL:
    case DC_LAST:
    case DC_EITHER:
        return !slot;
    default:
        return false;
    }
}

/* ---- values ---- */

/* A default that is always written, or a null that is. */
static void write_absent(const struct dc_wire *wire, const struct dc_field *field) {
    struct dc_writer *w = wire->w;
    if (field->rule == DC_NULLED) {
        dc_write_null(w);
    } else if (field->shape != DC_ONE) {
        dc_write_open(w, '[');
        dc_write_close(w, ']');
    } else if (field->kind == DC_BOOL) {
        dc_write_bool(w, false);
    } else if (field->kind == DC_STRING) {
        dc_write_string(w, "", 0);
    } else {
        dc_write_u64(w, 0);
    }
}

static int write_one(const struct dc_wire *wire, const struct dc_field *field,
                     union dc_slot slot) {
    struct dc_writer *w = wire->w;
    switch (field->kind) {
    case DC_BOOL:
        dc_write_bool(w, slot.u);
        break;
    case DC_I32:
    case DC_I64:
        dc_write_i64(w, slot.i);
        break;
    case DC_F64:
        dc_write_f64(w, slot.f);
        break;
    case DC_STRING:
        dc_write_string(w, slot.str->p, slot.str->len);
        break;
    case DC_ANY: {
        struct dc_span span = {slot.any->p, slot.any->len};
        return dc_wire_write_any(w, span, wire->alloc, wire->err);
    }
    case DC_RECORD:
        return write_record(wire, slot.rec, field->type);
    default:
        dc_write_u64(w, slot.u);
    }
    return 0;
}

int dc_wire_write_element(const struct dc_wire *wire, const struct dc_field *field,
                          union dc_slot slot) {
    bool null = field->kind == DC_RECORD && !slot.rec;
    if (!null)
        return write_one(wire, field, slot);
    dc_write_null(wire->w);
    return 0;
}

static int write_list(const struct dc_wire *wire, const struct dc_field *field,
                      const struct dc_list *list) {
    dc_write_open(wire->w, '[');
    for (struct dc_list_walk walk = dc_list_walk(list); dc_list_next(&walk);)
        if (dc_wire_write_element(wire, field, walk.value) < 0)
            return -1;
    dc_write_close(wire->w, ']');
    return 0;
}

int dc_wire_write_field(const struct dc_wire *wire, const struct dc_rec *rec, size_t i) {
    const struct dc_field *field = &rec->type->fields[i];
    const union dc_slot *slot = dc_slot(rec, (int)i);
    if (field->rule == DC_TAG) {
        dc_write_text(wire->w, rec->type->tag_value);
        return 0;
    }
    if (!slot) {
        write_absent(wire, field);
        return 0;
    }
    if (field->shape != DC_ONE)
        return write_list(wire, field, slot->list);
    return write_one(wire, field, *slot);
}

/* ---- unknown members ---- */

int dc_wire_fail_twice(struct dc_error *err, struct dc_span name) {
    return dc_fail(err, DC_EDUPLICATE,
                   "the unknown member \"%.*s\" stands twice in one object, and a JSON "
                   "Patch cannot tell the two apart",
                   (int)(name.len < 60 ? name.len : 60), name.p);
}

static int check_names(const struct dc_wire *wire, struct dc_lex *lex);

static int check_object(const struct dc_wire *wire, struct dc_lex *lex) {
    struct dc_members members;
    struct dc_span rest = {lex->pos, (size_t)(lex->end - lex->pos)}, before = {NULL, 0};
    int rc =
        dc_members_collect(&members, wire->alloc, rest.p, rest, NULL, NULL, wire->err);
    for (size_t i = 0; rc == 0 && i < members.count; i++) {
        struct dc_span name;
        struct dc_lex value;
        dc_members_enter(&members, i, &name, &value);
        if (i > 0 && dc_compare_raw(before, name) == 0)
            rc = dc_wire_fail_twice(wire->err, name);
        else
            rc = check_names(wire, &value);
        before = name;
    }
    lex->pos = members.end;
    dc_members_done(&members);
    return rc;
}

/* All names in the value before the lexer, which is moved behind it. */
static int check_names(const struct dc_wire *wire, struct dc_lex *lex) {
    int c = dc_lex_peek(lex);
    if (c == '{')
        return check_object(wire, lex);
    if (c != '[' || dc_lex_open(lex, '[') < 0) {
        dc_lex_pass(lex, NULL);
        return 0;
    }
    for (bool first = true; dc_lex_more(lex, ']', first) > 0; first = false)
        if (check_names(wire, lex) < 0)
            return -1;
    return 0;
}

int dc_wire_write_unknown(const struct dc_wire *wire, struct dc_span value) {
    struct dc_lex lex;
    dc_lex_init(&lex, value.p, value.len, NULL);
    if (wire->unique && check_names(wire, &lex) < 0)
        return -1;
    dc_write_value(wire->w, value);
    return 0;
}

static int write_unknown(const struct dc_wire *wire, const struct dc_rec *rec,
                         const struct dc_type *declared) {
    struct dc_known known = {rec->type, declared};
    struct dc_members members;
    struct dc_span object = {wire->text + rec->at, wire->len - rec->at};
    int rc = dc_members_collect(&members, wire->alloc, wire->text, object,
                                dc_members_unknown, &known, wire->err);
    struct dc_span before = {NULL, 0};
    for (size_t i = 0; rc == 0 && i < members.count; i++) {
        struct dc_member member = dc_members_get(&members, i);
        if (wire->unique && i > 0 && dc_compare_raw(before, member.name) == 0) {
            rc = dc_wire_fail_twice(wire->err, member.name);
            break;
        }
        dc_write_raw_name(wire->w, member.name);
        rc = dc_wire_write_unknown(wire, member.value);
        before = member.name;
    }
    dc_members_done(&members);
    return rc;
}

static int write_field(const struct dc_wire *wire, const struct dc_rec *rec, size_t i) {
    const struct dc_field *field = &rec->type->fields[i];
    if (dc_wire_omits(field, dc_slot(rec, (int)i)))
        return 0;
    dc_write_name(wire->w, field->name);
    return dc_wire_write_field(wire, rec, i);
}

static int write_fields(const struct dc_wire *wire, const struct dc_rec *rec, bool last) {
    for (size_t i = 0; i < rec->type->n_fields; i++)
        if ((rec->type->fields[i].rule == DC_LAST) == last &&
            write_field(wire, rec, i) < 0)
            return -1;
    return 0;
}

static int write_object(const struct dc_wire *wire, const struct dc_rec *rec,
                        const struct dc_type *declared) {
    dc_write_open(wire->w, '{');
    if (declared->tag) {
        dc_write_name(wire->w, declared->tag);
        dc_write_text(wire->w, rec->type->tag_value);
    }
    if (write_fields(wire, rec, false) < 0 ||
        (dc_has_unknown(rec) && write_unknown(wire, rec, declared) < 0) ||
        write_fields(wire, rec, true) < 0)
        return -1;
    dc_write_close(wire->w, '}');
    return 0;
}

/* `declared` is the field's type: a union, or the record's own type. */
static int write_record(const struct dc_wire *wire, const struct dc_rec *rec,
                        const struct dc_type *declared) {
    if (!declared->choices || declared->tag)
        return write_object(wire, rec, declared);
    if (rec->type->n_fields == 0) {
        dc_write_text(wire->w, rec->type->tag_value);
        return 0;
    }
    dc_write_open(wire->w, '{');
    dc_write_name(wire->w, rec->type->tag_value);
    int rc = write_object(wire, rec, declared);
    dc_write_close(wire->w, '}');
    return rc;
}

int dc_wire_write(struct dc_writer *w, const struct dc_rec *rec,
                  const struct dc_type *declared, const char *text, size_t len,
                  struct dc_alloc alloc, struct dc_error *err) {
    struct dc_wire wire = {w, text, len, alloc, false, err};
    return write_record(&wire, rec, declared);
}

/* ---- free JSON ---- */

static void write_any_number(struct dc_writer *w, struct dc_number_token number,
                             bool exact) {
    uint64_t u;
    int64_t i;
    double f;
    bool kept = number.integer && exact;
    if (!kept && number.integer && dc_parse_u64(number.raw, &u) == 0)
        dc_write_u64(w, u);
    else if (!kept && number.integer && dc_parse_i64(number.raw, &i) == 0)
        dc_write_i64(w, i);
    else if (!kept && dc_parse_f64(number.raw, &f) == 0)
        dc_write_f64(w, f);
    else
        dc_write_number_text(w, number.raw);
}

/* A value that has been checked, and where its memory comes from. */
struct any {
    struct dc_writer *w;
    bool exact; /* integers as they stand, however large */
    struct dc_alloc alloc;
    struct dc_error *err;
};

static int write_any(struct any *any, struct dc_lex *lex);

/* Whether another member of the same name follows: the last one counts. */
static bool is_overridden(const struct dc_members *members, size_t i,
                          struct dc_span name) {
    struct dc_span after;
    struct dc_lex lex;
    if (i + 1 == members->count)
        return false;
    dc_members_enter(members, i + 1, &after, &lex);
    return dc_compare_raw(name, after) == 0;
}

static int write_any_object(struct any *any, struct dc_lex *lex) {
    struct dc_members members;
    struct dc_span rest = {lex->pos, (size_t)(lex->end - lex->pos)};
    dc_write_open(any->w, '{');
    int rc = dc_members_collect(&members, any->alloc, rest.p, rest, NULL, NULL, any->err);
    for (size_t i = 0; rc == 0 && i < members.count; i++) {
        struct dc_span name;
        struct dc_lex value;
        dc_members_enter(&members, i, &name, &value);
        if (is_overridden(&members, i, name))
            continue;
        dc_write_raw_name(any->w, name);
        rc = write_any(any, &value);
    }
    lex->pos = members.end;
    dc_members_done(&members);
    dc_write_close(any->w, '}');
    return rc;
}

static int write_any_array(struct any *any, struct dc_lex *lex) {
    dc_write_open(any->w, '[');
    int more = dc_lex_open(lex, '[');
    for (bool first = true; more >= 0; first = false) {
        more = dc_lex_more(lex, ']', first);
        if (more <= 0)
            break;
        if (write_any(any, lex) < 0)
            return -1;
    }
    dc_write_close(any->w, ']');
    return 0;
}

/* The value before the lexer, which is moved behind it. */
static int write_any(struct any *any, struct dc_lex *lex) {
    struct dc_number_token number;
    struct dc_span scalar;
    int c = dc_lex_peek(lex);
    if (c == '{')
        return write_any_object(any, lex);
    if (c == '[')
        return write_any_array(any, lex);
    if (c == '-' || (c >= '0' && c <= '9')) {
        if (dc_lex_number(lex, &number) == 0)
            write_any_number(any->w, number, any->exact);
    } else {
        dc_lex_pass(lex, &scalar);
        dc_write_value(any->w, scalar);
    }
    return 0;
}

static int write_any_text(struct any *any, struct dc_span value) {
    struct dc_lex lex;
    dc_lex_init(&lex, value.p, value.len, NULL);
    return write_any(any, &lex);
}

int dc_wire_write_any(struct dc_writer *w, struct dc_span value, struct dc_alloc alloc,
                      struct dc_error *err) {
    struct any any = {.w = w, .alloc = alloc, .err = err};
    return write_any_text(&any, value);
}

int dc_wire_write_meaning(struct dc_writer *w, struct dc_span value,
                          struct dc_alloc alloc, struct dc_error *err) {
    struct any any = {.w = w, .exact = true, .alloc = alloc, .err = err};
    return write_any_text(&any, value);
}

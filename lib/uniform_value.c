#include "lib/uniform.h"

static void write_integer(struct dc_writer *w, int64_t value, bool exact) {
    (exact ? dc_write_i64 : dc_write_signed_count)(w, value);
}

static void write_unsigned(struct dc_writer *w, uint64_t value, bool exact) {
    (exact ? dc_write_u64 : dc_write_count)(w, value);
}

static void write_str(struct dc_writer *w, struct dc_str s) {
    dc_write_string(w, s.p, s.len);
}

static void write_named_str(struct dc_writer *w, const char *name, struct dc_str s) {
    if (!s.p)
        return;
    dc_write_name(w, name);
    write_str(w, s);
}

/* ---- rendered values ---- */

/* An unsigned enum keeps its bit pattern in a signed field (wire-format 5). */
static void write_enum(struct dc_writer *w, const struct dc_rec *value, bool exact) {
    struct dc_str name = dc_string(value, DC_AT_RV_ENUM_variant);
    int64_t number = dc_i64(value, DC_AT_RV_ENUM_value);
    dc_write_open(w, '{');
    dc_write_name(w, "name");
    if (name.p)
        write_str(w, name);
    else
        dc_write_null(w);
    dc_write_name(w, "value");
    if (dc_u64(value, DC_AT_RV_ENUM_is_signed))
        write_integer(w, number, exact);
    else
        write_unsigned(w, (uint64_t)number, exact);
    dc_write_close(w, '}');
}

/* Members of an anonymous struct belong to the one around it, as in C. */
static void write_struct_members(struct dc_writer *w, const struct dc_rec *value,
                                 bool exact) {
    const struct dc_list *members = dc_list_of(value, DC_AT_RV_STRUCT_members);
    for (struct dc_list_walk walk = dc_list_walk(members); dc_list_next(&walk);) {
        struct dc_str name = dc_string(walk.value.rec, DC_AT_MEMBER_name);
        const struct dc_rec *inner = dc_record(walk.value.rec, DC_AT_MEMBER_value);
        if (name.len == 0 && inner->type == &dc_type_RV_STRUCT) {
            write_struct_members(w, inner, exact);
            continue;
        }
        dc_write_string_name(w, name.p, name.len);
        dc_uniform_value(w, inner, exact);
    }
}

static void write_struct(struct dc_writer *w, const struct dc_rec *value, bool exact) {
    dc_write_open(w, '{');
    write_struct_members(w, value, exact);
    dc_write_close(w, '}');
}

/* Where elements are missing, an object says how many there should be. */
static void write_array(struct dc_writer *w, const struct dc_rec *value, bool exact) {
    const struct dc_list *elements = dc_list_of(value, DC_AT_RV_ARRAY_elements);
    uint64_t len = dc_u64(value, DC_AT_RV_ARRAY_len);
    bool short_of = elements->count < len;
    if (short_of) {
        dc_write_open(w, '{');
        dc_write_name(w, "len");
        write_unsigned(w, len, exact);
        dc_write_name(w, "elements");
    }
    dc_write_open(w, '[');
    for (struct dc_list_walk walk = dc_list_walk(elements); dc_list_next(&walk);)
        dc_uniform_value(w, walk.value.rec, exact);
    dc_write_close(w, ']');
    if (short_of)
        dc_write_close(w, '}');
}

/* A pointer that nobody followed is its address alone. */
static void write_pointer(struct dc_writer *w, const struct dc_rec *value, bool exact) {
    const struct dc_rec *deref = dc_record(value, DC_AT_RV_PTR_deref);
    struct dc_str skipped = dc_string(value, DC_AT_RV_PTR_deref_skipped_reason);
    struct dc_str cast = dc_string(value, DC_AT_RV_PTR_cast_annotation);
    uint64_t address = dc_u64(value, DC_AT_RV_PTR_value);
    if (!deref && !skipped.p && !cast.p) {
        dc_write_address(w, address);
        return;
    }
    dc_write_open(w, '{');
    dc_write_name(w, "address");
    dc_write_address(w, address);
    if (deref) {
        dc_write_name(w, "deref");
        dc_uniform_value(w, deref, exact);
    }
    write_named_str(w, "deref_skipped_reason", skipped);
    write_named_str(w, "cast_annotation", cast);
    dc_write_close(w, '}');
}

static void write_truncated(struct dc_writer *w, const struct dc_rec *value, bool exact) {
    dc_write_open(w, '{');
    dc_write_name(w, "truncated");
    dc_write_open(w, '{');
    dc_write_name(w, "needed");
    write_unsigned(w, dc_u64(value, DC_AT_RV_TRUNCATED_needed), exact);
    dc_write_name(w, "had");
    write_unsigned(w, dc_u64(value, DC_AT_RV_TRUNCATED_had), exact);
    dc_write_close(w, '}');
    dc_write_name(w, "partial");
    dc_uniform_value(w, dc_record(value, DC_AT_RV_TRUNCATED_partial), exact);
    dc_write_close(w, '}');
}

static void write_unsupported(struct dc_writer *w, const struct dc_rec *value,
                              bool exact) {
    (void)exact;
    dc_write_open(w, '{');
    write_named_str(w, "unsupported", dc_string(value, DC_AT_RV_UNSUPPORTED_reason));
    dc_write_close(w, '}');
}

static void write_int(struct dc_writer *w, const struct dc_rec *value, bool exact) {
    write_integer(w, dc_i64(value, DC_AT_RV_INT_value), exact);
}

static void write_uint(struct dc_writer *w, const struct dc_rec *value, bool exact) {
    write_unsigned(w, dc_u64(value, DC_AT_RV_UINT_value), exact);
}

static void write_bool(struct dc_writer *w, const struct dc_rec *value, bool exact) {
    (void)exact;
    dc_write_bool(w, dc_u64(value, DC_AT_RV_BOOL_value));
}

static void write_char(struct dc_writer *w, const struct dc_rec *value, bool exact) {
    (void)exact;
    dc_write_u64(w, dc_u64(value, DC_AT_RV_CHAR_value));
}

static void write_float(struct dc_writer *w, const struct dc_rec *value, bool exact) {
    (void)exact;
    dc_write_f64(w, dc_slot(value, DC_AT_RV_FLOAT_value)->f);
}

static void write_cpu_list(struct dc_writer *w, const struct dc_rec *value, bool exact) {
    (void)exact;
    write_str(w, dc_string(value, DC_AT_RV_CPU_LIST_cpus));
}

static void write_bytes(struct dc_writer *w, const struct dc_rec *value, bool exact) {
    (void)exact;
    write_str(w, dc_string(value, DC_AT_RV_BYTES_hex));
}

void dc_uniform_value(struct dc_writer *w, const struct dc_rec *value,
                      bool exact_numbers) {
    static const struct {
        const struct dc_type *type;
        void (*write)(struct dc_writer *w, const struct dc_rec *value, bool exact);
    } kinds[] = {
        {&dc_type_RV_UINT, write_uint},
        {&dc_type_RV_INT, write_int},
        {&dc_type_RV_STRUCT, write_struct},
        {&dc_type_RV_PTR, write_pointer},
        {&dc_type_RV_ARRAY, write_array},
        {&dc_type_RV_BOOL, write_bool},
        {&dc_type_RV_ENUM, write_enum},
        {&dc_type_RV_CHAR, write_char},
        {&dc_type_RV_FLOAT, write_float},
        {&dc_type_RV_CPU_LIST, write_cpu_list},
        {&dc_type_RV_BYTES, write_bytes},
        {&dc_type_RV_TRUNCATED, write_truncated},
        {&dc_type_RV_UNSUPPORTED, write_unsupported},
    };
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (kinds[i].type == value->type) {
            kinds[i].write(w, value, exact_numbers);
            return;
        }
    }
}

/* ---- records of the tables ---- */

static void write_record(struct dc_writer *w, const struct dc_type *declared,
                         const struct dc_rec *rec, bool exact) {
    if (declared == &dc_type_RV) {
        dc_uniform_value(w, rec, exact);
        return;
    }
    if (declared->choices && !declared->tag) {
        dc_uniform_choice(w, rec, exact);
        return;
    }
    dc_write_open(w, '{');
    dc_uniform_members(w, rec, exact);
    dc_write_close(w, '}');
}

void dc_uniform_choice(struct dc_writer *w, const struct dc_rec *rec,
                       bool exact_numbers) {
    dc_write_open(w, '{');
    dc_write_name(w, "name");
    dc_write_text(w, rec->type->tag_value);
    dc_uniform_members(w, rec, exact_numbers);
    dc_write_close(w, '}');
}

static void write_one(struct dc_writer *w, const struct dc_field *field,
                      union dc_slot slot, bool exact) {
    bool hex = field->unit == DC_ADDRESS || field->unit == DC_BITMAP;
    switch (field->kind) {
    case DC_BOOL:
        dc_write_bool(w, slot.u);
        break;
    case DC_I32:
    case DC_I64:
        write_integer(w, slot.i, exact);
        break;
    case DC_F64:
        dc_write_f64(w, slot.f);
        break;
    case DC_STRING:
        write_str(w, *slot.str);
        break;
    case DC_ANY:
        dc_write_value(w, (struct dc_span){slot.any->p, slot.any->len});
        break;
    case DC_RECORD:
        if (slot.rec)
            write_record(w, field->type, slot.rec, exact);
        else
            dc_write_null(w);
        break;
    default:
        if (hex)
            dc_write_address(w, slot.u);
        else
            write_unsigned(w, slot.u, exact);
    }
}

static void write_list(struct dc_writer *w, const struct dc_field *field,
                       const struct dc_list *list, bool exact) {
    dc_write_open(w, '[');
    for (struct dc_list_walk walk = dc_list_walk(list); dc_list_next(&walk);)
        write_one(w, field, walk.value, exact);
    dc_write_close(w, ']');
}

static void write_default(struct dc_writer *w, const struct dc_field *field, bool exact) {
    static const struct dc_str empty = {"", 0};
    union dc_slot slot = {.u = 0};
    if (field->kind == DC_STRING)
        slot.str = &empty;
    write_one(w, field, slot, exact);
}

void dc_uniform_member(struct dc_writer *w, const struct dc_rec *rec, size_t i,
                       bool exact_numbers) {
    const struct dc_field *field = &rec->type->fields[i];
    const union dc_slot *slot = dc_slot(rec, (int)i);
    bool list = field->shape != DC_ONE;
    bool has_default = field->rule == DC_WRITTEN ||
                       (field->rule == DC_DEFAULTED && field->kind != DC_RECORD);
    if (!slot && !list && !has_default)
        return;
    dc_write_name(w, field->name);
    if (list)
        write_list(w, field, dc_list_of(rec, (int)i), exact_numbers);
    else if (slot)
        write_one(w, field, *slot, exact_numbers);
    else
        write_default(w, field, exact_numbers);
}

void dc_uniform_members(struct dc_writer *w, const struct dc_rec *rec,
                        bool exact_numbers) {
    for (size_t i = 0; i < rec->type->n_fields; i++)
        dc_uniform_member(w, rec, i, exact_numbers);
}

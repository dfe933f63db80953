#include "lib/schema.h"

#include <string.h>

/* In a text each byte of a name may be written as \u00NN. */
enum { LONGEST_RAW = 6 * DC_MAX_NAME };

/* A name from outside may hold NULs: it is no C string. */
static bool is_name(const char *have, const char *name, size_t len) {
    return strlen(have) == len && memcmp(have, name, len) == 0;
}

/* Resolves the escapes of `raw`. false: it is longer than every name of the tables. */
static bool resolve(struct dc_span raw, char text[LONGEST_RAW], size_t *len) {
    if (raw.len > LONGEST_RAW)
        return false;
    *len = dc_unescape(raw, text);
    return true;
}

const struct dc_type *dc_schema_choice(const struct dc_type *type, const char *name,
                                       size_t len) {
    for (size_t i = 0; i < type->n_choices; i++)
        if (is_name(type->choices[i]->tag_value, name, len))
            return type->choices[i];
    return NULL;
}

const struct dc_type *dc_schema_choice_raw(const struct dc_type *type,
                                           struct dc_span raw) {
    char text[LONGEST_RAW];
    size_t len;
    return resolve(raw, text, &len) ? dc_schema_choice(type, text, len) : NULL;
}

int dc_schema_find(const struct dc_type *type, const char *name, size_t len,
                   size_t hint) {
    for (size_t i = 0; i < type->n_fields; i++) {
        size_t at = (hint + i) % type->n_fields;
        if (is_name(type->fields[at].name, name, len))
            return (int)at;
    }
    return -1;
}

int dc_schema_find_raw(const struct dc_type *type, struct dc_span raw, size_t hint) {
    char text[LONGEST_RAW];
    size_t len;
    if (!memchr(raw.p, '\\', raw.len))
        return dc_schema_find(type, raw.p, raw.len, hint);
    return resolve(raw, text, &len) ? dc_schema_find(type, text, len, hint) : -1;
}

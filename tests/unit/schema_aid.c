#include "tests/unit/schema_aid.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_WAYS = 512 };

void aid_put(struct dc_buf *out, const char *fmt, ...) {
    char text[1024];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    if (n < 0 || (size_t)n >= sizeof(text))
        abort();
    dc_buf_add(out, text, (size_t)n);
}

bool aid_is_required(const struct dc_type *type, size_t i) {
    enum dc_rule rule = type->fields[i].rule;
    if (rule != DC_EITHER)
        return rule == DC_REQUIRED || rule == DC_TAG || rule == DC_VALUE;
    for (size_t k = 0; k < i; k++)
        if (type->fields[k].rule == DC_EITHER)
            return false;
    return true;
}

static void put_least_element(struct dc_buf *out, const struct dc_field *field) {
    switch (field->kind) {
    case DC_BOOL:
        dc_buf_text(out, "true"); /* shorter than false */
        break;
    case DC_STRING:
        dc_buf_text(out, "\"\"");
        break;
    case DC_RECORD:
        aid_put_record(out, field->type, NULL);
        break;
    default:
        dc_buf_text(out, "0");
    }
}

void aid_put_least(struct dc_buf *out, const struct dc_field *field) {
    if (field->shape == DC_LIST_OF_10)
        dc_buf_text(out, "[0,0,0,0,0,0,0,0,0,0]");
    else if (field->shape != DC_ONE)
        dc_buf_text(out, "[]");
    else
        put_least_element(out, field);
}

bool aid_put_required(struct dc_buf *out, const struct dc_type *type, int but) {
    bool any = false;
    for (size_t i = 0; i < type->n_fields; i++) {
        const struct dc_field *field = &type->fields[i];
        bool instead =
            but >= 0 && type->fields[but].rule == DC_EITHER && field->rule == DC_EITHER;
        if (!aid_is_required(type, i) || (int)i == but || instead)
            continue;
        aid_put(out, "%s\"%s\":", any ? "," : "", field->name);
        if (field->rule == DC_TAG)
            aid_put(out, "\"%s\"", type->tag_value);
        else
            aid_put_least(out, field);
        any = true;
    }
    return any;
}

/* The choice that ends a recursion and is short. */
static const struct dc_type *least_choice(const struct dc_type *type) {
    return type == &dc_type_RV       ? &dc_type_RV_CHAR
           : type == &dc_type_REASON ? &dc_type_CANCELLED
                                     : type->choices[0];
}

void aid_put_record(struct dc_buf *out, const struct dc_type *type,
                    const struct dc_type *choice) {
    if (type->choices && !choice)
        choice = least_choice(type);
    if (!type->choices) {
        dc_buf_text(out, "{");
        aid_put_required(out, type, -1);
    } else if (type->tag) {
        aid_put(out, "{\"%s\":\"%s\",", type->tag, choice->tag_value);
        aid_put_required(out, choice, -1);
    } else if (choice->n_fields == 0) {
        aid_put(out, "\"%s\"", choice->tag_value);
        return;
    } else {
        aid_put(out, "{\"%s\":{", choice->tag_value);
        aid_put_required(out, choice, -1);
        dc_buf_text(out, "}");
    }
    dc_buf_text(out, "}");
}

/* ---- ways ---- */

struct ways {
    struct aid_way *way;
    size_t count;
};

static struct aid_way *new_way(struct ways *ways) {
    struct aid_way *way = &ways->way[ways->count++];
    if (ways->count > MOST_WAYS)
        abort();
    *way = (struct aid_way){.type = NULL};
    dc_buf_init(&way->head, dc_alloc_libc);
    dc_buf_init(&way->tail, dc_alloc_libc);
    dc_buf_init(&way->pointer, dc_alloc_libc);
    return way;
}

static void copy(struct dc_buf *to, const struct dc_buf *from) {
    dc_buf_add(to, from->data, from->len);
}

/* Whether there is a way to the field already; the roots count as fields of nothing. */
static bool is_known(const struct ways *ways, const struct dc_field *field,
                     const struct dc_type *type) {
    for (size_t i = 0; i < ways->count; i++)
        if (ways->way[i].field == field && ways->way[i].type == type)
            return true;
    return false;
}

static void add_step(struct ways *ways, size_t from, size_t i,
                     const struct dc_type *type) {
    const struct aid_way *before = &ways->way[from];
    const struct dc_field *field = &before->type->fields[i];
    if (is_known(ways, field, type))
        return;
    struct aid_way *way = new_way(ways);
    bool untagged = before->declared->choices && !before->declared->tag;
    way->type = type;
    way->declared = field->type;
    way->field = field;
    way->owner = before->type;
    way->list = field->shape != DC_ONE;
    copy(&way->head, &before->head);
    if (untagged)
        aid_put(&way->head, "{\"%s\":", before->type->tag_value);
    dc_buf_text(&way->head, "{");
    if (before->declared->tag)
        aid_put(&way->head, "\"%s\":\"%s\",", before->declared->tag,
                before->type->tag_value);
    if (aid_put_required(&way->head, before->type, (int)i))
        dc_buf_text(&way->head, ",");
    aid_put(&way->head, "\"%s\":%s", field->name, way->list ? "[" : "");
    dc_buf_text(&way->tail, way->list ? "]}" : "}");
    dc_buf_text(&way->tail, untagged ? "}" : "");
    copy(&way->tail, &before->tail);
    copy(&way->pointer, &before->pointer);
    if (before->list)
        dc_buf_text(&way->pointer, "/0");
    if (untagged)
        aid_put(&way->pointer, "/%s", before->type->tag_value);
    aid_put(&way->pointer, "/%s", field->name);
}

static void add_steps(struct ways *ways, size_t from) {
    const struct dc_type *type = ways->way[from].type;
    for (size_t i = 0; i < type->n_fields; i++) {
        const struct dc_type *next = type->fields[i].type;
        if (!next)
            continue;
        if (!next->choices)
            add_step(ways, from, i, next);
        for (size_t k = 0; k < next->n_choices; k++)
            add_step(ways, from, i, next->choices[k]);
    }
}

static void add_root(struct ways *ways, const struct dc_type *type,
                     const struct dc_type *declared) {
    struct aid_way *way = new_way(ways);
    way->type = type;
    way->declared = declared;
}

struct aid_way *aid_ways(size_t *count) {
    struct ways ways = {calloc(MOST_WAYS + 1, sizeof(struct aid_way)), 0};
    if (!ways.way)
        abort();
    add_root(&ways, &dc_type_SINGLE, &dc_type_SINGLE);
    add_root(&ways, &dc_type_DUAL, &dc_type_DUAL);
    add_root(&ways, &dc_type_DEGRADED, &dc_type_DEGRADED);
    add_root(&ways, &dc_type_MISSING_STATS, &dc_type_SAMPLE);
    for (size_t i = 0; i < dc_type_REASON.n_choices; i++)
        add_root(&ways, dc_type_REASON.choices[i], &dc_type_REASON);
    for (size_t i = 0; i < ways.count; i++)
        add_steps(&ways, i);
    *count = ways.count;
    return ways.way;
}

void aid_ways_free(struct aid_way *ways, size_t count) {
    for (size_t i = 0; i < count; i++) {
        dc_buf_done(&ways[i].head);
        dc_buf_done(&ways[i].tail);
        dc_buf_done(&ways[i].pointer);
    }
    free(ways);
}

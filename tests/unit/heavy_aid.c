#include "tests/unit/heavy_aid.h"

#include "lib/report.h"
#include "tests/unit/schema_aid.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Lists grow by chunks that double in size: with so many elements none is half empty. */
enum { MOST = 128, TRIAL = 255 };

static void set(struct dc_buf *buf, const char *data, size_t len) {
    dc_buf_init(buf, dc_alloc_libc);
    dc_buf_add(buf, data, len);
}

static void copy(struct dc_buf *to, const struct dc_buf *from) {
    dc_buf_add(to, from->data, from->len);
}

static void put_document(const struct heavy *heavy, size_t elements, struct dc_buf *out) {
    dc_buf_init(out, dc_alloc_libc);
    copy(out, &heavy->head);
    for (size_t i = 0; i < elements; i++) {
        dc_buf_add(out, ",", i > 0);
        copy(out, &heavy->element);
    }
    copy(out, &heavy->tail);
}

void heavy_document(const struct heavy *heavy, size_t size, struct dc_buf *out) {
    size_t around = heavy->head.len + heavy->tail.len;
    put_document(heavy, (size - around) / (heavy->element.len + 1), out);
}

/* Memory for each byte of a document made of such elements; 0 where it is refused. */
static double cost_of(const struct heavy *heavy) {
    struct dc_report_options options = {.alloc = dc_alloc_libc};
    struct dc_report report;
    struct dc_error err;
    struct dc_buf text;
    size_t used = 0;
    double cost = 0;
    put_document(heavy, TRIAL, &text);
    if (dc_report_read(&report, text.data, text.len, &used, &options, &err) == 0) {
        cost = (double)report.arena.given / (double)text.len;
        dc_report_done(&report);
    } else {
        printf("# %s: %s: %s\n", heavy->name, err.pointer, err.message);
    }
    dc_buf_done(&text);
    return cost;
}

/* Takes `element` (which it owns from now on) where it costs more. */
static bool keep_if_heavier(struct heavy *heavy, struct dc_buf *element) {
    struct heavy trial = *heavy;
    trial.element = *element;
    trial.cost = cost_of(&trial);
    if (trial.cost <= heavy->cost) {
        dc_buf_done(element);
        return false;
    }
    dc_buf_done(&heavy->element);
    heavy->element = trial.element;
    heavy->cost = trial.cost;
    return true;
}

/* ---- values to try ---- */

static const char *const rendered[] = {
    "{\"kind\":\"char\",\"value\":0}",
    "{\"kind\":\"cpu_list\",\"cpus\":\"\"}",
    "{\"value\":0,\"kind\":\"char\"}",
    "{\"kind\":\"ptr\",\"value\":0}",
    "{\"kind\":\"array\",\"len\":0,\"elements\":[]}",
    "{\"elements\":[],\"len\":0,\"kind\":\"array\"}",
    "{\"kind\":\"struct\",\"members\":[]}",
    "{\"kind\":\"array\",\"len\":0,\"elements\":[{\"kind\":\"char\",\"value\":0}]}",
    "{\"kind\":\"struct\",\"members\":[{\"name\":\"\",\"value\":{\"kind\":\"char\","
    "\"value\":0}}]}",
    "{\"kind\":\"array\",\"len\":0,\"elements\":[{\"kind\":\"array\",\"len\":0,"
    "\"elements\":[{\"kind\":\"array\",\"len\":0,\"elements\":[]}]}]}",
    "{\"elements\":[{\"elements\":[{\"elements\":[],\"len\":0,\"kind\":\"array\"}],"
    "\"len\":0,\"kind\":\"array\"}],\"len\":0,\"kind\":\"array\"}",
};
enum { N_RENDERED = sizeof(rendered) / sizeof(rendered[0]) };

enum { N_LENGTHS = 10, N_VALUES = 2 + N_LENGTHS + N_RENDERED };

/* Value `which` of a field: 0 the least; lists of up to N_LENGTHS elements; escaped
   strings; rendered values. false: there is none of that number. */
static bool put_value(struct dc_buf *out, const struct dc_field *field, size_t which) {
    if (which == 0) {
        aid_put_least(out, field);
        return true;
    }
    if (field->shape == DC_LIST_OF_10)
        return false;
    if (field->shape == DC_ONE && field->type == &dc_type_RV && which <= N_RENDERED) {
        dc_buf_text(out, rendered[which - 1]);
        return true;
    }
    if (field->shape == DC_ONE && field->kind == DC_STRING && which == 1) {
        dc_buf_text(out, "\"\\n\"");
        return true;
    }
    if (field->shape == DC_ONE || which > N_LENGTHS)
        return false;
    struct dc_field one = *field;
    one.shape = DC_ONE;
    dc_buf_text(out, "[");
    for (size_t i = 0; i < which; i++) {
        dc_buf_text(out, i ? "," : "");
        if (field->shape == DC_HOLES)
            dc_buf_text(out, "null");
        else
            aid_put_least(out, &one);
    }
    dc_buf_text(out, "]");
    return true;
}

/* ---- records ---- */

/* Which value each field of an element has; -1: the member is absent. */
struct choice {
    int which[DC_MAX_FIELDS];
};

static bool put_element(struct dc_buf *out, const struct aid_way *way,
                        const struct choice *choice) {
    bool any = way->declared->tag != NULL, good = true;
    dc_buf_init(out, dc_alloc_libc);
    dc_buf_text(out, "{");
    if (way->declared->tag)
        aid_put(out, "\"%s\":\"%s\"", way->declared->tag, way->type->tag_value);
    for (size_t i = 0; i < way->type->n_fields && good; i++) {
        const struct dc_field *field = &way->type->fields[i];
        if (choice->which[i] < 0)
            continue;
        aid_put(out, "%s\"%s\":", any ? "," : "", field->name);
        good = put_value(out, field, (size_t)choice->which[i]);
        any = true;
    }
    dc_buf_text(out, "}");
    if (!good)
        dc_buf_done(out);
    return good;
}

static bool try_field(struct heavy *heavy, const struct aid_way *way,
                      struct choice *choice, size_t field) {
    bool better = false;
    for (int which = 0; which < N_VALUES; which++) {
        struct choice other = *choice;
        struct dc_buf element;
        other.which[field] = which;
        if (!put_element(&element, way, &other))
            break;
        if (keep_if_heavier(heavy, &element)) {
            *choice = other;
            better = true;
        }
    }
    return better;
}

/* From the least element upwards, one member at a time, until nothing costs more. */
static void climb(struct heavy *heavy, const struct aid_way *way) {
    struct choice choice;
    bool better = true;
    for (size_t i = 0; i < way->type->n_fields; i++)
        choice.which[i] = aid_is_required(way->type, i) ? 0 : -1;
    if (!put_element(&heavy->element, way, &choice))
        abort();
    heavy->cost = cost_of(heavy);
    for (int round = 0; round < 4 && better; round++) {
        better = false;
        for (size_t i = 0; i < way->type->n_fields; i++)
            if (way->type->fields[i].rule != DC_TAG &&
                (way->type->fields[i].rule != DC_EITHER || choice.which[i] >= 0))
                better |= try_field(heavy, way, &choice, i);
    }
}

/* ---- lists ---- */

struct found {
    struct heavy *all;
    size_t count;
};

static struct heavy *add(struct found *found, const char *type, const char *field,
                         const char *choice) {
    struct heavy *heavy = &found->all[found->count++];
    if (found->count > MOST)
        abort();
    snprintf(heavy->name, sizeof(heavy->name), "%s.%s%s%s", type, field,
             *choice ? " of " : "", choice);
    return heavy;
}

static void add_records(struct found *found, const struct aid_way *way) {
    if (!way->list)
        return;
    struct heavy *heavy = add(found, way->owner->name, way->field->name, way->type->name);
    set(&heavy->head, way->head.data, way->head.len);
    set(&heavy->tail, way->tail.data, way->tail.len);
    climb(heavy, way);
}

/* Lists of plain values, and holes: one element can hardly be shorter. */
static void add_plain(struct found *found, const struct aid_way *way, size_t i) {
    const struct dc_field *field = &way->type->fields[i];
    if (field->shape == DC_ONE || field->shape == DC_LIST_OF_10 ||
        (field->kind == DC_RECORD && field->shape != DC_HOLES))
        return;
    bool named = way->declared->choices && !way->declared->tag;
    struct heavy *heavy = add(found, way->type->name, field->name,
                              field->shape == DC_HOLES ? "null" : "numbers");
    dc_buf_init(&heavy->head, dc_alloc_libc);
    dc_buf_init(&heavy->tail, dc_alloc_libc);
    copy(&heavy->head, &way->head);
    aid_put(&heavy->head, named ? "{\"%s\":{" : "{", way->type->tag_value);
    if (way->declared->tag)
        aid_put(&heavy->head, "\"%s\":\"%s\",", way->declared->tag, way->type->tag_value);
    if (aid_put_required(&heavy->head, way->type, (int)i))
        dc_buf_text(&heavy->head, ",");
    aid_put(&heavy->head, "\"%s\":[", field->name);
    dc_buf_text(&heavy->tail, named ? "]}}" : "]}");
    copy(&heavy->tail, &way->tail);
    set(&heavy->element, field->shape == DC_HOLES ? "null" : "0",
        field->shape == DC_HOLES ? 4 : 1);
    heavy->cost = cost_of(heavy);
}

static void add_text(struct found *found, const char *name, const char *head,
                     const char *element, const char *tail) {
    struct heavy *heavy = add(found, name, "unknown", "");
    set(&heavy->head, head, strlen(head));
    set(&heavy->element, element, strlen(element));
    set(&heavy->tail, tail, strlen(tail));
    heavy->cost = cost_of(heavy);
}

/* What the tables do not know costs nothing to read and may cost something to write. */
static void add_unknown(struct found *found) {
    static const char head[] = "{\"schema\":\"single\",\"maps\":[],";
    char text[128];
    static const char *const elements[] = {"\"\":0", "\"\\n\":0", "\"\":{}", "\"a\":[]"};
    static const char *const names[] = {"members", "escaped", "objects", "lists"};
    for (size_t i = 0; i < sizeof(elements) / sizeof(elements[0]); i++)
        add_text(found, names[i], head, elements[i], "}");
    snprintf(text, sizeof(text), "%s\"x\":[", head);
    add_text(found, "array of objects", text, "{}", "]}");
    add_text(found, "free members", "{\"MissingResp\":{\"args\":{", "\"\":0", "}}}");
    add_text(found, "free objects", "{\"MissingResp\":{\"args\":[", "{}", "]}}");
    add_text(found, "free nested", "{\"MissingResp\":{\"args\":[", "{\"\":{\"\":0}}",
             "]}}");
    add_text(found, "late tags",
             "{\"schema\":\"single\",\"maps\":[{\"name\":\"\",\"map_type\":0,"
             "\"value_size\":0,\"max_entries\":0,\"value\":{\"elements\":[",
             "{\"\":0,\"value\":0,\"kind\":\"char\"}",
             "],\"len\":0,\"kind\":\"array\"}}]}");
}

static int compare(const void *a, const void *b) {
    double x = ((const struct heavy *)a)->cost, y = ((const struct heavy *)b)->cost;
    return (x < y) - (x > y);
}

struct heavy *heavy_all(size_t *count) {
    struct found found = {calloc(MOST + 1, sizeof(struct heavy)), 0};
    size_t n;
    struct aid_way *ways = aid_ways(&n);
    if (!found.all)
        abort();
    for (size_t i = 0; i < n; i++) {
        add_records(&found, &ways[i]);
        for (size_t k = 0; k < ways[i].type->n_fields; k++)
            add_plain(&found, &ways[i], k);
    }
    add_unknown(&found);
    aid_ways_free(ways, n);
    qsort(found.all, found.count, sizeof(*found.all), compare);
    *count = found.count;
    return found.all;
}

void heavy_free(struct heavy *all, size_t count) {
    for (size_t i = 0; i < count; i++) {
        dc_buf_done(&all[i].head);
        dc_buf_done(&all[i].element);
        dc_buf_done(&all[i].tail);
    }
    free(all);
}

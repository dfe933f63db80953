/* Sections as data: one object for each block, every row, exact values. */
#include "lib/show_private.h"

#include "lib/number.h"
#include "lib/uniform.h"

#include <string.h>

static void name_text(struct dc_writer *w, const char *name, const char *text) {
    if (!text)
        return;
    dc_write_name(w, name);
    dc_write_text(w, text);
}

static void name_count(struct dc_writer *w, const char *name, uint64_t value) {
    dc_write_name(w, name);
    dc_write_count(w, value);
}

static void name_words(struct dc_show *s, const char *name) {
    dc_write_name(s->json, name);
    dc_write_string(s->json, s->scratch.data, s->scratch.len);
}

static void open_block(struct dc_show *s, const char *type) {
    dc_write_open(s->json, '{');
    name_text(s->json, "type", type);
}

static void close_block(struct dc_show *s) {
    dc_write_close(s->json, '}');
}

static void data_section(struct dc_show *s, const struct dc_section *section) {
    dc_write_open(s->json, '{');
    name_text(s->json, "name", section->name);
    name_text(s->json, "member", section->member);
    if (section->field >= 0)
        name_count(s->json, "count", dc_section_count(section, s->snapshot));
    dc_write_name(s->json, "blocks");
    dc_write_open(s->json, '[');
}

static void data_section_end(struct dc_show *s) {
    dc_write_close(s->json, ']');
    dc_write_close(s->json, '}');
}

static void data_note(struct dc_show *s, enum dc_style style) {
    (void)style;
    open_block(s, "note");
    name_words(s, "text");
    close_block(s);
}

static void data_fact(struct dc_show *s, const char *label, enum dc_style style) {
    (void)style;
    open_block(s, "fact");
    name_text(s->json, "name", label);
    name_words(s, "text");
    close_block(s);
}

static void data_finding(struct dc_show *s, const char *name, const char *from) {
    open_block(s, "finding");
    name_text(s->json, "name", name);
    name_words(s, "text");
    name_text(s->json, "from", from);
    close_block(s);
}

/* ---- tables ---- */

static const char *unit_name(enum dc_unit unit) {
    static const char *const names[] = {
        [DC_PLAIN] = NULL,    [DC_ADDRESS] = "address", [DC_BYTES] = "bytes",
        [DC_PAGES] = "pages", [DC_NS] = "ns",           [DC_US] = "us",
        [DC_MS] = "ms",       [DC_JIFFIES] = "jiffies", [DC_BITMAP] = "bit set"};
    return names[unit];
}

/* The member of the report, where a column shows one; names from guest memory stand behind
   that of the member that they are in, so that key and value are told apart. */
static void make_key(struct dc_show *s, const struct dc_table *table,
                     const struct dc_column *column, const char *behind) {
    struct dc_buf *name = &s->cell;
    name->len = 0;
    if (column->name.p && column->field >= 0 && table->list->count > 0) {
        const struct dc_rec *first = dc_list_rec(table->list, 0);
        dc_buf_text(name, first->type->fields[column->field].name);
        dc_buf_text(name, ".");
    }
    if (column->member)
        dc_buf_text(name, column->member);
    else
        dc_table_title(column, name);
    dc_buf_text(name, behind);
}

static void write_key(struct dc_show *s, const struct dc_table *table,
                      const struct dc_column *column, const char *behind) {
    make_key(s, table, column, behind);
    dc_write_string_name(s->json, s->cell.data, s->cell.len);
}

static void write_columns(struct dc_show *s, const struct dc_table *table) {
    dc_write_name(s->json, "columns");
    dc_write_open(s->json, '[');
    for (size_t i = 0; i < table->n_columns; i++) {
        const struct dc_column *column = &table->columns[i];
        dc_write_open(s->json, '{');
        dc_write_name(s->json, "name");
        make_key(s, table, column, "");
        dc_write_string(s->json, s->cell.data, s->cell.len);
        name_text(s->json, "unit", unit_name(column->unit));
        name_text(s->json, "meaning", column->meaning);
        dc_write_close(s->json, '}');
    }
    dc_write_close(s->json, ']');
}

static void write_symbol(struct dc_show *s, const struct dc_table *table,
                         const struct dc_column *column, const struct dc_cell *cell) {
    if (cell->kind != DC_CELL_NUMBER || cell->unit != DC_ADDRESS)
        return;
    dc_show_restart(s);
    if (!dc_cell_add_symbol(&s->cells, cell->number, &s->scratch))
        return;
    write_key(s, table, column, "_symbol");
    dc_write_string(s->json, s->scratch.data, s->scratch.len);
}

static void write_row(struct dc_show *s, const struct dc_table *table,
                      const struct dc_row *row) {
    dc_write_open(s->json, '{');
    for (size_t i = 0; i < table->n_columns; i++) {
        const struct dc_column *column = &table->columns[i];
        struct dc_cell cell = dc_table_cell(column, row);
        if (cell.kind == DC_CELL_NONE)
            continue;
        write_key(s, table, column, "");
        dc_cell_json(s->json, &cell);
        if (cell.name) {
            write_key(s, table, column, "_name");
            dc_write_text(s->json, cell.name);
        }
        write_symbol(s, table, column, &cell);
    }
    dc_write_close(s->json, '}');
}

static void data_record(struct dc_show *s, const struct dc_table *table,
                        const struct dc_row *row) {
    open_block(s, "record");
    name_text(s->json, "name", table->name);
    dc_write_name(s->json, "row");
    write_row(s, table, row);
    close_block(s);
}

static void data_table(struct dc_show *s, const struct dc_table *table) {
    struct dc_rows rows;
    struct dc_row row;
    open_block(s, "table");
    name_text(s->json, "name", table->name);
    write_columns(s, table);
    dc_write_name(s->json, "rows");
    dc_write_open(s->json, '[');
    dc_rows_pick(&rows, table, 0);
    while (dc_rows_next(&rows, &row))
        write_row(s, table, &row);
    dc_write_close(s->json, ']');
    close_block(s);
}

static bool data_item(struct dc_show *s, const char *what, struct dc_str name,
                      const struct dc_table *table, const struct dc_row *row) {
    open_block(s, what);
    dc_write_name(s->json, "name");
    dc_write_string(s->json, name.p, name.len);
    name_words(s, "text");
    if (table) {
        dc_write_name(s->json, "row");
        write_row(s, table, row);
    }
    dc_write_name(s->json, "blocks");
    dc_write_open(s->json, '[');
    return true;
}

/* ---- values and plots ---- */

static void data_value(struct dc_show *s, const struct dc_rec *value) {
    open_block(s, "value");
    if (s->scratch.len > 0)
        name_words(s, "name");
    dc_write_name(s->json, "value");
    if (value)
        dc_uniform_value(s->json, value, false);
    else
        dc_write_null(s->json);
    close_block(s);
}

static void data_plot(struct dc_show *s, const struct dc_plot *plot) {
    struct dc_plot_facts facts = dc_plot_look(plot);
    open_block(s, "plot");
    name_text(s->json, "name", plot->name);
    name_text(s->json, "unit", unit_name(plot->unit));
    name_text(s->json, "meaning", plot->meaning);
    if (facts.moved) {
        name_count(s->json, "moved_last_ms", facts.moved_ms);
        dc_write_name(s->json, "moved_last_by");
        dc_write_signed_count(s->json, facts.moved_by);
    }
    dc_write_name(s->json, "points");
    dc_write_open(s->json, '[');
    for (struct dc_list_walk walk = dc_list_walk(plot->list); dc_list_next(&walk);) {
        dc_write_open(s->json, '{');
        name_count(s->json, "elapsed_ms", dc_u64(walk.value.rec, plot->at));
        dc_write_name(s->json, "value");
        dc_write_signed_count(s->json, dc_i64(walk.value.rec, plot->field));
        dc_write_close(s->json, '}');
    }
    dc_write_close(s->json, ']');
    close_block(s);
}

/* ---- series ---- */

static void name_value(struct dc_show *s, const char *name,
                       struct dc_series_value value) {
    dc_write_name(s->json, name);
    if (value.kind == DC_SERIES_U64)
        dc_write_count(s->json, value.u);
    else if (value.kind == DC_SERIES_I64)
        dc_write_signed_count(s->json, value.i);
    else if (value.kind == DC_SERIES_REAL)
        dc_write_f64(s->json, value.f);
    else
        dc_write_null(s->json);
}

static void write_point(struct dc_show *s, const struct dc_rec *sample,
                        struct dc_series_value value) {
    struct dc_str tag = dc_string(sample, DC_AT_STATS_SAMPLE_tag);
    dc_write_open(s->json, '{');
    dc_write_name(s->json, "tag");
    dc_write_string(s->json, tag.p, tag.len);
    name_count(s->json, "elapsed_ms", dc_u64(sample, DC_AT_STATS_SAMPLE_elapsed_ms));
    name_value(s, "value", value);
    dc_write_close(s->json, '}');
}

/* A gap is a null; of a run that no capture makes it is left out, for the fields times the
   samples may be more than anybody can read. */
static void write_points(struct dc_show *s, const struct dc_show_series *series,
                         const struct dc_series *one) {
    enum { MOST_WITH_GAPS = 1024 };
    const struct dc_series_point *point = one->points;
    bool gaps = series->samples->count <= MOST_WITH_GAPS;
    for (struct dc_list_walk walk = dc_list_walk(series->samples);
         (gaps || point) && dc_list_next(&walk);) {
        bool there = point && point->sample == walk.index;
        if (there || gaps)
            write_point(s, walk.value.rec,
                        there ? point->value : (struct dc_series_value){0});
        point = there ? point->next : point;
    }
}

static void data_series(struct dc_show *s, const struct dc_show_series *series) {
    for (size_t i = 0; i < series->n; i++) {
        const struct dc_series *one = series->all[i];
        open_block(s, "series");
        dc_write_name(s->json, "name");
        dc_write_string(s->json, one->name.p, one->name.len);
        name_value(s, "least", one->least);
        name_value(s, "greatest", one->most);
        name_value(s, "last", one->last);
        name_count(s->json, "gaps", series->samples->count - one->count);
        dc_write_name(s->json, "points");
        dc_write_open(s->json, '[');
        write_points(s, series, one);
        dc_write_close(s->json, ']');
        close_block(s);
    }
}

/* ---- vCPUs ---- */

static void name_str(struct dc_writer *w, const char *name, struct dc_str str) {
    if (!str.p)
        return;
    dc_write_name(w, name);
    dc_write_string(w, str.p, str.len);
}

static void write_vcpu(struct dc_show *s, const struct dc_vcpu *vcpu) {
    uint64_t ip = dc_u64(vcpu->regs, DC_AT_VCPU_REGS_instruction_pointer);
    dc_write_open(s->json, '{');
    name_count(s->json, "vcpu", vcpu->id);
    name_text(s->json, "state", dc_state_name(vcpu->state));
    if (vcpu->regs)
        dc_uniform_members(s->json, vcpu->regs, false);
    dc_show_restart(s);
    if (vcpu->regs && dc_cell_add_symbol(&s->cells, ip, &s->scratch))
        name_words(s, "instruction_pointer_symbol");
    name_str(s->json, "why", dc_string(vcpu->detail, DC_AT_VCPU_why));
    if (vcpu->detail) {
        dc_write_name(s->json, "dumpctl");
        dc_write_open(s->json, '{');
        dc_uniform_members(s->json, vcpu->detail, false);
        dc_write_close(s->json, '}');
    }
    dc_write_close(s->json, '}');
}

static void data_vcpus(struct dc_show *s, const struct dc_snapshot *snapshot) {
    dc_show_restart(s);
    data_section(s, &dc_sections[DC_SECTION_VCPUS]);
    open_block(s, "table");
    name_text(s->json, "name", "vcpus");
    dc_write_name(s->json, "rows");
    dc_write_open(s->json, '[');
    for (struct dc_vcpu_walk walk = dc_vcpu_walk(snapshot); dc_show_next_vcpu(s, &walk);)
        write_vcpu(s, &walk.vcpu);
    dc_write_close(s->json, ']');
    close_block(s);
    data_section_end(s);
}

const struct dc_show_ops dc_show_data = {
    .rows = 0,
    .section = data_section,
    .section_end = data_section_end,
    .item = data_item,
    .item_end = data_section_end,
    .note = data_note,
    .fact = data_fact,
    .finding = data_finding,
    .record = data_record,
    .table = data_table,
    .value = data_value,
    .plot = data_plot,
    .series = data_series,
    .vcpus = data_vcpus,
};

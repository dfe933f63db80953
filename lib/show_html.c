/* Sections as a page: the same tables, values and plots, and nothing that is fetched. */
#include "lib/show_private.h"

#include "lib/html.h"
#include "lib/number.h"
#include "lib/value_text.h"

#include <string.h>

enum { ROWS = 16 }; /* times what a screen shows */

static const char *style_name(enum dc_style style) {
    static const char *const names[] = {
        [DC_STYLE_PLAIN] = "plain", [DC_STYLE_TITLE] = "title",
        [DC_STYLE_GOOD] = "good",   [DC_STYLE_BAD] = "bad",
        [DC_STYLE_WARN] = "warn",   [DC_STYLE_FAINT] = "faint"};
    return names[style];
}

static void add_words(struct dc_show *s) {
    dc_html_add(s->html, s->scratch.data, s->scratch.len);
}

static void add_text(struct dc_html *html, const char *text) {
    dc_html_add(html, text, strlen(text));
}

static void html_section(struct dc_show *s, const struct dc_section *section) {
    dc_html_put(s->html, "<section>\n<h2>%s",
                section->member ? section->member : section->name);
    if (s->scratch.len > 0) {
        dc_html_put(s->html, " <small>");
        add_words(s);
        dc_html_put(s->html, "</small>");
    }
    dc_html_put(s->html, "</h2>\n");
    s->zeros = 0;
}

static void html_note(struct dc_show *s, enum dc_style style) {
    dc_html_put(s->html, "<p class=\"%s\">", style_name(style));
    add_words(s);
    dc_html_put(s->html, "</p>\n");
}

static void html_section_end(struct dc_show *s) {
    if (s->zeros > 0) {
        dc_show_restart(s);
        dc_show_add(s, "(");
        dc_show_add_count(s, s->zeros, "zero value", "zero values");
        dc_show_add(s, " left out of structs: --all)");
        html_note(s, DC_STYLE_FAINT);
    }
    dc_html_put(s->html, "</section>\n");
}

static bool html_item(struct dc_show *s, const char *what, struct dc_str name,
                      const struct dc_table *table, const struct dc_row *row) {
    (void)table, (void)row; /* the words say it */
    dc_html_put(s->html, "<div class=\"item\">\n<h3>%s ", what);
    dc_html_add(s->html, name.p, name.len);
    if (s->scratch.len > 0) {
        dc_html_put(s->html, " <small>");
        add_words(s);
        dc_html_put(s->html, "</small>");
    }
    dc_html_put(s->html, "</h3>\n");
    return true;
}

static void html_item_end(struct dc_show *s) {
    dc_html_put(s->html, "</div>\n");
}

static void html_fact(struct dc_show *s, const char *label, enum dc_style style) {
    dc_html_put(s->html, "<dl><dt>%s</dt><dd class=\"%s\">", label, style_name(style));
    add_words(s);
    dc_html_put(s->html, "</dd></dl>\n");
}

static void html_finding(struct dc_show *s, const char *name, const char *from) {
    dc_html_put(s->html, "<dl><dt class=\"title\">");
    add_text(s->html, name); /* "early -> late" */
    dc_html_put(s->html, "</dt><dd>");
    add_words(s);
    dc_html_put(s->html, " <span class=\"from\">[%s]</span></dd></dl>\n", from);
}

/* ---- tables ---- */

static void add_title(struct dc_show *s, const struct dc_column *column,
                      enum dc_scale scale) {
    s->cell.len = 0;
    dc_table_title(column, &s->cell);
    dc_html_add(s->html, s->cell.data, s->cell.len);
    if (column->unit == DC_NS && scale != DC_SCALE_OWN)
        dc_html_put(s->html, " %s", dc_scale_name(scale));
}

static void add_cell(struct dc_show *s, const struct dc_cell *cell, enum dc_scale scale) {
    s->cell.len = 0;
    if (cell->kind == DC_CELL_NONE)
        dc_buf_text(&s->cell, "-");
    else
        dc_cell_text(cell, &s->cells, scale, &s->cell);
    dc_html_add(s->html, s->cell.data, s->cell.len);
}

static void html_record(struct dc_show *s, const struct dc_table *table,
                        const struct dc_row *row) {
    dc_html_put(s->html, "<dl>");
    for (size_t i = 0; i < table->n_columns; i++) {
        struct dc_cell cell = dc_table_cell(&table->columns[i], row);
        if (cell.kind == DC_CELL_NONE)
            continue;
        dc_html_put(s->html, "<dt>");
        add_title(s, &table->columns[i], DC_SCALE_OWN);
        dc_html_put(s->html, "</dt><dd>");
        add_cell(s, &cell, DC_SCALE_OWN);
        dc_html_put(s->html, "</dd>");
    }
    dc_html_put(s->html, "</dl>\n");
}

static const char *class_of(const struct dc_table *table, const struct dc_survey *survey,
                            size_t column) {
    bool divided = dc_survey_divided(survey, table->columns, column);
    return table->columns[column].left ? " class=\"l\"" : divided ? " class=\"d\"" : "";
}

static void add_titles(struct dc_show *s, const struct dc_table *table,
                       const struct dc_survey *survey) {
    dc_html_put(s->html, "<tr>");
    for (size_t i = 0; i < survey->n; i++) {
        const struct dc_column *column = &table->columns[i];
        if (!dc_survey_shows(survey, i))
            continue;
        dc_html_put(s->html, "<th%s", class_of(table, survey, i));
        if (column->meaning) {
            dc_html_put(s->html, " title=\"");
            add_text(s->html, column->meaning);
            dc_html_put(s->html, "\"");
        }
        dc_html_put(s->html, ">");
        add_title(s, column, survey->scale);
        dc_html_put(s->html, "</th>");
    }
    dc_html_put(s->html, "</tr>\n");
}

static void html_table(struct dc_show *s, const struct dc_table *table) {
    struct dc_rows rows;
    struct dc_row row;
    dc_rows_pick(&rows, table, dc_show_most(s, table->most));
    if (rows.shown == 0)
        return;
    struct dc_survey survey = dc_rows_survey(&rows, s->options->exact, s->options->all);
    dc_html_put(s->html, "<div class=\"scroll\"><table>\n");
    add_titles(s, table, &survey);
    while (dc_rows_next(&rows, &row)) {
        dc_html_put(s->html, "<tr>");
        for (size_t i = 0; i < survey.n; i++) {
            struct dc_cell cell = dc_table_cell(&table->columns[i], &row);
            if (!dc_survey_shows(&survey, i))
                continue;
            dc_html_put(s->html, "<td%s>", class_of(table, &survey, i));
            bool list = cell.kind == DC_CELL_LIST && s->options->all;
            add_cell(s, &cell, list ? DC_SCALE_OWN : survey.scale);
            dc_html_put(s->html, "</td>");
        }
        dc_html_put(s->html, "</tr>\n");
    }
    dc_html_put(s->html, "</table></div>\n");
    dc_show_restart(s);
    dc_show_add_rows_left(s, &rows);
    dc_show_add_zero_columns(s, table, &survey);
    if (s->scratch.len == 0)
        return;
    dc_show_add(s, ")");
    html_note(s, DC_STYLE_FAINT);
}

/* ---- values ---- */

struct lines {
    struct dc_show *s;
    size_t shown, left_out;
};

static void put_line(void *ctx, unsigned indent, const struct dc_buf *line) {
    enum { MOST_LINES = 200 };
    struct lines *lines = ctx;
    if (!lines->s->options->all && lines->shown == MOST_LINES) {
        lines->left_out++;
        return;
    }
    lines->shown++;
    dc_html_put(lines->s->html, "%*s", (int)indent, "");
    dc_html_add(lines->s->html, line->data, line->len);
    dc_html_put(lines->s->html, "\n");
}

static void html_value(struct dc_show *s, const struct dc_rec *value) {
    enum { WIDTH = 120 };
    struct lines out = {.s = s};
    struct dc_value_lines lines = {.style = &s->cells,
                                   .width = WIDTH,
                                   .line = put_line,
                                   .ctx = &out,
                                   .buf = &s->cell,
                                   .trial = &s->trial};
    s->cell.len = 0;
    dc_buf_add(&s->cell, s->scratch.data, s->scratch.len);
    dc_buf_text(&s->cell, s->scratch.len > 0 ? ": " : "");
    dc_html_put(s->html, "<pre>");
    if (value) {
        dc_value_write(&lines, 0, value);
    } else {
        dc_buf_text(&s->cell, "<unmapped>");
        dc_value_break(&lines);
    }
    dc_html_put(s->html, "</pre>\n");
    s->zeros += lines.zeros;
    if (out.left_out == 0)
        return;
    dc_show_restart(s);
    dc_show_add(s, "(");
    dc_show_add_count(s, out.left_out, "line", "lines");
    dc_show_add(s, " left out: --all)");
    html_note(s, DC_STYLE_FAINT);
}

/* ---- plots ---- */

enum { PLOT_WIDTH = 1000, PLOT_HEIGHT = 100, MOST_POINTS = 1000 };

/* `part` of `whole`, on a scale of `length`. */
static unsigned scaled(uint64_t part, uint64_t whole, unsigned length) {
    return whole ? (unsigned)((unsigned __int128)part * length / whole) : 0;
}

static void add_points(struct dc_show *s, const struct dc_plot *plot,
                       const struct dc_plot_facts *facts) {
    size_t count = plot->list->count;
    uint64_t span = (uint64_t)facts->most - (uint64_t)facts->least;
    struct dc_plot_parts parts = dc_plot_parts(plot, MOST_POINTS);
    while (dc_plot_next(&parts)) {
        unsigned x = scaled(parts.index, count - 1, PLOT_WIDTH);
        unsigned y =
            scaled((uint64_t)parts.value - (uint64_t)facts->least, span, PLOT_HEIGHT);
        if (span == 0)
            y = PLOT_HEIGHT / 2;
        dc_html_put(s->html, "%u,%u ", x, PLOT_HEIGHT - y);
        if (count == 1)
            dc_html_put(s->html, "%d,%u ", PLOT_WIDTH, PLOT_HEIGHT - y);
    }
}

static void add_signed(struct dc_show *s, const struct dc_plot *plot, const char *before,
                       int64_t value) {
    const struct dc_cell cell = {
        .kind = DC_CELL_SIGNED, .unit = plot->unit, .integer = value};
    dc_html_put(s->html, "%s", before);
    add_cell(s, &cell, DC_SCALE_OWN);
}

static void html_plot(struct dc_show *s, const struct dc_plot *plot) {
    struct dc_plot_facts facts = dc_plot_look(plot);
    dc_html_put(s->html, "<div class=\"plot\"><code title=\"");
    add_text(s->html, plot->meaning);
    dc_html_put(s->html,
                "\">%s</code><svg viewBox=\"0 -4 %d %d\" preserveAspectRatio=\"none\" "
                "role=\"img\"><title>%s, ",
                plot->name, PLOT_WIDTH, PLOT_HEIGHT + 8, plot->name);
    dc_html_put(s->html, "elapsed_ms %llu to %llu</title><polyline points=\"",
                (unsigned long long)facts.first_ms, (unsigned long long)facts.last_ms);
    add_points(s, plot, &facts);
    dc_html_put(s->html, "\"/></svg><code>");
    add_signed(s, plot, "least ", facts.least);
    add_signed(s, plot, ", greatest ", facts.most);
    add_signed(s, plot, ", last ", facts.last);
    if (facts.moved) {
        add_signed(s, plot, facts.moved_by < 0 ? " (" : " (+", facts.moved_by);
        dc_html_put(s->html, " at %llu ms)", (unsigned long long)facts.moved_ms);
    }
    dc_html_put(s->html, "</code></div>\n");
}

/* ---- series ---- */

/* A line for each run of samples that have the field; a point alone is a short dash. */
static void add_runs(struct dc_show *s, const struct dc_show_series *series,
                     const struct dc_series *one) {
    enum { DASH = 4 };
    struct dc_series_parts parts = dc_series_parts(series->set, one, MOST_POINTS);
    size_t last = parts.parts > 1 ? parts.parts - 1 : 1;
    bool open = false;
    while (dc_series_next(&parts)) {
        if (parts.value.kind == DC_SERIES_GAP) {
            dc_html_put(s->html, "%s", open ? "\"/>" : "");
            open = false;
            continue;
        }
        unsigned x = scaled(parts.index, last, PLOT_WIDTH);
        unsigned y =
            PLOT_HEIGHT - dc_series_level(one, parts.value, PLOT_HEIGHT, PLOT_HEIGHT / 2);
        if (!open)
            dc_html_put(s->html, "<polyline points=\"%d,%u %d,%u ", (int)x - DASH, y,
                        (int)x, y);
        else
            dc_html_put(s->html, "%u,%u ", x, y);
        open = true;
    }
    dc_html_put(s->html, "%s", open ? "\"/>" : "");
}

static void add_value(struct dc_show *s, const char *before,
                      struct dc_series_value value) {
    s->cell.len = 0;
    dc_series_add_value(value, &s->cell);
    dc_html_put(s->html, "%s", before);
    dc_html_add(s->html, s->cell.data, s->cell.len);
}

static void html_series(struct dc_show *s, const struct dc_show_series *series) {
    for (size_t i = 0; i < series->n; i++) {
        const struct dc_series *one = series->all[i];
        dc_html_put(s->html, "<div class=\"plot\"><code>");
        dc_html_add(s->html, one->name.p, one->name.len);
        dc_html_put(s->html,
                    "</code><svg viewBox=\"0 -4 %d %d\" preserveAspectRatio=\"none\" "
                    "role=\"img\"><title>",
                    PLOT_WIDTH, PLOT_HEIGHT + 8);
        dc_html_add(s->html, one->name.p, one->name.len);
        dc_html_put(s->html, "</title>");
        add_runs(s, series, one);
        dc_html_put(s->html, "</svg><code>");
        add_value(s, "least ", one->least);
        add_value(s, ", greatest ", one->most);
        add_value(s, ", last ", one->last);
        size_t gaps = series->samples->count - one->count;
        if (gaps > 0)
            dc_html_put(s->html, ", %zu %s", gaps, gaps == 1 ? "gap" : "gaps");
        dc_html_put(s->html, "</code></div>\n");
    }
}

/* ---- vCPUs ---- */

static void add_address(struct dc_show *s, const struct dc_vcpu *vcpu, int field) {
    const struct dc_cell none = {.kind = DC_CELL_NONE};
    char number[DC_NUMBER_MAX];
    uint64_t address = dc_u64(vcpu->regs, field);
    dc_html_put(s->html, "<td>");
    if (dc_has(vcpu->regs, field)) { /* as wide as in the text: people search for them */
        dc_html_add(s->html, number, dc_format_hex(address, 16, number));
        dc_show_restart(s);
        dc_show_add(s, " ");
        if (dc_cell_add_symbol(&s->cells, address, &s->scratch))
            add_words(s);
    } else {
        add_cell(s, &none, DC_SCALE_OWN);
    }
    dc_html_put(s->html, "</td>");
}

static void add_members(struct dc_show *s, const struct dc_rec *rec, size_t from) {
    for (size_t i = from; rec && i < rec->type->n_fields; i++) {
        struct dc_cell cell = dc_cell_of(rec, i);
        if (cell.kind == DC_CELL_NONE)
            continue;
        dc_html_put(s->html, "%s=", rec->type->fields[i].name);
        add_cell(s, &cell, DC_SCALE_NS);
        dc_html_put(s->html, " ");
    }
}

/* All else that the report has of the vCPU. */
static void add_more(struct dc_show *s, const struct dc_vcpu *vcpu) {
    const struct dc_rec *detail = vcpu->detail;
    add_members(s, vcpu->regs, DC_AT_VCPU_REGS_user_page_table_root);
    if (!s->options->all && !s->options->vcpus)
        return;
    add_members(s, detail, DC_AT_VCPU_read_errno);
    add_members(s, dc_record(detail, DC_AT_VCPU_regs), 0);
    add_members(s, dc_record(detail, DC_AT_VCPU_control), 0);
}

static void add_vcpu(struct dc_show *s, const struct dc_vcpu *vcpu) {
    static const enum dc_style styles[] = {[DC_PARKED] = DC_STYLE_GOOD,
                                           [DC_NOT_PARKED] = DC_STYLE_BAD,
                                           [DC_UNAVAILABLE] = DC_STYLE_WARN};
    struct dc_str why = dc_string(vcpu->detail, DC_AT_VCPU_why);
    struct dc_str last = dc_string(vcpu->detail, DC_AT_VCPU_last_exit);
    dc_html_put(s->html, "<tr><td>%zu</td><td class=\"l %s\">%s</td>", vcpu->id,
                style_name(styles[vcpu->state]), dc_state_name(vcpu->state));
    add_address(s, vcpu, DC_AT_VCPU_REGS_instruction_pointer);
    add_address(s, vcpu, DC_AT_VCPU_REGS_stack_pointer);
    add_address(s, vcpu, DC_AT_VCPU_REGS_page_table_root);
    dc_html_put(s->html, "<td class=\"l\">");
    dc_html_add(s->html, last.p, last.len);
    dc_html_put(s->html, "</td><td class=\"l\">");
    dc_html_add(s->html, why.p, why.len);
    dc_html_put(s->html, "</td><td class=\"l\">");
    add_more(s, vcpu);
    dc_html_put(s->html, "</td></tr>\n");
}

static void html_vcpus(struct dc_show *s, const struct dc_snapshot *snapshot) {
    enum { MOST = 1024 };
    size_t shown = 0, left_out = 0;
    dc_show_restart(s);
    dc_show_add_u64(s, snapshot->parked);
    dc_show_add(s, "/");
    dc_show_add_u64(s, snapshot->vcpus);
    dc_show_add(s, " parked");
    html_section(s, &dc_sections[DC_SECTION_VCPUS]);
    dc_html_put(
        s->html,
        "<div class=\"scroll\"><table>\n<tr><th>vcpu</th><th class=\"l\">state</th>"
        "<th>ip</th><th>sp</th><th>ptroot</th><th class=\"l\">last_exit</th>"
        "<th class=\"l\">why</th><th class=\"l\">more</th></tr>\n");
    for (struct dc_vcpu_walk walk = dc_vcpu_walk(snapshot);
         dc_show_next_vcpu(s, &walk);) {
        if (!s->options->all && shown == MOST) {
            left_out++;
            continue;
        }
        add_vcpu(s, &walk.vcpu);
        shown++;
    }
    dc_html_put(s->html, "</table></div>\n");
    dc_show_note_more(s, left_out, "more vCPU", "more vCPUs", ": --all");
    html_section_end(s);
}

const struct dc_show_ops dc_show_page = {
    .rows = ROWS,
    .section = html_section,
    .section_end = html_section_end,
    .item = html_item,
    .item_end = html_item_end,
    .note = html_note,
    .fact = html_fact,
    .finding = html_finding,
    .record = html_record,
    .table = html_table,
    .value = html_value,
    .plot = html_plot,
    .series = html_series,
    .vcpus = html_vcpus,
};

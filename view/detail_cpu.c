#include "view/detail_cpu.h"

#include "lib/number.h"
#include "lib/value_text.h"
#include "view/record.h"

#include <stdio.h>
#include <string.h>

enum { MOST_KEYS = 8, MOST_VALUES = 200, VALUE_BYTES = 4000 };

/* The record of a list whose field has that number; NULL: none. */
static const struct dc_rec *record_of(const struct dc_list *list, int field,
                                      int64_t number) {
    for (struct dc_list_walk walk = dc_list_walk(list); dc_list_next(&walk);) {
        const struct dc_rec *rec = walk.value.rec;
        if (!rec)
            continue;
        int64_t has = rec->type->fields[field].kind == DC_I32
                          ? dc_i64(rec, field)
                          : (int64_t)dc_u64(rec, field);
        if (has == number)
            return rec;
    }
    return NULL;
}

static void add_task(struct view *view, const struct dc_rec *single,
                     const struct dc_rec *queue) {
    const struct dc_list *tasks = dc_list_of(single, DC_AT_SINGLE_task_enrichments);
    if (!dc_has(queue, DC_AT_RQ_SCX_curr_pid))
        return;
    const struct dc_rec *task =
        record_of(tasks, DC_AT_TASK_pid, dc_i64(queue, DC_AT_RQ_SCX_curr_pid));
    view_record_section(&view->lines, "running task", task, 0, view_model(view)->report);
}

/* ---- per-CPU maps ---- */

struct values {
    struct view *view;
    size_t cpu, added, left;
    struct dc_buf label, value;
    bool titled;
};

static void add_value(struct values *v, struct dc_str map, struct dc_str key,
                      const struct dc_rec *value) {
    struct view_lines *lines = &v->view->lines;
    if (!v->titled) {
        view_lines_title(lines, "", DC_STYLE_PLAIN);
        view_lines_title(lines, "per-CPU map values", DC_STYLE_TITLE);
    }
    v->titled = true;
    v->label.len = v->value.len = 0;
    dc_buf_add(&v->label, map.p, map.len);
    dc_buf_text(&v->label, "[");
    dc_buf_add(&v->label, key.p, key.len);
    dc_buf_text(&v->label, "]");
    if (!value) {
        dc_buf_text(&v->value, "<unmapped>");
    } else if (!dc_value_add_inline(value, &v->view->cells, &v->value, VALUE_BYTES)) {
        v->value.len = 0;
        dc_buf_text(&v->value, "too long for a line: section maps has it");
    }
    view_lines_add(lines, (struct dc_str){v->label.data, v->label.len},
                   (struct dc_str){v->value.data, v->value.len}, NULL, DC_STYLE_PLAIN);
    v->added++;
}

/* The value of our CPU in one entry of a map. */
static void add_entry(struct values *v, const struct dc_rec *map, struct dc_str key,
                      const struct dc_list *cpus, size_t nth) {
    if (v->cpu >= cpus->count)
        return;
    if (nth >= MOST_KEYS || v->added >= MOST_VALUES) {
        v->left++;
        return;
    }
    add_value(v, dc_string(map, DC_AT_MAP_name), key, dc_list_rec(cpus, v->cpu));
}

static void add_map(struct values *v, const struct dc_rec *map) {
    const struct dc_list *array = dc_list_of(map, DC_AT_MAP_percpu_entries);
    const struct dc_list *hash = dc_list_of(map, DC_AT_MAP_percpu_hash_entries);
    for (struct dc_list_walk walk = dc_list_walk(array); dc_list_next(&walk);) {
        char key[DC_NUMBER_MAX];
        size_t n = dc_format_u64(dc_u64(walk.value.rec, DC_AT_PERCPU_ENTRY_key), key);
        add_entry(v, map, (struct dc_str){key, n},
                  dc_list_of(walk.value.rec, DC_AT_PERCPU_ENTRY_per_cpu), walk.index);
    }
    for (struct dc_list_walk walk = dc_list_walk(hash); dc_list_next(&walk);)
        add_entry(v, map, dc_string(walk.value.rec, DC_AT_PERCPU_HASH_ENTRY_key_hex),
                  dc_list_of(walk.value.rec, DC_AT_PERCPU_HASH_ENTRY_per_cpu),
                  walk.index);
}

static void add_maps(struct view *view, const struct dc_rec *single, size_t cpu) {
    struct values values = {.view = view, .cpu = cpu};
    char text[64];
    dc_buf_init(&values.label, view->canvas.alloc);
    dc_buf_init(&values.value, view->canvas.alloc);
    for (struct dc_list_walk walk = dc_list_walk(dc_list_of(single, DC_AT_SINGLE_maps));
         dc_list_next(&walk);)
        add_map(&values, walk.value.rec);
    if (values.left > 0) {
        snprintf(text, sizeof(text), "(+%zu more: section maps has them)", values.left);
        view_lines_words(&view->lines, text, DC_STYLE_FAINT);
    }
    view->lines.text.failed |= !dc_buf_ok(&values.label) || !dc_buf_ok(&values.value);
    dc_buf_done(&values.label);
    dc_buf_done(&values.value);
}

/* CPU numbers of the guest are those of its vCPUs (wire-format 4). */
void view_detail_cpu(struct view *view, size_t cpu) {
    const struct dc_rec *single = view_snapshot(view)->rec;
    const struct dc_report *report = view_model(view)->report;
    if (single->type != &dc_type_SINGLE)
        return;
    const struct dc_list *perf = dc_list_of(single, DC_AT_SINGLE_vcpu_perf_at_freeze);
    const struct dc_rec *queue = record_of(dc_list_of(single, DC_AT_SINGLE_rq_scx_states),
                                           DC_AT_RQ_SCX_cpu, (int64_t)cpu);
    view_record_section(&view->lines, "run queue", queue, 0, report);
    add_task(view, single, queue);
    view_record_section(&view->lines, "hardware counters",
                        cpu < perf->count ? dc_list_rec(perf, cpu) : NULL, 0, report);
    view_record_section(&view->lines, "CPU time since boot",
                        record_of(dc_list_of(single, DC_AT_SINGLE_per_cpu_time),
                                  DC_AT_CPU_TIME_cpu, (int64_t)cpu),
                        0, report);
    add_maps(view, single, cpu);
}

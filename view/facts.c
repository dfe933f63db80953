#include "view/facts.h"

#include "view/live.h"
#include "view/record.h"

#include <stdio.h>
#include <string.h>

enum { NAMES = 24 }; /* columns for the names of members */

static struct dc_str words(const char *text) {
    return (struct dc_str){text, strlen(text)};
}

static void add_words(struct view *view, const char *label, const char *text,
                      enum dc_style style) {
    view_lines_add(&view->lines, words(label), words(text), NULL, style);
}

static void add_string(struct view *view, const char *label, struct dc_str text) {
    if (text.p)
        view_lines_add(&view->lines, words(label), text, NULL, DC_STYLE_PLAIN);
}

/* ---- what happened ---- */

/* The reason counts acknowledgements, vcpu_regs the registers that were read; and the
   reference counts its disk worker among the vCPUs (wire-format 8.2). */
static void add_disagreement(struct view *view) {
    const struct dc_model *model = view_model(view);
    const struct dc_snapshot *snapshot = view_snapshot(view);
    char text[192];
    if (!model->counts_disagree ||
        (model->reason_total == snapshot->vcpus &&
         model->reason_parked == snapshot->parked + snapshot->unavailable))
        return;
    snprintf(text, sizeof(text),
             "the reason's own counts (%llu/%llu) are not those of vcpu_regs (%zu/%zu)%s",
             (unsigned long long)model->reason_parked,
             (unsigned long long)model->reason_total, snapshot->parked, snapshot->vcpus,
             model->reason_total == snapshot->vcpus + 1
                 ? "; a disk worker may be counted as one more vCPU"
                 : "");
    add_words(view, "note", text, DC_STYLE_WARN);
}

static void add_degraded(struct view *view) {
    const struct dc_model *model = view_model(view);
    char text[64] = "absent (0, or not recorded)";
    if (model->variant != DC_DEGRADED)
        return;
    add_string(view, "reason", model->reason);
    add_disagreement(view);
    if (model->elapsed_ms > 0 || dc_has(model->own, DC_AT_DUMPCTL_elapsed_us))
        snprintf(text, sizeof(text), "%llu ms", (unsigned long long)model->elapsed_ms);
    add_words(view, "elapsed_ms", text, DC_STYLE_PLAIN);
}

static void add_dual(struct view *view) {
    const struct dc_model *model = view_model(view);
    char text[128] = "present; jiffies not captured";
    if (model->variant != DC_DUAL)
        return;
    if (model->n_snapshots < 2)
        snprintf(text, sizeof(text), "absent%s",
                 model->early_skipped_reason.p ? "" : "; the report does not say why");
    else if (model->early_max_age_jiffies > 0 || model->early_threshold_jiffies > 0)
        snprintf(text, sizeof(text), "present; taken at age %llu jiffies, threshold %llu",
                 (unsigned long long)model->early_max_age_jiffies,
                 (unsigned long long)model->early_threshold_jiffies);
    add_words(view, "early", text, DC_STYLE_PLAIN);
    add_string(view, "early_skipped_reason", model->early_skipped_reason);
}

static void add_missing(struct view *view) {
    const struct dc_rec *missing = view_model(view)->missing;
    if (!missing)
        return;
    view_lines_add(&view->lines, words("reason"), words(missing->type->tag_value),
                   missing->type->meaning, DC_STYLE_PLAIN);
    add_string(view, "tag", view_model(view)->tag);
    view_record_section(&view->lines, "with the reason", missing, 0,
                        view_model(view)->report);
}

static void add_exit_kind(struct view *view) {
    const struct dc_exit_kind *kind = &view_model(view)->exit_kind;
    char text[96] = "absent";
    if (!kind->known && view_model(view)->variant != DC_DEGRADED)
        return;
    if (kind->known)
        snprintf(text, sizeof(text), "%u (%s)", (unsigned)kind->value, kind->name);
    add_words(view, "exit_kind", text, DC_STYLE_PLAIN);
}

static void add_trigger(struct view *view) {
    const struct dc_model *model = view_model(view);
    add_exit_kind(view);
    if (model->latch.p)
        view_lines_add(&view->lines, words("bss_latch_state"), model->latch,
                       dc_latch_meaning(model->latch), DC_STYLE_PLAIN);
    if (model->watchpoint_known)
        add_words(view, "watchpoint_hit", model->watchpoint_hit ? "true" : "false",
                  DC_STYLE_PLAIN);
}

/* ---- the snapshot ---- */

/* What is missing from a snapshot must not be missed. */
static void add_gaps(struct view *view, const struct dc_snapshot *snapshot) {
    const struct dc_rec *rec = snapshot->rec;
    char text[64];
    if (snapshot->placeholder)
        add_words(view, "is_placeholder",
                  "true: the capture produced nothing, what follows is no measurement",
                  DC_STYLE_BAD);
    if (rec->type != &dc_type_SINGLE)
        return;
    uint64_t maps = dc_u64(rec, DC_AT_SINGLE_maps_truncated);
    if (dc_has(rec, DC_AT_SINGLE_dump_truncated_at_us)) {
        snprintf(text, sizeof(text), "%llu us: the dump's deadline was crossed",
                 (unsigned long long)dc_u64(rec, DC_AT_SINGLE_dump_truncated_at_us));
        add_words(view, "dump_truncated_at_us", text, DC_STYLE_BAD);
    }
    if (maps > 0) {
        snprintf(text, sizeof(text), "%llu map%s skipped because of the deadline",
                 (unsigned long long)maps, maps == 1 ? "" : "s");
        add_words(view, "maps_truncated", text, DC_STYLE_BAD);
    }
}

/* "3: vCPUs 0,4-5": how many, and which. */
static void add_ids(struct view *view, enum dc_vcpu_state state, size_t count) {
    struct dc_buf ids;
    char text[64];
    if (count == 0)
        return;
    dc_buf_init(&ids, view->canvas.alloc);
    snprintf(text, sizeof(text), "%zu: %s ", count, count == 1 ? "vCPU" : "vCPUs");
    dc_buf_text(&ids, text);
    /* A few lines of ranges: the grid shows the rest. */
    dc_snapshot_ids(view_snapshot(view), state, 4 * (view->canvas.width - NAMES), &ids);
    view_lines_add(&view->lines, words(dc_state_name(state)),
                   (struct dc_str){ids.data, ids.len}, NULL, view_state_style(state));
    if (!dc_buf_ok(&ids))
        view->lines.text.failed = true;
    dc_buf_done(&ids);
}

/* All that stands beside the registers, and why some of it does not. */
static void add_sections(struct view *view, const struct dc_snapshot *snapshot) {
    enum {
        SHOWN = 1 << DC_AT_SINGLE_schema | 1 << DC_AT_SINGLE_vcpu_regs |
                1 << DC_AT_SINGLE_is_placeholder | 1 << DC_AT_SINGLE_maps_truncated |
                1 << DC_AT_SINGLE_dump_truncated_at_us | 1 << DC_AT_SINGLE_dumpctl
    };
    static const char *const titles[] = {[DC_ONLY] = "sections",
                                         [DC_EARLY] = "sections of the early snapshot",
                                         [DC_LATE] = "sections of the late snapshot"};
    struct view_lines *lines = &view->lines;
    const struct dc_report *report = view_model(view)->report;
    if (snapshot->rec->type != &dc_type_SINGLE) {
        view_record_section(lines, "other members", snapshot->rec, VIEW_RECORD_KNOWN,
                            report);
        return;
    }
    view_record_section(lines, titles[snapshot->phase], snapshot->rec, SHOWN, report);
    view_lines_title(lines, "", DC_STYLE_PLAIN);
    view_lines_words(lines, "Tab, among the vCPUs, goes through the sections.",
                     DC_STYLE_FAINT);
}

/* ---- the document ---- */

static void add_own(struct view *view, const char *title, const struct dc_rec *own) {
    /* Said already: with their names above, or among the vCPUs. */
    view_record_section(&view->lines, title, own,
                        1U << DC_AT_DUMPCTL_exit_kind | 1U << DC_AT_DUMPCTL_vcpus |
                            1U << DC_AT_DUMPCTL_bss_latch_state |
                            1U << DC_AT_DUMPCTL_watchpoint_hit,
                        view_model(view)->report);
}

static void add_unknown_count(struct view *view) {
    uint64_t count = view_model(view)->report->unknown;
    char text[96];
    if (count == 0)
        return;
    snprintf(text, sizeof(text), "%llu; dumpctl decode --wire keeps %s",
             (unsigned long long)count, count == 1 ? "it" : "them all");
    add_words(view, "unknown members", text, DC_STYLE_WARN);
}

/* What the snapshot stood in. */
static void add_document(struct view *view) {
    const struct dc_report *report = view_model(view)->report;
    if (view_model(view)->variant == DC_DUAL)
        view_record_section(&view->lines, "other members of the dual report",
                            report->root, VIEW_RECORD_KNOWN, report);
    view_record_section(
        &view->lines, "the debug capture around the report", report->around,
        1U << DC_AT_DEBUG_CAPTURE_schema | 1U << DC_AT_DEBUG_CAPTURE_failure_dump,
        report);
}

static void add_snapshot(struct view *view, const struct dc_snapshot *snapshot) {
    add_gaps(view, snapshot);
    add_degraded(view);
    add_dual(view);
    add_trigger(view);
    add_ids(view, DC_PARKED, snapshot->parked);
    add_ids(view, DC_NOT_PARKED, snapshot->not_parked);
    add_ids(view, DC_UNAVAILABLE, snapshot->unavailable);
    add_unknown_count(view);
    if (snapshot->own != view_model(view)->own)
        add_own(view, "dumpctl, of this snapshot", snapshot->own);
    add_own(view, "dumpctl, of the run", view_model(view)->own);
    add_sections(view, snapshot);
}

/* ---- a capture that goes on ---- */

/* One after the other, as they were told. */
static void add_told(struct view *view, struct dc_str told) {
    enum { LONG = 2000 }; /* a whole report that could not be written, say */
    struct view_lines *lines = &view->lines;
    char text[80];
    if (told.len == 0)
        return;
    view_lines_title(lines, "", DC_STYLE_PLAIN);
    view_lines_title(lines, "told so far", DC_STYLE_TITLE);
    for (size_t at = 0, n; at < told.len; at += n + 1) {
        const char *end = memchr(told.p + at, '\n', told.len - at);
        n = end ? (size_t)(end - told.p) - at : told.len - at;
        if (n <= LONG) {
            view_lines_text(lines, (struct dc_str){told.p + at, n}, DC_STYLE_PLAIN);
            continue;
        }
        snprintf(text, sizeof(text), "(%zu bytes, told when the screen is closed)", n);
        view_lines_words(lines, text, DC_STYLE_FAINT);
    }
}

static void add_live(struct view *view, const struct view_live *live) {
    add_words(view, "capture", live->what, DC_STYLE_PLAIN);
    add_words(view, "now", live->words, DC_STYLE_PLAIN);
    for (size_t i = 0; i < live->n_facts; i++)
        add_words(view, live->facts[i].name, live->facts[i].value, DC_STYLE_PLAIN);
    add_told(view, live->told);
}

void view_facts_build(struct view *view) {
    const struct dc_snapshot *snapshot = view_snapshot(view);
    const struct view_live *live = view_live(view);
    struct view_lines *lines = &view->lines;
    view_lines_begin(lines);
    view_lines_column(lines, NAMES);
    if (live) {
        add_live(view, live);
        return;
    }
    add_words(view, "variant", dc_variant_name(view_model(view)->variant),
              DC_STYLE_PLAIN);
    add_string(view, "cause", (struct dc_str){view->cause.data, view->cause.len});
    if (snapshot) {
        add_snapshot(view, snapshot);
    } else {
        add_unknown_count(view);
        add_missing(view);
    }
    add_document(view);
}

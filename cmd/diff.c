#include "cmd/diff_matrix.h"
#include "cmd/diff_options.h"
#include "cmd/documents.h"
#include "cmd/fail.h"
#include "cmd/output.h"
#include "lib/patch.h"
#include "lib/show.h"
#include "lib/show_diff.h"

#include <getopt.h>
#include <limits.h>
#include <stdio.h>

static const char details[] =
    "Compares two reports of any kind by what they mean: first variant, cause, vCPUs "
    "that went from parked to not_parked and back, exit kind, latch and watchpoint, "
    "then every other section, member by member. Of more than two the first is "
    "compared with each of the others. A dual report is compared with another kind by "
    "its late half; \"-\" is standard input, for one of the reports.\n"
    "\n"
    "Members that are absent and members that are default are the same. Maps, entries, "
    "tasks and other elements with a key are found by it, in whatever order they "
    "stand. Running totals come with what they gained, and in a second where both "
    "reports say how long they ran.\n"
    "\n"
    "Addresses, registers, times and what identifies a thing inside one run only "
    "(host_tid, kicks, ...) are no differences: where nothing else differs the exit "
    "code is 0, and one line counts or names them. Reports without any difference "
    "print nothing. What one report has and the other's kind cannot have is named as "
    "not compared.\n"
    "\n"
    "Exit codes: 0 no difference; 1 they differ; 2 a file was unreadable or invalid, "
    "or the output could not be written.\n"
    "\n"
    "Examples:\n"
    "  dumpctl diff good.json bad.json\n"
    "  dumpctl diff --stat good.json bad1.json bad2.json bad3.json\n"
    "  dumpctl diff --only maps --ignore 'maps[*.rodata]' good.json bad.json\n"
    "  dumpctl diff --json good.json bad.json | jq '.differences[] | "
    "select(.what==\"vcpu_state\")'\n"
    "  dumpctl diff --phases dual.json\n"
    "  dumpctl diff --format=json-patch a.json b.json >patch.json\n"
    "  sed -n 2p reports.jsonl | dumpctl diff -q first.json -\n";

struct diff {
    struct cmd_common common;
    struct cmd_documents docs;
    struct cmd_output out;
    struct cmd_diff_options how;
    size_t shown; /* comparisons that had something to tell */
};

/* Two reports without contents are equal, but that is no good news. */
static void note_placeholders(const struct diff *diff, const struct dc_model models[2]) {
    const struct dc_snapshot *a = dc_model_main(&models[0]);
    const struct dc_snapshot *b = dc_model_main(&models[1]);
    if (a && b && a->placeholder && b->placeholder)
        cmd_note(&diff->common,
                 "both reports are placeholders: their captures produced nothing");
}

/* ---- one comparison ---- */

static int write_json(struct diff *diff, const struct dc_diff *found,
                      const struct dc_show_diff_options *show, struct dc_error *err) {
    struct dc_writer w;
    dc_writer_init(&w, diff->out.sink, true, false);
    int rc = dc_show_diff_json(&w, found, show, err);
    dc_write_newline(&w);
    if (dc_writer_finish(&w) < 0 && rc == 0)
        return dc_fail(err, DC_EIO, "cannot be written");
    return rc;
}

/* Nobody is given half a patch: it is held until it is whole. */
static int write_patch(struct diff *diff, const struct dc_model models[2],
                       struct dc_error *err) {
    struct dc_sink sink = diff->out.sink;
    struct dc_writer w;
    struct dc_buf patch;
    dc_buf_init(&patch, dc_alloc_libc);
    dc_writer_init(&w, dc_buf_sink(&patch), true, true);
    int rc = dc_patch_write(&w, models[0].report, models[1].report, dc_alloc_libc, err);
    dc_write_newline(&w);
    if (dc_writer_finish(&w) < 0 && rc == 0)
        rc = dc_fail(err, DC_ENOMEM, "out of memory");
    else if (rc == 0 && sink.write(sink.ctx, patch.data, patch.len) < 0)
        rc = dc_fail(err, DC_EIO, "cannot be written");
    dc_buf_done(&patch);
    return rc;
}

static bool prints_nothing(const struct diff *diff, const struct dc_diff *found) {
    bool all = diff->how.form == DC_SHOW_DIFF_ALL || diff->how.form == DC_SHOW_DIFF_SIDES;
    return all ? dc_diff_is_silent(found) : dc_diff_total(found) == 0;
}

static int write_text(struct diff *diff, const struct dc_diff *found,
                      const struct dc_show_diff_options *show, struct dc_error *err) {
    static const char newline = '\n';
    struct dc_sink sink = diff->out.sink;
    if (prints_nothing(diff, found))
        return 0;
    if (diff->shown++ > 0 && show->form != DC_SHOW_DIFF_BRIEF &&
        sink.write(sink.ctx, &newline, 1) < 0)
        return dc_fail(err, DC_EIO, "cannot be written");
    return dc_show_diff(sink, found, show, err);
}

static int write_found(struct diff *diff, const struct dc_diff *found,
                       const char *const names[2], const struct dc_model models[2],
                       struct dc_error *err) {
    struct dc_show_diff_options show = {.alloc = dc_alloc_libc,
                                        .form = diff->how.form,
                                        .several = diff->docs.count > 2,
                                        .phases = diff->how.phases,
                                        .colour = diff->out.colour,
                                        .width = diff->out.width,
                                        .names = {names[0], names[1]}};
    int rc = diff->how.patch     ? write_patch(diff, models, err)
             : diff->how.html    ? dc_show_diff_html(diff->out.sink, found, &show, err)
             : diff->common.json ? write_json(diff, found, &show, err)
                                 : write_text(diff, found, &show, err);
    /* The output tells its own faults, once. */
    return rc < 0 && err->code == DC_EIO ? 0 : rc;
}

static int compare(struct diff *diff, const struct dc_model models[2],
                   const char *const names[2]) {
    struct dc_diff_options how = diff->how.how;
    struct dc_diff found;
    struct dc_error err;
    cmd_diff_choose_symbols(&diff->how, &diff->common, &models[0], &models[1], &how);
    int rc = dc_diff_init(&found, &models[0], &models[1], &how, &err);
    bool same = dc_diff_total(&found) == 0;
    if (rc == 0)
        rc = write_found(diff, &found, names, models, &err);
    dc_diff_done(&found);
    if (rc < 0)
        return cmd_fail(&diff->common, &err);
    if (same)
        note_placeholders(diff, models);
    return same ? EXIT_DONE : EXIT_DIFFERENT;
}

/* ---- the command line ---- */

/* All are read, so that the faults of all are told. */
static int compare_each(struct diff *diff) {
    struct dc_report reports[2];
    struct dc_model models[2];
    bool base = cmd_documents_load(&diff->docs, 0, &reports[0], &models[0]) == 0;
    int code = base ? EXIT_DONE : EXIT_TROUBLE;
    for (size_t i = 1; i < diff->docs.count && !cmd_output_ended(&diff->out); i++) {
        const char *const names[] = {diff->docs.inputs[0].name,
                                     diff->docs.inputs[i].name};
        if (cmd_documents_load(&diff->docs, i, &reports[1], &models[1]) < 0) {
            code = EXIT_TROUBLE;
            continue;
        }
        if (base)
            code = cmd_worse(code, compare(diff, models, names));
        dc_report_done(&reports[1]);
        cmd_documents_drop(&diff->docs, i);
    }
    if (base)
        dc_report_done(&reports[0]);
    return code;
}

/* The snapshots of one report, each as though it were a report of its own. */
static int compare_phases(struct diff *diff) {
    char early[PATH_MAX + 16];
    const char *const names[] = {early, "late"};
    struct dc_report report, phases[2];
    struct dc_model whole, models[2];
    struct dc_error err;
    int code = EXIT_TROUBLE;
    if (cmd_documents_load(&diff->docs, 0, &report, &whole) < 0)
        return EXIT_TROUBLE;
    snprintf(early, sizeof(early), "%s: early", diff->docs.inputs[0].name);
    if (whole.n_snapshots == 2) {
        for (size_t i = 0; i < 2; i++) {
            phases[i] = dc_report_phase(&report, whole.snapshots[i].rec);
            dc_model_init(&models[i], &phases[i], whole.file);
        }
        code = compare(diff, models, names);
    } else {
        dc_fail(&err, DC_EVARIANT,
                "has no early snapshot beside a late one, and --phases compares these; "
                "this report is %s",
                dc_variant_name(report.variant));
        err.file = diff->docs.inputs[0].name;
        code = cmd_fail(&diff->common, &err);
    }
    dc_report_done(&report);
    return code;
}

static int compare_all(struct diff *diff) {
    if (diff->how.matrix)
        return cmd_diff_matrix(&diff->how, &diff->common, &diff->docs, &diff->out);
    return diff->how.phases ? compare_phases(diff) : compare_each(diff);
}

static int write_page(struct diff *diff) {
    struct dc_sink sink = diff->out.sink;
    if (dc_show_html_begin(sink, "differences of failure dumps") < 0)
        return EXIT_TROUBLE;
    int code = compare_all(diff);
    if (code == EXIT_TROUBLE)
        cmd_note(&diff->common, "%s is not written", diff->how.html);
    return dc_show_html_end(sink, "diff") < 0 ? EXIT_TROUBLE : code;
}

static int run_output(struct diff *diff) {
    struct cmd_allowed folder = {NULL, CMD_ALLOW_REPLACE};
    struct dc_error err;
    if (!diff->how.html)
        cmd_output_open(&diff->out, &diff->common, !diff->how.patch);
    else if (cmd_output_open_file(&diff->out, &diff->common, diff->how.html,
                                  diff->how.force, &err) < 0)
        return cmd_fail(&diff->common, &err);
    if (diff->how.html)
        folder.path = diff->out.file.path ? diff->out.file.folder : NULL;
    diff->docs.allowed = diff->how.html ? &folder : NULL;
    diff->docs.n_allowed = diff->how.html ? 1 : 0;
    int code = diff->how.html ? write_page(diff) : compare_all(diff);
    diff->docs.allowed = NULL;
    diff->docs.n_allowed = 0;
    return cmd_output_finish(&diff->out, &diff->common, code);
}

static int check_count(const struct diff *diff, const struct cmd_verb *verb, int count) {
    if (diff->how.phases ? count == 1 : diff->how.patch ? count == 2 : count >= 2)
        return 0;
    cmd_usage(verb, &diff->common, "diff compares %s; %d given",
              diff->how.phases  ? "the snapshots of one report with --phases"
              : diff->how.patch ? "two reports with json-patch"
                                : "two reports or more",
              count);
    return -1;
}

static int run_inputs(struct diff *diff, const struct cmd_verb *verb, char **operands,
                      size_t count) {
    struct dc_error err;
    if (cmd_documents_open(&diff->docs, verb, operands, count) < 0)
        return EXIT_TROUBLE;
    int code = EXIT_TROUBLE;
    bool refused = diff->how.html && cmd_documents_refuse_output(
                                         &diff->docs, verb, "--html", diff->how.html) < 0;
    if (!refused)
        code = cmd_diff_open_symbols(&diff->how, &diff->common, &err) < 0
                   ? cmd_fail(&diff->common, &err)
                   : run_output(diff);
    cmd_documents_close(&diff->docs);
    return code;
}

static int run(const struct cmd_verb *verb, int argc, char **argv) {
    struct diff diff = {.shown = 0};
    int code = EXIT_TROUBLE;
    cmd_common_init(&diff.common);
    cmd_documents_init(&diff.docs, &diff.common);
    if (cmd_diff_take_options(&diff.how, verb, &diff.common, &diff.docs, argc, argv) ==
            0 &&
        check_count(&diff, verb, argc - optind) == 0)
        code = run_inputs(&diff, verb, argv + optind, (size_t)(argc - optind));
    cmd_diff_close(&diff.how);
    return code;
}

const struct cmd_verb cmd_diff = {
    .name = "diff",
    .summary = "compare reports by meaning, not by text",
    .synopsis = "[OPTION...] FILE [FILE...]",
    .shared = CMD_ALL,
    .options = cmd_diff_option_table,
    .details = details,
    .run = run,
};

#include "cmd/documents.h"
#include "cmd/fail.h"
#include "cmd/output.h"
#include "lib/show_diff.h"

#include <getopt.h>

enum { OPT_BRIEF = CMD_N_DOCUMENT_OPTIONS, OPT_ADDRESSES, OPT_PHASES };

static const struct cmd_option options[] = {
    CMD_DOCUMENT_OPTIONS,
    {'q', "brief", NULL,
     "Print one line where the reports differ and nothing where they do not; with --json "
     "leave the lists of differences out."},
    {0, "addresses", NULL,
     "Count addresses and register contents as differences, and list the registers. "
     "Without it they are noise, as they change from boot to boot."},
    {0, "phases", NULL,
     "Compare the early snapshot of one dual report with its late one."},
    {0, NULL, NULL, NULL},
};

static const char details[] =
    "Compares two reports of any kind by what they mean: first variant, cause, vCPUs "
    "that "
    "went from parked to not_parked and back, exit kind, latch and watchpoint, then "
    "every "
    "other section. A dual report is compared with another kind by its late half; \"-\" "
    "is standard input, for one of the two.\n"
    "\n"
    "Members that are absent and members that are default are the same. Maps, tasks and "
    "other lists with a key are compared by that key, in whatever order they stand. That "
    "a section differs is said, not yet what in it.\n"
    "\n"
    "Addresses, registers, times and what identifies a thing inside one run only "
    "(host_tid, "
    "kicks, ...) are no differences: where nothing else differs the exit code is 0, and "
    "one line counts or names them. Reports without any difference print nothing. What "
    "one report has and the other's kind cannot have is named as not compared.\n"
    "\n"
    "Exit codes: 0 no difference; 1 they differ; 2 a file was unreadable or invalid, or "
    "the output could not be written.\n"
    "\n"
    "Examples:\n"
    "  dumpctl diff good.json bad.json\n"
    "  dumpctl diff --json good.json bad.json | jq '.differences[] | "
    "select(.what==\"vcpu_state\")'\n"
    "  dumpctl diff --phases dual.json\n"
    "  sed -n 2p reports.jsonl | dumpctl diff -q first.json -\n";

struct diff {
    struct cmd_common common;
    struct cmd_documents docs;
    struct cmd_output out;
    bool brief, addresses, phases;
};

/* Two reports without contents are equal, but that is no good news. */
static void note_placeholders(const struct diff *diff, const struct dc_model models[2]) {
    const struct dc_snapshot *a = dc_model_main(&models[0]);
    const struct dc_snapshot *b = dc_model_main(&models[1]);
    if (a && b && a->placeholder && b->placeholder)
        cmd_note(&diff->common,
                 "both reports are placeholders: their captures produced nothing");
}

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

static int write_found(struct diff *diff, const struct dc_diff *found,
                       struct dc_error *err) {
    const char *const phases[] = {"early", "late"};
    const char *const files[] = {diff->docs.inputs[0].name,
                                 diff->phases ? NULL : diff->docs.inputs[1].name};
    const char *const *names = diff->phases ? phases : files;
    struct dc_show_diff_options show = {.alloc = dc_alloc_libc,
                                        .colour = diff->out.colour,
                                        .brief = diff->brief,
                                        .width = diff->out.width,
                                        .names = {names[0], names[1]}};
    int rc = diff->common.json ? write_json(diff, found, &show, err)
                               : dc_show_diff(diff->out.sink, found, &show, err);
    /* The output tells its own faults, once. */
    return rc < 0 && err->code == DC_EIO ? 0 : rc;
}

static int compare(struct diff *diff, const struct dc_model models[2]) {
    struct dc_diff_options how = {.alloc = dc_alloc_libc, .addresses = diff->addresses};
    struct dc_diff found;
    struct dc_error err;
    int rc = dc_diff_init(&found, &models[0], &models[1], &how, &err);
    if (rc == 0)
        rc = write_found(diff, &found, &err);
    bool same = dc_diff_count(&found, DC_DIFF_COUNTS) == 0;
    dc_diff_done(&found);
    if (rc < 0)
        return cmd_fail(&diff->common, &err);
    if (same)
        note_placeholders(diff, models);
    return same ? EXIT_DONE : EXIT_DIFFERENT;
}

/* Both are read, so that both faults are told. */
static int load_and_compare(struct diff *diff) {
    struct dc_report reports[2];
    struct dc_model models[2];
    int loaded[2], code = EXIT_TROUBLE;
    for (size_t i = 0; i < 2; i++)
        loaded[i] = cmd_documents_load(&diff->docs, i, &reports[i], &models[i]);
    if (loaded[0] == 0 && loaded[1] == 0)
        code = compare(diff, models);
    for (size_t i = 0; i < 2; i++)
        if (loaded[i] == 0)
            dc_report_done(&reports[i]);
    return code;
}

/* The snapshots of one report, each as though it were a report of its own. */
static int load_and_compare_phases(struct diff *diff) {
    struct dc_report report, phases[2];
    struct dc_model whole, models[2];
    struct dc_error err;
    int code = EXIT_TROUBLE;
    if (cmd_documents_load(&diff->docs, 0, &report, &whole) < 0)
        return EXIT_TROUBLE;
    if (whole.n_snapshots == 2) {
        for (size_t i = 0; i < 2; i++) {
            phases[i] = dc_report_phase(&report, whole.snapshots[i].rec);
            dc_model_init(&models[i], &phases[i], whole.file);
        }
        code = compare(diff, models);
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

static int take_options(struct diff *diff, const struct cmd_verb *verb, int argc,
                        char **argv) {
    const char *value;
    int option;
    while ((option = cmd_next_option(verb, argc, argv, &diff->common, &value)) >= 0) {
        if (cmd_documents_option(&diff->docs, option))
            continue;
        diff->brief |= option == OPT_BRIEF;
        diff->addresses |= option == OPT_ADDRESSES;
        diff->phases |= option == OPT_PHASES;
    }
    if (option < -1)
        return -1;
    if (argc - optind == (diff->phases ? 1 : 2))
        return 0;
    cmd_usage(verb, &diff->common, "diff compares %s; %d given",
              diff->phases ? "the snapshots of one report with --phases" : "two reports",
              argc - optind);
    return -1;
}

static int run(const struct cmd_verb *verb, int argc, char **argv) {
    struct diff diff = {.brief = false};
    cmd_common_init(&diff.common);
    cmd_documents_init(&diff.docs, &diff.common);
    if (take_options(&diff, verb, argc, argv) < 0 ||
        cmd_documents_open(&diff.docs, verb, argv + optind, diff.phases ? 1 : 2) < 0)
        return EXIT_TROUBLE;
    cmd_output_open(&diff.out, &diff.common, true);
    int code = diff.phases ? load_and_compare_phases(&diff) : load_and_compare(&diff);
    code = cmd_output_finish(&diff.out, &diff.common, code);
    cmd_documents_close(&diff.docs);
    return code;
}

const struct cmd_verb cmd_diff = {
    .name = "diff",
    .summary = "compare two reports by meaning, not by text",
    .synopsis = "[OPTION...] FILE [FILE]",
    .shared = CMD_ALL,
    .options = options,
    .details = details,
    .run = run,
};

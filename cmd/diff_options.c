#include "cmd/diff_options.h"

#include "cmd/fail.h"
#include "cmd/section_list.h"
#include "lib/number.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

enum {
    OPT_BRIEF = CMD_N_DOCUMENT_OPTIONS,
    OPT_STAT,
    OPT_SIDES,
    OPT_PHASES,
    OPT_MATRIX,
    OPT_ADDRESSES,
    OPT_ALL,
    OPT_ONLY,
    OPT_IGNORE,
    OPT_TOLERANCE,
    OPT_SYMBOLS,
    OPT_FORMAT,
    OPT_HTML,
    OPT_FORCE,
};

const struct cmd_option cmd_diff_option_table[] = {
    CMD_DOCUMENT_OPTIONS,
    {'q', "brief", NULL,
     "Print one line where the reports differ and nothing where they do not; with --json "
     "leave the lists of differences out."},
    {0, "stat", NULL, "Print that line, and how much differs in each section."},
    {'y', "side-by-side", NULL,
     "Print the two values in columns beside each other, where the width is 96 columns "
     "or "
     "more."},
    {0, "phases", NULL,
     "Compare the early snapshot of one dual report with its late one, which are of one "
     "run."},
    {0, "matrix", NULL,
     "Print how many differences there are between every two of the reports."},
    {0, "addresses", NULL,
     "Count addresses and register contents as differences. Without it they are noise, "
     "as "
     "they change from boot to boot."},
    {'a', "all", NULL,
     "Count every difference: addresses, times and the order of elements too."},
    {0, "only", "SECTION", "Compare these sections only, several with commas between."},
    {0, "ignore", "PATH",
     "Do not count what is at that path or below it; * and ? stand for any bytes and any "
     "one. May be repeated."},
    {0, "tolerance", "N",
     "Do not count numbers that are N apart or less; with N% that share of the larger "
     "one."},
    {0, "symbols", "FILE",
     "Name functions by a System.map or a copy of /proc/kallsyms, and count vCPUs that "
     "stand in another function. Given twice, the second is that of the second report."},
    {0, "format", "FORMAT",
     "text (default), json (as --json), or json-patch: an RFC 6902 patch from the first "
     "report to the second, as decode --wire writes them; implies --all."},
    {0, "html", "FILE",
     "Write a page that a browser shows to FILE (- is standard output)."},
    {0, "force", NULL, "Replace FILE of --html where it exists."},
    {0, NULL, NULL, NULL},
};

static int refuse(const struct cmd_verb *verb, const struct cmd_common *common,
                  const char *what) {
    cmd_usage(verb, common, "%s", what);
    return -1;
}

/* ---- --only ---- */

static const char *section_name(int section) {
    return section == DC_SECTION_FINDINGS ? NULL : dc_diff_section_name(section);
}

static const struct cmd_sections compared_sections = {
    .count = DC_DIFF_N_SECTIONS,
    .find = dc_diff_section_find,
    .name = section_name,
    .hint =
        "show --list-sections names them (all but findings are compared), and there are "
        "capture and other",
};

/* ---- --tolerance ---- */

/* Digits with at most one point among them; no locale. 0, or -1. */
static int parse_decimal(const char *text, size_t len, double *value) {
    struct dc_span span = {text, len};
    size_t digits = 0, points = 0;
    for (size_t i = 0; i < len; i++) {
        digits += text[i] >= '0' && text[i] <= '9';
        points += text[i] == '.';
    }
    bool right = digits > 0 && points <= 1 && digits + points == len && text[0] != '.' &&
                 text[len - 1] != '.';
    return right ? dc_parse_f64(span, value) : -1;
}

static int take_tolerance(struct cmd_diff_options *options, const struct cmd_verb *verb,
                          const struct cmd_common *common, const char *value) {
    size_t len = strlen(value);
    bool share = len > 0 && value[len - 1] == '%';
    struct dc_tolerance *tolerance = &options->how.tolerance;
    if (parse_decimal(value, len - share,
                      share ? &tolerance->percent : &tolerance->number) < 0 ||
        tolerance->percent > 100) {
        cmd_usage(
            verb, common,
            "--tolerance takes a number, such as 10, or a share up to 100%%, such as "
            "5%%, not '%s'",
            value);
        return -1;
    }
    return 0;
}

/* ---- the others ---- */

static int take_format(struct cmd_diff_options *options, const struct cmd_verb *verb,
                       struct cmd_common *common, const char *value) {
    options->patch = strcmp(value, "json-patch") == 0;
    if (strcmp(value, "json") == 0)
        common->json = true;
    else if (!options->patch && strcmp(value, "text") != 0) {
        cmd_usage(verb, common, "--format is text, json or json-patch, not '%s'", value);
        return -1;
    }
    return 0;
}

static int take_symbols(struct cmd_diff_options *options, const struct cmd_verb *verb,
                        const struct cmd_common *common, const char *value) {
    if (options->n_symbols == 2)
        return refuse(verb, common, "--symbols is given more than twice");
    options->symbols_paths[options->n_symbols++] = value;
    return 0;
}

static int take_form(struct cmd_diff_options *options, const struct cmd_verb *verb,
                     const struct cmd_common *common, enum dc_show_diff_form form) {
    if (options->form != DC_SHOW_DIFF_ALL && options->form != form)
        return refuse(verb, common,
                      "-q, --stat and -y are three ways to show differences: give one");
    options->form = form;
    return 0;
}

static int take_option(struct cmd_diff_options *options, const struct cmd_verb *verb,
                       struct cmd_common *common, int option, const char *value) {
    switch (option) {
    case OPT_BRIEF:
        return take_form(options, verb, common, DC_SHOW_DIFF_BRIEF);
    case OPT_STAT:
        return take_form(options, verb, common, DC_SHOW_DIFF_STAT);
    case OPT_SIDES:
        return take_form(options, verb, common, DC_SHOW_DIFF_SIDES);
    case OPT_PHASES:
        options->phases = options->how.same_run = true;
        return 0;
    case OPT_MATRIX:
        options->matrix = true;
        return 0;
    case OPT_ADDRESSES:
        if (options->how.noise == DC_NOISE_BOTH)
            options->how.noise = DC_NOISE_TIMES;
        return 0;
    case OPT_ALL:
        options->how.noise = DC_NOISE_NONE;
        return 0;
    case OPT_ONLY:
        return cmd_section_list(&compared_sections, verb, common, value,
                                &options->how.only);
    case OPT_IGNORE:
        if (!*value)
            return refuse(verb, common, "--ignore needs a path");
        options->ignore[options->how.n_ignore++] = value;
        return 0;
    case OPT_TOLERANCE:
        return take_tolerance(options, verb, common, value);
    case OPT_SYMBOLS:
        return take_symbols(options, verb, common, value);
    case OPT_FORMAT:
        return take_format(options, verb, common, value);
    case OPT_HTML:
        options->html = value;
        return 0;
    default:
        options->force = true;
        return 0;
    }
}

static bool chooses(const struct cmd_diff_options *options) {
    const struct dc_diff_options *how = &options->how;
    return how->only || how->n_ignore > 0 || how->tolerance.number > 0 ||
           how->tolerance.percent > 0;
}

/* An option that would do nothing is refused. */
static int check_options(const struct cmd_diff_options *options,
                         const struct cmd_verb *verb, const struct cmd_common *common) {
    bool shaped = options->form != DC_SHOW_DIFF_ALL;
    if (options->patch && (chooses(options) || options->n_symbols > 0 || options->phases))
        return refuse(verb, common,
                      "a patch has every difference of two reports: nothing that chooses "
                      "goes with json-patch");
    if (options->patch && (shaped || options->html || options->matrix))
        return refuse(verb, common, "json-patch is a kind of output of its own");
    if (options->matrix &&
        (shaped || options->html || options->phases || options->n_symbols > 0))
        return refuse(
            verb, common,
            "--matrix prints numbers: no other form, --phases or --symbols goes "
            "with it");
    if (options->html && (common->json || shaped))
        return refuse(verb, common, "--html is a kind of output of its own");
    if (common->json && options->form == DC_SHOW_DIFF_SIDES)
        return refuse(verb, common, "--side-by-side has no meaning with --json");
    if (options->force && !options->html)
        return refuse(verb, common, "--force has no meaning without --html");
    return 0;
}

int cmd_diff_take_options(struct cmd_diff_options *options, const struct cmd_verb *verb,
                          struct cmd_common *common, struct cmd_documents *docs, int argc,
                          char **argv) {
    struct dc_error err;
    const char *value;
    int option;
    *options = (struct cmd_diff_options){.how.alloc = dc_alloc_libc,
                                         .symbols_texts = {{.fd = -1}, {.fd = -1}}};
    options->ignore = calloc((size_t)argc, sizeof(*options->ignore));
    if (!options->ignore) {
        dc_fail(&err, DC_ENOMEM, "out of memory");
        cmd_fail(common, &err);
        return -1;
    }
    options->how.ignore = options->ignore;
    while ((option = cmd_next_option(verb, argc, argv, common, &value)) >= 0) {
        if (cmd_documents_option(docs, option))
            continue;
        if (take_option(options, verb, common, option, value) < 0)
            return -1;
    }
    if (option < -1 || check_options(options, verb, common) < 0)
        return -1;
    if (options->patch)
        options->how.noise = DC_NOISE_NONE;
    return 0;
}

/* ---- symbols ---- */

int cmd_diff_open_symbols(struct cmd_diff_options *options,
                          const struct cmd_common *common, struct dc_error *err) {
    for (size_t i = 0; i < options->n_symbols; i++) {
        struct cmd_input *in = &options->symbols_texts[i];
        if (cmd_input_read_symbols(in, options->symbols_paths[i], common->max_size,
                                   &options->symbols[i], err) < 0)
            return -1;
        options->symbols_read[i] = true;
    }
    return 0;
}

void cmd_diff_choose_symbols(const struct cmd_diff_options *options,
                             const struct cmd_common *common, const struct dc_model *a,
                             const struct dc_model *b, struct dc_diff_options *how) {
    const struct dc_model *const models[] = {a, b};
    for (size_t side = 0; side < 2; side++) {
        size_t file = side < options->n_symbols ? side : 0;
        how->symbols[side] = NULL;
        if (options->n_symbols == 0)
            continue;
        const struct dc_symbols *symbols = &options->symbols[file];
        if (dc_symbols_judge(symbols, models[side]).fit != DC_SYMBOLS_DOUBTFUL)
            how->symbols[side] = symbols;
        else
            cmd_note(common,
                     "%s is not of the kernel and the boot of %s: its names are "
                     "not used for that",
                     options->symbols_paths[file], models[side]->file);
    }
}

void cmd_diff_close(struct cmd_diff_options *options) {
    for (size_t i = 0; i < 2; i++) {
        if (options->symbols_read[i])
            dc_symbols_done(&options->symbols[i]);
        cmd_input_close(&options->symbols_texts[i]);
    }
    free(options->ignore);
    options->ignore = NULL;
}

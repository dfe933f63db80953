#include "cmd/show_options.h"

#include "cmd/fail.h"
#include "cmd/section_list.h"
#include "lib/ids.h"

#include <getopt.h>
#include <string.h>

enum {
    OPT_SHORT = CMD_N_DOCUMENT_OPTIONS,
    OPT_ALL,
    OPT_SECTION,
    OPT_LIST_SECTIONS,
    OPT_LIST_MAPS,
    OPT_VCPU,
    OPT_CPU,
    OPT_MAP,
    OPT_TASK,
    OPT_EXACT,
    OPT_SYMBOLS,
    OPT_HTML,
    OPT_FORCE,
};

const struct cmd_option cmd_show_option_table[] = {
    CMD_DOCUMENT_OPTIONS,
    {'s', "short", NULL,
     "Print one line for each document: file, variant, cause, vCPUs."},
    {'a', "all", NULL,
     "Print every vCPU, row, column and zero member, and every byte of long texts."},
    {'S', "section", "NAME[,...]", "Print these sections only."},
    {0, "list-sections", NULL,
     "Print the names of all sections, with a FILE those that it has, and stop."},
    {0, "list-maps", NULL, "Print the names of the maps in FILE, and stop."},
    {0, "vcpu", "LIST", "Print these vCPUs only, such as 3,7-9, with all registers."},
    {0, "cpu", "LIST", "Print these CPUs only, of queues, times and per-CPU maps."},
    {0, "map", "PATTERN", "Print the maps with such names only, such as 'cpu_ctx*'."},
    {0, "task", "PATTERN", "Print the tasks with such names or pids only."},
    {0, "exact", NULL, "Print times in nanoseconds."},
    {0, "symbols", "FILE",
     "Name addresses by FILE, a System.map or a copy of /proc/kallsyms."},
    {0, "html", "FILE",
     "Write a page of HTML to FILE, whole or not at all, instead of text."},
    {0, "force", NULL, "Replace FILE of --html where it exists."},
    {0, NULL, NULL, NULL},
};

/* ---- sections ---- */

static const char *section_name(int section) {
    return dc_sections[section].name;
}

static const char *section_member(int section) {
    return dc_sections[section].member;
}

static const struct cmd_sections shown_sections = {
    .count = DC_N_SECTIONS,
    .find = dc_section_find,
    .name = section_name,
    .other_name = section_member,
    .hint = "--list-sections names them",
};

/* A second one would replace the first without a word. */
static int take_once(const struct cmd_verb *verb, const struct cmd_common *common,
                     const char *name, const char *value, const char **taken) {
    if (*taken) {
        cmd_usage(verb, common, "--%s is given twice", name);
        return -1;
    }
    *taken = value;
    return 0;
}

static int take_ids(const struct cmd_verb *verb, const struct cmd_common *common,
                    const char *name, const char *value, const char **ids) {
    struct dc_error err;
    if (dc_ids_check(value, &err) < 0) {
        cmd_usage(verb, common, "--%s %s", name, err.message);
        return -1;
    }
    return take_once(verb, common, name, value, ids);
}

/* What is chosen from chooses the sections, where nothing else does. */
static void choose_sections(struct dc_show_options *show) {
    static const uint32_t bit = 1;
    if (show->sections)
        return;
    if (show->vcpus)
        show->sections |= bit << DC_SECTION_VCPUS | bit << DC_SECTION_PERF;
    if (show->cpus)
        show->sections |= bit << DC_SECTION_RUNQUEUES | bit << DC_SECTION_CPU_TIME;
    if (show->maps || (show->cpus && !show->vcpus && !show->tasks))
        show->sections |= bit << DC_SECTION_MAPS;
    if (show->tasks)
        show->sections |= bit << DC_SECTION_TASKS;
    show->if_there = bit << DC_SECTION_PERF | bit << DC_SECTION_CPU_TIME;
}

/* ---- options ---- */

static int take_option(struct cmd_show_options *options, const struct cmd_verb *verb,
                       const struct cmd_common *common, int option, const char *value) {
    switch (option) {
    case OPT_SHORT:
        options->shorter = true;
        return 0;
    case OPT_ALL:
        options->show.all = true;
        return 0;
    case OPT_SECTION:
        return cmd_section_list(&shown_sections, verb, common, value,
                                &options->show.sections);
    case OPT_LIST_SECTIONS:
        options->list = CMD_SHOW_SECTIONS;
        return 0;
    case OPT_LIST_MAPS:
        options->list = CMD_SHOW_MAPS;
        return 0;
    case OPT_VCPU:
        return take_ids(verb, common, "vcpu", value, &options->show.vcpus);
    case OPT_CPU:
        return take_ids(verb, common, "cpu", value, &options->show.cpus);
    case OPT_MAP:
        return take_once(verb, common, "map", value, &options->show.maps);
    case OPT_TASK:
        return take_once(verb, common, "task", value, &options->show.tasks);
    case OPT_EXACT:
        options->show.exact = true;
        return 0;
    case OPT_SYMBOLS:
        options->symbols_path = value;
        return 0;
    case OPT_HTML:
        options->html = value;
        return 0;
    default:
        options->force = true;
        return 0;
    }
}

static bool chooses(const struct cmd_show_options *options) {
    const struct dc_show_options *show = &options->show;
    return show->sections || show->vcpus || show->cpus || show->maps || show->tasks ||
           show->exact || options->symbols_path;
}

/* Whether a filter chooses from none of the sections that were asked for. */
static bool misses(const struct dc_show_options *show, const char *filter,
                   uint32_t sections) {
    return filter && show->sections && !(show->sections & sections);
}

static const char *idle_filter(const struct dc_show_options *show) {
    static const uint32_t bit = 1;
    if (misses(show, show->vcpus, bit << DC_SECTION_VCPUS | bit << DC_SECTION_PERF))
        return "--vcpu chooses from vcpus and perf, and --section has neither";
    if (misses(show, show->cpus,
               bit << DC_SECTION_RUNQUEUES | bit << DC_SECTION_CPU_TIME |
                   bit << DC_SECTION_MAPS))
        return "--cpu chooses from runqueues, cpu_time and maps, and --section has none";
    if (misses(show, show->maps, bit << DC_SECTION_MAPS))
        return "--map chooses from maps, and --section has them not";
    if (misses(show, show->tasks, bit << DC_SECTION_TASKS))
        return "--task chooses from tasks, and --section has them not";
    return NULL;
}

/* An option that would do nothing is refused. */
static int check_options(const struct cmd_show_options *options,
                         const struct cmd_verb *verb, const struct cmd_common *common) {
    const char *what = NULL;
    if (options->show.all && options->shorter)
        what = "--all has no meaning with --short";
    else if (options->show.all && common->json)
        what = "--all has no meaning with --json, which has every row";
    else if (options->shorter && (chooses(options) || options->html))
        what = "--short prints one line: no option that chooses goes with it";
    else if (options->html && common->json)
        what = "--html and --json are two kinds of output";
    else if (options->show.exact && common->json)
        what = "--exact has no meaning with --json, whose numbers are exact";
    else if (options->force && !options->html)
        what = "--force has no meaning without --html";
    else if (options->list != CMD_SHOW_NO_LIST &&
             (options->shorter || options->show.all || options->html || chooses(options)))
        what = "--list-sections and --list-maps print names: nothing else goes with them";
    else if (options->list == CMD_SHOW_MAPS && common->json)
        what = "--list-maps prints names as they are; --json --section=maps has data";
    if (!what)
        what = idle_filter(&options->show);
    if (!what)
        return 0;
    cmd_usage(verb, common, "%s", what);
    return -1;
}

int cmd_show_take_options(struct cmd_show_options *options, const struct cmd_verb *verb,
                          struct cmd_common *common, struct cmd_documents *docs, int argc,
                          char **argv) {
    const char *value;
    int option;
    *options =
        (struct cmd_show_options){.show.alloc = dc_alloc_libc, .symbols_text.fd = -1};
    while ((option = cmd_next_option(verb, argc, argv, common, &value)) >= 0) {
        if (cmd_documents_option(docs, option))
            continue;
        if (take_option(options, verb, common, option, value) < 0)
            return -1;
    }
    if (option < -1 || check_options(options, verb, common) < 0)
        return -1;
    choose_sections(&options->show);
    return 0;
}

/* ---- symbols ---- */

int cmd_show_open_symbols(struct cmd_show_options *options,
                          const struct cmd_common *common, struct dc_error *err) {
    if (!options->symbols_path)
        return 0;
    if (cmd_input_read_symbols(&options->symbols_text, options->symbols_path,
                               common->max_size, &options->symbols, err) < 0)
        return -1;
    options->show.symbols = &options->symbols;
    return 0;
}

void cmd_show_close(struct cmd_show_options *options) {
    if (options->show.symbols)
        dc_symbols_done(&options->symbols);
    cmd_input_close(&options->symbols_text);
}

#include "cmd/nearest.h"
#include "cmd/output.h"
#include "lib/json_schema.h"
#include "lib/text.h"

#include <getopt.h>
#include <string.h>
#include <strings.h>

enum { OPT_ALL, OPT_UNIFORM, OPT_LIST, OPT_COMPACT };

static const struct cmd_option options[] = {
    {'a', "all", NULL, "The schema of every document that dumpctl reads (the default)."},
    {'u', "uniform", NULL, "The schema of what `dumpctl decode` prints."},
    {'l', "list", NULL, "List the types instead, with a line about each."},
    {'c', "compact", NULL, "No white space."},
    {0, NULL, NULL, NULL},
};

static const char details[] =
    "Prints JSON Schema, draft 2020-12, made from the tables by which dumpctl itself "
    "reads "
    "reports. TYPE is a variant (single, dual, degraded), a reason for missing "
    "statistics, "
    "or any type that --list names; case does not matter. Without TYPE it "
    "is the schema of every document that dumpctl reads.\n"
    "\n"
    "A schema cannot say all that dumpctl checks: that no known member stands twice, "
    "that "
    "an integer is not written as 1.0, and how deep a document may nest. `dumpctl decode "
    "--check` does.\n"
    "\n"
    "Exit codes: 0 done; 2 there is no such type, or the output could not be written.\n"
    "\n"
    "Examples:\n"
    "  dumpctl schema degraded\n"
    "  dumpctl schema VcpuRegs\n"
    "  dumpctl schema --uniform > uniform.schema.json\n";

struct schema {
    const struct cmd_verb *verb;
    struct cmd_common common;
    struct cmd_output out;
    bool all, uniform, list, compact;
    const struct dc_type *type; /* NULL: every document */
};

/* Every type that has a schema: those that a document can hold, and the unions. */
static const struct dc_type *const *all_types(size_t *count) {
#define ENTRY(id, ...) &dc_type_##id,
    static const struct dc_type *const types[] = {DC_TYPES(ENTRY) DC_OWN_TYPES(ENTRY) &
                                                      dc_type_RV,
                                                  &dc_type_REASON, &dc_type_SAMPLE};
#undef ENTRY
    *count = sizeof(types) / sizeof(types[0]);
    return types;
}

/* By its name, or by the word that chooses it: "degraded" is DegradedFailureDumpReport. */
static const struct dc_type *find_type(const char *name) {
    size_t count;
    const struct dc_type *const *types = all_types(&count);
    for (size_t i = 0; i < count; i++)
        if (strcasecmp(types[i]->name, name) == 0 ||
            (types[i]->tag_value && strcasecmp(types[i]->tag_value, name) == 0))
            return types[i];
    return NULL;
}

static int unknown_type(const struct schema *schema, const char *name) {
    const char *names[256];
    size_t count, used = 0;
    const struct dc_type *const *types = all_types(&count);
    for (size_t i = 0; i < count && used + 1 < sizeof(names) / sizeof(names[0]); i++) {
        names[used++] = types[i]->name;
        if (types[i]->tag_value)
            names[used++] = types[i]->tag_value;
    }
    const char *nearest = cmd_nearest(name, names, used);
    if (nearest)
        return cmd_usage(schema->verb, &schema->common,
                         "unknown type '%s'; did you mean '%s'?", name, nearest);
    return cmd_usage(schema->verb, &schema->common,
                     "unknown type '%s'; `dumpctl schema --list` names them all", name);
}

static int write_list(struct schema *schema) {
    enum { COLUMN = 26 };
    size_t count;
    const struct dc_type *const *types = all_types(&count);
    struct dc_text t;
    dc_text_init(&t, schema->out.sink, schema->out.colour, schema->out.width);
    for (size_t i = 0; i < count; i++) {
        dc_text_put(&t, "%s", types[i]->name);
        dc_text_tab(&t, COLUMN);
        dc_text_put(&t, "%s\n", types[i]->meaning);
    }
    return dc_text_finish(&t);
}

static int write_schema(struct schema *schema) {
    struct dc_writer w;
    dc_writer_init(&w, schema->out.sink, true, !schema->compact);
    if (schema->uniform)
        dc_json_schema_write_uniform(&w);
    else if (schema->type)
        dc_json_schema_write(&w, schema->type);
    else
        dc_json_schema_write_any(&w);
    dc_write_newline(&w);
    return dc_writer_finish(&w);
}

static int take_options(struct schema *schema, int argc, char **argv) {
    const char *value;
    int option;
    while ((option = cmd_next_option(schema->verb, argc, argv, &schema->common,
                                     &value)) >= 0) {
        schema->all |= option == OPT_ALL;
        schema->uniform |= option == OPT_UNIFORM;
        schema->list |= option == OPT_LIST;
        schema->compact |= option == OPT_COMPACT;
    }
    return option < -1 ? -1 : 0;
}

static int run(const struct cmd_verb *verb, int argc, char **argv) {
    struct schema schema = {.verb = verb};
    cmd_common_init(&schema.common);
    if (take_options(&schema, argc, argv) < 0)
        return EXIT_TROUBLE;
    if (argc - optind > 1)
        return cmd_usage(verb, &schema.common, "one TYPE at a time, please");
    bool named = optind < argc;
    if (schema.all + schema.uniform + schema.list + named > 1)
        return cmd_usage(verb, &schema.common,
                         "a TYPE, --all, --uniform and --list exclude each other");
    if (schema.list && schema.compact)
        return cmd_usage(verb, &schema.common, "--compact has no meaning with --list");
    if (named && !(schema.type = find_type(argv[optind])))
        return unknown_type(&schema, argv[optind]);
    cmd_output_open(&schema.out, &schema.common, true);
    /* Nothing but the output can fail here, and that tells of its fault itself. */
    int written = schema.list ? write_list(&schema) : write_schema(&schema);
    (void)written;
    return cmd_output_finish(&schema.out, &schema.common, EXIT_DONE);
}

const struct cmd_verb cmd_schema = {
    .name = "schema",
    .summary = "print the JSON Schema of a report, of one of its types, or of the shape",
    .synopsis = "[OPTION...] [TYPE]",
    .shared = CMD_TEXT,
    .options = options,
    .details = details,
    .run = run,
};

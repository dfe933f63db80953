#include "cmd/stats_options.h"

#include "cmd/fail.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistr.h>

enum {
    OPT_SOCKET,
    OPT_TARGET,
    OPT_ARG,
    OPT_META,
    OPT_WATCH,
    OPT_COUNT,
    OPT_TIMEOUT,
    OPT_MAX_REPLY,
    OPT_OPENMETRICS,
    OPT_PROBE,
};

const struct cmd_option cmd_stats_option_table[] = {
    {'s', "socket", "PATH",
     "The scheduler's socket (default: " CAP_STATS_PATH
     "); a path has 107 bytes at most."},
    {'t', "target", "NAME",
     "Which statistics to ask for; what there is depends on the scheduler, and all have "
     "\"top\", the default."},
    {0, "arg", "KEY=VALUE",
     "Send this argument with the request, for schedulers that take some. May be "
     "repeated."},
    {'m', "meta", NULL, "Print what the scheduler says about its statistics too."},
    {'w', "watch", "SECONDS",
     "Ask again and again, so often (0.01 to 86400), on one connection where that lasts, "
     "and tell what has changed."},
    {'n', "count", "N", "End after N requests for statistics; with --watch."},
    {0, "timeout", "MS",
     "Wait so long for each answer, connecting included (1 to 1000000000, default: "
     "5000)."},
    {0, "max-reply", "SIZE",
     "Take an answer, and send a request, up to this size (default: 256K, at most 1G)."},
    {0, "openmetrics", NULL, "Print the numbers in the OpenMetrics text format."},
    {0, "probe", NULL,
     "Say in one line whether a scheduler answers, and if not, what stands in the way."},
    {0, NULL, NULL, NULL},
};

static int refuse(const struct cmd_verb *verb, const struct cmd_common *common,
                  const char *what) {
    cmd_usage(verb, common, "%s", what);
    return -1;
}

/* ---- arguments ---- */

static bool is_utf8(const char *text) {
    return !u8_check((const uint8_t *)text, strlen(text));
}

static int add_arg(struct cmd_stats_options *options, const struct cmd_verb *verb,
                   const struct cmd_common *common, const char *key, const char *value) {
    size_t n = options->request.n_args;
    if (!is_utf8(key) || !is_utf8(value))
        return refuse(verb, common, "an argument of a request must be UTF-8");
    for (size_t i = 0; i < n; i++) {
        if (strcmp(options->args[i].key, key) != 0)
            continue;
        cmd_usage(verb, common, "the argument '%s' is given twice", key);
        return -1;
    }
    options->args[n] = (struct cap_stats_arg){key, value};
    options->request.n_args++;
    return 0;
}

static int take_arg(struct cmd_stats_options *options, const struct cmd_verb *verb,
                    const struct cmd_common *common, const char *text) {
    const char *equals = strchr(text, '=');
    if (!equals || equals == text) {
        cmd_usage(verb, common, "--arg takes KEY=VALUE, not '%s'", text);
        return -1;
    }
    char *key = strndup(text, (size_t)(equals - text));
    if (!key)
        return refuse(verb, common, "out of memory");
    options->keys[options->request.n_args] = key;
    if (add_arg(options, verb, common, key, equals + 1) < 0)
        return -1;
    if (strcmp(key, "target") != 0)
        return 0;
    options->target = equals + 1;
    return equals[1] ? 0 : refuse(verb, common, "--arg target= takes a name, not ''");
}

/* ---- numbers ---- */

/* "2", "0.5": seconds to microseconds, without the language's decimal point. 0, or -1. */
static int parse_seconds(const char *text, uint64_t *us) {
    unsigned long long whole, part = 0;
    char digits[16], decimals[7] = "000000";
    size_t n = strcspn(text, "."), more = text[n] ? strlen(text + n + 1) : 0;
    if (n >= sizeof(digits) || more > 6 || (text[n] && more == 0))
        return -1;
    memcpy(digits, text, n);
    digits[n] = '\0';
    memcpy(decimals, text + n + (text[n] == '.'), more);
    if (cmd_parse_number(digits, 0, 86400, &whole) < 0 ||
        cmd_parse_number(decimals, 0, 999999, &part) < 0)
        return -1;
    *us = whole * 1000000 + part;
    return *us >= 10000 && *us <= (uint64_t)86400 * 1000000 ? 0 : -1;
}

static int take_watch(struct cmd_stats_options *options, const struct cmd_verb *verb,
                      const struct cmd_common *common, const char *value) {
    if (parse_seconds(value, &options->watch_us) == 0)
        return 0;
    cmd_usage(verb, common,
              "--watch takes seconds from 0.01 to 86400, such as 2 or 0.5, not '%s'",
              value);
    return -1;
}

static int take_number(const struct cmd_verb *verb, const struct cmd_common *common,
                       const char *name, const char *value, uint64_t *number) {
    const unsigned long long most = 1000000000;
    unsigned long long parsed;
    if (cmd_parse_number(value, 1, most, &parsed) < 0) {
        cmd_usage(verb, common, "%s takes a number from 1 to %llu, not '%s'", name, most,
                  value);
        return -1;
    }
    *number = parsed;
    return 0;
}

static int take_size(struct cmd_stats_options *options, const struct cmd_verb *verb,
                     const struct cmd_common *common, const char *value) {
    size_t *cap = &options->client.cap;
    if (cmd_parse_size(value, cap) == 0 && *cap > 0 && *cap <= CAP_STATS_CAP_MAX)
        return 0;
    cmd_usage(verb, common,
              "--max-reply takes a size such as 64K or 16M, at most 1G, not '%s'", value);
    return -1;
}

/* ---- all of them ---- */

static int take(struct cmd_stats_options *options, const struct cmd_verb *verb,
                const struct cmd_common *common, int option, const char *value) {
    options->meta |= option == OPT_META;
    options->openmetrics |= option == OPT_OPENMETRICS;
    options->probe |= option == OPT_PROBE;
    switch (option) {
    case OPT_SOCKET:
        options->client.path = value;
        return *value ? 0 : refuse(verb, common, "--socket takes a path, not ''");
    case OPT_TARGET:
        options->target = value;
        if (!*value)
            return refuse(verb, common, "--target takes a name, not ''");
        return add_arg(options, verb, common, "target", value);
    case OPT_ARG:
        return take_arg(options, verb, common, value);
    case OPT_WATCH:
        return take_watch(options, verb, common, value);
    case OPT_COUNT:
        return take_number(verb, common, "--count", value, &options->count);
    case OPT_TIMEOUT:
        return take_number(verb, common, "--timeout", value, &options->client.timeout_ms);
    case OPT_MAX_REPLY:
        return take_size(options, verb, common, value);
    default:
        return 0;
    }
}

/* What goes together; NULL: all is well. */
static const char *fault(const struct cmd_stats_options *options,
                         const struct cmd_common *common) {
    if (options->probe && (options->meta || options->openmetrics || options->watch_us ||
                           options->count || options->request.n_args))
        return "--probe asks for itself, and once: of the other options of stats, "
               "--socket, --timeout and --max-reply go with it";
    if ((options->probe || options->openmetrics) && strcmp(common->colour, "always") == 0)
        return "--color=always has no meaning with --probe and --openmetrics, which have "
               "no colours";
    if (options->openmetrics && common->width)
        return "--width has no meaning with --openmetrics, which is not folded";
    if (options->count && !options->watch_us)
        return "--count has no meaning without --watch";
    if (options->openmetrics && common->json)
        return "--openmetrics and --json are two forms of output: choose one";
    if (options->openmetrics && options->meta)
        return "--meta has no meaning with --openmetrics, which asks for it in any case";
    return NULL;
}

int cmd_stats_take_options(struct cmd_stats_options *options, const struct cmd_verb *verb,
                           struct cmd_common *common, int argc, char **argv) {
    const char *value;
    int option;
    *options = (struct cmd_stats_options){
        .client = {.path = CAP_STATS_PATH,
                   .cap = CAP_STATS_CAP,
                   .timeout_ms = CAP_STATS_TIMEOUT_MS,
                   .alloc = dc_alloc_libc},
        .args = calloc((size_t)argc, sizeof(*options->args)),
        .keys = calloc((size_t)argc, sizeof(*options->keys)),
    };
    if (!options->args || !options->keys)
        return refuse(verb, common, "out of memory");
    options->request.args = options->args;
    while ((option = cmd_next_option(verb, argc, argv, common, &value)) >= 0)
        if (take(options, verb, common, option, value) < 0)
            return -1;
    if (option < -1)
        return -1;
    if (optind < argc) {
        cmd_usage(verb, common, "takes no operand; '%s' is one", argv[optind]);
        return -1;
    }
    /* A line of JSON is an object around the answer, to be read by what reads 127. */
    options->client.margin = common->json;
    const char *wrong = fault(options, common);
    return wrong ? refuse(verb, common, wrong) : 0;
}

void cmd_stats_options_done(struct cmd_stats_options *options) {
    for (size_t i = 0; options->keys && i <= options->request.n_args; i++)
        free(options->keys[i]);
    free(options->keys);
    free(options->args);
    options->keys = NULL;
    options->args = NULL;
}

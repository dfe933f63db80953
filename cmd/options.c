#include "cmd/cmd.h"
#include "cmd/fail.h"
#include "cmd/help.h"
#include "cmd/nearest.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What getopt_long() returns: letters stand for themselves, the rest by place in a table. */
enum { OWN = 256, SHARED = 512, MOST_OPTIONS = 64 };

enum { HELP = 6 }; /* its place in cmd_shared_options */

const struct cmd_option cmd_shared_options[] = {
    {0, "json", NULL, "Print JSON; errors and notes on stderr are JSON objects too."},
    {0, "color", "WHEN",
     "\"auto\" (default), \"always\" or \"never\"; NO_COLOR is obeyed."},
    {0, "no-pager", NULL, "Do not start a pager for long text on a terminal."},
    {0, "width", "N", "Fold text to N columns, 20 to 1000 (default: the terminal's)."},
    {0, "max-size", "SIZE", "Refuse inputs larger than this (default: 256M)."},
    {0, "max-memory", "SIZE", "Memory for one document at most (default: 1G)."},
    {'h', "help", NULL, "Show this text."},
    {0, NULL, NULL, NULL},
};

struct table {
    struct option longs[MOST_OPTIONS];
    const char *names[MOST_OPTIONS]; /* with dashes, for hints */
    size_t count;
    char letters[2 * MOST_OPTIONS + 2]; /* for getopt_long() */
    size_t letter_count;
    char text[MOST_OPTIONS][40];
};

void cmd_common_init(struct cmd_common *common) {
    *common = (struct cmd_common){
        .colour = "auto",
        .max_size = (size_t)256 << 20,
        .max_memory = (size_t)1 << 30,
    };
    optind = 0; /* GNU getopt: forget the last command line */
}

static void add_option(struct table *table, const struct cmd_option *option, int value) {
    if (table->count + 1 >= MOST_OPTIONS)
        return;
    size_t i = table->count++;
    table->longs[i] = (struct option){
        .name = option->name,
        .has_arg = option->argument ? required_argument : no_argument,
        .val = value,
    };
    snprintf(table->text[i], sizeof(table->text[i]), "--%s", option->name);
    table->names[i] = table->text[i];
    if (option->letter) {
        table->letters[table->letter_count++] = option->letter;
        if (option->argument)
            table->letters[table->letter_count++] = ':';
    }
}

static void fill(struct table *table, const struct cmd_verb *verb) {
    memset(table, 0, sizeof(*table));
    table->letters[table->letter_count++] = ':'; /* a missing argument is ':', not '?' */
    for (int i = 0; verb->options && verb->options[i].name; i++)
        add_option(table, &verb->options[i], OWN + i);
    for (int i = 0; i <= HELP; i++)
        if (i == HELP || (verb->shared & 1U << i))
            add_option(table, &cmd_shared_options[i], SHARED + i);
}

/* The place of an option in the verb's table (OWN + i) or the shared one (SHARED + i). */
static int place(const struct cmd_verb *verb, int value) {
    if (value >= OWN)
        return value;
    for (int i = 0; verb->options && verb->options[i].name; i++)
        if (verb->options[i].letter == value)
            return OWN + i;
    return SHARED + HELP;
}

bool cmd_json_anywhere(int argc, char **argv) {
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--json") == 0)
            return true;
    return false;
}

/* Looks through the whole line for --json, in the way that it will be read. */
static bool asks_json(const struct table *table, const struct cmd_verb *verb, int argc,
                      char **argv) {
    bool json = false;
    int value;
    if (!(verb->shared & CMD_JSON))
        return cmd_json_anywhere(argc, argv);
    optind = 0;
    while ((value = getopt_long(argc, argv, table->letters, table->longs, NULL)) != -1)
        json |= value == SHARED;
    optind = 0;
    return json;
}

/* Names of options that begin with `word`, into `list`. Returns how many there are. */
static unsigned beginning_with(const struct table *table, const char *word, char *list,
                               size_t size) {
    unsigned found = 0;
    size_t used = 0;
    *list = '\0';
    for (size_t i = 0; i < table->count; i++) {
        if (strncmp(table->names[i], word, strlen(word)) != 0)
            continue;
        int n = snprintf(list + used, size - used, "%s'%s'", found ? " or " : "",
                         table->names[i]);
        if (n > 0 && (size_t)n < size - used)
            used += (size_t)n;
        found++;
    }
    return found;
}

static void unknown_long(const struct table *table, const struct cmd_verb *verb,
                         const struct cmd_common *common, const char *element) {
    char word[128], list[256];
    snprintf(word, sizeof(word), "%.*s", (int)strcspn(element, "="), element);
    if (beginning_with(table, word, list, sizeof(list)) > 1) {
        cmd_usage(verb, common, "option '%s' may be %s", word, list);
        return;
    }
    const char *nearest = cmd_nearest(word, table->names, table->count);
    if (nearest)
        cmd_usage(verb, common, "unknown option '%s'; did you mean '%s'?", word, nearest);
    else
        cmd_usage(verb, common, "unknown option '%s'", word);
}

/* `value` is what getopt_long() returned: '?' or ':'. Returns -2. */
static int refuse(const struct table *table, const struct cmd_verb *verb,
                  const struct cmd_common *common, int value, char **argv) {
    if (value == '?' && optopt == 0) {
        unknown_long(table, verb, common, argv[optind - 1]);
        return -2;
    }
    if (value == '?' && optopt < OWN) {
        const char letter[2] = {(char)optopt, '\0'};
        cmd_usage(verb, common, "unknown option '-%s'", letter);
        return -2;
    }
    int at = place(verb, optopt);
    const struct cmd_option *option =
        at >= SHARED ? &cmd_shared_options[at - SHARED] : &verb->options[at - OWN];
    if (value == '?')
        cmd_usage(verb, common, "option '--%s' takes no argument", option->name);
    else
        cmd_usage(verb, common, "option '--%s' needs an argument: %s", option->name,
                  option->argument);
    return -2;
}

static int set_size(const struct cmd_verb *verb, const struct cmd_common *common,
                    const char *name, size_t *bytes) {
    if (cmd_parse_size(optarg, bytes) == 0 && *bytes > 0)
        return 0;
    cmd_usage(verb, common, "--%s takes a size such as 64K, 16M or 1G, not '%s'", name,
              optarg);
    return -2;
}

static int set_colour(const struct cmd_verb *verb, struct cmd_common *common) {
    static const char *const words[] = {"auto", "always", "never"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp(optarg, words[i]) == 0) {
            common->colour = words[i];
            return 0;
        }
    }
    cmd_usage(verb, common, "--color takes auto, always or never, not '%s'", optarg);
    return -2;
}

static int set_width(const struct cmd_verb *verb, struct cmd_common *common) {
    unsigned long long width;
    if (cmd_parse_number(optarg, CMD_WIDTH_LEAST, CMD_WIDTH_MOST, &width) < 0) {
        cmd_usage(verb, common, "--width takes a number from %d to %d, not '%s'",
                  CMD_WIDTH_LEAST, CMD_WIDTH_MOST, optarg);
        return -2;
    }
    common->width = (unsigned)width;
    return 0;
}

/* Takes the shared option at `bit`. 0, or -2. */
static int take_shared(const struct cmd_verb *verb, struct cmd_common *common, int bit) {
    switch (1 << bit) {
    case CMD_COLOR:
        return set_colour(verb, common);
    case CMD_PAGER:
        common->no_pager = true;
        return 0;
    case CMD_WIDTH:
        return set_width(verb, common);
    case CMD_MAX_SIZE:
        return set_size(verb, common, "max-size", &common->max_size);
    case CMD_MAX_MEMORY:
        return set_size(verb, common, "max-memory", &common->max_memory);
    case 1 << HELP:
        exit(cmd_help_verb(common, verb));
    default: /* --json, which asks_json() has seen */
        return 0;
    }
}

int cmd_next_option(const struct cmd_verb *verb, int argc, char **argv,
                    struct cmd_common *common, const char **value) {
    struct table table;
    fill(&table, verb);
    opterr = 0;
    if (optind == 0)
        common->json = asks_json(&table, verb, argc, argv);
    for (;;) {
        int got = getopt_long(argc, argv, table.letters, table.longs, NULL);
        if (got == -1)
            return -1;
        if (got == '?' || got == ':')
            return refuse(&table, verb, common, got, argv);
        int at = place(verb, got);
        if (at < SHARED) {
            *value = optarg;
            return at - OWN;
        }
        if (take_shared(verb, common, at - SHARED) < 0)
            return -2;
    }
}

int cmd_usage(const struct cmd_verb *verb, const struct cmd_common *common,
              const char *fmt, ...) {
    char text[400];
    struct dc_error err;
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    if (verb)
        dc_fail(&err, DC_EUSAGE, "%s: %s (see 'dumpctl %s --help')", verb->name, text,
                verb->name);
    else
        dc_fail(&err, DC_EUSAGE, "%s (see 'dumpctl --help')", text);
    return cmd_fail(common, &err);
}

/* Decimal digits up to `end`. 0, or -1 where there are none or the value is too large. */
static int digits(const char *text, const char *end, unsigned long long *value) {
    if (text == end)
        return -1;
    *value = 0;
    for (; text < end; text++) {
        if (*text < '0' || *text > '9' || __builtin_mul_overflow(*value, 10, value) ||
            __builtin_add_overflow(*value, (unsigned)(*text - '0'), value))
            return -1;
    }
    return 0;
}

static const char size_suffixes[] = "KMGT"; /* 2 to the 10, 20, 30, 40 */

int cmd_parse_size(const char *text, size_t *bytes) {
    size_t len = strlen(text);
    unsigned shift = 0;
    if (len > 0) {
        const char *suffix = strchr(size_suffixes, text[len - 1] & ~0x20); /* k, K */
        if (suffix && *suffix) {
            shift = 10 * (unsigned)(suffix - size_suffixes + 1);
            len--;
        }
    }
    unsigned long long value;
    if (digits(text, text + len, &value) < 0 || value > SIZE_MAX >> shift)
        return -1;
    *bytes = (size_t)value << shift;
    return 0;
}

const char *cmd_size_text(size_t bytes, char text[CMD_SIZE_TEXT]) {
    unsigned unit = 0;
    while (unit < sizeof(size_suffixes) - 1 && bytes > 0 && bytes % 1024 == 0) {
        bytes /= 1024;
        unit++;
    }
    if (unit == 0)
        snprintf(text, CMD_SIZE_TEXT, "%zu", bytes);
    else
        snprintf(text, CMD_SIZE_TEXT, "%zu%c", bytes, size_suffixes[unit - 1]);
    return text;
}

int cmd_parse_number(const char *text, unsigned long long least, unsigned long long most,
                     unsigned long long *value) {
    unsigned long long number;
    if (digits(text, text + strlen(text), &number) < 0 || number < least || number > most)
        return -1;
    *value = number;
    return 0;
}

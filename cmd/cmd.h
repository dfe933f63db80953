/*
 * cmd: what a verb is, and what every verb shares.
 *
 * A verb is one constant struct: its words, its options and a function. Dispatch, usage
 * errors, `--help`, `help VERB` and the tests of completions and man pages read it. Only
 * cmd/ prints, exits, and reads the environment.
 */
#ifndef DUMPCTL_CMD_CMD_H
#define DUMPCTL_CMD_CMD_H

#include "lib/error.h"

#include <stdbool.h>
#include <stddef.h>

/* Exit codes: dumpctl(1) and each verb's page say when. */
enum {
    EXIT_DONE = 0,
    EXIT_DIFFERENT = 1, /* diff: they differ; stats: none; capture: nothing to capture */
    EXIT_TROUBLE = 2,   /* usage, unreadable, invalid, over a limit */
    EXIT_DEGRADED = 3,  /* capture: a degraded report was written */
    EXIT_CANNOT = 4,    /* capture: cannot run here */
};

/*
 * Options with one meaning for all verbs. A verb names those that do something for it;
 * the others are unknown to it, so that none is accepted and then ignored.
 */
enum cmd_shared {
    CMD_JSON = 1 << 0,       /* --json */
    CMD_COLOR = 1 << 1,      /* --color=WHEN */
    CMD_PAGER = 1 << 2,      /* --no-pager */
    CMD_WIDTH = 1 << 3,      /* --width=N */
    CMD_MAX_SIZE = 1 << 4,   /* --max-size=SIZE */
    CMD_MAX_MEMORY = 1 << 5, /* --max-memory=SIZE */

    CMD_TEXT = CMD_COLOR | CMD_PAGER | CMD_WIDTH,
    CMD_INPUT = CMD_MAX_SIZE | CMD_MAX_MEMORY,
    CMD_ALL = CMD_JSON | CMD_TEXT | CMD_INPUT,
};

struct cmd_option {
    char letter;          /* or 0; never 'h' */
    const char *name;     /* without the dashes */
    const char *argument; /* how the help calls it, or NULL where it takes none */
    const char *help;     /* sentences; folded to the width of the screen */
};

/* What one call of dumpctl has asked for by shared options. */
struct cmd_common {
    bool json;          /* --json: output, errors and notes as JSON */
    const char *colour; /* --color: "auto" (also when not given), "always" or "never" */
    bool no_pager;      /* --no-pager */
    unsigned width;     /* --width, CMD_WIDTH_LEAST to CMD_WIDTH_MOST; 0: find out */
    size_t max_size;    /* --max-size, bytes of one input */
    size_t max_memory;  /* --max-memory, bytes for one document */
    /* Keeps what is told while a screen is shown (cmd/later.h); NULL: it is told at once. */
    struct cmd_later *later;
};

enum { CMD_WIDTH_LEAST = 20, CMD_WIDTH_MOST = 1000 };

struct cmd_verb {
    const char *name;
    const char *summary;  /* for the list of verbs: a small letter first, no full stop */
    const char *synopsis; /* behind "dumpctl NAME ", for usage and help */
    unsigned shared;      /* the shared options that it takes: CMD_* bits */
    const struct cmd_option *options; /* own ones; ends with an entry without name */
    /* For --help: what it prints, exit codes, examples. A paragraph is one line (it is
       folded) and ends with "\n"; lines that begin with a blank stay as they are. */
    const char *details;
    /* Runs with argv[0] the verb's name; returns the exit code. */
    int (*run)(const struct cmd_verb *verb, int argc, char **argv);
};

extern const struct cmd_verb cmd_capture, cmd_show, cmd_decode, cmd_diff, cmd_view,
    cmd_stats, cmd_schema;

/* The verbs in the order of the help; NULL behind the last. */
extern const struct cmd_verb *const cmd_verbs[];

/* The verb with that name, or NULL. */
const struct cmd_verb *cmd_verb_find(const char *name);

/* Reports that no verb has that name, with the nearest one. Returns EXIT_TROUBLE. */
int cmd_verb_unknown(const struct cmd_common *common, const char *name);

/* `dumpctl --help`, `dumpctl --version [--json]`: what begins with an option. Returns the
   exit code. */
int cmd_without_verb(int argc, char **argv);

/*
 * The words of the shared options: entry i is that of bit 1 << i; behind them --help, which
 * every verb takes, and an entry without name.
 */
extern const struct cmd_option cmd_shared_options[];

/* Whether --json stands anywhere on the line, before "--": for errors that are found where
   nobody knows yet which verb reads it. argv[0] is not looked at. */
bool cmd_json_anywhere(int argc, char **argv);

/* Defaults of all members; cmd_next_option() begins anew. */
void cmd_common_init(struct cmd_common *common);

/*
 * The next option of the verb (getopt_long underneath: options may stand behind operands,
 * "--" ends them). Shared options are put into `common` and never returned; --help is
 * answered and exits. `common->json` is right from the first call on, wherever --json
 * stands, so that usage errors obey it; also where the verb does not take it, which is
 * such an error.
 * Returns the index into verb->options with *value set to the argument (NULL where it
 * takes none); -1 when the options are over (optind stands at the first operand); -2
 * after a usage error, which has been reported: return EXIT_TROUBLE.
 */
int cmd_next_option(const struct cmd_verb *verb, int argc, char **argv,
                    struct cmd_common *common, const char **value);

/*
 * Reports a usage error and how to get help, on stderr. `verb` is NULL outside of verbs.
 * The finished text is escaped: %s arguments may come from anywhere. Returns
 * EXIT_TROUBLE.
 */
int cmd_usage(const struct cmd_verb *verb, const struct cmd_common *common,
              const char *fmt, ...) DC_PRINTF(3, 4);

/* "123", "64K", "16M", "1G", "2T" (binary multiples) to bytes. 0, or -1. */
int cmd_parse_size(const char *text, size_t *bytes);

/* `bytes` as cmd_parse_size() reads it, with the largest suffix that is exact. */
enum { CMD_SIZE_TEXT = 24 };
const char *cmd_size_text(size_t bytes, char text[CMD_SIZE_TEXT]);

/* A decimal number in [least, most]; nothing else around it. 0, or -1. */
int cmd_parse_number(const char *text, unsigned long long least, unsigned long long most,
                     unsigned long long *value);

#endif

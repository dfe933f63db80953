/*
 * live_words: what a screen says of a capture that goes on.
 */
#ifndef DUMPCTL_CMD_LIVE_WORDS_H
#define DUMPCTL_CMD_LIVE_WORDS_H

#include "cmd/capture_live.h"
#include "lib/buf.h"
#include "view/live.h"

struct cmd_live_words {
    char what[16];   /* in a word */
    char words[256]; /* in a line; may hold bytes from outside */
};

/* While the run goes on. */
void cmd_live_say_now(const struct cmd_capture_live *live,
                      const struct cap_options *options, struct cmd_live_words *out);

/* When it is over. `wrong`: there is more to tell than its reports; `told`: what the
   capture has told in lines. */
void cmd_live_say_end(const struct cmd_capture_live *live, bool wrong,
                      const struct dc_buf *told, struct cmd_live_words *out);

enum { CMD_LIVE_FACTS = 16, CMD_LIVE_FACT = 96 };

/* What the capture was asked for. Not to be copied: it points into itself. */
struct cmd_live_facts {
    struct view_fact facts[CMD_LIVE_FACTS];
    char values[CMD_LIVE_FACTS][CMD_LIVE_FACT];
    size_t count;
};

/* `options` and `output`, where the main report will be, must outlive `facts`. */
void cmd_live_list(struct cmd_live_facts *facts, const struct cap_options *options,
                   const char *output);

#endif

/*
 * json: small JSON that has no table, composed with jansson (lib/writer.h writes reports).
 */
#ifndef DUMPCTL_CMD_JSON_H
#define DUMPCTL_CMD_JSON_H

#include "lib/sink.h"

#include <jansson.h>
#include <stdbool.h>

/* A string from outside; bytes that are not UTF-8 become U+FFFD. NULL gives null.
   Returns a new reference, or NULL without memory. */
json_t *cmd_json_string(const char *text);

/*
 * Writes `value` and a newline: printable ASCII only, members in the order in which they
 * were set, compact or with an indent of two. `value` stays the caller's. 0, or -1 where
 * the sink or memory failed.
 */
int cmd_json_write(struct dc_sink sink, const json_t *value, bool pretty);

#endif

/*
 * tag: the name of one capture among several of a run, and the file that it is written to.
 *
 * A tag may come from anybody who may ask for a capture, the guest too. It becomes part of
 * a file name, and nothing that it contains can make that a file of another folder.
 */
#ifndef DUMPCTL_CAPTURE_TAG_H
#define DUMPCTL_CAPTURE_TAG_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/error.h"

#define CAP_TAG_SIZE 64 /* with the NUL */

/*
 * Copies `from` and makes it fit for a file name: bytes other than [A-Za-z0-9._-] become
 * `_`, and so do dots at its beginning, so that neither `..` nor a hidden name is left.
 * What passes `size` (at least 1) is cut. Empty stays empty: then there is no tag. Returns
 * whether the tag was taken over as it is.
 */
bool cap_tag_clean(char *to, size_t size, const char *from);

/*
 * The path of the report with this tag, beside the main report: its name without
 * `.failure-dump`, then `.snapshot.TAG`, then the extension that the main report has.
 * `a/run.failure-dump.json` gives `a/run.snapshot.TAG.json`, `a/run` gives
 * `a/run.snapshot.TAG`. Where nothing is left of the name it is `dump`. The tag is cleaned
 * once more. -1 for an empty tag or a path that does not fit into `size`.
 */
int cap_tag_path(char *to, size_t size, const char *main_path, const char *tag,
                 struct dc_error *err) DC_MUST_USE;

#endif

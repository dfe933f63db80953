/*
 * atomic: a file that is written whole or not at all.
 *
 * The bytes go to a temporary file in the folder of the target (mode 0600), which gets
 * the target's name at the end, after an fsync; what stands there is replaced only where
 * that was asked for. A symbolic link is followed, so that the file behind it is replaced
 * and not the link. A target that is no regular file (/dev/null, a FIFO, a terminal)
 * cannot be replaced: it is written to directly.
 */
#ifndef DUMPCTL_CMD_ATOMIC_H
#define DUMPCTL_CMD_ATOMIC_H

#include "lib/error.h"
#include "lib/sink.h"

#include <stdbool.h>
#include <stdint.h>

struct cmd_atomic {
    const char *path; /* borrowed, for messages; NULL where nothing is open */
    char *folder;     /* of the target; NULL where it is written to directly */
    char *name;       /* of the target, in that folder */
    char temporary[32];
    int folder_fd;
    int fd;
    bool force;
    bool taken;       /* it failed since something stands there already */
    int failed;       /* errno of the first write that failed */
    uint64_t written; /* bytes */
};

/*
 * Creates the temporary file, so that a path that cannot be written fails here and not
 * after the work. `force` permits to replace a file. 0, or -1 with err->file set (but for
 * an empty path) and file->taken if that is why. `path` must outlive `file` and its errors.
 */
int cmd_atomic_open(struct cmd_atomic *file, const char *path, bool force,
                    struct dc_error *err) DC_MUST_USE;

/* A sink into `file`, which must stay where it is. Its fault is told by the commit. */
struct dc_sink cmd_atomic_sink(struct cmd_atomic *file);

/* Syncs and publishes. 0, or -1 with err->file set, and file->taken if somebody has taken
   the name meanwhile; then nothing was published (unless
   the message says so). Ends `file` either way. */
int cmd_atomic_commit(struct cmd_atomic *file, struct dc_error *err) DC_MUST_USE;

/* Removes the temporary file; harmless after commit and when done twice. */
void cmd_atomic_abort(struct cmd_atomic *file);

#endif

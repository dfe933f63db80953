/*
 * memory_image: the file of `capture --memory-image`.
 *
 * As the report, it is created before the guest runs and is whole or absent. Unlike it, it
 * is always a regular file: a core file is written with holes, and read from anywhere.
 */
#ifndef DUMPCTL_CMD_MEMORY_IMAGE_H
#define DUMPCTL_CMD_MEMORY_IMAGE_H

#include "capture/capture.h"
#include "cmd/atomic.h"
#include "cmd/cmd.h"
#include "cmd/report_file.h"

struct cmd_memory_image {
    const struct cmd_common *common; /* borrowed */
    struct cmd_atomic file;
};

/* `path` is the user's, or NULL for no image; `report` has been opened. 0 and the
   descriptor to write to in *fd (-1: none), or -1 after a fault, which has been reported. */
int cmd_memory_image_open(struct cmd_memory_image *image, const struct cmd_common *common,
                          const char *path, bool force,
                          const struct cmd_report_file *report, int *fd);

/* Publishes the image of a run, if it was written. 0 also where there is nothing to
   publish; -1 after a fault, which has been reported. Ends `image`. */
int cmd_memory_image_finish(struct cmd_memory_image *image, const struct cap_end *end);

/* Removes what was opened; harmless after finishing, and when done twice. */
void cmd_memory_image_close(struct cmd_memory_image *image);

#endif

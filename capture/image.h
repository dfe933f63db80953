/*
 * image: the memory image that belongs to the result of a capture (core.h).
 *
 * It is written while the vCPUs are still frozen, to a file that the caller has opened, and
 * never decides about the report: its fault is kept beside it.
 */
#ifndef DUMPCTL_CAPTURE_IMAGE_H
#define DUMPCTL_CAPTURE_IMAGE_H

#include "capture/capture.h"

/* Writes the image of `source`, whose freeze gave *result, to `fd`. `cancel` is as in
   cap_core. CAP_IMAGE_WRITTEN, or CAP_IMAGE_FAILED with *err, which names no file. */
enum cap_image cap_image_write(int fd, struct cap_source *source,
                               const atomic_int *cancel, const struct cap_result *result,
                               struct dc_error *err);

#endif

/*
 * disk: a folder for reports that is small enough to be filled.
 *
 * A tmpfs of its own in a mount namespace of its own where that is permitted, and else a
 * folder below TMPDIR, where RLIMIT_FSIZE stands in for the lack of room.
 */
#ifndef TESTS_SOAK_DISK_H
#define TESTS_SOAK_DISK_H

#include <stdbool.h>

#include "lib/error.h"

struct soak_disk_folder {
    char path[128];
    bool mounted;
    bool full;
};

/* Before any thread is started. */
int soak_disk_open(struct soak_disk_folder *disk, struct dc_error *err) DC_MUST_USE;
void soak_disk_fill(struct soak_disk_folder *disk);
void soak_disk_clear(struct soak_disk_folder *disk); /* there is room again */

/* Removes all files. Returns how many there were; the name of one is in `name`. */
unsigned soak_disk_sweep(struct soak_disk_folder *disk, char name[256]);
void soak_disk_close(struct soak_disk_folder *disk);

#endif

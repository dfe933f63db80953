#include "tests/soak/disk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define BALLAST "ballast"
#define LITTLE 512 /* bytes: less than any report */

static bool mount_small(const char *path) {
    if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
        return false;
    return mount("soak", path, "tmpfs", 0, "size=1m,mode=0700") == 0;
}

int soak_disk_open(struct soak_disk_folder *disk, struct dc_error *err) {
    const char *temporary = getenv("TMPDIR");
    *disk = (struct soak_disk_folder){0};
    snprintf(disk->path, sizeof(disk->path), "%s/dumpctl-soak.XXXXXX",
             temporary && strlen(temporary) < 80 ? temporary : "/tmp");
    if (!mkdtemp(disk->path))
        return dc_fail_errno(err, DC_EIO, errno, "cannot make %s", disk->path);
    disk->mounted = mount_small(disk->path);
    signal(SIGXFSZ, SIG_IGN); /* a write fails with EFBIG then */
    return 0;
}

static void limit_files(rlim_t most) {
    struct rlimit limit;
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = most < limit.rlim_max ? most : limit.rlim_max;
    setrlimit(RLIMIT_FSIZE, &limit);
}

static int open_ballast(const struct soak_disk_folder *disk) {
    int folder = open(disk->path, O_DIRECTORY | O_CLOEXEC);
    int fd = openat(folder, BALLAST, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    close(folder);
    return fd;
}

void soak_disk_fill(struct soak_disk_folder *disk) {
    static const char zeros[4096];
    disk->full = true;
    if (!disk->mounted) {
        limit_files(LITTLE);
        return;
    }
    int fd = open_ballast(disk);
    while (write(fd, zeros, sizeof(zeros)) > 0)
        ;
    close(fd);
}

void soak_disk_clear(struct soak_disk_folder *disk) {
    char path[sizeof(disk->path) + sizeof(BALLAST) + 1];
    if (!disk->full)
        return;
    disk->full = false;
    snprintf(path, sizeof(path), "%s/%s", disk->path, BALLAST);
    if (disk->mounted)
        unlink(path);
    else
        limit_files(RLIM_INFINITY);
}

unsigned soak_disk_sweep(struct soak_disk_folder *disk, char name[256]) {
    unsigned found = 0;
    DIR *dir = opendir(disk->path);
    struct dirent *entry;
    while (dir && (entry = readdir(dir))) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        snprintf(name, 256, "%s", entry->d_name);
        unlinkat(dirfd(dir), entry->d_name, 0);
        found++;
    }
    if (dir)
        closedir(dir);
    return found;
}

void soak_disk_close(struct soak_disk_folder *disk) {
    char name[256];
    soak_disk_clear(disk);
    soak_disk_sweep(disk, name);
    if (disk->mounted)
        umount(disk->path);
    rmdir(disk->path);
}

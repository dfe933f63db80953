#include "capture/host.h"

#include <dirent.h>
#include <stddef.h>
#include <sys/resource.h>
#include <unistd.h>

static uint32_t open_files(void) {
    uint32_t count = 0;
    DIR *dir = opendir("/proc/self/fd");
    if (!dir)
        return 64; /* a guess on the safe side */
    while (readdir(dir))
        count++;
    closedir(dir);
    return count;
}

int cap_host_reserve_files(uint32_t more, struct dc_error *err) {
    struct rlimit limit;
    rlim_t need = (rlim_t)open_files() + more;

    if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur >= need)
        return 0;
    limit.rlim_cur = need;
    if (limit.rlim_max < need)
        limit.rlim_max = need;
    if (setrlimit(RLIMIT_NOFILE, &limit) == 0)
        return 0;
    return dc_fail(err, DC_ECANNOT,
                   "%llu open files are needed, and the limit cannot be raised so far; "
                   "use fewer vCPUs, or raise the hard limit (ulimit -Hn)",
                   (unsigned long long)need);
}

const char *cap_host_kvm_backend(void) {
    static const struct {
        const char *path, *name;
    } modules[] = {
        {"/sys/module/kvm_intel", "kvm_intel"},
        {"/sys/module/kvm_amd", "kvm_amd"},
        {"/sys/module/kvm_pvm", "kvm_pvm"},
    };
    for (size_t i = 0; i < sizeof(modules) / sizeof(modules[0]); i++)
        if (access(modules[i].path, F_OK) == 0)
            return modules[i].name;
    return NULL;
}

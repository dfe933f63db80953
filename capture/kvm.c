#include "capture/kvm.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define API_VERSION 12 /* the only one there ever was since Linux 2.6.22 */

int cap_kvm_has(int fd, unsigned long capability) {
    int answer = ioctl(fd, KVM_CHECK_EXTENSION, capability);
    return answer > 0 ? answer : 0;
}

static int check(int fd, const char *path, struct dc_error *err) {
    static const struct {
        unsigned long capability;
        const char *name;
    } needed[] = {
        {KVM_CAP_IMMEDIATE_EXIT, "KVM_CAP_IMMEDIATE_EXIT (Linux 4.11)"},
        {KVM_CAP_USER_MEMORY, "KVM_CAP_USER_MEMORY"},
        {KVM_CAP_EXT_CPUID, "KVM_CAP_EXT_CPUID"},
    };
    int version = ioctl(fd, KVM_GET_API_VERSION, 0);

    if (version < 0)
        return dc_fail(err, DC_ECANNOT, "%s is not a KVM device", path);
    if (version != API_VERSION)
        return dc_fail(err, DC_ECANNOT, "KVM has API version %d, and %d is needed",
                       version, API_VERSION);
    for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
        if (!cap_kvm_has(fd, needed[i].capability))
            return dc_fail(err, DC_ECANNOT,
                           "KVM lacks %s, without which no vCPU can be frozen reliably; "
                           "a newer kernel is needed",
                           needed[i].name);
    return 0;
}

static int refuse(const char *path, int error, struct dc_error *err) {
    if (error == ENOENT || error == ENODEV || error == ENXIO)
        return dc_fail(err, DC_ECANNOT,
                       "%s does not exist; load kvm_intel or kvm_amd, and switch on "
                       "virtualization in the firmware or the outer hypervisor",
                       path);
    if (error == EACCES || error == EPERM)
        return dc_fail(err, DC_ECANNOT,
                       "no permission to open %s; run as root, or join the group kvm",
                       path);
    return dc_fail_errno(err, DC_ECANNOT, error, "cannot open %s", path);
}

int cap_kvm_open(const char *path, struct dc_error *err) {
    int fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return refuse(path, errno, err);
    if (check(fd, path, err)) {
        close(fd);
        return -1;
    }
    return fd;
}

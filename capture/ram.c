#include "capture/ram.h"

#include <errno.h>
#include <linux/kvm.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

int cap_ram_open(struct cap_ram *ram, uint64_t size, struct dc_error *err) {
    ram->fd = memfd_create("dumpctl-guest", MFD_CLOEXEC);
    if (ram->fd < 0)
        return dc_fail_errno(err, DC_ENOMEM, errno, "no memory for the guest");
    int status = ftruncate(ram->fd, (off_t)size);
    if (status < 0 && errno == EFBIG)
        return dc_fail(err, DC_ECANNOT,
                       "the limit on file sizes (ulimit -f) holds for the guest's memory "
                       "too, and is below its %llu MiB; raise it",
                       (unsigned long long)(size >> 20));
    if (status < 0)
        return dc_fail_errno(err, DC_ENOMEM, errno, "no memory for the guest");
    void *bytes =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, ram->fd, 0);
    if (bytes == MAP_FAILED)
        return dc_fail_errno(err, DC_ENOMEM, errno, "no memory for the guest");
    ram->bytes = bytes;
    ram->size = size;
    return 0;
}

int cap_ram_map(int vm, uint32_t slot, uint64_t address, void *host, uint64_t bytes,
                struct dc_error *err) {
    struct kvm_userspace_memory_region region = {
        .slot = slot,
        .guest_phys_addr = address,
        .memory_size = bytes,
        .userspace_addr = (uintptr_t)host,
    };
    if (ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region))
        return dc_fail_errno(err, DC_EINTERNAL, errno, "KVM refused %llu bytes of memory",
                             (unsigned long long)bytes);
    return 0;
}

int cap_ram_plug(struct cap_ram *ram, int vm, struct dc_error *err) {
    if (cap_ram_map(vm, 0, 0, ram->bytes, ram->size, err))
        return -1;
    ram->vm = vm;
    return 0;
}

void cap_ram_close(struct cap_ram *ram) {
    if (ram->bytes)
        munmap(ram->bytes, ram->size);
    if (ram->fd >= 0)
        close(ram->fd);
    *ram = CAP_RAM_NONE;
}

int cap_ram_fd(const struct cap_ram *ram) {
    return ram->fd;
}

bool cap_ram_read(const struct cap_ram *ram, uint64_t address, void *to, size_t bytes) {
    if (bytes > ram->size || address > ram->size - bytes)
        return false;
    const uint8_t *from = ram->bytes + address;
    if (bytes == 4 && address % 4 == 0) {
        uint32_t value =
            __atomic_load_n((const uint32_t *)(const void *)from, __ATOMIC_ACQUIRE);
        memcpy(to, &value, sizeof(value));
    } else if (bytes == 8 && address % 8 == 0) {
        uint64_t value =
            __atomic_load_n((const uint64_t *)(const void *)from, __ATOMIC_ACQUIRE);
        memcpy(to, &value, sizeof(value));
    } else {
        memcpy(to, from, bytes);
    }
    return true;
}

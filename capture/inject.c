#include "capture/inject.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

bool cap_id_list_has(const struct cap_id_list *list, uint32_t id) {
    for (size_t i = 0; i < list->count; i++)
        if (list->ids[i] == id)
            return true;
    return false;
}

static int add_id(struct cap_id_list *list, uint32_t id, struct dc_error *err) {
    uint32_t *more = reallocarray(list->ids, list->count + 1, sizeof(*more));
    if (!more)
        return dc_fail(err, DC_ENOMEM, "no memory for the list of --inject");
    list->ids = more;
    list->ids[list->count++] = id;
    return 0;
}

/* One decimal number without sign or space, up to 9 digits. NULL if there is none. */
static const char *parse_id(const char *text, uint32_t *id) {
    const char *at = text;
    for (*id = 0; *at >= '0' && *at <= '9' && at - text < 9; at++)
        *id = *id * 10 + (uint32_t)(*at - '0');
    return at > text && (*at == ',' || *at == '\0') ? at : NULL;
}

int cap_inject_parse(struct cap_inject *inject, const char *text, struct dc_error *err) {
    struct cap_id_list *list;
    if (strncmp(text, "stuck=", 6) == 0)
        list = &inject->stuck;
    else if (strncmp(text, "fault=", 6) == 0)
        list = &inject->fault;
    else
        return dc_fail(err, DC_EUSAGE,
                       "--inject %s: expected stuck=ID[,ID...] or fault=ID[,ID...]",
                       text);
    for (const char *at = text + 6;; at++) {
        uint32_t id;
        at = parse_id(at, &id);
        if (!at)
            return dc_fail(err, DC_EUSAGE, "--inject %s: vCPU numbers are needed", text);
        if (add_id(list, id, err))
            return -1;
        if (*at == '\0')
            return 0;
    }
}

void cap_inject_free(struct cap_inject *inject) {
    free(inject->stuck.ids);
    free(inject->fault.ids);
    *inject = (struct cap_inject){0};
}

static int check_list(const struct cap_id_list *list, const char *name, uint32_t vcpus,
                      struct dc_error *err) {
    for (size_t i = 0; i < list->count; i++)
        if (list->ids[i] >= vcpus)
            return dc_fail(err, DC_EUSAGE,
                           "--inject %s=%u: there are only %u vCPUs, numbered from 0",
                           name, list->ids[i], vcpus);
    return 0;
}

int cap_inject_check(const struct cap_inject *inject, uint32_t vcpus,
                     struct dc_error *err) {
    if (check_list(&inject->stuck, "stuck", vcpus, err))
        return -1;
    return check_list(&inject->fault, "fault", vcpus, err);
}

/* The system call may be reserved for root where the device is open to a group. */
static int open_userfaultfd(void) {
    int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
    if (fd >= 0 || errno != EPERM)
        return fd;
    int device = open("/dev/userfaultfd", O_RDWR | O_CLOEXEC);
    if (device < 0) {
        errno = EPERM;
        return -1;
    }
    fd = ioctl(device, USERFAULTFD_IOC_NEW, O_CLOEXEC | O_NONBLOCK);
    int error = errno;
    close(device);
    errno = error;
    return fd;
}

static int register_page(struct cap_fault_page *page, struct dc_error *err) {
    struct uffdio_api api = {.api = UFFD_API};
    if (ioctl(page->fd, UFFDIO_API, &api))
        return dc_fail_errno(err, DC_ECANNOT, errno,
                             "--inject fault: userfaultfd does not work on this kernel");
    page->bytes = (size_t)sysconf(_SC_PAGESIZE);
    void *address = mmap(NULL, page->bytes, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (address == MAP_FAILED)
        return dc_fail_errno(err, DC_ENOMEM, errno, "no memory for --inject fault");
    page->address = address;
    struct uffdio_register range = {
        .range = {.start = (uintptr_t)address, .len = page->bytes},
        .mode = UFFDIO_REGISTER_MODE_MISSING,
    };
    if (ioctl(page->fd, UFFDIO_REGISTER, &range))
        return dc_fail_errno(err, DC_ECANNOT, errno,
                             "--inject fault: userfaultfd refused a page");
    return 0;
}

int cap_fault_page_open(struct cap_fault_page *page, struct dc_error *err) {
    *page = CAP_FAULT_PAGE_NONE;
    page->fd = open_userfaultfd();
    if (page->fd < 0 && errno == EPERM)
        return dc_fail(err, DC_ECANNOT,
                       "--inject fault: no permission for userfaultfd; run as root, or "
                       "set the sysctl vm.unprivileged_userfaultfd to 1");
    if (page->fd < 0)
        return dc_fail_errno(err, DC_ECANNOT, errno,
                             "--inject fault: userfaultfd does not work here");
    if (register_page(page, err)) {
        cap_fault_page_close(page);
        return -1;
    }
    return 0;
}

void cap_fault_page_release(struct cap_fault_page *page) {
    if (page->fd >= 0)
        close(page->fd);
    page->fd = -1;
}

void cap_fault_page_close(struct cap_fault_page *page) {
    cap_fault_page_release(page);
    if (page->address)
        munmap(page->address, page->bytes);
    *page = CAP_FAULT_PAGE_NONE;
}

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

#define LATEST_MS 60000u

bool cap_id_list_has(const struct cap_id_list *list, uint32_t id) {
    for (size_t i = 0; i < list->count; i++)
        if (list->ids[i] == id)
            return true;
    return false;
}

uint32_t cap_late_ms(const struct cap_late_list *late, uint32_t id) {
    for (size_t i = 0; i < late->count; i++)
        if (late->list[i].id == id)
            return late->list[i].ms;
    return 0;
}

static int add_id(struct cap_id_list *list, uint32_t id, struct dc_error *err) {
    uint32_t *more = reallocarray(list->ids, list->count + 1, sizeof(*more));
    if (!more)
        return dc_fail(err, DC_ENOMEM, "no memory for the list of --inject");
    list->ids = more;
    list->ids[list->count++] = id;
    return 0;
}

static int add_late(struct cap_late_list *list, uint32_t id, uint32_t ms,
                    struct dc_error *err) {
    struct cap_late *more = reallocarray(list->list, list->count + 1, sizeof(*more));
    if (!more)
        return dc_fail(err, DC_ENOMEM, "no memory for the list of --inject");
    list->list = more;
    list->list[list->count++] = (struct cap_late){id, ms};
    return 0;
}

/* One decimal number without sign or space, up to 9 digits. NULL if there is none. */
static const char *parse_number(const char *text, uint32_t *number) {
    const char *at = text;
    for (*number = 0; *at >= '0' && *at <= '9' && at - text < 9; at++)
        *number = *number * 10 + (uint32_t)(*at - '0');
    return at > text ? at : NULL;
}

static bool ends_item(const char *at) {
    return at && (*at == ',' || *at == '\0');
}

/* ID or, where a delay may stand behind it, ID:MS. */
static const char *parse_item(const char *text, bool delayed, struct cap_late *item) {
    item->ms = CAP_LATE_MS;
    const char *at = parse_number(text, &item->id);
    if (delayed && at && *at == ':')
        at = parse_number(at + 1, &item->ms);
    return ends_item(at) && item->ms > 0 && item->ms <= LATEST_MS ? at : NULL;
}

static const struct kind {
    const char *word;
    size_t list; /* offset of a struct cap_id_list; of the late ones it is another */
    bool delayed;
} kinds[] = {
    {"stuck=", offsetof(struct cap_inject, stuck), false},
    {"fault=", offsetof(struct cap_inject, fault), false},
    {"unreadable=", offsetof(struct cap_inject, unreadable), false},
    {"late=", offsetof(struct cap_inject, late), true},
};

static const struct kind *find_kind(const char *text) {
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (strncmp(text, kinds[i].word, strlen(kinds[i].word)) == 0)
            return &kinds[i];
    return NULL;
}

static int add_item(struct cap_inject *inject, const struct kind *kind,
                    const struct cap_late *item, struct dc_error *err) {
    void *list = (char *)inject + kind->list;
    return kind->delayed ? add_late(list, item->id, item->ms, err)
                         : add_id(list, item->id, err);
}

int cap_inject_parse(struct cap_inject *inject, const char *text, struct dc_error *err) {
    const struct kind *kind = find_kind(text);
    if (!kind)
        return dc_fail(err, DC_EUSAGE,
                       "--inject %s: expected stuck=ID[,ID...], fault=ID[,ID...], "
                       "unreadable=ID[,ID...] or late=ID[:MS][,...]",
                       text);
    for (const char *at = text + strlen(kind->word);; at++) {
        struct cap_late item;
        at = parse_item(at, kind->delayed, &item);
        if (!at)
            return dc_fail(err, DC_EUSAGE, "--inject %s: vCPU numbers are needed%s", text,
                           kind->delayed ? ", and delays of 1 to 60000 ms" : "");
        if (add_item(inject, kind, &item, err))
            return -1;
        if (*at == '\0')
            return 0;
    }
}

void cap_inject_free(struct cap_inject *inject) {
    free(inject->stuck.ids);
    free(inject->fault.ids);
    free(inject->unreadable.ids);
    free(inject->late.list);
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
    for (size_t i = 0; i < inject->late.count; i++) {
        struct cap_id_list one = {&inject->late.list[i].id, 1};
        if (check_list(&one, "late", vcpus, err))
            return -1;
    }
    return check_list(&inject->stuck, "stuck", vcpus, err) ||
                   check_list(&inject->fault, "fault", vcpus, err) ||
                   check_list(&inject->unreadable, "unreadable", vcpus, err)
               ? -1
               : 0;
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

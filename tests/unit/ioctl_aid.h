/*
 * ioctl_aid: stands between the program and the kernel's ioctl(), for tests of what runs
 * below a source: vCPU threads, the guest's clock.
 *
 * To be included by one file of a test program, and only there: it defines ioctl() itself.
 */
#ifndef TESTS_UNIT_IOCTL_AID_H
#define TESTS_UNIT_IOCTL_AID_H

#include <stdarg.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* As ioctl(): -1 and errno, or what it gives. */
typedef int aid_ioctl_fn(int fd, unsigned long request, void *argument);

/* NULL: the kernel's. Set while no other thread runs. */
static aid_ioctl_fn *aid_ioctl;

static inline int aid_real_ioctl(int fd, unsigned long request, void *argument) {
    return (int)syscall(SYS_ioctl, fd, request, argument);
}

int ioctl(int fd, unsigned long request, ...) {
    va_list list;
    va_start(list, request);
    void *argument = va_arg(list, void *);
    va_end(list);
    return aid_ioctl ? aid_ioctl(fd, request, argument)
                     : aid_real_ioctl(fd, request, argument);
}

#endif

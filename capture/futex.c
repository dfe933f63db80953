#include "capture/futex.h"

#include <limits.h>
#include <linux/futex.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "capture/clock.h"

void cap_futex_wait(_Atomic uint32_t *word, uint32_t seen, uint64_t ns) {
    struct timespec limit = {
        .tv_sec = (time_t)(ns / CAP_NS_PER_S),
        .tv_nsec = (long)(ns % CAP_NS_PER_S),
    };
    syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, seen, &limit, NULL, 0);
}

void cap_futex_wake_all(_Atomic uint32_t *word) {
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
}

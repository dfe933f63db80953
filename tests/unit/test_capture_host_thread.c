/* What the host's kernel says of a thread: texts that it writes, texts that it should not
   write, and threads of this process whose state is known. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "capture/clock.h"
#include "capture/host_thread.h"

#define PARSE(file, text, out)                                                           \
    cap_host_thread_parse(CAP_THREAD_##file, text, sizeof(text) - 1, SIGURG, out)

/* ---- texts ---- */

#define AFTER_STATE                                                                      \
    " 1 1 1 0 -1 64 5 0 0 0 7 3 0 0 20 0 1 0 100 4096 10 18446744073709551615 1 1 0 0 "  \
    "0 0 0 0 0 0 0 0 -1 3 0 0 0 0 0\n"

static void stat_is_read_behind_any_name(void) {
    static const char *const names[] = {
        "vcpu-2", "", ")", "a) R 1 (b", "two words", "line\nbreak", "))) Z 1 1",
    };
    char text[512];

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct cap_host_thread thread = {0};
        int n = snprintf(text, sizeof(text), "12 (%s) S" AFTER_STATE, names[i]);
        CHECK_EQ_I64(
            cap_host_thread_parse(CAP_THREAD_STAT, text, (size_t)n, SIGURG, &thread), 0);
        CHECK_EQ_U64((uint64_t)thread.state, 'S');
        CHECK_EQ_I64(thread.cpu, 3);
        CHECK_EQ_U64(thread.stat_ns,
                     10 * (CAP_NS_PER_S / (uint64_t)sysconf(_SC_CLK_TCK)));
    }
}

static void broken_stat_is_refused(void) {
    static const char *const broken[] = {
        "",
        "12",
        "12 (vcpu-2",
        "12 (vcpu-2)",
        "12 (vcpu-2) S",
        "12 (vcpu-2) S 1 1 1",
        "12 (vcpu-2) SLEEPING" AFTER_STATE,
        "12 (x) S 1 1 1 0 -1 64 5 0 0 0 x 3 0 0 20 0 1 0 1 4 1 9 1 1 0 0 0 0 0 0 0 0 0 0 "
        "-1 "
        "3\n",
        "12 (x) S 1 1 1 0 -1 64 5 0 0 0 7 3 0 0 20 0 1 0 1 4 1 9 1 1 0 0 0 0 0 0 0 0 0 0 "
        "-1 "
        "99999999999\n",
        "12 (x) S 1 1 1 0 -1 64 5 0 0 0 7 3 0 0 20 0 1 0 1 4 1 9 1 1 0 0 0 0 0 0 0 0 0 0 "
        "-1 "
        "-1\n",
    };
    for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
        struct cap_host_thread thread = {.state = '?'};
        int error = cap_host_thread_parse(CAP_THREAD_STAT, broken[i], strlen(broken[i]),
                                          SIGURG, &thread);
        if (!CHECK_EQ_I64(error, EBADMSG))
            printf("# %s\n", broken[i]);
        CHECK_EQ_U64((uint64_t)thread.state, '?');
    }
    struct cap_host_thread thread;
    CHECK_EQ_I64(PARSE(STAT, "12 (\0) S\0 1 1 1 0", &thread), EBADMSG);
}

static void pending_signals_are_those_of_the_thread(void) {
    struct cap_host_thread thread = {0};

    CHECK_EQ_I64(PARSE(STATUS,
                       "Name:\tvcpu-1\nSigQ:\t1/9\nSigPnd:\t0000000000400000\n"
                       "ShdPnd:\t0000000000000000\n",
                       &thread),
                 0);
    CHECK(thread.kick_pending);
    CHECK_EQ_I64(PARSE(STATUS,
                       "Name:\tvcpu-1\nSigPnd:\tffffffffffbfffff\n"
                       "ShdPnd:\t0000000000400000\n",
                       &thread),
                 0);
    CHECK(!thread.kick_pending);
    CHECK_EQ_I64(PARSE(STATUS, "Name:\tSigPnd:\t1\nState:\tR\n", &thread), EBADMSG);
    CHECK_EQ_I64(PARSE(STATUS, "Name:\tx\nSigPnd:\n", &thread), EBADMSG);
    CHECK_EQ_I64(PARSE(STATUS, "Name:\tx\nSigPnd:\tzz\n", &thread), EBADMSG);
    CHECK_EQ_I64(PARSE(STATUS, "Name:\tx\nSigPnd:\t11112222333344445\n", &thread),
                 EBADMSG);
    CHECK_EQ_I64(PARSE(STATUS, "", &thread), EBADMSG);
}

static void schedstat_of_zeros_is_none(void) {
    struct cap_host_thread thread = {.run_ns = 7};

    CHECK_EQ_I64(PARSE(SCHEDSTAT, "0 0 0\n", &thread), ENODATA);
    CHECK_EQ_I64(PARSE(SCHEDSTAT, "1 2\n", &thread), EBADMSG);
    CHECK_EQ_I64(PARSE(SCHEDSTAT, "-1 2 3\n", &thread), EBADMSG);
    CHECK_EQ_I64(PARSE(SCHEDSTAT, "18446744073709551616 2 3\n", &thread), EBADMSG);
    CHECK_EQ_U64(thread.run_ns, 7);
    CHECK_EQ_I64(PARSE(SCHEDSTAT, "18446744073709551615 2 3\n", &thread), 0);
    CHECK_EQ_U64(thread.run_ns, UINT64_MAX);
    CHECK_EQ_U64(thread.wait_ns, 2);
}

static void wchan_is_a_name_or_nothing(void) {
    struct cap_host_thread thread = {0};
    char text[300];

    CHECK_EQ_I64(PARSE(WCHAN, "handle_userfault", &thread), 0);
    CHECK_STR(thread.wchan, "handle_userfault");
    CHECK_EQ_I64(PARSE(WCHAN, "0", &thread), 0);
    CHECK_STR(thread.wchan, "");
    CHECK_EQ_I64(PARSE(WCHAN, "", &thread), EBADMSG);
    memset(text, 'x', sizeof(text));
    CHECK_EQ_I64(
        cap_host_thread_parse(CAP_THREAD_WCHAN, text, sizeof(text), SIGURG, &thread), 0);
    CHECK_EQ_U64(strlen(thread.wchan), sizeof(thread.wchan) - 1);
}

static void calls_have_names(void) {
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"16 0x7 0xae80 0x0 0x0 0x0 0x0 0x7f00 0x7f01\n", "ioctl(KVM_RUN)"},
        {"16 0x7 0xae81 0x0 0x0 0x0 0x0 0x7f00 0x7f01\n", "ioctl(0xae81)"},
        {"16 0xffffffffffffffff 0xffffffffffffffff 0x0 0x0 0x0 0x0 0x1 0x2\n",
         "ioctl(0xffffffffffffffff)"},
        {"202 0x7 0x80 0x0 0x0 0x0 0x0 0x7f00 0x7f01\n", "futex"},
        {"99999 0x7 0x80 0x0 0x0 0x0 0x0 0x7f00 0x7f01\n", "system call 99999"},
        {"running\n", ""},
        {"-1 0x7f00 0x7f01\n", ""},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct cap_host_thread thread = {.call = "?"};
        CHECK_EQ_I64(cap_host_thread_parse(CAP_THREAD_SYSCALL, cases[i].text,
                                           strlen(cases[i].text), SIGURG, &thread),
                     0);
        CHECK_STR(thread.call, cases[i].want);
    }
    struct cap_host_thread thread;
    CHECK_EQ_I64(PARSE(SYSCALL, "", &thread), EBADMSG);
    CHECK_EQ_I64(PARSE(SYSCALL, "16\n", &thread), EBADMSG);
    CHECK_EQ_I64(PARSE(SYSCALL, "runningx\n", &thread), EBADMSG);
    CHECK_EQ_I64(PARSE(SYSCALL, "16 seven 0xae80\n", &thread), EBADMSG);
}

static void stacks_keep_whole_lines(void) {
    struct cap_host_thread thread = {0};
    char text[2000];
    size_t len = 0;

    CHECK_EQ_I64(PARSE(STACK, "", &thread), 0); /* it runs */
    CHECK_STR(thread.stack, "");
    CHECK_EQ_I64(PARSE(STACK, "[<0>] a+0x1/0x2\n[<0>] cut", &thread), 0);
    CHECK_STR(thread.stack, "[<0>] a+0x1/0x2\n");
    CHECK_EQ_I64(PARSE(STACK, "no end of line", &thread), EBADMSG);
    CHECK_EQ_I64(PARSE(STACK, "a\0b\n", &thread), EBADMSG);
    while (len + 40 < sizeof(text))
        len += (size_t)snprintf(text + len, 40, "[<0>] function_%zu+0x1/0x2\n", len);
    CHECK_EQ_I64(cap_host_thread_parse(CAP_THREAD_STACK, text, len, SIGURG, &thread), 0);
    size_t kept = strlen(thread.stack);
    CHECK(kept > sizeof(thread.stack) - 40 && kept < sizeof(thread.stack));
    CHECK_EQ_U64((uint64_t)thread.stack[kept - 1], '\n');
}

static void frames_are_functions_and_offsets(void) {
    const char *text = "[<0>] handle_userfault+0x3f1/0x880\n"
                       "[<0>] kvm_vcpu_ioctl+0x22d/0x6b0 [kvm]\n"
                       "[<0>] 0xffffffffc0401234\n"
                       "bare\n"
                       "odd+word/0x2\n"
                       "\n"
                       "[<\n"
                       "unfinished";
    static const struct {
        const char *function;
        bool has_offset;
        uint64_t offset;
    } want[] = {
        {"handle_userfault", true, 0x3f1},
        {"kvm_vcpu_ioctl", true, 0x22d},
        {"0xffffffffc0401234", false, 0},
        {"bare", false, 0},
        {"odd", false, 0},
        {"", false, 0},
        {"", false, 0},
    };
    struct cap_frame frame;

    for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
        CHECK(cap_host_thread_frame(&text, &frame));
        CHECK_STR(frame.function, want[i].function);
        CHECK(frame.has_offset == want[i].has_offset);
        if (want[i].has_offset)
            CHECK_EQ_U64(frame.offset, want[i].offset);
    }
    CHECK(!cap_host_thread_frame(&text, &frame));
    CHECK_STR(text, "unfinished");
}

/* Every prefix and every byte that goes wrong: nothing is read or written out of bounds,
   which is for the sanitizers to see, and what was understood is text. */
static void damaged_texts_do_no_harm(void) {
    static const char stat[] = "12 (vcpu-2) S" AFTER_STATE;
    static const char *const good[CAP_THREAD_FILES] = {
        [CAP_THREAD_STATUS] = "Name:\tx\nSigPnd:\t0000000000400000\n",
        [CAP_THREAD_STAT] = stat,
        [CAP_THREAD_SCHEDSTAT] = "1 2 3\n",
        [CAP_THREAD_WCHAN] = "futex_wait_queue",
        [CAP_THREAD_SYSCALL] = "16 0x7 0xae80 0x0 0x0 0x0 0x0 0x7f00 0x7f01\n",
        [CAP_THREAD_STACK] = "[<0>] a+0x1/0x2\n[<0>] b+0x1/0x2 [m]\n",
    };
    static const char bytes[] = {'\0', '\n', ' ', ')', '\x80', '0', 'x', '9'};
    struct cap_host_thread thread = {0};

    for (int file = 0; file < CAP_THREAD_FILES; file++) {
        size_t len = strlen(good[file]);
        for (size_t at = 0; at < len; at++) {
            char *text = malloc(len); /* of its size: an overrun is seen */
            if (!CHECK(text != NULL))
                return;
            memcpy(text, good[file], len);
            (void)cap_host_thread_parse((enum cap_thread_file)file, text, at, SIGURG,
                                        &thread);
            for (size_t i = 0; i < sizeof(bytes); i++) {
                text[at] = bytes[i];
                (void)cap_host_thread_parse((enum cap_thread_file)file, text, len, SIGURG,
                                            &thread);
                const char *stack = thread.stack;
                struct cap_frame frame;
                while (cap_host_thread_frame(&stack, &frame))
                    CHECK(strlen(frame.function) < sizeof(frame.function));
            }
            free(text);
        }
        CHECK_EQ_I64(cap_host_thread_parse((enum cap_thread_file)file, good[file], len,
                                           SIGURG, &thread),
                     0);
    }
}

/* ---- threads ---- */

struct subject {
    pthread_t thread;
    _Atomic int32_t tid;
    atomic_bool quit;
};

static void *sleep_long(void *arg) {
    struct subject *self = arg;
    struct timespec rest = {.tv_sec = 60};
    sigset_t urgent;
    sigemptyset(&urgent);
    sigaddset(&urgent, SIGURG);
    pthread_sigmask(SIG_BLOCK, &urgent, NULL);
    atomic_store(&self->tid, (int32_t)syscall(SYS_gettid));
    clock_nanosleep(CLOCK_MONOTONIC, 0, &rest, NULL); /* the test's signal ends it */
    return NULL;
}

static void *spin(void *arg) {
    struct subject *self = arg;
    atomic_store(&self->tid, (int32_t)syscall(SYS_gettid));
    while (!atomic_load(&self->quit)) {
    }
    return NULL;
}

static bool begin(struct subject *self, void *(*work)(void *)) {
    atomic_store(&self->tid, 0);
    atomic_store(&self->quit, false);
    if (!CHECK_EQ_I64(pthread_create(&self->thread, NULL, work, self), 0))
        return false;
    while (atomic_load(&self->tid) == 0)
        usleep(100);
    return true;
}

static void on_end(int number) {
    (void)number;
}

/* Looks until the thread is as wanted: it needs a moment to come there. */
static struct cap_host_thread look_for(const struct subject *self, char state) {
    struct cap_host_thread thread;
    for (int i = 0; i < 10000; i++) {
        if (cap_host_thread_read(self->tid, SIGURG, &thread) == 0 &&
            thread.state == state)
            break;
        usleep(1000);
    }
    return thread;
}

static void a_sleeping_thread_is_described(void) {
    struct subject self;
    struct sigaction action = {.sa_handler = on_end}, old;
    sigaction(SIGUSR1, &action, &old);
    if (!begin(&self, sleep_long))
        return;
    struct cap_host_thread first = look_for(&self, 'S');
    CHECK_EQ_U64((uint64_t)first.state, 'S');
    CHECK(!first.kick_pending);
    CHECK(first.cpu >= 0);
    CHECK(first.sampled_ns > 0 && first.sampled_ns <= cap_now_ns());
    if (first.errors[CAP_THREAD_SYSCALL] == 0)
        CHECK_STR(first.call, "clock_nanosleep");
    if (first.errors[CAP_THREAD_WCHAN] == 0 && first.wchan[0])
        CHECK(strstr(first.wchan, "nanosleep") != NULL);
    if (first.errors[CAP_THREAD_STACK] == 0)
        CHECK(strstr(first.stack, "nanosleep") != NULL);

    uint64_t ran = 1;
    CHECK_EQ_I64(pthread_kill(self.thread, SIGURG), 0); /* it is blocked there */
    struct cap_host_thread last = look_for(&self, 'S');
    CHECK(last.kick_pending);
    if (first.errors[CAP_THREAD_SCHEDSTAT] == 0) {
        CHECK(cap_host_thread_ran(&first, &last, &ran));
        CHECK_EQ_U64(ran, 0);
    }
    pthread_kill(self.thread, SIGUSR1);
    pthread_join(self.thread, NULL);
    sigaction(SIGUSR1, &old, NULL);
}

static void a_spinning_thread_runs(void) {
    struct subject self;
    uint64_t ran = 0;
    if (!begin(&self, spin))
        return;
    struct cap_host_thread first = look_for(&self, 'R'), last = first;
    for (int i = 0; i < 1000 && ran < CAP_NS_PER_MS; i++) {
        usleep(10000);
        last = look_for(&self, 'R');
        CHECK(cap_host_thread_ran(&first, &last, &ran));
    }
    CHECK(ran >= CAP_NS_PER_MS);
    CHECK_EQ_U64((uint64_t)last.state, 'R');
    CHECK_STR(last.wchan, "");
    CHECK_STR(last.call, "");
    atomic_store(&self.quit, true);
    pthread_join(self.thread, NULL);
}

static void a_thread_that_ended_is_gone(void) {
    struct subject self;
    struct cap_host_thread thread;
    int error = 0;
    if (!begin(&self, spin))
        return;
    atomic_store(&self.quit, true);
    pthread_join(self.thread, NULL);
    for (int i = 0; i < 1000 && error == 0; i++) { /* it may stay listed for a moment */
        error = cap_host_thread_read(self.tid, SIGURG, &thread);
        usleep(1000);
    }
    CHECK_EQ_I64(error, ENOENT);
    CHECK_EQ_I64(thread.errors[CAP_THREAD_STACK], ENOENT);
    CHECK(!cap_host_thread_ran(&thread, &thread, &(uint64_t){0}));
    CHECK_EQ_I64(cap_host_thread_read(-1, SIGURG, &thread), ENOENT);
    CHECK_EQ_I64(cap_host_thread_read(0, SIGURG, &thread), ENOENT);
}

int main(void) {
    UNIT_RUN(stat_is_read_behind_any_name);
    UNIT_RUN(broken_stat_is_refused);
    UNIT_RUN(pending_signals_are_those_of_the_thread);
    UNIT_RUN(schedstat_of_zeros_is_none);
    UNIT_RUN(wchan_is_a_name_or_nothing);
    UNIT_RUN(calls_have_names);
    UNIT_RUN(stacks_keep_whole_lines);
    UNIT_RUN(frames_are_functions_and_offsets);
    UNIT_RUN(damaged_texts_do_no_harm);
    UNIT_RUN(a_sleeping_thread_is_described);
    UNIT_RUN(a_spinning_thread_runs);
    UNIT_RUN(a_thread_that_ended_is_gone);
    return unit_done();
}

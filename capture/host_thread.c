#include "capture/host_thread.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "capture/clock.h"

enum { FILE_BYTES = 4096 };

/* ---- reading texts ---- */

/* What is left of a text. */
struct scan {
    const char *at, *end;
};

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n';
}

/* A word: bytes up to a blank. false: there is none. */
static bool take_word(struct scan *s, struct scan *word) {
    while (s->at < s->end && is_blank(*s->at))
        s->at++;
    word->at = s->at;
    while (s->at < s->end && !is_blank(*s->at))
        s->at++;
    word->end = s->at;
    return word->at < word->end;
}

static int digit_of(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : 16;
}

/* A whole word as a number without a sign; "0x" makes it hexadecimal, whatever `base`. */
static bool number_of(struct scan word, unsigned base, uint64_t *value) {
    if (word.end - word.at > 2 && word.at[0] == '0' && word.at[1] == 'x') {
        word.at += 2;
        base = 16;
    }
    if (word.at == word.end)
        return false;
    for (*value = 0; word.at < word.end; word.at++) {
        unsigned digit = (unsigned)digit_of(*word.at);
        if (digit >= base || *value > (UINT64_MAX - digit) / base)
            return false;
        *value = *value * base + digit;
    }
    return true;
}

static bool take_number(struct scan *s, uint64_t *value) {
    struct scan word;
    return take_word(s, &word) && number_of(word, 10, value);
}

/* Copies a line, or as much of it as there is room for. */
static void copy_line(struct scan s, char *to, size_t size) {
    size_t used = 0;
    while (s.at < s.end && *s.at != '\n' && *s.at != '\0' && used + 1 < size)
        to[used++] = *s.at++;
    to[used] = '\0';
}

/* ---- the files (proc(5), and fs/proc/array.c and base.c of the kernel) ---- */

/* A name cannot feign the line: the kernel writes a newline in it as \n there. */
static int parse_status(struct scan s, int kick_signal, struct cap_host_thread *out) {
    static const char name[] = "\nSigPnd:";
    const char *line = memmem(s.at, (size_t)(s.end - s.at), name, sizeof(name) - 1);
    struct scan word;
    uint64_t mask;

    if (!line)
        return EBADMSG;
    s.at = line + sizeof(name) - 1;
    if (!take_word(&s, &word) || !number_of(word, 16, &mask))
        return EBADMSG;
    out->kick_pending = kick_signal > 0 && (mask >> (kick_signal - 1) & 1);
    return 0;
}

/* The second field is a name in parentheses, which may hold blanks, newlines and
   parentheses itself; behind it there are none. */
static int parse_stat(struct scan s, int kick_signal, struct cap_host_thread *out) {
    enum { USER = 14, SYSTEM = 15, CPU = 39 }; /* fields, from 1 */
    const char *close = memrchr(s.at, ')', (size_t)(s.end - s.at));
    struct scan state, word;
    uint64_t user = 0, system = 0, cpu = 0;
    long ticks = sysconf(_SC_CLK_TCK);

    (void)kick_signal;
    if (!close)
        return EBADMSG;
    s.at = close + 1;
    if (!take_word(&s, &state) || state.end - state.at != 1)
        return EBADMSG;
    for (int field = 4; field <= CPU; field++) {
        if (!take_word(&s, &word))
            return EBADMSG;
        uint64_t *to = field == USER     ? &user
                       : field == SYSTEM ? &system
                       : field == CPU    ? &cpu
                                         : NULL;
        if (to && !number_of(word, 10, to))
            return EBADMSG;
    }
    if (cpu > INT32_MAX || ticks <= 0)
        return EBADMSG;
    out->state = *state.at;
    out->cpu = (int32_t)cpu;
    out->stat_ns = (user + system) * (CAP_NS_PER_S / (uint64_t)ticks);
    return 0;
}

/* A kernel that keeps no such statistics writes zeros. */
static int parse_schedstat(struct scan s, int kick_signal, struct cap_host_thread *out) {
    uint64_t run, wait, slices;

    (void)kick_signal;
    if (!take_number(&s, &run) || !take_number(&s, &wait) || !take_number(&s, &slices))
        return EBADMSG;
    if (run == 0 && wait == 0 && slices == 0)
        return ENODATA;
    out->run_ns = run;
    out->wait_ns = wait;
    return 0;
}

static int parse_wchan(struct scan s, int kick_signal, struct cap_host_thread *out) {
    (void)kick_signal;
    if (s.at == s.end)
        return EBADMSG;
    copy_line(s, out->wchan, sizeof(out->wchan));
    if (strcmp(out->wchan, "0") == 0)
        out->wchan[0] = '\0';
    return 0;
}

/* Those in which a thread of ours can be found; others are said by their number. */
static const char *call_name(uint64_t number) {
    static const struct {
        long number;
        const char *name;
    } names[] = {
        {SYS_read, "read"},
        {SYS_write, "write"},
        {SYS_poll, "poll"},
        {SYS_ppoll, "ppoll"},
        {SYS_ioctl, "ioctl"},
        {SYS_futex, "futex"},
        {SYS_nanosleep, "nanosleep"},
        {SYS_clock_nanosleep, "clock_nanosleep"},
        {SYS_epoll_wait, "epoll_wait"},
        {SYS_mmap, "mmap"},
        {SYS_munmap, "munmap"},
        {SYS_mprotect, "mprotect"},
        {SYS_madvise, "madvise"},
        {SYS_exit, "exit"},
        {SYS_exit_group, "exit_group"},
        {SYS_sched_yield, "sched_yield"},
        {SYS_rt_sigtimedwait, "rt_sigtimedwait"},
        {SYS_restart_syscall, "restart_syscall"},
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if ((uint64_t)names[i].number == number)
            return names[i].name;
    return NULL;
}

static void name_call(uint64_t number, uint64_t second, struct cap_host_thread *out) {
    const char *name = call_name(number);
    size_t size = sizeof(out->call);
    if (number == SYS_ioctl && second == KVM_RUN)
        snprintf(out->call, size, "ioctl(KVM_RUN)");
    else if (number == SYS_ioctl)
        snprintf(out->call, size, "ioctl(0x%llx)", (unsigned long long)second);
    else if (name)
        snprintf(out->call, size, "%s", name);
    else
        snprintf(out->call, size, "system call %llu", (unsigned long long)number);
}

/* "running", "-1 SP PC" for one that sleeps elsewhere (in a page fault of user space), or
   the number and six arguments. */
static int parse_syscall(struct scan s, int kick_signal, struct cap_host_thread *out) {
    struct scan word;
    uint64_t number, first, second;

    (void)kick_signal;
    if (!take_word(&s, &word))
        return EBADMSG;
    size_t len = (size_t)(word.end - word.at);
    if ((len == 7 && memcmp(word.at, "running", 7) == 0) ||
        (len == 2 && memcmp(word.at, "-1", 2) == 0)) {
        out->call[0] = '\0';
        return 0;
    }
    if (!number_of(word, 10, &number) || !take_number(&s, &first) ||
        !take_number(&s, &second))
        return EBADMSG;
    name_call(number, second, out);
    return 0;
}

/* Whole lines, as many as there is room for. */
static int parse_stack(struct scan s, int kick_signal, struct cap_host_thread *out) {
    size_t used = 0;

    (void)kick_signal;
    for (const char *line = s.at; line < s.end;) {
        const char *end = memchr(line, '\n', (size_t)(s.end - line));
        size_t len = end ? (size_t)(end - line) + 1 : 0;
        if (len == 0 || used + len >= sizeof(out->stack) || memchr(line, '\0', len))
            break;
        memcpy(out->stack + used, line, len);
        used += len;
        line += len;
    }
    out->stack[used] = '\0';
    return s.at < s.end && used == 0 ? EBADMSG : 0;
}

static const struct {
    const char *name;
    int (*parse)(struct scan s, int kick_signal, struct cap_host_thread *out);
} files[CAP_THREAD_FILES] = {
    [CAP_THREAD_STATUS] = {"status", parse_status},
    [CAP_THREAD_STAT] = {"stat", parse_stat},
    [CAP_THREAD_SCHEDSTAT] = {"schedstat", parse_schedstat},
    [CAP_THREAD_WCHAN] = {"wchan", parse_wchan},
    [CAP_THREAD_SYSCALL] = {"syscall", parse_syscall},
    [CAP_THREAD_STACK] = {"stack", parse_stack},
};

const char *cap_host_thread_file_name(enum cap_thread_file file) {
    return files[file].name;
}

int cap_host_thread_parse(enum cap_thread_file file, const char *text, size_t len,
                          int kick_signal, struct cap_host_thread *out) {
    return files[file].parse((struct scan){text, text + len}, kick_signal, out);
}

/* ---- a look ---- */

/* Reads a file into text[0..FILE_BYTES). 0 or errno. */
static int read_file(int folder, const char *name, char *text, size_t *len) {
    int fd = openat(folder, name, O_RDONLY | O_CLOEXEC);
    int error = 0;

    if (fd < 0)
        return errno;
    for (*len = 0; *len < FILE_BYTES && !error;) {
        ssize_t got = read(fd, text + *len, FILE_BYTES - *len);
        if (got == 0)
            break;
        if (got > 0)
            *len += (size_t)got;
        else if (errno != EINTR)
            error = errno;
    }
    close(fd);
    return error;
}

int cap_host_thread_read(int32_t tid, int kick_signal, struct cap_host_thread *out) {
    char text[FILE_BYTES], path[64];
    size_t len = 0;

    *out = (struct cap_host_thread){.sampled_ns = cap_now_ns()};
    snprintf(path, sizeof(path), "/proc/self/task/%d", tid);
    int folder = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    int error = folder < 0 ? errno : 0;
    for (int i = 0; i < CAP_THREAD_FILES; i++) {
        out->errors[i] = error ? error : read_file(folder, files[i].name, text, &len);
        if (out->errors[i] == 0)
            out->errors[i] = cap_host_thread_parse((enum cap_thread_file)i, text, len,
                                                   kick_signal, out);
    }
    if (folder >= 0)
        close(folder);
    /* A thread that ends between two reads is gone: that is what ESRCH means here. */
    error = out->errors[CAP_THREAD_STAT];
    return error == ESRCH ? ENOENT : error;
}

bool cap_host_thread_ran(const struct cap_host_thread *first,
                         const struct cap_host_thread *last, uint64_t *ns) {
    uint64_t from = first->stat_ns, to = last->stat_ns;

    if (first->errors[CAP_THREAD_SCHEDSTAT] == 0 &&
        last->errors[CAP_THREAD_SCHEDSTAT] == 0) {
        from = first->run_ns;
        to = last->run_ns;
    } else if (first->errors[CAP_THREAD_STAT] || last->errors[CAP_THREAD_STAT]) {
        return false;
    }
    *ns = to > from ? to - from : 0;
    return true;
}

/* ---- stacks ---- */

/* "[<0>] name+0x1f/0x80 [module]"; the address is hidden by the kernel. */
bool cap_host_thread_frame(const char **text, struct cap_frame *out) {
    const char *end = strchr(*text, '\n');
    struct scan line = {*text, end}, word, offset;

    *out = (struct cap_frame){0};
    if (!end)
        return false;
    *text = end + 1;
    if (end - line.at > 1 && line.at[0] == '[' && line.at[1] == '<')
        take_word(&line, &word);
    if (!take_word(&line, &word))
        return true;
    const char *plus = memchr(word.at, '+', (size_t)(word.end - word.at));
    const char *name_end = plus ? plus : word.end;
    if (plus) {
        const char *slash = memchr(plus, '/', (size_t)(word.end - plus));
        offset = (struct scan){plus + 1, slash ? slash : word.end};
        out->has_offset = number_of(offset, 16, &out->offset);
    }
    copy_line((struct scan){word.at, name_end}, out->function, sizeof(out->function));
    return true;
}

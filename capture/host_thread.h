/*
 * host_thread: what the host's kernel says of one thread of this process, at one moment.
 *
 * It is read from /proc/self/task/TID, never from the vCPU that the thread runs: a look
 * does not disturb the thread and does not wait for it. Nothing is allocated, so that a look
 * can be taken inside a freeze. The files are read one after another and may disagree by
 * the microseconds in between.
 */
#ifndef DUMPCTL_CAPTURE_HOST_THREAD_H
#define DUMPCTL_CAPTURE_HOST_THREAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The files of a thread that are read, in this order. */
enum cap_thread_file {
    CAP_THREAD_STATUS,
    CAP_THREAD_STAT,
    CAP_THREAD_SCHEDSTAT,
    CAP_THREAD_WCHAN,
    CAP_THREAD_SYSCALL,
    CAP_THREAD_STACK, /* needs CAP_SYS_ADMIN */
    CAP_THREAD_FILES,
};

struct cap_host_thread {
    uint64_t sampled_ns; /* cap_now_ns() */
    /* Of each file 0, or why there is nothing from it: the errno of reading it, ENODATA
       where this kernel does not keep it, EBADMSG where it is not as expected. */
    int errors[CAP_THREAD_FILES];

    bool kick_pending; /* status: the signal is pending for this thread */
    char state;        /* stat: R, S, D, T, t, Z, X, I and what else there may be */
    int32_t cpu;       /* stat: on which it runs, or ran last */
    uint64_t stat_ns;  /* stat: time that it ran, in steps of a clock tick */
    uint64_t run_ns;   /* schedstat: the same, exact but for the tick in progress */
    uint64_t wait_ns;  /* schedstat: time that it waited for a processor before it ran */
    char wchan[64];    /* function that it sleeps in; empty: it does not sleep */
    char call[64];     /* "ioctl(KVM_RUN)"; empty: it runs, or is in no system call */
    char stack[1024];  /* whole lines as the kernel writes them; empty: it runs */
};

/*
 * Takes a look at thread `tid` of this process. 0; or an errno where not even its state
 * could be read, ENOENT if there is no such thread any more. What else could not be read
 * out->errors says. The cost is six small files, some ten microseconds.
 */
int cap_host_thread_read(int32_t tid, int kick_signal, struct cap_host_thread *out);

/*
 * Takes over what the text of one file says. 0, EBADMSG or ENODATA as above; then *out is
 * as it was. `text` need not end in a NUL.
 */
int cap_host_thread_parse(enum cap_thread_file file, const char *text, size_t len,
                          int kick_signal, struct cap_host_thread *out);

/* "status", "stat" and so on. */
const char *cap_host_thread_file_name(enum cap_thread_file file);

/* Time that the thread ran between two looks, as exactly as both know it. false: one of
   them does not. */
bool cap_host_thread_ran(const struct cap_host_thread *first,
                         const struct cap_host_thread *last, uint64_t *ns);

/* One line of a stack. */
struct cap_frame {
    char function[96]; /* or an address, "0xffff..." */
    uint64_t offset;   /* into the function, with has_offset */
    bool has_offset;
};

/* Reads the line at *text and moves on to the next. false: there is none. */
bool cap_host_thread_frame(const char **text, struct cap_frame *out);

#endif

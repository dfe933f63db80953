#include "capture/report_why.h"

#include <stdio.h>
#include <string.h>

#include "capture/exit_reason.h"

static void name_text(struct dc_writer *w, const char *name, const char *text) {
    dc_write_name(w, name);
    dc_write_text(w, text);
}

static void name_u64(struct dc_writer *w, const char *name, uint64_t value) {
    dc_write_name(w, name);
    dc_write_u64(w, value);
}

static void name_bool(struct dc_writer *w, const char *name, bool value) {
    dc_write_name(w, name);
    dc_write_bool(w, value);
}

static uint64_t us_between(uint64_t from_ns, uint64_t to_ns) {
    return to_ns > from_ns ? (to_ns - from_ns) / CAP_NS_PER_US : 0;
}

void cap_report_exit(struct dc_writer *w, const struct cap_vcpu_facts *facts,
                     const struct cap_why *why) {
    char access[CAP_EXIT_TEXT];

    if (facts->exit_ns == 0) /* it has not come out of the guest yet */
        return;
    name_text(w, "last_exit", cap_exit_reason_name(facts->exit_reason));
    if (facts->has_access)
        name_text(w, "last_exit_access", cap_access_text(facts, access));
    name_u64(w, "last_exit_us", us_between(facts->exit_ns, why->decided_ns));
}

/* "stack: Operation not permitted, schedstat: No data available", or nothing. */
static void write_unreadable(struct dc_writer *w, const struct cap_host_thread *thread) {
    char text[CAP_THREAD_FILES * 80];
    size_t used = 0;

    for (int i = 0; i < CAP_THREAD_FILES; i++) {
        int error = thread->errors[i];
        const char *words = strerrordesc_np(error);
        if (error && used + 80 <= sizeof(text))
            used += (size_t)snprintf(text + used, 80, "%s%s: %.56s", used ? ", " : "",
                                     cap_host_thread_file_name((enum cap_thread_file)i),
                                     words ? words : "unknown error");
    }
    if (used > 0)
        name_text(w, "unreadable", text);
}

static void write_stack(struct dc_writer *w, const char *stack) {
    struct cap_frame frame;

    if (!stack[0])
        return;
    dc_write_name(w, "stack");
    dc_write_open(w, '[');
    while (cap_host_thread_frame(&stack, &frame)) {
        dc_write_open(w, '{');
        name_text(w, "function", frame.function);
        if (frame.has_offset)
            name_u64(w, "offset", frame.offset);
        dc_write_close(w, '}');
    }
    dc_write_close(w, ']');
}

static void write_thread(struct dc_writer *w, const char *name,
                         const struct cap_glimpse *glimpse, uint64_t kicked_ns) {
    const struct cap_host_thread *thread = &glimpse->thread;
    const int *errors = thread->errors;

    if (!glimpse->taken)
        return;
    dc_write_name(w, name);
    dc_write_open(w, '{');
    name_u64(w, "at_us", us_between(kicked_ns, thread->sampled_ns));
    if (!errors[CAP_THREAD_STAT])
        name_text(w, "state", (char[2]){thread->state, '\0'});
    if (!errors[CAP_THREAD_STATUS] && glimpse->facts.kick_signal)
        name_bool(w, "kick_pending", thread->kick_pending);
    if (thread->wchan[0])
        name_text(w, "wchan", thread->wchan);
    if (thread->call[0])
        name_text(w, "syscall", thread->call);
    name_bool(w, "in_kvm_run", glimpse->facts.in_run);
    name_u64(w, "kvm_runs", glimpse->facts.runs);
    if (!errors[CAP_THREAD_STAT])
        name_u64(w, "cpu", (uint64_t)thread->cpu);
    if (!errors[CAP_THREAD_SCHEDSTAT]) {
        name_u64(w, "run_ns", thread->run_ns);
        name_u64(w, "wait_ns", thread->wait_ns);
    } else if (!errors[CAP_THREAD_STAT]) {
        name_u64(w, "run_ns", thread->stat_ns);
    }
    write_unreadable(w, thread);
    write_stack(w, thread->stack);
    dc_write_close(w, '}');
}

void cap_report_threads(struct dc_writer *w, const struct cap_why *why) {
    if (!why->look)
        return;
    write_thread(w, "thread_first", &why->look->first, why->kicked_ns);
    write_thread(w, "thread_last", &why->look->last, why->kicked_ns);
}

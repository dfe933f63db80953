#include "capture/why.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/kvm.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "capture/exit_reason.h"

/* Less of a processor than this part of the time is said: it was kept off. */
enum { LITTLE = 10 };

struct sentence {
    char *text;
    size_t used;
};

__attribute__((format(printf, 2, 3))) static void say(struct sentence *s,
                                                      const char *format, ...) {
    size_t room = CAP_WHY_TEXT - s->used;
    va_list args;
    va_start(args, format);
    int n = vsnprintf(s->text + s->used, room, format, args);
    va_end(args);
    if (n > 0)
        s->used += (size_t)n < room ? (size_t)n : room - 1;
}

static uint64_t ms_between(uint64_t from_ns, uint64_t to_ns) {
    return to_ns > from_ns ? (to_ns - from_ns) / CAP_NS_PER_MS : 0;
}

static bool has(const struct cap_glimpse *glimpse, enum cap_thread_file file) {
    return glimpse->taken && glimpse->thread.errors[file] == 0;
}

/* ---- kicks ---- */

static const char *plural(uint32_t kicks) {
    return kicks == 1 ? "" : "s";
}

/* A signal stays pending until its thread is about to return to user space. Where the
   thread has not come out of KVM_RUN since the first kick, that has been pending so long. */
static void say_kicks(struct sentence *s, const struct cap_why *why,
                      const struct cap_glimpse *last) {
    if (!has(last, CAP_THREAD_STATUS) || last->facts.kick_signal == 0)
        say(s, "no acknowledgement after %u kick%s", why->kicks, plural(why->kicks));
    else if (!last->thread.kick_pending)
        say(s, "%u kick%s taken", why->kicks, plural(why->kicks));
    else if (last->facts.in_run && last->facts.exit_ns < why->kicked_ns)
        say(s, "kick pending %" PRIu64 " ms",
            ms_between(why->kicked_ns, last->thread.sampled_ns));
    else
        say(s, "%u kick%s, the latest pending", why->kicks, plural(why->kicks));
}

/* ---- the thread ---- */

static const char *state_words(char state) {
    switch (state) {
    case 'T':
        return " (stopped)";
    case 't':
        return " (stopped by a tracer)";
    case 'Z':
    case 'X':
        return " (ended)";
    default:
        return "";
    }
}

/* Where a thread sleeps, as the kernel says. */
static void say_place(struct sentence *s, const struct cap_glimpse *glimpse) {
    const struct cap_host_thread *thread = &glimpse->thread;
    if (thread->state == 'R')
        return;
    if (has(glimpse, CAP_THREAD_WCHAN) && thread->wchan[0])
        say(s, " in %s", thread->wchan);
    else if (has(glimpse, CAP_THREAD_SYSCALL) && thread->call[0])
        say(s, " in %s", thread->call);
}

static bool stayed_in_run(const struct cap_look *look) {
    return look->first.taken && look->first.facts.in_run && look->last.facts.in_run &&
           look->first.facts.runs == look->last.facts.runs;
}

/* What it did from the first look to the last; false: it is not known. */
static bool share(const struct cap_look *look, uint64_t *ran_ns, uint64_t *of_ns) {
    if (!look->first.taken || look->first.error || look->last.error)
        return false;
    *of_ns = look->last.thread.sampled_ns - look->first.thread.sampled_ns;
    return *of_ns >= CAP_NS_PER_MS * LITTLE &&
           cap_host_thread_ran(&look->first.thread, &look->last.thread, ran_ns);
}

static void say_running(struct sentence *s, const struct cap_look *look) {
    uint64_t ran_ns = 0, of_ns = 0;
    bool known = share(look, &ran_ns, &of_ns), little = known && ran_ns < of_ns / LITTLE;

    if (stayed_in_run(look) && known && !little)
        say(s, ", spinning in KVM_RUN");
    else
        say(s, look->last.facts.in_run ? " in KVM_RUN" : " outside KVM_RUN");
    if (little)
        say(s, ", ran %" PRIu64 " ms of %" PRIu64 " ms", ran_ns / CAP_NS_PER_MS,
            of_ns / CAP_NS_PER_MS);
}

static void say_sleeping(struct sentence *s, const struct cap_look *look) {
    uint64_t ran_ns, of_ns;

    say(s, "%s", state_words(look->last.thread.state));
    say_place(s, &look->last);
    if (look->last.facts.in_run)
        say(s, ", inside KVM_RUN");
    /* Clock ticks are too coarse for this. */
    if (has(&look->first, CAP_THREAD_SCHEDSTAT) &&
        has(&look->last, CAP_THREAD_SCHEDSTAT) && share(look, &ran_ns, &of_ns) &&
        ran_ns == 0)
        say(s, ", did not run for %" PRIu64 " ms", of_ns / CAP_NS_PER_MS);
}

/* What the first look saw, if that was something else. */
static void say_first(struct sentence *s, const struct cap_why *why,
                      const struct cap_glimpse *first, const struct cap_glimpse *last) {
    const struct cap_host_thread *thread = &first->thread;

    if (!has(first, CAP_THREAD_STAT) || (thread->state == last->thread.state &&
                                         strcmp(thread->wchan, last->thread.wchan) == 0))
        return;
    say(s, " (%" PRIu64 " ms after the kick: %c%s",
        ms_between(why->kicked_ns, thread->sampled_ns), thread->state,
        state_words(thread->state));
    say_place(s, first);
    say(s, ")");
}

static void say_thread(struct sentence *s, const struct cap_why *why,
                       const struct cap_look *look) {
    const struct cap_glimpse *last = &look->last;

    if (last->facts.host_tid == 0) {
        say(s, ", no host thread");
    } else if (last->error == ENOENT) {
        say(s, ", host thread gone");
    } else if (last->error) {
        const char *text = strerrordesc_np(last->error);
        say(s, ", host thread not readable: %s", text ? text : "unknown error");
    } else {
        say(s, ", host thread %c", last->thread.state);
        if (last->thread.state == 'R')
            say_running(s, look);
        else
            say_sleeping(s, look);
        say_first(s, why, &look->first, last);
    }
}

/* ---- the exit ---- */

const char *cap_access_text(const struct cap_vcpu_facts *facts,
                            char text[CAP_EXIT_TEXT]) {
    static const char *const ways[2][2] = {{"read", "write"}, {"in", "out"}};
    bool io = facts->exit_reason == KVM_EXIT_IO;

    text[0] = '\0';
    if (facts->has_access)
        snprintf(text, CAP_EXIT_TEXT, "%s 0x%" PRIx64, ways[io][facts->access_write],
                 facts->access);
    return text;
}

static void say_exit(struct sentence *s, const struct cap_vcpu_facts *facts,
                     uint64_t now_ns) {
    char access[CAP_EXIT_TEXT];
    const char *name = cap_exit_reason_name(facts->exit_reason);

    if (facts->exit_ns == 0) {
        say(s, ", no exit yet");
        return;
    }
    if (facts->run_errno) {
        say(s, ", KVM_RUN failed %" PRIu64 " ms ago", ms_between(facts->exit_ns, now_ns));
        return;
    }
    cap_access_text(facts, access);
    if (strncmp(name, "KVM_EXIT_", 9) == 0)
        name += 9;
    say(s, ", last exit %s%s%s %" PRIu64 " ms ago", name, access[0] ? " " : "", access,
        ms_between(facts->exit_ns, now_ns));
}

const char *cap_why_text(const struct cap_why *why, char text[CAP_WHY_TEXT]) {
    static const struct cap_glimpse none = {0};
    const struct cap_look *look = why->look;
    struct sentence s = {text, 0};

    text[0] = '\0';
    if (why->injected)
        say(&s, "injected (%s): ", why->injected);
    say_kicks(&s, why, look ? &look->last : &none);
    if (look && look->late) {
        say(&s, ", parked after the decision");
        return text;
    }
    if (!look || !look->last.taken) {
        say(&s, ", host thread not sampled");
        return text;
    }
    say_thread(&s, why, look);
    say_exit(&s, &look->last.facts, look->last.thread.sampled_ns);
    return text;
}

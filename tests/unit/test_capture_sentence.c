/*
 * The sentence that says why a vCPU did not park, from what was seen of it.
 */
#include "tests/unit/unit.h"

#include <errno.h>
#include <linux/kvm.h>
#include <signal.h>

#include "capture/clock.h"
#include "capture/looks.h"
#include "capture/why.h"

#define MS CAP_NS_PER_MS

/* A vCPU that was kicked at 1000 ms and given up at 2500 ms, and does what `text` says. */
static struct cap_look plain_look(void) {
    struct cap_look look = {.id = 2};
    struct cap_glimpse glimpse = {.taken = true};

    glimpse.facts = (struct cap_vcpu_facts){
        .host_tid = 1,
        .kick_signal = SIGURG,
        .exit_reason = KVM_EXIT_MMIO,
        .exit_ns = 900 * MS,
        .has_access = true,
        .access_write = true,
        .access = 0xfee00300,
        .in_run = true,
        .runs = 7,
    };
    glimpse.thread = (struct cap_host_thread){.kick_pending = true, .state = 'R'};
    look.first = look.last = glimpse;
    look.first.thread.sampled_ns = 1010 * MS;
    look.last.thread.sampled_ns = 2500 * MS;
    look.last.thread.run_ns = 1000 * MS;
    return look;
}

static void check_why(const struct cap_look *look, const char *injected, uint32_t kicks,
                      const char *want) {
    char text[CAP_WHY_TEXT];
    struct cap_why why = {
        .injected = injected,
        .kicks = kicks,
        .kicked_ns = 1000 * MS,
        .decided_ns = 2500 * MS,
        .look = look,
    };
    CHECK_STR(cap_why_text(&why, text), want);
}

static void unresolved_fault_is_explained(void) {
    struct cap_look look = plain_look();
    look.first.thread.state = 'S';
    strcpy(look.first.thread.wchan, "handle_userfault");
    check_why(
        &look, NULL, 150,
        "kick pending 1500 ms, host thread R, spinning in KVM_RUN (10 ms after the "
        "kick: S in handle_userfault), last exit MMIO write 0xfee00300 1600 ms ago");
    look.last = look.first;
    look.last.thread.sampled_ns = 2500 * MS;
    check_why(
        &look, "fault", 150,
        "injected (fault): kick pending 1500 ms, host thread S in handle_userfault, "
        "inside KVM_RUN, did not run for 1490 ms, last exit MMIO write 0xfee00300 "
        "1600 ms ago");
    look.last.thread.errors[CAP_THREAD_SCHEDSTAT] = ENODATA;
    look.last.thread.errors[CAP_THREAD_WCHAN] = EACCES;
    strcpy(look.last.thread.call, "ioctl(KVM_RUN)");
    look.first.taken = false;
    check_why(
        &look, NULL, 150,
        "kick pending 1500 ms, host thread S in ioctl(KVM_RUN), inside KVM_RUN, last "
        "exit MMIO write 0xfee00300 1600 ms ago");
}

static void stuck_thread_is_explained(void) {
    struct cap_look look = plain_look();
    look.last.thread.kick_pending = false;
    look.last.facts.runs = 19;
    look.last.facts.exit_reason = KVM_EXIT_INTR;
    look.last.facts.has_access = false;
    look.last.facts.exit_ns = 2496 * MS;
    check_why(
        &look, "stuck", 12,
        "injected (stuck): 12 kicks taken, host thread R in KVM_RUN, last exit INTR 4 "
        "ms ago");
    look.last.thread.kick_pending = true;
    look.last.facts.in_run = false;
    check_why(
        &look, NULL, 12,
        "12 kicks, the latest pending, host thread R outside KVM_RUN, last exit INTR "
        "4 ms ago");
}

static void starved_thread_is_explained(void) {
    struct cap_look look = plain_look();
    look.last.thread.run_ns = 3 * MS;
    look.last.facts.exit_reason = look.first.facts.exit_reason = KVM_EXIT_IO;
    look.last.facts.access = 0x500;
    check_why(&look, NULL, 1,
              "kick pending 1500 ms, host thread R in KVM_RUN, ran 3 ms of 1490 ms, last "
              "exit IO out 0x500 1600 ms ago");
    look.last.facts.access_write = false;
    look.last.facts.access = 0xfee00300;
    look.last.facts.exit_reason = KVM_EXIT_MMIO;
    look.last.thread.state = 'T';
    look.first.thread.state = 'T';
    look.first.taken = false;
    check_why(&look, NULL, 1,
              "kick pending 1500 ms, host thread T (stopped), inside KVM_RUN, last exit "
              "MMIO read 0xfee00300 1600 ms ago");
}

static void what_is_not_known_is_not_said(void) {
    struct cap_look look = plain_look();

    check_why(NULL, NULL, 1, "no acknowledgement after 1 kick, host thread not sampled");
    look.last.taken = false;
    check_why(
        &look, "stuck", 9,
        "injected (stuck): no acknowledgement after 9 kicks, host thread not sampled");
    look.late = true;
    check_why(&look, NULL, 2,
              "no acknowledgement after 2 kicks, parked after the decision");

    look = plain_look();
    for (int i = 0; i < CAP_THREAD_FILES; i++)
        look.last.thread.errors[i] = ENOENT;
    look.last.error = ENOENT;
    look.last.facts.exit_ns = 0;
    check_why(&look, NULL, 3,
              "no acknowledgement after 3 kicks, host thread gone, no exit yet");
    look.last.error = EMFILE;
    check_why(&look, NULL, 3,
              "no acknowledgement after 3 kicks, host thread not readable: Too many open "
              "files, no exit yet");
    look.last.facts.host_tid = 0;
    check_why(&look, NULL, 3,
              "no acknowledgement after 3 kicks, no host thread, no exit yet");
}

/* The longest that can be: it is cut, never too long. */
static void long_sentences_are_cut(void) {
    struct cap_look look = plain_look();
    char text[CAP_WHY_TEXT];
    struct cap_why why = {.injected = "stuck", .kicks = UINT32_MAX, .look = &look};
    look.last.thread.state = 't';
    memset(look.first.thread.wchan, 'a', sizeof(look.first.thread.wchan) - 1);
    memset(look.last.thread.wchan, 'b', sizeof(look.last.thread.wchan) - 1);
    look.first.thread.state = 'S';
    look.first.thread.sampled_ns = UINT64_MAX / 2;
    look.last.thread.sampled_ns = UINT64_MAX;
    cap_why_text(&why, text);
    CHECK(strlen(text) < CAP_WHY_TEXT);
    CHECK(strstr(text, " ms ago") != NULL); /* as it happens, all of it fits */
}

int main(void) {
    UNIT_RUN(unresolved_fault_is_explained);
    UNIT_RUN(stuck_thread_is_explained);
    UNIT_RUN(starved_thread_is_explained);
    UNIT_RUN(what_is_not_known_is_not_said);
    UNIT_RUN(long_sentences_are_cut);
    return unit_done();
}

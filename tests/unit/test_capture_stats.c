/*
 * The statistics client against a scripted scheduler, property by property (scheduler-stats
 * section 5). Which property is tested where; the name of a test begins with its number.
 *
 *   1        test_capture_stats_lines.c
 *   2 to 5   here
 *   6        does not apply: no more than the cap and one byte is ever held, so nothing comes
 *            near a second limit; here p4_*, whatever the size, and p50_*
 *   7, 8, 10 here
 *   9, 12    test_capture_stats_threads.c; 12 is the rule of 7.3: a freeze wakes at once
 *   11       here
 *   13       test_capture_stats_threads.c
 *   14 to 16 here; a second line is counted at once where it is seen at once
 *   17, 18   test_capture_stats_lines.c
 *   19, 20   test_capture_stats_lines.c; p19_* here, on the wire
 *   21 to 27 test_capture_stats_lines.c
 *   28       test_capture_stats_reason.c; there is no eighth client error, Poisoned
 *   29       test_capture_stats_faults.c: what fails outside of the protocol becomes
 *            NoScheduler with its text
 *   30, 31   test_capture_stats_reason.c
 *   32 to 41 are of samples, which this client does not keep
 *   42       here
 *   43 to 46 test_capture_stats_faults.c; 46 the other way round: a late answer is never had
 *   47       here for what we send. The other half is a server's
 *   48       does not apply: one request at a time
 *   49       test_capture_stats_probe.c
 *   50       here
 *
 * What 7.7 asks for without a number is in test_capture_stats_faults.c and
 * test_capture_stats_flat.c, named after its section.
 */
#include "tests/unit/unit.h"

#include <errno.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/time.h>

#include "tests/unit/stats_aid.h"

static struct aid_scheduler scheduler;
static struct cap_stats *client;
static struct cap_stats_answer answer;

static void begin(const char *const *words, uint64_t timeout_ms) {
    aid_scheduler_begin(&scheduler, words);
    client = aid_client(&scheduler, timeout_ms);
}

static void end(void) {
    cap_stats_free(client);
    aid_scheduler_end(&scheduler);
}

static const char *ask(const char *id) {
    return aid_ask_stats(client, id, &answer);
}

#define CANCELLED "\"Cancelled\""
#define FROZEN "\"DuringFreeze\""

static void p2_a_request_above_the_cap_is_not_sent(void) {
    begin(AID_SCRIPT("reply=1"), AID_PLENTY_MS);
    CHECK_STR(aid_ask_of_size(client, &answer, 262145),
              "{\"RequestTooLarge\":{\"size\":262145,\"max\":262144}}");
    CHECK_EQ_I64(answer.missing, CAP_REQUEST_TOO_LARGE);
    CHECK_EQ_I64(aid_find_socket(), -1); /* not even connected */
    CHECK_STR(aid_ask_of_size(client, &answer, 300000),
              "{\"RequestTooLarge\":{\"size\":300000,\"max\":262144}}");
    CHECK_STR(ask("a"), "1");
    CHECK_EQ_U64(aid_scheduler_asked(&scheduler), 1);
    end();
}

static void p3_a_request_at_the_cap_is_sent_whole(void) {
    begin(AID_SCRIPT("reply=1"), AID_PLENTY_MS);
    CHECK_STR(aid_ask_of_size(client, &answer, 262144), "1");
    struct stat st;
    CHECK(stat(scheduler.log, &st) == 0);
    CHECK_EQ_I64(st.st_size, 262144);
    end();
}

static void p4_an_answer_above_the_cap_is_refused(void) {
    static const char want[] = "{\"ResponseTooLarge\":{\"size\":262145,\"max\":262144}}";
    begin(AID_SCRIPT("open=262145", "size=262145", "open=600000", "size=600000", "echo"),
          AID_PLENTY_MS);
    /* The size does not depend on how the bytes were cut, nor on whether a newline follows. */
    for (int i = 0; i < 4; i++) {
        CHECK_STR(ask("a"), want);
        CHECK_EQ_I64(answer.missing, CAP_RESPONSE_TOO_LARGE);
        CHECK_EQ_I64(aid_find_socket(), -1);
    }
    CHECK_STR(ask("b"), aid_echo(5, "b"));
    CHECK(answer.first);
    end();
}

static void p5_an_answer_at_the_cap_is_waited_for(void) {
    begin(AID_SCRIPT("size=262144", "echo"), AID_PLENTY_MS);
    CHECK(aid_begins(ask("a"), "{\"pad\":\"xxxx"));
    CHECK_EQ_U64(answer.json.len, 262144 - strlen("{\"errno\":0,\"args\":{\"resp\":}}"));
    CHECK_STR(ask("b"), aid_echo(2, "b"));
    end();
    begin(AID_SCRIPT("open=262144"), 1000);
    CHECK_STR(ask("a"), CANCELLED);
    CHECK_EQ_U64(answer.deadline_ms, 1000);
    end();
}

static void p50_the_cap_can_be_set_and_is_recorded(void) {
    struct dc_error err;
    struct cap_stats_options options = {.cap = 600000, .timeout_ms = AID_PLENTY_MS};
    aid_scheduler_begin(&scheduler, AID_SCRIPT("size=600000", "size=600001"));
    options.path = scheduler.path;
    client = cap_stats_new(&options, &err);
    CHECK(aid_begins(ask("a"), "{\"pad\":\"xxxx"));
    CHECK_STR(ask("b"), "{\"ResponseTooLarge\":{\"size\":600001,\"max\":600000}}");
    cap_stats_free(client);
    options.cap = 40;
    client = cap_stats_new(&options, &err);
    CHECK_STR(ask("abcdefghijklm"), "{\"RequestTooLarge\":{\"size\":46,\"max\":40}}");
    end();
    options.cap = (size_t)CAP_STATS_CAP_MAX + 1;
    CHECK(cap_stats_new(&options, &err) == NULL && err.code == DC_EUSAGE);
}

static void p7_a_freeze_before_the_request_ends_it(void) {
    begin(AID_SCRIPT("echo"), AID_PLENTY_MS);
    cap_stats_freeze(client, true);
    CHECK_STR(ask("a"), FROZEN);
    CHECK_EQ_I64(answer.missing, CAP_DURING_FREEZE);
    CHECK_EQ_U64(answer.deadline_ms, 0);
    cap_stats_freeze(client, true); /* twice is once */
    CHECK_STR(ask("b"), FROZEN);
    CHECK_EQ_I64(aid_find_socket(), -1);
    cap_stats_freeze(client, false);
    CHECK_STR(ask("c"), aid_echo(1, "c"));
    cap_stats_freeze(client, true);
    CHECK_STR(ask("d"), FROZEN);
    cap_stats_freeze(client, false);
    CHECK_STR(ask("e"), aid_echo(2, "e"));
    CHECK(!answer.first); /* nothing was under way, so the connection could stay */
    end();
}

static void p8_a_cancel_before_the_request_ends_it_and_all_later_ones(void) {
    begin(AID_SCRIPT("echo"), AID_PLENTY_MS);
    cap_stats_cancel(client);
    CHECK_STR(ask("a"), CANCELLED);
    CHECK_EQ_I64(answer.missing, CAP_CANCELLED);
    CHECK_EQ_U64(answer.deadline_ms, 0);
    CHECK_STR(ask("b"), CANCELLED);
    CHECK_EQ_U64(aid_scheduler_asked(&scheduler), 0);
    end();
}

static void p10_freeze_comes_before_cancel_and_size_before_both(void) {
    begin(AID_SCRIPT("echo"), AID_PLENTY_MS);
    cap_stats_cancel(client);
    cap_stats_freeze(client, true);
    CHECK_STR(ask("a"), FROZEN);
    CHECK(aid_begins(aid_ask_of_size(client, &answer, 262145), "{\"RequestTooLarge\""));
    cap_stats_freeze(client, false);
    CHECK_STR(ask("a"), CANCELLED);
    end();
}

/* Memory is asked for when the client is about to read for the first time: then everything
   happens at once. */
static void *resize_and_strike(void *ctx, void *p, size_t size) {
    bool *armed = ctx;
    int fd = aid_find_socket();
    if (*armed && fd >= 0 && size > 0) {
        *armed = false;
        aid_wait_bytes(fd, strlen("{\"errno\":0,\"args\":{\"resp\":1}}\n"));
        cap_stats_freeze(client, true);
        cap_stats_cancel(client);
    }
    return dc_alloc_libc.resize(dc_alloc_libc.ctx, p, size);
}

static void p11_a_whole_line_comes_before_freeze_and_cancel(void) {
    bool armed = true;
    struct dc_error err;
    struct cap_stats_options options = {.timeout_ms = AID_PLENTY_MS,
                                        .alloc = {resize_and_strike, &armed}};
    aid_scheduler_begin(&scheduler, AID_SCRIPT("reply=1"));
    options.path = scheduler.path;
    client = cap_stats_new(&options, &err);
    CHECK_STR(ask(NULL), "1");
    CHECK(!armed);
    CHECK_STR(ask(NULL), FROZEN);
    end();
}

/* Comes while the client sleeps, and holds it there until the answer lies in its socket. */
static void on_alarm(int signo) {
    int saved = errno;
    (void)signo;
    aid_wait_bytes(aid_find_socket(), strlen("{\"errno\":0,\"args\":{\"resp\":1}}\n"));
    cap_stats_freeze(client, true);
    cap_stats_cancel(client);
    errno = saved;
}

static void p11_a_whole_line_comes_first_at_each_wake(void) {
    const struct itimerval soon = {.it_value = {.tv_usec = 200000}};
    struct sigaction action = {.sa_handler = on_alarm}, before;
    begin(AID_SCRIPT("late=400", "reply=1"), AID_PLENTY_MS);
    sigaction(SIGALRM, &action, &before);
    setitimer(ITIMER_REAL, &soon, NULL);
    CHECK_STR(ask(NULL), "1");
    CHECK_STR(ask(NULL), FROZEN);
    sigaction(SIGALRM, &before, NULL);
    end();
}

static void p14_what_nobody_asked_for_is_dropped_and_counted(void) {
    begin(AID_SCRIPT("stray={\"errno\":0,\"args\":{\"resp\":\"stray\"}}\\n", "echo",
                     "echo"),
          AID_PLENTY_MS);
    size_t stray = strlen("{\"errno\":0,\"args\":{\"resp\":\"stray\"}}\n");
    CHECK_STR(ask("a"), aid_echo(1, "a"));
    CHECK(answer.first);
    CHECK(aid_wait_bytes(aid_find_socket(), stray));
    CHECK_STR(ask("b"), aid_echo(2, "b"));
    CHECK_EQ_U64(cap_stats_discarded(client), stray);
    CHECK(answer.first); /* more of it may come: connected anew */
    CHECK_STR(ask("c"), aid_echo(3, "c"));
    CHECK(!answer.first);
    end();
}

static void p15_of_two_lines_the_first_is_taken(void) {
    begin(AID_SCRIPT("glued", "echo", "more=xyz", "echo", "echo"), AID_PLENTY_MS);
    size_t glued = strlen("{\"errno\":0,\"args\":{\"resp\":\"glued\"}}\n");
    CHECK_STR(ask("a"), aid_echo(1, "a"));
    CHECK_EQ_U64(cap_stats_discarded(client), glued);
    CHECK_STR(ask("b"), aid_echo(2, "b"));
    CHECK(answer.first);
    CHECK_EQ_U64(cap_stats_discarded(client), glued + 3);
    CHECK_STR(ask("c"), aid_echo(3, "c"));
    CHECK(answer.first);
    end();
}

/* More than the client reads at a time stands behind the line. */
static void p15_all_of_a_long_surplus_is_counted(void) {
    static char more[60000] = "more=";
    memset(more + 5, 'x', sizeof(more) - 6);
    begin(AID_SCRIPT(more, "echo", "echo"), AID_PLENTY_MS);
    CHECK_STR(ask("a"), aid_echo(1, "a"));
    CHECK_STR(ask("b"), aid_echo(2, "b"));
    CHECK_EQ_U64(cap_stats_discarded(client), sizeof(more) - 6);
    end();
}

static void p16_a_greeting_is_dropped_and_counted(void) {
    begin(AID_SCRIPT("greet=hello\\n", "delay=50", "echo"), AID_PLENTY_MS);
    /* It is there before the request is sent, or comes instead of its answer: both times it
       is not an answer, and the request after it gets its own. */
    for (int i = 0; i < 5; i++) {
        const char *json = ask("a");
        CHECK(answer.have == (strncmp(json, "{\"n\":", 5) == 0));
        CHECK(answer.have || answer.end == CAP_END_GARBLED);
        CHECK(!strstr(json, "hello"));
    }
    end();
}

/* A stranger that never stops talking costs one line of reading. */
static void p16_a_babbler_holds_up_nobody(void) {
    static char babble[100000] = "greet=";
    memset(babble + 6, 'x', sizeof(babble) - 7);
    begin(AID_SCRIPT(babble, "echo"), AID_PLENTY_MS);
    for (int i = 0; i < 3; i++) {
        ask("a"); /* the babble has no newline: the answer is at its end, if it is */
        CHECK(answer.end == CAP_END_GARBLED || answer.end == CAP_END_ANSWERED);
    }
    end();
}

static void p19_the_request_on_the_wire(void) {
    char line[256] = "";
    struct cap_stats_answer own;
    struct dc_error err;
    const struct cap_stats_arg args[] = {{"target", "sched_samples"},
                                         {"nr_samples", "5"}};
    const struct cap_stats_request meta = {.meta = true},
                                   more = {.args = args, .n_args = 2};
    begin(AID_SCRIPT("reply=1", "meta={\"Top\":{}}"), AID_PLENTY_MS);
    CHECK_STR(ask(NULL), "1");
    CHECK(cap_stats_ask(client, &meta, &own, &err) == 0);
    CHECK_MEM(own.json.data, own.json.len, "{\"Top\":{}}", 10);
    CHECK(!own.first);
    cap_stats_answer_done(&own);
    CHECK(cap_stats_ask(client, &more, &own, &err) == 0);
    cap_stats_answer_done(&own);
    FILE *log = fopen(scheduler.log, "r");
    CHECK(log && fread(line, 1, sizeof(line) - 1, log) > 0);
    CHECK_STR(line, "{\"req\":\"stats\"}\n{\"req\":\"stats_meta\"}\n"
                    "{\"req\":\"stats\",\"args\":{\"nr_samples\":\"5\","
                    "\"target\":\"sched_samples\"}}\n");
    if (log)
        fclose(log);
    end();
}

static void p42_counters_arrive_exactly(void) {
    begin(AID_SCRIPT(
              "reply={\"stats_magic\":6004496034161779060,\"max\":18446744073709551615,"
              "\"min\":-9223372036854775808,\"nan\":null,\"f\":1.50,\"z\":-0}"),
          AID_PLENTY_MS);
    CHECK_STR(ask(NULL), "{\"f\":1.5,\"max\":18446744073709551615,"
                         "\"min\":-9223372036854775808,\"nan\":null,"
                         "\"stats_magic\":6004496034161779060,\"z\":-0.0}");
    CHECK(answer.have);
    end();
}

static void p47_what_is_sent_is_always_json(void) {
    begin(AID_SCRIPT("echo"), AID_PLENTY_MS);
    CHECK_STR(ask("\n\"\\\x01\xc3\xa9"), aid_echo(1, "\\n\\\"\\\\\\u0001\xc3\xa9"));
    CHECK_STR(ask("\xff\xfe"), aid_echo(2, "\xef\xbf\xbd\xef\xbf\xbd"));
    CHECK_EQ_U64(aid_scheduler_asked(&scheduler), 2);
    end();
}

int main(void) {
    UNIT_RUN(p2_a_request_above_the_cap_is_not_sent);
    UNIT_RUN(p3_a_request_at_the_cap_is_sent_whole);
    UNIT_RUN(p4_an_answer_above_the_cap_is_refused);
    UNIT_RUN(p5_an_answer_at_the_cap_is_waited_for);
    UNIT_RUN(p7_a_freeze_before_the_request_ends_it);
    UNIT_RUN(p8_a_cancel_before_the_request_ends_it_and_all_later_ones);
    UNIT_RUN(p10_freeze_comes_before_cancel_and_size_before_both);
    UNIT_RUN(p11_a_whole_line_comes_before_freeze_and_cancel);
    UNIT_RUN(p11_a_whole_line_comes_first_at_each_wake);
    UNIT_RUN(p14_what_nobody_asked_for_is_dropped_and_counted);
    UNIT_RUN(p15_of_two_lines_the_first_is_taken);
    UNIT_RUN(p15_all_of_a_long_surplus_is_counted);
    UNIT_RUN(p16_a_greeting_is_dropped_and_counted);
    UNIT_RUN(p16_a_babbler_holds_up_nobody);
    UNIT_RUN(p19_the_request_on_the_wire);
    UNIT_RUN(p42_counters_arrive_exactly);
    UNIT_RUN(p47_what_is_sent_is_always_json);
    UNIT_RUN(p50_the_cap_can_be_set_and_is_recorded);
    return unit_done();
}

/*
 * The control socket with clients that behave: captures, status, stop, and the end of the
 * run. The coordinator's side is the test itself, or a thread.
 */
#include "tests/unit/unit.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "capture/clock.h"
#include "capture/control.h"
#include "tests/unit/control_aid.h"
#include "tests/unit/desk_aid.h"

static void captures_when_asked(void) {
    static const char *const lines[] = {
        "capture x\n",
        "{\"command\":\"capture\",\"tag\":\"x\"}\n",
        " capture  x\r\n",
    };
    struct aid_control *run = aid_control_begin();
    int client = aid_dial(run->path);
    char want[256], *folder = getcwd(NULL, 0);

    snprintf(want, sizeof(want), "\"tag\":\"x\",\"report\":\"%s/dump.snapshot.x.json\"",
             folder);
    free(folder);
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        CHECK(aid_capture_by(run, client, lines[i], CAP_ANSWER_CAPTURED));
        CHECK(aid_has(run->reply, "{\"ok\":true,\"command\":\"capture\""));
        CHECK(aid_has(run->reply, want));
        CHECK(aid_has(run->reply, "\"variant\":\"single\",\"parked\":3,\"total\":4,"
                                  "\"latency_us\":5}"));
    }
    CHECK(aid_capture_by(run, client, "capture\n", CAP_ANSWER_DEGRADED));
    CHECK(aid_has(run->reply, "\"variant\":\"degraded\""));
    CHECK(aid_capture_by(run, client, "capture\n", CAP_ANSWER_FAILED));
    CHECK(aid_has(run->reply,
                  "{\"ok\":false,\"command\":\"capture\",\"error\":\"failed\""));
    close(client);
    aid_control_end(run);
}

static void hands_the_tag_on(void) {
    struct aid_control *run = aid_control_begin();
    struct cap_request taken;
    int client = aid_dial(run->path);

    CHECK(aid_say(client, "capture ../x\n") && aid_wait_pending(run));
    CHECK(cap_desk_take(run->desk, &taken));
    CHECK(taken.asker == CAP_ASK_CONTROL);
    CHECK_STR(taken.tag, "___x");
    close(client);
    aid_control_end(run);
}

/* Whoever it is that asks a second time, and whatever else is said meanwhile. */
static void g8_second_is_busy_at_once(void) {
    static const char busy[] = "{\"ok\":false,\"command\":\"capture\",\"error\":\"busy\","
                               "\"message\":\"" CAP_BUSY_TEXT "\"}";
    struct aid_control *run = aid_control_begin();
    int first = aid_dial(run->path), second = aid_dial(run->path);

    CHECK(aid_say(first, "capture one\n") && aid_wait_pending(run));
    CHECK_STR(aid_talk(second, "capture two\n", run->reply), busy);
    CHECK_STR(aid_talk(first, "capture three\n", run->reply), busy);
    CHECK(aid_has(aid_talk(second, "status\n", run->reply), "\"pending\":true"));
    CHECK(aid_has(aid_talk(first, "status\n", run->reply), "\"pending\":true"));
    CHECK(aid_serve(run->desk, CAP_ANSWER_CAPTURED));
    CHECK(aid_hear(first, run->reply));
    CHECK(aid_has(run->reply, "\"tag\":\"one\""));
    CHECK(aid_has(aid_talk(second, "status\n", run->reply), "\"pending\":false"));
    cap_desk_hold(run->desk);
    CHECK_STR(aid_talk(second, "capture two\n", run->reply), busy);
    cap_desk_release(run->desk);
    CHECK(aid_capture_by(run, second, "capture two\n", CAP_ANSWER_CAPTURED));
    CHECK(aid_has(run->reply, "\"tag\":\"two\""));
    close(first);
    close(second);
    aid_control_end(run);
}

static void tells_the_status(void) {
    struct aid_control *run = aid_control_begin();
    int client = aid_dial(run->path);

    CHECK_STR(aid_talk(client, "status\n", run->reply),
              "{\"ok\":true,\"command\":\"status\",\"state\":\"idle\",\"guest\":"
              "\"demo:\\ufffd\",\"vcpus\":4,\"uptime_ms\":1234,\"captures\":0,"
              "\"pending\":false,\"triggers\":[\"latch\"],\"early_held\":false}");
    CHECK(aid_say(client, "status\nstatus\n")); /* two in one packet: two answers */
    CHECK(aid_hear(client, run->reply));
    CHECK(aid_has(run->reply, "\"captures\":1"));
    CHECK(aid_hear(client, run->reply));
    CHECK(aid_has(run->reply, "\"captures\":2"));
    CHECK(aid_say(client, "sta"));
    CHECK(aid_has(aid_talk(client, "tus\n", run->reply), "\"captures\":3"));
    close(client);
    aid_control_end(run);
}

static void stops_after_it_has_said_so(void) {
    struct aid_control *run = aid_control_begin();
    int client = aid_dial(run->path);

    CHECK_EQ_I64(run->stops, 0);
    CHECK_STR(aid_talk(client, "stop\n", run->reply),
              "{\"ok\":true,\"command\":\"stop\"}");
    CHECK(aid_has(aid_talk(client, "status\n", run->reply), "\"ok\":true"));
    CHECK_EQ_I64(run->stops, 1); /* the hook was called before the next line */
    CHECK(aid_has(aid_talk(client, "{\"command\":\"stop\"}\n", run->reply), "stop"));
    CHECK(aid_has(aid_talk(client, "status\n", run->reply), "\"ok\":true"));
    CHECK_EQ_I64(run->stops, 2);
    close(client);
    aid_control_end(run);
}

/* As `printf 'capture x\n' | nc -U sock` does. */
static void answers_who_says_no_more(void) {
    struct aid_control *run = aid_control_begin();
    int client = aid_dial(run->path);

    CHECK(aid_say(client, "capture x\n"));
    CHECK_EQ_I64(shutdown(client, SHUT_WR), 0);
    CHECK(aid_wait_pending(run) && aid_serve(run->desk, CAP_ANSWER_CAPTURED));
    CHECK(aid_hear(client, run->reply));
    CHECK(aid_has(run->reply, "\"tag\":\"x\""));
    CHECK(aid_is_dropped(client));
    close(client);
    client = aid_dial(run->path);
    CHECK(aid_say(client, "status\nstatus\n"));
    CHECK_EQ_I64(shutdown(client, SHUT_WR), 0);
    CHECK(aid_hear(client, run->reply));
    CHECK(aid_hear(client, run->reply));
    CHECK(aid_has(run->reply, "\"command\":\"status\""));
    CHECK(aid_is_dropped(client));
    close(client);
    aid_control_end(run);
}

/* ---- the end of the run ---- */

#define ENDED "\"error\":\"ended\",\"message\":\"" CAP_ENDED_TEXT "\""

static void check_ended(struct aid_control *run, int client) {
    CHECK(aid_hear(client, run->reply));
    CHECK(aid_has(run->reply, ENDED));
    CHECK(aid_is_dropped(client));
    close(client);
}

static void end_answers_who_waits(void) {
    struct aid_control *run = aid_control_begin();
    struct cap_request taken;
    int client = aid_dial(run->path);

    CHECK(aid_say(client, "capture x\n") && aid_wait_pending(run));
    CHECK(cap_desk_take(run->desk, &taken));
    cap_desk_close(run->desk);
    CHECK(aid_hear(client, run->reply));
    CHECK(aid_has(run->reply, ENDED ",\"tag\":\"x\""));
    CHECK(aid_say(client, "capture y\n"));
    CHECK(aid_hear(client, run->reply));
    CHECK(aid_has(run->reply, ENDED));
    CHECK(cap_control_close(run->control));
    run->control = NULL;
    CHECK(aid_is_dropped(client));
    close(client);
    aid_control_end(run);
}

/* Even where the desk was not closed: nobody would serve it any more. */
static void close_answers_who_waits(void) {
    struct aid_control *run = aid_control_begin();
    int waiting = aid_dial(run->path), served = aid_dial(run->path);
    uint64_t start;

    CHECK(aid_capture_by(run, served, "capture x\n", CAP_ANSWER_CAPTURED));
    CHECK(aid_say(waiting, "capture y\n") && aid_wait_pending(run));
    start = cap_now_ns();
    CHECK(cap_control_close(run->control));
    CHECK(cap_now_ns() - start < CAP_NS_PER_S);
    run->control = NULL;
    check_ended(run, waiting);
    CHECK(aid_is_dropped(served));
    close(served);
    CHECK_EQ_I64(aid_dial(run->path), -1);
    CHECK_EQ_I64(errno, ENOENT);
    aid_control_end(run);
}

/* An answer that came at the last moment is not lost. */
static void close_hands_out_answers(void) {
    for (int i = 0; i < 20; i++) {
        struct aid_control *run = aid_control_begin();
        int client = aid_dial(run->path);
        CHECK(aid_say(client, "capture x\n") && aid_wait_pending(run));
        CHECK(aid_serve(run->desk, CAP_ANSWER_CAPTURED));
        CHECK(cap_control_close(run->control));
        run->control = NULL;
        CHECK(aid_hear(client, run->reply));
        CHECK(aid_has(run->reply, "\"ok\":true"));
        close(client);
        aid_control_end(run);
    }
}

/* Said before the end, read or not: it is answered. */
static void close_answers_what_was_said(void) {
    for (int i = 0; i < 20; i++) {
        struct aid_control *run = aid_control_begin();
        int client = aid_dial(run->path);
        CHECK(aid_say(client, "capture x\n"));
        CHECK(cap_control_close(run->control));
        run->control = NULL;
        check_ended(run, client);
        aid_control_end(run);
    }
}

/* ---- the thread ---- */

/* A number of /proc/self/task/TID/status of the thread "control", in base `base`. */
static uint64_t thread_number(const char *name, int base) {
    uint64_t number = 0;
    DIR *dir = opendir("/proc/self/task");
    struct dirent *entry;
    char path[300], line[256];
    while (dir && (entry = readdir(dir))) {
        bool ours = false;
        snprintf(path, sizeof(path), "/proc/self/task/%s/status", entry->d_name);
        FILE *file = fopen(path, "r");
        while (file && fgets(line, sizeof(line), file)) {
            ours = ours || strcmp(line, "Name:\tcontrol\n") == 0;
            if (ours && strncmp(line, name, strlen(name)) == 0)
                number = strtoull(line + strlen(name), NULL, base);
        }
        if (file)
            fclose(file);
    }
    if (dir)
        closedir(dir);
    return number;
}

static bool blocks(uint64_t mask, int signal) {
    return mask >> (signal - 1) & 1;
}

static void takes_no_signal_of_the_process(void) {
    struct aid_control *run = aid_control_begin();
    int client = aid_dial(run->path);

    /* A thread that has not run yet blocks all. */
    CHECK(aid_has(aid_talk(client, "status\n", run->reply), "idle"));
    uint64_t mask = thread_number("SigBlk:", 16);
    CHECK(blocks(mask, SIGINT) && blocks(mask, SIGTERM) && blocks(mask, SIGHUP));
    CHECK(blocks(mask, SIGURG) && blocks(mask, SIGPIPE) && blocks(mask, SIGUSR1));
    CHECK(!blocks(mask, SIGSEGV) && !blocks(mask, SIGABRT));
    close(client);
    aid_control_end(run);
}

static void sleeps_while_idle(void) {
    struct aid_control *run = aid_control_begin();
    int client = aid_dial(run->path);
    uint64_t before = 1, after = 0;

    CHECK(aid_has(aid_talk(client, "status\n", run->reply), "idle"));
    /* It may still be on its way to sleep: three tries, and polling would spoil them all. */
    for (int i = 0; i < 3 && before != after; i++) {
        nanosleep(&(struct timespec){.tv_nsec = 50 * CAP_NS_PER_MS}, NULL);
        before = thread_number("voluntary_ctxt_switches:", 10);
        nanosleep(&(struct timespec){.tv_nsec = 200 * CAP_NS_PER_MS}, NULL);
        after = thread_number("voluntary_ctxt_switches:", 10);
    }
    CHECK(before > 0);
    CHECK_EQ_U64(after, before);
    close(client);
    aid_control_end(run);
}

int main(void) {
    UNIT_RUN(captures_when_asked);
    UNIT_RUN(hands_the_tag_on);
    UNIT_RUN(g8_second_is_busy_at_once);
    UNIT_RUN(tells_the_status);
    UNIT_RUN(stops_after_it_has_said_so);
    UNIT_RUN(answers_who_says_no_more);
    UNIT_RUN(end_answers_who_waits);
    UNIT_RUN(close_answers_who_waits);
    UNIT_RUN(close_hands_out_answers);
    UNIT_RUN(close_answers_what_was_said);
    UNIT_RUN(takes_no_signal_of_the_process);
    UNIT_RUN(sleeps_while_idle);
    return unit_done();
}

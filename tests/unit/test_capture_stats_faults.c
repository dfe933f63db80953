/*
 * The statistics client and schedulers that are not there, stand still, die, are replaced,
 * or answer late. The head of test_capture_stats.c says which property is tested where.
 */
#include "tests/unit/unit.h"

#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

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

static void s7_a_slow_reader_gets_the_request_whole(void) {
    begin(AID_SCRIPT("read=2048:1", "reply=1", "reply=2"), AID_PLENTY_MS);
    CHECK_STR(aid_ask_of_size(client, &answer, 262144), "1");
    CHECK_STR(aid_ask_of_size(client, &answer, 262144), "2");
    CHECK_EQ_U64(aid_scheduler_asked(&scheduler), 2);
    end();
}

static void s7_who_reads_nothing_is_waited_for_until_the_deadline(void) {
    begin(AID_SCRIPT("stop-reading"), 200);
    CHECK_STR(aid_ask_of_size(client, &answer, 262144),
              CANCELLED); /* does not fit into the socket */
    CHECK_EQ_U64(answer.deadline_ms, 200);
    CHECK_STR(ask("a"), CANCELLED); /* fits */
    CHECK_EQ_U64(answer.deadline_ms, 200);
    CHECK_EQ_I64(answer.end, CAP_END_LATE);
    end();
}

static void s7_answers_come_byte_by_byte(void) {
    begin(AID_SCRIPT("bytewise", "times=3", "echo", "echo"), AID_PLENTY_MS);
    CHECK_STR(ask("a"), aid_echo(1, "a"));
    CHECK(answer.first);
    CHECK_STR(ask("b"), aid_echo(2, "b"));
    CHECK(!answer.first); /* the same connection */
    CHECK_STR(ask("c"), aid_echo(3, "c"));
    CHECK_EQ_U64(cap_stats_discarded(client), 0);
    end();
}

static void s7_the_first_statistics_of_a_connection_are_marked(void) {
    begin(AID_SCRIPT("error=22:no", "echo", "then-close", "echo", "echo"), AID_PLENTY_MS);
    CHECK(aid_begins(ask("a"), "{\"SchedulerError\":{\"errno\":22,"));
    CHECK(!answer.first);
    CHECK_STR(ask("b"), aid_echo(2, "b"));
    CHECK(answer.first);
    CHECK_STR(ask("c"), aid_echo(3, "c"));
    CHECK(!answer.first);
    CHECK(aid_wait_closed(aid_find_socket()));
    CHECK_STR(ask("d"), aid_echo(4, "d"));
    CHECK(answer.first);
    end();
}

static void p29_other_failures_keep_their_text(void) {
    aid_scheduler_begin(&scheduler, AID_SCRIPT("echo"));
    aid_scheduler_kill(&scheduler);
    CHECK(remove(scheduler.path) == 0 && mkdir(scheduler.path, 0700) == 0);
    client = aid_client(&scheduler, AID_PLENTY_MS);
    CHECK(aid_is_about(&scheduler, ask("a"), "not a socket"));
    CHECK(aid_has(answer.json.data, "ECONNREFUSED"));
    CHECK(rmdir(scheduler.path) == 0);
    int datagrams = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof(address.sun_path), "%s", scheduler.path);
    CHECK(bind(datagrams, (struct sockaddr *)&address, sizeof(address)) == 0);
    CHECK(aid_is_about(&scheduler, ask("a"), "EPROTOTYPE"));
    CHECK_EQ_I64(answer.error, EPROTOTYPE);
    close(datagrams);
    end();
}

static void p43_no_socket_and_a_stale_one(void) {
    begin(AID_SCRIPT("echo"), AID_PLENTY_MS);
    aid_scheduler_kill(&scheduler);
    CHECK(aid_is_about(&scheduler, ask("a"), "ECONNREFUSED"));
    CHECK_EQ_I64(answer.error, ECONNREFUSED);
    CHECK_EQ_I64(answer.end, CAP_END_NO_WAY);
    CHECK(remove(scheduler.path) == 0);
    CHECK(aid_is_about(&scheduler, ask("b"), "ENOENT"));
    CHECK_EQ_I64(answer.error, ENOENT);
    aid_scheduler_again(&scheduler, AID_SCRIPT("echo"));
    CHECK_STR(ask("c"), aid_echo(1, "c"));
    end();
}

static void s7_paths_that_no_socket_can_have(void) {
    struct dc_error err;
    char path[256];
    struct cap_stats_options options = {.path = path};
    memset(path, 'p', sizeof(path));
    path[108] = '\0';
    CHECK(cap_stats_new(&options, &err) == NULL && err.code == DC_EUSAGE);
    CHECK(aid_has(err.message, "108 bytes"));
    path[107] = '\0';
    client = cap_stats_new(&options, &err);
    CHECK(client != NULL);
    CHECK(aid_has(ask("a"), "ENOENT"));
    cap_stats_free(client);
    path[0] = '\0';
    CHECK(cap_stats_new(&options, &err) == NULL && err.code == DC_EUSAGE);
    client = cap_stats_new(NULL, &err);
    CHECK_STR(cap_stats_path(client), "/var/run/scx/root/stats");
    cap_stats_free(client);
    cap_stats_free(NULL);
}

/* In a child that gives up its rights: 0 as it should be, 1 not so, 77 cannot be tried. */
static int ask_as_nobody(void) {
    char folder[AID_SOCKET];
    snprintf(folder, sizeof(folder), "%s", scheduler.path);
    *strrchr(folder, '/') = '\0';
    if (getuid() == 0 && (chmod(folder, 0755) != 0 || setgid(65534) != 0 ||
                          setuid(65534) != 0 || access(folder, X_OK) != 0))
        return 77;
    if (access(scheduler.path, W_OK) == 0)
        return 77;
    bool good = aid_is_about(&scheduler, ask("a"), "permission") &&
                aid_has(answer.json.data, "EACCES");
    return good && answer.error == EACCES ? 0 : 1;
}

static void s7_no_permission(void) {
    aid_scheduler_begin(&scheduler, AID_SCRIPT("mode=0555", "echo"));
    client = aid_client(&scheduler, AID_PLENTY_MS);
    int status = 0;
    pid_t child = fork();
    if (child == 0)
        _exit(ask_as_nobody());
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status));
    end();
    if (WEXITSTATUS(status) == 77)
        SKIP("this user may do everything, and cannot become another");
    CHECK_EQ_I64(WEXITSTATUS(status), 0);
}

static void s7_a_full_backlog_is_waited_for(void) {
    begin(AID_SCRIPT("no-accept"), 300);
    int waiting[2] = {aid_dial(scheduler.path), aid_dial(scheduler.path)};
    CHECK_STR(ask("a"), CANCELLED);
    CHECK_EQ_U64(answer.deadline_ms, 300);
    CHECK_EQ_I64(answer.error, EAGAIN);
    cap_stats_free(client);
    aid_scheduler_kill(&scheduler);
    close(waiting[0]);
    close(waiting[1]);

    aid_scheduler_again(&scheduler, AID_SCRIPT("accept-after=300", "echo"));
    client = aid_client(&scheduler, AID_PLENTY_MS);
    for (int i = 0; i < 2; i++)
        waiting[i] = aid_dial(scheduler.path);
    CHECK(waiting[1] >= 0);
    CHECK_STR(ask("b"), aid_echo(1, "b"));
    CHECK_EQ_I64(answer.error, 0);
    close(waiting[0]);
    close(waiting[1]);
    end();
}

static void p44_a_stopped_scheduler_gives_no_late_answer(void) {
    begin(AID_SCRIPT("echo"), 2500);
    kill(scheduler.pid, SIGSTOP);
    CHECK_STR(ask("a"), CANCELLED); /* connects and sends, all the same */
    CHECK_EQ_U64(answer.deadline_ms, 2500);
    kill(scheduler.pid, SIGCONT);
    CHECK(aid_scheduler_wait_asked(&scheduler, 1)); /* it answers that one now */
    CHECK(aid_has(ask("b"), "\"id\":\"b\""));
    CHECK(answer.first);
    CHECK(aid_has(ask("c"), "\"id\":\"c\""));
    CHECK_EQ_U64(cap_stats_discarded(client), 0);
    end();
}

static void p45_a_scheduler_that_dies(void) {
    begin(AID_SCRIPT("exit"), AID_PLENTY_MS);
    CHECK(aid_is_about(&scheduler, ask("a"), "0 bytes of an answer had arrived"));
    CHECK_EQ_I64(answer.end, CAP_END_CLOSED);
    CHECK(aid_scheduler_wait(&scheduler));
    CHECK(aid_is_about(&scheduler, ask("b"), "nobody listens"));
    /* In the middle of our request: no SIGPIPE, and what it said before is heard. */
    aid_scheduler_again(&scheduler, AID_SCRIPT("refuse=", "echo"));
    const char *json = aid_ask_of_size(client, &answer, 262144);
    CHECK(aid_is_about(&scheduler, json, "before the request was sent"));
    CHECK(answer.error == EPIPE || answer.error == ECONNRESET);
    aid_scheduler_kill(&scheduler);
    aid_scheduler_again(&scheduler,
                        AID_SCRIPT("refuse={\"ktstr_relay_error\":\"gone\"}\\n", "echo"));
    CHECK_STR(aid_ask_of_size(client, &answer, 262144),
              "{\"NoScheduler\":{\"reason\":\"gone\"}}");
    end();
}

static void s7_half_an_answer_is_not_read(void) {
    begin(AID_SCRIPT("torn", "close", "raw={\"errno\":0,\"args\":{\"resp\":1}}", "echo"),
          3000);
    CHECK(aid_is_about(&scheduler, ask("a"), "22 bytes of an answer had arrived"));
    CHECK(aid_is_about(&scheduler, ask("b"), "0 bytes of an answer had arrived"));
    CHECK_STR(ask("c"), CANCELLED); /* whole, but for its newline */
    CHECK_EQ_U64(answer.deadline_ms, 3000);
    CHECK_STR(ask("d"), aid_echo(4, "d"));
    end();
    begin(AID_SCRIPT("then-close", "raw={\"errno\":0,\"args\":{\"resp\":1}}", "raw=x\\n"),
          AID_PLENTY_MS);
    CHECK(aid_is_about(&scheduler, ask("a"), "29 bytes of an answer had arrived"));
    end();
}

static void p46_a_late_answer_is_never_that_of_the_next_request(void) {
    begin(AID_SCRIPT("late=2600", "echo", "echo"), 2500);
    CHECK_STR(ask("a"), CANCELLED);
    CHECK_EQ_U64(answer.deadline_ms, 2500);
    CHECK_EQ_I64(aid_find_socket(), -1);
    CHECK_STR(ask("b"), aid_echo(2, "b"));
    CHECK(answer.first);
    usleep(300 * 1000); /* the late one has been said by now */
    CHECK_STR(ask("c"), aid_echo(3, "c"));
    CHECK(!answer.first);
    end();
}

/* A line that is no answer: the answer may still be under way. */
static void p46_a_foreign_line_gives_no_late_answer(void) {
    begin(AID_SCRIPT("stray={\"errno\":0,\"args\":{\"resp\":\"late\"}}\\n", "line=hello",
                     "not-utf8", "echo"),
          AID_PLENTY_MS);
    CHECK(aid_begins(ask("a"), "{\"NoScheduler\":{\"reason\":\"expected"));
    CHECK_EQ_I64(answer.end, CAP_END_GARBLED);
    CHECK(aid_begins(ask("b"), "{\"NoScheduler\":{\"reason\":\"invalid UTF-8"));
    CHECK_STR(ask("c"), aid_echo(3, "c"));
    CHECK(answer.first);
    end();
}

static void s7_a_scheduler_that_is_replaced(void) {
    begin(AID_SCRIPT("echo", "then-exit", "echo"), AID_PLENTY_MS);
    CHECK_STR(ask("a"), aid_echo(1, "a"));
    CHECK_STR(ask("b"), aid_echo(2, "b"));
    CHECK(aid_scheduler_wait(&scheduler));
    aid_scheduler_again(&scheduler, AID_SCRIPT("echo"));
    CHECK_STR(ask("c"), aid_echo(1, "c")); /* at once: nothing had been asked in vain */
    CHECK(answer.first);
    end();
}

/* One answer too deep for a reader of JSON must not spoil the document that it is put in. */
static void s7_an_answer_that_is_nested_too_deep_for_its_place(void) {
    char reply[300] = "reply=";
    struct dc_error err;
    struct cap_stats_options options = {.timeout_ms = AID_PLENTY_MS, .margin = 4};
    memset(reply + 6, '[', 124);
    memset(reply + 130, ']', 124);
    aid_scheduler_begin(&scheduler, AID_SCRIPT(reply));
    options.path = scheduler.path;
    client = cap_stats_new(&options, &err);
    CHECK(
        aid_begins(ask("a"), "{\"NoScheduler\":{\"reason\":\"an answer that is nested"));
    cap_stats_free(client);
    options.margin = 3;
    client = cap_stats_new(&options, &err);
    CHECK(aid_begins(ask("a"), "[[[["));
    end();
}

int main(void) {
    UNIT_RUN(p29_other_failures_keep_their_text);
    UNIT_RUN(p43_no_socket_and_a_stale_one);
    UNIT_RUN(p44_a_stopped_scheduler_gives_no_late_answer);
    UNIT_RUN(p45_a_scheduler_that_dies);
    UNIT_RUN(p46_a_late_answer_is_never_that_of_the_next_request);
    UNIT_RUN(p46_a_foreign_line_gives_no_late_answer);
    UNIT_RUN(s7_a_slow_reader_gets_the_request_whole);
    UNIT_RUN(s7_who_reads_nothing_is_waited_for_until_the_deadline);
    UNIT_RUN(s7_answers_come_byte_by_byte);
    UNIT_RUN(s7_the_first_statistics_of_a_connection_are_marked);
    UNIT_RUN(s7_paths_that_no_socket_can_have);
    UNIT_RUN(s7_no_permission);
    UNIT_RUN(s7_a_full_backlog_is_waited_for);
    UNIT_RUN(s7_half_an_answer_is_not_read);
    UNIT_RUN(s7_a_scheduler_that_is_replaced);
    UNIT_RUN(s7_an_answer_that_is_nested_too_deep_for_its_place);
    return unit_done();
}

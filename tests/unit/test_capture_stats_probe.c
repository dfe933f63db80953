/*
 * The probe: which of eleven things is the matter with a scheduler. The head of
 * test_capture_stats.c says which property is tested where.
 */
#include "tests/unit/unit.h"

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "capture/stats_probe.h"
#include "tests/unit/stats_aid.h"

static struct aid_scheduler scheduler;
static struct cap_stats_probe_result result;

/* The state's name; checks that the text names the socket. */
static const char *probe(bool silent, uint64_t timeout_ms) {
    struct cap_stats_options options = {.path = scheduler.path, .timeout_ms = timeout_ms};
    struct dc_error err = {.code = DC_OK};
    int rc = (silent ? cap_stats_probe_silent : cap_stats_probe)(&options, &result, &err);
    CHECK_EQ_I64(rc, 0);
    CHECK(aid_has(result.text, scheduler.path));
    CHECK(!strchr(result.text, '\n'));
    return cap_stats_probe_name(result.state);
}

static const char *probe_script(const char *const *words, uint64_t timeout_ms) {
    aid_scheduler_begin(&scheduler, words);
    const char *name = probe(false, timeout_ms);
    aid_scheduler_end(&scheduler);
    return name;
}

static void any_answer_is_one(void) {
    CHECK_STR(probe_script(AID_SCRIPT("echo"), AID_PLENTY_MS), "answers");
    CHECK(result.stats_us > 0 && result.meta_us == 0);
    CHECK_STR(probe_script(AID_SCRIPT("error=22:no"), AID_PLENTY_MS), "answers");
    CHECK_STR(probe_script(AID_SCRIPT("args={}"), AID_PLENTY_MS), "answers");
    CHECK_STR(probe_script(AID_SCRIPT("open=300000"), AID_PLENTY_MS), "answers");
}

static void p49_a_stuck_main_loop_is_not_a_stopped_process(void) {
    aid_scheduler_begin(&scheduler, AID_SCRIPT("silent"));
    CHECK_STR(probe(false, 1000), "stuck");
    CHECK(result.meta_us > 0 && result.stats_us == 0);
    CHECK_EQ_U64(aid_scheduler_asked(&scheduler), 2);
    kill(scheduler.pid, SIGSTOP);
    CHECK_STR(probe(false, 100), "stopped");
    CHECK(result.meta_us == 0 && result.stats_us == 0);
    kill(scheduler.pid, SIGCONT);
    CHECK_STR(probe(false, 1000), "stuck");
    aid_scheduler_end(&scheduler);
    CHECK_STR(probe_script(AID_SCRIPT("silent", "meta=silent"), 100), "stopped");
}

/* scx_lavd serves the newest connection that asks for `stats`: this one must not. */
static void p49_who_has_asked_already_asks_for_the_meaning_alone(void) {
    char line[256] = "";
    aid_scheduler_begin(&scheduler, AID_SCRIPT("silent"));
    CHECK_STR(probe(true, AID_PLENTY_MS), "stuck");
    FILE *log = fopen(scheduler.log, "r");
    CHECK(log && fread(line, 1, sizeof(line) - 1, log) > 0);
    CHECK_STR(line, "{\"req\":\"stats_meta\"}\n");
    if (log)
        fclose(log);
    kill(scheduler.pid, SIGSTOP);
    CHECK_STR(probe(true, 100), "stopped");
    aid_scheduler_end(&scheduler);
}

static void takes_no_longer_than_two_deadlines(void) {
    aid_scheduler_begin(&scheduler, AID_SCRIPT("late=10000", "echo", "meta=silent"));
    struct timespec from, to;
    clock_gettime(CLOCK_MONOTONIC, &from);
    CHECK_STR(probe(false, 200), "stopped");
    clock_gettime(CLOCK_MONOTONIC, &to);
    CHECK(to.tv_sec - from.tv_sec < 9); /* and not those ten seconds */
    aid_scheduler_end(&scheduler);
}

static void who_hangs_up_or_talks_nonsense(void) {
    CHECK_STR(probe_script(AID_SCRIPT("close"), AID_PLENTY_MS), "closes");
    CHECK_STR(probe_script(AID_SCRIPT("torn"), AID_PLENTY_MS), "closes");
    CHECK_STR(probe_script(AID_SCRIPT("line=220 hello"), AID_PLENTY_MS), "foreign");
    CHECK_STR(probe_script(AID_SCRIPT("silent", "meta=close"), 1000), "closes");
}

static void a_full_backlog(void) {
    aid_scheduler_begin(&scheduler, AID_SCRIPT("no-accept"));
    int waiting[2] = {aid_dial(scheduler.path), aid_dial(scheduler.path)};
    CHECK_STR(probe(false, 100), "full");
    close(waiting[0]);
    close(waiting[1]);
    aid_scheduler_end(&scheduler);
}

static void p43_who_is_not_there(void) {
    aid_scheduler_begin(&scheduler, AID_SCRIPT("echo"));
    aid_scheduler_kill(&scheduler);
    CHECK_STR(probe(false, AID_PLENTY_MS), "nobody_listens");
    remove(scheduler.path);
    CHECK_STR(probe(false, AID_PLENTY_MS), "no_socket");
    CHECK_EQ_I64(mkdir(scheduler.path, 0700), 0);
    CHECK_STR(probe(false, AID_PLENTY_MS), "not_a_socket");
    CHECK_EQ_I64(rmdir(scheduler.path), 0);
    CHECK(symlink("sock", scheduler.path) == 0); /* to itself */
    CHECK_STR(probe(false, AID_PLENTY_MS), "failed");
    CHECK(aid_has(result.text, "ELOOP"));
    aid_scheduler_end(&scheduler);
}

static int probe_as_nobody(void) {
    char folder[AID_SOCKET];
    snprintf(folder, sizeof(folder), "%s", scheduler.path);
    *strrchr(folder, '/') = '\0';
    if (getuid() == 0 && (chmod(folder, 0755) != 0 || setgid(65534) != 0 ||
                          setuid(65534) != 0 || access(folder, X_OK) != 0))
        return 77;
    if (access(scheduler.path, W_OK) == 0)
        return 77;
    return strcmp(probe(false, AID_PLENTY_MS), "no_permission") != 0;
}

static void no_permission(void) {
    int status = 0;
    aid_scheduler_begin(&scheduler, AID_SCRIPT("mode=0555", "echo"));
    pid_t child = fork();
    if (child == 0)
        _exit(probe_as_nobody());
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status));
    aid_scheduler_end(&scheduler);
    if (WEXITSTATUS(status) == 77)
        SKIP("this user may do everything, and cannot become another");
    CHECK_EQ_I64(WEXITSTATUS(status), 0);
}

static void paths_that_no_socket_can_have(void) {
    char path[200];
    const struct cap_stats_options options = {.path = path};
    struct dc_error err;
    memset(path, 'p', sizeof(path));
    path[150] = '\0';
    CHECK(cap_stats_probe(&options, &result, &err) < 0 && err.code == DC_EUSAGE);
}

int main(void) {
    UNIT_RUN(any_answer_is_one);
    UNIT_RUN(p49_a_stuck_main_loop_is_not_a_stopped_process);
    UNIT_RUN(p49_who_has_asked_already_asks_for_the_meaning_alone);
    UNIT_RUN(takes_no_longer_than_two_deadlines);
    UNIT_RUN(who_hangs_up_or_talks_nonsense);
    UNIT_RUN(a_full_backlog);
    UNIT_RUN(p43_who_is_not_there);
    UNIT_RUN(no_permission);
    UNIT_RUN(paths_that_no_socket_can_have);
    return unit_done();
}

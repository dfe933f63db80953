/*
 * The control socket with clients that do everything wrong: nobody else is held up, neither
 * is the end of the run, and what is refused is refused in words.
 */
#include "tests/unit/unit.h"

#include <dirent.h>
#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "capture/clock.h"
#include "tests/unit/control_aid.h"

/* A new client that behaves is served, whatever the others do. */
static void check_serves(struct aid_control *run) {
    int client = aid_dial(run->path);
    CHECK(aid_has(aid_talk(client, "status\n", run->reply), "\"ok\":true"));
    CHECK(aid_capture_by(run, client, "capture x\n", CAP_ANSWER_CAPTURED));
    CHECK(aid_has(run->reply, "\"tag\":\"x\""));
    close(client);
}

static void refuses_in_words(void) {
    static const char *const cases[][2] = {
        {"\n", "\"missing\""},
        {"hello\n", "\"unknown\""},
        {"GET / HTTP/1.1\r\n", "\"unknown\""},
        {"{\"command\":\n", "\"syntax\""},
        {"{\"command\":7}\n", "\"type\""},
        {"{\"command\":\"stop\",\"now\":true}\n", "\"unknown\""},
        {"status status\n", "\"usage\""},
        {"\x1b[2J\xff\xfe\n", "\"unknown\""},
    };
    struct aid_control *run = aid_control_begin();
    int client = aid_dial(run->path);

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        aid_talk(client, cases[i][0], run->reply);
        CHECK(aid_has(run->reply, "{\"ok\":false,\"error\":"));
        CHECK(aid_has(run->reply, cases[i][1]));
    }
    CHECK(aid_send(client, "sta\0tus\n", 8) && aid_hear(client, run->reply));
    CHECK(aid_has(run->reply, "\"syntax\""));
    CHECK(
        aid_has(aid_talk(client, "status\n", run->reply), "\"ok\":true")); /* as before */
    CHECK_EQ_I64(run->stops, 0);
    close(client);
    aid_control_end(run);
}

static void survives_deep_nesting(void) {
    struct aid_control *run = aid_control_begin();
    int client = aid_dial(run->path);
    char line[CAP_CONTROL_LINE + 1];

    memset(line, '[', sizeof(line));
    memcpy(line, "{\"a\":", 5);
    line[CAP_CONTROL_LINE - 1] = '\n';
    line[CAP_CONTROL_LINE] = '\0';
    CHECK(aid_has(aid_talk(client, line, run->reply), "\"syntax\""));
    for (size_t i = 5; i < CAP_CONTROL_LINE - 1; i += 5)
        memcpy(line + i, "{\"a\":", i + 5 < CAP_CONTROL_LINE - 1 ? 5 : 1);
    CHECK(aid_has(aid_talk(client, line, run->reply), "\"syntax\""));
    check_serves(run);
    close(client);
    aid_control_end(run);
}

static void limits_lines(void) {
    struct aid_control *run = aid_control_begin();
    int client = aid_dial(run->path);
    char line[2 * CAP_CONTROL_LINE];

    memset(line, ' ', sizeof(line));
    memcpy(line, "status", 6);
    line[CAP_CONTROL_LINE - 1] = '\n';
    line[CAP_CONTROL_LINE] = '\0';
    CHECK(aid_has(aid_talk(client, line, run->reply), "\"ok\":true")); /* just fits */
    line[CAP_CONTROL_LINE - 1] = ' ';
    CHECK(aid_send(client, line, CAP_CONTROL_LINE));
    CHECK(aid_hear(client, run->reply));
    CHECK(aid_has(run->reply, "{\"ok\":false,\"error\":\"limit\""));
    CHECK(aid_is_dropped(client));
    close(client);
    client = aid_dial(run->path);
    memset(line, 'x', sizeof(line));
    for (int i = 0; i < 64 && aid_send(client, line, sizeof(line)); i++)
        ;
    CHECK(aid_is_dropped(client));
    close(client);
    check_serves(run);
    aid_control_end(run);
}

/* Not run: nobody knows what would have followed. */
static void refuses_half_a_line_at_the_end(void) {
    struct aid_control *run = aid_control_begin();
    int client = aid_dial(run->path);

    CHECK(aid_say(client, "status\nstop"));
    CHECK_EQ_I64(shutdown(client, SHUT_WR), 0);
    CHECK(aid_hear(client, run->reply));
    CHECK(aid_has(run->reply, "\"command\":\"status\""));
    CHECK(aid_hear(client, run->reply));
    CHECK(aid_has(run->reply, "no newline"));
    CHECK(aid_is_dropped(client));
    CHECK_EQ_I64(run->stops, 0);
    close(client);
    aid_control_end(run);
}

static void silent_ones_hold_nobody_up(void) {
    struct aid_control *run = aid_control_begin();
    int silent = aid_dial(run->path), half = aid_dial(run->path);

    CHECK(aid_say(half, "{\"command\":\"capture\""));
    check_serves(run);
    CHECK(aid_say(half, "}\n"));
    CHECK(aid_wait_pending(run));
    CHECK(aid_serve(run->desk, CAP_ANSWER_CAPTURED));
    CHECK(aid_hear(half, run->reply));
    CHECK(aid_has(run->reply, "\"ok\":true"));
    uint64_t start = cap_now_ns();
    CHECK(cap_control_close(run->control));
    CHECK(cap_now_ns() - start < CAP_NS_PER_S);
    run->control = NULL;
    CHECK(aid_is_dropped(silent));
    close(silent);
    close(half);
    aid_control_end(run);
}

/* It asks and never reads: its socket fills, then it is dropped. */
static void one_that_never_reads_is_dropped(void) {
    struct aid_control *run = aid_control_begin();
    int client = aid_dial(run->path);
    uint64_t limit = cap_now_ns() + AID_LONG_NS;

    while (aid_say(client, "status\n") && cap_now_ns() < limit)
        ;
    CHECK(cap_now_ns() < limit);
    check_serves(run);
    close(client);
    aid_control_end(run);
}

/* In 300 ms on a processor that many share. A thread that sleeps uses next to nothing. */
#define SPINNING_MS 60

static int64_t cpu_ms(void) {
    struct timespec used;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return (int64_t)used.tv_sec * 1000 + used.tv_nsec / 1000000;
}

/* It has closed its side and waits for its capture: its end is told once, not for ever. */
static void one_that_says_no_more_costs_nothing(void) {
    struct aid_control *run = aid_control_begin();
    int client = aid_dial(run->path);

    CHECK(aid_say(client, "capture x\n"));
    CHECK_EQ_I64(shutdown(client, SHUT_WR), 0);
    CHECK(aid_wait_pending(run));
    int64_t before = cpu_ms();
    nanosleep(&(struct timespec){.tv_nsec = 300 * CAP_NS_PER_MS}, NULL);
    CHECK(cpu_ms() - before < SPINNING_MS);
    CHECK(aid_serve(run->desk, CAP_ANSWER_CAPTURED));
    CHECK(aid_hear(client, run->reply));
    CHECK(aid_has(run->reply, "\"tag\":\"x\""));
    close(client);
    aid_control_end(run);
}

/* What it asked for is captured, and the gate opens again. */
static void one_that_goes_early_leaves_nothing(void) {
    struct aid_control *run = aid_control_begin();
    int other = aid_dial(run->path);

    for (int i = 0; i < 30; i++) { /* more than answers can be kept */
        int client = aid_dial(run->path);
        CHECK(aid_say(client, "capture gone\n"));
        close(client);
        CHECK(aid_wait_pending(run));
        for (int turn = 0; turn < 3; turn++) /* it has been noticed that it is gone */
            CHECK(aid_has(aid_talk(other, "status\n", run->reply), "\"ok\":true"));
        CHECK(aid_serve(run->desk, CAP_ANSWER_CAPTURED));
    }
    for (int i = 0; i < 30; i++) {
        int client = aid_dial(run->path);
        CHECK(aid_say(client, i & 1 ? "status\n" : "capt"));
        close(client);
    }
    check_serves(run);
    close(other);
    aid_control_end(run);
}

/* The last comes in for the one that was silent longest; who waits for a capture stays. */
static void newcomers_replace_the_silent(void) {
    struct aid_control *run = aid_control_begin();
    int clients[CAP_CONTROL_CLIENTS + 3];
    int count = (int)(sizeof(clients) / sizeof(clients[0]));

    for (int i = 0; i < count; i++) {
        clients[i] = aid_dial(run->path);
        CHECK(clients[i] >= 0);
        if (i == 0) {
            CHECK(aid_say(clients[0], "capture first\n") && aid_wait_pending(run));
        } else if (i > 1) { /* 1 and then 2 are those who go */
            aid_talk(clients[i], "status\n", run->reply);
            CHECK(aid_has(run->reply, "\"ok\":true"));
        }
    }
    for (int i = 1; i < count; i++) {
        bool gone = i <= count - CAP_CONTROL_CLIENTS;
        if (gone)
            CHECK(aid_hear(clients[i], run->reply));
        else
            aid_talk(clients[i], "status\n", run->reply);
        CHECK(aid_has(run->reply, gone ? "\"error\":\"limit\"" : "\"ok\":true"));
        CHECK(!gone || aid_is_dropped(clients[i]));
    }
    CHECK(aid_serve(run->desk, CAP_ANSWER_CAPTURED));
    CHECK(aid_hear(clients[0], run->reply));
    CHECK(aid_has(run->reply, "\"tag\":\"first\""));
    for (int i = 0; i < count; i++)
        close(clients[i]);
    aid_control_end(run);
}

/* Descriptors that are open; opendir() has one, too. */
static int count_files(void) {
    int count = -1;
    DIR *dir = opendir("/proc/self/fd");
    while (dir && readdir(dir))
        count++;
    if (dir)
        closedir(dir);
    return count;
}

static void leaves_no_descriptor(void) {
    int before = count_files();
    struct aid_control *run = aid_control_begin();
    int clients[40];

    for (int i = 0; i < 40; i++) {
        clients[i] = aid_dial(run->path);
        CHECK(aid_say(clients[i], i % 3 == 0 ? "capture\n" : "status"));
    }
    for (int i = 0; i < 40; i++)
        close(clients[i]);
    aid_control_end(run);
    CHECK_EQ_I64(count_files(), before);
}

/* Takes all descriptors that are left below a limit; returns how many. */
static int take_descriptors(int taken[], int count) {
    int used = 0;
    while (used < count && (taken[used] = dup(STDOUT_FILENO)) >= 0)
        used++;
    return used;
}

/* The newcomer waits until a descriptor is free; the others do not, and nobody spins. */
static void lives_without_descriptors(void) {
    struct aid_control *run = aid_control_begin();
    int old = aid_dial(run->path), taken[64];
    struct rlimit limit, few;

    CHECK(aid_has(aid_talk(old, "status\n", run->reply), "\"ok\":true"));
    int late = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    getrlimit(RLIMIT_NOFILE, &limit);
    few = (struct rlimit){.rlim_cur = 64, .rlim_max = limit.rlim_max};
    CHECK_EQ_I64(setrlimit(RLIMIT_NOFILE, &few), 0);
    int count = take_descriptors(taken, 64);
    CHECK(count > 0 && count < 64);
    CHECK(aid_connect(late, run->path));
    CHECK(aid_say(late, "status\n"));
    for (int i = 0; i < 3; i++)
        CHECK(aid_has(aid_talk(old, "status\n", run->reply), "\"ok\":true"));
    int64_t before = cpu_ms();
    nanosleep(&(struct timespec){.tv_nsec = 300 * CAP_NS_PER_MS}, NULL);
    CHECK(cpu_ms() - before < SPINNING_MS);
    close(taken[--count]);
    CHECK(aid_hear(late, run->reply)); /* without anybody's ringing */
    CHECK(aid_has(run->reply, "\"ok\":true"));
    while (count > 0)
        close(taken[--count]);
    CHECK_EQ_I64(setrlimit(RLIMIT_NOFILE, &limit), 0);
    close(late);
    close(old);
    aid_control_end(run);
}

/* ---- many at once ---- */

struct pest {
    const char *path;
    atomic_bool *over;
    unsigned seed;
    pthread_t thread;
};

static void *pester(void *arg) {
    static const char *const lines[] = {"status\n", "capture a\n", "capture", "{",
                                        "\n",       "\xff\n",      "stop\n",  "x"};
    struct pest *self = arg;
    char reply[AID_REPLY];

    while (!atomic_load(self->over)) {
        int client = aid_dial(self->path);
        int count = rand_r(&self->seed) % 4;
        for (int i = 0; client >= 0 && i < count; i++)
            aid_say(client, lines[(unsigned)rand_r(&self->seed) % 8]);
        if (client >= 0 && rand_r(&self->seed) % 2) {
            shutdown(client, SHUT_WR);
            while (aid_hear(client, reply))
                ;
        }
        if (client >= 0)
            close(client);
    }
    return NULL;
}

/* And the run ends in the middle of it. */
static void many_bad_ones_at_once(void) {
    struct aid_control *run = aid_control_begin();
    struct pest pests[4];
    atomic_bool over = false;
    int served = 0;

    for (unsigned i = 0; i < 4; i++) {
        pests[i] = (struct pest){.path = run->path, .over = &over, .seed = i + 1};
        if (pthread_create(&pests[i].thread, NULL, pester, &pests[i]))
            abort();
    }
    uint64_t limit = cap_now_ns() + AID_LONG_NS;
    while (served < 100 && cap_now_ns() < limit) {
        served += aid_serve(run->desk, CAP_ANSWER_CAPTURED);
        sched_yield();
    }
    CHECK_EQ_I64(served, 100);
    cap_desk_close(run->desk);
    CHECK(cap_control_close(run->control));
    run->control = NULL;
    atomic_store(&over, true);
    for (int i = 0; i < 4; i++)
        pthread_join(pests[i].thread, NULL);
    aid_control_end(run);
}

int main(void) {
    UNIT_RUN(refuses_in_words);
    UNIT_RUN(survives_deep_nesting);
    UNIT_RUN(limits_lines);
    UNIT_RUN(refuses_half_a_line_at_the_end);
    UNIT_RUN(silent_ones_hold_nobody_up);
    UNIT_RUN(one_that_never_reads_is_dropped);
    UNIT_RUN(one_that_says_no_more_costs_nothing);
    UNIT_RUN(one_that_goes_early_leaves_nothing);
    UNIT_RUN(newcomers_replace_the_silent);
    UNIT_RUN(leaves_no_descriptor);
    UNIT_RUN(lives_without_descriptors);
    UNIT_RUN(many_bad_ones_at_once);
    return unit_done();
}

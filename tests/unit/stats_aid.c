#include "tests/unit/stats_aid.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/unit/unit.h"

#define PATIENCE_MS 10000
#define MOST_WORDS 64

static void pause_ms(unsigned ms) {
    nanosleep(&(struct timespec){.tv_nsec = ms * 1000000L}, NULL);
}

/* ---- the program ---- */

/* Beside this one: BUILD/tests/unit/test_x and BUILD/tests/stats_server. */
static void find_program(char *path, size_t size) {
    ssize_t n = readlink("/proc/self/exe", path, size - 1);
    char *slash = path;
    path[n > 0 ? n : 0] = '\0';
    for (int i = 0; i < 2 && slash; i++) {
        slash = strrchr(path, '/');
        if (slash)
            *slash = '\0';
    }
    if (!slash || strlen(path) + 20 > size)
        abort();
    strcat(path, "/stats_server");
}

static void wait_ready(int fd) {
    struct pollfd polled = {.fd = fd, .events = POLLIN};
    char text[16] = "";
    if (poll(&polled, 1, PATIENCE_MS) == 1 && read(fd, text, sizeof(text) - 1) > 0 &&
        strcmp(text, "ready\n") == 0)
        return;
    printf("# the scripted scheduler does not start\n");
    abort();
}

void aid_scheduler_again(struct aid_scheduler *self, const char *const *words) {
    char program[4096], log[AID_SOCKET + 8];
    char *argv[MOST_WORDS + 4];
    size_t n = 0;
    int ends[2];
    posix_spawn_file_actions_t actions;

    find_program(program, sizeof(program));
    snprintf(log, sizeof(log), "log=%s", self->log);
    argv[n++] = program;
    argv[n++] = self->path;
    argv[n++] = log;
    for (size_t i = 0; i < MOST_WORDS && words[i]; i++)
        argv[n++] = (char *)words[i];
    argv[n] = NULL;
    if (pipe2(ends, O_CLOEXEC) != 0)
        abort();
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    if (posix_spawn(&self->pid, program, &actions, NULL, argv, environ) != 0)
        abort();
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    wait_ready(ends[0]);
    close(ends[0]);
}

void aid_scheduler_begin(struct aid_scheduler *self, const char *const *words) {
    aid_socket_path(self->path);
    snprintf(self->log, sizeof(self->log), "%s", self->path);
    strcpy(strrchr(self->log, '/'), "/log");
    aid_scheduler_again(self, words);
}

void aid_scheduler_kill(struct aid_scheduler *self) {
    if (self->pid == 0)
        return;
    kill(self->pid, SIGKILL);
    waitpid(self->pid, NULL, 0);
    self->pid = 0;
}

bool aid_scheduler_wait(struct aid_scheduler *self) {
    for (int i = 0; i < PATIENCE_MS && self->pid != 0; i++) {
        if (waitpid(self->pid, NULL, WNOHANG) == self->pid)
            self->pid = 0;
        else
            pause_ms(1);
    }
    return self->pid == 0;
}

void aid_scheduler_end(struct aid_scheduler *self) {
    aid_scheduler_kill(self);
    aid_remove_folder(self->path);
}

size_t aid_scheduler_asked(const struct aid_scheduler *self) {
    FILE *file = fopen(self->log, "r");
    size_t n = 0;
    int c;
    while (file && (c = getc(file)) != EOF)
        n += c == '\n';
    if (file)
        fclose(file);
    return n;
}

bool aid_scheduler_wait_asked(const struct aid_scheduler *self, size_t n) {
    for (int i = 0; i < PATIENCE_MS && aid_scheduler_asked(self) < n; i++)
        pause_ms(1);
    return aid_scheduler_asked(self) >= n;
}

/* ---- the client ---- */

struct cap_stats *aid_client(const struct aid_scheduler *scheduler, uint64_t timeout_ms) {
    struct dc_error err;
    struct cap_stats_options options = {.path = scheduler->path,
                                        .timeout_ms = timeout_ms};
    struct cap_stats *client = cap_stats_new(&options, &err);
    if (!client)
        abort();
    return client;
}

const char *aid_ask_stats(struct cap_stats *client, const char *id,
                          struct cap_stats_answer *answer) {
    static struct dc_buf text = {.alloc = {NULL, NULL}};
    const struct cap_stats_arg arg = {"id", id};
    const struct cap_stats_request request = {.args = &arg, .n_args = id ? 1 : 0};
    struct cap_stats_answer own;
    struct dc_error err;
    if (!text.alloc.resize)
        dc_buf_init(&text, dc_alloc_libc);
    text.len = 0;
    if (cap_stats_ask(client, &request, &own, &err) < 0)
        abort();
    dc_buf_add(&text, own.json.data, own.json.len);
    dc_buf_add(&text, "", 1);
    if (answer)
        *answer = own;
    cap_stats_answer_done(&own);
    if (answer)
        answer->json = (struct dc_buf){.data = text.data, .len = text.len - 1};
    return text.data;
}

bool aid_begins(const char *json, const char *want) {
    bool good = strncmp(json, want, strlen(want)) == 0;
    if (!good) {
        unit_bytes("got ", json, strlen(json) < 300 ? strlen(json) : 300);
        unit_bytes("want", want, strlen(want));
    }
    return good;
}

const char *aid_ask_of_size(struct cap_stats *client, struct cap_stats_answer *answer,
                            size_t size) {
    static const char frame[] = "{\"req\":\"stats\",\"args\":{\"id\":\"\"}}\n";
    size_t n = size - strlen(frame);
    char *id = malloc(n + 1);
    if (!id)
        abort();
    memset(id, 'x', n);
    id[n] = '\0';
    const char *json = aid_ask_stats(client, id, answer);
    free(id);
    return json;
}

const char *aid_echo(unsigned n, const char *id) {
    static char text[256];
    snprintf(text, sizeof(text),
             "{\"n\":%u,\"request\":{\"args\":{\"id\":\"%s\"},\"req\":\"stats\"}}", n,
             id);
    return text;
}

bool aid_is_about(const struct aid_scheduler *scheduler, const char *json,
                  const char *word) {
    return aid_begins(json, "{\"NoScheduler\":{\"reason\":\"") && aid_has(json, word) &&
           aid_has(json, scheduler->path);
}

/* ---- descriptors ---- */

int aid_find_socket(void) {
    struct sockaddr_storage peer;
    for (int fd = 3; fd < 256; fd++) {
        socklen_t size = sizeof(peer);
        if (getpeername(fd, (struct sockaddr *)&peer, &size) == 0)
            return fd;
    }
    return -1;
}

size_t aid_waiting(int fd) {
    int n = 0;
    return ioctl(fd, FIONREAD, &n) == 0 && n > 0 ? (size_t)n : 0;
}

bool aid_wait_bytes(int fd, size_t n) {
    for (int i = 0; i < PATIENCE_MS && aid_waiting(fd) < n; i++)
        pause_ms(1);
    return aid_waiting(fd) >= n;
}

bool aid_wait_closed(int fd) {
    struct pollfd polled = {.fd = fd, .events = POLLRDHUP};
    return poll(&polled, 1, PATIENCE_MS) == 1;
}

size_t aid_descriptors(void) {
    DIR *dir = opendir("/proc/self/fd");
    size_t n = 0;
    while (dir && readdir(dir))
        n++;
    if (dir)
        closedir(dir);
    return n - 3; /* ".", ".." and the folder itself */
}

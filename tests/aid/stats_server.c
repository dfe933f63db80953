/*
 * A scheduler's statistics socket that does what it is told.
 *
 *     stats_server SOCKET [WORD...]      the words: tests/aid/stats_script.h
 *
 * Like the real one it removes an old socket, never removes its own, and answers each
 * connection from a thread of its own. Says "ready" on stdout when one can connect, and ends
 * by itself after a while, so that a test which dies leaves nothing behind.
 */
#include "tests/aid/stats_script.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static struct script script;
static int log_fd = -1;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* of: */
static size_t current;                                   /* step */
static unsigned taken;                                   /* requests that have taken it */
static unsigned count;                                   /* of requests for statistics */

static void die(const char *what) {
    fprintf(stderr, "stats_server: %s: %s\n", what, strerror(errno));
    exit(2);
}

static void pause_ms(unsigned ms) {
    struct timespec left = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L};
    while (nanosleep(&left, &left) != 0 && errno == EINTR)
        ;
}

/* ---- bytes to say ---- */

struct text {
    char *data;
    size_t len, room;
};

static void add(struct text *text, const char *data, size_t len) {
    if (len == 0)
        return;
    if (text->len + len > text->room) {
        text->room = 2 * (text->len + len);
        text->data = realloc(text->data, text->room);
    }
    if (!text->data)
        abort();
    memcpy(text->data + text->len, data, len);
    text->len += len;
}

static void add_str(struct text *text, const char *s) {
    add(text, s, strlen(s));
}

/* A text of the command line with its escapes resolved. */
static void add_text(struct text *text, const char *s) {
    char *plain = malloc(strlen(s) + 1);
    if (!plain)
        abort();
    add(text, plain, script_text(s, plain));
    free(plain);
}

/* The same as the inside of a JSON string. */
static void add_quoted(struct text *text, const char *s) {
    struct text plain = {.len = 0};
    char escape[8];
    add_text(&plain, s);
    add(text, "\"", 1);
    for (size_t i = 0; i < plain.len; i++) {
        unsigned char c = (unsigned char)plain.data[i];
        snprintf(escape, sizeof(escape), "\\u%04x", c);
        if (c < 0x20 || c == '"' || c == '\\')
            add_str(text, escape);
        else
            add(text, plain.data + i, 1);
    }
    add(text, "\"", 1);
    free(plain.data);
}

static void add_error(struct text *text, const char *given) {
    const char *colon = strchr(given, ':');
    add_str(text, "{\"errno\":");
    add(text, given, (size_t)(colon - given));
    add_str(text, ",\"args\":{\"resp\":");
    add_quoted(text, colon + 1);
    add_str(text, "}}\n");
}

/* Statistics in a line of exactly `size` bytes. */
static void add_size(struct text *text, unsigned long size) {
    static const char head[] = "{\"errno\":0,\"args\":{\"resp\":{\"pad\":\"",
                      tail[] = "\"}}}";
    size_t frame = strlen(head) + strlen(tail);
    if (size < frame) {
        fprintf(stderr, "stats_server: a line of %lu bytes is too short\n", size);
        exit(2);
    }
    add_str(text, head);
    for (size_t i = frame; i < size; i++)
        add(text, "x", 1);
    add_str(text, tail);
}

static void add_echo(struct text *text, const char *line, size_t len, unsigned n) {
    char number[64];
    snprintf(number, sizeof(number), "{\"errno\":0,\"args\":{\"resp\":{\"n\":%u,", n);
    add_str(text, number);
    add_str(text, "\"request\":");
    add(text, line, len);
    add_str(text, "}}}\n");
}

static void add_resp(struct text *text, const char *before, const char *json,
                     const char *after) {
    add_str(text, before);
    add_text(text, json);
    add_str(text, after);
}

static void add_answer(struct text *text, const struct step *step, const char *line,
                       size_t len, unsigned n) {
    switch (step->kind) {
    case STEP_REPLY:
        add_resp(text, "{\"errno\":0,\"args\":{\"resp\":", step->text, "}}\n");
        break;
    case STEP_ECHO:
        add_echo(text, line, len, n);
        break;
    case STEP_ARGS:
        add_resp(text, "{\"errno\":0,\"args\":", step->text, "}\n");
        break;
    case STEP_ERROR:
        add_error(text, step->text);
        break;
    case STEP_RELAY:
        add_str(text, "{\"ktstr_relay_error\":");
        add_quoted(text, step->text);
        add_str(text, "}\n");
        break;
    case STEP_LINE:
        add_resp(text, "", step->text, "\n");
        break;
    case STEP_RAW:
        add_text(text, step->text);
        break;
    case STEP_SIZE:
        add_size(text, step->number);
        add_str(text, "\n");
        break;
    case STEP_OPEN:
        add_size(text, step->number);
        break;
    case STEP_NOT_UTF8:
        add_str(text, "{\"errno\":0,\"args\":{\"resp\":\"\xff\"}}\n");
        break;
    case STEP_TORN:
        add_str(text, "{\"errno\":0,\"args\":{\"re");
        break;
    default:
        break;
    }
}

/* ---- a connection ---- */

static void say(int fd, const struct text *text, bool bytewise) {
    size_t sent = 0;
    while (sent < text->len) {
        ssize_t n =
            send(fd, text->data + sent, bytewise ? 1 : text->len - sent, MSG_NOSIGNAL);
        if (n < 0 && errno != EINTR)
            return;
        sent += n > 0 ? (size_t)n : 0;
        if (bytewise && sent < 200)
            pause_ms(1);
    }
}

static void say_text(int fd, const char *given) {
    struct text text = {.len = 0};
    add_text(&text, given);
    say(fd, &text, false);
    free(text.data);
}

static const struct step *next_step(unsigned *n) {
    pthread_mutex_lock(&lock);
    *n = ++count;
    const struct step *step = &script.steps[current];
    if (++taken >= step->times) {
        taken = 0;
        if (current + 1 < script.n_steps)
            current++;
        else if (script.loop)
            current = 0;
    }
    pthread_mutex_unlock(&lock);
    return step;
}

/* False: the connection is to be closed. */
static bool answer(int fd, const char *line, size_t len) {
    struct text text = {.len = 0};
    unsigned n;
    const struct step *step = next_step(&n);
    pause_ms(step->delay_ms);
    if (step->stop)
        kill(getpid(), SIGSTOP);
    if (step->kind == STEP_EXIT)
        _exit(0);
    add_answer(&text, step, line, len, n);
    if (step->glued)
        add_str(&text, "{\"errno\":0,\"args\":{\"resp\":\"glued\"}}\n");
    if (step->more)
        add_text(&text, step->more);
    say(fd, &text, step->bytewise);
    free(text.data);
    if (step->stray) {
        pause_ms(20);
        say_text(fd, step->stray);
    }
    if (step->then_exit)
        _exit(0);
    return step->kind != STEP_TORN && step->kind != STEP_CLOSE && !step->then_close;
}

static bool answer_meta(int fd) {
    struct text text = {.len = 0};
    if (strcmp(script.meta, "close") == 0)
        return false;
    if (strcmp(script.meta, "silent") == 0)
        return true;
    pause_ms(script.meta_ms);
    add_resp(&text, "{\"errno\":0,\"args\":{\"resp\":", script.meta, "}}\n");
    say(fd, &text, false);
    free(text.data);
    return true;
}

static bool handle(int fd, const char *line, size_t len) {
    static const char meta[] = "{\"req\":\"stats_meta\"";
    if (log_fd >= 0 && write(log_fd, line, len + 1) < 0) /* with its newline */
        die(script.log);
    if (len >= strlen(meta) && memcmp(line, meta, strlen(meta)) == 0)
        return answer_meta(fd);
    return answer(fd, line, len);
}

/* Handles all whole lines of `got` and leaves the rest. */
static bool handle_lines(int fd, struct text *got) {
    char *newline;
    while (got->len > 0 && (newline = memchr(got->data, '\n', got->len))) {
        size_t len = (size_t)(newline - got->data);
        if (!handle(fd, got->data, len))
            return false;
        got->len -= len + 1;
        memmove(got->data, newline + 1, got->len);
    }
    return true;
}

static void *serve(void *argument) {
    int fd = *(int *)argument;
    struct text got = {.len = 0};
    char chunk[65536];
    size_t most = script.refuse ? 1 : sizeof(chunk);
    if (script.read_bytes && script.read_bytes < most)
        most = script.read_bytes;
    free(argument);
    if (script.greet)
        say_text(fd, script.greet);
    while (script.stop_reading)
        pause_ms(1000);
    ssize_t n;
    while ((n = recv(fd, chunk, most, 0)) > 0) {
        add(&got, chunk, (size_t)n);
        if (script.refuse)
            say_text(fd, script.refuse);
        if (script.refuse || !handle_lines(fd, &got))
            break;
        pause_ms(script.read_ms);
    }
    free(got.data);
    close(fd);
    return NULL;
}

/* ---- the socket ---- */

static int listen_at(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof(address.sun_path)) {
        errno = ENAMETOOLONG;
        die(path);
    }
    strcpy(address.sun_path, path);
    bool few = script.no_accept || script.accept_ms > 0;
    unlink(path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0 ||
        (script.mode && chmod(path, script.mode) != 0) ||
        listen(fd, few ? 1 : 4096) != 0) /* one more than that may wait */
        die(path);
    return fd;
}

static void accept_all(int listener) {
    pthread_attr_t detached;
    pthread_attr_init(&detached);
    pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
    for (;;) {
        pthread_t thread;
        int *fd = malloc(sizeof(*fd));
        if (!fd)
            abort();
        *fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        if (*fd < 0 || pthread_create(&thread, &detached, serve, fd) != 0) {
            if (*fd >= 0)
                close(*fd);
            free(fd);
            pause_ms(10);
        }
    }
}

int main(int argc, char **argv) {
    if (argc < 2) {
        fprintf(stderr, "usage: stats_server SOCKET [WORD...]\n");
        return 2;
    }
    script_read(&script, argv + 2, (size_t)argc - 2);
    if (script.log) {
        log_fd = open(script.log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
        if (log_fd < 0)
            die(script.log);
    }
    alarm(script.seconds);
    int listener = listen_at(argv[1]);
    printf("ready\n");
    fflush(stdout);
    while (script.no_accept)
        pause_ms(1000);
    pause_ms(script.accept_ms);
    accept_all(listener);
}

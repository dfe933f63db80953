#include "capture/control.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "capture/clock.h"
#include "capture/control_path.h"
#include "capture/futex.h"
#include "capture/signals.h"
#include "lib/buf.h"

#define CLOSE_LIMIT_NS CAP_NS_PER_S
#define STACK_BYTES                                                                      \
    (8 << 20)             /* jansson calls itself for each level of nesting, up to 2048 */
#define FULL_PAUSE_MS 100 /* no descriptor is left: somebody may close one */
#define RESERVED 2        /* of the poll set: the bell and the listening socket */

struct client {
    int fd;          /* -1: free */
    bool ended;      /* it says no more; it may still listen */
    uint64_t ticket; /* of the capture it waits for, 0: none */
    uint64_t heard;  /* when it last said something: a count, not a time */
    size_t used;     /* of line */
    char line[CAP_CONTROL_LINE];
};

struct cap_control {
    struct cap_control_path socket;
    struct cap_desk *desk;
    struct cap_control_hooks hooks;
    char *folder; /* that relative paths begin in; NULL: unknown */
    int bell;     /* an eventfd: an answer is there, or the end */
    atomic_bool quit;
    _Atomic uint32_t done; /* a futex: the thread touches nothing any more */
    pthread_t thread;

    /* The thread's own: */
    uint64_t heard; /* counts what clients said */
    bool full;      /* accept() found no descriptor */
    struct client clients[CAP_CONTROL_CLIENTS];
};

/* ---- clients ---- */

static void drop(struct cap_control *self, struct client *client) {
    cap_desk_forget(self->desk, client->ticket);
    close(client->fd);
    *client = (struct client){.fd = -1};
}

/* What fits into the socket; a client that has not read until now is dropped. */
static void say(struct cap_control *self, struct client *client, struct dc_buf *reply) {
    bool whole = dc_buf_ok(reply) &&
                 send(client->fd, reply->data, reply->len, MSG_NOSIGNAL | MSG_DONTWAIT) ==
                     (ssize_t)reply->len;
    dc_buf_done(reply);
    if (!whole)
        drop(self, client);
}

static void say_error(struct cap_control *self, struct client *client,
                      const struct dc_error *err) {
    struct dc_buf reply;
    dc_buf_init(&reply, dc_alloc_libc);
    cap_control_write_error(dc_buf_sink(&reply), err);
    say(self, client, &reply);
}

static void say_answer(struct cap_control *self, struct client *client,
                       const struct cap_answer *answer) {
    struct dc_buf reply;
    dc_buf_init(&reply, dc_alloc_libc);
    client->ticket = 0;
    cap_control_write_answer(dc_buf_sink(&reply), answer, self->folder);
    say(self, client, &reply);
}

static void say_ended(struct cap_control *self, struct client *client) {
    static const struct cap_answer answer = {
        .code = CAP_ANSWER_ENDED,
        .reason = CAP_ENDED_TEXT,
    };
    say_answer(self, client, &answer);
}

/* Tells the client whose capture is done. */
static void look_for_answer(struct cap_control *self, struct client *client) {
    struct cap_answer answer;
    if (client->ticket != 0 && cap_desk_wait(self->desk, client->ticket, 0, &answer) == 0)
        say_answer(self, client, &answer);
}

static void ring(struct cap_control *self) {
    const uint64_t one = 1;
    (void)!write(self->bell, &one, sizeof(one)); /* full: it rings already */
}

static void on_answer(void *context) {
    ring(context);
}

/* ---- commands ---- */

static void do_capture(struct cap_control *self, struct client *client,
                       const struct cap_control_line *line) {
    struct cap_request request = {
        .asker = CAP_ASK_CONTROL,
        .answered = on_answer,
        .answered_context = self,
    };
    struct dc_buf reply;
    uint64_t ticket = 0;

    memcpy(request.tag, line->tag, sizeof(request.tag));
    if (client->ticket == 0) /* else it is its own that is in flight */
        ticket = cap_desk_ask(self->desk, &request);
    if (ticket != 0) {
        client->ticket = ticket;
        return;
    }
    dc_buf_init(&reply, dc_alloc_libc);
    cap_control_write_busy(dc_buf_sink(&reply));
    say(self, client, &reply);
}

static void do_status(struct cap_control *self, struct client *client,
                      const struct cap_control_line *line) {
    struct cap_status status = {0};
    struct dc_buf reply;

    (void)line;
    self->hooks.status(self->hooks.context, &status);
    status.pending = cap_desk_pending(self->desk);
    dc_buf_init(&reply, dc_alloc_libc);
    cap_control_write_status(dc_buf_sink(&reply), &status);
    say(self, client, &reply);
}

/* Answered first: the end of the run may be the end of the process. */
static void do_stop(struct cap_control *self, struct client *client,
                    const struct cap_control_line *line) {
    struct dc_buf reply;

    (void)line;
    dc_buf_init(&reply, dc_alloc_libc);
    cap_control_write_stop(dc_buf_sink(&reply));
    say(self, client, &reply);
    self->hooks.stop(self->hooks.context);
}

static void do_line(struct cap_control *self, struct client *client, const char *text,
                    size_t len) {
    static void (*const commands[])(struct cap_control *, struct client *,
                                    const struct cap_control_line *) = {
        [CAP_COMMAND_CAPTURE] = do_capture,
        [CAP_COMMAND_STATUS] = do_status,
        [CAP_COMMAND_STOP] = do_stop,
    };
    struct cap_control_line line;
    struct dc_error err;

    if (cap_control_read(text, len, &line, &err))
        say_error(self, client, &err);
    else
        commands[line.command](self, client, &line);
}

/* ---- input ---- */

/* The lines that are whole; half a one stays, and is moved to the front. */
static void do_lines(struct cap_control *self, struct client *client) {
    char *line = client->line, *end = client->line + client->used, *newline;

    while (client->fd >= 0 && (newline = memchr(line, '\n', (size_t)(end - line)))) {
        do_line(self, client, line, (size_t)(newline - line));
        line = newline + 1;
    }
    if (client->fd < 0)
        return;
    client->used = (size_t)(end - line);
    memmove(client->line, line, client->used);
}

static void refuse_rest(struct cap_control *self, struct client *client,
                        const char *why) {
    struct dc_error err;
    dc_fail(&err, client->ended ? DC_ESYNTAX : DC_ELIMIT, "%s", why);
    client->used = 0;
    say_error(self, client, &err);
}

/* Whoever has closed one direction only, as `printf ... | nc -U` does, still gets answers. */
static void hear(struct cap_control *self, struct client *client) {
    ssize_t n = recv(client->fd, client->line + client->used,
                     sizeof(client->line) - client->used, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n < 0) {
        drop(self, client);
        return;
    }
    client->heard = ++self->heard;
    client->used += (size_t)n;
    client->ended = n == 0;
    do_lines(self, client);
    if (client->fd >= 0 && client->ended && client->used > 0)
        refuse_rest(self, client, "the last line has no newline at its end");
    if (client->fd >= 0 && client->used == sizeof(client->line)) {
        refuse_rest(self, client, "a line has 4096 bytes at most, with its newline");
        if (client->fd >= 0)
            drop(self, client);
    }
}

static void serve(struct cap_control *self, struct client *client, short events) {
    look_for_answer(self, client);
    if (client->fd >= 0 && (events & POLLIN))
        hear(self, client);
    else if (client->fd >= 0 && (events & (POLLHUP | POLLERR | POLLNVAL)))
        drop(self, client);
    if (client->fd >= 0 && client->ended && client->ticket == 0)
        drop(self, client);
}

/* ---- newcomers ---- */

static struct client *longest_silent(struct cap_control *self) {
    struct client *found = NULL;
    for (size_t i = 0; i < CAP_CONTROL_CLIENTS; i++) {
        struct client *client = &self->clients[i];
        if (client->ticket == 0 && (!found || client->heard < found->heard))
            found = client;
    }
    return found;
}

/* A free place, or that of the client that is least likely to miss it. One capture is in
   flight at most, so that there is always one who does not wait. */
static struct client *make_place(struct cap_control *self) {
    struct dc_error err;

    for (size_t i = 0; i < CAP_CONTROL_CLIENTS; i++)
        look_for_answer(self, &self->clients[i]);
    struct client *client = longest_silent(self); /* a free one has never said anything */
    if (client && client->fd >= 0) {
        dc_fail(&err, DC_ELIMIT,
                "too many clients: the one that was silent longest goes");
        say_error(self, client, &err);
        if (client->fd >= 0)
            drop(self, client);
    }
    return client;
}

/* All who wait, so that nobody is left outside in the last turn; but not for ever. */
static void accept_all(struct cap_control *self) {
    for (int i = 0; i < 2 * CAP_CONTROL_CLIENTS; i++) {
        int fd = accept4(self->socket.fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd < 0) {
            self->full =
                errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS;
            return;
        }
        struct client *client = make_place(self);
        if (!client) {
            close(fd);
            continue;
        }
        *client = (struct client){.fd = fd, .heard = ++self->heard};
    }
}

/* ---- the thread ---- */

static void fill_poll(const struct cap_control *self, struct pollfd *polled) {
    polled[0] = (struct pollfd){.fd = self->bell, .events = POLLIN};
    /* Without a descriptor for it, a newcomer would wake us for ever. */
    polled[1] =
        (struct pollfd){.fd = self->full ? -1 : self->socket.fd, .events = POLLIN};
    for (size_t i = 0; i < CAP_CONTROL_CLIENTS; i++) {
        const struct client *client = &self->clients[i];
        polled[RESERVED + i] = (struct pollfd){
            .fd = client->fd,
            .events =
                client->ended ? 0 : POLLIN, /* its end would wake us for ever, too */
        };
    }
}

/* Newcomers come last: they may take a place that was polled for its owner. */
static void turn(struct cap_control *self, int timeout_ms) {
    struct pollfd polled[RESERVED + CAP_CONTROL_CLIENTS];
    uint64_t rings;

    fill_poll(self, polled);
    int ready = poll(polled, RESERVED + CAP_CONTROL_CLIENTS, timeout_ms);
    bool knocked = polled[1].revents != 0 || self->full;
    self->full = false;
    if (ready < 0) { /* no memory: not to be tried for ever at full speed */
        nanosleep(&(struct timespec){.tv_nsec = FULL_PAUSE_MS * CAP_NS_PER_MS}, NULL);
        return;
    }
    (void)!read(self->bell, &rings, sizeof(rings));
    for (size_t i = 0; i < CAP_CONTROL_CLIENTS; i++)
        if (self->clients[i].fd >= 0)
            serve(self, &self->clients[i], polled[RESERVED + i].revents);
    if (knocked)
        accept_all(self);
}

/* Who has said something, or come, before the end gets an answer. */
static void last_turn(struct cap_control *self) {
    accept_all(self);
    turn(self, 0);
    for (size_t i = 0; i < CAP_CONTROL_CLIENTS; i++) {
        struct client *client = &self->clients[i];
        look_for_answer(self, client);
        if (client->ticket != 0) {
            cap_desk_forget(self->desk, client->ticket);
            say_ended(self, client);
        }
        if (client->fd >= 0)
            drop(self, client);
    }
}

/* The wait has no limit, for nothing is due without an event: the bell ends it, too. */
static void *control_main(void *arg) {
    struct cap_control *self = arg;

    while (!atomic_load(&self->quit))
        turn(self, self->full ? FULL_PAUSE_MS : -1);
    last_turn(self);
    atomic_store(&self->done, 1);
    cap_futex_wake_all(&self->done);
    return NULL;
}

static int start_thread(struct cap_control *self, struct dc_error *err) {
    sigset_t old;
    pthread_attr_t attr;

    int error = pthread_attr_init(&attr);
    if (!error) {
        pthread_attr_setstacksize(&attr, STACK_BYTES);
        cap_signals_block(&old, 0);
        error = pthread_create(&self->thread, &attr, control_main, self);
        pthread_sigmask(SIG_SETMASK, &old, NULL);
        pthread_attr_destroy(&attr);
    }
    if (error)
        return dc_fail_errno(err, DC_ECANNOT, error,
                             "cannot start the thread of the control socket");
    pthread_setname_np(self->thread, "control");
    return 0;
}

static void free_control(struct cap_control *self) {
    if (self->socket.fd >= 0)
        close(self->socket.fd);
    if (self->bell >= 0)
        close(self->bell);
    free(self->folder);
    free(self);
}

struct cap_control *cap_control_open(const char *path, struct cap_desk *desk,
                                     const struct cap_control_hooks *hooks,
                                     struct dc_error *err) {
    struct cap_control *self = calloc(1, sizeof(*self));
    if (!self) {
        dc_fail(err, DC_ENOMEM, "no memory for the control socket");
        return NULL;
    }
    self->desk = desk;
    self->hooks = *hooks;
    self->folder = getcwd(NULL, 0);
    self->socket.fd = -1;
    for (size_t i = 0; i < CAP_CONTROL_CLIENTS; i++)
        self->clients[i].fd = -1;
    self->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (self->bell < 0)
        dc_fail_errno(err, DC_EINTERNAL, errno, "cannot make an eventfd");
    else if (cap_control_path_open(&self->socket, path, err) == 0) {
        if (start_thread(self, err) == 0)
            return self;
        cap_control_path_remove(&self->socket);
    }
    free_control(self);
    return NULL;
}

bool cap_control_close(struct cap_control *control) {
    if (!control)
        return true;
    uint64_t now = cap_now_ns(), limit = now + CLOSE_LIMIT_NS;
    cap_control_path_remove(&control->socket);
    atomic_store(&control->quit, true);
    ring(control);
    for (; atomic_load(&control->done) == 0 && now < limit; now = cap_now_ns())
        cap_futex_wait(&control->done, 0, limit - now);
    if (atomic_load(&control->done) == 0) {
        pthread_detach(control->thread);
        return false;
    }
    pthread_join(control->thread, NULL);
    free_control(control);
    return true;
}

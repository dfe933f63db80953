#include "capture/stats_client.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "capture/clock.h"
#include "capture/stats_line.h"
#include "capture/stats_socket.h"
#include "capture/stats_turn.h"

/* The kernel does not tell when a full backlog has room again. */
#define BACKLOG_PAUSE_NS (5 * CAP_NS_PER_MS)

struct cap_stats {
    struct cap_stats_options options; /* complete; path is in address */
    struct sockaddr_un address;
    atomic_bool frozen, cancelled;
    _Atomic uint32_t freezes; /* that have begun */
    _Atomic uint64_t discarded;
    int wake; /* an eventfd: one of the three above has changed */

    struct cap_stats_turn turn; /* had for a whole request; of what follows: */
    int fd;                     /* -1: not connected */
    bool warm;                  /* statistics have come on this connection */
    struct cap_stats_line line;
};

/* One request on its way. */
struct trip {
    struct cap_stats *self;
    struct cap_stats_answer *answer;
    uint64_t timeout_ms;
    uint64_t deadline; /* by cap_now_ns() */
    uint32_t freezes;  /* that had begun before it */
};

/* ---- the client ---- */

static const struct cap_stats_options defaults = {
    .path = CAP_STATS_PATH,
    .cap = CAP_STATS_CAP,
    .timeout_ms = CAP_STATS_TIMEOUT_MS,
};

static struct cap_stats_options complete(const struct cap_stats_options *given) {
    struct cap_stats_options options = given ? *given : defaults;
    if (!options.path)
        options.path = defaults.path;
    if (options.cap == 0)
        options.cap = defaults.cap;
    if (options.timeout_ms == 0)
        options.timeout_ms = defaults.timeout_ms;
    if (!options.alloc.resize)
        options.alloc = dc_alloc_libc;
    return options;
}

static void release(struct cap_stats *self) {
    struct dc_alloc alloc = self->options.alloc;
    alloc.resize(alloc.ctx, self, 0);
}

struct cap_stats *cap_stats_new(const struct cap_stats_options *options,
                                struct dc_error *err) {
    struct cap_stats_options own = complete(options);
    struct sockaddr_un address;
    if (own.cap > CAP_STATS_CAP_MAX) {
        dc_fail(err, DC_EUSAGE, "the cap for statistics is %zu bytes, and %u is the most",
                own.cap, CAP_STATS_CAP_MAX);
        return NULL;
    }
    if (cap_stats_address(&address, own.path, err) < 0)
        return NULL;
    struct cap_stats *self = own.alloc.resize(own.alloc.ctx, NULL, sizeof(*self));
    if (!self) {
        dc_fail(err, DC_ENOMEM, "out of memory");
        return NULL;
    }
    *self = (struct cap_stats){.options = own, .address = address, .fd = -1};
    self->options.path = self->address.sun_path;
    self->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (self->wake < 0) {
        dc_fail_errno(err, DC_EINTERNAL, errno, "cannot make an event descriptor");
        release(self);
        return NULL;
    }
    cap_stats_turn_init(&self->turn);
    cap_stats_line_init(&self->line, own.cap, own.alloc);
    return self;
}

static void hang_up(struct cap_stats *self) {
    if (self->fd >= 0)
        close(self->fd);
    self->fd = -1;
    self->warm = false;
    cap_stats_line_clear(&self->line);
}

void cap_stats_free(struct cap_stats *self) {
    if (!self)
        return;
    hang_up(self);
    close(self->wake);
    cap_stats_line_done(&self->line);
    cap_stats_turn_done(&self->turn);
    release(self);
}

const char *cap_stats_path(const struct cap_stats *self) {
    return self->address.sun_path;
}

uint64_t cap_stats_discarded(const struct cap_stats *self) {
    return atomic_load(&self->discarded);
}

/* ---- freeze and cancel ---- */

/* In signal handlers, too. */
static void ring(struct cap_stats *self) {
    const uint64_t one = 1;
    int saved = errno;
    (void)!write(self->wake, &one, sizeof(one)); /* full: it rings already */
    errno = saved;
}

void cap_stats_freeze(struct cap_stats *self, bool frozen) {
    atomic_store(&self->frozen, frozen);
    if (!frozen)
        return;
    atomic_fetch_add(&self->freezes, 1);
    ring(self);
}

void cap_stats_cancel(struct cap_stats *self) {
    atomic_store(&self->cancelled, true);
    ring(self);
}

/* The flags are set before the bell rings, and looked at after it was silenced. */
static void silence(struct cap_stats *self) {
    uint64_t count;
    (void)!read(self->wake, &count, sizeof(count));
}

/* ---- answers without statistics ---- */

static void answer_stopped(struct trip *trip, enum cap_missing missing) {
    trip->answer->missing = missing;
    trip->answer->end = CAP_END_STOPPED;
    cap_reason_unit(&trip->answer->json, missing);
}

static void answer_too_large(struct trip *trip, enum cap_missing missing, size_t size) {
    trip->answer->missing = missing;
    trip->answer->end = CAP_END_TOO_LARGE;
    cap_reason_too_large(&trip->answer->json, missing, size, trip->self->options.cap);
}

static void answer_late(struct trip *trip) {
    answer_stopped(trip, CAP_CANCELLED);
    trip->answer->end = CAP_END_LATE;
    trip->answer->deadline_ms = trip->timeout_ms;
}

static void answer_text(struct trip *trip, enum cap_stats_end end, int error,
                        const char *text) {
    trip->answer->missing = CAP_NO_SCHEDULER;
    trip->answer->end = end;
    trip->answer->error = error;
    cap_reason_no_scheduler(&trip->answer->json, text, strlen(text));
}

static bool is_frozen(const struct trip *trip) {
    return atomic_load(&trip->self->frozen) ||
           atomic_load(&trip->self->freezes) != trip->freezes;
}

/* Freeze before cancel, cancel before the deadline. True: the answer is filled. */
static bool is_ended(struct trip *trip, bool late) {
    if (is_frozen(trip))
        answer_stopped(trip, CAP_DURING_FREEZE);
    else if (atomic_load(&trip->self->cancelled))
        answer_stopped(trip, CAP_CANCELLED);
    else if (late)
        answer_late(trip);
    else
        return false;
    return true;
}

static bool is_over(struct trip *trip) {
    return is_ended(trip, cap_now_ns() >= trip->deadline);
}

/* Sleeps until `events` are there on the connection, the bell rings, the deadline or `limit`
   (ns) has passed; or shorter. */
static void nap(struct trip *trip, short events, uint64_t limit) {
    struct cap_stats *self = trip->self;
    struct pollfd fds[2] = {{.fd = self->wake, .events = POLLIN},
                            {.fd = events ? self->fd : -1, .events = events}};
    uint64_t now = cap_now_ns();
    uint64_t left = now < trip->deadline ? trip->deadline - now : 0;
    if (left > limit)
        left = limit;
    struct timespec ts = {.tv_sec = (time_t)(left / CAP_NS_PER_S),
                          .tv_nsec = (long)(left % CAP_NS_PER_S)};
    if (ppoll(fds, 2, &ts, NULL) > 0 && fds[0].revents)
        silence(self);
}

/* ---- the connection ---- */

/*
 * Takes what is there and counts it; true: nothing was, and the other side is still there.
 * A peer that never stops talking is listened to for no more than a line.
 */
static bool drain(struct cap_stats *self) {
    char lost[4096];
    size_t total = 0;
    ssize_t n;
    do {
        n = recv(self->fd, lost, sizeof(lost), MSG_DONTWAIT);
        if (n > 0)
            total += (size_t)n;
    } while ((n > 0 && total <= self->options.cap) || (n < 0 && errno == EINTR));
    bool silent = n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
    atomic_fetch_add(&self->discarded, total);
    return total == 0 && silent;
}

/* False: the answer is filled. */
static bool dial(struct trip *trip) {
    struct cap_stats *self = trip->self;
    struct dc_error why;
    int fd = -1, error = cap_stats_connect(&self->address, &fd);
    while (error == EAGAIN && !is_over(trip)) {
        nap(trip, 0, BACKLOG_PAUSE_NS);
        error = cap_stats_connect(&self->address, &fd);
    }
    if (error == 0) {
        self->fd = fd;
        (void)drain(self); /* whatever greets us was not asked for; it cannot be late */
        return true;
    }
    if (fd >= 0)
        close(fd);
    if (error == EAGAIN) {
        trip->answer->error = error;
    } else {
        cap_stats_explain(&self->address, error, &why);
        answer_text(trip, CAP_END_NO_WAY, error, why.message);
    }
    return false;
}

/* Reads what is there until the line is whole or too long. 0 there is no more for now, 1 the
   other side has closed, -1 lack of memory; an errno value in *error where reading failed. */
static int read_some(struct cap_stats *self, int *error) {
    struct cap_stats_line *line = &self->line;
    *error = 0;
    while (!line->whole && !cap_stats_line_is_too_long(line)) {
        size_t room;
        char *space = cap_stats_line_space(line, &room);
        if (!space)
            return -1;
        ssize_t n = recv(self->fd, space, room, MSG_DONTWAIT);
        if (n > 0)
            cap_stats_line_added(line, (size_t)n);
        else if (n == 0)
            return 1;
        else if (errno == EAGAIN || errno == EWOULDBLOCK)
            return 0;
        else if (errno != EINTR) {
            *error = errno;
            return 1;
        }
    }
    return 0;
}

/* The other side has closed: says after how many bytes, since no fragment is read. */
static void answer_closed(struct trip *trip, const char *what, int error) {
    char text[512], number[80] = "";
    size_t used = trip->self->line.used;
    if (error != 0)
        snprintf(number, sizeof(number), " (%s, %s)", cap_stats_errno_name(error),
                 strerrordesc_np(error));
    snprintf(text, sizeof(text),
             "%s: the connection was closed %s, %zu byte%s of an "
             "answer had arrived%s",
             trip->self->address.sun_path, what, used, used == 1 ? "" : "s", number);
    answer_text(trip, CAP_END_CLOSED, error, text);
}

/* ---- a request ---- */

/* A whole line, or too long a one. 1: the answer is filled; 0 neither; -1 no memory. */
static int take_line(struct trip *trip, bool meta, struct dc_error *err) {
    struct cap_stats *self = trip->self;
    struct cap_stats_line *line = &self->line;
    if (cap_stats_line_is_too_long(line)) {
        answer_too_large(trip, CAP_RESPONSE_TOO_LARGE, line->used);
        hang_up(self);
        return 1;
    }
    if (!line->whole)
        return 0;
    int rc = cap_stats_decode(line->data, line->len, trip->answer, err);
    if (rc == 0)
        cap_stats_answer_limit(trip->answer, self->options.margin);
    size_t surplus = cap_stats_line_surplus(line);
    if (surplus > 0) {
        atomic_fetch_add(&self->discarded, surplus);
        (void)drain(self);
    }
    bool have = rc == 0 && trip->answer->have && !meta;
    trip->answer->first = have && !self->warm;
    self->warm |= have;
    if (rc < 0 || surplus > 0 || trip->answer->end == CAP_END_GARBLED)
        hang_up(self);
    return rc < 0 ? -1 : 1;
}

/* As take_line(), after reading; fills the answer where the other side has closed. */
static int hear(struct trip *trip, bool meta, const char *closed, int cause,
                struct dc_error *err) {
    int error, rc = read_some(trip->self, &error);
    if (rc < 0)
        return dc_fail(err, DC_ENOMEM, "out of memory");
    int taken = take_line(trip, meta, err);
    if (taken != 0)
        return taken;
    if (rc == 0 && !closed)
        return 0;
    answer_closed(trip, closed ? closed : "before the end of the line",
                  error ? error : cause);
    return 1;
}

/* Writing failed: what the other side has said before is read all the same. */
static int broken(struct trip *trip, bool meta, int error, struct dc_error *err) {
    int rc = hear(trip, meta, "before the request was sent", error, err);
    hang_up(trip->self);
    return rc;
}

/* 0 sent; 1 the answer is filled; -1 no memory. */
static int say(struct trip *trip, const struct dc_buf *line, bool meta,
               struct dc_error *err) {
    int fd = trip->self->fd;
    size_t sent = 0;
    while (sent < line->len) {
        if (is_over(trip))
            return 1;
        ssize_t n =
            send(fd, line->data + sent, line->len - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n > 0)
            sent += (size_t)n;
        else if (errno == EAGAIN || errno == EWOULDBLOCK)
            nap(trip, POLLOUT, UINT64_MAX);
        else if (errno != EINTR)
            return broken(trip, meta, errno, err);
    }
    return 0;
}

static int wait_line(struct trip *trip, bool meta, struct dc_error *err) {
    for (;;) {
        int rc = hear(trip, meta, NULL, 0, err);
        if (rc != 0)
            return rc;
        if (is_over(trip))
            return 1;
        nap(trip, POLLIN, UINT64_MAX);
    }
}

/* With the turn. -1 for lack of memory. */
static int travel(struct trip *trip, const struct dc_buf *line, bool meta,
                  struct dc_error *err) {
    struct cap_stats *self = trip->self;
    if (is_over(trip))
        return 0;
    if (self->fd >= 0 && !drain(self))
        hang_up(self);
    if (self->fd < 0 && !dial(trip))
        return 0;
    cap_stats_line_clear(&self->line);
    int rc = say(trip, line, meta, err);
    if (rc == 0)
        rc = wait_line(trip, meta, err);
    /* Only after a whole line is it known that nothing more will come. */
    if (!self->line.whole)
        hang_up(self);
    cap_stats_line_clear(&self->line);
    return rc < 0 ? -1 : 0;
}

static int queue(struct trip *trip, const struct dc_buf *line, bool meta,
                 struct dc_error *err) {
    struct cap_stats_place place;
    if (!cap_stats_turn_take(&trip->self->turn, &place, trip->deadline)) {
        (void)is_ended(trip, true);
        return 0;
    }
    int rc = travel(trip, line, meta, err);
    cap_stats_turn_leave(&trip->self->turn);
    return rc;
}

static int ask(struct trip *trip, const struct cap_stats_request *request,
               struct dc_error *err) {
    struct dc_buf line;
    dc_buf_init(&line, trip->self->options.alloc);
    int rc = cap_stats_request_write(request, &line, err);
    if (rc == 0 && line.len > trip->self->options.cap)
        answer_too_large(trip, CAP_REQUEST_TOO_LARGE, line.len);
    else if (rc == 0 && !is_over(trip))
        rc = queue(trip, &line, request->meta, err);
    dc_buf_done(&line);
    if (rc == 0 && !dc_buf_ok(&trip->answer->json))
        rc = dc_fail(err, DC_ENOMEM, "out of memory");
    return rc;
}

int cap_stats_ask(struct cap_stats *self, const struct cap_stats_request *request,
                  struct cap_stats_answer *answer, struct dc_error *err) {
    uint64_t start = cap_now_ns(), most = (UINT64_MAX >> 2) / CAP_NS_PER_MS;
    uint64_t timeout = self->options.timeout_ms;
    if (request->timeout_ms > 0 && request->timeout_ms < timeout)
        timeout = request->timeout_ms;
    struct trip trip = {
        .self = self,
        .answer = answer,
        .timeout_ms = timeout,
        .deadline = start + (timeout < most ? timeout : most) * CAP_NS_PER_MS,
        .freezes = atomic_load(&self->freezes),
    };
    cap_stats_answer_init(answer, self->options.alloc);
    int rc = ask(&trip, request, err);
    if (rc < 0)
        cap_stats_answer_done(answer);
    answer->took_us = (cap_now_ns() - start) / CAP_NS_PER_US;
    return rc;
}

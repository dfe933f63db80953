#include "cmd/later.h"

#include "cmd/fd.h"
#include "cmd/output.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct cmd_later_piece {
    struct cmd_later_piece *next;
    int fd;
    size_t len;
    char data[];
};

void cmd_later_init(struct cmd_later *later) {
    *later = (struct cmd_later){.lock = PTHREAD_MUTEX_INITIALIZER};
    later->last = later->uncopied = &later->first;
    later->out = (struct cmd_later_end){later, STDOUT_FILENO};
    later->err = (struct cmd_later_end){later, STDERR_FILENO};
}

/* Whether there is still room for it. */
static bool add(struct cmd_later *later, struct cmd_later_piece *piece) {
    pthread_mutex_lock(&later->lock);
    bool room = later->size <= CMD_LATER_MOST;
    if (room) {
        *later->last = piece;
        later->last = &piece->next;
        later->size += piece->len;
    }
    pthread_mutex_unlock(&later->lock);
    return room;
}

static int keep(void *ctx, const char *data, size_t len) {
    const struct cmd_later_end *end = ctx;
    struct cmd_later_piece *piece = malloc(sizeof(*piece) + len);
    if (piece) {
        *piece = (struct cmd_later_piece){.fd = end->fd, .len = len};
        memcpy(piece->data, data, len);
        if (add(end->later, piece))
            return 0;
        free(piece);
    }
    return cmd_fd_write(end->fd, data, len) ? -1 : 0;
}

struct dc_sink cmd_later_out(struct cmd_later *later) {
    return (struct dc_sink){.write = keep, .ctx = &later->out};
}

struct dc_sink cmd_later_err(struct cmd_later *later) {
    return (struct dc_sink){.write = keep, .ctx = &later->err};
}

void cmd_later_copy(struct cmd_later *later, struct dc_buf *text) {
    pthread_mutex_lock(&later->lock);
    for (const struct cmd_later_piece *p = *later->uncopied; p; p = p->next)
        dc_buf_add(text, p->data, p->len);
    later->uncopied = later->last;
    pthread_mutex_unlock(&later->lock);
}

int cmd_later_tell(struct cmd_later *later, const struct cmd_common *common, int code) {
    struct cmd_output out;
    struct cmd_later_piece *piece = later->first;
    cmd_output_open(&out, common, false);
    while (piece) {
        struct cmd_later_piece *next = piece->next;
        if (piece->fd == STDERR_FILENO)
            cmd_fd_write(piece->fd, piece->data, piece->len);
        else
            out.sink.write(out.sink.ctx, piece->data, piece->len);
        free(piece);
        piece = next;
    }
    later->first = NULL;
    later->last = later->uncopied = &later->first;
    later->size = 0;
    pthread_mutex_destroy(&later->lock);
    return cmd_output_finish(&out, common, code);
}

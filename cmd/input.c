#include "cmd/input.h"

#include "cmd/cmd.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FIRST_ROOM = 64 << 10 };

const char cmd_stdin_name[] = "<stdin>";

/* Puts the name of the input to an error that dc_fail() has made. Returns -1. */
static int of_file(struct cmd_input *in, struct dc_error *err) {
    if (err)
        err->file = in->name;
    cmd_input_close(in);
    return -1;
}

int cmd_input_open(struct cmd_input *in, const char *path, struct dc_error *err) {
    *in = (struct cmd_input){.name = path, .fd = -1};
    if (!*path)
        return dc_fail(err, DC_EIO, "the name of the file is empty");
    if (strcmp(path, "-") == 0) {
        in->name = cmd_stdin_name;
        /* A copy: closing the input must not free number 0 for the next file. */
        in->fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
    } else {
        in->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    }
    if (in->fd < 0 || fstat(in->fd, &in->stat) < 0) {
        dc_fail_errno(err, DC_EIO, errno, "cannot be opened");
        return of_file(in, err);
    }
    if (S_ISDIR(in->stat.st_mode)) {
        dc_fail(err, DC_EIO, "is a folder; name the report files in it");
        return of_file(in, err);
    }
    return 0;
}

static int too_large(struct cmd_input *in, size_t max_size, struct dc_error *err) {
    char text[CMD_SIZE_TEXT];
    cmd_size_text(max_size, text);
    bool bytes = strspn(text, "0123456789") == strlen(text);
    dc_fail(err, DC_ELIMIT,
            "is larger than the limit of %s%s; allow more with --max-size=SIZE", text,
            bytes ? " bytes" : "");
    return of_file(in, err);
}

/* By the first bytes, which no JSON begins with; never by the name. */
static int check_unpacked(struct cmd_input *in, struct dc_error *err) {
    static const struct {
        const char *magic, *name, *unpack;
    } packers[] = {{"\x1f\x8b", "gzip", "zcat"},
                   {"\x28\xb5\x2f\xfd", "zstd", "zstdcat"},
                   {"\xfd\x37\x7a", "xz", "xzcat"}};
    for (size_t i = 0; i < sizeof(packers) / sizeof(packers[0]); i++) {
        size_t len = strlen(packers[i].magic);
        if (in->len < len || memcmp(in->data, packers[i].magic, len) != 0)
            continue;
        dc_fail(err, DC_ESYNTAX,
                "is compressed with %s; unpack it: %s FILE | dumpctl VERB -",
                packers[i].name, packers[i].unpack);
        return of_file(in, err);
    }
    return 0;
}

/* Room for at least one more byte; realloc() of large blocks moves pages, not bytes. */
static bool grow(struct cmd_input *in, size_t *room, size_t most) {
    size_t larger = *room ? *room : FIRST_ROOM;
    if (*room)
        larger = *room > most / 2 ? most : 2 * *room;
    else if (S_ISREG(in->stat.st_mode) && (uint64_t)in->stat.st_size >= larger)
        larger = (size_t)in->stat.st_size + 1; /* the end is seen without growing */
    if (larger > most)
        larger = most;
    char *data = realloc(in->data, larger);
    if (!data)
        return false;
    in->data = data;
    *room = larger;
    return true;
}

/* read() across signals and descriptors that do not block. */
static ssize_t read_some(int fd, char *data, size_t len) {
    for (;;) {
        ssize_t n = read(fd, data, len);
        if (n >= 0 || (errno != EINTR && errno != EAGAIN))
            return n;
        if (errno == EAGAIN) {
            struct pollfd ready = {.fd = fd, .events = POLLIN};
            poll(&ready, 1, -1);
        }
    }
}

int cmd_input_read(struct cmd_input *in, size_t max_size, struct dc_error *err) {
    size_t room = 0, most = max_size < SIZE_MAX ? max_size + 1 : max_size;
    if (S_ISREG(in->stat.st_mode) && (uint64_t)in->stat.st_size > max_size)
        return too_large(in, max_size, err);
    for (;;) {
        if (in->len == room && !grow(in, &room, most)) {
            dc_fail(err, DC_ENOMEM, "out of memory after %zu bytes", in->len);
            return of_file(in, err);
        }
        ssize_t n = read_some(in->fd, in->data + in->len, room - in->len);
        if (n < 0) {
            dc_fail_errno(err, DC_EIO, errno, "cannot be read");
            return of_file(in, err);
        }
        in->len += (size_t)n;
        if (in->len > max_size)
            return too_large(in, max_size, err);
        if (n == 0)
            break;
    }
    close(in->fd);
    in->fd = -1;
    return check_unpacked(in, err);
}

void cmd_input_close(struct cmd_input *in) {
    if (in->fd >= 0)
        close(in->fd);
    free(in->data);
    in->fd = -1;
    in->data = NULL;
    in->len = 0;
}

int cmd_input_read_symbols(struct cmd_input *in, const char *path, size_t max_size,
                           struct dc_symbols *symbols, struct dc_error *err) {
    /* A kernel with all its modules has about 16 MiB; a symbol takes five times its text. */
    enum { MOST = 64 << 20 };
    if (cmd_input_open(in, path, err) < 0 ||
        cmd_input_read(in, max_size < MOST ? max_size : MOST, err) < 0)
        return -1;
    if (dc_symbols_read(symbols, in->data, in->len, dc_alloc_libc, err) == 0)
        return 0;
    err->file = in->name;
    return -1;
}

/*
 * shelf: reports in files that come, change and go, in a list.
 *
 * It is told which files may have changed, and reads those, one at a time, when it is
 * asked to. Each document of each file has a row; so has one that is bad, and a file that
 * cannot be read. Files keep their place in the list, new ones stand behind it. The
 * document that is open stays in memory with its text, and keeps its row also when its
 * file has gone.
 */
#ifndef DUMPCTL_CMD_SHELF_H
#define DUMPCTL_CMD_SHELF_H

#include "cmd/documents.h"
#include "view/view.h"

#include <time.h>

struct cmd_shelf_row {
    size_t at;  /* where the document begins in its file */
    char *line; /* what dc_show_short() says, or what is wrong; owned */
    size_t len;
    bool bad;         /* it cannot be opened */
    bool fresh;       /* it has come, or changed, and was not opened since */
    uint64_t arrival; /* the later, the larger; 0: it was there at the beginning */
};

struct cmd_shelf_file {
    char *path;       /* owned */
    const char *name; /* in it: how its rows call it */
    struct cmd_shelf_row *rows;
    size_t count;
    struct stat stat; /* when it was read */
    bool read;        /* it has been, at least once */
    bool gone;        /* it was there once */
    enum {
        CMD_SHELF_SAME,
        CMD_SHELF_DOUBTFUL, /* it is read again if stat() says something else */
        CMD_SHELF_STALE,    /* it is read again */
    } trust;
};

/* What the last step of reading has found, for who shows it. */
enum cmd_shelf_news {
    CMD_SHELF_NOTHING,
    CMD_SHELF_NEW,      /* a report has come, or one that is not open has changed */
    CMD_SHELF_BAD,      /* a file has come, or changed, and is bad */
    CMD_SHELF_GONE,     /* a file that was in the list */
    CMD_SHELF_REPLACED, /* the open document: `next` has what is in its place */
    CMD_SHELF_BROKEN,   /* the file of the open document has nothing in its place */
    CMD_SHELF_LEFT,     /* the file of the open document is gone */
};

struct cmd_shelf_open {
    struct cmd_shelf_file *file;
    size_t row; /* in its file */
    struct cmd_input text;
    struct dc_report report;
    struct dc_model model; /* its file is file->path */
};

struct cmd_shelf {
    const struct cmd_documents *docs; /* options for reading; borrowed */
    struct cmd_shelf_file **files;
    size_t n_files, room;
    struct {
        struct cmd_shelf_file *file;
        size_t row;
    } * places; /* of the rows of all files, in order */
    size_t count, places_room;
    uint64_t arrivals;
    bool begun;                         /* what comes now is new */
    struct cmd_shelf_open *open, *next; /* NULL: none */
};

void cmd_shelf_init(struct cmd_shelf *shelf, const struct cmd_documents *docs);
void cmd_shelf_done(struct cmd_shelf *shelf);

/* The file may have changed, or is new. Its rows call it by its path or, with `inside`,
   by its last part. 0, or -1 without memory. */
int cmd_shelf_touch(struct cmd_shelf *shelf, const char *path, bool inside) DC_MUST_USE;

/* Any of its files may have changed. */
void cmd_shelf_doubt(struct cmd_shelf *shelf);

/* Whether there is something to read. */
bool cmd_shelf_is_stale(const struct cmd_shelf *shelf);

/*
 * Reads one file that may have changed. What was found is in `news` and, where a file is
 * concerned, `row` is its row of which it is told (its last one that is new); it may be
 * shelf->count where it has none any more. After CMD_SHELF_REPLACED shelf->next is what
 * is to be shown instead, until cmd_shelf_turn(). 0, or -1 with `err` set without memory.
 */
int cmd_shelf_read(struct cmd_shelf *shelf, enum cmd_shelf_news *news, size_t *row,
                   struct dc_error *err) DC_MUST_USE;

/* shelf->next is the open document now, and what was open is given back. */
void cmd_shelf_turn(struct cmd_shelf *shelf);

/* Opens the document of a row instead of what is open. 0, or -1 with `err` set: then
   nothing has changed. */
int cmd_shelf_open(struct cmd_shelf *shelf, size_t row, struct dc_error *err) DC_MUST_USE;

/* ---- shelf_read.c ---- */

/* Reads the document that `opened` names, whose other members are zero. 0, or -1 with
   `err` set: then nothing is to be given back. */
int cmd_shelf_load(const struct cmd_shelf *shelf, struct cmd_shelf_open *opened,
                   struct dc_error *err) DC_MUST_USE;

/* NULL is fine. */
void cmd_shelf_unload(struct cmd_shelf_open *opened);

void cmd_shelf_free_rows(struct cmd_shelf_row *rows, size_t count);

/* ---- rows ---- */

/* Numbers the rows anew after those of a file have changed. 0, or -1 with `err` set. */
int cmd_shelf_number(struct cmd_shelf *shelf, struct dc_error *err) DC_MUST_USE;

/* Takes a file out; its rows must be numbered anew. */
void cmd_shelf_remove(struct cmd_shelf *shelf, const struct cmd_shelf_file *file);

/* The row of a document of a file, or where it would stand. */
size_t cmd_shelf_find(const struct cmd_shelf *shelf, const struct cmd_shelf_file *file,
                      size_t row);
const struct cmd_shelf_row *cmd_shelf_row(const struct cmd_shelf *shelf, size_t i);

/* What stands before a row in the list of a view. */
enum view_mark cmd_shelf_mark(const struct cmd_shelf *shelf, size_t i);

/* The good row that came last; of those that were there at the beginning, the one that
   was written last. 0 where none is good. */
size_t cmd_shelf_newest(const struct cmd_shelf *shelf);

/* Files of which a row is bad. */
size_t cmd_shelf_failed(const struct cmd_shelf *shelf);

#endif

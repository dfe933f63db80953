#include "cmd/shelf.h"

#include <stdlib.h>
#include <string.h>

void cmd_shelf_init(struct cmd_shelf *shelf, const struct cmd_documents *docs) {
    *shelf = (struct cmd_shelf){.docs = docs};
}

static void free_file(struct cmd_shelf_file *file) {
    cmd_shelf_free_rows(file->rows, file->count);
    free(file->path);
    free(file);
}

void cmd_shelf_done(struct cmd_shelf *shelf) {
    cmd_shelf_unload(shelf->open);
    cmd_shelf_unload(shelf->next);
    for (size_t i = 0; i < shelf->n_files; i++)
        free_file(shelf->files[i]);
    free(shelf->files);
    free(shelf->places);
    cmd_shelf_init(shelf, shelf->docs);
}

/* ---- files ---- */

/* `array`, with room for `count` elements and one more; NULL without memory: then it is as
   it was. */
static void *with_room(void *array, size_t count, size_t *room, size_t size) {
    if (count < *room)
        return array;
    size_t larger = *room ? *room * 2 : 16;
    while (larger <= count)
        larger *= 2;
    void *p = reallocarray(array, larger, size);
    if (p)
        *room = larger;
    return p;
}

static struct cmd_shelf_file *new_file(const char *path, bool inside) {
    struct cmd_shelf_file *file = calloc(1, sizeof(*file));
    if (!file)
        return NULL;
    file->path = strdup(path);
    if (!file->path) {
        free(file);
        return NULL;
    }
    const char *slash = inside ? strrchr(file->path, '/') : NULL;
    file->name = slash ? slash + 1 : file->path;
    return file;
}

int cmd_shelf_touch(struct cmd_shelf *shelf, const char *path, bool inside) {
    for (size_t i = shelf->n_files; i-- > 0;) { /* what happens does so to the last */
        if (strcmp(shelf->files[i]->path, path) != 0)
            continue;
        shelf->files[i]->trust = CMD_SHELF_STALE;
        return 0;
    }
    void *files = with_room(shelf->files, shelf->n_files, &shelf->room, sizeof(void *));
    struct cmd_shelf_file *file = files ? new_file(path, inside) : NULL;
    if (files)
        shelf->files = files;
    if (!file)
        return -1;
    file->trust = CMD_SHELF_STALE;
    shelf->files[shelf->n_files++] = file;
    return 0;
}

void cmd_shelf_doubt(struct cmd_shelf *shelf) {
    for (size_t i = 0; i < shelf->n_files; i++)
        if (shelf->files[i]->trust == CMD_SHELF_SAME)
            shelf->files[i]->trust = CMD_SHELF_DOUBTFUL;
}

bool cmd_shelf_is_stale(const struct cmd_shelf *shelf) {
    for (size_t i = 0; i < shelf->n_files; i++)
        if (shelf->files[i]->trust != CMD_SHELF_SAME)
            return true;
    return false;
}

void cmd_shelf_remove(struct cmd_shelf *shelf, const struct cmd_shelf_file *file) {
    size_t i = 0;
    while (shelf->files[i] != file)
        i++;
    free_file(shelf->files[i]);
    shelf->n_files--;
    memmove(&shelf->files[i], &shelf->files[i + 1],
            (shelf->n_files - i) * sizeof(void *));
}

/* ---- rows ---- */

int cmd_shelf_number(struct cmd_shelf *shelf, struct dc_error *err) {
    size_t count = 0;
    for (size_t i = 0; i < shelf->n_files; i++)
        count += shelf->files[i]->count;
    void *places =
        with_room(shelf->places, count, &shelf->places_room, sizeof(*shelf->places));
    if (!places)
        return dc_fail(err, DC_ENOMEM, "out of memory for the list of reports");
    shelf->places = places;
    shelf->count = 0;
    for (size_t i = 0; i < shelf->n_files; i++) {
        for (size_t row = 0; row < shelf->files[i]->count; row++) {
            shelf->places[shelf->count].file = shelf->files[i];
            shelf->places[shelf->count++].row = row;
        }
    }
    return 0;
}

const struct cmd_shelf_row *cmd_shelf_row(const struct cmd_shelf *shelf, size_t i) {
    return &shelf->places[i].file->rows[shelf->places[i].row];
}

size_t cmd_shelf_find(const struct cmd_shelf *shelf, const struct cmd_shelf_file *file,
                      size_t row) {
    size_t at = 0;
    for (size_t i = 0; i < shelf->n_files && shelf->files[i] != file; i++)
        at += shelf->files[i]->count;
    size_t last = file->count ? file->count - 1 : 0;
    return at + (row < last ? row : last);
}

enum view_mark cmd_shelf_mark(const struct cmd_shelf *shelf, size_t i) {
    const struct cmd_shelf_row *row = cmd_shelf_row(shelf, i);
    return shelf->places[i].file->gone ? VIEW_MARK_GONE
           : row->bad                  ? VIEW_MARK_BAD
           : row->fresh                ? VIEW_MARK_NEW
                                       : VIEW_MARK_NONE;
}

static bool is_later(const struct cmd_shelf *shelf, size_t i, size_t than) {
    const struct cmd_shelf_row *a = cmd_shelf_row(shelf, i), *b;
    const struct timespec *at = &shelf->places[i].file->stat.st_mtim, *before;
    b = cmd_shelf_row(shelf, than);
    before = &shelf->places[than].file->stat.st_mtim;
    if (a->arrival != b->arrival || a->arrival > 0)
        return a->arrival > b->arrival;
    if (at->tv_sec != before->tv_sec)
        return at->tv_sec > before->tv_sec;
    return at->tv_nsec >= before->tv_nsec;
}

size_t cmd_shelf_newest(const struct cmd_shelf *shelf) {
    size_t newest = shelf->count;
    for (size_t i = 0; i < shelf->count; i++)
        if (!cmd_shelf_row(shelf, i)->bad &&
            (newest == shelf->count || is_later(shelf, i, newest)))
            newest = i;
    return newest < shelf->count ? newest : 0;
}

size_t cmd_shelf_failed(const struct cmd_shelf *shelf) {
    size_t failed = 0;
    for (size_t i = 0; i < shelf->n_files; i++) {
        const struct cmd_shelf_file *file = shelf->files[i];
        size_t row = 0;
        while (row < file->count && !file->rows[row].bad)
            row++;
        failed += row < file->count;
    }
    return failed;
}

/* ---- the open document ---- */

void cmd_shelf_turn(struct cmd_shelf *shelf) {
    struct cmd_shelf_open *before = shelf->open;
    shelf->open = shelf->next;
    shelf->next = NULL;
    if (before && before->file->gone && before->file != shelf->open->file)
        before->file->trust = CMD_SHELF_STALE; /* nothing holds its row any more */
    cmd_shelf_unload(before);
}

int cmd_shelf_open(struct cmd_shelf *shelf, size_t row, struct dc_error *err) {
    struct cmd_shelf_open *opened = calloc(1, sizeof(*opened));
    if (!opened)
        return dc_fail(err, DC_ENOMEM, "out of memory");
    opened->file = shelf->places[row].file;
    opened->row = shelf->places[row].row;
    if (cmd_shelf_load(shelf, opened, err) < 0) {
        free(opened);
        return -1;
    }
    opened->file->rows[opened->row].fresh = false;
    shelf->next = opened;
    cmd_shelf_turn(shelf);
    return 0;
}

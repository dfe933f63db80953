#include "cmd/reports.h"
#include "cmd/shelf.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void cmd_shelf_free_rows(struct cmd_shelf_row *rows, size_t count) {
    for (size_t i = 0; i < count; i++)
        free(rows[i].line);
    free(rows);
}

/* ---- one document ---- */

/* A pipe would stop the screen until somebody writes to it, and can be read but once. */
static int read_text(const struct cmd_shelf *shelf, const char *path,
                     struct cmd_input *in, struct dc_error *err) {
    struct stat now;
    *in = (struct cmd_input){.name = path, .fd = -1};
    if (stat(path, &now) == 0 && !S_ISREG(now.st_mode) && !S_ISDIR(now.st_mode))
        return dc_fail(err, DC_EIO, "is no regular file, and cannot be followed");
    if (cmd_input_open(in, path, err) < 0)
        return -1;
    return cmd_input_read(in, shelf->docs->common->max_size, err);
}

int cmd_shelf_load(const struct cmd_shelf *shelf, struct cmd_shelf_open *opened,
                   struct dc_error *err) {
    struct dc_report_options options = cmd_reports_options(shelf->docs);
    struct cmd_input *text = &opened->text;
    size_t used = opened->file->rows[opened->row].at;
    if (read_text(shelf, opened->file->path, text, err) < 0)
        return -1;
    int rc =
        used < text->len || used == 0
            ? dc_report_read(&opened->report, text->data, text->len, &used, &options, err)
            : dc_fail(err, DC_EIO, "the file has become shorter");
    if (rc < 0)
        cmd_input_close(text);
    else
        dc_model_init(&opened->model, &opened->report, opened->file->path);
    return rc;
}

void cmd_shelf_unload(struct cmd_shelf_open *opened) {
    if (!opened)
        return;
    dc_report_done(&opened->report);
    cmd_input_close(&opened->text);
    free(opened);
}

/* ---- the rows of one file ---- */

struct rows {
    struct cmd_shelf_row *rows;
    size_t count;
};

static int add_row(struct rows *rows, struct cmd_shelf_row row, struct dc_error *err) {
    void *p = reallocarray(rows->rows, rows->count + 1, sizeof(row));
    if (!p || !row.line) {
        if (p)
            rows->rows = p;
        free(row.line);
        return dc_fail(err, DC_ENOMEM, "out of memory for the list of reports");
    }
    rows->rows = p;
    rows->rows[rows->count++] = row;
    return 0;
}

/* What is wrong, as on standard error, in a line of the list. */
static int add_fault(struct rows *rows, const struct cmd_shelf_file *file, size_t at,
                     const struct dc_error *fault, bool unread, struct dc_error *err) {
    struct cmd_shelf_row row = {.at = at, .bad = true};
    char place[64] = "";
    if (fault->line > 0)
        snprintf(place, sizeof(place), ":%" PRIu64 ":%" PRIu64, fault->line,
                 fault->column);
    int n = asprintf(&row.line, "%s%s: %s%s%s%s", file->name, place, fault->pointer,
                     *fault->pointer ? ": " : "", fault->message,
                     unread ? "; the rest of the file was not read" : "");
    if (n < 0)
        row.line = NULL;
    row.len = n < 0 ? 0 : (size_t)n;
    return add_row(rows, row, err);
}

/* `number`: from 1; 0: it is the only one of its file. */
static int add_report(struct rows *rows, const struct cmd_shelf_file *file, size_t at,
                      const struct dc_report *report, size_t number,
                      struct dc_error *err) {
    struct cmd_shelf_row row = {.at = at};
    if (cmd_reports_line(report, file->name, number, &row.line, &row.len, err) == 0)
        return add_row(rows, row, err);
    free(row.line);
    return -1;
}

/* All documents of a text. */
static int read_rows(const struct cmd_shelf *shelf, const struct cmd_shelf_file *file,
                     const struct cmd_input *in, struct rows *rows,
                     struct dc_error *err) {
    struct dc_report_options options = cmd_reports_options(shelf->docs);
    struct dc_place counted = {.at = NULL};
    size_t used = 0;
    int rc;
    options.place = &counted;
    do {
        struct dc_report report;
        struct dc_error fault;
        size_t at = used, number = rows->count + 1;
        if (dc_report_read(&report, in->data, in->len, &used, &options, &fault) < 0) {
            rc = add_fault(rows, file, at, &fault, report.unread, err);
        } else {
            bool several = number > 1 || dc_report_more(in->data, in->len, &used);
            rc = add_report(rows, file, at, &report, several ? number : 0, err);
            dc_report_done(&report);
        }
    } while (rc == 0 && dc_report_more(in->data, in->len, &used));
    return rc;
}

/* ---- a file that may have changed ---- */

static bool same_stat(const struct stat *a, const struct stat *b) {
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
           memcmp(&a->st_mtim, &b->st_mtim, sizeof(a->st_mtim)) == 0 &&
           memcmp(&a->st_ctim, &b->st_ctim, sizeof(a->st_ctim)) == 0;
}

/* A row that says what it said, of a file that is as it was or has grown. */
static bool is_known(const struct cmd_shelf_file *file, const struct rows *rows, size_t i,
                     bool same) {
    if (i >= file->count || i >= rows->count)
        return false;
    const struct cmd_shelf_row *a = &file->rows[i], *b = &rows->rows[i];
    bool equal = a->at == b->at && a->bad == b->bad && a->len == b->len &&
                 memcmp(a->line, b->line, a->len) == 0;
    return equal && (same || (rows->count > file->count && i + 1 < rows->count));
}

/* Marks what is new. Returns the last such row, a good one rather than a bad one;
   rows->count: none. */
static size_t mark_rows(struct cmd_shelf *shelf, const struct cmd_shelf_file *file,
                        struct rows *rows, bool same) {
    size_t last = rows->count;
    for (size_t i = 0; i < rows->count; i++) {
        struct cmd_shelf_row *row = &rows->rows[i];
        if (is_known(file, rows, i, same)) {
            row->fresh = file->rows[i].fresh;
            row->arrival = file->rows[i].arrival;
            continue;
        }
        row->fresh = shelf->begun && !row->bad;
        row->arrival = shelf->begun ? ++shelf->arrivals : 0;
        if (last == rows->count || !row->bad || rows->rows[last].bad)
            last = i;
    }
    return last;
}

static void put_rows(struct cmd_shelf_file *file, const struct rows *rows) {
    cmd_shelf_free_rows(file->rows, file->count);
    file->rows = rows->rows;
    file->count = rows->count;
}

static bool is_open(const struct cmd_shelf *shelf, const struct cmd_shelf_file *file) {
    return shelf->open && shelf->open->file == file;
}

/* Of a file that is open the row stays that is. */
static void take_gone(struct cmd_shelf *shelf, struct cmd_shelf_file *file,
                      enum cmd_shelf_news *news, size_t *row) {
    *row = cmd_shelf_find(shelf, file, 0);
    if (!is_open(shelf, file)) {
        *news = file->count > 0 && !file->gone ? CMD_SHELF_GONE : CMD_SHELF_NOTHING;
        cmd_shelf_remove(shelf, file);
        return;
    }
    *news = file->gone ? CMD_SHELF_NOTHING : CMD_SHELF_LEFT;
    file->gone = true;
    size_t kept = shelf->open->row < file->count ? shelf->open->row : file->count - 1;
    struct cmd_shelf_row first = file->rows[0];
    file->rows[0] = file->rows[kept];
    file->rows[kept] = first;
    while (file->count > 1)
        free(file->rows[--file->count].line);
    shelf->open->row = 0;
}

/* The document that is open: what the file has in its place now, if that is another. */
static enum cmd_shelf_news take_open(struct cmd_shelf *shelf, struct cmd_shelf_file *file,
                                     struct cmd_input *in) {
    struct dc_report_options options = cmd_reports_options(shelf->docs);
    struct cmd_shelf_open *next = calloc(1, sizeof(*next));
    struct dc_error fault;
    size_t row = shelf->open->row, used = row < file->count ? file->rows[row].at : 0;
    if (!next || row >= file->count || file->rows[row].bad ||
        dc_report_read(&next->report, in->data, in->len, &used, &options, &fault) < 0) {
        free(next);
        return CMD_SHELF_BROKEN;
    }
    next->file = file;
    next->row = row;
    next->text = *in;
    *in = (struct cmd_input){.fd = -1};
    dc_model_init(&next->model, &next->report, file->path);
    file->rows[row].fresh = false;
    cmd_shelf_unload(shelf->next);
    shelf->next = next;
    return CMD_SHELF_REPLACED;
}

static void take_rows(struct cmd_shelf *shelf, struct cmd_shelf_file *file,
                      struct cmd_input *in, struct rows *rows, enum cmd_shelf_news *news,
                      size_t *row) {
    bool same = file->read && same_stat(&file->stat, &in->stat);
    bool known = !is_open(shelf, file) || is_known(file, rows, shelf->open->row, same);
    size_t last = mark_rows(shelf, file, rows, same);
    put_rows(file, rows);
    file->stat = in->stat;
    file->read = true;
    file->gone = false;
    *row = last;
    *news = last == rows->count    ? CMD_SHELF_NOTHING
            : rows->rows[last].bad ? CMD_SHELF_BAD
                                   : CMD_SHELF_NEW;
    if (!known) {
        *row = shelf->open->row;
        *news = take_open(shelf, file, in);
    }
}

/* Reads it, whether that goes well or not. */
static int read_file(struct cmd_shelf *shelf, struct cmd_shelf_file *file,
                     enum cmd_shelf_news *news, size_t *row, struct dc_error *err) {
    struct cmd_input in;
    struct rows rows = {0};
    struct dc_error fault;
    struct stat now;
    int rc;
    if (read_text(shelf, file->path, &in, &fault) == 0) {
        rc = read_rows(shelf, file, &in, &rows, err);
    } else if (lstat(file->path, &now) < 0) {
        take_gone(shelf, file, news, row);
        return 0;
    } else {
        rc = add_fault(&rows, file, 0, &fault, false, err);
    }
    if (rc == 0) {
        size_t found;
        take_rows(shelf, file, &in, &rows, news, &found);
        *row = cmd_shelf_find(shelf, file, found);
    } else {
        cmd_shelf_free_rows(rows.rows, rows.count);
    }
    cmd_input_close(&in);
    return rc;
}

int cmd_shelf_read(struct cmd_shelf *shelf, enum cmd_shelf_news *news, size_t *row,
                   struct dc_error *err) {
    struct stat now;
    size_t i = 0;
    *news = CMD_SHELF_NOTHING;
    *row = shelf->count;
    while (i < shelf->n_files && shelf->files[i]->trust == CMD_SHELF_SAME)
        i++;
    if (i == shelf->n_files)
        return 0;
    struct cmd_shelf_file *file = shelf->files[i];
    bool doubtful = file->trust == CMD_SHELF_DOUBTFUL;
    file->trust = CMD_SHELF_SAME;
    if (doubtful && stat(file->path, &now) == 0 && same_stat(&file->stat, &now))
        return 0;
    if (read_file(shelf, file, news, row, err) < 0)
        return -1;
    return cmd_shelf_number(shelf, err);
}

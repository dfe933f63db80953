/* What a search and a filter find in tables, sorted or not: the same. */
#include "tests/unit/lib_aid.h"
#include "tests/unit/unit.h"
#include "view/match.h"
#include "view/sieve.h"

#include <stdio.h>
#include <string.h>

enum { ROWS = 700, TABLES = 2 }; /* more than are looked at one by one */

struct shelf {
    struct dc_buf text;
    struct dc_report report;
    struct dc_model model;
    struct aid_memory memory;
    struct dc_outline outline;
};

/* Two hash maps: the keys rise, the values jump about. */
static void put_report(struct dc_buf *out) {
    char entry[256];
    dc_buf_text(out, "{\"schema\":\"single\",\"maps\":[");
    for (int map = 0; map < TABLES; map++) {
        snprintf(entry, sizeof(entry),
                 "%s{\"name\":\"m%d\",\"map_type\":1,\"value_size\":8,"
                 "\"max_entries\":%d,\"entries\":[",
                 map ? "," : "", map, ROWS);
        dc_buf_text(out, entry);
        for (int i = 0; i < ROWS; i++) {
            snprintf(entry, sizeof(entry),
                     "%s{\"key\":{\"kind\":\"uint\",\"bits\":64,\"value\":%d},"
                     "\"key_hex\":\"00\",\"value\":{\"kind\":\"uint\",\"bits\":64,"
                     "\"value\":%d},\"value_hex\":\"00\"}",
                     i ? "," : "", i, (i * 269 + map) % ROWS);
            dc_buf_text(out, entry);
        }
        dc_buf_text(out, "]}");
    }
    dc_buf_text(out, "]}");
}

static bool open_maps(struct shelf *shelf) {
    struct dc_error err;
    *shelf = (struct shelf){.memory = {.live = 0}};
    dc_buf_init(&shelf->text, dc_alloc_libc);
    put_report(&shelf->text);
    if (!CHECK_EQ_I64(aid_read(&shelf->report, shelf->text.data, shelf->text.len, &err),
                      0))
        return false;
    dc_model_init(&shelf->model, &shelf->report, "r.json");
    CHECK_EQ_I64(dc_outline_init(&shelf->outline, &shelf->model,
                                 &shelf->model.snapshots[0], DC_SECTION_MAPS, NULL,
                                 aid_alloc(&shelf->memory), &err),
                 0);
    for (size_t map = TABLES; map > 0; map--)
        CHECK_EQ_I64(dc_outline_unfold(&shelf->outline, shelf->outline.lines[map], &err),
                     0);
    return CHECK_EQ_U64(shelf->outline.count, 1 + TABLES * (2 + ROWS));
}

static void close_maps(struct shelf *shelf) {
    dc_outline_done(&shelf->outline);
    CHECK_EQ_U64(shelf->memory.live, 0);
    dc_report_done(&shelf->report);
    dc_buf_done(&shelf->text);
}

/* Both tables by their values; the first from the largest on. */
static void sort(struct shelf *shelf) {
    struct dc_error err;
    for (size_t i = 0; i < shelf->outline.count; i++) {
        struct dc_outline_line *line = shelf->outline.lines[i];
        if (line->kind == DC_OUTLINE_TITLES)
            CHECK_EQ_I64(dc_outline_sort(&shelf->outline, line, 1, i < ROWS, &err), 0);
    }
}

/* Asks of each line in the order of the screen, and compares with its own words. */
static size_t check_pattern(const struct shelf *shelf, const char *pattern) {
    const struct dc_outline *outline = &shelf->outline;
    struct view_sieve sieve;
    struct dc_buf words;
    size_t wrong = 0, found = 0;
    view_sieve_init(&sieve, outline, pattern);
    dc_buf_init(&words, dc_alloc_libc);
    for (size_t i = 0; i < outline->count; i++) {
        words.len = 0;
        dc_outline_search_text(outline, outline->lines[i], &words);
        bool has = words.len > 0 && view_match(pattern, words.data, words.len);
        wrong += view_sieve_has(&sieve, outline->lines[i]) != has;
        found += has;
    }
    CHECK_EQ_U64(wrong, 0);
    CHECK(view_sieve_done(&sieve));
    dc_buf_done(&words);
    return found;
}

static void check_patterns(const struct shelf *shelf) {
    CHECK_EQ_U64(check_pattern(shelf, "699"), 2 * TABLES);
    CHECK_EQ_U64(check_pattern(shelf, "1?"), TABLES * 2 * 10);
    CHECK_EQ_U64(check_pattern(shelf, "map m"), TABLES);
    CHECK(check_pattern(shelf, "7") > ROWS / 4);
    CHECK_EQ_U64(check_pattern(shelf, "nowhere"), 0);
}

static void sorted_tables_have_what_others_have(void) {
    struct shelf shelf;
    if (!open_maps(&shelf))
        return;
    check_patterns(&shelf);
    sort(&shelf);
    check_patterns(&shelf);
    close_maps(&shelf);
}

/* The rows do not move: only the order of the lines is another one. */
static void sorting_leaves_lines_where_they_are(void) {
    struct shelf shelf;
    if (!open_maps(&shelf))
        return;
    struct dc_outline_line *last = shelf.outline.lines[2 + ROWS];
    CHECK_EQ_U64(last->cells.row.index, ROWS - 1);
    sort(&shelf);
    CHECK_EQ_U64(shelf.outline.count, 1 + TABLES * (2 + ROWS));
    CHECK_EQ_U64(last->cells.row.index, ROWS - 1);
    CHECK(dc_outline_rows(last) + ROWS - 1 == last);
    for (size_t i = 3; i < 3 + ROWS; i++) /* 699, 698, ...: 269 is prime to 700 */
        CHECK_EQ_U64(shelf.outline.lines[i]->cells.row.index * 269 % ROWS,
                     ROWS - 1 - (i - 3));
    close_maps(&shelf);
}

static void searching_survives_without_memory(void) {
    struct shelf shelf;
    struct view_sieve sieve;
    bool failed = true;
    size_t more = 1;
    if (!open_maps(&shelf))
        return;
    sort(&shelf);
    for (; failed && more < 100; more++) {
        shelf.memory.failed = false;
        shelf.memory.fail = shelf.memory.calls + more;
        view_sieve_init(&sieve, &shelf.outline, "nowhere");
        for (size_t i = 0; i < shelf.outline.count; i++)
            CHECK(!view_sieve_has(&sieve, shelf.outline.lines[i]));
        failed = shelf.memory.failed;
        CHECK_EQ_I64(view_sieve_done(&sieve), !failed);
    }
    CHECK(!failed);
    CHECK(more > 3); /* the words, and what was found in each table */
    close_maps(&shelf);
}

int main(void) {
    UNIT_RUN(sorted_tables_have_what_others_have);
    UNIT_RUN(sorting_leaves_lines_where_they_are);
    UNIT_RUN(searching_survives_without_memory);
    return unit_done();
}

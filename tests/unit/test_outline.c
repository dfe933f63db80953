/* Sections as lines: what folds, what is inside, sorting, words. Failing memory is tested with
   the whole view (test_view_screen.c). */
#include "lib/outline.h"

#include "tests/unit/lib_aid.h"
#include "tests/unit/unit.h"

#include <string.h>

/* clang-format off */
#define UINT(n) "{\"kind\":\"uint\",\"bits\":64,\"value\":" n "}"
#define MEMBER(name, value) "{\"name\":\"" name "\",\"value\":" value "}"
#define MAP(name, type) \
    "{\"name\":\"" name "\",\"map_type\":" type ",\"value_size\":8,\"max_entries\":3,"
#define ENTRY(k, v) \
    "{\"key\":" UINT(k) ",\"key_hex\":\"00\",\"value\":" UINT(v) ",\"value_hex\":\"00\"}"

static const char text[] =
    "{\"schema\":\"single\",\"maps\":["
    MAP("tree", "2") "\"value\":{\"kind\":\"struct\",\"type_name\":\"t\",\"members\":["
        MEMBER("a", UINT("0")) ","
        MEMBER("list", "{\"kind\":\"array\",\"len\":9,\"elements\":[" UINT("5") "," UINT("6") "]}") ","
        MEMBER("p", "{\"kind\":\"ptr\",\"value\":4096,\"deref\":" UINT("7") "}") "]}},"
    MAP("rows", "1") "\"entries\":["
        ENTRY("2", "18446744073709551615") "," ENTRY("1", "9") "," ENTRY("3", "10") "]},"
    MAP("keys", "6") "\"percpu_entries\":["
        "{\"key\":0,\"per_cpu\":[" UINT("1") "]},{\"key\":1,\"per_cpu\":[null]}]}]}";
/* clang-format on */

struct shelf {
    struct dc_report report;
    struct dc_model model;
    struct dc_outline outline;
};

static bool open_maps(struct shelf *shelf) {
    struct dc_error err;
    if (!CHECK_EQ_I64(aid_read_text(&shelf->report, text, &err), 0))
        return false;
    dc_model_init(&shelf->model, &shelf->report, "r.json");
    return CHECK_EQ_I64(dc_outline_init(&shelf->outline, &shelf->model,
                                        &shelf->model.snapshots[0], DC_SECTION_MAPS, NULL,
                                        dc_alloc_libc, &err),
                        0);
}

static void close_maps(struct shelf *shelf) {
    dc_outline_done(&shelf->outline);
    dc_report_done(&shelf->report);
}

/* Line `i` reads "NAME|WORDS", or "CELL,CELL,". */
static void check_line(const struct shelf *shelf, size_t i, const char *wanted) {
    const struct dc_outline *outline = &shelf->outline;
    struct dc_buf buf;
    if (!CHECK(i < outline->count))
        return;
    const struct dc_outline_line *line = outline->lines[i];
    dc_buf_init(&buf, dc_alloc_libc);
    if (line->kind == DC_OUTLINE_ROW) {
        for (size_t c = 0; c < line->cells.table->survey.n; c++) {
            dc_outline_cell(outline, line, c, &buf);
            dc_buf_text(&buf, ",");
        }
    } else {
        dc_outline_name(line, &buf);
        dc_buf_text(&buf, "|");
        dc_outline_words(outline, line, &buf);
    }
    dc_buf_add(&buf, "", 1);
    CHECK_STR(buf.data, wanted);
    dc_buf_done(&buf);
}

static void unfold(struct shelf *shelf, size_t i) {
    struct dc_error err;
    CHECK(shelf->outline.lines[i]->folds);
    CHECK_EQ_I64(dc_outline_unfold(&shelf->outline, shelf->outline.lines[i], &err), 0);
}

static void a_section_begins_folded(void) {
    struct shelf shelf;
    if (!open_maps(&shelf))
        return;
    CHECK_EQ_U64(shelf.outline.count, 4);
    check_line(&shelf, 0, "|3 maps");
    check_line(&shelf, 1, "map tree|(array, value_size 8, max_entries 3)");
    CHECK(!shelf.outline.lines[0]->folds);
    CHECK(shelf.outline.lines[1]->folds && !shelf.outline.lines[1]->inside);
    close_maps(&shelf);
}

static void values_are_trees(void) {
    struct shelf shelf;
    if (!open_maps(&shelf))
        return;
    unfold(&shelf, 1);
    CHECK_EQ_U64(shelf.outline.count, 5);
    unfold(&shelf, 2);
    CHECK_EQ_U64(shelf.outline.count, 8);
    check_line(&shelf, 2, "|struct t, 3 members");
    check_line(&shelf, 3, "a|0");
    CHECK(!shelf.outline.lines[3]->folds);
    unfold(&shelf, 4);
    check_line(&shelf, 4, "list|array, 2 of 9 elements");
    check_line(&shelf, 5, "[0]|5");
    check_line(&shelf, 6, "[1]|6");
    unfold(&shelf, 7);
    check_line(&shelf, 7, "p|0x1000");
    check_line(&shelf, 8, "*|7");
    CHECK_EQ_U64(shelf.outline.lines[1]->level, 0);
    CHECK_EQ_U64(shelf.outline.lines[8]->level, 3);
    /* With all that is inside. */
    dc_outline_fold(&shelf.outline, shelf.outline.lines[1]);
    CHECK_EQ_U64(shelf.outline.count, 4);
    close_maps(&shelf);
}

static void items_are_found_by_their_path(void) {
    struct shelf shelf;
    if (!open_maps(&shelf))
        return;
    unfold(&shelf, 3);
    CHECK_EQ_U64(shelf.outline.count, 6);
    check_line(&shelf, 4, "key 0|(1 CPU)");
    check_line(&shelf, 5, "key 1|(1 CPU)");
    unfold(&shelf, 5);
    unfold(&shelf, 4);
    CHECK_EQ_U64(shelf.outline.count, 8);
    check_line(&shelf, 5, "cpu 0|1");
    check_line(&shelf, 7, "cpu 0|<unmapped>");
    close_maps(&shelf);
}

static void sort(struct shelf *shelf, size_t column, bool falling) {
    struct dc_error err;
    CHECK_EQ_I64(
        dc_outline_sort(&shelf->outline, shelf->outline.lines[4], column, falling, &err),
        0);
}

static void rows_are_sorted_by_size(void) {
    struct shelf shelf;
    if (!open_maps(&shelf))
        return;
    unfold(&shelf, 2);
    CHECK_EQ_U64(shelf.outline.count, 8);
    CHECK_EQ_U64(shelf.outline.lines[3]->kind, DC_OUTLINE_TITLES);
    check_line(&shelf, 4, "2,18446744073709551615,");
    sort(&shelf, 1, false); /* 9 before 10: by size, not by digits */
    check_line(&shelf, 4, "1,9,");
    check_line(&shelf, 5, "3,10,");
    check_line(&shelf, 6, "2,18446744073709551615,");
    sort(&shelf, 0, true);
    check_line(&shelf, 4, "3,10,");
    check_line(&shelf, 6, "1,9,");
    CHECK(shelf.outline.lines[4]->cells.table->falling);
    sort(&shelf, SIZE_MAX, false);
    check_line(&shelf, 4, "2,18446744073709551615,");
    check_line(&shelf, 5, "1,9,");
    CHECK(!shelf.outline.lines[4]->cells.table->sorted);
    close_maps(&shelf);
}

static void a_section_without_anything_is_none(void) {
    struct shelf shelf;
    if (!open_maps(&shelf))
        return;
    const struct dc_snapshot *snapshot = &shelf.model.snapshots[0];
    CHECK(dc_outline_has(snapshot, DC_SECTION_MAPS));
    CHECK(dc_outline_has(snapshot, DC_SECTION_SUMMARY));
    CHECK(!dc_outline_has(snapshot, DC_SECTION_TASKS));
    CHECK(!dc_outline_has(snapshot, DC_SECTION_PROBE));
    close_maps(&shelf);
}

int main(void) {
    UNIT_RUN(a_section_begins_folded);
    UNIT_RUN(values_are_trees);
    UNIT_RUN(items_are_found_by_their_path);
    UNIT_RUN(rows_are_sorted_by_size);
    UNIT_RUN(a_section_without_anything_is_none);
    return unit_done();
}

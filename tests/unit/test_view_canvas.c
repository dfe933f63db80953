/* The canvas: clipping, wide characters, combining marks, hostile bytes, printing. */
#include "tests/unit/lib_aid.h"
#include "tests/unit/unit.h"
#include "view/canvas.h"

static struct view_canvas canvas;
static struct dc_buf printed;

static void start(unsigned width, unsigned height) {
    struct dc_error err;
    view_canvas_init(&canvas, dc_alloc_libc, false);
    dc_buf_init(&printed, dc_alloc_libc);
    CHECK_EQ_I64(view_canvas_resize(&canvas, width, height, &err), 0);
}

static void stop(void) {
    view_canvas_done(&canvas);
    dc_buf_done(&printed);
}

/* Compares the whole canvas. */
static void check_screen(const char *want, bool colour) {
    struct dc_text text;
    printed.len = 0;
    dc_text_init(&text, dc_buf_sink(&printed), colour, 1000);
    view_canvas_print(&canvas, &text);
    CHECK_EQ_I64(dc_text_finish(&text), 0);
    CHECK_MEM(printed.data, printed.len, want, strlen(want));
}

static void add(unsigned x, unsigned y, unsigned end, const char *s) {
    struct view_pen pen = view_pen(&canvas, x, y, end);
    view_pen_add(&pen, s, strlen(s));
}

static void prints_rows_without_blanks_at_their_ends(void) {
    start(6, 3);
    check_screen("\n\n\n", false);
    add(2, 1, 6, "ab");
    check_screen("\n  ab\n\n", false);
    stop();
}

static void clips_on_every_side(void) {
    start(4, 2);
    add(2, 0, 99, "abcdef");
    add(0, 2, 4, "below");
    add(7, 1, 9, "right");
    add(3, 1, 2, "empty");
    check_screen("  ab\n\n", false);
    CHECK(view_canvas_cell(&canvas, 4, 0) == NULL);
    CHECK(view_canvas_cell(&canvas, 0, 2) == NULL);
    stop();
}

static void a_wide_character_has_both_columns_or_none(void) {
    start(5, 2);
    add(0, 0, 5,
        "a\xe6\xbc\xa2"
        "b");
    add(0, 1, 2, "a\xe6\xbc\xa2");
    check_screen("a\xe6\xbc\xa2"
                 "b\na\n",
                 false);
    CHECK_EQ_U64(view_canvas_cell(&canvas, 2, 0)->len, 0);
    stop();
}

static void half_a_wide_character_leaves_a_blank(void) {
    start(4, 1);
    add(0, 0, 4, "\xe6\xbc\xa2\xe6\xbc\xa2");
    add(1, 0, 3, "xy");
    check_screen(" xy\n", false);
    add(0, 0, 4, "\xe6\xbc\xa2\xe6\xbc\xa2");
    add(1, 0, 4, "\xe6\xbc\xa2");
    check_screen(" \xe6\xbc\xa2\n", false);
    stop();
}

static void marks_join_and_too_many_are_left_out(void) {
    char text[42] = "e";
    start(3, 1);
    for (int i = 0; i < 20; i++)
        memcpy(text + 1 + 2 * i, "\xcc\x81", 3);
    add(0, 0, 3, text);
    CHECK_EQ_U64(view_canvas_cell(&canvas, 0, 0)->len, 13);
    add(0, 0, 3, "\xcc\x81"); /* there is nothing on the left of it */
    CHECK_EQ_U64(view_canvas_cell(&canvas, 0, 0)->len, 13);
    add(0, 0, 3, "\xe6\xbc\xa2\xcc\x81"); /* behind the second half */
    CHECK_EQ_U64(view_canvas_cell(&canvas, 0, 0)->len, 5);
    stop();
}

static void hostile_bytes_are_shown_as_code(void) {
    start(30, 1);
    add(0, 0, 30, "a\x1b[2J\xe2\x80\xae\n\xff");
    check_screen("a\\x1b[2J\\u202e\\x0a\\xff\n", false);
    stop();
}

static void an_escape_is_whole_or_absent(void) {
    start(5, 1);
    add(0, 0, 5,
        "ab\x1b"
        "c");
    check_screen("ab\n", false);
    stop();
}

static void ascii_terminals_get_codes(void) {
    start(30, 1);
    canvas.ascii = true;
    add(0, 0, 30, "\xc3\xa9 \xe2\x80\x94 \xf0\x9f\x90\xa7");
    check_screen("\\xe9 \\u2014 \\u{1f427}\n", false);
    CHECK_EQ_U64(view_canvas_fit(&canvas, "\xc3\xa9-", 3, 4), 2);
    CHECK_EQ_U64(view_canvas_fit(&canvas, "\xc3\xa9-", 3, 3), 0);
    stop();
}

static void cutting_says_so(void) {
    struct view_pen pen;
    start(10, 3);
    pen = view_pen(&canvas, 0, 0, 10);
    view_pen_cut(&pen, "0123456789", 10, 10);
    CHECK_EQ_U64(view_pen_room(&pen), 0);
    pen = view_pen(&canvas, 0, 1, 10);
    view_pen_cut(&pen, "0123456789", 10, 8);
    CHECK_EQ_U64(view_pen_room(&pen), 2);
    pen = view_pen(&canvas, 8, 2, 99);
    view_pen_cut(&pen, "0123456789", 10, 50);
    check_screen("0123456789\n01234...\n        ..\n", false);
    stop();
}

static void colours_are_switched_on_and_off(void) {
    struct view_pen pen;
    start(6, 1);
    pen = view_pen(&canvas, 0, 0, 6);
    view_pen_put(&pen, "a");
    pen.style = DC_STYLE_GOOD | VIEW_REVERSE;
    view_pen_put(&pen, "b");
    pen.style = DC_STYLE_BAD;
    view_pen_put(&pen, "c");
    check_screen("abc\n", false);
    check_screen("a\033[0;32mb\033[0;1;31mc\033[0m\n", true);
    stop();
}

static void sizes_are_bounded(void) {
    struct dc_error err;
    start(1, 1);
    add(0, 0, 1, "xyz");
    check_screen("x\n", false);
    CHECK_EQ_I64(view_canvas_resize(&canvas, 0, 5000, &err), 0);
    CHECK_EQ_U64(canvas.width, 1);
    CHECK_EQ_U64(canvas.height, VIEW_SIDE_MOST);
    stop();
}

static void a_refused_size_changes_nothing(void) {
    struct aid_memory memory = {.fail = 2};
    struct dc_error err;
    view_canvas_init(&canvas, aid_alloc(&memory), false);
    dc_buf_init(&printed, dc_alloc_libc);
    CHECK_EQ_I64(view_canvas_resize(&canvas, 2, 1, &err), 0);
    add(0, 0, 2, "ab");
    CHECK_EQ_I64(view_canvas_resize(&canvas, 900, 900, &err), -1);
    CHECK_EQ_I64(err.code, DC_ENOMEM);
    check_screen("ab\n", false);
    stop();
    CHECK_EQ_U64(memory.live, 0);
}

int main(void) {
    UNIT_RUN(prints_rows_without_blanks_at_their_ends);
    UNIT_RUN(clips_on_every_side);
    UNIT_RUN(a_wide_character_has_both_columns_or_none);
    UNIT_RUN(half_a_wide_character_leaves_a_blank);
    UNIT_RUN(marks_join_and_too_many_are_left_out);
    UNIT_RUN(hostile_bytes_are_shown_as_code);
    UNIT_RUN(an_escape_is_whole_or_absent);
    UNIT_RUN(ascii_terminals_get_codes);
    UNIT_RUN(cutting_says_so);
    UNIT_RUN(colours_are_switched_on_and_off);
    UNIT_RUN(sizes_are_bounded);
    UNIT_RUN(a_refused_size_changes_nothing);
    return unit_done();
}

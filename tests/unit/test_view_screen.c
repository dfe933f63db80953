/* The whole view without a terminal: filters, every key at every size, failing memory. */
#include "tests/unit/lib_aid.h"
#include "tests/unit/unit.h"
#include "view/view.h"

#include <string.h>

#define REGS "{\"instruction_pointer\":1,\"stack_pointer\":2,\"page_table_root\":3}"

static const char *const texts[] = {
    "{\"schema\":\"degraded\",\"reason\":\"slow\",\"vcpu_regs\":[" REGS ",null," REGS
    ",null,null],\"watchpoint_hit\":true,\"bss_latch_state\":\"triggered\",\"dumpctl\":{"
    "\"version\":\"1\",\"vcpus\":[{\"id\":0,\"state\":\"parked\",\"new\":[1,2]},"
    "{\"id\":1,\"state\":\"unavailable\",\"why\":\"EFAULT\"}]}}",
    "{\"schema\":\"dual\",\"early\":{\"schema\":\"single\",\"maps\":[]},\"late\":{"
    "\"schema\":\"single\",\"maps\":[],\"vcpu_regs\":[" REGS "]}}",
    "{\"RequestTooLarge\":{\"size\":2,\"max\":1}}",
};
enum { N_TEXTS = sizeof(texts) / sizeof(texts[0]) };

struct shelf {
    bool open;
    struct dc_report report;
    struct dc_model model;
};

static int open_text(void *ctx, size_t i, const struct dc_model **model,
                     struct dc_error *err) {
    struct shelf *shelf = ctx;
    if (shelf->open)
        dc_report_done(&shelf->report);
    shelf->open = aid_read_text(&shelf->report, texts[i], err) == 0;
    if (!CHECK(shelf->open))
        return -1;
    dc_model_init(&shelf->model, &shelf->report, "r.json");
    *model = &shelf->model;
    return 0;
}

static void close_shelf(struct shelf *shelf) {
    if (shelf->open)
        dc_report_done(&shelf->report);
}

static void filters_keep_what_they_name(void) {
    static const size_t ids[VIEW_N_FILTERS][5] = {
        [VIEW_ALL] = {0, 1, 2, 3, 4},
        [VIEW_NOT_PARKED] = {3, 4},
        [VIEW_UNAVAILABLE] = {1},
        [VIEW_PARKED] = {0, 2},
    };
    static const size_t counts[VIEW_N_FILTERS] = {5, 2, 1, 2};
    struct shelf shelf = {0};
    struct view_index index;
    const struct dc_model *model;
    struct dc_error err;
    view_index_init(&index, dc_alloc_libc);
    if (!CHECK_EQ_I64(open_text(&shelf, 0, &model, &err), 0))
        return;
    for (enum view_filter filter = 0; filter < VIEW_N_FILTERS; filter++) {
        CHECK_EQ_I64(view_index_build(&index, &model->snapshots[0], filter, &err), 0);
        CHECK_EQ_U64(index.total, 5);
        CHECK_EQ_U64(index.shown, counts[filter]);
        for (size_t i = 0; i < index.shown; i++)
            CHECK_EQ_U64(view_index_id(&index, i), ids[filter][i]);
    }
    CHECK_EQ_U64(view_index_find(&index, 1), 1); /* of 0, 2: the next larger */
    CHECK_EQ_U64(view_index_find(&index, 9), 1); /* else the last */
    view_index_done(&index);
    close_shelf(&shelf);
}

static void next_bad_goes_around(void) {
    struct shelf shelf = {0};
    struct view_index index;
    const struct dc_model *model;
    struct dc_error err;
    size_t pos = 0;
    view_index_init(&index, dc_alloc_libc);
    CHECK(!view_index_next_bad(&index, true, &pos));
    if (!CHECK_EQ_I64(open_text(&shelf, 0, &model, &err), 0))
        return;
    CHECK_EQ_I64(view_index_build(&index, &model->snapshots[0], VIEW_ALL, &err), 0);
    static const size_t forward[] = {3, 4, 3}, back[] = {4, 3, 4};
    for (size_t i = 0; i < 3; i++) {
        CHECK(view_index_next_bad(&index, true, &pos));
        CHECK_EQ_U64(pos, forward[i]);
    }
    for (size_t i = 0; i < 3; i++) {
        CHECK(view_index_next_bad(&index, false, &pos));
        CHECK_EQ_U64(pos, back[i]);
    }
    view_index_done(&index);
    close_shelf(&shelf);
}

/* Any key of the table, now and then one without a meaning. */
static int random_key(struct aid_random *random) {
    size_t n = 0;
    while (view_bindings[n].request)
        n++;
    const struct view_binding *b = &view_bindings[aid_below(random, n)];
    int key = b->keys[aid_below(random, VIEW_MOST_KEYS)];
    bool leaves = b->request == VIEW_QUIT || key == 'q';
    return leaves ? 'Z' : key ? key : b->keys[0];
}

/* The address sanitizer and the asserts of memory see what goes wrong here. */
static void any_keys_at_any_size(void) {
    struct aid_random random = {.state = 42};
    struct aid_memory memory = {0};
    struct shelf shelf = {0};
    struct view_documents documents = {&shelf, N_TEXTS, 0, open_text};
    struct view view;
    struct dc_error err;
    CHECK_EQ_I64(view_init(&view, &documents, aid_alloc(&memory), false, 80, 24, &err),
                 0);
    for (int i = 0; i < 20000 && !view.quit; i++) {
        if (aid_below(&random, 8) == 0)
            CHECK_EQ_I64(view_resize(&view, 1 + (unsigned)aid_below(&random, 120),
                                     1 + (unsigned)aid_below(&random, 40), &err),
                         0);
        CHECK_EQ_I64(view_press(&view, random_key(&random), &err), 0);
        CHECK_EQ_I64(view_draw(&view, &err), 0);
        CHECK(view.index.shown == 0 || view.selected < view.index.total);
    }
    CHECK(!view.quit);
    view_done(&view);
    close_shelf(&shelf);
    CHECK_EQ_U64(memory.live, 0);
}

/* What row `y` of the screen reads, without the blanks at its end. */
static void check_row(const struct view *view, unsigned y, const char *text) {
    size_t n = strlen(text);
    for (unsigned x = 0; x < view->canvas.width; x++) {
        const struct view_cell *cell = view_canvas_cell(&view->canvas, x, y);
        CHECK_EQ_U64((unsigned char)cell->text[0], x < n ? (unsigned char)text[x] : ' ');
    }
}

static void too_small_is_calm(void) {
    struct shelf shelf = {0};
    struct view_documents documents = {&shelf, N_TEXTS, 0, open_text};
    struct view view;
    struct dc_error err;
    CHECK_EQ_I64(view_init(&view, &documents, dc_alloc_libc, false, 39, 10, &err), 0);
    CHECK(view_too_small(&view));
    CHECK_EQ_I64(view_draw(&view, &err), 0);
    check_row(&view, 0, "39x10 is too small; dumpctl view needs");
    check_row(&view, 1, "40x10");
    check_row(&view, 2, "");
    CHECK_EQ_I64(view_resize(&view, 1, 1, &err), 0);
    CHECK_EQ_I64(view_draw(&view, &err), 0);
    check_row(&view, 0, "1");
    CHECK_EQ_I64(view_resize(&view, VIEW_LEAST_WIDTH, VIEW_LEAST_HEIGHT, &err), 0);
    CHECK(!view_too_small(&view));
    view_done(&view);
    close_shelf(&shelf);
}

/* Draws a few screens; the call `fail` for memory fails. */
static void with_failing_memory(size_t fail, bool *failed) {
    static const int keys[] = {'\r', 'i', '?', 0x1b, 0x1b, 'f', 'f', ']', '\t', ']'};
    struct aid_memory memory = {.fail = fail};
    struct shelf shelf = {0};
    struct view_documents documents = {&shelf, N_TEXTS, 1, open_text};
    struct view view;
    struct dc_error err = {.code = DC_OK};
    int rc = view_init(&view, &documents, aid_alloc(&memory), false, 80, 24, &err);
    for (size_t i = 0; rc == 0 && i < sizeof(keys) / sizeof(keys[0]); i++) {
        rc = view_draw(&view, &err);
        if (rc == 0)
            rc = view_press(&view, keys[i], &err);
    }
    *failed = memory.failed;
    CHECK_EQ_I64(rc, memory.failed ? -1 : 0);
    CHECK_EQ_I64(err.code, memory.failed ? DC_ENOMEM : DC_OK);
    view_done(&view);
    close_shelf(&shelf);
    CHECK_EQ_U64(memory.live, 0);
}

static void memory_may_fail_at_any_call(void) {
    bool failed = true;
    size_t fail = 1;
    for (; failed && fail < 1000; fail++)
        with_failing_memory(fail, &failed);
    CHECK(!failed);
    CHECK(fail > 10);
}

int main(void) {
    UNIT_RUN(filters_keep_what_they_name);
    UNIT_RUN(next_bad_goes_around);
    UNIT_RUN(any_keys_at_any_size);
    UNIT_RUN(too_small_is_calm);
    UNIT_RUN(memory_may_fail_at_any_call);
    return unit_done();
}

/* The whole view without a terminal: filters, every key at every size, failing memory. */
#include "tests/unit/lib_aid.h"
#include "tests/unit/unit.h"
#include "view/key.h"
#include "view/view.h"

#include <string.h>

#define REGS "{\"instruction_pointer\":1,\"stack_pointer\":2,\"page_table_root\":3}"

#define ONE "{\"kind\":\"uint\",\"bits\":64,\"value\":1}"
#define VALUE                                                                            \
    "{\"kind\":\"struct\",\"type_name\":\"t\",\"members\":[{\"name\":\"a\","             \
    "\"value\":" ONE                                                                     \
    "},{\"name\":\"b\",\"value\":{\"kind\":\"array\",\"len\":2,\"elements\":[" ONE       \
    "," ONE "]}}]}"
#define COUNTERS                                                                         \
    ",\"select_cpu_fallback\":1,\"dispatch_local_dsq_offline\":2,\"dispatch_keep_"       \
    "last\":3,"                                                                          \
    "\"enq_skip_exiting\":0,\"enq_skip_migration_disabled\":0,\"reenq_immed\":0,"        \
    "\"reenq_local_repeat\":0,\"refill_slice_dfl\":0,\"bypass_duration\":0,"             \
    "\"bypass_dispatch\":0,\"bypass_activate\":0,\"insert_not_owned\":0,"                \
    "\"sub_bypass_dispatch\":0"

static const char *const texts[] = {
    "{\"schema\":\"degraded\",\"reason\":\"slow\",\"vcpu_regs\":[" REGS ",null," REGS
    ",null,null],\"watchpoint_hit\":true,\"bss_latch_state\":\"triggered\",\"dumpctl\":{"
    "\"version\":\"1\",\"vcpus\":[{\"id\":0,\"state\":\"parked\",\"new\":[1,2]},"
    "{\"id\":1,\"state\":\"unavailable\",\"why\":\"EFAULT\"}]}}",
    "{\"schema\":\"dual\",\"early\":{\"schema\":\"single\",\"maps\":[]},\"late\":{"
    "\"schema\":\"single\",\"maps\":[],\"vcpu_regs\":[" REGS "]}}",
    "{\"RequestTooLarge\":{\"size\":2,\"max\":1}}",
    "{\"schema\":\"dual\",\"early\":{\"schema\":\"single\",\"maps\":[],\"vcpu_regs\":"
    "[" REGS "]},\"late\":{\"schema\":\"single\",\"vcpu_regs\":[" REGS
    ",null],\"maps\":[{\"name\":\"m\","
    "\"map_type\":1,\"value_size\":8,\"max_entries\":2,\"value\":" VALUE ",\"entries\":["
    "{\"key\":" ONE ",\"key_hex\":\"00\",\"value\":" ONE ",\"value_hex\":\"01\"},"
    "{\"key\":" ONE ",\"key_hex\":\"01\",\"value\":" ONE ",\"value_hex\":\"02\"}]},"
    "{\"name\":\"p\",\"map_type\":6,\"value_size\":8,\"max_entries\":1,\"percpu_"
    "entries\":"
    "[{\"key\":0,\"per_cpu\":[" ONE "," VALUE "]}]}],\"event_counter_timeline\":["
    "{\"elapsed_ms\":5" COUNTERS "},{\"elapsed_ms\":9" COUNTERS "}]}}",
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

static struct dc_str line_of(void *ctx, size_t i) {
    (void)ctx;
    return (struct dc_str){texts[i], strlen(texts[i])};
}

static struct view_documents documents_of(struct shelf *shelf) {
    return (struct view_documents){.ctx = shelf,
                                   .count = N_TEXTS,
                                   .failed_files = 1,
                                   .open = open_text,
                                   .line = line_of,
                                   .clipboard = true};
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
        const struct view_choice choice = {.snapshot = &model->snapshots[0],
                                           .filter = filter};
        CHECK_EQ_I64(view_index_build(&index, &choice, &err), 0);
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

static void orders_put_what_tells_most_first(void) {
    static const size_t by_state[] = {4, 3, 1, 0, 2};
    static const unsigned char states[] = {DC_PARKED, VIEW_RUNNING, DC_PARKED,
                                           VIEW_PENDING, DC_NOT_PARKED};
    struct shelf shelf = {0};
    struct view_index index;
    const struct dc_model *model;
    struct dc_error err;
    view_index_init(&index, dc_alloc_libc);
    if (!CHECK_EQ_I64(open_text(&shelf, 0, &model, &err), 0))
        return;
    const struct view_choice choice = {
        .snapshot = &model->snapshots[0], .order = VIEW_BY_STATE, .states = states};
    CHECK_EQ_I64(view_index_build(&index, &choice, &err), 0);
    for (size_t i = 0; i < 5; i++) {
        CHECK_EQ_U64(view_index_id(&index, i), by_state[i]);
        CHECK_EQ_U64(view_index_find(&index, by_state[i]), i);
    }
    CHECK_EQ_U64(index.counts[DC_NOT_PARKED], 1);
    CHECK_EQ_U64(index.counts[VIEW_PENDING], 1);
    CHECK_EQ_U64(index.counts[VIEW_RUNNING], 1);
    CHECK_STR(view_state_name(VIEW_PENDING), "pending");
    CHECK_STR(view_state_name(VIEW_RUNNING), "running");
    CHECK_STR(view_state_name(VIEW_ENDED), "ended");
    size_t pos = 0; /* what is pending counts as bad, what merely runs does not */
    CHECK(view_index_next_bad(&index, true, &pos));
    CHECK_EQ_U64(view_index_id(&index, pos), 3);
    CHECK(view_index_next_bad(&index, true, &pos));
    CHECK_EQ_U64(view_index_id(&index, pos), 4);
    view_index_done(&index);
    close_shelf(&shelf);
}

/* The document that is open is replaced by another: what was chosen stays. */
static void a_replaced_report_keeps_the_selection(void) {
    struct shelf shelf = {0}, other = {0};
    struct view_documents documents = documents_of(&shelf);
    struct view view;
    const struct dc_model *model;
    struct dc_error err;
    documents.count = 1;
    CHECK_EQ_I64(view_init(&view, &documents, dc_alloc_libc, false, 80, 24, &err), 0);
    CHECK_EQ_I64(view_press(&view, 'n', &err), 0);
    CHECK_EQ_U64(view.selected, 3);
    CHECK_EQ_I64(view_press(&view, VIEW_KEY_TAB, &err), 0);
    size_t tab = view.tabs.current;
    CHECK_EQ_I64(open_text(&other, 0, &model, &err), 0);
    CHECK_EQ_I64(view_replace(&view, model, &err), 0);
    close_shelf(&shelf);
    CHECK_EQ_I64(view_draw(&view, &err), 0);
    CHECK_EQ_U64(view.selected, 3);
    CHECK_EQ_U64(view.tabs.current, tab);
    view_done(&view);
    close_shelf(&other);
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
    const struct view_choice choice = {.snapshot = &model->snapshots[0]};
    CHECK_EQ_I64(view_index_build(&index, &choice, &err), 0);
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
    if (aid_below(random, 16) == 0)
        return VIEW_KEY_WHEEL_UP + (int)aid_below(random, 2);
    return leaves ? '1' : key ? key : b->keys[0];
}

/* The address sanitizer and the asserts of memory see what goes wrong here. */
static void any_keys_at_any_size(void) {
    struct aid_random random = {.state = 42};
    struct aid_memory memory = {0};
    struct shelf shelf = {0};
    struct view_documents documents = documents_of(&shelf);
    struct view view;
    struct dc_error err;
    CHECK_EQ_I64(view_init(&view, &documents, aid_alloc(&memory), false, 80, 24, &err),
                 0);
    for (int i = 0; i < 20000 && !view.quit; i++) {
        if (aid_below(&random, 8) == 0)
            CHECK_EQ_I64(view_resize(&view, 1 + (unsigned)aid_below(&random, 120),
                                     1 + (unsigned)aid_below(&random, 40), &err),
                         0);
        if (aid_below(&random, 8) == 0)
            CHECK_EQ_I64(view_click(&view, (unsigned)aid_below(&random, 120),
                                    (unsigned)aid_below(&random, 40), &err),
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
    struct view_documents documents = documents_of(&shelf);
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
    /* Every kind of screen, of a report that has something for each. */
    static const char keys[] = "\r\ri?\x1b\x1b\x1b"
                               "ff=s]]]ee\r\x1b"
                               "e\t\t\r\x1b\t\t\t\r\x1b"
                               "y\tj\r"
                               "j\r+ls/a\rfa\r-";
    struct aid_memory memory = {.fail = fail};
    struct shelf shelf = {0};
    struct view_documents documents = documents_of(&shelf);
    struct view view;
    struct dc_error err = {.code = DC_OK};
    int rc = view_init(&view, &documents, aid_alloc(&memory), false, 80, 24, &err);
    for (size_t i = 0; rc == 0 && i + 1 < sizeof(keys); i++) {
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
    for (; failed && fail < 5000; fail++)
        with_failing_memory(fail, &failed);
    CHECK(!failed);
    CHECK(fail > 10);
}

int main(void) {
    UNIT_RUN(filters_keep_what_they_name);
    UNIT_RUN(orders_put_what_tells_most_first);
    UNIT_RUN(next_bad_goes_around);
    UNIT_RUN(a_replaced_report_keeps_the_selection);
    UNIT_RUN(any_keys_at_any_size);
    UNIT_RUN(too_small_is_calm);
    UNIT_RUN(memory_may_fail_at_any_call);
    return unit_done();
}

/*
 * A capture that goes on, as a document of the view. tests/data/view-live.txt has each of its
 * screens at three sizes; with an argument this program prints that file.
 */
#include "tests/unit/lib_aid.h"
#include "tests/unit/unit.h"
#include "view/documents.h"
#include "view/key.h"
#include "view/live.h"

#include <stdio.h>
#include <string.h>

#define REGS(ip)                                                                         \
    "{\"instruction_pointer\":" #ip ",\"stack_pointer\":2,\"page_table_root\":3}"

enum { VCPUS = 8 };

/* The run, of which nothing is known but its vCPUs; the report that comes of it. */
static const char *const texts[] = {
    "{\"schema\":\"degraded\",\"reason\":\"\",\"vcpu_regs\":[null,null,null,null,"
    "null,null,"
    "null,null],\"watchpoint_hit\":false,\"bss_latch_state\":\"not_triggered\"}",
    "{\"schema\":\"degraded\",\"reason\":\"vCPU rendezvous timed out before parked "
    "acknowledgement: 500ms; 7/8 vCPUs "
    "parked\",\"elapsed_ms\":500,\"vcpu_regs\":[" REGS(1) "," REGS(2) "," REGS(
        3) ",null," REGS(5) "," REGS(6) "," REGS(7) "," REGS(8) "],\"watchpoint_"
                                                                "hit\":true,\"bss_"
                                                                "latch_state\":"
                                                                "\"triggered\"}",
};

static const struct view_fact facts[] = {
    {"guest", "demo:stall"}, {"vCPUs", "8"}, {"report", "run\x1b[2J.json"}};

static struct scene {
    struct dc_report reports[2];
    struct dc_model models[2];
    struct view_live live;
    unsigned char states[VCPUS];
    unsigned asked; /* whether the screen may be left */
    bool leave;
} scene;

static int open_scene(void *ctx, size_t i, const struct dc_model **model,
                      struct dc_error *err) {
    (void)ctx;
    (void)err;
    *model = &scene.models[i];
    return 0;
}

static struct dc_str line_of(void *ctx, size_t i) {
    static const char *const lines[] = {"the capture: it goes on", "run.json: degraded"};
    (void)ctx;
    return (struct dc_str){lines[i], strlen(lines[i])};
}

static enum view_mark mark_of(void *ctx, size_t i) {
    (void)ctx;
    return i ? VIEW_MARK_NEW : VIEW_MARK_NONE;
}

static const struct view_live *live_of(void *ctx) {
    (void)ctx;
    return &scene.live;
}

static bool may_leave(void *ctx, struct view *view) {
    (void)ctx;
    scene.asked++;
    if (!scene.leave)
        view_say(view, "once more");
    return scene.leave;
}

static void begin(struct view *view, unsigned width, unsigned height) {
    const struct view_documents documents = {
        .count = 1,
        .open = open_scene,
        .line = line_of,
        .mark = mark_of,
        .live = live_of,
        .may_leave = may_leave,
        .waiting = "waiting for the capture",
    };
    struct dc_error err;
    scene = (struct scene){.live = {.what = "running",
                                    .words = "waiting for the latch, 1.4 s",
                                    .states = scene.states,
                                    .facts = facts,
                                    .n_facts = 3,
                                    .goes_on = true}};
    memset(scene.states, VIEW_RUNNING, VCPUS);
    for (int i = 0; i < 2; i++) {
        CHECK_EQ_I64(aid_read_text(&scene.reports[i], texts[i], &err), 0);
        dc_model_init(&scene.models[i], &scene.reports[i], i ? "run.json" : "demo:stall");
    }
    CHECK_EQ_I64(view_init(view, &documents, dc_alloc_libc, false, width, height, &err),
                 0);
    CHECK_EQ_I64(view_open_document(view, 0, &err), 0);
}

static void end(struct view *view) {
    view_done(view);
    dc_report_done(&scene.reports[0]);
    dc_report_done(&scene.reports[1]);
}

static void press(struct view *view, const char *keys) {
    struct dc_error err;
    for (; *keys; keys++)
        CHECK_EQ_I64(view_press(view, *keys == '\n' ? VIEW_KEY_ENTER : *keys, &err), 0);
}

/* A freeze in which vCPU 3 and perhaps some more have not parked. */
static void freeze(struct view *view, unsigned state, unsigned parked) {
    struct dc_error err;
    for (unsigned id = 0; id < VCPUS; id++)
        scene.states[id] = id != 3 && id < parked ? DC_PARKED : (unsigned char)state;
    scene.live.what = state == VIEW_PENDING ? "freezing" : "frozen";
    scene.live.words = state == VIEW_PENDING
                           ? "rendezvous: parked 5/8, 0.3 s of at most 0.5 s"
                           : "rendezvous over after 0.5 s: parked 7/8; reading registers";
    CHECK_EQ_I64(view_live_change(view, &err), 0);
}

static void become(struct view *view) {
    const struct view_change change = {.count = 2,
                                       .document = view->document,
                                       .cursor = view->list.cursor,
                                       .waiting = view->documents.waiting};
    struct dc_error err;
    view_documents_change(view, &change);
    CHECK_EQ_I64(view_live_become(view, 1, &scene.models[1], &err), 0);
}

/* ---- pictures ---- */

static void running(struct view *view) {
    press(view, "j");
}

static void freezing(struct view *view) {
    freeze(view, VIEW_PENDING, 6);
    press(view, "n");
}

static void words(struct view *view) {
    freeze(view, VIEW_PENDING, 6);
    press(view, "z");
}

static void detail(struct view *view) {
    freezing(view);
    press(view, "\n");
}

static void frozen(struct view *view) {
    freeze(view, DC_NOT_PARKED, VCPUS);
}

static void told(struct view *view) {
    static const char lines[] = "dumpctl: degraded report: parked 7/8\nrun.json\n";
    scene.live.told = (struct dc_str){lines, sizeof(lines) - 1};
    press(view, "i");
}

static void report(struct view *view) {
    detail(view);
    become(view);
    press(view, "q"); /* out of the detail */
}

static void ended(struct view *view) {
    struct dc_error err;
    memset(scene.states, VIEW_ENDED, VCPUS);
    scene.live.what = "over";
    scene.live.words = "nothing to capture: the guest ended";
    scene.live.goes_on = false;
    CHECK_EQ_I64(view_live_change(view, &err), 0);
}

static void list(struct view *view) {
    static const int keys[] = {VIEW_KEY_ESC, 'g'};
    struct dc_error err;
    become(view);
    for (int i = 0; i < 2; i++)
        CHECK_EQ_I64(view_press(view, keys[i], &err), 0);
}

static const struct {
    const char *name;
    void (*play)(struct view *view);
} pictures[] = {{"running", running}, {"freezing", freezing}, {"words", words},
                {"detail", detail},   {"frozen", frozen},     {"told", told},
                {"report", report},   {"list", list},         {"ended", ended}};

static void print_all(struct dc_buf *out) {
    static const struct {
        unsigned width, height;
    } sizes[] = {{80, 24}, {132, 43}, {40, 10}};
    struct dc_text text;
    struct dc_error err;
    dc_text_init(&text, dc_buf_sink(out), false, VIEW_SIDE_MOST);
    for (size_t i = 0; i < sizeof(pictures) / sizeof(pictures[0]); i++) {
        for (size_t j = 0; j < sizeof(sizes) / sizeof(sizes[0]); j++) {
            struct view view;
            dc_text_put(&text, "== %s, %ux%u\n", pictures[i].name, sizes[j].width,
                        sizes[j].height);
            begin(&view, sizes[j].width, sizes[j].height);
            pictures[i].play(&view);
            CHECK_EQ_I64(view_draw(&view, &err), 0);
            view_canvas_print(&view.canvas, &text);
            end(&view);
        }
    }
    CHECK_EQ_I64(dc_text_finish(&text), 0);
}

static void screens_are_as_they_were(void) {
    struct dc_buf out;
    struct aid_file file;
    dc_buf_init(&out, dc_alloc_libc);
    print_all(&out);
    if (!aid_load(&file, "tests/data/view-live.txt"))
        return;
    CHECK(dc_buf_ok(&out) && out.len == file.len &&
          memcmp(out.data, file.data, out.len) == 0);
    aid_unload(&file);
    dc_buf_done(&out);
}

/* ---- what happens ---- */

static void a_report_takes_the_place_of_its_vcpus(void) {
    struct view view;
    begin(&view, 80, 24);
    freeze(&view, VIEW_PENDING, 6);
    press(&view, "nf"); /* vCPU 3, and only those that have not parked */
    CHECK_EQ_U64(view.selected, 3);
    CHECK_EQ_U64(view.index.shown, 3);
    CHECK(view_live(&view) != NULL);
    become(&view);
    CHECK(view_live(&view) == NULL);
    CHECK_EQ_U64(view.document, 1);
    CHECK_EQ_U64(view.selected, 3);
    CHECK_EQ_U64(view.filter, VIEW_NOT_PARKED);
    CHECK_EQ_U64(view.index.shown, 1);
    press(&view, "[");
    CHECK(view_live(&view) != NULL);
    end(&view);
}

/* Nothing of it is in the report, and nothing else is either. */
static void a_capture_has_no_sections(void) {
    struct view view;
    begin(&view, 80, 24);
    CHECK_EQ_U64(view.tabs.count, 1);
    become(&view);
    CHECK(view.tabs.count > 1);
    end(&view);
}

static void leaving_is_asked_for(void) {
    struct view view;
    struct dc_error err;
    begin(&view, 80, 24);
    press(&view, "q");
    CHECK(!view.quit && scene.asked == 1);
    CHECK_STR(view.message, "once more");
    /* Where there is no room for anything else, too. */
    CHECK_EQ_I64(view_resize(&view, 20, 5, &err), 0);
    press(&view, "q");
    CHECK(!view.quit && scene.asked == 2);
    scene.leave = true;
    press(&view, "q");
    CHECK(view.quit);
    end(&view);
}

/* Whatever is looked at while the vCPUs go on. */
static void any_key_at_any_moment(void) {
    static const char keys[] = "jkhlgGnN/1\nfszi?qe=:2\nym}[]q\n+-";
    struct aid_random random = {5};
    struct view view;
    struct dc_error err;
    begin(&view, 60, 12);
    for (int i = 0; i < 3000; i++) {
        char key[2] = {keys[aid_below(&random, sizeof(keys) - 1)], '\0'};
        for (unsigned id = 0; id < VCPUS; id++)
            scene.states[id] = (unsigned char)aid_below(&random, VIEW_N_STATES);
        CHECK_EQ_I64(view_live_change(&view, &err), 0);
        press(&view, key);
        CHECK_EQ_I64(view_draw(&view, &err), 0);
        CHECK(view.index.shown == 0 || view.selected < VCPUS);
    }
    end(&view);
}

int main(int argc, char **argv) {
    struct dc_buf out;
    (void)argv;
    if (argc > 1) {
        dc_buf_init(&out, dc_alloc_libc);
        print_all(&out);
        fwrite(out.data, 1, out.len, stdout);
        dc_buf_done(&out);
        return 0;
    }
    UNIT_RUN(screens_are_as_they_were);
    UNIT_RUN(a_report_takes_the_place_of_its_vcpus);
    UNIT_RUN(a_capture_has_no_sections);
    UNIT_RUN(leaving_is_asked_for);
    UNIT_RUN(any_key_at_any_moment);
    return unit_done();
}

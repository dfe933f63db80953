/* A list of documents that changes while it is looked at: a feed that is played. */
#include "tests/unit/lib_aid.h"
#include "tests/unit/unit.h"
#include "view/documents.h"
#include "view/feed.h"
#include "view/key.h"

#include <string.h>

#define REGS "{\"instruction_pointer\":1,\"stack_pointer\":2,\"page_table_root\":3}"

#define MAP(name)                                                                        \
    "{\"name\":\"" name                                                                  \
    "\",\"map_type\":2,\"value_size\":8,\"max_entries\":1,\"value\":"                    \
    "{\"kind\":\"struct\",\"type_name\":\"t\",\"members\":["                             \
    "{\"name\":\"a\",\"value\":{\"kind\":\"uint\",\"bits\":64,\"value\":1}},"            \
    "{\"name\":\"b\",\"value\":{\"kind\":\"struct\",\"type_name\":\"u\",\"members\":["   \
    "{\"name\":\"c\",\"value\":{\"kind\":\"uint\",\"bits\":64,\"value\":2}}]}}]}}"

/* With two sections and with none, with four vCPUs, one and none; a bad one; maps that
   unfold. */
static const char *const texts[] = {
    "{\"schema\":\"degraded\",\"reason\":\"slow\",\"vcpu_regs\":[" REGS ",null," REGS
    ",null],\"watchpoint_hit\":true,\"bss_latch_state\":\"triggered\"}",
    "{\"schema\":\"single\",\"vcpu_regs\":[" REGS
    "],\"maps\":[{\"name\":\"m\",\"map_type\":1,\"value_size\":8,\"max_entries\":2}]}",
    "{\"RequestTooLarge\":{\"size\":2,\"max\":1}}",
    NULL,
    "{\"schema\":\"single\",\"maps\":[" MAP("m") "," MAP("n") "]}",
    "{\"schema\":\"single\",\"maps\":[" MAP("o") "," MAP("n") "," MAP("m") "]}",
};
enum { N_TEXTS = 3, MAPS = N_TEXTS + 1, MORE_MAPS, MOST = 6 };

struct slot {
    bool open;
    struct dc_report report;
    struct dc_model model;
};

/* What is played: documents are texts by number, N_TEXTS is a bad one. */
struct play {
    size_t of[MOST];
    struct slot slots[2]; /* the one that is lent, and the one that takes its place */
    size_t lent;
};

static int load(struct slot *slot, size_t text, struct dc_error *err) {
    if (!texts[text])
        return dc_fail(err, DC_ESYNTAX, "it is bad");
    slot->open = aid_read_text(&slot->report, texts[text], err) == 0;
    if (!CHECK(slot->open))
        return -1;
    dc_model_init(&slot->model, &slot->report, "r.json");
    return 0;
}

static void drop(struct slot *slot) {
    if (slot->open)
        dc_report_done(&slot->report);
    slot->open = false;
}

/* The one that was lent is gone once this returns. */
static int open_text(void *ctx, size_t i, const struct dc_model **model,
                     struct dc_error *err) {
    struct play *play = ctx;
    struct slot *other = &play->slots[!play->lent];
    if (load(other, play->of[i], err) < 0)
        return -1;
    drop(&play->slots[play->lent]);
    play->lent = !play->lent;
    *model = &other->model;
    return 0;
}

static struct dc_str line_of(void *ctx, size_t i) {
    static const char *const lines[] = {"four",       "one",  "none",
                                        "bad\x1b[2J", "maps", "maps"};
    const struct play *play = ctx;
    return (struct dc_str){lines[play->of[i]], strlen(lines[play->of[i]])};
}

static enum view_mark mark_of(void *ctx, size_t i) {
    const struct play *play = ctx;
    return play->of[i] == N_TEXTS ? VIEW_MARK_BAD
           : play->of[i] == 1     ? VIEW_MARK_NEW
           : play->of[i] == 2     ? VIEW_MARK_GONE
                                  : VIEW_MARK_NONE;
}

static size_t first_is_newest(void *ctx) {
    (void)ctx;
    return 0;
}

static struct view_documents documents_of(struct play *play, size_t count) {
    return (struct view_documents){.ctx = play,
                                   .count = count,
                                   .open = open_text,
                                   .line = line_of,
                                   .mark = mark_of,
                                   .newest = first_is_newest,
                                   .waiting = "waiting for \x1b reports"};
}

static void begin(struct view *view, struct play *play, size_t count,
                  struct dc_alloc alloc) {
    struct view_documents documents = documents_of(play, count);
    struct dc_error err;
    CHECK_EQ_I64(view_init(view, &documents, alloc, false, 60, 12, &err), 0);
}

static void end(struct view *view, struct play *play) {
    view_done(view);
    drop(&play->slots[0]);
    drop(&play->slots[1]);
}

static void press(struct view *view, int key) {
    struct dc_error err;
    CHECK_EQ_I64(view_press(view, key, &err), 0);
}

/* Row `y` of the screen begins so. */
static void check_row(struct view *view, unsigned y, const char *text) {
    char row[64] = "";
    struct dc_error err;
    CHECK_EQ_I64(view_draw(view, &err), 0);
    for (unsigned x = 0; text[x] && x + 1 < sizeof(row); x++)
        row[x] = view_canvas_cell(&view->canvas, x, y)->text[0];
    CHECK_STR(row, text);
}

static void change(struct view *view, size_t count, size_t document, size_t cursor) {
    const struct view_change change = {.count = count,
                                       .document = document,
                                       .cursor = cursor,
                                       .waiting = view->documents.waiting};
    view_documents_change(view, &change);
}

static void replace(struct view *view, struct play *play, size_t text) {
    struct slot *other = &play->slots[!play->lent];
    struct dc_error err;
    if (!CHECK_EQ_I64(load(other, text, &err), 0))
        return;
    CHECK_EQ_I64(view_replace(view, &other->model, &err), 0);
    drop(&play->slots[play->lent]);
    play->lent = !play->lent;
}

static void an_empty_list_waits(void) {
    static const int keys[] = {
        VIEW_KEY_ENTER,     '}', 'j',          'k', 'G',         'g', VIEW_KEY_PAGE_UP,
        VIEW_KEY_PAGE_DOWN, 'n', VIEW_KEY_ESC, '?', VIEW_KEY_ESC};
    struct play play = {.of = {0}};
    struct view view;
    struct dc_error err;
    begin(&view, &play, 0, dc_alloc_libc);
    check_row(&view, 1, " -- 0 reports, followed ---");
    check_row(&view, 2, " waiting for \\x1b reports");
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        press(&view, keys[i]);
        CHECK_EQ_I64(view_draw(&view, &err), 0);
    }
    CHECK_EQ_I64(view_click(&view, 3, 2, &err), 0);
    CHECK(view.model == NULL);
    press(&view, '}');
    check_row(&view, 10, " there is no report yet");
    change(&view, 1, 0, 0);
    check_row(&view, 1, " -- 1 report, followed ---");
    check_row(&view, 2, ">     four");
    press(&view, VIEW_KEY_ENTER);
    CHECK(view.model == &play.slots[play.lent].model);
    end(&view, &play);
}

static void marks_are_words(void) {
    struct play play = {.of = {0, 1, 2, N_TEXTS}};
    struct view view;
    begin(&view, &play, 4, dc_alloc_libc);
    check_row(&view, 2, ">     four ");
    check_row(&view, 3, " new  one ");
    check_row(&view, 4, " gone none ");
    check_row(&view, 5, " bad  bad\\x1b[2J ");
    end(&view, &play);
}

static void what_is_selected_moves_along(void) {
    struct play play = {.of = {1, 0}};
    struct view view;
    begin(&view, &play, 2, dc_alloc_libc);
    press(&view, 'j');
    press(&view, VIEW_KEY_ENTER);
    press(&view, 'n');
    CHECK_EQ_U64(view.document, 1);
    CHECK_EQ_U64(view.selected, 1);
    /* Another comes before it. */
    play.of[1] = 2, play.of[2] = 0;
    change(&view, 3, 2, 2);
    CHECK_EQ_U64(view.document, 2);
    CHECK_EQ_U64(view.selected, 1);
    check_row(&view, 0, " r.json");
    press(&view, VIEW_KEY_ESC);
    check_row(&view, 4, ">     four");
    /* Enter goes back to where one was. */
    press(&view, VIEW_KEY_ENTER);
    CHECK_EQ_U64(view.selected, 1);
    press(&view, '}');
    CHECK_EQ_U64(view.document, 0);
    press(&view, '}');
    check_row(&view, 10, " this is the newest report");
    end(&view, &play);
}

static void bad_ones_are_passed_over(void) {
    struct play play = {.of = {0, N_TEXTS, N_TEXTS, 1, N_TEXTS}};
    struct view view;
    begin(&view, &play, 5, dc_alloc_libc);
    press(&view, VIEW_KEY_ENTER);
    press(&view, ']');
    CHECK_EQ_U64(view.document, 3);
    press(&view, ']');
    CHECK_EQ_U64(view.document, 3);
    check_row(&view, 10, " this is the last report");
    press(&view, '[');
    CHECK_EQ_U64(view.document, 0);
    /* In the list one can try, and is told. */
    press(&view, VIEW_KEY_ESC);
    press(&view, 'j');
    press(&view, VIEW_KEY_ENTER);
    check_row(&view, 10, " it is bad");
    CHECK_EQ_U64(view.document, 0);
    end(&view, &play);
}

/* A filter is typed, a record is open with the help on it; then the section is gone. */
static void a_section_that_goes_takes_along_what_lies_on_it(void) {
    struct play play = {.of = {1}};
    struct view view;
    struct dc_error err;
    begin(&view, &play, 1, dc_alloc_libc);
    press(&view, VIEW_KEY_ENTER);
    while (strcmp(view_tab_name(view.tabs.current), "maps") != 0)
        press(&view, VIEW_KEY_TAB);
    press(&view, 'f');
    CHECK_EQ_U64(view.prompt.asking, VIEW_ASKING_FILTER);
    replace(&view, &play, 1); /* it is still there */
    CHECK_EQ_U64(view.prompt.asking, VIEW_ASKING_FILTER);
    replace(&view, &play, 0);
    CHECK_EQ_U64(view.prompt.asking, VIEW_ASKING_NOTHING);
    CHECK_EQ_U64(view.top, VIEW_TOP_GRID);
    replace(&view, &play, 1);
    while (strcmp(view_tab_name(view.tabs.current), "maps") != 0)
        press(&view, VIEW_KEY_TAB);
    press(&view, '?');
    CHECK_EQ_U64(view.top, VIEW_TOP_HELP);
    replace(&view, &play, 0);
    CHECK_EQ_U64(view.top, VIEW_TOP_HELP);
    CHECK_EQ_I64(view_draw(&view, &err), 0);
    press(&view, VIEW_KEY_ESC);
    CHECK_EQ_U64(view.top, VIEW_TOP_GRID);
    CHECK_EQ_I64(view_draw(&view, &err), 0);
    end(&view, &play);
}

static void to_maps(struct view *view) {
    while (strcmp(view_tab_name(view->tabs.current), "maps") != 0)
        press(view, VIEW_KEY_TAB);
}

/* What the selected line of the section is called. */
static void check_selected(struct view *view, const char *name) {
    struct dc_buf found;
    struct dc_error err;
    CHECK_EQ_I64(view_draw(view, &err), 0);
    dc_buf_init(&found, dc_alloc_libc);
    dc_outline_name(view_sheet_line(view_sheet(view)), &found);
    dc_buf_add(&found, "", 1);
    CHECK_STR(found.data, name);
    dc_buf_done(&found);
}

/* In a report with another map before it, and after one that has no maps at all. */
static void what_was_unfolded_is_found_again(void) {
    struct play play = {.of = {MAPS, N_TEXTS}};
    struct view view;
    begin(&view, &play, 2, dc_alloc_libc);
    press(&view, VIEW_KEY_ENTER);
    to_maps(&view);
    check_selected(&view, "map m");
    press(&view, VIEW_KEY_ENTER);
    press(&view, 'j');
    press(&view, VIEW_KEY_ENTER);
    press(&view, 'j');
    press(&view, 'j');
    press(&view, VIEW_KEY_ENTER);
    press(&view, 'j');
    check_selected(&view, "c");
    size_t before = view_sheet(&view)->count;
    replace(&view, &play, MORE_MAPS);
    check_selected(&view, "c");
    CHECK_EQ_U64(view_sheet(&view)->count, before + 1);
    replace(&view, &play, 0);
    CHECK_EQ_U64(view.top, VIEW_TOP_GRID);
    replace(&view, &play, MAPS);
    to_maps(&view);
    check_selected(&view, "c");
    CHECK_EQ_U64(view_sheet(&view)->count, before);
    /* Nor does it fold when another cannot be opened; it does when one is. */
    play.of[0] = N_TEXTS, play.of[1] = MAPS;
    change(&view, 2, 1, 0);
    press(&view, '}');
    check_row(&view, 10, " it is bad");
    check_selected(&view, "c");
    play.of[0] = MAPS;
    press(&view, '}');
    CHECK_EQ_U64(view.document, 0);
    check_selected(&view, "map m");
    CHECK_EQ_U64(view_sheet(&view)->count, 3);
    end(&view, &play);
}

/* ---- anything at any time ---- */

static int random_key(struct aid_random *random) {
    size_t n = 0;
    while (view_bindings[n].request)
        n++;
    const struct view_binding *b = &view_bindings[aid_below(random, n)];
    int key = b->keys[aid_below(random, VIEW_MOST_KEYS)];
    return b->request == VIEW_QUIT || key == 'q' ? '1' : key ? key : b->keys[0];
}

/* A document comes at a random place, or one goes that is not open. */
static void play_list(struct play *play, struct view *view, struct aid_random *random) {
    size_t count = view->documents.count, at, document = view->document;
    bool comes = count == 0 || (count < MOST && aid_below(random, 2));
    at = aid_below(random, comes ? count + 1 : count);
    if (!comes && view->model && at == document)
        return;
    size_t behind = (comes ? count : count - 1) - at;
    if (comes) {
        memmove(&play->of[at + 1], &play->of[at], behind * sizeof(play->of[0]));
        play->of[at] = aid_below(random, MORE_MAPS + 1);
        document += at <= document && view->model;
    } else {
        memmove(&play->of[at], &play->of[at + 1], behind * sizeof(play->of[0]));
        document -= at < document;
    }
    change(view, comes ? count + 1 : count - 1, document, aid_below(random, MOST));
}

static void any_keys_while_anything_happens(void) {
    struct aid_random random = {.state = 7};
    struct aid_memory memory = {0};
    struct play play = {.of = {0}};
    struct view view;
    struct dc_error err;
    begin(&view, &play, 0, aid_alloc(&memory));
    for (int i = 0; i < 20000 && !view.quit; i++) {
        size_t dice = aid_below(&random, 16);
        if (dice < 2)
            play_list(&play, &view, &random);
        else if (dice == 2 && view.model)
            replace(&view, &play, 2 * aid_below(&random, MAPS / 2 + 1)); /* no bad one */
        else
            press(&view, random_key(&random));
        CHECK_EQ_I64(view_draw(&view, &err), 0);
        CHECK(view.list.cursor < view.documents.count || view.documents.count == 0);
        CHECK(!view.model || view.document < view.documents.count);
        CHECK(!view.model || view.model == &play.slots[play.lent].model);
    }
    CHECK(!view.quit);
    end(&view, &play);
    CHECK_EQ_U64(memory.live, 0);
}

int main(void) {
    UNIT_RUN(an_empty_list_waits);
    UNIT_RUN(marks_are_words);
    UNIT_RUN(what_is_selected_moves_along);
    UNIT_RUN(bad_ones_are_passed_over);
    UNIT_RUN(a_section_that_goes_takes_along_what_lies_on_it);
    UNIT_RUN(what_was_unfolded_is_found_again);
    UNIT_RUN(any_keys_while_anything_happens);
    return unit_done();
}

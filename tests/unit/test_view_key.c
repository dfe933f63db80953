/* Key scripts, sizes, and the table that binds keys to requests. */
#include "tests/unit/unit.h"
#include "view/key.h"
#include "view/request.h"

static void check_script(const char *text, const int *want) {
    struct view_script script = view_script(text);
    struct dc_error err;
    int key;
    for (; *want; want++) {
        if (!CHECK_EQ_I64(view_script_next(&script, &key, &err), 1))
            return;
        CHECK_EQ_I64(key, *want);
    }
    CHECK_EQ_I64(view_script_next(&script, &key, &err), 0);
    CHECK_EQ_I64(view_script_next(&script, &key, &err), 0);
}

static void reads_characters_and_names(void) {
    check_script("", (int[]){0});
    check_script("jG ?", (int[]){'j', 'G', ' ', '?', 0});
    check_script("<Enter><Esc><Tab><Space>",
                 (int[]){VIEW_KEY_ENTER, VIEW_KEY_ESC, VIEW_KEY_TAB, VIEW_KEY_SPACE, 0});
    check_script("<Up><Down><Left><Right>",
                 (int[]){VIEW_KEY_UP, VIEW_KEY_DOWN, VIEW_KEY_LEFT, VIEW_KEY_RIGHT, 0});
    check_script("<PgUp><PgDn><Home><End>", (int[]){VIEW_KEY_PAGE_UP, VIEW_KEY_PAGE_DOWN,
                                                    VIEW_KEY_HOME, VIEW_KEY_END, 0});
    check_script("<C-l><lt>>", (int[]){0x0c, '<', '>', 0});
    check_script("\n\xc3\xa9\xf0\x9f\x90\xa7", (int[]){VIEW_KEY_ENTER, 0xe9, 0x1f427, 0});
}

static void a_size_is_a_resize(void) {
    struct view_script script = view_script("<132x43>q");
    struct dc_error err;
    int key = 0;
    CHECK_EQ_I64(view_script_next(&script, &key, &err), 1);
    CHECK_EQ_I64(key, VIEW_KEY_RESIZE);
    CHECK_EQ_U64(script.width, 132);
    CHECK_EQ_U64(script.height, 43);
}

static void refuses_what_is_no_key(void) {
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"<", "the '<' at place 1 of the keys has no '>'; the key itself is <lt>"},
        {"<Enter", "the '<' at place 1 of the keys has no '>'; the key itself is <lt>"},
        {"<>", "no key is called <> (place 1 of the keys)"},
        {"<enter>", "no key is called <enter> (place 1 of the keys)"},
        {"<C-L>", "no key is called <C-L> (place 1 of the keys)"},
        {"<0x24>", "no key is called <0x24> (place 1 of the keys)"},
        {"\xff", "the keys are not UTF-8 at place 1"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct view_script script = view_script(cases[i].text);
        struct dc_error err;
        int key;
        CHECK_EQ_I64(view_script_next(&script, &key, &err), -1);
        CHECK_EQ_I64(err.code, DC_EUSAGE);
        CHECK_STR(err.message, cases[i].message);
    }
}

static void reads_sizes(void) {
    static const char *const bad[] = {"",    "x",    "80",     "80x",           "x24",
                                      "0x1", "1x0",  "80x24 ", "+80x24",        "80X24",
                                      "-1x", "80x-", "1001x1", "1x999999999999"};
    unsigned width = 0, height = 0;
    CHECK(view_parse_size("80x24", 5, &width, &height));
    CHECK_EQ_U64(width, 80);
    CHECK_EQ_U64(height, 24);
    CHECK(view_parse_size("1x1000", 6, &width, &height));
    CHECK(view_parse_size("007x1", 5, &width, &height));
    CHECK_EQ_U64(width, 7);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        CHECK(!view_parse_size(bad[i], strlen(bad[i]), &width, &height));
}

/* What a name says is the key that a script of it presses. */
static void check_name(int key) {
    char name[VIEW_KEY_NAME], text[VIEW_KEY_NAME + 4];
    const char *called = view_key_name(key, name);
    bool plain = strlen(called) == 1;
    snprintf(text, sizeof(text), plain ? "%s" : "<%s>", called);
    check_script(text, (int[]){key, 0});
}

static void every_bound_key_can_be_scripted(void) {
    for (const struct view_binding *b = view_bindings; b->request; b++)
        for (int i = 0; i < VIEW_MOST_KEYS && b->keys[i]; i++)
            check_name(b->keys[i]);
}

static void no_key_has_two_meanings(void) {
    for (const struct view_binding *a = view_bindings; a->request; a++) {
        CHECK(a->meaning && a->where && a->keys[0]);
        for (int i = 0; i < VIEW_MOST_KEYS && a->keys[i]; i++)
            for (unsigned where = 1; where <= VIEW_IN_HELP; where <<= 1)
                if (a->where & where)
                    CHECK_EQ_I64(view_request_of(a->keys[i], where), a->request);
    }
}

static void other_keys_have_none(void) {
    CHECK_EQ_I64(view_request_of('Z', VIEW_ANYWHERE), VIEW_NOTHING);
    CHECK_EQ_I64(view_request_of(0, VIEW_ANYWHERE), VIEW_NOTHING);
    CHECK_EQ_I64(view_request_of('z', VIEW_IN_HELP), VIEW_NOTHING);
    CHECK_EQ_I64(view_request_of('q', VIEW_IN_GRID), VIEW_QUIT);
    CHECK_EQ_I64(view_request_of('q', VIEW_IN_DETAIL), VIEW_BACK);
}

int main(void) {
    UNIT_RUN(reads_characters_and_names);
    UNIT_RUN(a_size_is_a_resize);
    UNIT_RUN(refuses_what_is_no_key);
    UNIT_RUN(reads_sizes);
    UNIT_RUN(every_bound_key_can_be_scripted);
    UNIT_RUN(no_key_has_two_meanings);
    UNIT_RUN(other_keys_have_none);
    return unit_done();
}

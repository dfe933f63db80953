/* What a person types in `view`: patterns, and the line at the bottom. */
#include "tests/unit/unit.h"
#include "view/copy.h"
#include "view/key.h"
#include "view/match.h"
#include "view/prompt.h"

#include <string.h>

static bool match(const char *pattern, const char *text) {
    return view_match(pattern, text, strlen(text));
}

static void a_plain_pattern_may_stand_anywhere(void) {
    CHECK(match("b", "abc"));
    CHECK(match("ABC", "xabcx"));
    CHECK(match("c\td", "abc\tdef")); /* over the end of a cell, as one reads */
    CHECK(match("[", "[0]"));
    CHECK(!match("abd", "abc"));
    CHECK(!match("abc", "ab"));
    CHECK(match("\xc3\xa9", "caf\xc3\xa9"));
}

static void one_with_wildcards_is_a_whole_cell(void) {
    CHECK(match("a*", "abc\tdef"));
    CHECK(match("*f", "abc\tdef"));
    CHECK(match("d?f", "abc\tDEF"));
    CHECK(!match("a*f", "abc\tdef"));
    CHECK(!match("b*", "abc"));
    CHECK(!match("a?", "abc"));
    CHECK(match("*", "a"));
    CHECK(!match("*", "")); /* there is no cell */
    CHECK(match("a*b*c", "axxbxxbxc"));
    CHECK(
        !match("*a*a*a*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"));
}

static void check_typing(const char *keys, const char *wanted) {
    struct view_script script = view_script(keys);
    struct view_prompt prompt;
    struct dc_error err;
    int key;
    view_prompt_open(&prompt, VIEW_ASKING_SEARCH, "");
    while (view_script_next(&script, &key, &err) > 0)
        CHECK_EQ_U64(view_prompt_press(&prompt, key), VIEW_TYPING);
    CHECK_STR(prompt.text, wanted);
    CHECK_EQ_U64(prompt.len, strlen(wanted));
}

static void typing_is_edited(void) {
    check_typing("abc<Backspace>", "ab");
    check_typing("a\xc3\xa9<Backspace>b", "ab"); /* a character, not a byte */
    check_typing("one two<C-w>", "one ");
    check_typing("one two <C-w>x", "one x");
    check_typing("one<C-u>two", "two");
    check_typing("a<Up><C-b>b", "ab"); /* what has no meaning there does nothing */
}

static void typing_ends(void) {
    struct view_prompt prompt;
    view_prompt_open(&prompt, VIEW_ASKING_FILTER, "old");
    CHECK_STR(prompt.text, "old");
    CHECK_EQ_U64(view_prompt_press(&prompt, VIEW_KEY_ENTER), VIEW_TAKEN);
    CHECK_EQ_U64(prompt.asking, VIEW_ASKING_NOTHING);
    view_prompt_open(&prompt, VIEW_ASKING_FILTER, "old");
    CHECK_EQ_U64(view_prompt_press(&prompt, VIEW_KEY_ESC), VIEW_LEFT_OFF);
    view_prompt_open(&prompt, VIEW_ASKING_PLACE, "");
    CHECK_EQ_U64(view_prompt_press(&prompt, VIEW_KEY_BACKSPACE), VIEW_LEFT_OFF);
}

static void typing_has_an_end(void) {
    struct view_prompt prompt;
    view_prompt_open(&prompt, VIEW_ASKING_SEARCH, "");
    for (int i = 0; i < 10 * VIEW_INPUT; i++)
        view_prompt_press(&prompt, 0x1f427);
    CHECK(prompt.len < VIEW_INPUT && prompt.len % 4 == 0);
    CHECK_EQ_U64(strlen(prompt.text), prompt.len);
}

static void check_copy(const char *data, const char *wanted) {
    struct dc_buf out;
    dc_buf_init(&out, dc_alloc_libc);
    view_copy_sequence(data, strlen(data), &out);
    dc_buf_add(&out, "", 1);
    CHECK_STR(out.data, wanted);
    dc_buf_done(&out);
}

/* RFC 4648, section 10. */
static void what_is_copied_is_base64(void) {
    check_copy("", "\033]52;c;\a");
    check_copy("f", "\033]52;c;Zg==\a");
    check_copy("f"
               "o",
               "\033]52;c;Zm8=\a"); /* for codespell, no word */
    check_copy("foo", "\033]52;c;Zm9v\a");
    check_copy("foobar", "\033]52;c;Zm9vYmFy\a");
    check_copy("\xff\xfe\xfd", "\033]52;c;//79\a");
}

int main(void) {
    UNIT_RUN(a_plain_pattern_may_stand_anywhere);
    UNIT_RUN(one_with_wildcards_is_a_whole_cell);
    UNIT_RUN(typing_is_edited);
    UNIT_RUN(typing_ends);
    UNIT_RUN(typing_has_an_end);
    UNIT_RUN(what_is_copied_is_base64);
    return unit_done();
}

/* Strings from outside on a terminal: what is escaped, how wide it is, how it is folded. */
#include "lib/text.h"

#include "lib/buf.h"
#include "lib/escape.h"
#include "tests/unit/lib_aid.h"
#include "tests/unit/unit.h"

#include <unistr.h>

struct fixture {
    struct dc_text text;
    struct dc_buf out;
};

static void start(struct fixture *f, unsigned width) {
    dc_buf_init(&f->out, dc_alloc_libc);
    dc_text_init(&f->text, dc_buf_sink(&f->out), false, width);
}

static void expect(struct fixture *f, const char *want) {
    CHECK(dc_text_finish(&f->text) == 0);
    CHECK_MEM(f->out.data, f->out.len, want, strlen(want));
    dc_buf_done(&f->out);
}

static void check_escape(const char *in, size_t len, const char *want) {
    struct fixture f;
    start(&f, 80);
    dc_text_add(&f.text, in, len);
    CHECK_EQ_U64(f.text.column, dc_escaped_width(in, len));
    expect(&f, want);
}
#define ESCAPES(in, want) check_escape(in, sizeof(in) - 1, want)

static void what_could_move_a_cursor_becomes_visible(void) {
    ESCAPES("plain ~ text \\ /", "plain ~ text \\ /");
    ESCAPES("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m");
    ESCAPES("\x1b]0;title\x07", "\\x1b]0;title\\x07");
    ESCAPES("a\0b", "a\\x00b");
    ESCAPES("\b\t\n\r\x7f", "\\x08\\x09\\x0a\\x0d\\x7f");
    ESCAPES("\xc2\x80\xc2\x9b\xc2\x9f", "\\x80\\x9b\\x9f"); /* C1, CSI among them */
    ESCAPES("\xe2\x80\xa8\xe2\x80\xa9", "\\u2028\\u2029");
}

static void what_deceives_the_eye_becomes_visible(void) {
    ESCAPES("\xe2\x80\xae"
            "abc"
            "\xe2\x80\xac",
            "\\u202eabc\\u202c"); /* bidi */
    ESCAPES("\xe2\x81\xa6\xe2\x81\xa9\xe2\x80\x8e\xe2\x80\x8f\xd8\x9c",
            "\\u2066\\u2069\\u200e\\u200f\\u061c");
    ESCAPES("\xe2\x80\x8b\xe2\x80\x8d\xe2\x81\xa0\xef\xbb\xbf\xc2\xad",
            "\\u200b\\u200d\\u2060\\ufeff\\xad");    /* zero width, soft hyphen */
    ESCAPES("\xc2\xa0\xe3\x80\x80", "\\xa0\\u3000"); /* blanks that are none */
    ESCAPES("\xf3\xa0\x81\x81", "\\u{e0041}");       /* tags */
    ESCAPES("\xef\xb8\x8f\xf3\xa0\x84\x80", "\\ufe0f\\u{e0100}");
    ESCAPES("\xee\x80\x80\xf4\x8f\xbf\xbf",
            "\\ue000\\u{10ffff}"); /* private, unassigned */
    ESCAPES("\xcd\x8f\xe1\x85\x9f\xe3\x85\xa4\xef\xbe\xa0",
            "\\u034f\\u115f\\u3164\\uffa0"); /* letters that show nothing */
}

static void broken_utf8_shows_its_bytes(void) {
    ESCAPES("\xff\xfe", "\\xff\\xfe");
    ESCAPES("\xc3(", "\\xc3(");
    ESCAPES("\xed\xa0\x80", "\\xed\\xa0\\x80");
    ESCAPES("\xf0\x9f\x98", "\\xf0\\x9f\\x98");
    ESCAPES("\xc0\x80", "\\xc0\\x80");
    ESCAPES("\x9b"
            "31m",
            "\\x9b31m"); /* CSI as a bare byte */
}

static void readable_text_stays(void) {
    static const char text[] =
        "\xc3\xa9 \xe2\x86\x92 \xe2\x80\x94 \xe6\xbc\xa2 \xf0\x9f\x98\x80 e\xcc\x81";
    ESCAPES(text, text);
    CHECK_EQ_U64(dc_escaped_width("\xc3\xa9", 2), 1);
    CHECK_EQ_U64(dc_escaped_width("\xe6\xbc\xa2", 3), 2);
    CHECK_EQ_U64(dc_escaped_width("e\xcc\x81", 3), 1);
    CHECK_EQ_U64(dc_escaped_width("\x1b", 1), 4);
    CHECK_EQ_U64(dc_escaped_width("", 0), 0);
}

/* Whatever the bytes: the output is UTF-8 without control characters, and dc_escape()
   takes at least one byte and no more than there are. */
static void random_bytes_come_out_harmless(void) {
    struct aid_random random = {77};
    unsigned bad = 0;
    for (int i = 0; i < 20000; i++) {
        char bytes[16];
        size_t len = 1 + aid_below(&random, sizeof(bytes));
        for (size_t k = 0; k < len; k++)
            bytes[k] = (char)aid_random(&random);
        if (aid_below(&random, 2)) /* a valid character more often */
            len = (size_t)u8_uctomb((uint8_t *)bytes, (ucs4_t)aid_below(&random, 0xd800),
                                    sizeof(bytes));
        char *exact = malloc(len);
        memcpy(exact, bytes, len);
        for (size_t at = 0; at < len;) {
            struct dc_piece piece = dc_escape(exact + at, len - at);
            bool good = piece.taken > 0 && piece.taken <= len - at && piece.len > 0 &&
                        piece.len <= DC_PIECE_MAX &&
                        !u8_check((const uint8_t *)piece.text, piece.len);
            for (size_t k = 0; k < piece.len; k++)
                good =
                    good && (unsigned char)piece.text[k] >= 0x20 && piece.text[k] != 0x7f;
            bad += !good;
            at += piece.taken;
        }
        free(exact);
    }
    CHECK_EQ_U64(bad, 0);
}

/* ---- cutting and folding ---- */

static void check_cut(const char *in, unsigned columns, const char *want) {
    struct fixture f;
    start(&f, 80);
    dc_text_cut(&f.text, in, strlen(in), columns);
    expect(&f, want);
    CHECK(dc_escaped_width(want, strlen(want)) <= columns);
}

static void cut_text_fits(void) {
    check_cut("abcdef", 6, "abcdef");
    check_cut("abcdef", 5, "ab...");
    check_cut("abcdef", 3, "...");
    check_cut("abcdef", 2, "..");
    check_cut("abcdef", 0, "");
    check_cut("", 0, "");
    check_cut("\xe6\xbc\xa2\xe6\xbc\xa2\xe6\xbc\xa2", 6,
              "\xe6\xbc\xa2\xe6\xbc\xa2\xe6\xbc\xa2");
    check_cut("\xe6\xbc\xa2\xe6\xbc\xa2\xe6\xbc\xa2", 5, "\xe6\xbc\xa2...");
    check_cut("\x1b\x1b\x1b", 11, "\\x1b\\x1b...");
}

static size_t fold(struct fixture *f, const char *in, unsigned width, unsigned indent,
                   unsigned lines) {
    start(f, width);
    return dc_text_fold(&f->text, in, strlen(in), indent, lines);
}

static void folds_at_blanks(void) {
    struct fixture f;
    CHECK_EQ_U64(fold(&f, "one two three four five six", 20, 2, 0), 0);
    expect(&f, "one two three four\n  five six");
    CHECK_EQ_U64(fold(&f, "short", 20, 2, 1), 0);
    expect(&f, "short");
    CHECK_EQ_U64(fold(&f, "", 20, 2, 1), 0);
    expect(&f, "");
}

static const char wide[] = "\xe6\xbc\xa2\xe6\xbc\xa2\xe6\xbc\xa2\xe6\xbc\xa2\xe6\xbc\xa2"
                           "\xe6\xbc\xa2\xe6\xbc\xa2\xe6\xbc\xa2\xe6\xbc\xa2\xe6\xbc\xa2"
                           "\xe6\xbc\xa2\xe6\xbc\xa2\xe6\xbc\xa2\xe6\xbc\xa2";

static const char *const nasty[] = {
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "\xf3\xa0\x81\x81\xf3\xa0\x81\x81\xf3\xa0\x81\x81\xf3\xa0\x81\x81\xf3\xa0\x81\x81",
    "a \xf4\x8f\xbf\xbf b \xf4\x8f\xbf\xbf\xf4\x8f\xbf\xbf c",
    "\x1b\x1b\x1b\x1b\x1b\x1b\x1b\x1b\x1b\x1b\x1b\x1b\x1b\x1b\x1b\x1b",
    wide,
    "          many    blanks     in   a             row                       ",
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen",
    "e\xcc\x81\xcc\x81\xcc\x81 e\xcc\x81 \xcc\x81\xcc\x81",
    " ",
};

/* The longest line of what was written, in columns; and how many lines. */
static unsigned longest(const struct dc_buf *out, unsigned *lines) {
    unsigned most = 0;
    *lines = 1;
    for (size_t from = 0, i = 0; i <= out->len; i++) {
        if (i < out->len && out->data[i] != '\n')
            continue;
        unsigned width = (unsigned)dc_escaped_width(out->data + from, i - from);
        most = width > most ? width : most;
        *lines += i < out->len;
        from = i + 1;
    }
    return most;
}

/* Every width, indent, start column and number of lines: it ends, and it fits. */
static void folding_ends_and_fits(void) {
    for (size_t i = 0; i < sizeof(nasty) / sizeof(nasty[0]); i++) {
        for (unsigned width = 20; width < 60; width += 7) {
            for (unsigned indent = 0; indent < 30; indent += 5) {
                for (unsigned limit = 0; limit < 4; limit++) {
                    struct fixture f;
                    unsigned lines;
                    start(&f, width);
                    if (indent <= width - 10)
                        dc_text_put(&f.text, "%*s", (int)indent, "");
                    size_t left =
                        dc_text_fold(&f.text, nasty[i], strlen(nasty[i]), indent, limit);
                    CHECK(dc_text_finish(&f.text) == 0);
                    bool good = longest(&f.out, &lines) <= width &&
                                (limit ? lines <= limit : left == 0) &&
                                left <= strlen(nasty[i]);
                    if (!CHECK(good)) {
                        printf("#   text %zu width %u indent %u lines %u: left %zu\n", i,
                               width, indent, limit, left);
                        unit_bytes("got", f.out.data, f.out.len);
                    }
                    dc_buf_done(&f.out);
                }
            }
        }
    }
}

static void tab_and_style(void) {
    struct fixture f;
    start(&f, 80);
    dc_text_put(&f.text, "ab");
    dc_text_tab(&f.text, 5);
    dc_text_put(&f.text, "cdefgh");
    dc_text_tab(&f.text, 5);
    dc_text_style(&f.text, DC_STYLE_BAD);
    dc_text_put(&f.text, "x\n");
    expect(&f, "ab   cdefgh x\n");
    dc_buf_init(&f.out, dc_alloc_libc);
    dc_text_init(&f.text, dc_buf_sink(&f.out), true, 80);
    dc_text_style(&f.text, DC_STYLE_BAD);
    dc_text_add(&f.text, "\x1b", 1);
    dc_text_style(&f.text, DC_STYLE_PLAIN);
    CHECK_EQ_U64(f.text.column, 4);
    CHECK(dc_text_finish(&f.text) == 0);
    CHECK(f.out.len > 10 && memcmp(f.out.data, "\033[", 2) == 0 &&
          memmem(f.out.data, f.out.len, "m\\x1b\033[0m", 9) != NULL);
    dc_buf_done(&f.out);
}

static int refuse(void *ctx, const char *data, size_t len) {
    (void)ctx;
    (void)data;
    (void)len;
    return -1;
}

static void a_failed_sink_ends_everything(void) {
    struct dc_text text;
    char a[5000];
    memset(a, 'a', sizeof(a));
    dc_text_init(&text, (struct dc_sink){refuse, NULL}, true, 80);
    dc_text_add(&text, a, sizeof(a));
    dc_text_fold(&text, a, sizeof(a), 2, 0);
    dc_text_tab(&text, 1000);
    dc_text_cut(&text, a, sizeof(a), 10);
    CHECK(dc_text_finish(&text) < 0);
}

int main(void) {
    UNIT_RUN(what_could_move_a_cursor_becomes_visible);
    UNIT_RUN(what_deceives_the_eye_becomes_visible);
    UNIT_RUN(broken_utf8_shows_its_bytes);
    UNIT_RUN(readable_text_stays);
    UNIT_RUN(random_bytes_come_out_harmless);
    UNIT_RUN(cut_text_fits);
    UNIT_RUN(folds_at_blanks);
    UNIT_RUN(folding_ends_and_fits);
    UNIT_RUN(tab_and_style);
    UNIT_RUN(a_failed_sink_ends_everything);
    return unit_done();
}

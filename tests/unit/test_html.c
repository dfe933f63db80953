/* A page of HTML: nothing from outside can end an element, begin one, or hide. */
#include "lib/html.h"

#include "lib/buf.h"
#include "tests/unit/lib_aid.h"
#include "tests/unit/unit.h"

#include <unistr.h>

struct fixture {
    struct dc_html html;
    struct dc_buf out;
};

static void start(struct fixture *f) {
    dc_buf_init(&f->out, dc_alloc_libc);
    dc_html_init(&f->html, dc_buf_sink(&f->out));
}

static void expect(struct fixture *f, const char *want) {
    CHECK(dc_html_finish(&f->html) == 0);
    CHECK_MEM(f->out.data, f->out.len, want, strlen(want));
    dc_buf_done(&f->out);
}

static void check_add(const char *in, size_t len, const char *want) {
    struct fixture f;
    start(&f);
    dc_html_add(&f.html, in, len);
    expect(&f, want);
}
#define ADDS(in, want) check_add(in, sizeof(in) - 1, want)

static void markup_becomes_text(void) {
    ADDS("", "");
    ADDS("plain text; /\\ `=", "plain text; /\\ `=");
    ADDS("<script>", "&lt;script&gt;");
    ADDS("a & b &amp;", "a &amp; b &amp;amp;");
    ADDS("\" onload='x'", "&quot; onload=&#39;x&#39;");
    ADDS("]]>--><!--", "]]&gt;--&gt;&lt;!--");
}

static void what_hides_becomes_visible(void) {
    ADDS("\x1b[31m\n\t\r\x7f", "\\x1b[31m\\x0a\\x09\\x0d\\x7f");
    ADDS("a\0<", "a\\x00&lt;");
    ADDS("\xe2\x80\xae\xe2\x81\xa6\xe2\x80\x8f", "\\u202e\\u2066\\u200f");
    ADDS("\xe2\x80\x8b\xef\xbb\xbf\xc2\x9b\xc2\xa0", "\\u200b\\ufeff\\x9b\\xa0");
    ADDS("\xff<\xc3", "\\xff&lt;\\xc3");
    ADDS("\xc0\xbc", "\\xc0\\xbc"); /* an overlong '<' */
    ADDS("\xc3\xa9 \xe6\xbc\xa2", "\xc3\xa9 \xe6\xbc\xa2");
}

static void an_attribute_keeps_what_is_in_it(void) {
    struct fixture f;
    start(&f);
    dc_html_put(&f.html, "<td title=\"");
    dc_html_add(&f.html, "x\" onclick='y'>\n", 16);
    dc_html_put(&f.html, "\">%s %d%%</td>", "ours", 7);
    expect(&f, "<td title=\"x&quot; onclick=&#39;y&#39;&gt;\\x0a\">ours 7%</td>");
}

/* Whatever the bytes: valid UTF-8 comes out, without a character that means something. */
static void random_bytes_come_out_harmless(void) {
    static const char sharp[] = "<>\"'&\0\n\x1b\x7f\xe2\x80\xae";
    struct aid_random random = {99};
    unsigned bad = 0;
    for (int i = 0; i < 5000; i++) {
        struct fixture f;
        char bytes[24];
        size_t len = 1 + aid_below(&random, sizeof(bytes));
        for (size_t k = 0; k < len; k++)
            bytes[k] = aid_below(&random, 2) ? (char)aid_random(&random)
                                             : sharp[aid_below(&random, sizeof(sharp))];
        char *exact = malloc(len ? len : 1);
        memcpy(exact, bytes, len);
        start(&f);
        dc_html_add(&f.html, exact, len);
        bad += dc_html_finish(&f.html) < 0 || f.out.len < len ||
               u8_check((const uint8_t *)f.out.data, f.out.len) != NULL;
        for (size_t k = 0; k < f.out.len; k++)
            bad += (unsigned char)f.out.data[k] < 0x20 || f.out.data[k] == 0x7f ||
                   strchr("<>\"'", f.out.data[k]) != NULL;
        bad += f.out.len && memmem(f.out.data, f.out.len, "\xe2\x80\xae", 3) != NULL;
        dc_buf_done(&f.out);
        free(exact);
    }
    CHECK_EQ_U64(bad, 0);
}

static void the_text_sink_keeps_lines_and_takes_markup(void) {
    struct fixture f;
    start(&f);
    struct dc_sink sink = dc_html_text_sink(&f.html);
    CHECK(sink.write(sink.ctx, "a <b>\n", 6) == 0);
    CHECK(sink.write(sink.ctx, "", 0) == 0);
    CHECK(sink.write(sink.ctx, "\\x1b & \"'\xc3\xa9\n", 12) == 0);
    expect(&f, "a &lt;b&gt;\n\\x1b &amp; &quot;&#39;\xc3\xa9\n");
}

/* More than the buffer holds, with an entity at every place around its end. */
static void long_text_is_whole(void) {
    for (size_t before = 4090; before < 4100; before++) {
        struct fixture f;
        char text[9000], want[9010];
        memset(text, 'a', sizeof(text));
        memset(want, 'a', sizeof(want));
        text[before] = '&';
        memcpy(want + before, "&amp;", 5);
        start(&f);
        dc_html_add(&f.html, text, sizeof(text));
        CHECK(dc_html_finish(&f.html) == 0);
        CHECK_MEM(f.out.data, f.out.len, want, sizeof(text) + 4);
        dc_buf_done(&f.out);
    }
}

/* ---- the page ---- */

static size_t count(const struct dc_buf *out, const char *words) {
    size_t n = 0, len = strlen(words);
    for (size_t i = 0; i + len <= out->len; i++)
        n += memcmp(out->data + i, words, len) == 0;
    return n;
}

static void a_page_is_whole_and_loads_nothing(void) {
    static const char *const once[] = {
        "<!DOCTYPE html>",
        "<html lang=\"en\">",
        "</html>",
        "<head>",
        "</head>",
        "<body>",
        "</body>",
        "<style>",
        "</style>",
        "charset=\"utf-8\"",
        "<title>",
        "</title>",
        "default-src 'none'",
        "<title>a&lt;/title&gt;&lt;script&gt;\\x1b&quot;</title>",
    };
    static const char *const never[] = {
        "<script", "src=", "href=", "<link", "http:", "https:", "url(", "@import", "<\\"};
    struct fixture f;
    start(&f);
    dc_html_begin(&f.html, "a</title><script>\x1b\"");
    dc_html_end(&f.html);
    CHECK(dc_html_finish(&f.html) == 0);
    CHECK(f.out.len > 15 && memcmp(f.out.data, "<!DOCTYPE html>", 15) == 0);
    CHECK(f.out.len > 8 && memcmp(f.out.data + f.out.len - 8, "</html>\n", 8) == 0);
    for (size_t i = 0; i < sizeof(once) / sizeof(once[0]); i++)
        if (!CHECK(count(&f.out, once[i]) == 1))
            printf("#   %s: %zu\n", once[i], count(&f.out, once[i]));
    for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++)
        if (!CHECK(count(&f.out, never[i]) == 0))
            printf("#   %s\n", never[i]);
    dc_buf_done(&f.out);
}

/* ---- a sink that fails ---- */

static int refuse(void *ctx, const char *data, size_t len) {
    (void)data, (void)len;
    ++*(unsigned *)ctx;
    return -1;
}

static void a_failed_sink_ends_everything(void) {
    unsigned calls = 0;
    struct dc_html html;
    char text[5000];
    memset(text, '<', sizeof(text));
    dc_html_init(&html, (struct dc_sink){refuse, &calls});
    struct dc_sink sink = dc_html_text_sink(&html);
    dc_html_put(&html, "<p>");
    CHECK_EQ_U64(calls, 0); /* small things are held */
    dc_html_add(&html, text, sizeof(text));
    CHECK(sink.write(sink.ctx, text, sizeof(text)) < 0);
    dc_html_begin(&html, "t");
    dc_html_end(&html);
    CHECK(dc_html_finish(&html) < 0);
    CHECK_EQ_U64(calls, 1); /* nobody asks it again */
    calls = 0;
    dc_html_init(&html, (struct dc_sink){refuse, &calls});
    CHECK(dc_html_finish(&html) == 0 && calls == 0); /* nothing was to be written */
    dc_html_put(&html, "x");
    CHECK(dc_html_finish(&html) < 0);
}

int main(void) {
    UNIT_RUN(markup_becomes_text);
    UNIT_RUN(what_hides_becomes_visible);
    UNIT_RUN(an_attribute_keeps_what_is_in_it);
    UNIT_RUN(random_bytes_come_out_harmless);
    UNIT_RUN(the_text_sink_keeps_lines_and_takes_markup);
    UNIT_RUN(long_text_is_whole);
    UNIT_RUN(a_page_is_whole_and_loads_nothing);
    UNIT_RUN(a_failed_sink_ends_everything);
    return unit_done();
}

/* Two reports as an article of a page of HTML. */
#include "lib/show_diff_private.h"

#include "lib/html.h"

#include <string.h>

struct page {
    struct dc_html html;
    const struct dc_diff *diff;
    struct dc_diff_words words;
    struct dc_buf text;
    int section; /* whose table is open; -1: none, -2: that of what stands first */
    const char *snapshot;
};
enum { NO_TABLE = -1, FIRST = -2 };

static void add(struct page *p, const struct dc_buf *buf) {
    if (buf->len > 0)
        dc_html_add(&p->html, buf->data, buf->len);
}

static void end_table(struct page *p) {
    if (p->section != NO_TABLE)
        dc_html_put(&p->html, "</table></div>\n");
    p->section = NO_TABLE;
}

static void begin_table(struct page *p, const struct dc_diff_row *row, int section) {
    end_table(p);
    p->section = section;
    p->snapshot = row->snapshot;
    if (section >= 0) {
        p->text.len = 0;
        dc_diff_counts_text(p->diff, section, &p->text);
        dc_html_put(&p->html, "<h2>%s%s%s", row->snapshot ? row->snapshot : "",
                    row->snapshot ? " " : "", dc_diff_section_name(section));
        dc_html_put(&p->html, "<small>");
        add(p, &p->text);
        dc_html_put(&p->html, "</small>");
        dc_html_put(&p->html, "</h2>\n");
    }
    dc_html_put(
        &p->html,
        "<div class=\"scroll\"><table class=\"wide\">\n<tr><th class=\"l\">what</th><th "
        "class=\"l\">first</th><th class=\"l\">second</th><th "
        "class=\"l\"></th></tr>\n");
}

/* What stands behind the values: which vCPUs, or how far they are apart. */
static void add_extra(struct page *p, const struct dc_diff_row *row) {
    if (!row->ids) {
        add(p, &p->words.note);
        return;
    }
    p->text.len = 0;
    dc_buf_text(&p->text, row->ids->count == 1 ? "vCPU " : "vCPUs ");
    dc_diff_ids_text(row->ids, 0, &p->text);
    add(p, &p->text);
}

static int add_row(void *ctx, const struct dc_diff_row *row) {
    struct page *p = ctx;
    int section = row->at ? row->section : FIRST;
    if (section != p->section || row->snapshot != p->snapshot)
        begin_table(p, row, section);
    dc_diff_words_set(&p->words, p->diff, row, true);
    dc_html_put(&p->html, "<tr><td class=\"l%s\">",
                p->words.sign == '-'   ? " bad"
                : p->words.sign == '+' ? " good"
                                       : "");
    if (p->words.sign != ' ')
        dc_html_put(&p->html, "%c ", p->words.sign);
    if (!row->at && row->snapshot)
        dc_html_put(&p->html, "%s ", row->snapshot);
    add(p, &p->words.name);
    dc_html_put(&p->html, "</td><td class=\"l\">");
    add(p, &p->words.a);
    dc_html_put(&p->html, "</td><td class=\"l\">");
    add(p, &p->words.b);
    dc_html_put(&p->html, "</td><td class=\"l faint\">");
    add_extra(p, row);
    dc_html_put(&p->html, "</td></tr>\n");
    return p->html.failed || !dc_diff_words_ok(&p->words) ? -1 : 0;
}

static void add_remark(void *ctx, const struct dc_buf *remark) {
    struct page *p = ctx;
    dc_html_put(&p->html, "<p class=\"faint\">");
    if (!remark->failed)
        add(p, remark);
    dc_html_put(&p->html, "</p>\n");
}

static void add_headline(struct page *p, const struct dc_show_diff_options *options) {
    dc_html_put(&p->html, "<article>\n<p class=\"faint\">");
    dc_html_add(&p->html, options->names[0], strlen(options->names[0]));
    dc_html_put(&p->html, " &rarr; ");
    dc_html_add(&p->html, options->names[1], strlen(options->names[1]));
    dc_html_put(&p->html, "</p>\n<h1>");
    dc_diff_summary(p->diff, &p->text);
    if (p->text.len == 0)
        dc_buf_text(&p->text, "no difference that counts");
    add(p, &p->text);
    dc_html_put(&p->html, "</h1>\n");
}

int dc_show_diff_html(struct dc_sink sink, const struct dc_diff *diff,
                      const struct dc_show_diff_options *options, struct dc_error *err) {
    struct page p = {.diff = diff, .section = NO_TABLE};
    dc_html_init(&p.html, sink);
    dc_buf_init(&p.text, options->alloc);
    dc_diff_words_init(&p.words, options->alloc);
    add_headline(&p, options);
    int rc = dc_diff_first_remarks(diff, options->alloc, add_remark, &p, err);
    if (rc == 0)
        rc = dc_diff_each(diff, DC_DIFF_COUNTS, add_row, &p, err);
    end_table(&p);
    if (rc == 0)
        rc = dc_diff_remarks(diff, options->alloc, add_remark, &p, err);
    dc_html_put(&p.html, "</article>\n");
    if (rc == 0 && (!dc_buf_ok(&p.text) || !dc_diff_words_ok(&p.words)))
        rc = dc_fail(err, DC_ENOMEM, "out of memory");
    bool written = dc_html_finish(&p.html) == 0;
    dc_buf_done(&p.text);
    dc_diff_words_done(&p.words);
    if (rc < 0)
        return -1;
    return written ? 0 : dc_fail(err, DC_EIO, "cannot be written");
}

/* A whole report as an article of a page of HTML. */
#include "lib/show_private.h"

#include "lib/html.h"

enum { WIDTH = 100 }; /* columns of the facts */

/* What stands above the sections is the text of the banner, letter by letter. */
static void add_banner(struct dc_show *s) {
    struct dc_html *html = s->html;
    dc_text_init(&s->text, dc_html_text_sink(html), false, WIDTH);
    dc_html_put(html, "<article>\n<p class=\"faint\">");
    dc_show_name(s, 0);
    if (dc_text_finish(&s->text) < 0)
        html->failed = true;
    dc_html_put(html, "</p>\n<h1>");
    dc_show_headline(s);
    if (dc_text_finish(&s->text) < 0)
        html->failed = true;
    dc_html_put(html, "</h1>\n<pre>");
    dc_show_facts(s);
    dc_show_unknown(s);
    if (dc_text_finish(&s->text) < 0)
        html->failed = true;
    dc_html_put(html, "</pre>\n");
}

static void add_snapshots(struct dc_show *s) {
    const struct dc_model *model = s->model;
    if (dc_show_wants(s, DC_SECTION_FINDINGS))
        dc_show_phases(s);
    for (size_t i = model->n_snapshots; i-- > 0;) {
        s->snapshot = &model->snapshots[i];
        if (s->snapshot->phase != DC_ONLY)
            dc_html_put(s->html, "<h2>%s snapshot</h2>\n",
                        dc_phase_name(s->snapshot->phase));
        dc_show_sections(s);
    }
}

int dc_show_html_begin(struct dc_sink sink, const char *title) {
    struct dc_html html;
    dc_html_init(&html, sink);
    dc_html_begin(&html, title);
    return dc_html_finish(&html);
}

int dc_show_html_end(struct dc_sink sink, const char *verb) {
    struct dc_html html;
    dc_html_init(&html, sink);
    dc_html_put(&html, "<footer>written by dumpctl %s --html</footer>\n", verb);
    dc_html_end(&html);
    return dc_html_finish(&html);
}

int dc_show_html(struct dc_sink sink, const struct dc_model *model,
                 const struct dc_show_options *options, struct dc_error *err) {
    struct dc_html html;
    struct dc_show s;
    dc_html_init(&html, sink);
    dc_show_init(&s, &dc_show_page, sink, model, options);
    s.html = &html;
    add_banner(&s);
    add_snapshots(&s);
    dc_html_put(&html, "</article>\n");
    bool written = dc_html_finish(&html) == 0;
    if (dc_show_done(&s, err) < 0)
        return -1;
    return written ? 0 : dc_fail(err, DC_EIO, "cannot be written");
}

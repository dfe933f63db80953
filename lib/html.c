#include "lib/html.h"

#include "lib/escape.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Light and dark by what the reader's browser asks for; colours beside words only. */
static const char style[] =
    ":root{color-scheme:light dark;--bg:#fff;--fg:#1c2024;--faint:#667078;--line:#d8dde2;"
    "--head:#f2f4f7;--good:#0b6e38;--warn:#8a5a00;--bad:#b3162b;--plot:#2159b3}"
    "@media(prefers-color-scheme:dark){:root{--bg:#14171a;--fg:#dfe3e8;--faint:#8f99a3;"
    "--line:#31373d;--head:#1d2226;--good:#5cc88a;--warn:#e0b05c;--bad:#ff7b85;"
    "--plot:#7fb0ff}}"
    "body{background:var(--bg);color:var(--fg);font:14px/1.5 system-ui,sans-serif;"
    "margin:0 auto;max-width:76rem;padding:1.5rem}"
    "h1{font-size:1.25rem;margin:0 0 .75rem}h2{font-size:1.05rem;margin:2rem 0 .4rem;"
    "border-bottom:1px solid var(--line);padding-bottom:.2rem}"
    "h3{font-size:.95rem;margin:1.1rem 0 .3rem;font-weight:600}"
    "h2 small,h3 small{font-weight:400;color:var(--faint)}"
    "article+article{margin-top:4rem;border-top:3px solid var(--line);padding-top:1.5rem}"
    "pre,code,td,th,dd{font-family:ui-monospace,monospace;font-size:12.5px}"
    "pre{white-space:pre-wrap;overflow-wrap:anywhere;margin:.2rem 0}"
    ".scroll{overflow-x:auto}table{border-collapse:collapse;margin:.3rem 0}"
    "th,td{padding:.1rem .6rem;text-align:right;white-space:pre;"
    "border-bottom:1px solid var(--line)}"
    "th{background:var(--head);font-weight:600}.l{text-align:left}"
    ".wide{width:100%}.wide td{white-space:pre-wrap;overflow-wrap:anywhere}"
    ".wide td:last-child{white-space:nowrap}"
    ".d{border-left:2px solid var(--line)}"
    "dl{display:grid;grid-template-columns:minmax(14rem,max-content) 1fr;gap:.1rem "
    "1rem;margin:.3rem 0}"
    "dt{color:var(--faint)}dd{margin:0;overflow-wrap:anywhere}"
    "p{margin:.2rem 0}.item{margin-left:1rem}.from{color:var(--faint)}"
    ".title{font-weight:600}.good{color:var(--good)}.warn{color:var(--warn)}"
    ".bad{color:var(--bad);font-weight:600}.faint{color:var(--faint)}"
    ".plot{display:grid;grid-template-columns:15rem 1fr 18rem;gap:1rem;"
    "align-items:center;margin:.35rem 0}"
    ".plot svg{width:100%;height:3rem;background:var(--head)}"
    ".plot polyline{fill:none;stroke:var(--plot);stroke-width:1.5;"
    "vector-effect:non-scaling-stroke}"
    "@media(max-width:50rem){.plot{grid-template-columns:1fr}}"
    "footer{margin-top:3rem;color:var(--faint)}";

void dc_html_init(struct dc_html *html, struct dc_sink sink) {
    html->sink = sink;
    html->failed = false;
    html->used = 0;
}

static void flush(struct dc_html *html) {
    if (html->used > 0 && !html->failed &&
        html->sink.write(html->sink.ctx, html->buf, html->used) < 0)
        html->failed = true;
    html->used = 0;
}

int dc_html_finish(struct dc_html *html) {
    flush(html);
    return html->failed ? -1 : 0;
}

static void put(struct dc_html *html, const char *s, size_t len) {
    while (len > 0 && !html->failed) {
        size_t room = sizeof(html->buf) - html->used;
        size_t n = len < room ? len : room;
        memcpy(html->buf + html->used, s, n);
        html->used += n;
        s += n;
        len -= n;
        if (html->used == sizeof(html->buf))
            flush(html);
    }
}

void dc_html_put(struct dc_html *html, const char *fmt, ...) {
    char text[2048];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    if (n > 0)
        put(html, text, (size_t)n < sizeof(text) ? (size_t)n : sizeof(text) - 1);
}

/* What has a meaning in markup. */
static const char *entity(char c) {
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

static void put_text(struct dc_html *html, const char *s, size_t len) {
    for (size_t i = 0; i < len; i++) {
        const char *name = entity(s[i]);
        if (name)
            put(html, name, strlen(name));
        else
            put(html, s + i, 1);
    }
}

void dc_html_add(struct dc_html *html, const char *s, size_t len) {
    for (size_t i = 0; i < len && !html->failed;) {
        struct dc_piece piece = dc_escape(s + i, len - i);
        put_text(html, piece.text, piece.len);
        i += piece.taken;
    }
}

static int text_write(void *ctx, const char *data, size_t len) {
    struct dc_html *html = ctx;
    put_text(html, data, len);
    return html->failed ? -1 : 0;
}

struct dc_sink dc_html_text_sink(struct dc_html *html) {
    return (struct dc_sink){.write = text_write, .ctx = html};
}

void dc_html_begin(struct dc_html *html, const char *title) {
    dc_html_put(html, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta "
                      "charset=\"utf-8\">\n<meta name=\"viewport\" "
                      "content=\"width=device-width\">\n<meta "
                      "http-equiv=\"Content-Security-Policy\" content=\"default-src "
                      "'none'; style-src 'unsafe-inline'\">\n<title>");
    dc_html_add(html, title, strlen(title));
    dc_html_put(html, "</title>\n<style>");
    put(html, style, strlen(style));
    dc_html_put(html, "</style>\n</head>\n<body>\n");
}

void dc_html_end(struct dc_html *html) {
    dc_html_put(html, "</body>\n</html>\n");
}

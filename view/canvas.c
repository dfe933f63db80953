#include "view/canvas.h"

#include "lib/escape.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistr.h>

void view_canvas_init(struct view_canvas *canvas, struct dc_alloc alloc, bool ascii) {
    *canvas = (struct view_canvas){.alloc = alloc, .ascii = ascii};
}

void view_canvas_done(struct view_canvas *canvas) {
    if (canvas->cells)
        canvas->alloc.resize(canvas->alloc.ctx, canvas->cells, 0);
    canvas->cells = NULL;
    canvas->width = canvas->height = 0;
}

static unsigned clamp(unsigned side) {
    return side < 1 ? 1 : side > VIEW_SIDE_MOST ? VIEW_SIDE_MOST : side;
}

int view_canvas_resize(struct view_canvas *canvas, unsigned width, unsigned height,
                       struct dc_error *err) {
    width = clamp(width);
    height = clamp(height);
    size_t size = (size_t)width * height * sizeof(struct view_cell);
    void *cells = canvas->alloc.resize(canvas->alloc.ctx, canvas->cells, size);
    if (!cells)
        return dc_fail(err, DC_ENOMEM, "out of memory for a screen of %ux%u", width,
                       height);
    canvas->cells = cells;
    canvas->width = width;
    canvas->height = height;
    view_canvas_clear(canvas);
    return 0;
}

static const struct view_cell blank = {.text = " ", .len = 1};

void view_canvas_forget(struct view_canvas *canvas, struct dc_buf *words) {
    canvas->failed |= !dc_buf_ok(words);
    dc_buf_done(words);
}

void view_canvas_clear(struct view_canvas *canvas) {
    canvas->failed = false;
    for (size_t i = 0; i < (size_t)canvas->width * canvas->height; i++)
        canvas->cells[i] = blank;
}

static struct view_cell *cell_at(const struct view_canvas *canvas, unsigned x,
                                 unsigned y) {
    if (x >= canvas->width || y >= canvas->height)
        return NULL;
    return &canvas->cells[(size_t)y * canvas->width + x];
}

const struct view_cell *view_canvas_cell(const struct view_canvas *canvas, unsigned x,
                                         unsigned y) {
    return cell_at(canvas, x, y);
}

/* ---- printing ---- */

static bool is_blank(const struct view_cell *cell) {
    return cell->len == 1 && cell->text[0] == ' ';
}

static unsigned used_columns(const struct view_canvas *canvas, unsigned y) {
    unsigned n = canvas->width;
    while (n > 0 && is_blank(cell_at(canvas, n - 1, y)))
        n--;
    return n;
}

static void print_row(const struct view_canvas *canvas, unsigned y, struct dc_text *out) {
    unsigned end = used_columns(canvas, y), style = DC_STYLE_PLAIN;
    for (unsigned x = 0; x < end; x++) {
        const struct view_cell *cell = cell_at(canvas, x, y);
        unsigned wanted = cell->style & ~(unsigned)VIEW_REVERSE;
        if (wanted != style)
            dc_text_style(out, (enum dc_style)wanted);
        style = wanted;
        dc_text_add(out, cell->text, cell->len);
    }
    if (style != DC_STYLE_PLAIN)
        dc_text_style(out, DC_STYLE_PLAIN);
    dc_text_put(out, "\n");
}

void view_canvas_print(const struct view_canvas *canvas, struct dc_text *out) {
    for (unsigned y = 0; y < canvas->height; y++)
        print_row(canvas, y, out);
}

/* ---- pens ---- */

struct view_pen view_pen(struct view_canvas *canvas, unsigned x, unsigned y,
                         unsigned end) {
    if (end > canvas->width)
        end = canvas->width;
    if (y >= canvas->height)
        end = 0;
    return (struct view_pen){.canvas = canvas, .x = x, .y = y, .end = end};
}

unsigned view_pen_room(const struct view_pen *pen) {
    return pen->x < pen->end ? pen->end - pen->x : 0;
}

/* What was half overwritten would stand in two columns with one of them taken. */
static void unmake_wide(struct view_canvas *canvas, unsigned x, unsigned y) {
    struct view_cell *cell = cell_at(canvas, x, y), *left = cell_at(canvas, x - 1, y);
    struct view_cell *right = cell_at(canvas, x + 1, y);
    if (cell->len == 0 && x > 0)
        *left = blank;
    if (cell->len > 0 && right && right->len == 0)
        *right = blank;
}

/* One character of one or two columns. */
static void put_cell(struct view_pen *pen, const char *text, unsigned len,
                     unsigned width) {
    struct view_cell *cell = cell_at(pen->canvas, pen->x, pen->y);
    unmake_wide(pen->canvas, pen->x, pen->y);
    *cell =
        (struct view_cell){.len = (unsigned char)len, .style = (unsigned char)pen->style};
    memcpy(cell->text, text, len);
    if (width == 2) {
        unmake_wide(pen->canvas, pen->x + 1, pen->y);
        cell[1] = (struct view_cell){.style = cell->style};
    }
    pen->x += width;
}

/* A combining mark joins the character on its left. */
static void put_mark(struct view_pen *pen, const struct dc_piece *piece) {
    struct view_cell *cell = cell_at(pen->canvas, pen->x - 1, pen->y);
    if (pen->x == 0 || !cell)
        return;
    if (cell->len == 0)
        cell--;
    if (cell->len + piece->len > sizeof(cell->text))
        return;
    memcpy(cell->text + cell->len, piece->text, piece->len);
    cell->len = (unsigned char)(cell->len + piece->len);
}

/* The character as code where the terminal knows ASCII only. */
static void make_ascii(struct dc_piece *piece) {
    ucs4_t c = 0;
    char text[DC_PIECE_MAX + 1];
    u8_mbtouc(&c, (const uint8_t *)piece->text, piece->len);
    int n = c < 0x100     ? snprintf(text, sizeof(text), "\\x%02x", (unsigned)c)
            : c < 0x10000 ? snprintf(text, sizeof(text), "\\u%04x", (unsigned)c)
                          : snprintf(text, sizeof(text), "\\u{%x}", (unsigned)c);
    memcpy(piece->text, text, (size_t)n);
    piece->len = piece->width = (unsigned char)n;
}

static bool is_character(const struct dc_piece *piece) {
    return (unsigned char)piece->text[0] >= 0x80;
}

static struct dc_piece next_piece(const struct view_canvas *canvas, const char *s,
                                  size_t len) {
    struct dc_piece piece = dc_escape(s, len);
    if (canvas->ascii && is_character(&piece))
        make_ascii(&piece);
    return piece;
}

static void put_piece(struct view_pen *pen, const struct dc_piece *piece) {
    if (piece->width == 0)
        put_mark(pen, piece);
    else if (is_character(piece))
        put_cell(pen, piece->text, piece->len, piece->width);
    else
        for (unsigned i = 0; i < piece->len; i++)
            put_cell(pen, piece->text + i, 1, 1);
}

size_t view_pen_add(struct view_pen *pen, const char *s, size_t len) {
    size_t i = 0;
    while (i < len) {
        struct dc_piece piece = next_piece(pen->canvas, s + i, len - i);
        if (piece.width > view_pen_room(pen))
            break;
        put_piece(pen, &piece);
        i += piece.taken;
    }
    return i;
}

void view_pen_put(struct view_pen *pen, const char *fmt, ...) {
    char text[256];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    if (n > 0)
        view_pen_add(pen, text, (size_t)n < sizeof(text) ? (size_t)n : sizeof(text) - 1);
}

size_t view_canvas_fit(const struct view_canvas *canvas, const char *s, size_t len,
                       unsigned columns) {
    size_t i = 0;
    for (unsigned width = 0; i < len;) {
        struct dc_piece piece = next_piece(canvas, s + i, len - i);
        width += piece.width;
        if (width > columns)
            break;
        i += piece.taken;
    }
    return i;
}

unsigned view_canvas_width(const struct view_canvas *canvas, const char *s, size_t len) {
    unsigned width = 0;
    for (size_t i = 0; i < len;) {
        struct dc_piece piece = next_piece(canvas, s + i, len - i);
        width += piece.width;
        i += piece.taken;
    }
    return width;
}

void view_pen_cut(struct view_pen *pen, const char *s, size_t len, unsigned columns) {
    struct view_pen part = *pen;
    unsigned room = view_pen_room(pen);
    columns = columns < room ? columns : room;
    part.end = part.x + columns;
    if (view_canvas_fit(pen->canvas, s, len, columns) < len) {
        unsigned dots = columns < 3 ? columns : 3;
        part.end -= dots;
        view_pen_add(&part, s, len);
        part.end += dots;
        view_pen_put(&part, "%.*s", (int)dots, "...");
    } else {
        view_pen_add(&part, s, len);
    }
    pen->x = part.x;
}

void view_pen_tab(struct view_pen *pen, unsigned x) {
    while (pen->x < x && view_pen_room(pen) > 0)
        put_cell(pen, " ", 1, 1);
}

#include "lib/series.h"

#include "lib/number.h"
#include "lib/same.h"

#include <float.h>
#include <stdlib.h>
#include <string.h>

/* ---- values ---- */

/* Every u64, i64 and double is one of these. */
_Static_assert(LDBL_MANT_DIG >= 64, "long double cannot hold a u64");

static long double real_of(struct dc_series_value value) {
    return value.kind == DC_SERIES_U64   ? (long double)value.u
           : value.kind == DC_SERIES_I64 ? (long double)value.i
                                         : (long double)value.f;
}

int dc_series_compare(struct dc_series_value a, struct dc_series_value b) {
    long double x = real_of(a), y = real_of(b);
    return (x > y) - (x < y);
}

void dc_series_add_value(struct dc_series_value value, struct dc_buf *out) {
    char text[DC_NUMBER_MAX];
    if (value.kind == DC_SERIES_U64)
        dc_buf_add(out, text, dc_format_u64(value.u, text));
    else if (value.kind == DC_SERIES_I64)
        dc_buf_add(out, text, dc_format_i64(value.i, text));
    else if (value.kind == DC_SERIES_REAL)
        dc_buf_add(out, text, dc_format_f64(value.f, text));
}

/* ---- reading the statistics ---- */

/* What is known while a sample is walked through. */
struct walk {
    struct dc_series_set *set;
    struct dc_lex lex;
    size_t sample;
    size_t len;   /* of name, which may be longer than its room */
    bool no_room; /* in memory */
    char name[DC_SERIES_NAME];
};

static struct dc_series_value value_of(struct dc_number_token number) {
    struct dc_series_value value = {.kind = DC_SERIES_U64};
    if (number.integer && dc_parse_u64(number.raw, &value.u) == 0)
        return value;
    value.kind = DC_SERIES_I64;
    if (number.integer && dc_parse_i64(number.raw, &value.i) == 0)
        return value;
    value.kind = DC_SERIES_REAL;
    if (dc_parse_f64(number.raw, &value.f) < 0)
        value.kind = DC_SERIES_GAP;
    return value;
}

/* Adds bytes to the name; those beyond its room are only counted. */
static void push(struct walk *walk, const char *p, size_t len) {
    if (walk->len + len <= DC_SERIES_NAME)
        memcpy(walk->name + walk->len, p, len);
    walk->len += len;
}

static bool is_plain(struct dc_span raw) {
    return raw.len > 0 && raw.p[0] != '$' && !memchr(raw.p, '.', raw.len) &&
           !memchr(raw.p, '\\', raw.len);
}

/* Escapes of JSON keep two names apart that would else look the same. */
static void push_name(struct walk *walk, struct dc_span raw) {
    bool plain = is_plain(raw);
    if (walk->len > 0)
        push(walk, ".", 1);
    push(walk, "\"", plain ? 0 : 1);
    push(walk, raw.p, raw.len);
    push(walk, "\"", plain ? 0 : 1);
}

static struct dc_series *make(struct walk *walk) {
    struct dc_series_set *set = walk->set;
    struct dc_series *series = dc_arena_get(&set->arena, sizeof(*series));
    char *name = dc_arena_get(&set->arena, walk->len + 1);
    if (!series || !name) {
        walk->no_room = true;
        return NULL;
    }
    memcpy(name, walk->name, walk->len);
    *series = (struct dc_series){.name = {name, walk->len}};
    set->all[set->n++] = series;
    return series;
}

/* The field that walk->name names; NULL: it has no room. */
static struct dc_series *find(struct walk *walk) {
    struct dc_series_set *set = walk->set;
    struct dc_str name = {walk->name, walk->len};
    if (walk->len > DC_SERIES_NAME)
        return NULL;
    size_t at = (size_t)dc_same_mix_str(1, name) % DC_SERIES_SLOTS;
    while (set->slots[at] && !dc_str_same(set->slots[at]->name, name))
        at = (at + 1) % DC_SERIES_SLOTS;
    if (!set->slots[at] && set->n < DC_SERIES_MOST)
        set->slots[at] = make(walk);
    return set->slots[at];
}

/* Of a name that stands twice in one object the last one counts. */
static bool is_again(const struct walk *walk, const struct dc_series *series) {
    return series->last_point && series->last_point->sample == walk->sample;
}

static void keep(struct walk *walk, struct dc_series *series,
                 struct dc_series_value value) {
    struct dc_series_point *point = series->last_point;
    if (is_again(walk, series)) {
        point->value = value;
        return;
    }
    point = dc_arena_get(&walk->set->arena, sizeof(*point));
    if (!point) {
        walk->no_room = true;
        return;
    }
    *point = (struct dc_series_point){.sample = walk->sample, .value = value};
    if (series->last_point)
        series->last_point->next = point;
    else
        series->points = point;
    series->last_point = point;
}

/* The scalar or the array before the lexer. */
static void read_leaf(struct walk *walk, int c) {
    struct dc_number_token number;
    struct dc_series *series = find(walk);
    bool is_number = c == '-' || (c >= '0' && c <= '9');
    if (!is_number) {
        dc_lex_pass(&walk->lex, NULL);
        if (series && is_again(walk, series))
            series->last_point->value.kind = DC_SERIES_GAP;
        return;
    }
    if (dc_lex_number(&walk->lex, &number) < 0)
        return; /* it has been checked */
    if (series)
        keep(walk, series, value_of(number));
    else
        walk->set->left_out++;
}

/* As deep as the reader lets a document be. */
static void read_value(struct walk *walk) {
    struct dc_string_token key;
    size_t len = walk->len;
    int c = dc_lex_peek(&walk->lex);
    if (c != '{' || dc_lex_open(&walk->lex, '{') < 0) {
        if (len == 0)
            push(walk, "$", 1);
        read_leaf(walk, c);
        walk->len = len;
        return;
    }
    for (bool first = true; !walk->no_room && dc_lex_more(&walk->lex, '}', first) > 0 &&
                            dc_lex_key(&walk->lex, &key) == 0;
         first = false) {
        push_name(walk, key.raw);
        read_value(walk);
        walk->len = len;
    }
}

/* ---- what is to be said of them ---- */

static void judge(struct dc_series *series) {
    struct dc_series_point **at = &series->points;
    while (*at) {
        struct dc_series_value value = (*at)->value;
        if (value.kind == DC_SERIES_GAP) { /* overridden by what is no number */
            *at = (*at)->next;
            continue;
        }
        if (series->count == 0)
            series->least = series->most = series->last = value;
        series->moved |= dc_series_compare(value, series->last) != 0;
        if (dc_series_compare(value, series->least) < 0)
            series->least = value;
        if (dc_series_compare(value, series->most) > 0)
            series->most = value;
        series->last = value;
        series->count++;
        at = &(*at)->next;
    }
}

static int by_name(const void *a, const void *b) {
    const struct dc_series *const *x = a, *const *y = b;
    struct dc_str one = (*x)->name, other = (*y)->name;
    size_t len = one.len < other.len ? one.len : other.len;
    int order = memcmp(one.p, other.p, len);
    return order != 0 ? order : (one.len > other.len) - (one.len < other.len);
}

static int begin(struct dc_series_set *set) {
    size_t slots = DC_SERIES_SLOTS * sizeof(struct dc_series *);
    set->all = dc_arena_get(&set->arena, DC_SERIES_MOST * sizeof(struct dc_series *));
    set->slots = dc_arena_get(&set->arena, slots);
    if (!set->all || !set->slots)
        return -1;
    memset(set->slots, 0, slots);
    return 0;
}

int dc_series_collect(struct dc_series_set *set, const struct dc_list *samples,
                      struct dc_alloc alloc, struct dc_error *err) {
    struct walk walk = {.set = set};
    *set = (struct dc_series_set){.samples = samples->count};
    dc_arena_init(&set->arena, alloc, 0);
    if (begin(set) < 0)
        return dc_arena_fail(&set->arena, err);
    for (struct dc_list_walk at = dc_list_walk(samples);
         !walk.no_room && dc_list_next(&at);) {
        const union dc_slot *stats = dc_slot(at.value.rec, DC_AT_STATS_SAMPLE_stats);
        if (!stats)
            continue;
        dc_lex_init(&walk.lex, stats->any->p, stats->any->len, NULL);
        walk.sample = at.index;
        read_value(&walk);
    }
    if (walk.no_room)
        return dc_arena_fail(&set->arena, err);
    for (size_t i = 0; i < set->n; i++)
        judge(set->all[i]);
    qsort(set->all, set->n, sizeof(struct dc_series *), by_name);
    return 0;
}

void dc_series_done(struct dc_series_set *set) {
    dc_arena_done(&set->arena);
    *set = (struct dc_series_set){.n = 0};
}

/* ---- drawing ---- */

struct dc_series_parts dc_series_parts(const struct dc_series_set *set,
                                       const struct dc_series *series, size_t most) {
    size_t parts = set->samples < most ? set->samples : most;
    return (struct dc_series_parts){
        .parts = parts, .point = series->points, .samples = set->samples};
}

bool dc_series_next(struct dc_series_parts *p) {
    if (p->next == p->parts)
        return false;
    p->index = p->next++;
    size_t end = (size_t)((unsigned __int128)p->next * p->samples / p->parts);
    p->value = (struct dc_series_value){.kind = DC_SERIES_GAP};
    for (; p->point && p->point->sample < end; p->point = p->point->next)
        if (p->value.kind == DC_SERIES_GAP ||
            dc_series_compare(p->point->value, p->value) > 0)
            p->value = p->point->value;
    return true;
}

unsigned dc_series_level(const struct dc_series *series, struct dc_series_value value,
                         unsigned top, unsigned middle) {
    long double least = real_of(series->least), most = real_of(series->most);
    if (!series->moved)
        return real_of(value) == 0 ? 0 : middle;
    if (dc_series_compare(value, series->most) == 0)
        return top;
    /* Halved, for the span of two doubles may be more than a double. */
    unsigned level = (unsigned)((real_of(value) / 2 - least / 2) /
                                (most / 2 - least / 2) * (long double)top);
    return level < top ? level : top - 1;
}

void dc_series_spark(const struct dc_series_set *set, const struct dc_series *series,
                     unsigned columns, struct dc_buf *out) {
    enum { HIGHEST = 7, MIDDLE = 4 };
    struct dc_series_parts parts = dc_series_parts(set, series, columns);
    while (dc_series_next(&parts)) {
        if (parts.value.kind == DC_SERIES_GAP) {
            dc_buf_text(out, DC_SERIES_NONE);
            continue;
        }
        unsigned block = dc_series_level(series, parts.value, HIGHEST, MIDDLE);
        const char text[] = {'\xe2', '\x96', (char)(0x81 + block)};
        dc_buf_add(out, text, sizeof(text));
    }
}

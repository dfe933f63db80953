#include "lib/reader_private.h"

#include <string.h>

/*
 * The tag of a union mostly comes first. Where it does not, the members before it are
 * looked through; unions nest, and those inside would be looked through again by each one
 * around them. So a look ahead notes, for every object that it passes, where the tag
 * stands if it is not the first member: each byte is looked through once.
 *
 * Places are kept in the order of the objects, in segments that double in size.
 */

static struct dc_tag_place *place_at(const struct dc_tag_places *places, size_t i) {
    size_t n = i / DC_TAG_SEGMENT + 1;
    unsigned segment = 63 - (unsigned)__builtin_clzll(n);
    size_t before = DC_TAG_SEGMENT * (((size_t)1 << segment) - 1);
    return &places->segments[segment][i - before];
}

static int add_place(struct dc_reader *reader, const char *object) {
    struct dc_tag_places *places = &reader->places;
    size_t n = places->count / DC_TAG_SEGMENT + 1;
    unsigned segment = 63 - (unsigned)__builtin_clzll(n);
    if (!places->segments[segment]) {
        size_t room = (size_t)DC_TAG_SEGMENT << segment;
        places->segments[segment] =
            dc_arena_get(reader->arena, room * sizeof(struct dc_tag_place));
        if (!places->segments[segment])
            return dc_reader_no_memory(reader);
    }
    uint32_t at = (uint32_t)(object - reader->lex.start);
    *place_at(places, places->count++) = (struct dc_tag_place){.object = at};
    return 0;
}

/* ---- looking ahead ---- */

/* A container that the look ahead has open. */
struct open {
    char closing;
    bool any;     /* a member or an element has begun */
    size_t place; /* of an object */
};

struct search {
    struct dc_reader *reader;
    struct dc_lex *lex;
    struct dc_span tag;
    unsigned base; /* depth around the object that is searched */
    struct open open[DC_MAX_DEPTH + 1];
};

static bool is_tag(const struct search *search, struct dc_string_token key) {
    if (!key.escaped)
        return key.raw.len == search->tag.len &&
               memcmp(key.raw.p, search->tag.p, key.raw.len) == 0;
    return dc_compare_raw(key.raw, search->tag) == 0;
}

static struct open *innermost(struct search *search) {
    return &search->open[search->lex->depth - search->base];
}

static int enter(struct search *search, char bracket) {
    const char *at = search->lex->pos;
    if (dc_reader_located(search->reader, dc_lex_open(search->lex, bracket)) < 0)
        return -1;
    *innermost(search) = (struct open){.closing = bracket == '{' ? '}' : ']',
                                       .place = search->reader->places.count};
    return bracket == '{' ? add_place(search->reader, at) : 0;
}

/* An object without a late tag, and without one in it, need not be remembered. */
static void leave(struct search *search, const struct open *open) {
    struct dc_tag_places *places = &search->reader->places;
    if (open->closing == '}' && open->place + 1 == places->count &&
        place_at(places, open->place)->value == 0)
        places->count--;
}

/* Notes the place of the tag that stands before the lexer. */
static void note(struct search *search, const struct open *open) {
    struct dc_tag_place *place = place_at(&search->reader->places, open->place);
    if (place->value == 0)
        place->value = (uint32_t)(search->lex->pos - search->reader->lex.start);
}

/* Closes what ends here and begins the next member or element. 1: there is one, 2: it is
   the tag of the object that is searched, 0: that object has ended. */
static int next(struct search *search) {
    struct dc_lex *lex = search->lex;
    struct dc_string_token key;
    int more = 0;
    while (more == 0 && lex->depth > search->base) {
        struct open *open = innermost(search);
        more = dc_lex_more(lex, open->closing, !open->any);
        if (more == 0)
            leave(search, open);
    }
    if (more <= 0)
        return more;
    struct open *open = innermost(search);
    if (open->closing == '}') {
        if (dc_lex_key(lex, &key) < 0)
            return -1;
        bool tag = is_tag(search, key);
        if (tag && lex->depth == search->base + 1)
            return 2;
        if (tag && open->any)
            note(search, open);
    }
    open->any = true;
    return 1;
}

static int look_ahead(struct search *search) {
    struct dc_lex *lex = search->lex;
    int more;
    if (enter(search, '{') < 0)
        return -1;
    while ((more = next(search)) == 1) {
        int c = dc_lex_peek(lex);
        if (c == '{' || c == '[') {
            if (enter(search, (char)c) < 0)
                return -1;
        } else if (dc_lex_skip(lex, NULL) < 0) {
            more = -1;
            break;
        }
    }
    return dc_reader_located(search->reader, more);
}

/* ---- what was noted ---- */

/* 1: noted, and `value` is set; 0: no tag but perhaps the first member; -1: never seen. */
static int recall(struct dc_reader *reader, const char *tag, const char **value) {
    struct dc_tag_places *places = &reader->places;
    uint32_t at = (uint32_t)(reader->lex.pos - reader->lex.start);
    if (places->tag != tag || at >= places->until)
        return -1;
    while (places->next < places->count && place_at(places, places->next)->object < at)
        places->next++;
    if (places->next == places->count)
        return 0;
    const struct dc_tag_place *place = place_at(places, places->next);
    if (place->object != at || place->value == 0)
        return 0;
    *value = reader->lex.start + place->value;
    return 1;
}

/* Whether the first member is the tag; then `ahead` stands before its value. */
static int is_first(const struct search *search) {
    struct dc_string_token key;
    struct dc_lex lex = *search->lex;
    if (dc_lex_open(&lex, '{') < 0)
        return -1;
    int more = dc_lex_more(&lex, '}', true);
    if (more <= 0 || dc_lex_key(&lex, &key) < 0)
        return more == 0 ? 0 : -1;
    if (!is_tag(search, key))
        return 0;
    *search->lex = lex;
    return 1;
}

int dc_reader_find_tag(struct dc_reader *reader, struct dc_lex *ahead, const char *tag) {
    struct dc_tag_places *places = &reader->places;
    struct search search;
    const char *value;
    search.reader = reader;
    search.lex = ahead;
    search.tag = (struct dc_span){tag, strlen(tag)};
    search.base = ahead->depth;
    int found = is_first(&search);
    if (found != 0)
        return dc_reader_located(reader, found);
    found = recall(reader, tag, &value);
    if (found == 1)
        ahead->pos = value;
    if (found >= 0)
        return found;
    places->count = places->next = 0;
    places->tag = tag;
    found = look_ahead(&search);
    places->until = (uint32_t)(ahead->pos - reader->lex.start);
    return found > 0 ? 1 : found;
}

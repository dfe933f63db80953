#include "lib/openmetrics_name.h"

#include "lib/escape.h"
#include "lib/number.h"

#include <string.h>

/* A text in a place of fixed size; what does not fit is remembered. */
struct line {
    char *out;
    size_t len, size;
    bool full;
    bool cleaned; /* by add_clean() */
};

static void add(struct line *line, const char *s, size_t len) {
    if (line->full || len >= line->size - line->len) {
        line->full = true;
        return;
    }
    memcpy(line->out + line->len, s, len);
    line->len += len;
    line->out[line->len] = '\0';
}

static void add_text(struct line *line, const char *s) {
    add(line, s, strlen(s));
}

/* From the outermost to the node itself, without that of all that was sent. */
static size_t steps_to(const struct dc_stats_node *node,
                       const struct dc_stats_node *steps[DC_MAX_DEPTH + 1]) {
    size_t n = 0;
    for (; node->parent && n < DC_MAX_DEPTH + 1; node = node->parent)
        steps[n++] = node;
    for (size_t i = 0; i < n / 2; i++) {
        const struct dc_stats_node *other = steps[i];
        steps[i] = steps[n - 1 - i];
        steps[n - 1 - i] = other;
    }
    return n;
}

bool dc_om_pattern(const struct dc_stats_node *node, char out[DC_STATS_PATH_MAX + 1]) {
    const struct dc_stats_node *steps[DC_MAX_DEPTH + 1];
    struct line line = {.out = out, .size = DC_STATS_PATH_MAX - 3};
    size_t n = steps_to(node, steps);
    out[0] = '\0';
    for (size_t i = 0; i < n; i++) {
        add_text(&line, i ? "." : "");
        if (steps[i]->step == DC_STATS_MEMBER)
            add(&line, steps[i]->key.p, steps[i]->key.len);
        else
            add_text(&line, "*");
    }
    if (n == 0)
        add_text(&line, "(value)");
    if (line.full)
        memcpy(out + line.len, "...", 4);
    return n > 0 && !line.full;
}

/* ---- names ---- */

static bool is_name_char(char c, bool first) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           (!first && c >= '0' && c <= '9');
}

/* Each character that no name can have becomes a '_'; a digit at the beginning gets one. */
static void add_clean(struct line *line, const char *s, size_t len) {
    for (size_t i = 0; i < len; i++) {
        bool good = is_name_char(s[i], line->len == 0);
        line->cleaned |= !good;
        if (line->len == 0 && s[i] >= '0' && s[i] <= '9')
            add_text(line, "_");
        if (((unsigned char)s[i] & 0xc0) == 0x80)
            continue; /* one for a whole character */
        if (is_name_char(s[i], line->len == 0))
            add(line, &s[i], 1);
        else
            add_text(line, "_");
    }
}

static void add_clean_str(struct line *line, struct dc_str s) {
    add_clean(line, s.p, s.len);
}

static struct dc_str prefix_of(const struct dc_stats_struct *of) {
    struct dc_str prefix = {NULL, 0};
    return of ? dc_stats_user_find(of->user, "_om_prefix") : prefix;
}

/* Whether a prefix and a field together are the same as another two. */
static bool same_name(struct dc_str prefix, struct dc_str name, struct dc_str prefix_2,
                      struct dc_str name_2) {
    if (prefix.len + name.len != prefix_2.len + name_2.len)
        return false;
    for (size_t i = 0; i < prefix.len + name.len; i++) {
        char a = i < prefix.len ? prefix.p[i] : name.p[i - prefix.len];
        char b = i < prefix_2.len ? prefix_2.p[i] : name_2.p[i - prefix_2.len];
        if (a != b)
            return false;
    }
    return true;
}

/* Whether the field of another struct would be called the same. */
static bool has_rival(const struct dc_stats_meta *meta, const struct dc_stats_struct *of,
                      struct dc_str name) {
    struct dc_str prefix = prefix_of(of);
    for (const struct dc_stats_struct *other = meta->structs; other;
         other = other->next) {
        if (other == of || (other != meta->top && other->references == 0))
            continue; /* nothing leads to that one */
        struct dc_str its = prefix_of(other);
        for (const struct dc_stats_field *f = other->fields; f; f = f->next)
            if (same_name(prefix, name, its, f->name))
                return true;
    }
    return false;
}

/*
 * Whether prefix and field say enough: everything on the way is known, each struct is
 * reached in one way only, and, unless a dictionary's label tells them apart, has a prefix.
 */
static bool is_short(const struct dc_stats_node *node, const struct dc_stats_meta *meta) {
    const struct dc_stats_node *outer = node;
    if (!meta || !node->field)
        return false;
    if (node->step == DC_STATS_KEY)
        outer = node->parent; /* a number in a dictionary: called as the dictionary */
    const struct dc_stats_struct *of = outer->parent ? outer->parent->of : NULL;
    for (const struct dc_stats_node *n = outer->parent; n && n->parent; n = n->parent) {
        if (n->step == DC_STATS_MEMBER && n->of && prefix_of(n->of).len == 0)
            return false;
        if (n->of && n->of->references > 1)
            return false;
        if (!n->of && !n->field)
            return false;
    }
    return of && (of == meta->top || !has_rival(meta, of, outer->key));
}

enum dc_om_rank dc_om_name(const struct dc_stats_node *node,
                           const struct dc_stats_meta *meta, char out[DC_OM_NAME_MAX]) {
    const struct dc_stats_node *steps[DC_MAX_DEPTH + 1];
    size_t n = steps_to(node, steps), first = 0, last = n;
    struct line line = {.out = out, .size = DC_OM_NAME_MAX - 12};
    out[0] = '\0';
    while (last > 1 && steps[last - 1]->step == DC_STATS_KEY)
        last--;
    if (is_short(node, meta))
        first = last - 1;
    struct dc_str prefix = prefix_of(steps[last - 1]->parent->of);
    if (prefix.len < DC_STATS_PATH_MAX - 16) /* the rest is shorter than a path */
        add_clean_str(&line, prefix);
    size_t members = 0;
    for (size_t i = first; i < last; i++) {
        if (steps[i]->step != DC_STATS_MEMBER)
            continue;
        add_text(&line, members++ > 0 ? "_" : "");
        add_clean_str(&line, steps[i]->key);
    }
    line.cleaned |= line.len == 0;
    if (line.len == 0)
        add_text(&line, "_");
    return line.cleaned ? DC_OM_CLEANED : members > 1 ? DC_OM_PATH : DC_OM_OWN;
}

void dc_om_numbered(const char *name, unsigned number, char out[DC_OM_NAME_MAX]) {
    char digits[DC_NUMBER_MAX];
    struct line line = {.out = out, .size = DC_OM_NAME_MAX};
    add_text(&line, name);
    add_text(&line, "_");
    size_t n = dc_format_u64(number, digits);
    add(&line, digits, n);
}

/* ---- labels ---- */

void dc_om_escape(struct dc_buf *out, const char *s, size_t len) {
    for (size_t i = 0; i < len; i++) {
        if (s[i] == '\n')
            dc_buf_text(out, "\\n");
        else if (s[i] == '"' || s[i] == '\\')
            dc_buf_add(out, s[i] == '"' ? "\\\"" : "\\\\", 2);
        else
            dc_buf_add(out, &s[i], 1);
    }
}

static void add_escaped(struct line *line, const char *s, size_t len) {
    for (size_t i = 0; i < len; i++) {
        if (s[i] == '\n')
            add_text(line, "\\n");
        else if (s[i] == '"' || s[i] == '\\')
            add(line, s[i] == '"' ? "\\\"" : "\\\\", 2);
        else
            add(line, &s[i], 1);
    }
}

static void add_label_value(struct line *line, struct dc_str key, bool visible) {
    for (size_t i = 0; i < key.len && !line->full;) {
        struct dc_piece piece = dc_escape(key.p + i, key.len - i);
        bool plain = !visible || key.p[i] == '\n';
        add_escaped(line, plain ? key.p + i : piece.text,
                    plain ? piece.taken : piece.len);
        i += piece.taken;
    }
}

/* Names that begin with "__" are the collector's own. */
static void add_label_name(struct line *line, const struct dc_stats_node *key) {
    struct dc_str name = key->of ? dc_stats_user_find(key->of->user, "_om_label")
                                 : (struct dc_str){NULL, 0};
    char clean[DC_STATS_PATH_MAX];
    struct line own = {.out = clean, .size = sizeof(clean)};
    clean[0] = '\0';
    if (name.len == 0)
        name = key->parent->key;
    while (name.len > 1 && name.p[0] == '_' && name.p[1] == '_') {
        name.p++;
        name.len--;
    }
    add_clean_str(&own, name);
    if (own.len == 0)
        add_text(&own, "_");
    line->full |= own.full;
    add_text(line, clean);
}

/* Whether `name` stands before it among the labels that `line` has got so far. */
static bool is_used(const char *labels, const char *name, size_t len) {
    for (const char *p = labels + 1; *p;) {
        if (strncmp(p, name, len) == 0 && p[len] == '=')
            return true;
        for (p += strcspn(p, "\"") + 1; *p != '"'; p++)
            if (*p == '\\')
                p++;
        p += p[1] == ',' ? 2 : 1;
    }
    return false;
}

static void add_label(struct line *line, const struct dc_stats_node *key, bool visible) {
    char name[DC_OM_NAME_MAX], numbered[DC_OM_NAME_MAX];
    struct line own = {.out = name, .size = DC_STATS_PATH_MAX};
    name[0] = '\0';
    add_label_name(&own, key);
    memcpy(numbered, name, sizeof(numbered));
    for (unsigned number = 2;
         line->len > 1 && is_used(line->out, numbered, strlen(numbered)); number++)
        dc_om_numbered(name, number, numbered);
    line->full |= own.full || memchr(key->key.p, '\r', key->key.len);
    add_text(line, line->len > 1 ? "," : "");
    add_text(line, numbered);
    add_text(line, "=\"");
    add_label_value(line, key->key, visible);
    add_text(line, "\"");
}

bool dc_om_labels(const struct dc_stats_node *node, bool visible,
                  char out[DC_OM_LABELS_MAX]) {
    const struct dc_stats_node *steps[DC_MAX_DEPTH + 1];
    struct line line = {.out = out, .size = DC_OM_LABELS_MAX};
    size_t n = steps_to(node, steps);
    out[0] = '\0';
    for (size_t i = 0; i < n && !line.full; i++) {
        if (steps[i]->step != DC_STATS_KEY)
            continue;
        add_text(&line, line.len ? "" : "{");
        add_label(&line, steps[i], visible);
    }
    add_text(&line, line.len ? "}" : "");
    if (line.full)
        out[0] = '\0';
    return !line.full;
}

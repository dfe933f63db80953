/* The unit of a field, where its scheduler says one. A part of stats_meta. */
#include "lib/stats_meta.h"

#include <string.h>

/* How people write units in descriptions, and how they are shown. */
static const struct {
    const char *word, *unit;
} units[] = {
    {"ns", "ns"},           {"nsec", "ns"},
    {"nsecs", "ns"},        {"nanosecond", "ns"},
    {"nanoseconds", "ns"},  {"us", "us"},
    {"usec", "us"},         {"usecs", "us"},
    {"microsecond", "us"},  {"microseconds", "us"},
    {"\xc2\xb5s", "us"},    {"\xce\xbcs", "us"},
    {"ms", "ms"},           {"msec", "ms"},
    {"msecs", "ms"},        {"millisecond", "ms"},
    {"milliseconds", "ms"}, {"s", "s"},
    {"sec", "s"},           {"secs", "s"},
    {"seconds", "s"},       {"byte", "bytes"},
    {"bytes", "bytes"},     {"KiB", "KiB"},
    {"MiB", "MiB"},         {"GiB", "GiB"},
    {"pages", "pages"},     {"jiffies", "jiffies"},
    {"Hz", "Hz"},           {"kHz", "kHz"},
    {"MHz", "MHz"},         {"GHz", "GHz"},
    {"percent", "%"},       {"%", "%"},
};

static struct dc_str none(void) {
    return (struct dc_str){NULL, 0};
}

static struct dc_str unit_of(struct dc_str word) {
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
        if (dc_str_is(word, units[i].word))
            return (struct dc_str){units[i].unit, strlen(units[i].unit)};
    return none();
}

/* The next word of *rest, which it is taken from, without ',' ';' ':' '.' behind it. */
static struct dc_str next_word(struct dc_str *rest) {
    while (rest->len > 0 && *rest->p == ' ') {
        rest->p++;
        rest->len--;
    }
    const char *end = rest->len ? memchr(rest->p, ' ', rest->len) : NULL;
    struct dc_str word = {rest->p, end ? (size_t)(end - rest->p) : rest->len};
    rest->p += word.len;
    rest->len -= word.len;
    while (word.len > 0 && strchr(",;:.", word.p[word.len - 1]))
        word.len--;
    return word;
}

/* The inside of "(ms)" or "[ms]"; else p is NULL. */
static struct dc_str in_brackets(struct dc_str word) {
    if (word.len < 3)
        return none();
    char first = word.p[0], last = word.p[word.len - 1];
    if (!(first == '(' && last == ')') && !(first == '[' && last == ']'))
        return none();
    return (struct dc_str){word.p + 1, word.len - 2};
}

/* "(100% means one full CPU)" says what a percentage is of. */
static bool explains_percent(struct dc_str word, struct dc_str rest) {
    return dc_str_is(word, "(100%") && dc_str_is(next_word(&rest), "means");
}

static struct dc_str described(struct dc_str text) {
    bool after_in = false;
    for (;;) {
        struct dc_str word = next_word(&text), inside = in_brackets(word);
        if (word.len == 0 && text.len == 0)
            return none();
        struct dc_str unit = after_in ? unit_of(word) : none();
        if (!unit.p && inside.p)
            unit = unit_of(inside);
        if (!unit.p && (dc_str_is(word, "%") || explains_percent(word, text)))
            unit = unit_of((struct dc_str){"%", 1});
        if (unit.p)
            return unit;
        after_in = dc_str_is(word, "in");
    }
}

struct dc_str dc_stats_unit(const struct dc_stats_field *field) {
    if (!field)
        return none();
    struct dc_str said = dc_stats_user_find(field->user, "unit");
    if (said.len > 0)
        return said;
    return field->desc.p ? described(field->desc) : none();
}

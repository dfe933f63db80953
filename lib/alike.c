#include "lib/alike.h"

#include "lib/buf.h"
#include "lib/members.h"
#include "lib/wire.h"

#include <stdlib.h>
#include <string.h>

static enum dc_alike worse(enum dc_alike one, enum dc_alike other) {
    if (one == DC_ALIKE_FAILED || other == DC_ALIKE_FAILED)
        return DC_ALIKE_FAILED;
    return one > other ? one : other;
}

static bool is_decided(enum dc_alike so_far) {
    return so_far == DC_ALIKE_FAILED || so_far == DC_ALIKE_DIFFERENT;
}

static enum dc_alike verdict(bool same) {
    return same ? DC_ALIKE_SAME : DC_ALIKE_DIFFERENT;
}

static enum dc_alike no_memory(const struct dc_alike_pair *pair) {
    dc_fail(pair->err, DC_ENOMEM, "out of memory");
    return DC_ALIKE_FAILED;
}

/* ---- noise ---- */

/* Fields that are not what their unit says. */
enum exception { NO_EXCEPTION, SETTING, PASSING, REGISTER, WORDS };

static const struct {
    const struct dc_type *type;
    int field;
    enum exception what;
} exceptions[] = {
    /* chosen by somebody, so they mean something although they are times */
    {&dc_type_DUAL, DC_AT_DUAL_early_threshold_jiffies, SETTING},
    {&dc_type_SCX_SCHED, DC_AT_SCX_SCHED_watchdog_timeout, SETTING},
    {&dc_type_FREEZE, DC_AT_FREEZE_timeout_ms, SETTING},
    /* true for one run, or for one moment of it */
    {&dc_type_DUMPCTL, DC_AT_DUMPCTL_captured_at, PASSING},
    {&dc_type_FREEZE, DC_AT_FREEZE_rekicks, PASSING},
    {&dc_type_VCPU, DC_AT_VCPU_kicks, PASSING},
    {&dc_type_VCPU, DC_AT_VCPU_host_tid, PASSING},
    {&dc_type_VCPU, DC_AT_VCPU_last_exit, PASSING},
    {&dc_type_GENERAL_REGS, DC_AT_GENERAL_REGS_rflags, REGISTER},
    {&dc_type_VCPU_REGS, DC_AT_VCPU_REGS_tcr_el1, REGISTER},
    /* a text that holds times */
    {&dc_type_DUAL, DC_AT_DUAL_early_skipped_reason, WORDS},
};

static enum exception exception_of(const struct dc_type *type, size_t i) {
    for (size_t e = 0; e < sizeof(exceptions) / sizeof(exceptions[0]); e++)
        if (exceptions[e].type == type && (size_t)exceptions[e].field == i)
            return exceptions[e].what;
    return NO_EXCEPTION;
}

bool dc_alike_is_noise(const struct dc_alike_pair *pair, const struct dc_type *type,
                       size_t i) {
    enum exception what = exception_of(type, i);
    if (what != NO_EXCEPTION)
        return what == PASSING || (what == REGISTER && !pair->addresses);
    switch (type->fields[i].unit) {
    case DC_ADDRESS:
        return !pair->addresses;
    case DC_NS:
    case DC_US:
    case DC_MS:
    case DC_JIFFIES:
        return true;
    default:
        return false;
    }
}

/* ---- unknown members ---- */

/* Both values in canonical form. */
static enum dc_alike compare_any(const struct dc_alike_pair *pair, struct dc_span a,
                                 struct dc_span b) {
    if (a.len == b.len && memcmp(a.p, b.p, a.len) == 0)
        return DC_ALIKE_SAME;
    struct dc_span values[2] = {a, b};
    struct dc_buf texts[2];
    bool written = true;
    for (int side = 0; side < 2; side++) {
        struct dc_writer w;
        dc_buf_init(&texts[side], pair->alloc);
        dc_writer_init(&w, dc_buf_sink(&texts[side]), false, false);
        int rc = dc_wire_write_any(&w, values[side], pair->alloc, pair->err);
        written = dc_writer_finish(&w) == 0 && rc == 0 && written;
    }
    bool same =
        texts[0].len == texts[1].len &&
        (texts[0].len == 0 || memcmp(texts[0].data, texts[1].data, texts[0].len) == 0);
    dc_buf_done(&texts[0]);
    dc_buf_done(&texts[1]);
    return written ? verdict(same) : no_memory(pair);
}

static enum dc_alike compare_members(const struct dc_alike_pair *pair,
                                     const struct dc_members *a,
                                     const struct dc_members *b) {
    enum dc_alike so_far = verdict(a->count == b->count);
    for (size_t i = 0; !is_decided(so_far) && i < a->count; i++) {
        struct dc_member one = dc_members_get(a, i), other = dc_members_get(b, i);
        so_far = verdict(dc_compare_raw(one.name, other.name) == 0);
        if (so_far == DC_ALIKE_SAME)
            so_far = compare_any(pair, one.value, other.value);
    }
    return so_far;
}

static int collect(const struct dc_alike_pair *pair, int side,
                   const struct dc_type *declared, const struct dc_rec *rec,
                   struct dc_members *members) {
    struct dc_known known = {rec->type, declared};
    struct dc_span object = {pair->text[side] + rec->at, pair->len[side] - rec->at};
    return dc_members_collect(members, pair->alloc, pair->text[side], object,
                              dc_members_unknown, &known, pair->err);
}

enum dc_alike dc_alike_unknown(const struct dc_alike_pair *pair,
                               const struct dc_type *declared, const struct dc_rec *a,
                               const struct dc_rec *b) {
    if (!dc_has_unknown(a) && !dc_has_unknown(b))
        return DC_ALIKE_SAME;
    if (!dc_has_unknown(a) || !dc_has_unknown(b))
        return DC_ALIKE_DIFFERENT;
    struct dc_members members[2];
    enum dc_alike so_far = DC_ALIKE_FAILED;
    int rc = collect(pair, 0, declared, a, &members[0]);
    if (collect(pair, 1, declared, b, &members[1]) == 0 && rc == 0)
        so_far = compare_members(pair, &members[0], &members[1]);
    dc_members_done(&members[0]);
    dc_members_done(&members[1]);
    return so_far;
}

static enum dc_alike compare_members_of(const struct dc_alike_pair *pair,
                                        const struct dc_type *type,
                                        const struct dc_type *declared,
                                        const struct dc_rec *a, const struct dc_rec *b);

/* ---- lists ---- */

/* An element of a list with a key, and its place. */
struct keyed {
    const struct dc_rec *rec;
    size_t place;
};

static int compare_keys(const struct dc_rec *a, const struct dc_rec *b, int key) {
    if (a->type->fields[key].kind != DC_STRING) {
        uint64_t x = dc_u64(a, key), y = dc_u64(b, key);
        return (x > y) - (x < y);
    }
    struct dc_str x = dc_string(a, key), y = dc_string(b, key);
    size_t n = x.len < y.len ? x.len : y.len;
    int order = n > 0 ? memcmp(x.p, y.p, n) : 0;
    return order ? order : (x.len > y.len) - (x.len < y.len);
}

/* Elements with equal keys stay in their order. */
static int compare_keyed(const void *a, const void *b, void *ctx) {
    const struct keyed *x = a, *y = b;
    int order = compare_keys(x->rec, y->rec, *(const int *)ctx);
    return order ? order : (x->place > y->place) - (x->place < y->place);
}

/* The index of the key by which elements are found, or -1: by their place. */
static int key_of(const struct dc_alike_pair *pair, const struct dc_field *field) {
    if (field->kind != DC_RECORD || field->shape == DC_HOLES || !field->type->key)
        return -1;
    const char *name = field->type->key;
    int key = dc_schema_find(field->type, name, strlen(name), 0);
    return key >= 0 && dc_alike_is_noise(pair, field->type, (size_t)key) ? -1 : key;
}

static bool keys_are_aligned(const struct dc_list *a, const struct dc_list *b, int key) {
    struct dc_list_walk one = dc_list_walk(a), other = dc_list_walk(b);
    while (dc_list_next(&one) && dc_list_next(&other))
        if (compare_keys(one.value.rec, other.value.rec, key) != 0)
            return false;
    return true;
}

static struct keyed *sorted(const struct dc_alike_pair *pair, const struct dc_list *list,
                            int key) {
    struct keyed *all =
        pair->alloc.resize(pair->alloc.ctx, NULL, list->count * sizeof(*all));
    if (!all)
        return NULL;
    for (struct dc_list_walk walk = dc_list_walk(list); dc_list_next(&walk);)
        all[walk.index] = (struct keyed){walk.value.rec, walk.index};
    qsort_r(all, list->count, sizeof(*all), compare_keyed, &key);
    return all;
}

/* Lists of one length, not empty, whose elements stand in different orders. */
static enum dc_alike compare_by_key(const struct dc_alike_pair *pair,
                                    const struct dc_type *type, const struct dc_list *a,
                                    const struct dc_list *b, int key) {
    struct keyed *one = sorted(pair, a, key), *other = sorted(pair, b, key);
    enum dc_alike so_far = one && other ? DC_ALIKE_SAME : no_memory(pair);
    for (size_t i = 0; !is_decided(so_far) && i < a->count; i++) {
        if (compare_keys(one[i].rec, other[i].rec, key) != 0)
            so_far = DC_ALIKE_DIFFERENT;
        else
            so_far = worse(so_far, dc_alike_record(pair, type, one[i].rec, other[i].rec));
    }
    if (one)
        pair->alloc.resize(pair->alloc.ctx, one, 0);
    if (other)
        pair->alloc.resize(pair->alloc.ctx, other, 0);
    return so_far;
}

/* ---- values ---- */

static enum dc_alike compare_values(const struct dc_alike_pair *pair,
                                    const struct dc_field *field, union dc_slot a,
                                    union dc_slot b) {
    switch (field->kind) {
    case DC_F64:
        return verdict(!(a.f < b.f) && !(a.f > b.f)); /* a NaN cannot be read */
    case DC_STRING:
        return verdict(a.str->len == b.str->len &&
                       (a.str->len == 0 || memcmp(a.str->p, b.str->p, a.str->len) == 0));
    case DC_ANY:
        return compare_any(pair, (struct dc_span){a.any->p, a.any->len},
                           (struct dc_span){b.any->p, b.any->len});
    case DC_RECORD:
        return dc_alike_record(pair, field->type, a.rec, b.rec);
    default:
        return verdict(a.u == b.u);
    }
}

static enum dc_alike compare_by_place(const struct dc_alike_pair *pair,
                                      const struct dc_field *field,
                                      const struct dc_list *a, const struct dc_list *b) {
    enum dc_alike so_far = DC_ALIKE_SAME;
    struct dc_list_walk one = dc_list_walk(a), other = dc_list_walk(b);
    while (!is_decided(so_far) && dc_list_next(&one) && dc_list_next(&other))
        so_far = worse(so_far, compare_values(pair, field, one.value, other.value));
    return so_far;
}

/* How many there are counts, even where what they are is noise. */
static enum dc_alike compare_lists(const struct dc_alike_pair *pair,
                                   const struct dc_type *type, const struct dc_rec *a,
                                   const struct dc_rec *b, size_t i) {
    const struct dc_field *field = &type->fields[i];
    const struct dc_list *one = dc_list_of(a, (int)i), *other = dc_list_of(b, (int)i);
    if (one->count != other->count)
        return DC_ALIKE_DIFFERENT;
    int key = key_of(pair, field);
    if (key >= 0 && !keys_are_aligned(one, other, key))
        return compare_by_key(pair, field->type, one, other, key);
    enum dc_alike so_far = compare_by_place(pair, field, one, other);
    bool noise = so_far == DC_ALIKE_DIFFERENT && dc_alike_is_noise(pair, type, i);
    return noise ? DC_ALIKE_NOISE : so_far;
}

/* A member that only one of them has: `have` against zero or empty. */
static enum dc_alike compare_to_default(const struct dc_alike_pair *pair,
                                        const struct dc_field *field,
                                        const union dc_slot *have, bool in_a) {
    static const struct dc_str empty;
    union dc_slot none = {.u = 0};
    if (field->kind == DC_RECORD)
        return compare_members_of(pair, have->rec->type, field->type,
                                  in_a ? have->rec : NULL, in_a ? NULL : have->rec);
    if (field->kind == DC_ANY)
        return DC_ALIKE_DIFFERENT;
    if (field->kind == DC_STRING)
        none.str = &empty;
    return in_a ? compare_values(pair, field, *have, none)
                : compare_values(pair, field, none, *have);
}

enum dc_alike dc_alike_field(const struct dc_alike_pair *pair, const struct dc_type *type,
                             const struct dc_rec *a, const struct dc_rec *b, size_t i) {
    const struct dc_field *field = &type->fields[i];
    if (field->rule == DC_TAG) /* only its presence is ever looked at (wire-format 1.2) */
        return DC_ALIKE_SAME;
    if (field->shape != DC_ONE)
        return compare_lists(pair, type, a, b, i);
    const union dc_slot *one = dc_slot(a, (int)i), *other = dc_slot(b, (int)i);
    if (!one && !other)
        return DC_ALIKE_SAME;
    /* That a time was taken at all means something. */
    bool none_is_default =
        !a || !b || field->rule == DC_DEFAULTED || field->rule == DC_WRITTEN;
    if ((!one || !other) && !none_is_default)
        return DC_ALIKE_DIFFERENT;
    if (one && other && exception_of(type, i) == WORDS)
        return dc_alike_words(*one->str, *other->str);
    enum dc_alike found =
        one && other ? compare_values(pair, field, *one, *other)
                     : compare_to_default(pair, field, one ? one : other, one != NULL);
    bool noise = found == DC_ALIKE_DIFFERENT && dc_alike_is_noise(pair, type, i);
    return noise ? DC_ALIKE_NOISE : found;
}

/* Either may be NULL: a record that is absent and so has the default in every field. */
static enum dc_alike compare_members_of(const struct dc_alike_pair *pair,
                                        const struct dc_type *type,
                                        const struct dc_type *declared,
                                        const struct dc_rec *a, const struct dc_rec *b) {
    enum dc_alike so_far = dc_alike_unknown(pair, declared, a, b);
    for (size_t i = 0; !is_decided(so_far) && i < type->n_fields; i++)
        so_far = worse(so_far, dc_alike_field(pair, type, a, b, i));
    return so_far;
}

enum dc_alike dc_alike_record(const struct dc_alike_pair *pair,
                              const struct dc_type *declared, const struct dc_rec *a,
                              const struct dc_rec *b) {
    if (!a || !b)
        return verdict(a == b);
    if (a->type != b->type)
        return DC_ALIKE_DIFFERENT;
    return compare_members_of(pair, a->type, declared, a, b);
}

/* ---- words ---- */

static size_t digits(struct dc_str s, size_t at) {
    size_t n = 0;
    while (at + n < s.len && s.p[at + n] >= '0' && s.p[at + n] <= '9')
        n++;
    return n;
}

/* How many digits at `at` are a time that was measured. */
static size_t measured(struct dc_str s, size_t at) {
    static const char peak[] = "peak=";
    size_t n = digits(s, at), before = sizeof(peak) - 1;
    bool inside = at > 0 && s.p[at - 1] >= '0' && s.p[at - 1] <= '9';
    if (n == 0 || inside)
        return 0;
    if (at + n + 2 <= s.len && memcmp(s.p + at + n, "ms", 2) == 0)
        return n;
    return at >= before && memcmp(s.p + at - before, peak, before) == 0 ? n : 0;
}

enum dc_alike dc_alike_words(struct dc_str a, struct dc_str b) {
    size_t i = 0, k = 0;
    enum dc_alike so_far = DC_ALIKE_SAME;
    while (i < a.len && k < b.len) {
        size_t m = measured(a, i), n = measured(b, k);
        if (m > 0 && n > 0) {
            if (m != n || memcmp(a.p + i, b.p + k, m) != 0)
                so_far = DC_ALIKE_NOISE;
            i += m;
            k += n;
        } else if (a.p[i++] != b.p[k++]) {
            return DC_ALIKE_DIFFERENT;
        }
    }
    return i == a.len && k == b.len ? so_far : DC_ALIKE_DIFFERENT;
}

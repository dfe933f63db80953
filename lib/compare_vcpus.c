#include "lib/compare_private.h"

#include "lib/number.h"

#include <string.h>

const char *dc_diff_state_name(int state) {
    return state == DC_DIFF_ABSENT ? "absent" : dc_state_name((enum dc_vcpu_state)state);
}

/* ---- ids ---- */

static int add_range(struct dc_diff_ids *ids, struct dc_alloc alloc, uint32_t id) {
    if (ids->n == ids->room) {
        size_t room = ids->room ? 2 * ids->room : 4;
        void *p = alloc.resize(alloc.ctx, ids->ranges, room * sizeof(*ids->ranges));
        if (!p)
            return -1;
        ids->ranges = p;
        ids->room = room;
    }
    ids->ranges[ids->n].first = id;
    ids->ranges[ids->n++].last = id;
    return 0;
}

/* `id` is above all that are there; a document has less than 2^32 slots (report.h). */
static int add_id(struct dc_diff_ids *ids, struct dc_alloc alloc, size_t id) {
    if (ids->n > 0 && ids->ranges[ids->n - 1].last + (size_t)1 == id)
        ids->ranges[ids->n - 1].last = (uint32_t)id;
    else if (add_range(ids, alloc, (uint32_t)id) < 0)
        return -1;
    ids->count++;
    return 0;
}

static size_t format_range(const struct dc_diff_ids *ids, size_t i, char *text) {
    size_t n = 0;
    uint32_t first = ids->ranges[i].first, last = ids->ranges[i].last;
    if (i > 0)
        text[n++] = ',';
    n += dc_format_u64(first, text + n);
    if (last > first) {
        text[n++] = last == first + 1 ? ',' : '-';
        n += dc_format_u64(last, text + n);
    }
    return n;
}

/* The ranges that fit into `limit` bytes. Returns how many vCPUs those are. */
static size_t add_ranges(const struct dc_diff_ids *ids, size_t limit,
                         struct dc_buf *out) {
    size_t start = out->len, shown = 0;
    for (size_t i = 0; i < ids->n; i++) {
        char text[2 * DC_NUMBER_MAX + 2];
        size_t n = format_range(ids, i, text);
        if (out->len - start + n > limit)
            break;
        dc_buf_add(out, text, n);
        shown += (size_t)ids->ranges[i].last - ids->ranges[i].first + 1;
    }
    return shown;
}

void dc_diff_ids_text(const struct dc_diff_ids *ids, unsigned columns,
                      struct dc_buf *out) {
    enum { ROOM_FOR_REST = 20 }; /* "... (+1234567 more)" and a blank */
    char number[DC_NUMBER_MAX];
    size_t start = out->len, limit = columns ? columns : SIZE_MAX;
    if (add_ranges(ids, limit, out) == ids->count)
        return;
    out->len = start;
    size_t shown =
        add_ranges(ids, columns > ROOM_FOR_REST ? columns - ROOM_FOR_REST : 0, out);
    dc_buf_text(out, shown ? " \xe2\x80\xa6 (+" : "\xe2\x80\xa6 (+");
    dc_buf_add(out, number, dc_format_u64(ids->count - shown, number));
    dc_buf_text(out, " more)");
}

/* ---- registers ---- */

static bool same_slot(const union dc_slot *a, const union dc_slot *b) {
    return a && b ? a->u == b->u : a == b;
}

/* The registers of the tables. */
static bool same_regs(const struct dc_rec *a, const struct dc_rec *b) {
    for (int i = 0; i < DC_AT_VCPU_REGS_COUNT; i++)
        if (!same_slot(dc_slot(a, i), dc_slot(b, i)))
            return false;
    return true;
}

static int add_regs(struct dc_diff_regs *regs, struct dc_alloc alloc, size_t id,
                    const struct dc_rec *a, const struct dc_rec *b) {
    bool moved = dc_u64(a, DC_AT_VCPU_REGS_instruction_pointer) !=
                 dc_u64(b, DC_AT_VCPU_REGS_instruction_pointer);
    regs->compared++;
    regs->changed += moved || !same_regs(a, b);
    return add_id(moved ? &regs->moved : &regs->still, alloc, id);
}

/* "name" of "name+0x1c"; empty: no symbol is near. */
static struct dc_str function_of(const struct dc_symbols *symbols, uint64_t address,
                                 struct dc_buf *out) {
    out->len = 0;
    if (!symbols || !dc_symbols_add(symbols, address, out) || !dc_buf_ok(out))
        return (struct dc_str){NULL, 0};
    const char *plus = memrchr(out->data, '+', out->len);
    return (struct dc_str){out->data, plus ? (size_t)(plus - out->data) : out->len};
}

/* With names on both sides: whether it stands in another function. */
static bool is_elsewhere(struct dc_compare *c, const struct dc_rec *a,
                         const struct dc_rec *b) {
    struct dc_buf one, other;
    dc_buf_init(&one, c->options.alloc);
    dc_buf_init(&other, c->options.alloc);
    struct dc_str x = function_of(c->options.symbols[0],
                                  dc_u64(a, DC_AT_VCPU_REGS_instruction_pointer), &one);
    struct dc_str y = function_of(c->options.symbols[1],
                                  dc_u64(b, DC_AT_VCPU_REGS_instruction_pointer), &other);
    bool elsewhere = x.p && y.p && !dc_str_same(x, y);
    if (!dc_buf_ok(&one) || !dc_buf_ok(&other))
        dc_diff_no_memory(c);
    dc_buf_done(&one);
    dc_buf_done(&other);
    return elsewhere;
}

static void compare_ip(struct dc_compare *c, const struct dc_diff_step *up,
                       const struct dc_rec *a, const struct dc_rec *b) {
    const struct dc_field *field =
        &dc_type_VCPU_REGS.fields[DC_AT_VCPU_REGS_instruction_pointer];
    struct dc_diff_step at = {.up = up, .kind = DC_STEP_WORD, .word = field->name};
    struct dc_diff_row row = {
        .class = DC_DIFF_COUNTS,
        .what = "changed",
        .at = &at,
        .a = dc_diff_value_of(field, dc_slot(a, DC_AT_VCPU_REGS_instruction_pointer)),
        .b = dc_diff_value_of(field, dc_slot(b, DC_AT_VCPU_REGS_instruction_pointer))};
    if (is_elsewhere(c, a, b))
        dc_diff_tell(c, &row);
}

static void compare_slots(struct dc_compare *c, const struct dc_diff_step *list,
                          size_t id, const struct dc_rec *a, const struct dc_rec *b) {
    struct dc_diff_step step = {.up = list, .kind = DC_STEP_INDEX, .index = id};
    struct dc_diff_row row = {.class = DC_DIFF_COUNTS,
                              .what = a ? "removed" : "added",
                              .at = &step,
                              .a = dc_diff_number(a ? DC_DIFF_OBJECT : DC_DIFF_NONE, 0),
                              .b = dc_diff_number(b ? DC_DIFF_OBJECT : DC_DIFF_NONE, 0)};
    bool by_name = c->options.noise == DC_NOISE_BOTH && c->options.symbols[0] &&
                   c->options.symbols[1];
    if (a && b && by_name)
        compare_ip(c, &step, a, b);
    if (a && b &&
        c->options.noise == DC_NOISE_BOTH) /* the registers have a row already */
        dc_diff_compare_unknown(c, &step, &dc_type_VCPU_REGS, a, b);
    else if (a && b)
        dc_diff_compare_record(c, &step, &dc_type_VCPU_REGS, a, b);
    else if ((a || b) && !dc_diff_pair_has(c->pair, id))
        dc_diff_tell(c, &row); /* the state says nothing of it */
}

void dc_diff_compare_registers(struct dc_compare *c, const struct dc_diff_pair *pair) {
    const struct dc_diff_step list = {.kind = DC_STEP_WORD, .word = "vcpu_regs"};
    struct dc_vcpu_walk a = dc_vcpu_walk(pair->a), b = dc_vcpu_walk(pair->b);
    c->registers = true;
    for (size_t id = 0; !dc_diff_is_over(c); id++) {
        bool in_a = dc_vcpu_next(&a), in_b = dc_vcpu_next(&b);
        if (!in_a && !in_b)
            break;
        const struct dc_rec *one = in_a ? a.vcpu.regs : NULL;
        const struct dc_rec *other = in_b ? b.vcpu.regs : NULL;
        if (one || other)
            compare_slots(c, &list, id, one, other);
    }
    c->registers = false;
}

/* ---- states ---- */

int dc_diff_pair_compare(struct dc_compare *c, struct dc_diff_pair *pair) {
    struct dc_vcpu_walk a = dc_vcpu_walk(pair->a), b = dc_vcpu_walk(pair->b);
    struct dc_alloc alloc = c->options.alloc;
    for (size_t id = 0;; id++) {
        bool in_a = dc_vcpu_next(&a), in_b = dc_vcpu_next(&b);
        if (!in_a && !in_b)
            return 0;
        int from = in_a ? (int)a.vcpu.state : DC_DIFF_ABSENT;
        int to = in_b ? (int)b.vcpu.state : DC_DIFF_ABSENT;
        bool both = in_a && in_b && a.vcpu.regs && b.vcpu.regs;
        if ((from != to && add_id(&pair->changed[from][to], alloc, id) < 0) ||
            (both && add_regs(&pair->regs, alloc, id, a.vcpu.regs, b.vcpu.regs) < 0))
            return -1;
    }
}

/* Ranges rise. */
static bool ids_have(const struct dc_diff_ids *ids, uint64_t id) {
    size_t low = 0, high = ids->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (ids->ranges[middle].last < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low < ids->n && ids->ranges[low].first <= id;
}

bool dc_diff_pair_has(const struct dc_diff_pair *pair, uint64_t id) {
    for (int from = 0; pair && from < DC_DIFF_N_STATES; from++)
        for (int to = 0; to < DC_DIFF_N_STATES; to++)
            if (ids_have(&pair->changed[from][to], id))
                return true;
    return false;
}

/* What its state says already, of a vCPU that went from one to another. */
static bool follows_state(size_t i) {
    return i == DC_AT_VCPU_state || i == DC_AT_VCPU_park_us || i == DC_AT_VCPU_mp_state ||
           i == DC_AT_VCPU_regs || i == DC_AT_VCPU_control || i == DC_AT_VCPU_segments ||
           i == DC_AT_VCPU_full;
}

void dc_diff_compare_vcpu(struct dc_compare *c, const struct dc_diff_step *at,
                          const struct dc_rec *a, const struct dc_rec *b) {
    bool told = c->options.noise != DC_NOISE_NONE &&
                dc_diff_pair_has(c->pair, dc_u64(a, DC_AT_VCPU_id));
    for (size_t i = 0; i < DC_AT_VCPU_COUNT; i++)
        if (!told || !follows_state(i))
            dc_diff_compare_field(c, at, &dc_type_VCPU, a, b, i);
    dc_diff_compare_unknown(c, at, &dc_type_VCPU, a, b);
}

static void ids_done(struct dc_diff_ids *ids, struct dc_alloc alloc) {
    if (ids->ranges)
        alloc.resize(alloc.ctx, ids->ranges, 0);
    *ids = (struct dc_diff_ids){.ranges = NULL};
}

void dc_diff_pair_done(struct dc_diff_pair *pair, struct dc_alloc alloc) {
    for (int from = 0; from < DC_DIFF_N_STATES; from++)
        for (int to = 0; to < DC_DIFF_N_STATES; to++)
            ids_done(&pair->changed[from][to], alloc);
    ids_done(&pair->regs.moved, alloc);
    ids_done(&pair->regs.still, alloc);
}

#include "lib/compare.h"

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

static enum dc_alike compare_regs(const struct dc_alike_pair *alike,
                                  const struct dc_rec *a, const struct dc_rec *b,
                                  struct dc_diff_regs *regs) {
    const struct dc_type *type = &dc_type_VCPU_REGS;
    enum dc_alike moved =
        dc_alike_field(alike, type, a, b, DC_AT_VCPU_REGS_instruction_pointer);
    enum dc_alike all =
        moved == DC_ALIKE_SAME ? dc_alike_record(alike, type, a, b) : moved;
    regs->compared++;
    regs->moved += moved != DC_ALIKE_SAME;
    regs->changed += all != DC_ALIKE_SAME;
    return all;
}

struct dc_diff_regs_walk dc_diff_regs_walk(const struct dc_diff_pair *pair) {
    return (struct dc_diff_regs_walk){.walk_a = dc_vcpu_walk(pair->a),
                                      .walk_b = dc_vcpu_walk(pair->b),
                                      .next = DC_AT_VCPU_REGS_COUNT};
}

static bool values_differ(const union dc_slot *a, const union dc_slot *b) {
    return a && b ? a->u != b->u : a != b;
}

bool dc_diff_regs_next(struct dc_diff_regs_walk *walk) {
    for (;;) {
        const struct dc_rec *a = walk->walk_a.vcpu.regs, *b = walk->walk_b.vcpu.regs;
        while (a && b && walk->next < DC_AT_VCPU_REGS_COUNT) {
            size_t i = walk->next++;
            const union dc_slot *one = dc_slot(a, (int)i), *other = dc_slot(b, (int)i);
            if (!values_differ(one, other))
                continue;
            walk->field = &dc_type_VCPU_REGS.fields[i];
            walk->a = dc_diff_value_of(walk->field, one);
            walk->b = dc_diff_value_of(walk->field, other);
            walk->vcpu = walk->walk_a.vcpu.id;
            return true;
        }
        if (!dc_vcpu_next(&walk->walk_a) || !dc_vcpu_next(&walk->walk_b))
            return false;
        walk->next = 0;
    }
}

/* ---- states ---- */

int dc_diff_pair_compare(struct dc_diff_pair *pair, const struct dc_alike_pair *alike) {
    struct dc_alike_pair exact = *alike;
    struct dc_vcpu_walk a = dc_vcpu_walk(pair->a), b = dc_vcpu_walk(pair->b);
    exact.addresses = true;
    for (size_t id = 0;; id++) {
        bool in_a = dc_vcpu_next(&a), in_b = dc_vcpu_next(&b);
        if (!in_a && !in_b)
            return 0;
        int from = in_a ? (int)a.vcpu.state : DC_DIFF_ABSENT;
        int to = in_b ? (int)b.vcpu.state : DC_DIFF_ABSENT;
        if (from != to && add_id(&pair->changed[from][to], alike->alloc, id) < 0)
            return dc_fail(alike->err, DC_ENOMEM, "out of memory");
        if (in_a && in_b && a.vcpu.regs && b.vcpu.regs &&
            compare_regs(&exact, a.vcpu.regs, b.vcpu.regs, &pair->regs) ==
                DC_ALIKE_FAILED)
            return -1;
    }
}

void dc_diff_pair_done(struct dc_diff_pair *pair, struct dc_alloc alloc) {
    for (int from = 0; from < DC_DIFF_N_STATES; from++)
        for (int to = 0; to < DC_DIFF_N_STATES; to++) {
            struct dc_diff_ids *ids = &pair->changed[from][to];
            if (ids->ranges)
                alloc.resize(alloc.ctx, ids->ranges, 0);
            *ids = (struct dc_diff_ids){.ranges = NULL};
        }
}

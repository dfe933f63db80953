#include "lib/show_rows.h"

#include "lib/number.h"

#include <string.h>

enum {
    MOST_ROWS = DC_SHOW_SCREEN, /* of one state, without --all */
    MARGIN = 2,
    ANY_STATE = -1,
};

/* ---- which rows ---- */

/* Whether `a` tells more than `b`, both in one state: what is said of it, an ip unlike
   that of most, a long time to park. */
static bool tells_more(const struct dc_show_rows *rows, const struct dc_vcpu *a,
                       const struct dc_vcpu *b) {
    bool why_a = dc_has(a->detail, DC_AT_VCPU_why);
    bool why_b = dc_has(b->detail, DC_AT_VCPU_why);
    if (why_a != why_b)
        return why_a;
    bool common_a = dc_show_is_common(rows, a), common_b = dc_show_is_common(rows, b);
    if (common_a != common_b)
        return common_b;
    uint64_t park_a = dc_u64(a->detail, DC_AT_VCPU_park_us);
    uint64_t park_b = dc_u64(b->detail, DC_AT_VCPU_park_us);
    return park_a != park_b ? park_a > park_b : a->id < b->id;
}

/* Puts a vCPU to its place among the best `most`. Returns how many there are now. */
static size_t insert(const struct dc_show_rows *rows, struct dc_vcpu *best, size_t count,
                     size_t most, const struct dc_vcpu *vcpu) {
    if (count == most && !tells_more(rows, vcpu, &best[count - 1]))
        return count;
    size_t at = count < most ? count++ : count - 1;
    for (; at > 0 && tells_more(rows, vcpu, &best[at - 1]); at--)
        best[at] = best[at - 1];
    best[at] = *vcpu;
    return count;
}

/* The most telling vCPUs in one state, in at most `room` lines. */
static void put_best(struct dc_show_rows *rows, enum dc_vcpu_state state, size_t room) {
    struct dc_vcpu best[MOST_ROWS];
    size_t count = 0, most = room < MOST_ROWS ? room : MOST_ROWS;
    if (most == 0)
        return;
    for (struct dc_vcpu_walk walk = dc_vcpu_walk(rows->snapshot);
         dc_show_next_vcpu(rows->s, &walk);)
        if (walk.vcpu.state == state)
            count = insert(rows, best, count, most, &walk.vcpu);
    for (size_t i = 0; i < count; i++) {
        size_t height = dc_show_row_height(rows, &best[i]);
        if (height > room)
            continue;
        room -= height;
        dc_show_row(rows, &best[i]);
    }
}

/* All of them, or all in one state, by id. */
static void put_all(struct dc_show_rows *rows, int state) {
    for (struct dc_vcpu_walk walk = dc_vcpu_walk(rows->snapshot);
         dc_show_next_vcpu(rows->s, &walk);)
        if (state == ANY_STATE || (int)walk.vcpu.state == state)
            dc_show_row(rows, &walk.vcpu);
}

/* Counts what put_best() has left out. */
static void put_rest(const struct dc_show_rows *rows, enum dc_vcpu_state state) {
    struct dc_show *s = rows->s;
    size_t hidden = rows->count[state] - rows->shown[state];
    size_t common = rows->common_count - rows->shown_common;
    if (hidden == 0)
        return;
    dc_show_restart(s);
    dc_show_add(s, "\xe2\x80\xa6 (+");
    dc_show_add_u64(s, hidden);
    dc_show_add(s, " more ");
    dc_show_add(s, dc_state_name(state));
    if (state == DC_PARKED && rows->common && common > 0) {
        char number[DC_NUMBER_MAX];
        dc_show_add(s, ", ");
        dc_show_add_u64(s, common);
        dc_show_add(s, " at ip ");
        dc_buf_add(&s->scratch, number, dc_format_hex(rows->common_ip, 16, number));
    }
    dc_show_add(s, "; --all)");
    dc_show_note(s, rows->indent + MARGIN, DC_STYLE_FAINT);
}

/* Lines of all rows, for each state. */
struct need {
    size_t cut[DC_SHOW_STATES];   /* where what is said of a vCPU is cut, and */
    size_t whole[DC_SHOW_STATES]; /* where it is not */
};

static struct need measure(struct dc_show_rows *rows) {
    struct need need = {0};
    for (struct dc_vcpu_walk walk = dc_vcpu_walk(rows->snapshot);
         dc_show_next_vcpu(rows->s, &walk);) {
        rows->whole = false;
        need.cut[walk.vcpu.state] += dc_show_row_height(rows, &walk.vcpu);
        rows->whole = true;
        need.whole[walk.vcpu.state] += dc_show_row_height(rows, &walk.vcpu);
    }
    return need;
}

/* The states share the room evenly; what one does not need the others get. The line that
   counts what is left out is part of a state's share. What is said of the vCPUs in a state
   is told whole where its share has room for that. */
static void put_some(struct dc_show_rows *rows, size_t room) {
    static const enum dc_vcpu_state order[DC_SHOW_STATES] = {DC_NOT_PARKED,
                                                             DC_UNAVAILABLE, DC_PARKED};
    struct need need = measure(rows);
    size_t later = 0, others = 0;
    for (int i = 0; i < DC_SHOW_STATES; i++) {
        later += need.cut[i];
        others += need.cut[i] > 0;
    }
    for (int i = 0; i < DC_SHOW_STATES; i++) {
        enum dc_vcpu_state state = order[i];
        if (need.cut[state] == 0)
            continue;
        later -= need.cut[state];
        size_t even = room / others--, share = later < room - even ? room - later : even;
        size_t before = dc_show_lines(rows->s);
        rows->whole = need.whole[state] <= share;
        if (rows->whole || need.cut[state] <= share)
            put_all(rows, (int)state);
        else
            put_best(rows, state, share > 0 ? share - 1 : 0);
        put_rest(rows, state);
        size_t used = dc_show_lines(rows->s) - before;
        room -= used < room ? used : room;
    }
}

/* ---- the whole ---- */

static void put_counts(struct dc_show *s, unsigned indent,
                       const struct dc_snapshot *snapshot) {
    dc_show_restart(s);
    if (snapshot->vcpus > 0) {
        dc_show_add_u64(s, snapshot->parked);
        dc_show_add(s, "/");
        dc_show_add_u64(s, snapshot->vcpus);
    } else {
        dc_show_add(s, "not recorded (no vcpu_regs");
        dc_show_add(s, s->model->reason_counts ? "; the reason says " : "");
        if (s->model->reason_counts)
            dc_show_add_reason_counts(s);
        dc_show_add(s, ")");
    }
    dc_show_field(s, indent, "vcpus_parked", DC_STYLE_PLAIN, 0);
}

/* The ids where the headline had no room for all of them. */
static void put_ids(struct dc_show *s, unsigned indent,
                    const struct dc_snapshot *snapshot, enum dc_vcpu_state state,
                    size_t count) {
    enum { LEAST = 20 };
    bool told = snapshot == dc_model_main(s->model) && !s->ids_cut[state];
    if (count == 0 || told)
        return;
    size_t used = indent + strlen(dc_state_name(state)) + strlen(": ");
    size_t room = s->text.width > used + LEAST ? s->text.width - used : LEAST;
    dc_show_restart(s);
    dc_snapshot_ids(snapshot, state, s->options->all ? 0 : (unsigned)room, &s->scratch);
    if (count == 1)
        dc_show_add(s, " (vCPU id)"); /* alone it would read as a count */
    dc_show_field(s, indent, dc_state_name(state), DC_STYLE_PLAIN, 0);
}

static void put_hints(const struct dc_show_rows *rows) {
    dc_show_rows_hints(rows);
    if (rows->s->scratch.len > 0)
        dc_show_note(rows->s, rows->indent + MARGIN, DC_STYLE_FAINT);
}

/* Lines that put_hints() will take. */
static size_t hint_lines(const struct dc_show_rows *rows) {
    dc_show_rows_hints(rows);
    size_t width = rows->s->text.width - rows->indent - 2 * MARGIN;
    return (rows->s->scratch.len + width - 1) / width;
}

void dc_show_vcpus(struct dc_show *s, unsigned indent, const struct dc_snapshot *snapshot,
                   size_t room) {
    size_t before = dc_show_lines(s);
    put_counts(s, indent, snapshot);
    if (snapshot->vcpus == 0)
        return;
    struct dc_show_rows rows = dc_show_rows(s, indent, snapshot);
    if (rows.count[DC_PARKED] + rows.count[DC_NOT_PARKED] + rows.count[DC_UNAVAILABLE] ==
        0) {
        dc_show_restart(s);
        dc_show_add_choice(s, "--vcpu", s->options->vcpus, false);
        dc_show_note(s, indent + MARGIN, DC_STYLE_WARN);
        return;
    }
    put_ids(s, indent, snapshot, DC_NOT_PARKED, snapshot->not_parked);
    put_ids(s, indent, snapshot, DC_UNAVAILABLE, snapshot->unavailable);
    dc_show_rows_header(&rows);
    size_t used = dc_show_lines(s) - before + hint_lines(&rows);
    if (s->options->all || s->options->vcpus)
        put_all(&rows, ANY_STATE);
    else
        put_some(&rows, room > used ? room - used : 1);
    put_hints(&rows);
}

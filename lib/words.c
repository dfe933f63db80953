#include "lib/model.h"

#include "lib/number.h"
#include "lib/wire.h"

#include <string.h>

const char *dc_exit_kind_name(uint32_t kind) {
    static const struct {
        uint32_t kind;
        const char *name;
    } names[] = {
        {0, "SCX_EXIT_NONE"},         {1, "SCX_EXIT_DONE"},
        {64, "SCX_EXIT_UNREG"},       {65, "SCX_EXIT_UNREG_BPF"},
        {66, "SCX_EXIT_UNREG_KERN"},  {67, "SCX_EXIT_SYSRQ"},
        {68, "SCX_EXIT_PARENT"},      {1024, "SCX_EXIT_ERROR"},
        {1025, "SCX_EXIT_ERROR_BPF"}, {1026, "SCX_EXIT_ERROR_STALL"},
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (names[i].kind == kind)
            return names[i].name;
    return "unknown";
}

const char *dc_latch_meaning(struct dc_str state) {
    static const struct {
        const char *state, *meaning;
    } meanings[] = {
        {"triggered", "the BPF probe latched an error exit"},
        {"not_triggered", "readable, still zero"},
        {"out_of_bounds", "its remembered address is no longer readable"},
        {"not_resolved", "its address was never found"},
    };
    for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++)
        if (dc_str_is(state, meanings[i].state))
            return meanings[i].meaning;
    return NULL;
}

static void add_u64(struct dc_buf *out, uint64_t value) {
    char text[DC_NUMBER_MAX];
    dc_buf_add(out, text, dc_format_u64(value, text));
}

static void add_str(struct dc_buf *out, struct dc_str s) {
    dc_buf_add(out, s.p, s.len);
}

/* ---- causes ---- */

/* A reason without its fixed words' tail, where its prefix is one of those we know. */
static const char *short_reason(struct dc_str reason) {
    static const struct {
        const char *prefix, *words;
    } known[] = {
        {"vCPU rendezvous timed out before parked acknowledgement",
         "vCPU rendezvous timed out"},
        {"vCPU rendezvous aborted by external kill before parked acknowledgement",
         "vCPU rendezvous aborted by external kill"},
        {"guest crashed before capture", "guest crashed before capture"},
        {"vCPU register read failed", "vCPU register read failed"},
    };
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        size_t n = strlen(known[i].prefix);
        if (reason.len >= n && memcmp(reason.p, known[i].prefix, n) == 0)
            return known[i].words;
    }
    return NULL;
}

static void add_exit_kind(const struct dc_model *model, struct dc_buf *out) {
    dc_buf_text(out, "exit_kind ");
    add_u64(out, model->exit_kind.value);
    dc_buf_text(out, " (");
    dc_buf_text(out, model->exit_kind.name);
    dc_buf_text(out, ")");
}

static void add_snapshot_cause(const struct dc_model *model, struct dc_buf *out) {
    const struct dc_snapshot *snapshot = dc_model_main(model);
    struct dc_str trigger = dc_string(snapshot->own, DC_AT_DUMPCTL_trigger);
    if (!trigger.p)
        trigger = dc_string(model->own, DC_AT_DUMPCTL_trigger);
    if (snapshot->placeholder) {
        dc_buf_text(out, "placeholder, the capture produced nothing");
        return;
    }
    if (model->exit_kind.known && model->exit_kind.value != 0)
        add_exit_kind(model, out);
    if (trigger.p) {
        dc_buf_text(out, out->len ? ", trigger " : "trigger ");
        add_str(out, trigger);
    }
    if (out->len == 0)
        dc_buf_text(out, "cause not recorded");
}

void dc_model_cause(const struct dc_model *model, struct dc_buf *out) {
    struct dc_error ignored;
    if (model->variant == DC_MISSING_STATS) {
        if (dc_missing_text(model->missing, out, &ignored) < 0)
            out->failed = true;
    } else if (model->variant == DC_DEGRADED) {
        const char *words = short_reason(model->reason);
        if (words)
            dc_buf_text(out, words);
        else
            add_str(out, model->reason);
    } else {
        add_snapshot_cause(model, out);
    }
}

/* ---- missing statistics ---- */

static int add_any(const struct dc_rec *rec, int field, struct dc_buf *out,
                   struct dc_error *err) {
    struct dc_writer w;
    const union dc_slot *slot = dc_slot(rec, field);
    struct dc_span span = {slot->any->p, slot->any->len};
    dc_writer_init(&w, dc_buf_sink(out), false, false);
    if (dc_wire_write_any(&w, span, out->alloc, err) < 0)
        return -1;
    return dc_writer_finish(&w) < 0 ? dc_fail(err, DC_ENOMEM, "out of memory") : 0;
}

static int add_too_large(const char *what, const struct dc_rec *rec, int size, int max,
                         struct dc_buf *out) {
    dc_buf_text(out, "stats ");
    dc_buf_text(out, what);
    dc_buf_text(out, " ");
    add_u64(out, dc_u64(rec, size));
    dc_buf_text(out, " bytes exceeds ");
    add_u64(out, dc_u64(rec, max));
    dc_buf_text(out, "-byte cap");
    return 0;
}

static int missing_error(const struct dc_rec *rec, struct dc_buf *out,
                         struct dc_error *err) {
    char number[DC_NUMBER_MAX];
    dc_buf_text(out, "scheduler returned errno=");
    dc_buf_add(out, number,
               dc_format_i64(dc_i64(rec, DC_AT_SCHEDULER_ERROR_errno), number));
    dc_buf_text(out, " (args=");
    if (add_any(rec, DC_AT_SCHEDULER_ERROR_args, out, err) < 0)
        return -1;
    dc_buf_text(out, ")");
    return 0;
}

static int missing_resp(const struct dc_rec *rec, struct dc_buf *out,
                        struct dc_error *err) {
    dc_buf_text(out, "scheduler envelope missing 'resp' key (args=");
    if (add_any(rec, DC_AT_MISSING_RESP_args, out, err) < 0)
        return -1;
    dc_buf_text(out, ")");
    return 0;
}

static int missing_words(const struct dc_rec *rec, struct dc_buf *out,
                         struct dc_error *err) {
    static const struct {
        const struct dc_type *type;
        const char *text;
    } fixed[] = {
        {&dc_type_NO_SCHEDULER_BINARY, "no scheduler_binary configured for this run"},
        {&dc_type_DURING_FREEZE,
         "stats request cancelled \xe2\x80\x94 freeze coordinator "
         "paused the scheduler"},
        {&dc_type_CANCELLED, "stats request cancelled \xe2\x80\x94 run-wide cancel flag "
                             "was set (watchdog or shutdown)"},
        {&dc_type_MUTEX_POISONED, "stats client response mutex was poisoned"},
        {&dc_type_NO_SCHEDULER, "guest relay reports no scheduler: "},
    };
    for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
        if (rec->type == fixed[i].type)
            dc_buf_text(out, fixed[i].text);
    if (rec->type == &dc_type_NO_SCHEDULER)
        add_str(out, dc_string(rec, DC_AT_NO_SCHEDULER_reason));
    if (rec->type == &dc_type_SCHEDULER_ERROR)
        return missing_error(rec, out, err);
    if (rec->type == &dc_type_MISSING_RESP)
        return missing_resp(rec, out, err);
    if (rec->type == &dc_type_REQUEST_TOO_LARGE)
        return add_too_large("request", rec, DC_AT_REQUEST_TOO_LARGE_size,
                             DC_AT_REQUEST_TOO_LARGE_max, out);
    if (rec->type == &dc_type_RESPONSE_TOO_LARGE)
        return add_too_large("response", rec, DC_AT_RESPONSE_TOO_LARGE_size,
                             DC_AT_RESPONSE_TOO_LARGE_max, out);
    return 0;
}

int dc_missing_text(const struct dc_rec *reason, struct dc_buf *out,
                    struct dc_error *err) {
    if (missing_words(reason, out, err) < 0)
        return -1;
    return dc_buf_ok(out) ? 0 : dc_fail(err, DC_ENOMEM, "out of memory");
}

/* ---- ranges of vCPUs ---- */

struct ranges {
    struct dc_buf *out;
    size_t limit; /* bytes of `out` that the ranges may take */
    size_t start, first, last, shown;
    bool open, full;
};

/* Writes the range that is open, or notes that there is no room for it. */
static void close_range(struct ranges *r) {
    char text[2 * DC_NUMBER_MAX + 2];
    size_t n = 0;
    if (!r->open || r->full)
        return;
    if (r->shown > 0)
        text[n++] = ',';
    n += dc_format_u64(r->first, text + n);
    if (r->last > r->first) {
        text[n++] = r->last == r->first + 1 ? ',' : '-';
        n += dc_format_u64(r->last, text + n);
    }
    r->full = r->out->len - r->start + n > r->limit;
    if (r->full)
        return;
    dc_buf_add(r->out, text, n);
    r->shown += r->last - r->first + 1;
    r->open = false;
}

/* As many ranges as `limit` bytes hold. Returns how many ids those are. */
static size_t add_ranges(const struct dc_snapshot *snapshot, enum dc_vcpu_state state,
                         size_t limit, struct dc_buf *out) {
    struct ranges r = {.out = out, .limit = limit, .start = out->len};
    for (struct dc_vcpu_walk walk = dc_vcpu_walk(snapshot);
         !r.full && dc_vcpu_next(&walk);) {
        if (walk.vcpu.state != state)
            continue;
        if (r.open && walk.vcpu.id != r.last + 1)
            close_range(&r);
        if (!r.open)
            r.first = walk.vcpu.id;
        r.open = true;
        r.last = walk.vcpu.id;
    }
    close_range(&r);
    return r.shown;
}

static size_t count_of(const struct dc_snapshot *snapshot, enum dc_vcpu_state state) {
    return state == DC_PARKED       ? snapshot->parked
           : state == DC_NOT_PARKED ? snapshot->not_parked
                                    : snapshot->unavailable;
}

/* The ranges that leave room for the count of the others, which takes the fewer digits the
   more of them are shown. Returns how many ids those are. */
static size_t add_some(const struct dc_snapshot *snapshot, enum dc_vcpu_state state,
                       size_t total, size_t columns, struct dc_buf *out) {
    char number[DC_NUMBER_MAX];
    size_t start = out->len, most = dc_format_u64(total, number), shown = 0;
    for (size_t digits = 1; digits <= most; digits++) {
        size_t rest = strlen(" _ (+ more)") + digits;
        out->len = start;
        shown = add_ranges(snapshot, state, columns > rest ? columns - rest : 0, out);
        if (dc_format_u64(total - shown, number) <= digits)
            break;
    }
    return shown;
}

void dc_snapshot_ids(const struct dc_snapshot *snapshot, enum dc_vcpu_state state,
                     unsigned columns, struct dc_buf *out) {
    size_t start = out->len, total = count_of(snapshot, state);
    if (add_ranges(snapshot, state, columns ? columns : SIZE_MAX, out) == total)
        return;
    out->len = start;
    size_t shown = add_some(snapshot, state, total, columns, out);
    dc_buf_text(out, shown ? " \xe2\x80\xa6 (+" : "\xe2\x80\xa6 (+");
    add_u64(out, total - shown);
    dc_buf_text(out, " more)");
}

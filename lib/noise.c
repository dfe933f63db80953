#include "lib/noise.h"

#include "lib/same.h"

#include <string.h>

/* ---- fields ---- */

/* Fields that are not what their unit says. */
enum exception { NO_EXCEPTION, SETTING, PASSING, IDENTITY, WORDS };

static const struct {
    const struct dc_type *type;
    int field;
    enum exception what;
} exceptions[] = {
    /* chosen by somebody, so they mean something although they are times */
    {&dc_type_DUAL, DC_AT_DUAL_early_threshold_jiffies, SETTING},
    {&dc_type_SCX_SCHED, DC_AT_SCX_SCHED_watchdog_timeout, SETTING},
    {&dc_type_FREEZE, DC_AT_FREEZE_timeout_ms, SETTING},
    {&dc_type_STATS_SOURCE, DC_AT_STATS_SOURCE_timeout_ms, SETTING},
    /* true for one run, or for one moment of it */
    {&dc_type_DUMPCTL, DC_AT_DUMPCTL_captured_at, PASSING},
    {&dc_type_DUMPCTL, DC_AT_DUMPCTL_stats_sample,
     PASSING}, /* as the report's own tag says */
    {&dc_type_FREEZE, DC_AT_FREEZE_rekicks, PASSING},
    {&dc_type_STATS_SOURCE, DC_AT_STATS_SOURCE_evicted, PASSING},
    {&dc_type_STATS_SOURCE, DC_AT_STATS_SOURCE_discarded_bytes, PASSING},
    {&dc_type_VCPU, DC_AT_VCPU_kicks, PASSING},
    {&dc_type_VCPU, DC_AT_VCPU_host_tid, PASSING},
    {&dc_type_VCPU, DC_AT_VCPU_last_exit, PASSING},
    {&dc_type_VCPU, DC_AT_VCPU_last_exit_access, PASSING},
    {&dc_type_VCPU, DC_AT_VCPU_mp_state, PASSING},
    {&dc_type_HOST_THREAD, DC_AT_HOST_THREAD_kvm_runs, PASSING},
    {&dc_type_HOST_THREAD, DC_AT_HOST_THREAD_cpu, PASSING},
    {&dc_type_FRAME, DC_AT_FRAME_offset, PASSING},
    /* as good as addresses: register contents, and what the kernel makes of an address */
    {&dc_type_GENERAL_REGS, DC_AT_GENERAL_REGS_rflags, IDENTITY},
    {&dc_type_VCPU_REGS, DC_AT_VCPU_REGS_tcr_el1, IDENTITY},
    {&dc_type_TASK, DC_AT_TASK_core_cookie, IDENTITY},
    {&dc_type_FULL_STATE, DC_AT_FULL_STATE_xstate_bv, IDENTITY},
    {&dc_type_FULL_STATE, DC_AT_FULL_STATE_ymm_high, IDENTITY},   /* lists of what is */
    {&dc_type_FULL_STATE, DC_AT_FULL_STATE_components, IDENTITY}, /* not zero */
    {&dc_type_WIDE_REG, DC_AT_WIDE_REG_value, IDENTITY},
    {&dc_type_XSAVE_PART, DC_AT_XSAVE_PART_hex, IDENTITY},
    {&dc_type_MSR, DC_AT_MSR_value, IDENTITY},
    /* texts that hold times or addresses */
    {&dc_type_DUAL, DC_AT_DUAL_early_skipped_reason, WORDS},
    {&dc_type_DEGRADED, DC_AT_DEGRADED_reason, WORDS},
    {&dc_type_VCPU, DC_AT_VCPU_why, WORDS},
    {&dc_type_FRAME, DC_AT_FRAME_function, WORDS},
    {&dc_type_MAP, DC_AT_MAP_error, WORDS},
    {&dc_type_RV_PTR, DC_AT_RV_PTR_deref_skipped_reason, WORDS},
};

/* What a register holds when its vCPU is caught, and what is on its way to it. */
static bool is_register(const struct dc_type *type, size_t i) {
    if (type == &dc_type_CONTROL_REGS || type == &dc_type_DEBUG_REGS ||
        type == &dc_type_FPU_STATE)
        return true;
    if (type == &dc_type_LAPIC)
        return i != DC_AT_LAPIC_id && i != DC_AT_LAPIC_version;
    if (type == &dc_type_EVENTS)
        return i != DC_AT_EVENTS_triple_fault_pending;
    return type == &dc_type_SEGMENT && i != DC_AT_SEGMENT_name;
}

static enum exception exception_of(const struct dc_type *type, size_t i) {
    if (is_register(type, i))
        return IDENTITY;
    for (size_t e = 0; e < sizeof(exceptions) / sizeof(exceptions[0]); e++)
        if (exceptions[e].type == type && (size_t)exceptions[e].field == i)
            return exceptions[e].what;
    return NO_EXCEPTION;
}

bool dc_noise_is(const struct dc_type *type, size_t i, enum dc_noise noise) {
    enum exception what = exception_of(type, i);
    if (noise == DC_NOISE_NONE)
        return false;
    if (what == PASSING || what == IDENTITY)
        return what == PASSING || noise == DC_NOISE_BOTH;
    switch (type->fields[i].unit) {
    case DC_ADDRESS:
        return noise == DC_NOISE_BOTH;
    case DC_NS:
    case DC_US:
    case DC_MS:
    case DC_JIFFIES:
        /* A running total of time is no time stamp. */
        return what != SETTING && type->fields[i].quantity != DC_RUNNING_TOTAL;
    default:
        return false;
    }
}

/* 0 is "not recorded" there, and says nothing in a register. */
static bool has_null(const struct dc_type *type, size_t i) {
    return type->fields[i].unit == DC_ADDRESS && type->fields[i].shape == DC_ONE &&
           !(type == &dc_type_MAP && i == DC_AT_MAP_map_kva) &&
           type != &dc_type_VCPU_REGS && type != &dc_type_GENERAL_REGS &&
           type != &dc_type_CONTROL_REGS && type != &dc_type_SEGMENT &&
           type != &dc_type_DEBUG_REGS && type != &dc_type_FPU_STATE;
}

/* Exits after which KVM does not run the vCPU again by itself. */
static bool is_fatal(struct dc_str exit) {
    static const char *const fatal[] = {
        "KVM_EXIT_SHUTDOWN",  "KVM_EXIT_FAIL_ENTRY", "KVM_EXIT_INTERNAL_ERROR",
        "KVM_EXIT_EXCEPTION", "KVM_EXIT_UNKNOWN",    "KVM_EXIT_SYSTEM_EVENT"};
    for (size_t i = 0; i < sizeof(fatal) / sizeof(fatal[0]); i++)
        if (exit.len >= strlen(fatal[i]) &&
            memcmp(exit.p, fatal[i], strlen(fatal[i])) == 0)
            return true;
    return false;
}

bool dc_noise_is_telling(const struct dc_rec *a, const struct dc_rec *b, size_t i) {
    if (a->type == &dc_type_VCPU && i == DC_AT_VCPU_last_exit)
        return is_fatal(dc_string(a, (int)i)) || is_fatal(dc_string(b, (int)i));
    return has_null(a->type, i) && !dc_u64(a, (int)i) != !dc_u64(b, (int)i);
}

bool dc_noise_has_words(const struct dc_type *type, size_t i) {
    return exception_of(type, i) == WORDS;
}

/* ---- words ---- */

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool is_hex_digit(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static size_t digits(struct dc_str s, size_t at, bool (*is)(char c)) {
    size_t n = 0;
    while (at + n < s.len && is(s.p[at + n]))
        n++;
    return n;
}

static bool stands_before(struct dc_str s, size_t at, const char *word) {
    size_t n = strlen(word);
    return at >= n && memcmp(s.p + at - n, word, n) == 0;
}

static bool begins_with(struct dc_str s, size_t at, const char *word) {
    size_t n = strlen(word);
    return at + n <= s.len && memcmp(s.p + at, word, n) == 0;
}

/* How many digits at `at` were measured, or are an address. */
static size_t measured(struct dc_str s, size_t at) {
    size_t n = digits(s, at, is_digit), hex = digits(s, at, is_hex_digit);
    bool begins = at == 0 || !is_hex_digit(s.p[at - 1]);
    if (stands_before(s, at, "0x"))
        return hex;
    if (begins && hex == 16 && memcmp(s.p + at, "ffff", 4) == 0) /* as %px writes it */
        return hex;
    if (n == 0 || (at > 0 && is_digit(s.p[at - 1])))
        return 0;
    if (begins_with(s, at + n, "ms") || begins_with(s, at + n, " ms") ||
        begins_with(s, at + n, " kick"))
        return n;
    return stands_before(s, at, "peak=") ? n : 0;
}

/* Bytes at `at` that say where a vCPU came out of the guest last: that passes, as
   last_exit does. What follows behind a semicolon is something else. */
static size_t passing(struct dc_str s, size_t at) {
    size_t n = 0;
    if (!begins_with(s, at, ", last exit "))
        return 0;
    while (at + n < s.len && s.p[at + n] != ';')
        n++;
    return n;
}

bool dc_noise_words(struct dc_str a, struct dc_str b) {
    size_t i = 0, k = 0;
    for (;;) {
        i += passing(a, i);
        k += passing(b, k);
        if (i == a.len || k == b.len)
            break;
        size_t m = measured(a, i), n = measured(b, k);
        if (m > 0 && n > 0) {
            i += m;
            k += n;
        } else if (a.p[i++] != b.p[k++]) {
            return false;
        }
    }
    return i == a.len && k == b.len;
}

/* ---- hash ---- */

static uint64_t hash_slot(enum dc_kind kind, union dc_slot slot, enum dc_noise noise) {
    switch (kind) {
    case DC_STRING:
        return slot.str->len ? dc_same_mix_str(1, *slot.str) : 0;
    case DC_ANY:
        return 0; /* equal values may be written in several ways */
    case DC_RECORD:
        return dc_noise_hash(slot.rec, noise);
    case DC_F64:
        return slot.f == 0 ? 0 : slot.u; /* -0.0 is 0.0 */
    default:
        return slot.u;
    }
}

static uint64_t hash_list(const struct dc_list *list, bool noisy, enum dc_noise noise) {
    uint64_t hash = list->count;
    if (noisy) /* which records there are is noise, too; how many numbers is none */
        return list->kind == DC_RECORD ? 0 : hash;
    for (struct dc_list_walk walk = dc_list_walk(list); dc_list_next(&walk);)
        hash = dc_same_mix(hash, hash_slot(list->kind, walk.value, noise));
    return hash;
}

/* Whether a rendered value holds all of its bytes: nothing was cut or could not be shown. */
static bool is_complete(const struct dc_rec *value) {
    const struct dc_list *list = dc_list_of(NULL, 0);
    if (value->type == &dc_type_RV_UNSUPPORTED || value->type == &dc_type_RV_TRUNCATED)
        return false;
    if (value->type == &dc_type_RV_ARRAY) {
        list = dc_list_of(value, DC_AT_RV_ARRAY_elements);
        if (dc_u64(value, DC_AT_RV_ARRAY_len) != list->count)
            return false;
    }
    for (struct dc_list_walk walk = dc_list_walk(list); dc_list_next(&walk);)
        if (!is_complete(walk.value.rec))
            return false;
    if (value->type == &dc_type_RV_STRUCT)
        list = dc_list_of(value, DC_AT_RV_STRUCT_members);
    else
        return true;
    for (struct dc_list_walk walk = dc_list_walk(list); dc_list_next(&walk);)
        if (!is_complete(dc_record(walk.value.rec, DC_AT_MEMBER_value)))
            return false;
    return true;
}

bool dc_noise_is_said_twice(const struct dc_rec *rec, size_t i) {
    const struct dc_rec *value = NULL;
    if (rec->type == &dc_type_ENTRY && i == DC_AT_ENTRY_value_hex)
        value = dc_record(rec, DC_AT_ENTRY_value);
    else if (rec->type == &dc_type_ENTRY && i == DC_AT_ENTRY_key_hex)
        value = dc_record(rec, DC_AT_ENTRY_key);
    return value && is_complete(value);
}

uint64_t dc_noise_hash(const struct dc_rec *rec, enum dc_noise noise) {
    if (!rec)
        return 0;
    uint64_t hash = 0;
    for (size_t i = 0; i < rec->type->n_fields; i++) {
        const struct dc_field *field = &rec->type->fields[i];
        const union dc_slot *slot = dc_slot(rec, (int)i);
        bool noisy = dc_noise_is(rec->type, i, noise) || dc_noise_has_words(rec->type, i);
        if (!slot || field->rule == DC_TAG || dc_noise_is_said_twice(rec, i))
            continue;
        uint64_t one = field->shape != DC_ONE ? hash_list(slot->list, noisy, noise)
                       : noisy                ? 0
                                              : hash_slot(field->kind, *slot, noise);
        if (one != 0)
            hash = dc_same_mix(hash ^ i, one);
    }
    return hash;
}

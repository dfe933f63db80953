/*
 * Which element of one list is which of another.
 */
#include "lib/pairing.h"
#include "tests/unit/lib_aid.h"
#include "tests/unit/unit.h"

#include <string.h>

struct lists {
    struct dc_report reports[2];
    int field;
};

static bool read_lists(struct lists *lists, int field, const char *a, const char *b) {
    const char *const members[] = {a, b};
    struct dc_error err;
    lists->field = field;
    for (int side = 0; side < 2; side++) {
        static char text[2][4096]; /* a report points into its text */
        snprintf(text[side], sizeof(text[side]), "{\"schema\":\"single\"%s%s}",
                 strstr(members[side], "maps") ? "," : ",\"maps\":[],", members[side]);
        if (!CHECK(aid_read_text(&lists->reports[side], text[side], &err) == 0))
            return false;
    }
    return true;
}

static void done_lists(struct lists *lists) {
    dc_report_done(&lists->reports[0]);
    dc_report_done(&lists->reports[1]);
}

static int init(struct dc_pairing *p, const struct lists *lists,
                const struct dc_pairing_options *options) {
    const struct dc_rec *a = lists->reports[0].root, *b = lists->reports[1].root;
    return dc_pairing_init(p, a->type->fields[lists->field].type,
                           dc_list_of(a, lists->field), dc_list_of(b, lists->field),
                           options);
}

/* Pairs as places: "0:1 1:- -:0", in the order in which they come. */
static bool pairs_are(const struct lists *lists, const struct dc_pairing_options *options,
                      const char *wanted) {
    struct dc_pairing p;
    char text[256] = "";
    size_t n = 0;
    if (!CHECK(init(&p, lists, options) == 0))
        return false;
    while (dc_pairing_next(&p)) {
        n += (size_t)snprintf(text + n, sizeof(text) - n, "%s", n ? " " : "");
        n += p.a.rec ? (size_t)snprintf(text + n, sizeof(text) - n, "%zu:", p.a.index)
                     : (size_t)snprintf(text + n, sizeof(text) - n, "-:");
        n += p.b.rec ? (size_t)snprintf(text + n, sizeof(text) - n, "%zu", p.b.index)
                     : (size_t)snprintf(text + n, sizeof(text) - n, "-");
    }
    if (p.reordered)
        snprintf(text + n, sizeof(text) - n, " reordered");
    dc_pairing_done(&p);
    if (strcmp(text, wanted) != 0)
        fprintf(stderr, "got %s\n", text);
    return strcmp(text, wanted) == 0;
}

#define PROG(name) "{\"name\":\"" name "\",\"cnt\":1,\"nsecs\":1,\"misses\":1}"
#define PROGS(list) "\"prog_runtime_stats\":[" list "]"

static const struct dc_pairing_options plain = {.alloc = {0}};

static struct dc_pairing_options options_of(bool same_run) {
    struct dc_pairing_options options = plain;
    options.alloc = dc_alloc_libc;
    options.same_run = same_run;
    return options;
}

static void finds_elements_by_key(void) {
    struct dc_pairing_options options = options_of(false);
    struct lists lists;
    int field = DC_AT_SINGLE_prog_runtime_stats;
    if (read_lists(&lists, field, PROGS(PROG("a") "," PROG("b")),
                   PROGS(PROG("a") "," PROG("b"))))
        CHECK(pairs_are(&lists, &options, "0:0 1:1"));
    done_lists(&lists);
    if (read_lists(&lists, field, PROGS(PROG("b") "," PROG("a") "," PROG("x")),
                   PROGS(PROG("y") "," PROG("a") "," PROG("b"))))
        CHECK(pairs_are(&lists, &options, "0:2 1:1 2:- -:0 reordered"));
    done_lists(&lists);
    if (read_lists(&lists, field, PROGS(""), PROGS(PROG("y"))))
        CHECK(pairs_are(&lists, &options, "-:0"));
    done_lists(&lists);
}

static void takes_the_first_of_equal_keys_first(void) {
    struct dc_pairing_options options = options_of(false);
    struct lists lists;
    struct dc_pairing p;
    if (!read_lists(&lists, DC_AT_SINGLE_prog_runtime_stats,
                    PROGS(PROG("a") "," PROG("b") "," PROG("a")),
                    PROGS(PROG("a") "," PROG("a") "," PROG("a"))))
        return;
    CHECK(pairs_are(&lists, &options, "0:0 1:- 2:1 -:2"));
    CHECK(init(&p, &lists, &options) == 0);
    for (size_t i = 0; i < 3; i++)
        CHECK(dc_pairing_next(&p));
    CHECK_EQ_U64(p.a.nth, 1);
    dc_pairing_done(&p);
    done_lists(&lists);
}

#define PSI(kva, total) "{\"cgroup_kva\":" kva ",\"total_ns\":" total ",\"avg10_raw\":0}"
#define STORAGE(list)                                                                    \
    "\"maps\":[{\"name\":\"s\",\"map_type\":29,\"value_size\":1,\"max_entries\":0,"      \
    "\"entries\":[" list "]}]"
#define OWNED(owner, value)                                                              \
    "{\"key\":{\"kind\":\"ptr\",\"value\":" owner "},\"key_hex\":\"" owner               \
    "\",\"value_hex\":\"\",\"value\":{\"kind\":\"uint\",\"bits\":8,\"value\":" value     \
    "}}"

/* Without a key that means something in another run, those that say the same are found. */
static void finds_by_content_where_keys_are_addresses(void) {
    struct dc_pairing_options other = options_of(false);
    struct dc_pairing_options same = options_of(true);
    struct lists lists;
    struct dc_pairing p;
    if (!read_lists(&lists, DC_AT_SINGLE_maps,
                    STORAGE(OWNED("1", "7") "," OWNED("2", "8") "," OWNED("3", "9")),
                    STORAGE(OWNED("2", "9") "," OWNED("4", "7") "," OWNED("1", "5"))))
        return;
    for (int i = 0; i < 2; i++) {
        const struct dc_rec *maps[2];
        for (int side = 0; side < 2; side++)
            maps[side] =
                dc_list_rec(dc_list_of(lists.reports[side].root, DC_AT_SINGLE_maps), 0);
        CHECK(dc_pairing_init(&p, &dc_type_ENTRY, dc_list_of(maps[0], DC_AT_MAP_entries),
                              dc_list_of(maps[1], DC_AT_MAP_entries),
                              i == 0 ? &other : &same) == 0);
        size_t partners[3] = {9, 9, 9};
        while (dc_pairing_next(&p))
            if (p.a.rec && p.b.rec)
                partners[p.a.index] = p.b.index;
        CHECK(p.keyed == (i == 1));
        CHECK_EQ_U64(partners[0], i == 0 ? 1 : 2);
        CHECK_EQ_U64(partners[1], i == 0 ? 2 : 0); /* one is left on each side */
        CHECK_EQ_U64(partners[2], i == 0 ? 0 : 9);
        dc_pairing_done(&p);
    }
    done_lists(&lists);
}

#define STRUCT(pid, runs)                                                                \
    "{\"key\":{\"kind\":\"ptr\",\"value\":" runs "},\"key_hex\":\"" runs                 \
    "\",\"value_hex\":\"\",\"value\":{\"kind\":\"struct\",\"members\":["                 \
    "{\"name\":\"w\",\"value\":{\"kind\":\"uint\",\"bits\":8,\"value\":100}},"           \
    "{\"name\":\"pid\",\"value\":{\"kind\":\"int\",\"bits\":32,\"value\":" pid "}},"     \
    "{\"name\":\"runs\",\"value\":{\"kind\":\"uint\",\"bits\":64,\"value\":" runs        \
    "}}]}}"

/* What has changed is found by a member that nobody else has; the others have no partner. */
static void finds_what_changed_by_a_member_of_its_own(void) {
    struct dc_pairing_options other = options_of(false);
    struct lists lists;
    struct dc_pairing p;
    const struct dc_rec *maps[2];
    if (!read_lists(&lists, DC_AT_SINGLE_maps,
                    STORAGE(STRUCT("7", "10") "," STRUCT("8", "20") "," STRUCT(
                        "9", "30") "," STRUCT("0", "40")),
                    STORAGE(STRUCT("9", "31") "," STRUCT("7", "12") "," STRUCT(
                        "5", "21") "," STRUCT("8", "22") "," STRUCT("6", "9"))))
        return;
    for (int side = 0; side < 2; side++)
        maps[side] =
            dc_list_rec(dc_list_of(lists.reports[side].root, DC_AT_SINGLE_maps), 0);
    CHECK(dc_pairing_init(&p, &dc_type_ENTRY, dc_list_of(maps[0], DC_AT_MAP_entries),
                          dc_list_of(maps[1], DC_AT_MAP_entries), &other) == 0);
    size_t partners[4] = {9, 9, 9, 9}, added = 0;
    while (dc_pairing_next(&p)) {
        if (p.a.rec && p.b.rec)
            partners[p.a.index] = p.b.index;
        added += !p.a.rec;
    }
    CHECK_EQ_U64(partners[0], 1);
    CHECK_EQ_U64(partners[1], 3);
    CHECK_EQ_U64(partners[2], 0);
    CHECK_EQ_U64(partners[3], 9);
    CHECK_EQ_U64(added, 2);
    dc_pairing_done(&p);
    done_lists(&lists);
}

static void leaves_addresses_out_of_a_key(void) {
    struct dc_pairing_options other = options_of(false);
    struct dc_pairing_options same = options_of(true);
    struct lists lists;
    if (!read_lists(&lists, DC_AT_SINGLE_cgroup_psi,
                    "\"cgroup_psi\":[" PSI("1", "5") "," PSI("2", "6") "]",
                    "\"cgroup_psi\":[" PSI("2", "5") "," PSI("1", "6") "]"))
        return;
    CHECK(pairs_are(&lists, &other, "0:0 1:1"));
    CHECK(pairs_are(&lists, &same, "0:1 1:0 reordered"));
    done_lists(&lists);
}

static void survives_each_failing_allocation(void) {
    struct lists lists;
    size_t failures = 0;
    if (!read_lists(&lists, DC_AT_SINGLE_prog_runtime_stats,
                    PROGS(PROG("b") "," PROG("a")), PROGS(PROG("a") "," PROG("b"))))
        return;
    for (size_t fail = 1; fail < 20; fail++) {
        struct aid_memory memory = {.fail = fail};
        struct dc_pairing_options options = options_of(false);
        struct dc_pairing p;
        options.alloc = aid_alloc(&memory);
        int rc = init(&p, &lists, &options);
        dc_pairing_done(&p);
        CHECK_EQ_U64(memory.live, 0);
        CHECK((rc < 0) == memory.failed);
        failures += memory.failed;
    }
    CHECK_EQ_U64(failures, 4);
    done_lists(&lists);
}

int main(void) {
    UNIT_RUN(finds_elements_by_key);
    UNIT_RUN(takes_the_first_of_equal_keys_first);
    UNIT_RUN(finds_by_content_where_keys_are_addresses);
    UNIT_RUN(finds_what_changed_by_a_member_of_its_own);
    UNIT_RUN(leaves_addresses_out_of_a_key);
    UNIT_RUN(survives_each_failing_allocation);
    return unit_done();
}

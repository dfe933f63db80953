/*
 * Places: what a person may write, and where it leads in memory with tables made by hand.
 */
#include "tests/unit/memory_aid.h"
#include "tests/unit/unit.h"

#include "capture/guests/demo.h"
#include "capture/place.h"

#define SIZE UINT64_C(0x10000)
#define ROOT UINT64_C(0x1000)
#define RWU (AID_P | AID_W | AID_U)
#define DATA UINT64_C(0xffffffff81000000) /* virtual; the page at 0x8000 */

static uint8_t bytes[SIZE];

static void good_places_are_parsed(void) {
    static const struct {
        const char *text, *symbol;
        bool indirect, known;
        uint64_t base, offset;
    } cases[] = {
        {"err_exit_detected", "err_exit_detected", false, false, 0, 0},
        {"*scx_root", "scx_root", true, false, 0, 0},
        {"*scx_root+8", "scx_root", true, false, 0, 8},
        {"runnable_at+0x10", "runnable_at", false, false, 0, 16},
        {"0x200000", "", false, true, 0x200000, 0},
        {"0XfFfFfFfF81A3c2F0", "", false, true, UINT64_C(0xffffffff81a3c2f0), 0},
        {"*0x200000+18446744073709551615", "", true, true, 0x200000, UINT64_MAX},
        {"0x0+0xffffffffffffffff", "", false, true, 0, UINT64_MAX},
        {"0xffffffffffffffff", "", false, true, UINT64_MAX, 0},
        {"x", "x", false, false, 0, 0},
        {"_ZN3foo3barE.part.0$1", "_ZN3foo3barE.part.0$1", false, false, 0, 0},
        {"gr\xc3\xb6\xc3\x9f"
         "e+007",
         "gr\xc3\xb6\xc3\x9f"
         "e",
         false, false, 0, 7},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct cap_place_expr place;
        struct dc_error err = {0};
        CHECK_EQ_I64(cap_place_parse(&place, cases[i].text, &err), 0);
        CHECK_STR(place.text, cases[i].text);
        CHECK_STR(place.symbol, cases[i].symbol);
        CHECK_EQ_U64(place.indirect, cases[i].indirect);
        CHECK_EQ_U64(place.known, cases[i].known);
        CHECK_EQ_U64(place.base, cases[i].base);
        CHECK_EQ_U64(place.offset, cases[i].offset);
    }
}

static void bad_places_are_refused(void) {
    static const char *const bad[] = {
        "",
        "*",
        "**scx_root",
        "+8",
        "*+8",
        "a+",
        "a+0x",
        "a+b",
        "a+1+2",
        "a+ 1",
        "a +1",
        " a",
        "a-1",
        "a+-1",
        "a+1k",
        "a+0x1g",
        "a+18446744073709551616",
        "a+0x10000000000000000",
        "0x",
        "0xg",
        "0x1 ",
        "0x10000000000000000",
        "123",
        "00x1",
        "a*b",
        "a\nb",
        "a\x1b[2J",
        "0xffffffffffffffff+1",
        "0x1+0xffffffffffffffff",
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct cap_place_expr place;
        struct dc_error err = {0};
        if (!CHECK_EQ_I64(cap_place_parse(&place, bad[i], &err), -1))
            printf("# %s\n", bad[i]);
        CHECK_EQ_U64(err.code, DC_EUSAGE);
        CHECK(strstr(err.message, bad[i]) != NULL);
    }
    char longest[300] = {0};
    struct cap_place_expr place;
    struct dc_error err;
    memset(longest, 'a', 255);
    CHECK_EQ_I64(cap_place_parse(&place, longest, &err), 0);
    CHECK_STR(place.symbol, longest);
    longest[255] = 'b';
    CHECK_EQ_I64(cap_place_parse(&place, longest, &err), -1);
}

static void symbols_are_bound(void) {
    struct dc_error err = {0};
    struct cap_place_expr place;
    struct cap_symbol root;
    struct cap_elf *elf = cap_elf_open_memory(
        cap_demo_elf, (size_t)(cap_demo_elf_end - cap_demo_elf), &err);
    if (!CHECK(elf != NULL) || !CHECK(cap_elf_symbol(elf, "scx_root", &root)))
        return;
    CHECK_EQ_I64(cap_place_parse(&place, "*scx_root+4", &err), 0);
    CHECK_EQ_I64(cap_place_bind(&place, elf, &err), 0);
    CHECK(place.known && place.indirect);
    CHECK_EQ_U64(place.base, root.value);

    CHECK_EQ_I64(cap_place_parse(&place, "scx_toor", &err), 0);
    CHECK_EQ_I64(cap_place_bind(&place, elf, &err), -1);
    CHECK_EQ_U64(err.code, DC_EUSAGE);
    CHECK_STR(err.message, "the guest has no symbol scx_toor");
    CHECK(!place.known);

    CHECK_EQ_I64(cap_place_parse(&place, "scx_root+0xffffffffffffffff", &err), 0);
    CHECK_EQ_I64(cap_place_bind(&place, elf, &err), -1);
    CHECK(strstr(err.message, "beyond") != NULL);
    CHECK(!place.known);
    /* With a pointer the sum depends on what it is. */
    CHECK_EQ_I64(cap_place_parse(&place, "*scx_root+0xffffffffffffffff", &err), 0);
    CHECK_EQ_I64(cap_place_bind(&place, elf, &err), 0);

    CHECK_EQ_I64(cap_place_parse(&place, "0x77", &err), 0);
    CHECK_EQ_I64(cap_place_bind(&place, elf, &err), 0);
    CHECK_EQ_U64(place.base, 0x77);
    cap_elf_free(elf);
}

static void make_memory(struct aid_memory *memory) {
    memset(bytes, 0, sizeof(bytes));
    aid_memory_init(memory, bytes, SIZE, ROOT);
    aid_map(memory, DATA, 0x8000, 0, RWU);
    aid_map(memory, DATA + 0x1000, SIZE, 0, RWU); /* mapped, but no memory */
    aid_put_u64(memory, 0x8000, DATA + 0x100);
    aid_put_u64(memory, 0x8008, 0);
    aid_put_u64(memory, 0x8010, UINT64_C(1) << 47);
    aid_put_u64(memory, 0x8018, DATA + 0x1000);
    aid_put_u64(memory, 0x8020, UINT64_MAX - 3);
    aid_put_u64(memory, 0x8028, 4); /* not mapped, and not null */
    aid_put_u64(memory, 0x8100, 0x1122334455667788);
}

static void places_are_resolved(void) {
    static const struct {
        const char *text;
        enum cap_place_state want;
        uint64_t virtual, physical;
    } cases[] = {
        {"0xffffffff81000000", CAP_PLACE_OK, DATA, 0x8000},
        {"0xffffffff81000000+0xfff", CAP_PLACE_OK, DATA + 0xfff, 0x8fff},
        {"0xffffffff81000000+4096", CAP_PLACE_OUT_OF_BOUNDS, 0, 0},
        {"0xffffffff81000000+8192", CAP_PLACE_OUT_OF_BOUNDS, 0, 0},
        {"0x8000", CAP_PLACE_OUT_OF_BOUNDS, 0, 0}, /* that is the physical one */
        {"0xffff", CAP_PLACE_OUT_OF_BOUNDS, 0, 0},
        {"0xffffffffffffffff", CAP_PLACE_OUT_OF_BOUNDS, 0, 0},
        {"0x800000000000", CAP_PLACE_OUT_OF_BOUNDS, 0, 0},
        {"0x0", CAP_PLACE_OUT_OF_BOUNDS, 0, 0}, /* no pointer: an address like others */
        {"symbol", CAP_PLACE_NOT_RESOLVED, 0, 0},
        {"*symbol", CAP_PLACE_NOT_RESOLVED, 0, 0},
        {"*0xffffffff81000000", CAP_PLACE_OK, DATA + 0x100, 0x8100},
        {"*0xffffffff81000000+8", CAP_PLACE_OK, DATA + 0x108, 0x8108},
        {"*0xffffffff81000008", CAP_PLACE_NULL, 0, 0},
        {"*0xffffffff81000008+8", CAP_PLACE_NULL, 0, 0},
        {"*0xffffffff81000010", CAP_PLACE_OUT_OF_BOUNDS, 0, 0},
        {"*0xffffffff81000018", CAP_PLACE_OUT_OF_BOUNDS, 0, 0},
        {"*0xffffffff81000020", CAP_PLACE_OUT_OF_BOUNDS, 0, 0},
        {"*0xffffffff81000020+4", CAP_PLACE_OUT_OF_BOUNDS, 0, 0}, /* the sum is 2^64 */
        {"*0xffffffff81000028", CAP_PLACE_OUT_OF_BOUNDS, 0, 0},
        {"*0xffffffff81000ff9", CAP_PLACE_OUT_OF_BOUNDS, 0, 0}, /* half a pointer */
        {"*0x8000", CAP_PLACE_OUT_OF_BOUNDS, 0, 0},
    };
    struct aid_memory memory;
    make_memory(&memory);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct cap_place_expr place;
        struct dc_error err = {0};
        uint64_t virtual = 0, physical = 0;
        CHECK_EQ_I64(cap_place_parse(&place, cases[i].text, &err), 0);
        if (!CHECK_EQ_U64(
                cap_place_resolve(&memory.source, ROOT, &place, &virtual, &physical),
                cases[i].want))
            printf("# %s\n", cases[i].text);
        CHECK_EQ_U64(virtual, cases[i].virtual);
        CHECK_EQ_U64(physical, cases[i].physical);
        CHECK_EQ_U64(cap_place_resolve(&memory.source, ROOT, &place, NULL, NULL),
                     cases[i].want);
        CHECK_EQ_U64(cap_place_resolve(&memory.source, SIZE, &place, NULL, NULL),
                     cases[i].want == CAP_PLACE_NOT_RESOLVED ? CAP_PLACE_NOT_RESOLVED
                                                             : CAP_PLACE_OUT_OF_BOUNDS);
    }
    struct cap_place_expr nothing = {0};
    CHECK_EQ_U64(cap_place_resolve(&memory.source, ROOT, &nothing, NULL, NULL),
                 CAP_PLACE_NOT_RESOLVED);
}

static void a_pointer_is_followed_anew(void) {
    struct aid_memory memory;
    struct cap_place_expr place;
    struct dc_error err;
    uint64_t value = 0;
    make_memory(&memory);
    CHECK_EQ_I64(cap_place_parse(&place, "*0xffffffff81000000", &err), 0);
    CHECK_EQ_U64(cap_place_read(&memory.source, ROOT, &place, &value, 8), CAP_PLACE_OK);
    CHECK_EQ_U64(value, 0x1122334455667788);
    aid_put_u64(&memory, 0x8000, DATA + 0x104);
    CHECK_EQ_U64(cap_place_read(&memory.source, ROOT, &place, &value, 8), CAP_PLACE_OK);
    CHECK_EQ_U64(value, 0x11223344);
    aid_put_u64(&memory, 0x8000, DATA + 0xffc);
    CHECK_EQ_U64(cap_place_read(&memory.source, ROOT, &place, &value, 4), CAP_PLACE_OK);
    CHECK_EQ_U64(cap_place_read(&memory.source, ROOT, &place, &value, 8),
                 CAP_PLACE_OUT_OF_BOUNDS);
    aid_put_u64(&memory, 0x8000, 0);
    CHECK_EQ_U64(cap_place_read(&memory.source, ROOT, &place, &value, 4), CAP_PLACE_NULL);
}

int main(void) {
    UNIT_RUN(good_places_are_parsed);
    UNIT_RUN(bad_places_are_refused);
    UNIT_RUN(symbols_are_bound);
    UNIT_RUN(places_are_resolved);
    UNIT_RUN(a_pointer_is_followed_anew);
    return unit_done();
}

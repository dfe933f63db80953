/* Whether names of kernel addresses can be believed: what the vCPUs say of a file. */
#include "lib/symbols.h"

#include "tests/unit/lib_aid.h"
#include "tests/unit/unit.h"

static const char system_map[] = "0000000000001000 A percpu_thing\n"
                                 "ffffffff81000000 T _stext\n"
                                 "ffffffff81000200 T schedule\n"
                                 "ffffffff81001000 T _etext\n"
                                 "ffffffff82001000 B _end\n";

static bool start(struct dc_symbols *symbols, const char *text) {
    struct dc_error err;
    bool good = dc_symbols_read(symbols, text, strlen(text), dc_alloc_libc, &err) == 0;
    if (!CHECK(good))
        printf("#   %" PRIu64 ": %s\n", err.line, err.message);
    return good;
}

#define REGS(ip)                                                                         \
    "{\"instruction_pointer\":" ip ",\"stack_pointer\":2,\"page_table_root\":3}"
#define SINGLE(regs) "{\"schema\":\"single\",\"maps\":[],\"vcpu_regs\":[" regs "]}"
#define IN_TEXT "18446744071578845696"        /* 0xffffffff81000200 */
#define TEXT_BEGIN "18446744071578845184"     /* 0xffffffff81000000 */
#define TEXT_LAST "18446744071578849279"      /* 0xffffffff81000fff */
#define TEXT_END "18446744071578849280"       /* 0xffffffff81001000 */
#define BEFORE_TEXT "18446744071578845183"    /* 0xffffffff80ffffff */
#define IMAGE_BEGIN "18446744071562067968"    /* 0xffffffff80000000 */
#define BEFORE_IMAGE "18446744071562067967"   /* 0xffffffff7fffffff */
#define MODULE "18446744072635809792"         /* 0xffffffffc0000000 */
#define BEFORE_MODULES "18446744072635809791" /* 0xffffffffbfffffff */
#define USER "4198400"
#define DIRECT_MAP "18446612682070032384" /* 0xffff888000000000 */

static void check_judge(const char *map, const char *report, enum dc_symbols_fit fit,
                        size_t inside, size_t outside) {
    struct dc_symbols symbols;
    struct dc_report r;
    struct dc_model model;
    struct dc_error err;
    if (!start(&symbols, map))
        return;
    if (CHECK(aid_read_text(&r, report, &err) == 0)) {
        dc_model_init(&model, &r, "r.json");
        struct dc_symbols_judgement got = dc_symbols_judge(&symbols, &model);
        CHECK_EQ_U64(got.fit, fit);
        CHECK_EQ_U64(got.inside, inside);
        CHECK_EQ_U64(got.outside, outside);
        dc_report_done(&r);
    }
    dc_symbols_done(&symbols);
}

static void nothing_in_an_image_leaves_the_file_untested(void) {
    check_judge(system_map, SINGLE(""), DC_SYMBOLS_UNTESTED, 0, 0);
    check_judge(system_map, SINGLE("null,null"), DC_SYMBOLS_UNTESTED, 0, 0);
    check_judge(system_map,
                SINGLE(REGS("0") "," REGS(USER) "," REGS(MODULE) "," REGS(
                    BEFORE_IMAGE) "," REGS(DIRECT_MAP) ",null"),
                DC_SYMBOLS_UNTESTED, 0, 0);
    check_judge(system_map, "\"DuringFreeze\"", DC_SYMBOLS_UNTESTED, 0, 0);
}

static void everything_in_the_text_fits(void) {
    check_judge(system_map,
                SINGLE(REGS(IN_TEXT) ",null," REGS(TEXT_BEGIN) "," REGS(
                    TEXT_LAST) "," REGS(USER) "," REGS(MODULE)),
                DC_SYMBOLS_FIT, 3, 0);
}

static void one_vcpu_outside_makes_doubt(void) {
    check_judge(system_map, SINGLE(REGS(IN_TEXT) "," REGS(TEXT_END)), DC_SYMBOLS_DOUBTFUL,
                1, 1);
    check_judge(system_map,
                SINGLE(REGS(BEFORE_TEXT) "," REGS(IMAGE_BEGIN) "," REGS(BEFORE_MODULES)),
                DC_SYMBOLS_DOUBTFUL, 0, 3);
}

static void both_snapshots_and_degraded_reports_are_looked_at(void) {
    check_judge(system_map,
                "{\"schema\":\"dual\",\"early\":" SINGLE(
                    REGS(TEXT_END)) ",\"late\":" SINGLE(REGS(IN_TEXT)) "}",
                DC_SYMBOLS_DOUBTFUL, 1, 1);
    check_judge(
        system_map,
        "{\"schema\":\"degraded\",\"reason\":\"r\",\"watchpoint_hit\":true,"
        "\"bss_latch_state\":\"triggered\",\"vcpu_regs\":[null," REGS(IN_TEXT) "]"
                                                                               "}",
        DC_SYMBOLS_FIT, 1, 0);
}

/* Elsewhere than on x86 the image has no range of its own: the upper half counts. */
static void another_machine_is_judged_by_the_upper_half(void) {
    static const char arm[] = "ffff800080010000 T _stext\nffff800081000000 T _etext\n";
    check_judge(
        arm, SINGLE(REGS("18446603338368745472") /* 0xffff800080010000 */ "," REGS(USER)),
        DC_SYMBOLS_FIT, 1, 0);
    check_judge(arm, SINGLE(REGS(IN_TEXT)), DC_SYMBOLS_DOUBTFUL, 0, 1);
}

int main(void) {
    UNIT_RUN(nothing_in_an_image_leaves_the_file_untested);
    UNIT_RUN(everything_in_the_text_fits);
    UNIT_RUN(one_vcpu_outside_makes_doubt);
    UNIT_RUN(both_snapshots_and_degraded_reports_are_looked_at);
    UNIT_RUN(another_machine_is_judged_by_the_upper_half);
    return unit_done();
}

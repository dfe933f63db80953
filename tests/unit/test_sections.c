/* The sections of a snapshot: the table, its names, and how much there is of each. */
#include "lib/sections.h"

#include "tests/unit/lib_aid.h"
#include "tests/unit/unit.h"

static int find(const char *name) {
    return dc_section_find(name, strlen(name));
}

static void each_section_is_found_by_both_names(void) {
    for (int i = 0; i < DC_N_SECTIONS; i++) {
        CHECK_EQ_I64(find(dc_sections[i].name), i);
        if (dc_sections[i].member)
            CHECK_EQ_I64(find(dc_sections[i].member), i);
        CHECK(dc_sections[i].meaning != NULL && *dc_sections[i].meaning != '\0');
    }
    CHECK_EQ_I64(find("tasks"), DC_SECTION_TASKS);
    CHECK_EQ_I64(find("task_enrichments"), DC_SECTION_TASKS);
    CHECK_EQ_I64(find("summary"), DC_SECTION_SUMMARY);
}

static void nothing_else_is_a_section(void) {
    CHECK_EQ_I64(find(""), -1);
    CHECK_EQ_I64(find("task"), -1);
    CHECK_EQ_I64(find("tasks "), -1);
    CHECK_EQ_I64(find("Tasks"), -1);
    CHECK_EQ_I64(find("dumpctl"), -1);
    CHECK_EQ_I64(dc_section_find("tasks,maps", 5), DC_SECTION_TASKS);
    CHECK_EQ_I64(dc_section_find("tasks\0", 6), -1);
}

/* The schema says what a member is: what stands beside it here must agree. */
static void the_table_agrees_with_the_schema(void) {
    for (int i = 0; i < DC_N_SECTIONS; i++) {
        const struct dc_section *section = &dc_sections[i];
        CHECK((section->member == NULL) == (section->field < 0));
        if (section->field < 0)
            continue;
        const struct dc_field *field = &dc_type_SINGLE.fields[section->field];
        CHECK_STR(field->name, section->member);
        CHECK((field->shape != DC_ONE) == (section->noun != NULL));
        if (section->unavailable < 0)
            continue;
        const struct dc_field *why = &dc_type_SINGLE.fields[section->unavailable];
        CHECK_EQ_U64(why->kind, DC_STRING);
        CHECK(strstr(why->name, "_unavailable") != NULL);
    }
}

/* A reason for which the format has a member of its own must not be forgotten. */
static void each_reason_belongs_to_a_section(void) {
    for (size_t i = 0; i < dc_type_SINGLE.n_fields; i++) {
        bool named = false;
        if (!strstr(dc_type_SINGLE.fields[i].name, "_unavailable"))
            continue;
        for (int k = 0; k < DC_N_SECTIONS; k++)
            named = named || dc_sections[k].unavailable == (int)i;
        if (!CHECK(named))
            printf("#   %s\n", dc_type_SINGLE.fields[i].name);
    }
}

/* ---- counts ---- */

static bool start(struct dc_report *report, struct dc_model *model, const char *text) {
    struct dc_error err;
    if (!CHECK(aid_read_text(report, text, &err) == 0)) {
        printf("#   %s: %s\n", err.pointer, err.message);
        return false;
    }
    dc_model_init(model, report, "r.json");
    return true;
}

static size_t count(const struct dc_model *model, enum dc_section_id id) {
    return dc_section_count(&dc_sections[id], dc_model_main(model));
}

#define SAMPLE(ms)                                                                       \
    "{\"elapsed_ms\":" ms ",\"select_cpu_fallback\":0,\"dispatch_local_dsq_offline\":0," \
    "\"dispatch_keep_last\":0,\"enq_skip_exiting\":0,"                                   \
    "\"enq_skip_migration_disabled\":0,\"reenq_immed\":0,\"reenq_local_repeat\":0,"      \
    "\"refill_slice_dfl\":0,\"bypass_duration\":0,\"bypass_dispatch\":0,"                \
    "\"bypass_activate\":0,\"insert_not_owned\":0,\"sub_bypass_dispatch\":0}"

static void lists_count_their_elements(void) {
    struct dc_report report;
    struct dc_model model;
    if (!start(&report, &model,
               "{\"schema\":\"single\",\"maps\":[],\"event_counter_timeline\":[" SAMPLE(
                   "1") "," SAMPLE("2") "],\"vcpu_regs\":[null,null,null],"
                                        "\"vcpu_perf_at_freeze\":[null,null],"
                                        "\"scx_sched_state\":{\"aborting\":false,"
                                        "\"bypass_depth\":0,\"exit_kind\":0}}"))
        return;
    CHECK_EQ_U64(count(&model, DC_SECTION_EVENTS), 2);
    CHECK_EQ_U64(count(&model, DC_SECTION_VCPUS), 3);
    CHECK_EQ_U64(count(&model, DC_SECTION_PERF), 2); /* holes have a place */
    CHECK_EQ_U64(count(&model, DC_SECTION_SCHED), 1);
    CHECK_EQ_U64(count(&model, DC_SECTION_MAPS), 0);
    CHECK_EQ_U64(count(&model, DC_SECTION_TASKS), 0);
    CHECK_EQ_U64(count(&model, DC_SECTION_PROBE), 0);
    CHECK_EQ_U64(count(&model, DC_SECTION_REGIONS), 0);
    CHECK_EQ_U64(count(&model, DC_SECTION_SUMMARY), 0); /* computed */
    CHECK_EQ_U64(count(&model, DC_SECTION_FINDINGS), 0);
    dc_report_done(&report);
}

/* Its fields are those of another type: only the vCPUs are in both. */
static void a_degraded_report_has_vcpus_only(void) {
    struct dc_report report;
    struct dc_model model;
    if (!start(&report, &model,
               "{\"schema\":\"degraded\",\"reason\":\"r\",\"watchpoint_hit\":true,"
               "\"bss_latch_state\":\"triggered\",\"vcpu_regs\":[null,null],"
               "\"exit_kind\":1026,\"elapsed_ms\":30000}"))
        return;
    for (int i = 0; i < DC_N_SECTIONS; i++)
        CHECK_EQ_U64(count(&model, (enum dc_section_id)i), i == DC_SECTION_VCPUS ? 2 : 0);
    dc_report_done(&report);
}

int main(void) {
    UNIT_RUN(each_section_is_found_by_both_names);
    UNIT_RUN(nothing_else_is_a_section);
    UNIT_RUN(the_table_agrees_with_the_schema);
    UNIT_RUN(each_reason_belongs_to_a_section);
    UNIT_RUN(lists_count_their_elements);
    UNIT_RUN(a_degraded_report_has_vcpus_only);
    return unit_done();
}

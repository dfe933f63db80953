#include "lib/sections.h"

#include <string.h>

#define MEMBER(member_) .member = #member_, .field = DC_AT_SINGLE_##member_
#define WHY(member_) .unavailable = DC_AT_SINGLE_##member_

const struct dc_section dc_sections[DC_N_SECTIONS] = {
    [DC_SECTION_SUMMARY] = {"summary", NULL, NULL,
                            "what the report holds, and what it lacks and why", -1, -1},
    [DC_SECTION_FINDINGS] = {"findings", NULL, NULL,
                             "answers computed from the other sections", -1, -1},
    [DC_SECTION_VCPUS] = {.name = "vcpus",
                          MEMBER(vcpu_regs),
                          .noun = "vCPUs",
                          .meaning = "states and registers of the vCPUs",
                          .unavailable = -1},
    [DC_SECTION_SCHED] = {.name = "sched",
                          MEMBER(scx_sched_state),
                          .meaning = "the scheduler's own state",
                          WHY(scx_walker_unavailable)},
    [DC_SECTION_RUNQUEUES] = {.name = "runqueues",
                              MEMBER(rq_scx_states),
                              .noun = "run queues",
                              .meaning = "the sched_ext part of each CPU's run queue",
                              WHY(scx_walker_unavailable)},
    [DC_SECTION_DSQS] = {.name = "dsqs",
                         MEMBER(dsq_states),
                         .noun = "dispatch queues",
                         .meaning = "dispatch queues and the tasks in them",
                         WHY(scx_walker_unavailable)},
    [DC_SECTION_TASKS] = {.name = "tasks",
                          MEMBER(task_enrichments),
                          .noun = "tasks",
                          .meaning = "tasks: priorities, switches, CPU time, locks",
                          WHY(task_enrichments_unavailable)},
    [DC_SECTION_EVENTS] = {.name = "events",
                           MEMBER(event_counter_timeline),
                           .noun = "samples",
                           .meaning = "the scheduler's event counters over time",
                           .unavailable = -1},
    [DC_SECTION_PROGRAMS] = {.name = "programs",
                             MEMBER(prog_runtime_stats),
                             .noun = "programs",
                             .meaning = "calls and run time of the struct_ops programs",
                             WHY(prog_runtime_stats_unavailable)},
    [DC_SECTION_MAPS] = {.name = "maps",
                         MEMBER(maps),
                         .noun = "maps",
                         .meaning = "BPF maps and what is in them",
                         .unavailable = -1},
    [DC_SECTION_ALLOCATORS] = {.name = "allocators",
                               MEMBER(sdt_allocations),
                               .noun = "allocators",
                               .meaning = "live objects of the arena allocators",
                               WHY(sdt_alloc_unavailable)},
    [DC_SECTION_REGIONS] = {.name = "regions",
                            MEMBER(scx_static_ranges),
                            .meaning = "regions of the bump allocator",
                            .unavailable = -1},
    [DC_SECTION_CPU_TIME] = {.name = "cpu_time",
                             MEMBER(per_cpu_time),
                             .noun = "CPUs",
                             .meaning = "where each CPU spent its time since boot",
                             .unavailable = -1},
    [DC_SECTION_PSI] = {.name = "psi",
                        MEMBER(cgroup_psi),
                        .noun = "cgroups",
                        .meaning = "interrupt pressure of the leaf cgroups",
                        .unavailable = -1},
    [DC_SECTION_PERF] = {.name = "perf",
                         MEMBER(vcpu_perf_at_freeze),
                         .noun = "vCPUs",
                         .meaning = "hardware counters of the vCPUs",
                         .unavailable = -1},
    [DC_SECTION_NUMA] = {.name = "numa",
                         MEMBER(per_node_numa),
                         .noun = "nodes",
                         .meaning = "allocation counters of the NUMA nodes",
                         WHY(per_node_numa_unavailable)},
    [DC_SECTION_PROBE] = {.name = "probe",
                          MEMBER(probe_counters),
                          .meaning = "the probe program's own counters",
                          .unavailable = -1},
    [DC_SECTION_SAMPLES] = {.name = "samples",
                            .noun = "samples",
                            .meaning = "statistics of the scheduler over the run",
                            .field = -1,
                            .unavailable = -1},
};

static bool is_word(const char *name, const char *s, size_t len) {
    return name && strlen(name) == len && memcmp(name, s, len) == 0;
}

int dc_section_find(const char *name, size_t len) {
    for (int i = 0; i < DC_N_SECTIONS; i++)
        if (is_word(dc_sections[i].name, name, len) ||
            is_word(dc_sections[i].member, name, len))
            return i;
    return -1;
}

size_t dc_section_count(const struct dc_section *section,
                        const struct dc_snapshot *snapshot) {
    if (section == &dc_sections[DC_SECTION_VCPUS])
        return snapshot->vcpus;
    if (section == &dc_sections[DC_SECTION_SAMPLES])
        return snapshot->samples->count;
    if (section->field < 0 || snapshot->rec->type != &dc_type_SINGLE)
        return 0;
    if (section->noun)
        return dc_list_of(snapshot->rec, section->field)->count;
    return dc_has(snapshot->rec, section->field);
}

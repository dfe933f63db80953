/*
 * sections: the parts that `show` has for a snapshot, in the order in which they tell most.
 *
 * A section has a short name of its own and, where it shows one member of the report, that
 * member's name: both find it.
 */
#ifndef DUMPCTL_LIB_SECTIONS_H
#define DUMPCTL_LIB_SECTIONS_H

#include "lib/model.h"

/* Their places in the table, and bits of a set of them. */
enum dc_section_id {
    DC_SECTION_SUMMARY,
    DC_SECTION_FINDINGS,
    DC_SECTION_VCPUS,
    DC_SECTION_SCHED,
    DC_SECTION_RUNQUEUES,
    DC_SECTION_DSQS,
    DC_SECTION_TASKS,
    DC_SECTION_EVENTS,
    DC_SECTION_PROGRAMS,
    DC_SECTION_MAPS,
    DC_SECTION_ALLOCATORS,
    DC_SECTION_REGIONS,
    DC_SECTION_CPU_TIME,
    DC_SECTION_PSI,
    DC_SECTION_PERF,
    DC_SECTION_NUMA,
    DC_SECTION_PROBE,
    DC_SECTION_SAMPLES,
    DC_N_SECTIONS,
};

struct dc_section {
    const char *name;
    const char *member;  /* of the report; NULL: computed */
    const char *noun;    /* what its elements are: "tasks"; NULL: it is no list */
    const char *meaning; /* one line */
    int field;           /* of SINGLE; -1: none, or it stands elsewhere */
    int unavailable;     /* the field of SINGLE that says why it is empty; -1: none */
};

extern const struct dc_section dc_sections[DC_N_SECTIONS];

/* The section with that name or member (`len` bytes); -1: there is none. */
int dc_section_find(const char *name, size_t len);

/* How many elements a snapshot has of it; 1 for what is there and no list. */
size_t dc_section_count(const struct dc_section *section,
                        const struct dc_snapshot *snapshot);

#endif

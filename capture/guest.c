#include "capture/guest.h"

#include <stdio.h>
#include <string.h>

#include "capture/guests/demo.h"

/* In the order in which the manual explains them. */
static const struct {
    const char *name;
    enum guest_scenario scenario;
    enum cap_cpu_kind others; /* all vCPUs but 0 */
    bool needs_last;          /* it is the last vCPU that makes the trigger fire */
} scenarios[] = {
    {"stall", GUEST_SCENARIO_STALL, CAP_CPU_USER, true},
    {"error", GUEST_SCENARIO_ERROR, CAP_CPU_USER, false},
    {"late-error", GUEST_SCENARIO_LATE_ERROR, CAP_CPU_USER, false},
    {"flip", GUEST_SCENARIO_FLIP, CAP_CPU_USER, false},
    {"relapse", GUEST_SCENARIO_RELAPSE, CAP_CPU_USER, false},
    {"clean", GUEST_SCENARIO_CLEAN, CAP_CPU_USER, false},
    {"spin", GUEST_SCENARIO_SPIN, CAP_CPU_USER, false},
    {"storm", GUEST_SCENARIO_STORM, CAP_CPU_USER, false},
    {"halt", GUEST_SCENARIO_HALT, CAP_CPU_HALT, false},
    {"uninit", GUEST_SCENARIO_UNINIT, CAP_CPU_UNINIT, false},
    {"crash", GUEST_SCENARIO_CRASH, CAP_CPU_USER, true},
    {"ask", GUEST_SCENARIO_ASK, CAP_CPU_USER, false},
};

enum { SCENARIOS = sizeof(scenarios) / sizeof(scenarios[0]) };

/* "demo:a, demo:b and demo:c" */
static void list_scenarios(char *text, size_t bytes) {
    size_t length = 0;
    for (size_t i = 0; i < SCENARIOS && length < bytes; i++) {
        const char *before = i == 0 ? "" : i + 1 < SCENARIOS ? ", " : " and ";
        length += (size_t)snprintf(text + length, bytes - length, "%sdemo:%s", before,
                                   scenarios[i].name);
    }
}

static int find_scenario(struct cap_guest *guest, const char *word,
                         struct dc_error *err) {
    char list[32 * SCENARIOS];

    for (size_t i = 0; i < SCENARIOS; i++) {
        if (strcmp(scenarios[i].name, word) == 0) {
            guest->scenario = scenarios[i].scenario;
            guest->others = scenarios[i].others;
            guest->needs_last = scenarios[i].needs_last;
            return 0;
        }
    }
    list_scenarios(list, sizeof(list));
    return dc_fail(err, DC_EUSAGE, "unknown scenario demo:%s; there are %s", word, list);
}

int cap_guest_open(struct cap_guest *guest, const char *name, struct dc_error *err) {
    *guest = (struct cap_guest){.name = name};
    if (strncmp(name, "demo:", 5) == 0) {
        if (find_scenario(guest, name + 5, err))
            return -1;
        guest->elf = cap_elf_open_memory(cap_demo_elf,
                                         (size_t)(cap_demo_elf_end - cap_demo_elf), err);
    } else {
        guest->elf = cap_elf_open_file(name, err);
    }
    return guest->elf ? 0 : -1;
}

void cap_guest_close(struct cap_guest *guest) {
    cap_elf_free(guest->elf);
    *guest = (struct cap_guest){0};
}

enum cap_cpu_kind cap_guest_cpu(const struct cap_guest *guest, uint32_t id) {
    return id == 0 ? CAP_CPU_USER : guest->others;
}

/* Without it KVM leaves it to the host to wait, and an idle vCPU is one that has ended. */
bool cap_guest_needs_irqchip(const struct cap_guest *guest) {
    return guest->others == CAP_CPU_HALT || guest->others == CAP_CPU_UNINIT;
}

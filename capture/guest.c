#include "capture/guest.h"

#include <string.h>

#include "capture/guests/demo.h"

static const struct {
    const char *name;
    enum guest_scenario scenario;
} scenarios[] = {
    {"clean", GUEST_SCENARIO_CLEAN},
    {"error", GUEST_SCENARIO_ERROR},
    {"stall", GUEST_SCENARIO_STALL},
    {"spin", GUEST_SCENARIO_SPIN},
};

static int find_scenario(struct cap_guest *guest, const char *word,
                         struct dc_error *err) {
    for (size_t i = 0; i < sizeof(scenarios) / sizeof(scenarios[0]); i++) {
        if (strcmp(scenarios[i].name, word) == 0) {
            guest->scenario = scenarios[i].scenario;
            return 0;
        }
    }
    return dc_fail(err, DC_EUSAGE,
                   "unknown scenario demo:%s; there are demo:clean, demo:error, "
                   "demo:stall and demo:spin",
                   word);
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

#include "capture/age.h"

#include <stddef.h>

void cap_age_bind(struct cap_age_source *age, const struct cap_elf *elf, uint32_t vcpus) {
    struct cap_symbol symbol;

    *age = (struct cap_age_source){0};
    if (cap_elf_symbol(elf, "jiffies", &symbol)) {
        age->has_jiffies = true;
        age->jiffies = symbol.value;
    }
    if (cap_elf_symbol(elf, "runnable_at", &symbol)) {
        uint64_t entries = symbol.size / sizeof(uint64_t);
        age->has_runnable_at = entries > 0;
        age->runnable_at = symbol.value;
        age->cpus = entries < vcpus ? (uint32_t)entries : vcpus;
    }
    if (cap_elf_symbol(elf, "scx_watchdog_timestamp", &symbol)) {
        age->has_watchdog = true;
        age->watchdog = symbol.value;
    }
}

const char *cap_age_missing(const struct cap_age_source *age) {
    if (!age->has_jiffies)
        return "no symbol jiffies";
    if (!age->has_runnable_at && !age->has_watchdog)
        return "neither an array runnable_at nor scx_watchdog_timestamp";
    return NULL;
}

static bool read_u64(struct cap_source *source, uint64_t address, uint64_t *value) {
    return source->ops->read_memory(source, address, value, sizeof(*value));
}

struct longest {
    uint64_t now, age;
    bool any; /* there was a stamp */
};

static void take(struct longest *longest, uint64_t stamp) {
    if (stamp == 0)
        return;
    longest->any = true;
    if (stamp >= longest->now || longest->now - stamp > CAP_AGE_MOST)
        return;
    if (longest->now - stamp > longest->age)
        longest->age = longest->now - stamp;
}

static bool take_at(struct cap_source *source, struct longest *longest,
                    uint64_t address) {
    uint64_t stamp;
    if (!read_u64(source, address, &stamp))
        return false;
    take(longest, stamp);
    return true;
}

static bool take_cpus(struct cap_source *source, const struct cap_age_source *age,
                      struct longest *longest) {
    for (uint32_t cpu = 0; cpu < age->cpus; cpu++) {
        uint64_t address;
        if (__builtin_add_overflow(age->runnable_at, cpu * sizeof(uint64_t), &address) ||
            !take_at(source, longest, address))
            return false;
    }
    return true;
}

enum cap_age_state cap_age_read(struct cap_source *source,
                                const struct cap_age_source *age,
                                uint64_t *max_age_jiffies) {
    struct longest longest = {0};

    if (cap_age_missing(age))
        return CAP_AGE_NOT_RESOLVED;
    if (!read_u64(source, age->jiffies, &longest.now) ||
        (age->has_runnable_at && !take_cpus(source, age, &longest)) ||
        (age->has_watchdog && !take_at(source, &longest, age->watchdog)))
        return CAP_AGE_OUT_OF_BOUNDS;
    if (!longest.any)
        return CAP_AGE_NO_DATA;
    *max_age_jiffies = longest.age;
    return CAP_AGE_READ;
}

const char *cap_age_state_name(enum cap_age_state state) {
    static const char *const names[] = {
        [CAP_AGE_NOT_RESOLVED] = "not_resolved",
        [CAP_AGE_OUT_OF_BOUNDS] = "out_of_bounds",
        [CAP_AGE_NO_DATA] = "no_data",
        [CAP_AGE_READ] = "read",
    };
    return names[state];
}

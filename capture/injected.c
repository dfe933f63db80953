#include "capture/injected.h"

#include <stdio.h>
#include <string.h>

static bool is_stuck(const struct cap_vcpu_result *vcpu) {
    return vcpu->injected_stuck;
}

static bool is_fault(const struct cap_vcpu_result *vcpu) {
    return vcpu->injected_fault;
}

static bool is_unreadable(const struct cap_vcpu_result *vcpu) {
    return vcpu->injected_unreadable;
}

static bool is_late(const struct cap_vcpu_result *vcpu) {
    return vcpu->injected_late_ms > 0;
}

static const struct injected {
    const char *name;
    bool (*is)(const struct cap_vcpu_result *vcpu);
} injected[] = {
    {"stuck", is_stuck},
    {"fault", is_fault},
    {"unreadable", is_unreadable},
    {"late", is_late},
};

enum {
    INJECTED = sizeof(injected) / sizeof(injected[0]),
    ROOM_OF_KIND = CAP_INJECTED_TEXT / INJECTED,
};

/* Adds " KIND=2,5" to text[0..size) for the vCPUs chosen, and ":MS" to the late ones; a
   thousand ids are cut. */
static size_t list_injected(const struct cap_result *result, const struct injected *kind,
                            char *text, size_t size) {
    enum { ROOM = 40 };
    size_t used = 0;
    for (uint32_t i = 0; i < result->vcpu_count; i++) {
        const struct cap_vcpu_result *vcpu = &result->vcpus[i];
        if (!kind->is(vcpu))
            continue;
        if (used + ROOM > size)
            return used + (size_t)snprintf(text + used, size - used, ",...");
        used += used ? (size_t)snprintf(text + used, size - used, ",%u", vcpu->id)
                     : (size_t)snprintf(text, size, " %s=%u", kind->name, vcpu->id);
        if (kind->is == is_late)
            used +=
                (size_t)snprintf(text + used, size - used, ":%u", vcpu->injected_late_ms);
    }
    return used;
}

const char *cap_injected_name(const struct cap_vcpu_result *vcpu) {
    for (size_t i = 0; i < INJECTED; i++)
        if (injected[i].is(vcpu))
            return injected[i].name;
    return NULL;
}

bool cap_injected_text(const struct cap_result *result, char text[CAP_INJECTED_TEXT]) {
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < INJECTED; i++)
        used += list_injected(result, &injected[i], text + used, ROOM_OF_KIND);
    if (used > 0)
        memmove(text, text + 1, used); /* the space before the first */
    return used > 0;
}

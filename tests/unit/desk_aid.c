#include "tests/unit/desk_aid.h"

#include <stdio.h>
#include <stdlib.h>

struct cap_desk *aid_desk(void) {
    struct dc_error err;
    struct cap_desk *desk = cap_desk_new(AID_DESK_VCPUS, NULL, NULL, &err);
    if (!desk)
        abort();
    return desk;
}

struct cap_request aid_request(enum cap_asker asker, const char *tag) {
    struct cap_request request = {.asker = asker};
    snprintf(request.tag, sizeof(request.tag), "%s", tag);
    return request;
}

uint64_t aid_ask(struct cap_desk *desk, const char *tag) {
    struct cap_request asked = aid_request(CAP_ASK_CONTROL, tag);
    return cap_desk_ask(desk, &asked);
}

uint64_t aid_ask_guest(struct cap_desk *desk, uint32_t vcpu) {
    struct cap_request asked = aid_request(CAP_ASK_GUEST, "guest");
    asked.vcpu = vcpu;
    return cap_desk_ask(desk, &asked);
}

struct cap_answer aid_answer(enum cap_answer_code code, const char *tag) {
    struct cap_answer answer = {.code = code, .parked = 3, .total = 4, .latency_us = 5};
    snprintf(answer.tag, sizeof(answer.tag), "%s", tag);
    snprintf(answer.path, sizeof(answer.path), "dump.snapshot.%s.json", tag);
    return answer;
}

bool aid_serve(struct cap_desk *desk, enum cap_answer_code code) {
    struct cap_request taken;
    if (!cap_desk_take(desk, &taken))
        return false;
    struct cap_answer given = aid_answer(code, taken.tag);
    cap_desk_answer(desk, &given);
    return true;
}

/*
 * desk_aid: a desk for the tests, who asks there, and a coordinator that answers at once.
 */
#ifndef TESTS_UNIT_DESK_AID_H
#define TESTS_UNIT_DESK_AID_H

#include <stdbool.h>
#include <stdint.h>

#include "capture/clock.h"
#include "capture/desk.h"

#define AID_DESK_VCPUS 4
#define AID_LONG_NS (60 * CAP_NS_PER_S) /* far longer than a test may last */

/* Nobody is woken. */
struct cap_desk *aid_desk(void);

struct cap_request aid_request(enum cap_asker asker, const char *tag);

/* What cap_desk_ask() returns for the control socket, and for a vCPU. */
uint64_t aid_ask(struct cap_desk *desk, const char *tag);
uint64_t aid_ask_guest(struct cap_desk *desk, uint32_t vcpu);

/* With 3 of 4 vCPUs, 5 us, and a path that follows from the tag. */
struct cap_answer aid_answer(enum cap_answer_code code, const char *tag);

/* What the coordinator does with one request. Returns whether there was one. */
bool aid_serve(struct cap_desk *desk, enum cap_answer_code code);

#endif

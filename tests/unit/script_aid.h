/*
 * script_aid: one run of the coordinator on a source without KVM, led by a script.
 *
 * For one file of a program: what it shares with its tests is static.
 */
#ifndef TESTS_UNIT_SCRIPT_AID_H
#define TESTS_UNIT_SCRIPT_AID_H

#include "tests/unit/source_aid.h"

#define THRESHOLD 100

static struct aid_source aid;
static atomic_int cancel;
static struct cap_options options;
static struct aid_run run;

static bool begin(unsigned triggers) {
    atomic_store(&cancel, 0);
    options = aid_options();
    options.triggers = triggers;
    options.cancel = &cancel;
    options.dual = true;
    return aid_source_open(&aid, 4) == 0;
}

/* Each look is soon followed by the next. */
static aid_look_fn *script;

static void look(struct aid_source *self, uint32_t number) {
    cap_board_ring(self->memory.source.board);
    if (script)
        script(self, number);
}

static void go(aid_look_fn *what) {
    script = what;
    aid.at_look = look;
    run = aid_coordinate(&aid, &options, THRESHOLD);
    CHECK_EQ_I64(run.failed, 0);
}

static void end(void) {
    aid_documents_free(&run.documents);
    aid_source_close(&aid);
}

#endif

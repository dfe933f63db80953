/*
 * control_line: what is said on the control socket, one line in, one line out.
 *
 * In comes a command as a word (`capture`, `capture TAG`, `status`, `stop`) or as a JSON
 * object ({"command":"capture","tag":"TAG"}). Out goes a JSON object in printable ASCII,
 * with "ok" as its first member. Nothing here knows of sockets.
 */
#ifndef DUMPCTL_CAPTURE_CONTROL_LINE_H
#define DUMPCTL_CAPTURE_CONTROL_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture/desk.h"
#include "capture/tag.h"
#include "lib/error.h"
#include "lib/sink.h"

enum cap_command {
    CAP_COMMAND_CAPTURE,
    CAP_COMMAND_STATUS,
    CAP_COMMAND_STOP,
};

struct cap_control_line {
    enum cap_command command;
    char tag[CAP_TAG_SIZE]; /* clean; "" if there is none */
};

enum cap_run_state {
    CAP_RUN_IDLE,
    CAP_RUN_TOOK_EARLY, /* the early snapshot of two was taken */
    CAP_RUN_DONE,       /* error triggers are served; what is asked for still is */
    CAP_RUN_FROZEN,     /* the guest is held after its report */
    CAP_RUN_CAPTURING,
};

#define CAP_STATUS_TRIGGERS 8

/* What a run says of itself. Strings are borrowed and must outlive the control socket. */
struct cap_status {
    enum cap_run_state state;
    const char *guest;
    uint32_t vcpus;
    uint64_t uptime_ms; /* since the guest was started */
    uint64_t captures;  /* reports written so far */
    bool pending;       /* a request waits; the control socket fills it in */
    bool early_held;    /* an early snapshot is in memory and not written yet */
    const char *triggers[CAP_STATUS_TRIGGERS]; /* in force */
    uint32_t trigger_count;
};

/* Reads one line without its newline. -1 with a message for the one who sent it: DC_ESYNTAX,
   DC_ETYPE, DC_EMISSING, DC_EUNKNOWN, DC_ELIMIT, DC_EUSAGE or DC_ENOMEM. */
int cap_control_read(const char *line, size_t len, struct cap_control_line *out,
                     struct dc_error *err) DC_MUST_USE;

/* Each writes one line, with its newline. 0, or -1 where the sink failed. `folder`, unless
   it is NULL, is put before a path that is relative. */
int cap_control_write_answer(struct dc_sink sink, const struct cap_answer *answer,
                             const char *folder);
int cap_control_write_busy(struct dc_sink sink);
int cap_control_write_status(struct dc_sink sink, const struct cap_status *status);
int cap_control_write_stop(struct dc_sink sink);
int cap_control_write_error(struct dc_sink sink, const struct dc_error *err);

#endif

/*
 * core_notes: what a memory image says of the vCPUs, as the notes of an ELF core file.
 *
 * Debuggers know processes, so each vCPU whose registers are there becomes a thread: a note
 * NT_PRSTATUS with the LWP id + 1 (0 is no thread), in ascending order. The registers
 * are those of a Linux process on x86-64; what only a machine has (control registers,
 * descriptor tables) is in the report alone. Last comes a note of our own, named
 * "dumpctl", type CAP_NOTE_DUMPCTL, whose text is one JSON object.
 */
#ifndef DUMPCTL_CAPTURE_CORE_NOTES_H
#define DUMPCTL_CAPTURE_CORE_NOTES_H

#include "capture/core.h"
#include "lib/buf.h"

/* Adds all notes; a failure is the buffer's. `complete`: all that is mapped has a segment. */
void cap_core_notes(struct dc_buf *buf, const struct cap_core *core, bool complete);

#endif

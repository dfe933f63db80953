/*
 * core: the whole memory of a guest, and its registers, as an ELF core file: what a
 * debugger opens.
 *
 *   ELF header         ET_CORE, x86-64
 *   program headers    PT_NOTE, then PT_LOAD in ascending order of virtual addresses
 *   notes              one thread for each vCPU with registers, and one of ours: core_notes.h
 *   (next page) data   guest memory in physical order, once; where it is zero, a hole
 *
 * Each range that the page tables map is a PT_LOAD with its virtual and physical address,
 * all of them into the same data: ten mappings of a page cost no more than one. Memory that
 * nothing maps must not be lost either, so one more PT_LOAD has all of memory, at
 * CAP_CORE_WINDOW. Physical address N is to be found at CAP_CORE_WINDOW + N. No page table
 * can map anything there, as these addresses are not canonical.
 *
 * One page table is followed, that of cap_core.root. Mapped pages that are not memory have
 * no segment.
 */
#ifndef DUMPCTL_CAPTURE_CORE_H
#define DUMPCTL_CAPTURE_CORE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "capture/registers.h"
#include "capture/source.h"
#include "lib/error.h"

#define CAP_CORE_WINDOW UINT64_C(0x0100000000000000)

/* Type of our own note, "DUMP". Small numbers are taken for those of Linux by readers that
   do not look at the name, gdb among them. */
#define CAP_NOTE_DUMPCTL 0x44554d50u

struct cap_core_vcpu {
    uint32_t id;
    bool parked;
    const struct cap_registers *registers; /* NULL: not parked, or not readable */
};

/* What goes into the image. All is borrowed. */
struct cap_core {
    struct cap_source *source; /* its memory_file() must be there */
    uint64_t root;             /* the page table, a CR3 */
    const struct cap_core_vcpu *vcpus;
    uint32_t count;
    const char *guest;        /* its name, for the note */
    const atomic_int *cancel; /* not 0: give up. May be NULL */
};

/*
 * Writes the image to `out`, an empty regular file, from its start. Meant for a frozen
 * guest; one of which vCPUs run on can be copied too, and then the note says so. -1 with
 * DC_EUSAGE (not a regular file), DC_EIO (no space, a size limit, cancelled) or DC_ENOMEM;
 * what was written until then is of no use. The file behind `out` is not named in the
 * error: the caller knows its name.
 */
int cap_core_write(int out, const struct cap_core *core,
                   struct dc_error *err) DC_MUST_USE;

#endif

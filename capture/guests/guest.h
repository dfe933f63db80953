/*
 * guest: the contract between dumpctl and the program that it runs inside a machine.
 * Shared by the host and by guests; a guest of your own needs this header alone.
 *
 * Every vCPU starts at the entry point of the ELF file, in 64-bit mode at CPL 3, with
 *   rdi  its number, from 0
 *   rsi  address of struct guest_boot, read-only
 *   rsp  top of its own stack of GUEST_STACK_BYTES, 16-byte aligned, no return address
 * SSE works, AVX is off. Memory is mapped one to one (virtual = physical), readable,
 * writable and executable from GUEST_MEMORY_START to its end; page 0 is not mapped. There
 * is no interrupt table: any exception stops the vCPU and counts as a crash. The two ports
 * below are open to CPL 3.
 *
 * Two symbols make a guest observable. Both are optional:
 *   err_exit_detected   uint32_t, set to anything but 0 when the scheduler has failed: the
 *                       latch that `--trigger latch` waits for
 *   scx_root            pointer to struct guest_scx, whose exit_kind is reported
 */
#ifndef DUMPCTL_CAPTURE_GUESTS_GUEST_H
#define DUMPCTL_CAPTURE_GUESTS_GUEST_H

#include <stdint.h>

#define GUEST_MAGIC 0x444d5043u /* "DMPC" */
#define GUEST_VERSION 1u

#define GUEST_MEMORY_START UINT64_C(0x200000)
#define GUEST_STACK_BYTES UINT64_C(16384)

/* outl(microseconds): this vCPU has nothing to do for so long (1 s at most). */
#define GUEST_PORT_IDLE 0x500
/* outl(status): the guest has ended, all vCPUs of it. */
#define GUEST_PORT_END 0x504

/* Values of exit_kind that sched_ext uses; 1024 and above are errors. */
#define GUEST_EXIT_NONE 0u
#define GUEST_EXIT_UNREG 64u
#define GUEST_EXIT_ERROR 1024u
#define GUEST_EXIT_ERROR_STALL 1026u

enum guest_scenario {
    GUEST_SCENARIO_NONE,  /* a guest that comes from a file */
    GUEST_SCENARIO_CLEAN, /* runs for a while, unregisters, ends */
    GUEST_SCENARIO_ERROR, /* the scheduler reports an error after a while */
    GUEST_SCENARIO_STALL, /* the last CPU stops running tasks; the watchdog notices */
    GUEST_SCENARIO_SPIN,  /* all CPUs busy, nothing fails, never ends */
};

struct guest_boot {
    uint32_t magic;
    uint32_t version;
    uint32_t cpus;
    uint32_t scenario;       /* enum guest_scenario */
    uint64_t tsc_khz;        /* ticks of rdtsc for each millisecond */
    uint64_t watchdog_ticks; /* a CPU that has not run a task for so long has stalled */
    uint64_t memory_bytes;   /* end of memory; the stacks lie below it */
    uint32_t idle_us;        /* suggested argument of GUEST_PORT_IDLE */
    uint32_t reserved;
};

/* What scx_root points to. */
struct guest_scx {
    uint32_t exit_kind; /* GUEST_EXIT_* */
};

#endif

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
 * is no interrupt table: any exception stops the vCPU and counts as a crash. The ports below
 * are open to CPL 3, and the page at GUEST_MMIO is mapped without memory behind it.
 *
 * These symbols make a guest observable. All are optional:
 *   err_exit_detected   uint32_t, set to anything but 0 when the scheduler has failed: the
 *                       latch that `--trigger latch` waits for
 *   scx_root            pointer to struct guest_scx, whose exit_kind is reported
 *   jiffies             uint64_t, the guest's clock, GUEST_HZ in a second
 *   runnable_at         array of uint64_t, one for each CPU: the jiffies since which the
 *                       oldest runnable task of that CPU waits; 0: none waits
 *   scx_watchdog_timestamp  uint64_t, the jiffies at which a watchdog last looked
 * From the last three the host sees that a CPU stalls before the guest reports it.
 */
#ifndef DUMPCTL_CAPTURE_GUESTS_GUEST_H
#define DUMPCTL_CAPTURE_GUESTS_GUEST_H

#include <stdint.h>

#define GUEST_MAGIC 0x444d5043u /* "DMPC" */
#define GUEST_VERSION 2u

#define GUEST_MEMORY_START UINT64_C(0x200000)
#define GUEST_STACK_BYTES UINT64_C(16384)

/* outl(microseconds): this vCPU has nothing to do for so long (1 s at most). */
#define GUEST_PORT_IDLE 0x500
/* outl(status): the guest has ended, all vCPUs of it. */
#define GUEST_PORT_END 0x504
/* outl(value): a request to capture the machine now; the value tells requests apart, and
   the call returns at once. inl(): the state of this vCPU's latest request. */
#define GUEST_PORT_REQUEST 0x508
/* Nobody listens there: what is written is swallowed, and reads give ones. */
#define GUEST_PORT_NOBODY 0x50c

/* What inl(GUEST_PORT_REQUEST) gives. */
#define GUEST_REQUEST_NONE 0u     /* this vCPU has never asked */
#define GUEST_REQUEST_PENDING 1u  /* look again later */
#define GUEST_REQUEST_CAPTURED 2u /* a full report was made */
#define GUEST_REQUEST_DEGRADED 3u /* a degraded one was */
#define GUEST_REQUEST_BUSY 4u     /* another capture is in flight: ask again later */
#define GUEST_REQUEST_REFUSED 5u  /* nobody takes requests, or no report could be made */

/* A page that is a device, not memory: as GUEST_PORT_NOBODY. */
#define GUEST_MMIO UINT64_C(0xd0000000)
#define GUEST_MMIO_BYTES UINT64_C(4096)

#define GUEST_HZ 1000u /* jiffies in a second */

/* Values of exit_kind that sched_ext uses; 1024 and above are errors. */
#define GUEST_EXIT_NONE 0u
#define GUEST_EXIT_UNREG 64u
#define GUEST_EXIT_ERROR 1024u
#define GUEST_EXIT_ERROR_BPF 1025u
#define GUEST_EXIT_ERROR_STALL 1026u

enum guest_scenario {
    GUEST_SCENARIO_NONE,  /* a guest that comes from a file */
    GUEST_SCENARIO_CLEAN, /* runs for a while, unregisters, ends */
    GUEST_SCENARIO_ERROR, /* the scheduler reports an error after a while */
    GUEST_SCENARIO_STALL, /* the last CPU stops running tasks; the watchdog notices */
    GUEST_SCENARIO_SPIN,  /* all CPUs busy, nothing fails, never ends */
    GUEST_SCENARIO_LATE_ERROR, /* the last CPU stalls and recovers; an error comes later */
    GUEST_SCENARIO_FLIP,    /* exit_kind is an error for a moment only; ends as CLEAN */
    GUEST_SCENARIO_RELAPSE, /* as FLIP, but a real error follows */
    GUEST_SCENARIO_HALT,    /* all but vCPU 0 halt in kernel mode; then ERROR */
    GUEST_SCENARIO_UNINIT,  /* all but vCPU 0 are never started; then ERROR */
    GUEST_SCENARIO_STORM,   /* all CPUs do I/O without pause; then ERROR */
    GUEST_SCENARIO_CRASH,   /* the last CPU causes an exception */
    GUEST_SCENARIO_ASK,     /* asks for two captures, one after another; then ERROR */
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

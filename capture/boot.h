/*
 * boot: what dumpctl puts into the memory of a machine beside the guest itself.
 *
 *   0x0000            not mapped: a null pointer of the guest is a crash
 *   0x1000 - 0x7fff   page tables, supervisor only
 *   0x8000 0x9000     descriptor table, task state segment, supervisor only
 *   0xa000            struct guest_boot, read-only for the guest
 *   0xb000            code of the kernel-mode vCPUs of --inject fault and of demo:halt,
 *                     supervisor only
 *   0xc000            page table of the 2 MiB around GUEST_MMIO, not mapped itself
 *   0x200000          GUEST_MEMORY_START: the guest, then free memory, then one stack for
 *                     each vCPU up to the end of memory
 *   GUEST_MMIO        mapped for the guest, but there is no memory: each access is an exit
 *   CAP_FAULT_PAGE    only with --inject fault: a page that never arrives, supervisor only
 */
#ifndef DUMPCTL_CAPTURE_BOOT_H
#define DUMPCTL_CAPTURE_BOOT_H

#include <stdint.h>

#include "capture/entry_state.h"
#include "capture/guests/guest.h"

#define CAP_BOOT_PAGE_TABLE UINT64_C(0x1000) /* what CR3 is on every vCPU */
#define CAP_BOOT_PAGE UINT64_C(0xa000)
#define CAP_KERNEL_CODE UINT64_C(0xb000)
#define CAP_HALT_CODE (CAP_KERNEL_CODE + 0x10) /* hlt is its first byte */
#define CAP_FAULT_PAGE UINT64_C(0xe0000000)

/* KVM itself needs some pages below 4 GiB (Intel hosts, interrupt controllers), and
   GUEST_MMIO and CAP_FAULT_PAGE lie there: memory ends well before. */
#define CAP_MEMORY_MIN (UINT64_C(4) << 20)
#define CAP_MEMORY_MAX (UINT64_C(3072) << 20)

/* Where the stacks begin, that is, where the guest's own memory ends; 0 if the stacks of
   so many vCPUs do not fit. */
uint64_t cap_boot_stacks(uint64_t memory_bytes, uint32_t vcpus);

/* Writes everything below GUEST_MEMORY_START. `ram` is all of the machine's memory, zeroed,
   boot->memory_bytes long (within the limits above). */
void cap_boot_write(uint8_t *ram, const struct guest_boot *boot);

/* The start of vCPU `id` for an ELF file that begins at `entry_point`. */
struct cap_entry cap_boot_entry(const struct guest_boot *boot, uint64_t entry_point,
                                uint32_t id);

/* The start of a kernel-mode vCPU that does nothing but touch CAP_FAULT_PAGE. */
struct cap_entry cap_boot_fault_entry(const struct guest_boot *boot, uint32_t id);

/* The start of a kernel-mode vCPU that halts with interrupts off, over and over. */
struct cap_entry cap_boot_halt_entry(const struct guest_boot *boot, uint32_t id);

#endif

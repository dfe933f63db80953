#include "capture/boot.h"

#include <string.h>

#define PML4 CAP_BOOT_PAGE_TABLE
#define PDPT UINT64_C(0x2000)
#define PD UINT64_C(0x3000)        /* four of them, one for each GiB */
#define LOW_TABLE UINT64_C(0x7000) /* small pages for the first 2 MiB */
#define GDT UINT64_C(0x8000)
#define TSS UINT64_C(0x9000)
#define MMIO_TABLE UINT64_C(0xc000) /* small pages around GUEST_MMIO */

#define TSS_BITMAP_OFFSET 102

#define PAGE UINT64_C(0x1000)
#define BIG_PAGE UINT64_C(0x200000)
#define PRESENT UINT64_C(0x1)
#define WRITABLE UINT64_C(0x2)
#define USER UINT64_C(0x4)
#define BIG UINT64_C(0x80)
#define SUPERVISOR (PRESENT | WRITABLE)

/*
 *      mov (%rdi), %al        touch the page that never arrives
 * 1:   pause
 *      jmp 1b
 */
static const uint8_t kernel_code[] = {0x8a, 0x07, 0xf3, 0x90, 0xeb, 0xfc};

/*
 * 1:   hlt                    only an NMI could end it, and nobody sends one
 *      jmp 1b
 */
static const uint8_t halt_code[] = {0xf4, 0xeb, 0xfd};

static void put_u64(uint8_t *ram, uint64_t address, uint64_t value) {
    memcpy(ram + address, &value, sizeof(value));
}

uint64_t cap_boot_stacks(uint64_t memory_bytes, uint32_t vcpus) {
    uint64_t stacks = (uint64_t)vcpus * GUEST_STACK_BYTES;
    if (memory_bytes < stacks || memory_bytes - stacks < GUEST_MEMORY_START)
        return 0;
    return memory_bytes - stacks;
}

/* The upper levels let user code through; the last level decides. */
static void write_page_tables(uint8_t *ram, uint64_t memory_bytes) {
    put_u64(ram, PML4, PDPT | SUPERVISOR | USER);
    for (uint64_t gib = 0; gib < 4; gib++)
        put_u64(ram, PDPT + gib * 8, (PD + gib * PAGE) | SUPERVISOR | USER);
    for (uint64_t at = BIG_PAGE; at < memory_bytes; at += BIG_PAGE)
        put_u64(ram, PD + at / BIG_PAGE * 8, at | SUPERVISOR | USER | BIG);
    put_u64(ram, PD + CAP_FAULT_PAGE / BIG_PAGE * 8, CAP_FAULT_PAGE | SUPERVISOR | BIG);

    put_u64(ram, PD + GUEST_MMIO / BIG_PAGE * 8, MMIO_TABLE | SUPERVISOR | USER);
    put_u64(ram, MMIO_TABLE + GUEST_MMIO % BIG_PAGE / PAGE * 8,
            GUEST_MMIO | SUPERVISOR | USER);

    put_u64(ram, PD, LOW_TABLE | SUPERVISOR | USER);
    for (uint64_t at = PML4; at <= CAP_KERNEL_CODE; at += PAGE)
        put_u64(ram, LOW_TABLE + at / PAGE * 8, at | SUPERVISOR);
    put_u64(ram, LOW_TABLE + CAP_BOOT_PAGE / PAGE * 8, CAP_BOOT_PAGE | PRESENT | USER);
}

/* The descriptors say the same as the segments in entry_state.c. */
static void write_descriptors(uint8_t *ram) {
    put_u64(ram, GDT + CAP_SEL_KERNEL_CODE, 0x00af9b000000ffff);
    put_u64(ram, GDT + CAP_SEL_KERNEL_DATA, 0x00cf93000000ffff);
    put_u64(ram, GDT + (CAP_SEL_USER_CODE & ~3), 0x00affb000000ffff);
    put_u64(ram, GDT + (CAP_SEL_USER_DATA & ~3), 0x00cff3000000ffff);
    put_u64(ram, GDT + CAP_SEL_TSS,
            (CAP_TSS_BYTES - 1) | (TSS & 0xffffff) << 16 | UINT64_C(0x8b) << 40 |
                (TSS >> 24 & 0xff) << 56);
    put_u64(ram, GDT + CAP_SEL_TSS + 8, TSS >> 32);
}

/*
 * A port is open to CPL 3 where its bit is 0, and the bitmap must end with a byte of ones.
 * A KVM that runs CPL 3 natively and loses the guest's IOPL on the way (kvm-pvm does) still
 * asks this bitmap when it emulates the access.
 */
static void write_tss(uint8_t *ram) {
    static const uint16_t open_ports[] = {GUEST_PORT_IDLE, GUEST_PORT_END,
                                          GUEST_PORT_REQUEST, GUEST_PORT_NOBODY};
    uint16_t bitmap = CAP_TSS_FIXED;
    uint8_t *bits = ram + TSS + bitmap;

    _Static_assert(GUEST_PORT_NOBODY / 8 + 2 <= CAP_TSS_BYTES - CAP_TSS_FIXED,
                   "the bitmap reaches the ports");
    memcpy(ram + TSS + TSS_BITMAP_OFFSET, &bitmap, sizeof(bitmap));
    memset(bits, 0xff, CAP_TSS_BYTES - CAP_TSS_FIXED);
    for (size_t i = 0; i < sizeof(open_ports) / sizeof(open_ports[0]); i++)
        bits[open_ports[i] / 8] &= (uint8_t) ~(0xf << open_ports[i] % 8);
}

void cap_boot_write(uint8_t *ram, const struct guest_boot *boot) {
    write_page_tables(ram, boot->memory_bytes);
    write_descriptors(ram);
    write_tss(ram);
    memcpy(ram + CAP_BOOT_PAGE, boot, sizeof(*boot));
    memcpy(ram + CAP_KERNEL_CODE, kernel_code, sizeof(kernel_code));
    memcpy(ram + CAP_HALT_CODE, halt_code, sizeof(halt_code));
}

struct cap_entry cap_boot_entry(const struct guest_boot *boot, uint64_t entry_point,
                                uint32_t id) {
    uint64_t stacks = cap_boot_stacks(boot->memory_bytes, boot->cpus);
    return (struct cap_entry){
        .rip = entry_point,
        .rsp = stacks + ((uint64_t)id + 1) * GUEST_STACK_BYTES,
        .rdi = id,
        .rsi = CAP_BOOT_PAGE,
        .page_table = PML4,
        .gdt = GDT,
        .tss = TSS,
    };
}

struct cap_entry cap_boot_fault_entry(const struct guest_boot *boot, uint32_t id) {
    struct cap_entry entry = cap_boot_entry(boot, CAP_KERNEL_CODE, id);
    entry.rdi = CAP_FAULT_PAGE;
    return entry;
}

struct cap_entry cap_boot_halt_entry(const struct guest_boot *boot, uint32_t id) {
    return cap_boot_entry(boot, CAP_HALT_CODE, id);
}

/*
 * The state in which vCPUs start, against the rules by which VMX and SVM processors refuse
 * a guest: written down here once more, from the manuals, not taken from entry_state.c.
 * (Intel SDM volume 3, chapter "VM entries", checks on the guest state area; AMD APM
 * volume 2, section "VMRUN instruction".)
 */
#include "tests/unit/unit.h"

#include <string.h>

#include "capture/boot.h"
#include "capture/entry_state.h"

static const struct cap_entry entry = {
    .rip = 0x200000,
    .rsp = 0x3ffff00,
    .rdi = 7,
    .rsi = 0xa000,
    .page_table = 0x1000,
    .gdt = 0x8000,
    .tss = 0x9000,
};

static bool canonical(uint64_t address) {
    return (uint64_t)((int64_t)(address << 16) >> 16) == address;
}

/* Limit and granularity: any of the low 12 bits clear needs g = 0, any of the upper 12 set
   needs g = 1. */
static bool limit_fits(const struct kvm_segment *s) {
    if ((s->limit & 0xfff) != 0xfff && s->g)
        return false;
    return (s->limit & 0xfff00000) == 0 || s->g;
}

static void check_data(const struct kvm_segment *s, unsigned cpl) {
    CHECK(!s->unusable);
    CHECK_EQ_U64(s->s, 1);
    CHECK_EQ_U64(s->present, 1);
    CHECK(s->type & 1);        /* accessed */
    CHECK((s->type & 8) == 0); /* data */
    CHECK(s->type & 2);        /* writable */
    CHECK_EQ_U64(s->dpl, cpl);
    CHECK_EQ_U64(s->selector & 3, cpl);
    CHECK_EQ_U64(s->selector & 4, 0);
    CHECK(limit_fits(s));
    CHECK_EQ_U64(s->base >> 32, 0);
}

static void check_code(const struct kvm_segment *s, unsigned cpl) {
    CHECK(!s->unusable);
    CHECK_EQ_U64(s->s, 1);
    CHECK_EQ_U64(s->present, 1);
    CHECK_EQ_U64(s->type, 11); /* accessed, readable, not conforming */
    CHECK_EQ_U64(s->l, 1);
    CHECK_EQ_U64(s->db, 0); /* l and db together are invalid */
    CHECK_EQ_U64(s->dpl, cpl);
    CHECK_EQ_U64(s->selector & 3, cpl);
    CHECK(limit_fits(s));
    CHECK_EQ_U64(s->base, 0);
}

static void check_system(const struct kvm_sregs *s) {
    CHECK(!s->tr.unusable);
    CHECK_EQ_U64(s->tr.type, 11); /* busy 64-bit TSS: the only type in IA-32e mode */
    CHECK_EQ_U64(s->tr.s, 0);
    CHECK_EQ_U64(s->tr.present, 1);
    CHECK_EQ_U64(s->tr.selector & 4, 0);
    CHECK(s->tr.limit >= 0x67);
    CHECK(limit_fits(&s->tr));
    CHECK(canonical(s->tr.base));
    CHECK(s->ldt.unusable);
    CHECK(canonical(s->gdt.base));
    CHECK(canonical(s->idt.base));
    CHECK(s->gdt.limit >= (s->tr.selector & 0xfff8) + 15);
}

static void check_control(const struct kvm_sregs *s) {
    const uint64_t pe = 1, ne = 1 << 5, nw = 1 << 29, cd = 1 << 30, pg = 1u << 31;

    CHECK((s->cr0 & pe) && (s->cr0 & ne) && (s->cr0 & pg)); /* fixed to 1 by VMX */
    CHECK((s->cr0 & (nw | cd)) == 0);
    CHECK_EQ_U64(s->cr0 >> 32, 0);
    CHECK(s->cr4 & (1 << 5));         /* long mode with paging needs PAE */
    CHECK((s->cr4 & (1 << 17)) == 0); /* no PCID */
    CHECK((s->cr4 & (1 << 18)) == 0); /* no OSXSAVE without XCR0 */
    CHECK((s->cr4 & (1 << 2)) == 0);  /* rdtsc is open to CPL 3 */
    CHECK_EQ_U64(s->cr3 & 0xfff, 0);
    CHECK_EQ_U64(s->cr3 >> 40, 0);
    CHECK(s->efer & (1 << 8));
    CHECK_EQ_U64(!!(s->efer & (1 << 10)), !!(s->cr0 & pg)); /* LMA = LME and PG */
    CHECK_EQ_U64(s->efer & ~UINT64_C(0xd01), 0);            /* no reserved bit */
    for (size_t i = 0; i < sizeof(s->interrupt_bitmap) / 8; i++)
        CHECK_EQ_U64(s->interrupt_bitmap[i], 0);
}

static void check_flags(const struct kvm_regs *r) {
    CHECK(r->rflags & 2);
    /* Reserved bits 3, 5, 15 and from 22 on; VM and TF. */
    CHECK_EQ_U64(r->rflags & ~UINT64_C(0x257fd7), 0);
    CHECK_EQ_U64(r->rflags & (1 << 17 | 1 << 8), 0);
    CHECK(canonical(r->rip) && canonical(r->rsp));
}

/* KVM hands over what it had: make it dirty, so that a member left out is seen. */
static void check_all(unsigned cpl, struct kvm_sregs *s, struct kvm_regs *r) {
    check_code(&s->cs, cpl);
    check_data(&s->ss, cpl);
    check_data(&s->ds, cpl);
    check_data(&s->es, cpl);
    check_data(&s->fs, cpl);
    check_data(&s->gs, cpl);
    check_system(s);
    check_control(s);
    check_flags(r);
}

static void user_state_passes_entry_checks(void) {
    struct kvm_sregs s;
    struct kvm_regs r;

    memset(&s, 0xa5, sizeof(s));
    memset(&r, 0xa5, sizeof(r));
    cap_entry_user(&entry, &s, &r);
    check_all(3, &s, &r);
    CHECK_EQ_U64(r.rflags >> 12 & 3, 3); /* IOPL */
    CHECK(r.rflags & (1 << 9));          /* IF */
    CHECK_EQ_U64(r.rip, 0x200000);
    CHECK_EQ_U64(r.rsp, 0x3ffff00);
    CHECK_EQ_U64(r.rdi, 7);
    CHECK_EQ_U64(r.rsi, 0xa000);
    CHECK_EQ_U64(r.rax | r.rbx | r.rcx | r.rdx | r.rbp | r.r8 | r.r9 | r.r10, 0);
    CHECK_EQ_U64(r.r11 | r.r12 | r.r13 | r.r14 | r.r15, 0);
    CHECK_EQ_U64(s.apic_base, UINT64_C(0xa5a5a5a5a5a5a5a5)); /* kept */
}

static void kernel_state_passes_entry_checks(void) {
    struct kvm_sregs s;
    struct kvm_regs r;

    memset(&s, 0xa5, sizeof(s));
    memset(&r, 0xa5, sizeof(r));
    cap_entry_kernel(&entry, &s, &r);
    check_all(0, &s, &r);
}

static uint64_t u64_at(const uint8_t *ram, uint64_t address) {
    uint64_t value;
    memcpy(&value, ram + address, sizeof(value));
    return value;
}

/* The descriptor in memory that a selector names must say what the segment says. */
static void check_descriptor(const uint8_t *ram, const struct kvm_segment *s) {
    uint64_t d = u64_at(ram, entry.gdt + (s->selector & 0xfff8));
    uint64_t limit = (d & 0xffff) | (d >> 48 & 0xf) << 16;

    CHECK_EQ_U64((d >> 16 & 0xffffff) | (d >> 56 & 0xff) << 24, s->base & 0xffffffff);
    CHECK_EQ_U64(d >> 55 & 1 ? limit << 12 | 0xfff : limit, s->limit);
    CHECK_EQ_U64(d >> 40 & 15, s->type);
    CHECK_EQ_U64(d >> 44 & 1, s->s);
    CHECK_EQ_U64(d >> 45 & 3, s->dpl);
    CHECK_EQ_U64(d >> 47 & 1, s->present);
    CHECK_EQ_U64(d >> 53 & 1, s->l);
    CHECK_EQ_U64(d >> 54 & 1, s->db);
    CHECK_EQ_U64(d >> 55 & 1, s->g);
}

static uint8_t ram[8 << 20];
static const struct guest_boot boot = {.cpus = 2, .memory_bytes = sizeof(ram)};

static void descriptors_agree_with_segments(void) {
    struct kvm_sregs s;
    struct kvm_regs r;
    struct cap_entry user = cap_boot_entry(&boot, 0x200000, 1);
    struct cap_entry kernel = cap_boot_fault_entry(&boot, 1);

    cap_boot_write(ram, &boot);
    CHECK_EQ_U64(user.gdt, entry.gdt);
    cap_entry_user(&user, &s, &r);
    check_descriptor(ram, &s.cs);
    check_descriptor(ram, &s.ss);
    check_descriptor(ram, &s.tr);
    cap_entry_kernel(&kernel, &s, &r);
    check_descriptor(ram, &s.cs);
    check_descriptor(ram, &s.ss);
}

/* Walks the tables. Returns the last entry, or 0, with the flags of all levels joined. */
static uint64_t walk(uint64_t address, uint64_t *physical) {
    uint64_t table = entry.page_table, allow = 6, e = 0;

    for (int shift = 39; shift >= 12; shift -= 9) {
        e = u64_at(ram, table + (address >> shift & 511) * 8);
        if ((e & 1) == 0)
            return 0;
        allow &= e;
        table = e & UINT64_C(0xffffffffff000);
        if (shift == 12 || (e & 0x80)) {
            *physical = table + (address & ((UINT64_C(1) << shift) - 1));
            return allow | 1;
        }
    }
    return 0;
}

static void page_tables_map_one_to_one(void) {
    static const struct {
        uint64_t address, flags; /* 1 present, 2 writable, 4 user */
    } cases[] = {
        {0, 0},          {0xfff, 0},      {0x1000, 3},     {0x8000, 3},
        {0x9000, 3},     {0xa000, 5},     {0xb000, 3},     {0xc000, 0},
        {0x1fffff, 0},   {0x200000, 7},   {0x3fffff, 7},   {0x7fffff, 7},
        {0x800000, 0},   {0xc0000000, 0}, {0xe0000000, 3}, {0xe0200000, 0},
        {1ull << 32, 0}, {1ull << 46, 0},
    };
    cap_boot_write(ram, &boot);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint64_t physical = 0;
        CHECK_EQ_U64(walk(cases[i].address, &physical), cases[i].flags);
        if (cases[i].flags)
            CHECK_EQ_U64(physical, cases[i].address);
    }
}

static void stacks_are_apart(void) {
    struct cap_entry first = cap_boot_entry(&boot, 0x200000, 0);
    struct cap_entry last = cap_boot_entry(&boot, 0x200000, 1);

    CHECK_EQ_U64(last.rsp, sizeof(ram));
    CHECK_EQ_U64(last.rsp - first.rsp, GUEST_STACK_BYTES);
    CHECK_EQ_U64(first.rsp % 16, 0);
    CHECK_EQ_U64(cap_boot_stacks(sizeof(ram), 2), sizeof(ram) - 2 * GUEST_STACK_BYTES);
    CHECK_EQ_U64(cap_boot_stacks(sizeof(ram), UINT32_MAX), 0);
    CHECK_EQ_U64(cap_boot_stacks(4 << 20, 128), 2 << 20);
    CHECK_EQ_U64(cap_boot_stacks(4 << 20, 129), 0);
}

int main(void) {
    UNIT_RUN(user_state_passes_entry_checks);
    UNIT_RUN(kernel_state_passes_entry_checks);
    UNIT_RUN(descriptors_agree_with_segments);
    UNIT_RUN(page_tables_map_one_to_one);
    UNIT_RUN(stacks_are_apart);
    return unit_done();
}

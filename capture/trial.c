#include "capture/trial.h"

#include <elf.h>
#include <linux/kvm.h>
#include <unistd.h>

#include "capture/boot.h"
#include "capture/clock.h"
#include "capture/kvm.h"
#include "capture/machine.h"

#define LIMIT_NS CAP_NS_PER_S
#define LOOK_NS (10 * CAP_NS_PER_MS)
#define NO_VCPUS (UINT32_C(1) << 30) /* arrivals at the board do not matter here */

#define PLACE (GUEST_MEMORY_START + 0x1000)
#define VALUE 0x402u

/* The guest, as an ELF file. */
struct program {
    Elf64_Ehdr header;
    Elf64_Phdr segment;
    uint8_t code[32];
};

static const struct program program = {
    .header = {.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
               .e_type = ET_EXEC,
               .e_machine = EM_X86_64,
               .e_version = EV_CURRENT,
               .e_entry = GUEST_MEMORY_START,
               .e_phoff = sizeof(Elf64_Ehdr),
               .e_ehsize = sizeof(Elf64_Ehdr),
               .e_phentsize = sizeof(Elf64_Phdr),
               .e_phnum = 1},
    .segment = {.p_type = PT_LOAD,
                .p_flags = PF_R | PF_X,
                .p_offset = offsetof(struct program, code),
                .p_vaddr = GUEST_MEMORY_START,
                .p_filesz = sizeof(program.code),
                .p_memsz = sizeof(program.code)},
    .code =
        {
            0xbf, 0x00, 0x10, 0x20, 0x00,             /* mov $PLACE, %edi */
            0xc7, 0x07, 0x02, 0x04, 0x00, 0x00,       /* movl $VALUE, (%rdi) */
            0xc7, 0x47, 0x40, 0x02, 0x04, 0x00, 0x00, /* movl $VALUE, 64(%rdi) */
            0x31, 0xc0,                               /* xor %eax, %eax */
            0x66, 0xba, 0x04, 0x05,                   /* mov $GUEST_PORT_END, %dx */
            0xef,                                     /* out %eax, (%dx) */
        },
};

static bool arm(struct cap_source *source) {
    for (unsigned i = 0; i < CAP_WATCHES; i++) {
        uint64_t place = PLACE + i * 64;
        struct cap_watch_request request = {place, place, VALUE};
        if (source->ops->watch(source, i, CAP_WATCH_HARDWARE, &request, NULL) !=
            CAP_WATCH_SET)
            return false;
    }
    return true;
}

/* Runs it to its end. Both must have been hit by then, by the stores that it made. */
static bool run(struct cap_source *source) {
    uint64_t limit = cap_now_ns() + LIMIT_NS;

    if (!arm(source) || source->ops->start(source, NULL))
        return false;
    for (;;) {
        struct cap_mark mark = cap_board_mark(source->board);
        if (source->ops->life(source, NULL) != CAP_RUNNING || cap_now_ns() >= limit)
            break;
        cap_board_wait(source->board, mark, NO_VCPUS, LOOK_NS);
    }
    bool hit = source->ops->life(source, NULL) == CAP_ENDED;
    for (unsigned i = 0; i < CAP_WATCHES; i++)
        hit = hit && source->ops->watch_hit(source, i, NULL);
    return source->ops->stop(source, NULL) == 0 && hit;
}

bool cap_watchpoint_works(const char *kvm_path) {
    static const struct cap_inject none;
    struct cap_guest guest = {.name = "trial"};
    struct cap_machine_config config = {
        .kvm_path = kvm_path,
        .guest = &guest,
        .inject = &none,
        .vcpus = 1,
        .memory_bytes = CAP_MEMORY_MIN,
    };

    guest.elf = cap_elf_open_memory(&program, sizeof(program), NULL);
    struct cap_machine *machine = guest.elf ? cap_machine_new(&config, NULL) : NULL;
    bool works = machine && run(cap_machine_source(machine));
    (void)cap_machine_free(machine);
    cap_elf_free(guest.elf);
    return works;
}

void cap_watch_find_means(const char *kvm_path, struct cap_watch_means *means) {
    int kvm = cap_kvm_open(kvm_path ? kvm_path : "/dev/kvm", NULL);

    *means = (struct cap_watch_means){0};
    if (kvm < 0)
        return;
    means->slot = cap_kvm_has(kvm, KVM_CAP_READONLY_MEM) > 0;
    /* KVM_CAP_GUEST_DEBUG_HW_WPS says nothing: x86 hosts never report it. */
    means->hardware = cap_kvm_has(kvm, KVM_CAP_SET_GUEST_DEBUG) > 0;
    close(kvm);
    means->hardware = means->hardware && cap_watchpoint_works(kvm_path);
}

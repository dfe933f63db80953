/*
 * watching: what a store to a page that is read-only for the guest costs, beside an OUT that
 * nobody listens to and a read of the same page, in one run.
 */
#include <elf.h>
#include <stdio.h>
#include <string.h>

#include "capture/clock.h"
#include "capture/machine.h"

#define EXITS 20000u
#define READS 2000000u
#define LIMIT_NS (60 * CAP_NS_PER_S)
#define NO_VCPUS (UINT32_C(1) << 30)
#define PLACE (GUEST_MEMORY_START + 0x100000)

#define COUNT(n) (n) & 0xff, (n) >> 8 & 0xff, (n) >> 16 & 0xff, (n) >> 24

/* In each, %ecx is the number of turns, %rdi is PLACE and the three bytes are what is measured. */
#define GUEST(turns, a, b, c)                                                            \
    {                                                                                    \
        0xb9, COUNT(turns),               /* mov $turns, %ecx */                         \
            0xbf, 0x00, 0x00, 0x30, 0x00, /* mov $PLACE, %edi */                         \
            0x66, 0xba, 0x06, 0x05,       /* mov $0x506, %dx */                          \
            a, b, c,                      /* 1: */                                       \
            0xff, 0xc9,                   /* dec %ecx */                                 \
            0x75, 0xf9,                   /* jnz 1b */                                   \
            0x31, 0xc0,                   /* xor %eax, %eax */                           \
            0x66, 0xba, 0x04, 0x05,       /* mov $GUEST_PORT_END, %dx */                 \
            0xef,                         /* out %eax, (%dx) */                          \
    }

static const struct measured {
    const char *name;
    bool watched;
    uint32_t turns;
    uint8_t code[32];
} all[] = {
    {"out", false, EXITS, GUEST(EXITS, 0xee, 0x90, 0x90)}, /* out %al, (%dx); nops */
    {"watched store", true, EXITS,
     GUEST(EXITS, 0x89, 0x4f, 0x04)},                              /* mov %ecx, 4(%rdi) */
    {"watched read", true, READS, GUEST(READS, 0x8b, 0x47, 0x04)}, /* mov 4(%rdi), %eax */
    {"plain store", false, READS, GUEST(READS, 0x89, 0x4f, 0x04)}, /* no watch */
};

struct program {
    Elf64_Ehdr header;
    Elf64_Phdr segment;
    uint8_t code[sizeof(all[0].code)];
};

static struct program program_of(const struct measured *what) {
    struct program program = {
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
    };
    memcpy(program.code, what->code, sizeof(program.code));
    return program;
}

/* Runs the guest to its end. Returns nanoseconds, or 0 where it did not end as it should. */
static uint64_t time_guest(struct cap_source *source) {
    uint64_t begin = cap_now_ns();

    if (source->ops->start(source, NULL))
        return 0;
    for (;;) {
        struct cap_mark mark = cap_board_mark(source->board);
        enum cap_life life = source->ops->life(source, NULL);
        if (life == CAP_ENDED)
            return cap_now_ns() - begin;
        if (life != CAP_RUNNING || cap_now_ns() - begin > LIMIT_NS)
            return 0;
        cap_board_wait(source->board, mark, NO_VCPUS, CAP_NS_PER_MS);
    }
}

static uint64_t measure(const struct measured *what, struct dc_error *err) {
    static const struct cap_inject none;
    static const struct cap_watch_request request = {PLACE, PLACE, UINT32_MAX};
    struct program program = program_of(what);
    struct cap_guest guest = {
        .elf = cap_elf_open_memory(&program, sizeof(program), err),
    };
    struct cap_machine_config config = {
        .guest = &guest,
        .inject = &none,
        .vcpus = 1,
        .memory_bytes = UINT64_C(16) << 20,
    };
    struct cap_machine *machine = guest.elf ? cap_machine_new(&config, err) : NULL;
    uint64_t ns = 0;

    if (machine) {
        struct cap_source *source = cap_machine_source(machine);
        if (!what->watched ||
            source->ops->watch(source, 0, CAP_WATCH_SLOT, &request, err) == 0)
            ns = time_guest(source);
    }
    (void)cap_machine_free(machine);
    cap_elf_free(guest.elf);
    return ns;
}

int main(void) {
    double out = 0;

    printf("%-14s %12s %12s\n", "access", "ns each", "of an out");
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        struct dc_error err = {0};
        uint64_t ns = measure(&all[i], &err);
        if (ns == 0) {
            fprintf(stderr, "%s: %s\n", all[i].name, err.message);
            return 1;
        }
        double each = (double)ns / all[i].turns;
        if (i == 0)
            out = each;
        printf("%-14s %12.1f %12.4f\n", all[i].name, each, each / out);
    }
    return 0;
}

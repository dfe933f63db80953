/*
 * Memory images of a guest that is nothing but memory with page tables made by hand, read
 * again with libelf.
 */
#include "tests/unit/memory_aid.h"
#include "tests/unit/unit.h"

#include <elf.h>
#include <errno.h>
#include <gelf.h>
#include <jansson.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/procfs.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/user.h>
#include <unistd.h>

#include "capture/core.h"
#include "capture/mapping.h"
#include "capture/walk.h"

#define SIZE UINT64_C(0x800000)
#define ROOT UINT64_C(0x1000)
#define RW (AID_P | AID_W)
#define KERNEL UINT64_C(0xffffffff81000000)

/* A guest, its image, and what libelf says of it. */
struct bench {
    struct aid_memory memory;
    struct cap_registers registers[4];
    struct cap_core_vcpu vcpus[4];
    struct cap_core core;
    int out;
    Elf *elf;
    size_t headers;
};

static void fill_registers(struct cap_registers *registers, uint64_t seed) {
    memset(registers, 0, sizeof(*registers));
    registers->general = (struct kvm_regs){
        .rip = KERNEL + seed,
        .rsp = 0x7000 + seed,
        .rax = UINT64_MAX - seed,
        .r8 = 8,
        .r15 = 15 + seed,
        .rbx = 3,
        .rdi = 5,
        .rflags = 0x3202,
    };
    registers->system.cs.selector = 0x23;
    registers->system.ss.selector = 0x1b;
    registers->system.fs.base = 0xf5000 + seed;
    registers->system.gs.base = KERNEL + 0x6000 + seed;
    registers->system.gs.selector = 0x2b;
}

static void map_all(struct aid_memory *memory) {
    uint64_t end = SIZE - 0x1000;
    for (uint64_t at = 0x100000; at < 0x104000; at += 0x1000)
        aid_map(memory, at, at, 0, RW | AID_XD);
    aid_map(memory, 0x104000, 0x104000, 0, AID_P | AID_XD);       /* other rights */
    aid_map(memory, 0x105000, 0x106000, 0, AID_P | AID_XD);       /* another place */
    aid_map(memory, 0x107000, 0x107000, 0, AID_P | AID_XD);       /* a gap before */
    aid_map(memory, 0x400000, 0x600000, 1, RW | AID_PS);          /* up to the end */
    aid_map(memory, 0x600000, 0x800000, 1, RW | AID_PS);          /* no memory */
    aid_map(memory, UINT64_C(1) << 30, 0, 2, RW | AID_PS);        /* more than memory */
    aid_map(memory, UINT64_C(0x00007ffffffff000), end, 0, AID_P); /* last of the half */
    aid_map(memory, UINT64_C(0xffff800000000000), end, 0, AID_P); /* first of the other */
    aid_map(memory, KERNEL, 0x600000, 1, AID_P | AID_PS);
    aid_map(memory, UINT64_C(0xfffffffffffff000), 0x300000, 0, RW);
}

static bool set_up(struct bench *bench) {
    *bench = (struct bench){.out = memfd_create("image", MFD_CLOEXEC)};
    int file = memfd_create("memory", MFD_CLOEXEC);
    if (!CHECK(file >= 0 && bench->out >= 0 && ftruncate(file, (off_t)SIZE) == 0))
        return false;
    uint8_t *bytes = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (!CHECK(bytes != MAP_FAILED))
        return false;
    aid_memory_init(&bench->memory, bytes, SIZE, ROOT);
    bench->memory.file = file;
    map_all(&bench->memory);
    for (uint32_t id = 0; id < 4; id++) {
        fill_registers(&bench->registers[id], id * 16);
        bench->vcpus[id] = (struct cap_core_vcpu){
            .id = id, .parked = true, .registers = &bench->registers[id]};
    }
    bench->core = (struct cap_core){
        .source = &bench->memory.source,
        .root = ROOT,
        .vcpus = bench->vcpus,
        .count = 4,
        .guest = "demo:stall\x1b",
    };
    return true;
}

static void tear_down(struct bench *bench) {
    elf_end(bench->elf);
    close(bench->out);
    close(bench->memory.file);
    munmap(bench->memory.bytes, SIZE);
}

static bool write_image(struct bench *bench) {
    struct dc_error err = {0};
    if (!CHECK_EQ_I64(cap_core_write(bench->out, &bench->core, &err), 0)) {
        printf("# %s\n", err.message);
        return false;
    }
    elf_version(EV_CURRENT);
    bench->elf = elf_begin(bench->out, ELF_C_READ, NULL);
    return CHECK(elf_kind(bench->elf) == ELF_K_ELF) &&
           CHECK(elf_getphdrnum(bench->elf, &bench->headers) == 0);
}

static GElf_Phdr header_of(const struct bench *bench, size_t i) {
    GElf_Phdr header = {0};
    CHECK(gelf_getphdr(bench->elf, (int)i, &header) != NULL);
    return header;
}

static void image_is_a_core_file(void) {
    struct bench bench;
    GElf_Ehdr file;
    struct stat info;
    if (!set_up(&bench) || !write_image(&bench))
        return;
    CHECK(gelf_getehdr(bench.elf, &file) != NULL);
    CHECK_EQ_U64(file.e_type, ET_CORE);
    CHECK_EQ_U64(file.e_machine, EM_X86_64);
    CHECK_EQ_U64(file.e_ident[EI_CLASS], ELFCLASS64);
    CHECK_EQ_U64(file.e_shnum, 0);
    CHECK_EQ_I64(fstat(bench.out, &info), 0);
    CHECK_EQ_U64(header_of(&bench, 0).p_type, PT_NOTE);
    uint64_t above = 0, data = UINT64_MAX;
    for (size_t i = 1; i < bench.headers; i++) {
        GElf_Phdr header = header_of(&bench, i);
        CHECK_EQ_U64(header.p_type, PT_LOAD);
        CHECK(header.p_vaddr >= above); /* in order, and none over another */
        above = header.p_vaddr + header.p_filesz;
        CHECK_EQ_U64(header.p_filesz, header.p_memsz);
        CHECK_EQ_U64(header.p_offset % 4096, 0);
        CHECK_EQ_U64(header.p_vaddr % 4096, 0);
        CHECK(header.p_paddr + header.p_filesz <= SIZE);
        CHECK(header.p_offset + header.p_filesz <= (uint64_t)info.st_size);
        if (i == 1)
            data = header.p_offset - header.p_paddr;
        CHECK_EQ_U64(header.p_offset - header.p_paddr, data); /* all into the same */
    }
    CHECK_EQ_U64((uint64_t)info.st_size, data + SIZE);
    tear_down(&bench);
}

static void mappings_become_segments(void) {
    static const struct {
        uint64_t virtual, physical, bytes, flags;
    } want[] = {
        {0x100000, 0x100000, 0x4000, PF_R | PF_W},
        {0x104000, 0x104000, 0x1000, PF_R},
        {0x105000, 0x106000, 0x1000, PF_R},
        {0x107000, 0x107000, 0x1000, PF_R},
        {0x400000, 0x600000, 0x200000, PF_R | PF_W | PF_X},
        {UINT64_C(1) << 30, 0, SIZE, PF_R | PF_W | PF_X},
        {UINT64_C(0x00007ffffffff000), SIZE - 0x1000, 0x1000, PF_R | PF_X},
        {CAP_CORE_WINDOW, 0, SIZE, PF_R},
        {UINT64_C(0xffff800000000000), SIZE - 0x1000, 0x1000, PF_R | PF_X},
        {KERNEL, 0x600000, 0x200000, PF_R | PF_X},
        {UINT64_C(0xfffffffffffff000), 0x300000, 0x1000, PF_R | PF_W | PF_X},
    };
    const size_t count = sizeof(want) / sizeof(want[0]);
    struct bench bench;
    if (!set_up(&bench) || !write_image(&bench))
        return;
    CHECK_EQ_U64(bench.headers, count + 1);
    for (size_t i = 0; i < count && i + 1 < bench.headers; i++) {
        GElf_Phdr header = header_of(&bench, i + 1);
        CHECK_EQ_U64(header.p_vaddr, want[i].virtual);
        CHECK_EQ_U64(header.p_paddr, want[i].physical);
        CHECK_EQ_U64(header.p_filesz, want[i].bytes);
        CHECK_EQ_U64(header.p_flags, want[i].flags);
    }
    tear_down(&bench);
}

static void data_is_the_memory_and_holes_stay(void) {
    struct bench bench;
    struct stat info;
    if (!set_up(&bench))
        return;
    uint8_t *bytes = bench.memory.bytes;
    for (size_t i = 0; i < 0x3001; i++) /* ends with one byte of a page */
        bytes[0x103000 + i] = (uint8_t)(i * 31 + 1);
    bytes[0x345678] = 1;
    bytes[SIZE - 1] = 0xee;
    memset(bytes + 0x500000, 0, 0x100000); /* there, and zero */
    if (!write_image(&bench))
        return;
    uint64_t data = header_of(&bench, 1).p_offset - header_of(&bench, 1).p_paddr;
    uint8_t *got = malloc(SIZE);
    if (!CHECK(got != NULL))
        return;
    CHECK_EQ_I64(pread(bench.out, got, SIZE, (off_t)data), (int64_t)SIZE);
    CHECK(memcmp(got, bytes, SIZE) == 0);
    free(got);
    CHECK_EQ_I64(fstat(bench.out, &info), 0);
    CHECK((uint64_t)info.st_blocks * 512 < 0x40000);
    CHECK(lseek(bench.out, (off_t)(data + 0x400000), SEEK_DATA) >
          (off_t)(data + 0x700000));
    tear_down(&bench);
}

/* What a walk finds at an address is what the segment of that address has. */
static void segments_say_what_a_walk_says(void) {
    struct bench bench;
    if (!set_up(&bench))
        return;
    for (uint64_t at = ROOT + 0x10000; at < SIZE; at += 4096)
        memcpy(bench.memory.bytes + at + 8, &at, sizeof(at));
    if (!write_image(&bench))
        return;
    for (size_t i = 1; i < bench.headers; i++) {
        GElf_Phdr header = header_of(&bench, i);
        if (header.p_vaddr == CAP_CORE_WINDOW)
            continue;
        for (uint64_t in = 8; in < header.p_filesz; in += 0x1000) {
            uint64_t walked = 0, read = 1;
            CHECK(cap_virtual_read(&bench.memory.source, ROOT, header.p_vaddr + in,
                                   &walked, 8));
            CHECK_EQ_I64(pread(bench.out, &read, 8, (off_t)(header.p_offset + in)), 8);
            CHECK_EQ_U64(read, walked);
        }
    }
    tear_down(&bench);
}

/* ---- notes ---- */

/* The threads, counted, and the text of our own note; to be freed. */
static json_t *read_notes(struct bench *bench, struct elf_prstatus *threads,
                          size_t *count) {
    GElf_Phdr header = header_of(bench, 0);
    Elf_Data *data = elf_getdata_rawchunk(bench->elf, (int64_t)header.p_offset,
                                          header.p_filesz, ELF_T_NHDR);
    size_t at = 0, name, text;
    GElf_Nhdr note;
    json_t *own = NULL;
    *count = 0;
    if (!CHECK(data != NULL))
        return NULL;
    while ((at = gelf_getnote(data, at, &note, &name, &text)) > 0) {
        const char *bytes = data->d_buf;
        if (strcmp(bytes + name, "CORE") == 0 && CHECK(*count < 4)) {
            CHECK_EQ_U64(note.n_type, NT_PRSTATUS);
            CHECK_EQ_U64(note.n_descsz, sizeof(*threads));
            memcpy(&threads[(*count)++], bytes + text, sizeof(*threads));
        } else if (strcmp(bytes + name, "dumpctl") == 0 && CHECK(!own)) {
            CHECK_EQ_U64(note.n_type, CAP_NOTE_DUMPCTL);
            own = json_loadb(bytes + text, note.n_descsz, 0, NULL);
        } else {
            CHECK(!"a note that nobody knows");
        }
    }
    CHECK(own != NULL);
    return own;
}

static void check_own(json_t *own, const char *threads, const char *unavailable,
                      const char *not_parked, bool running, bool complete) {
    static const char *const names[] = {"threads", "unavailable", "not_parked"};
    const char *const want[] = {threads, unavailable, not_parked};
    for (size_t i = 0; i < 3; i++) {
        char *text = json_dumps(json_object_get(own, names[i]), JSON_COMPACT);
        CHECK_STR(text, want[i]);
        free(text);
    }
    CHECK(json_is_true(json_object_get(own, "guest_running_while_copied")) == running);
    CHECK(json_is_true(json_object_get(own, "mappings_complete")) == complete);
    CHECK_STR(json_string_value(json_object_get(own, "page_table")), "0x1000");
    CHECK_STR(json_string_value(json_object_get(own, "physical_window")),
              "0x100000000000000");
    CHECK_STR(json_string_value(json_object_get(own, "guest")), "demo:stall\x1b");
    CHECK_STR(json_string_value(json_object_get(own, "version")), DUMPCTL_VERSION);
    CHECK_EQ_U64(json_object_size(own), 9);
}

static void vcpus_become_threads(void) {
    struct bench bench;
    struct elf_prstatus threads[4];
    size_t count;
    if (!set_up(&bench) || !write_image(&bench))
        return;
    json_t *own = read_notes(&bench, threads, &count);
    CHECK_EQ_U64(count, 4);
    for (uint32_t id = 0; id < count; id++) {
        struct user_regs_struct regs;
        const struct kvm_regs *general = &bench.registers[id].general;
        memcpy(&regs, threads[id].pr_reg, sizeof(regs));
        CHECK_EQ_I64(threads[id].pr_pid, id + 1);
        CHECK_EQ_I64(threads[id].pr_cursig, 0);
        CHECK_EQ_U64(regs.rip, general->rip);
        CHECK_EQ_U64(regs.rsp, general->rsp);
        CHECK_EQ_U64(regs.rax, general->rax);
        CHECK_EQ_U64(regs.r8, 8);
        CHECK_EQ_U64(regs.r15, general->r15);
        CHECK_EQ_U64(regs.rbx, 3);
        CHECK_EQ_U64(regs.rdi, 5);
        CHECK_EQ_U64(regs.eflags, 0x3202);
        CHECK_EQ_U64(regs.orig_rax, UINT64_MAX);
        CHECK_EQ_U64(regs.cs, 0x23);
        CHECK_EQ_U64(regs.ss, 0x1b);
        CHECK_EQ_U64(regs.gs, 0x2b);
        CHECK_EQ_U64(regs.fs_base, bench.registers[id].system.fs.base);
        CHECK_EQ_U64(regs.gs_base, bench.registers[id].system.gs.base);
    }
    check_own(own, "[0,1,2,3]", "[]", "[]", false, true);
    json_decref(own);
    tear_down(&bench);
}

static void missing_vcpus_are_named(void) {
    struct bench bench;
    struct elf_prstatus threads[4];
    size_t count;
    if (!set_up(&bench))
        return;
    bench.vcpus[0].registers = NULL;
    bench.vcpus[2] = (struct cap_core_vcpu){.id = 2};
    if (!write_image(&bench))
        return;
    json_t *own = read_notes(&bench, threads, &count);
    CHECK_EQ_U64(count, 2);
    CHECK_EQ_I64(threads[0].pr_pid, 2);
    CHECK_EQ_I64(threads[1].pr_pid, 4);
    check_own(own, "[1,3]", "[0]", "[2]", true, true);
    json_decref(own);
    tear_down(&bench);
}

static void no_vcpu_is_an_image_too(void) {
    struct bench bench;
    struct elf_prstatus threads[4];
    size_t count;
    if (!set_up(&bench))
        return;
    for (uint32_t id = 0; id < 4; id++)
        bench.vcpus[id] = (struct cap_core_vcpu){.id = id};
    if (!write_image(&bench))
        return;
    json_t *own = read_notes(&bench, threads, &count);
    CHECK_EQ_U64(count, 0);
    check_own(own, "[]", "[]", "[0,1,2,3]", true, true);
    json_decref(own);
    tear_down(&bench);
}

/* ---- hostile tables ---- */

/* The first level leads to itself, 512 times over: the tables never end. */
static void endless_tables_end(void) {
    struct bench bench;
    struct elf_prstatus threads[4];
    size_t count;
    if (!set_up(&bench))
        return;
    for (uint64_t i = 0; i < 512; i++)
        aid_put_u64(&bench.memory, ROOT + i * 8, ROOT | RW);
    if (!write_image(&bench))
        return;
    CHECK(bench.headers < PN_XNUM);
    json_t *own = read_notes(&bench, threads, &count);
    check_own(own, "[0,1,2,3]", "[]", "[]", false, false);
    json_decref(own);
    bool window = false;
    for (size_t i = 1; i < bench.headers; i++) /* memory is not lost */
        window |= header_of(&bench, i).p_vaddr == CAP_CORE_WINDOW;
    CHECK(window);
    tear_down(&bench);
}

/* Every other page is a range of its own. One more than is wanted, and the mapping is
   incomplete. */
static void ranges_are_limited(void) {
    struct bench bench;
    struct dc_error err;
    struct cap_mapping mapping;
    if (!set_up(&bench))
        return;
    memset(bench.memory.bytes, 0, 0x40000);
    aid_memory_init(&bench.memory, bench.memory.bytes, SIZE, ROOT);
    for (uint64_t at = 0; at < 0x200000; at += 0x2000)
        aid_map(&bench.memory, at, at, 0, RW);
    CHECK_EQ_I64(cap_mapping_read(&mapping, &bench.memory.source, ROOT, SIZE, 256, &err),
                 0);
    CHECK(mapping.complete);
    CHECK_EQ_U64(mapping.count, 256);
    cap_mapping_close(&mapping);
    CHECK_EQ_I64(cap_mapping_read(&mapping, &bench.memory.source, ROOT, SIZE, 255, &err),
                 0);
    CHECK(!mapping.complete);
    CHECK_EQ_U64(mapping.count, 255);
    cap_mapping_close(&mapping);
    /* Tables that are no memory are passed over, and a root that is none maps nothing. */
    aid_map(&bench.memory, UINT64_C(1) << 30, SIZE, 1, RW);
    aid_map(&bench.memory, UINT64_C(2) << 30, 0x3000, 0, RW);
    CHECK_EQ_I64(cap_mapping_read(&mapping, &bench.memory.source, ROOT, SIZE, 300, &err),
                 0);
    CHECK(mapping.complete);
    CHECK_EQ_U64(mapping.count, 257);
    cap_mapping_close(&mapping);
    CHECK_EQ_I64(cap_mapping_read(&mapping, &bench.memory.source, SIZE, SIZE, 300, &err),
                 0);
    CHECK(mapping.complete);
    CHECK_EQ_U64(mapping.count, 0);
    cap_mapping_close(&mapping);
    tear_down(&bench);
}

/* ---- faults ---- */

static void what_is_no_file_is_refused(void) {
    struct bench bench;
    struct dc_error err;
    int pipes[2];
    if (!set_up(&bench) || !CHECK(pipe(pipes) == 0))
        return;
    CHECK_EQ_I64(cap_core_write(pipes[1], &bench.core, &err), -1);
    CHECK_EQ_U64(err.code, DC_EUSAGE);
    CHECK_STR(err.message, "a memory image must be a regular file");
    CHECK_EQ_I64(cap_core_write(-1, &bench.core, &err), -1);
    CHECK_EQ_U64(err.code, DC_EIO);
    int file = bench.memory.file;
    bench.memory.file = -1;
    CHECK_EQ_I64(cap_core_write(bench.out, &bench.core, &err), -1);
    CHECK_EQ_U64(err.code, DC_ECANNOT);
    bench.memory.file = file;
    close(pipes[0]);
    close(pipes[1]);
    tear_down(&bench);
}

/* The limit is met in the headers, in the data, and in the hole at the end. */
static void limits_on_files_are_told(void) {
    static const rlim_t limits[] = {100, 4096, 0x100000, SIZE};
    struct rlimit before, now;
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before);
    for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
        struct bench bench;
        struct dc_error err = {0};
        if (!set_up(&bench))
            return;
        now = (struct rlimit){limits[i], before.rlim_max};
        setrlimit(RLIMIT_FSIZE, &now);
        CHECK_EQ_I64(cap_core_write(bench.out, &bench.core, &err), -1);
        setrlimit(RLIMIT_FSIZE, &before);
        CHECK_EQ_U64(err.code, DC_EIO);
        CHECK_STR(err.message, "the memory image cannot be written: File too large");
        tear_down(&bench);
    }
}

static void a_signal_stops_the_copying(void) {
    struct bench bench;
    struct dc_error err;
    atomic_int cancel = 0;
    if (!set_up(&bench))
        return;
    bench.core.cancel = &cancel;
    CHECK_EQ_I64(cap_core_write(bench.out, &bench.core, &err), 0);
    cancel = SIGINT;
    CHECK_EQ_I64(cap_core_write(bench.out, &bench.core, &err), -1);
    CHECK_EQ_U64(err.code, DC_EIO);
    CHECK(strstr(err.message, "signal") != NULL);
    tear_down(&bench);
}

int main(void) {
    UNIT_RUN(image_is_a_core_file);
    UNIT_RUN(mappings_become_segments);
    UNIT_RUN(data_is_the_memory_and_holes_stay);
    UNIT_RUN(segments_say_what_a_walk_says);
    UNIT_RUN(vcpus_become_threads);
    UNIT_RUN(missing_vcpus_are_named);
    UNIT_RUN(no_vcpu_is_an_image_too);
    UNIT_RUN(endless_tables_end);
    UNIT_RUN(ranges_are_limited);
    UNIT_RUN(what_is_no_file_is_refused);
    UNIT_RUN(limits_on_files_are_told);
    UNIT_RUN(a_signal_stops_the_copying);
    return unit_done();
}

/*
 * The ELF loader against files that are damaged, hostile, or simply not guests. Every file
 * is made here from the demo guest, which is a good one.
 */
#include "tests/unit/unit.h"

#include <elf.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "capture/elf.h"
#include "capture/guests/demo.h"
#include "capture/guests/guest.h"

static size_t demo_size(void) {
    return (size_t)(cap_demo_elf_end - cap_demo_elf);
}

/* A copy that ends at the end of an allocation, so that reading beyond it is noticed. */
static uint8_t *copy_demo(size_t size) {
    uint8_t *copy = calloc(1, size > 0 ? size : 1);
    if (copy)
        memcpy(copy, cap_demo_elf, size);
    return copy;
}

static Elf64_Phdr *load_segment(uint8_t *file, int which) {
    Elf64_Ehdr *header = (Elf64_Ehdr *)(void *)file;
    Elf64_Phdr *segments = (Elf64_Phdr *)(void *)(file + header->e_phoff);
    for (int i = 0; i < header->e_phnum; i++)
        if (segments[i].p_type == PT_LOAD && which-- == 0)
            return &segments[i];
    return NULL;
}

static void demo_is_loaded(void) {
    struct dc_error err;
    struct cap_symbol symbol;
    struct cap_elf *elf = cap_elf_open_memory(cap_demo_elf, demo_size(), &err);
    if (!CHECK(elf != NULL))
        return;
    CHECK_EQ_U64(cap_elf_low(elf), GUEST_MEMORY_START);
    CHECK(cap_elf_entry(elf) >= cap_elf_low(elf) &&
          cap_elf_entry(elf) < cap_elf_high(elf));

    size_t size = (size_t)cap_elf_high(elf);
    uint8_t *ram = malloc(size);
    if (CHECK(ram != NULL)) {
        memset(ram, 0xee, size); /* so that bss must really be zeroed */
        cap_elf_load(elf, ram, size);
        const Elf64_Phdr *text = load_segment((uint8_t *)(uintptr_t)cap_demo_elf, 0);
        CHECK(memcmp(ram + text->p_vaddr, cap_demo_elf + text->p_offset,
                     text->p_filesz) == 0);
        CHECK_EQ_U64(ram[size - 1], 0);
        CHECK_EQ_U64(ram[GUEST_MEMORY_START - 1], 0xee);
    }
    CHECK(cap_elf_symbol(elf, "err_exit_detected", &symbol));
    CHECK_EQ_U64(symbol.size, 4);
    CHECK(symbol.value >= cap_elf_low(elf) && symbol.value + 4 <= cap_elf_high(elf));
    CHECK(cap_elf_symbol(elf, "scx_root", &symbol));
    CHECK_EQ_U64(symbol.size, 8);
    CHECK(cap_elf_symbol(elf, "jiffies", &symbol));
    CHECK(!cap_elf_symbol(elf, "jiffie", &symbol));
    CHECK(!cap_elf_symbol(elf, "", &symbol));
    free(ram);
    cap_elf_free(elf);
}

static void set_entry(uint8_t *f) {
    ((Elf64_Ehdr *)(void *)f)->e_entry = 0x1fffff;
}
static void set_entry_in_data(uint8_t *f) {
    ((Elf64_Ehdr *)(void *)f)->e_entry = load_segment(f, 2)->p_vaddr;
}
static void set_magic(uint8_t *f) {
    f[0] = 0;
}
static void set_class(uint8_t *f) {
    f[EI_CLASS] = ELFCLASS32;
}
static void set_machine(uint8_t *f) {
    ((Elf64_Ehdr *)(void *)f)->e_machine = EM_AARCH64;
}
static void set_dyn(uint8_t *f) {
    ((Elf64_Ehdr *)(void *)f)->e_type = ET_DYN;
}
static void set_core(uint8_t *f) {
    ((Elf64_Ehdr *)(void *)f)->e_type = ET_CORE;
}
static void set_no_headers(uint8_t *f) {
    ((Elf64_Ehdr *)(void *)f)->e_phnum = 0;
}
static void set_no_load(uint8_t *f) {
    for (Elf64_Phdr *p; (p = load_segment(f, 0)) != NULL;)
        p->p_type = PT_NOTE;
}
static void set_interp(uint8_t *f) {
    load_segment(f, 1)->p_type = PT_INTERP;
}
static void set_overlap(uint8_t *f) {
    load_segment(f, 1)->p_vaddr = load_segment(f, 0)->p_vaddr + 16;
}
static void set_order(uint8_t *f) {
    load_segment(f, 2)->p_vaddr = 0x100000;
}
static void set_wrap(uint8_t *f) {
    load_segment(f, 2)->p_vaddr = UINT64_MAX - 16;
}
static void set_huge_memory(uint8_t *f) {
    load_segment(f, 2)->p_memsz = UINT64_MAX;
}
static void set_beyond_file(uint8_t *f) {
    load_segment(f, 0)->p_offset = demo_size() - 8;
}
static void set_offset_wrap(uint8_t *f) {
    load_segment(f, 0)->p_offset = UINT64_MAX - 8;
}
static void set_file_larger(uint8_t *f) {
    load_segment(f, 0)->p_memsz = load_segment(f, 0)->p_filesz - 1;
}

static void broken_files_are_refused(void) {
    static const struct {
        void (*mutate)(uint8_t *file);
        const char *say; /* what the sentence must have in it */
    } cases[] = {
        {set_entry, "entry point 0x1fffff"},
        {set_entry_in_data, "no executable segment"},
        {set_magic, "not an ELF file"},
        {set_class, "not a 64-bit ELF file"},
        {set_machine, "not for x86-64"},
        {set_dyn, "position-independent"},
        {set_core, "not an executable"},
        {set_no_headers, "nothing to load"},
        {set_no_load, "nothing to load"},
        {set_interp, "dynamic linker"},
        {set_overlap, "overlaps"},
        {set_order, "out of order"},
        {set_wrap, "wraps around"},
        {set_huge_memory, "wraps around"},
        {set_beyond_file, "beyond the end of the file"},
        {set_offset_wrap, "beyond the end of the file"},
        {set_file_larger, "larger in the file than in memory"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct dc_error err = {0};
        uint8_t *file = copy_demo(demo_size());
        if (!CHECK(file != NULL))
            return;
        cases[i].mutate(file);
        struct cap_elf *elf = cap_elf_open_memory(file, demo_size(), &err);
        CHECK(elf == NULL);
        CHECK_EQ_U64(err.code, DC_EUSAGE);
        if (!CHECK(strstr(err.message, cases[i].say) != NULL))
            printf("# wanted \"%s\", got \"%s\"\n", cases[i].say, err.message);
        cap_elf_free(elf);
        free(file);
    }
}

/* Opens whatever it is, and if it opens, uses all of it. */
static bool use(const uint8_t *file, size_t size) {
    struct dc_error err = {0};
    struct cap_symbol symbol;
    static uint8_t ram[4 << 20];
    struct cap_elf *elf = cap_elf_open_memory(file, size, &err);

    if (!elf)
        return err.message[0] != '\0';
    cap_elf_load(elf, ram, sizeof(ram));
    cap_elf_symbol(elf, "err_exit_detected", &symbol);
    cap_elf_symbol(elf, "no such symbol", &symbol);
    cap_elf_free(elf);
    return true;
}

static void every_truncation_is_survived(void) {
    size_t bad = 0;
    for (size_t size = 0; size < demo_size(); size += size < 600 ? 1 : 61) {
        uint8_t *file = copy_demo(size);
        bad += file == NULL || !use(file, size);
        free(file);
    }
    CHECK_EQ_U64(bad, 0);
}

static uint32_t random_u32(uint64_t *state) {
    *state = *state * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (uint32_t)(*state >> 33);
}

/* Bytes of the headers: the file's, the program's and (at the end) the sections'. */
static size_t random_place(uint64_t *state) {
    size_t tail = 2048 < demo_size() ? 2048 : demo_size();
    if (random_u32(state) % 2)
        return random_u32(state) % 300;
    return demo_size() - 1 - random_u32(state) % tail;
}

static void random_damage_is_survived(void) {
    static const uint8_t values[] = {0x00, 0x01, 0x7f, 0x80, 0xff};
    uint64_t state = 1;
    size_t bad = 0;

    for (int round = 0; round < 20000; round++) {
        uint8_t *file = copy_demo(demo_size());
        if (!CHECK(file != NULL))
            return;
        for (uint32_t n = 1 + random_u32(&state) % 4; n > 0; n--)
            file[random_place(&state)] = values[random_u32(&state) % sizeof(values)];
        bad += !use(file, demo_size());
        free(file);
    }
    CHECK_EQ_U64(bad, 0);
}

static void files_are_checked_before_they_are_read(void) {
    struct dc_error err = {0};
    CHECK(cap_elf_open_file("/nonexistent/guest", &err) == NULL);
    CHECK_EQ_U64(err.code, DC_EIO);
    CHECK_STR(err.file, "/nonexistent/guest");
    CHECK(cap_elf_open_file("/", &err) == NULL);
    CHECK(strstr(err.message, "not a regular file") != NULL);
    CHECK(cap_elf_open_file("/dev/zero", &err) == NULL);
    CHECK(strstr(err.message, "not a regular file") != NULL);

    int fd = memfd_create("empty", MFD_CLOEXEC);
    char path[64];
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    CHECK(cap_elf_open_file(path, &err) == NULL);
    CHECK(strstr(err.message, "is empty") != NULL);
    CHECK(ftruncate(fd, (off_t)CAP_ELF_MAX_BYTES + 1) == 0);
    CHECK(cap_elf_open_file(path, &err) == NULL);
    CHECK_EQ_U64(err.code, DC_ELIMIT);
    close(fd);
}

/* The entry of a symbol in the file, to be changed there. */
static Elf64_Sym *symbol_of(uint8_t *file, const char *name) {
    const Elf64_Ehdr *header = (const Elf64_Ehdr *)(const void *)file;
    const Elf64_Shdr *sections =
        (const Elf64_Shdr *)(const void *)(file + header->e_shoff);
    for (int i = 0; i < header->e_shnum; i++) {
        if (sections[i].sh_type != SHT_SYMTAB)
            continue;
        const char *names = (const char *)file + sections[sections[i].sh_link].sh_offset;
        Elf64_Sym *symbols = (Elf64_Sym *)(void *)(file + sections[i].sh_offset);
        for (size_t k = 0; k < sections[i].sh_size / sizeof(*symbols); k++)
            if (strcmp(names + symbols[k].st_name, name) == 0)
                return &symbols[k];
    }
    return NULL;
}

static bool latch_is_alone(const uint8_t *file) {
    struct cap_symbol latch = {0};
    struct cap_elf *elf = cap_elf_open_memory(file, demo_size(), NULL);
    bool alone = elf && cap_elf_symbol(elf, "err_exit_detected", &latch) &&
                 cap_elf_alone_on_page(elf, &latch);
    cap_elf_free(elf);
    return alone;
}

static void neighbours_on_a_page_are_seen(void) {
    const uint64_t page = 0x7000000; /* where nothing else is */
    uint8_t *file = copy_demo(demo_size());
    Elf64_Sym *latch = file ? symbol_of(file, "err_exit_detected") : NULL;
    Elf64_Sym *other = file ? symbol_of(file, "jiffies") : NULL;
    Elf64_Sym *code = file ? symbol_of(file, "_start") : NULL;

    if (CHECK(latch && other && code)) {
        latch->st_value = page + 0x800;
        CHECK(latch_is_alone(file));
        code->st_value = page; /* nobody writes there */
        CHECK(latch_is_alone(file));
        other->st_value = page + 0xff8;
        CHECK(!latch_is_alone(file));
        other->st_value = page + 0x1000;
        CHECK(latch_is_alone(file));
        other->st_value = page - 8;
        CHECK(latch_is_alone(file));
        other->st_value = page - 7; /* its last byte */
        CHECK(!latch_is_alone(file));
        other->st_value = page - 8;
        other->st_size = UINT64_MAX;
        CHECK(!latch_is_alone(file));
        other->st_value = latch->st_value; /* another name of it */
        other->st_size = latch->st_size;
        CHECK(latch_is_alone(file));
        other->st_size++;
        CHECK(!latch_is_alone(file));
        other->st_value = latch->st_value + 4; /* a label */
        other->st_size = 0;
        CHECK(!latch_is_alone(file));
        latch->st_value = UINT64_MAX;
        CHECK(latch_is_alone(file));
    }
    free(file);
}

int main(void) {
    UNIT_RUN(demo_is_loaded);
    UNIT_RUN(broken_files_are_refused);
    UNIT_RUN(every_truncation_is_survived);
    UNIT_RUN(random_damage_is_survived);
    UNIT_RUN(files_are_checked_before_they_are_read);
    UNIT_RUN(neighbours_on_a_page_are_seen);
    return unit_done();
}

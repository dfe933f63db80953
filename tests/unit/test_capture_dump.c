/*
 * Ranges of guest memory: what a command line may say, where they lie, and what a report
 * makes of them. The memory is a fake one; test_capture_full.c has a real one.
 */
#include "capture/dump.h"

#include <elf.h>

#include "capture/guest.h"
#include "lib/buf.h"
#include "tests/unit/memory_aid.h"
#include "tests/unit/unit.h"

/* ---- parsing ---- */

static bool refuses(const char *text, const char *words) {
    struct cap_dump_requests requests = {0};
    struct dc_error err = {0};
    bool refused = cap_dump_parse(&requests, text, &err) == -1 && err.code == DC_EUSAGE &&
                   requests.count == 0 && strstr(err.message, words) &&
                   strstr(err.message, text);
    if (!refused)
        printf("# %s: %s\n", text, err.message);
    cap_dump_requests_free(&requests);
    return refused;
}

static void refuses_what_is_no_range(void) {
    CHECK(refuses("", "expected SYMBOL"));
    CHECK(refuses(":4", "expected SYMBOL"));
    CHECK(refuses("x:", "length"));
    CHECK(refuses("x:0", "length"));
    CHECK(refuses("x:0x", "length"));
    CHECK(refuses("x:0x0", "length"));
    CHECK(refuses("x:4k", "length"));
    CHECK(refuses("x:-4", "length"));
    CHECK(refuses("x: 4", "length"));
    CHECK(refuses("x:ff", "length"));
    CHECK(refuses("x:0xfg", "length"));
    CHECK(refuses("x:18446744073709551616", "length"));
    CHECK(refuses("x:0x10000000000000001", "length"));
    CHECK(refuses("x:1048577", "1048577 bytes are too many"));
    CHECK(refuses("0x1000", "needs a length"));
    CHECK(refuses("0x:4", "0x and up to 16"));
    CHECK(refuses("4096:4", "0x and up to 16"));
    CHECK(refuses("0x10000000000000000:4", "0x and up to 16"));
    CHECK(refuses("0x12g:4", "0x and up to 16"));
}

/* ---- a fake machine ---- */

enum { MEMORY = 3 * 4096 };

struct fake {
    struct cap_source source;
    uint8_t memory[MEMORY];
};

static bool fake_read(struct cap_source *source, uint64_t address, void *to,
                      size_t bytes) {
    struct fake *fake = (struct fake *)source;
    if (bytes == 8 && address >= AID_TABLES)
        return aid_one_to_one(address, to);
    if (bytes > MEMORY || address > MEMORY - bytes)
        return false;
    memcpy(to, fake->memory + address, bytes);
    return true;
}

static const struct cap_source_ops fake_ops = {.read_memory = fake_read};

static struct fake fake_machine(void) {
    struct fake fake = {.source = {.ops = &fake_ops}};
    for (size_t i = 0; i < MEMORY; i++)
        fake.memory[i] = (uint8_t)(i ^ i >> 8);
    return fake;
}

static struct cap_dump *make(const char *const *texts, size_t n, struct dc_error *err) {
    struct cap_dump_requests requests = {0};
    struct cap_guest guest;
    struct cap_dump *dump = NULL;
    CHECK_EQ_I64(cap_guest_open(&guest, "demo:stall", err), 0);
    for (size_t i = 0; i < n; i++)
        CHECK_EQ_I64(cap_dump_parse(&requests, texts[i], err), 0);
    dump = cap_dump_new(&requests, guest.elf, err);
    cap_dump_requests_free(&requests);
    cap_guest_close(&guest);
    return dump;
}

static void check_written(const struct cap_dump *dump, const char *want) {
    struct dc_buf text;
    struct dc_writer w;
    dc_buf_init(&text, dc_alloc_libc);
    dc_writer_init(&w, dc_buf_sink(&text), true, false);
    dc_write_open(&w, '[');
    cap_dump_write(&w, dump);
    dc_write_close(&w, ']');
    CHECK_EQ_I64(dc_writer_finish(&w), 0);
    CHECK_MEM(text.data, text.len, want, strlen(want));
    dc_buf_done(&text);
}

/* ---- the guest ---- */

static void refuses_what_the_guest_has_not(void) {
    static const struct {
        const char *text, *words;
    } cases[] = {
        {"no_such_thing", "--dump no_such_thing: the guest has no such symbol"},
        {"no_such_thing:4", "--dump no_such_thing: the guest has no such symbol"},
        {"0xfffffffffffffffe:4", "wrap around"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct dc_error err = {0};
        struct cap_dump *dump = make(&cases[i].text, 1, &err);
        if (!CHECK(dump == NULL && err.code == DC_EUSAGE &&
                   strstr(err.message, cases[i].words)))
            printf("# %s: %s\n", cases[i].text, err.message);
        cap_dump_free(dump);
    }
}

/* A guest of one segment with the symbols `bare`, which has no size, and `huge`. */
static const struct {
    Elf64_Ehdr header;
    Elf64_Phdr segment;
    Elf64_Shdr sections[3];
    Elf64_Sym symbols[3];
    char names[16];
} symbols_elf = {
    .header = {.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
               .e_type = ET_EXEC,
               .e_machine = EM_X86_64,
               .e_version = EV_CURRENT,
               .e_entry = GUEST_MEMORY_START,
               .e_phoff = sizeof(Elf64_Ehdr),
               .e_shoff = sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr),
               .e_ehsize = sizeof(Elf64_Ehdr),
               .e_phentsize = sizeof(Elf64_Phdr),
               .e_phnum = 1,
               .e_shentsize = sizeof(Elf64_Shdr),
               .e_shnum = 3},
    .segment = {.p_type = PT_LOAD,
                .p_flags = PF_R | PF_X,
                .p_vaddr = GUEST_MEMORY_START,
                .p_filesz = 64,
                .p_memsz = 64},
    .sections = {{0},
                 {.sh_type = SHT_SYMTAB,
                  .sh_offset =
                      sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr) + 3 * sizeof(Elf64_Shdr),
                  .sh_size = 3 * sizeof(Elf64_Sym),
                  .sh_link = 2,
                  .sh_entsize = sizeof(Elf64_Sym)},
                 {.sh_type = SHT_STRTAB,
                  .sh_offset = sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr) +
                               3 * sizeof(Elf64_Shdr) + 3 * sizeof(Elf64_Sym),
                  .sh_size = 16}},
    .symbols =
        {{0},
         {.st_name = 1, .st_shndx = SHN_ABS, .st_value = 0x1000},
         {.st_name = 6, .st_shndx = SHN_ABS, .st_value = 0x1000, .st_size = 1 << 21}},
    .names = "\0bare\0huge",
};

static bool refuses_symbol(const struct cap_elf *elf, const char *text,
                           const char *words) {
    struct cap_dump_requests requests = {0};
    struct dc_error err = {0};
    CHECK_EQ_I64(cap_dump_parse(&requests, text, &err), 0);
    struct cap_dump *dump = cap_dump_new(&requests, elf, &err);
    bool refused = !dump && err.code == DC_EUSAGE && strstr(err.message, words);
    if (!refused)
        printf("# %s: %s\n", text, err.message);
    cap_dump_free(dump);
    cap_dump_requests_free(&requests);
    return refused;
}

static void wants_a_length_where_the_file_has_none(void) {
    struct dc_error err = {0};
    struct cap_dump_requests requests = {0};
    struct cap_elf *elf = cap_elf_open_memory(&symbols_elf, sizeof(symbols_elf), &err);
    if (!CHECK(elf != NULL))
        return;
    CHECK(refuses_symbol(elf, "bare",
                         "does not say how long it is; say it: --dump bare:LEN"));
    CHECK(refuses_symbol(elf, "huge", "it has 2097152 bytes, and 1048576 are the most"));
    CHECK_EQ_I64(cap_dump_parse(&requests, "bare:8", &err), 0);
    CHECK_EQ_I64(cap_dump_parse(&requests, "huge:0x10", &err), 0);
    struct cap_dump *dump = cap_dump_new(&requests, elf, &err);
    CHECK(dump != NULL);
    cap_dump_free(dump);
    cap_dump_requests_free(&requests);
    cap_elf_free(elf);
}

static void limits_all_ranges_together(void) {
    struct dc_error err = {0};
    const char *texts[17];
    for (size_t i = 0; i < 17; i++)
        texts[i] = "0x0:0x100000";
    struct cap_dump *dump = make(texts, 16, &err);
    CHECK(dump != NULL);
    cap_dump_free(dump);
    dump = make(texts, 17, &err);
    CHECK(dump == NULL && err.code == DC_EUSAGE && strstr(err.message, "16777216 bytes"));
    cap_dump_free(dump);
}

/* The size of a symbol is that of its variable; a length of one's own goes before it. */
static void knows_sizes_of_symbols(void) {
    static const char *const texts[] = {"err_exit_detected", "scx_root:3"};
    struct fake fake = fake_machine();
    struct dc_error err = {0};
    struct cap_dump *dump = make(texts, 2, &err);
    if (!CHECK(dump != NULL))
        return;
    CHECK_EQ_I64(cap_dump_check(dump, &fake.source, AID_TABLES, &err), -1);
    CHECK(strstr(err.message, "--dump err_exit_detected: 4 bytes from 0x") != NULL);
    CHECK(strstr(err.message, "do not lie in the guest's memory") != NULL);
    cap_dump_free(dump);
}

/* ---- reading ---- */

static void writes_ranges_as_maps(void) {
    static const char *const texts[] = {"0xffe:0x4", "0x0:1"};
    struct fake fake = fake_machine();
    struct dc_error err = {0};
    struct cap_dump *dump = make(texts, 2, &err);
    if (!CHECK(dump != NULL))
        return;
    CHECK_EQ_I64(cap_dump_check(dump, &fake.source, AID_TABLES, &err), 0);
    check_written(dump, "[]"); /* not read yet */
    check_written(NULL, "[]");
    cap_dump_read(dump, &fake.source, AID_TABLES);
    static const char want[] =
        "[{\"name\":\"0xffe\",\"map_kva\":4094,\"map_type\":2,\"value_size\":4,"
        "\"max_entries\":1,\"value\":{\"kind\":\"bytes\",\"hex\":\"f1 f0 10 11\"}},"
        "{\"name\":\"0x0\",\"map_type\":2,\"value_size\":1,\"max_entries\":1,"
        "\"value\":{\"kind\":\"bytes\",\"hex\":\"00\"}}]";
    check_written(dump, want);
    check_written(dump, want); /* as often as it is needed */
    cap_dump_free(dump);
}

/* Memory that is gone when the freeze comes: what there is, and where it ends. */
static void says_where_memory_ends(void) {
    static const char *const texts[] = {"0x2ffe:0x1003", "0x3000:2"};
    struct fake fake = fake_machine();
    struct dc_error err = {0};
    struct cap_dump *dump = make(texts, 2, &err);
    if (!CHECK(dump != NULL))
        return;
    CHECK_EQ_I64(cap_dump_check(dump, &fake.source, AID_TABLES, &err), -1);
    cap_dump_read(dump, &fake.source, AID_TABLES);
    check_written(
        dump,
        "[{\"name\":\"0x2ffe\",\"map_kva\":12286,\"map_type\":2,\"value_size\":4099,"
        "\"max_entries\":1,\"value\":{\"kind\":\"truncated\",\"needed\":4099,\"had\":2,"
        "\"partial\":{\"kind\":\"bytes\",\"hex\":\"d1 d0\"}},"
        "\"error\":\"2 of 4099 bytes read: 0x3000 is not memory\"},"
        "{\"name\":\"0x3000\",\"map_kva\":12288,\"map_type\":2,\"value_size\":2,"
        "\"max_entries\":1,\"value\":{\"kind\":\"truncated\",\"needed\":2,\"had\":0,"
        "\"partial\":{\"kind\":\"bytes\",\"hex\":\"\"}},"
        "\"error\":\"0 of 2 bytes read: 0x3000 is not memory\"}]");
    cap_dump_free(dump);
}

int main(void) {
    UNIT_RUN(refuses_what_is_no_range);
    UNIT_RUN(refuses_what_the_guest_has_not);
    UNIT_RUN(wants_a_length_where_the_file_has_none);
    UNIT_RUN(limits_all_ranges_together);
    UNIT_RUN(knows_sizes_of_symbols);
    UNIT_RUN(writes_ranges_as_maps);
    UNIT_RUN(says_where_memory_ends);
    return unit_done();
}

/* Names of kernel addresses: what files are read, what is refused, what is looked up. */
#include "lib/symbols.h"

#include "tests/unit/lib_aid.h"
#include "tests/unit/unit.h"

static const char system_map[] = "0000000000000000 A fixed_percpu_data\n"
                                 "0000000000001000 A percpu_thing\n"
                                 "ffffffff81000000 T _text\n"
                                 "ffffffff81000000 T _stext\n"
                                 "ffffffff81000100 t do_work\n"
                                 "ffffffff81000200 T schedule\n"
                                 "ffffffff81001000 T _etext\n"
                                 "ffffffff82000000 D jiffies\n"
                                 "ffffffff82001000 B _end\n";

static bool start(struct dc_symbols *symbols, const char *text) {
    struct dc_error err;
    bool good = dc_symbols_read(symbols, text, strlen(text), dc_alloc_libc, &err) == 0;
    if (!CHECK(good))
        printf("#   %" PRIu64 ": %s\n", err.line, err.message);
    return good;
}

/* want NULL: no symbol is near, and nothing is added. */
static void check_name(const struct dc_symbols *symbols, uint64_t address,
                       const char *want) {
    struct dc_buf out;
    dc_buf_init(&out, dc_alloc_libc);
    dc_buf_text(&out, "@");
    bool found = dc_symbols_add(symbols, address, &out);
    CHECK(found == (want != NULL));
    dc_buf_add(&out, "", 1);
    if (!CHECK_STR(out.data + 1, want ? want : ""))
        printf("#   0x%" PRIx64 "\n", address);
    dc_buf_done(&out);
}

static void a_system_map_names_addresses(void) {
    struct dc_symbols symbols;
    if (!start(&symbols, system_map))
        return;
    CHECK_EQ_U64(symbols.count, 8); /* two stand at one address */
    CHECK_EQ_U64(symbols.text_begin, 0xffffffff81000000);
    CHECK_EQ_U64(symbols.text_end, 0xffffffff81001000);
    check_name(&symbols, 0xffffffff81000200, "schedule");
    check_name(&symbols, 0xffffffff81000201, "schedule+0x1");
    check_name(&symbols, 0xffffffff810001ff, "do_work+0xff");
    check_name(&symbols, 0xffffffff81000000, "_text"); /* the first one there */
    check_name(&symbols, 0xffffffff81000001, "_text+0x1");
    check_name(&symbols, 0xffffffff82000008, "jiffies+0x8");
    dc_symbols_done(&symbols);
    CHECK(symbols.symbols == NULL && symbols.count == 0);
}

static void what_no_symbol_reaches_has_no_name(void) {
    struct dc_symbols symbols;
    if (!start(&symbols, system_map))
        return;
    check_name(&symbols, 0xffffffff80ffffff, NULL); /* only per-CPU offsets before it */
    check_name(&symbols, 0xffffffff82001000, NULL); /* _end is the end */
    check_name(&symbols, 0xffffffff82001001, NULL);
    check_name(&symbols, UINT64_MAX, NULL);
    check_name(&symbols, 0, NULL); /* user space, where per-CPU offsets stand */
    check_name(&symbols, 0x1000, NULL);
    check_name(&symbols, 0x7fffffffffffffff, NULL);
    dc_symbols_done(&symbols);
    if (!start(&symbols, "7fffffffffffff00 A offset\nffffffff81000000 T a"))
        return;
    check_name(&symbols, 0x8000000000000000, NULL); /* near, but of the other half */
    dc_symbols_done(&symbols);
}

/* No function is longer than 1 MiB, no object than 16 MiB. */
static void far_behind_the_last_symbol_is_nothing(void) {
    struct dc_symbols symbols;
    if (!start(&symbols, "ffffffff81000000 T a\nffffffff90000000 D b"))
        return;
    check_name(&symbols, 0xffffffff81100000, "a+0x100000");
    check_name(&symbols, 0xffffffff81100001, NULL);
    check_name(&symbols, 0xffffffff8fffffff, NULL);
    check_name(&symbols, 0xffffffff90000000, "b");
    check_name(&symbols, 0xffffffff91000000, "b+0x1000000");
    check_name(&symbols, 0xffffffff91000001, NULL);
    dc_symbols_done(&symbols);
}

static void kallsyms_names_modules_too(void) {
    struct dc_symbols symbols;
    if (!start(&symbols, "ffffffffc0400010 t later\t[scx]\n" /* in no order */
                         "ffffffff81000000 T _stext\n"
                         "ffffffff81002000 T _etext\n"
                         "ffffffffc0400000 t begin [scx]\n"
                         "ffffffffc0500000 t bpf_prog_0a1b_enqueue\t[bpf]\n"))
        return;
    check_name(&symbols, 0xffffffffc0400000, "begin");
    check_name(&symbols, 0xffffffffc040000f, "begin+0xf");
    check_name(&symbols, 0xffffffffc0400014, "later+0x4");
    check_name(&symbols, 0xffffffffc0500001, "bpf_prog_0a1b_enqueue+0x1");
    CHECK_EQ_U64(symbols.text_end, 0xffffffff81002000); /* modules move no end */
    dc_symbols_done(&symbols);
}

static void of_several_at_one_address_the_first_counts(void) {
    struct dc_symbols symbols;
    if (!start(&symbols, "ffffffff81000010 T z_first\nffffffff81000000 T low\n"
                         "ffffffff81000010 T a_second\nffffffff81000010 T m_third\n"))
        return;
    check_name(&symbols, 0xffffffff81000010, "z_first");
    check_name(&symbols, 0xffffffff81000018, "z_first+0x8");
    dc_symbols_done(&symbols);
}

/* Without _stext and _etext the text is what the symbols of type t and T span. */
static void text_is_found_without_its_marks(void) {
    struct dc_symbols symbols;
    if (!start(&symbols, "0000000000000040 t percpu\nffffffff81000300 T c\n"
                         "ffffffff81000100 t a\nffffffff82000000 D data\n"))
        return;
    CHECK_EQ_U64(symbols.text_begin, 0xffffffff81000100);
    CHECK_EQ_U64(symbols.text_end, 0xffffffff81000301);
    dc_symbols_done(&symbols);
}

static void line_ends_do_not_matter(void) {
    static const char *const texts[] = {
        "ffffffff81000000 T a\nffffffff81000100 T b\n",
        "ffffffff81000000 T a\nffffffff81000100 T b",
        "ffffffff81000000 T a\r\nffffffff81000100 T b\r\n",
        "ffffffff81000000 T a\r\nffffffff81000100 T b\r",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct dc_symbols symbols;
        if (!start(&symbols, texts[i]))
            continue;
        CHECK_EQ_U64(symbols.count, 2);
        check_name(&symbols, 0xffffffff81000001, "a+0x1");
        check_name(&symbols, 0xffffffff81000100, "b");
        dc_symbols_done(&symbols);
    }
}

/* ---- what is refused ---- */

static void check_refused(const char *text, size_t len, enum dc_code code, uint64_t line,
                          const char *words) {
    struct aid_memory memory = {.fail = 0};
    struct dc_symbols symbols;
    struct dc_error err = {.code = DC_OK};
    char *exact = malloc(len ? len : 1); /* no byte is readable behind it */
    memcpy(exact, text, len);
    if (!CHECK(dc_symbols_read(&symbols, exact, len, aid_alloc(&memory), &err) < 0))
        unit_bytes("text", text, len);
    CHECK_EQ_U64(err.code, code);
    CHECK_EQ_U64(err.line, line);
    CHECK_EQ_U64(err.column, line > 0);
    CHECK(strstr(err.message, words) != NULL);
    CHECK_EQ_U64(memory.live, 0);
    CHECK(dc_symbols_read(&symbols, exact, len, aid_alloc(&memory), NULL) < 0);
    CHECK_EQ_U64(memory.live, 0);
    free(exact);
}

static void hidden_addresses_are_refused_with_the_reason(void) {
    static const char text[] = "0000000000000000 T _stext\n0000000000000000 T _etext\n"
                               "0000000000000000 t mod\t[scx]\n";
    check_refused(text, strlen(text), DC_EVARIANT, 0, "kptr_restrict");
    check_refused("0 T a", 5, DC_EVARIANT, 0, "kptr_restrict");
    check_refused("", 0, DC_EVARIANT, 0, "empty");
}

static void a_malformed_line_is_refused_with_its_number(void) {
    static const char *const bad[] = {
        "",
        "\r",
        " ",
        "# a comment",
        "ffffffff81000000",
        "ffffffff81000000 ",
        "ffffffff81000000 T",
        "ffffffff81000000 T ",
        "ffffffff81000000 T \r",
        "ffffffff81000000 T \tname",
        "ffffffff81000000 T  name",
        "ffffffff81000000 TT name",
        "ffffffff81000000\tT\tname",
        "ffffffff81000000  T name",
        " ffffffff81000000 T name",
        "0xffffffff81000000 T name",
        "0ffffffff81000000 T name", /* 17 digits: more than 64 bits */
        "gfffffff81000000 T name",
        "{\"schema\":\"single\"}",
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        char text[256];
        int n = snprintf(text, sizeof(text), "%s\nffffffff81000000 T a\n", bad[i]);
        check_refused(text, (size_t)n, DC_ESYNTAX, 1, "an address, a type and a name");
        n = snprintf(text, sizeof(text), "ffffffff81000000 T a\r\n1 T b\n%s\n", bad[i]);
        check_refused(text, (size_t)n, DC_ESYNTAX, 3, "an address, a type and a name");
    }
    /* The last line ends with the text. */
    check_refused("ffffffff81000000 T a\nffff", 25, DC_ESYNTAX, 2, "expected");
    check_refused("f", 1, DC_ESYNTAX, 1, "expected");
}

static void says_when_memory_runs_out(void) {
    struct aid_memory memory = {.fail = 1};
    struct dc_symbols symbols;
    struct dc_error err = {.code = DC_OK};
    CHECK(dc_symbols_read(&symbols, system_map, strlen(system_map), aid_alloc(&memory),
                          &err) < 0);
    CHECK(memory.failed);
    CHECK_EQ_U64(err.code, DC_ENOMEM);
    CHECK_EQ_U64(memory.live, 0);
    memory = (struct aid_memory){.fail = 2}; /* there is no second one */
    CHECK(dc_symbols_read(&symbols, system_map, strlen(system_map), aid_alloc(&memory),
                          &err) == 0);
    CHECK_EQ_U64(memory.live, 1);
    dc_symbols_done(&symbols);
    CHECK_EQ_U64(memory.live, 0);
}

int main(void) {
    UNIT_RUN(a_system_map_names_addresses);
    UNIT_RUN(what_no_symbol_reaches_has_no_name);
    UNIT_RUN(far_behind_the_last_symbol_is_nothing);
    UNIT_RUN(kallsyms_names_modules_too);
    UNIT_RUN(of_several_at_one_address_the_first_counts);
    UNIT_RUN(text_is_found_without_its_marks);
    UNIT_RUN(line_ends_do_not_matter);
    UNIT_RUN(hidden_addresses_are_refused_with_the_reason);
    UNIT_RUN(a_malformed_line_is_refused_with_its_number);
    UNIT_RUN(says_when_memory_runs_out);
    return unit_done();
}

/* Names of BPF map types, and what the errors of a map mean. */
#include "lib/map_type.h"

#include "tests/unit/unit.h"

static void types_have_the_names_of_the_format(void) {
    static const struct {
        uint64_t type;
        const char *name;
    } known[] = {
        {1, "hash"},          {2, "array"},           {3, "prog_array"},
        {5, "percpu_hash"},   {6, "percpu_array"},    {7, "stack_trace"},
        {9, "lru_hash"},      {11, "lpm_trie"},       {13, "hash_of_maps"},
        {18, "sockhash"},     {19, "cgroup_storage"}, {21, "percpu_cgroup_storage"},
        {22, "queue"},        {25, "devmap_hash"},    {26, "struct_ops"},
        {27, "ringbuf"},      {29, "task_storage"},   {30, "bloom_filter"},
        {32, "cgrp_storage"}, {33, "arena"},          {34, "insn_array"},
    };
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        CHECK_STR(dc_map_type_name(known[i].type), known[i].name);
}

static void unknown_numbers_have_no_name(void) {
    CHECK(dc_map_type_name(0) == NULL);
    CHECK(dc_map_type_name(35) == NULL);
    CHECK(dc_map_type_name(UINT32_MAX) == NULL);
    CHECK(dc_map_type_name((uint64_t)UINT32_MAX + 2) == NULL); /* 1 in 32 bits */
    CHECK(dc_map_type_name(UINT64_MAX) == NULL);
}

static void no_number_between_is_forgotten_or_named_twice(void) {
    for (uint64_t type = 1; type <= 34; type++) {
        const char *name = dc_map_type_name(type);
        if (!CHECK(name != NULL && *name != '\0'))
            continue;
        for (uint64_t other = 1; other < type; other++)
            CHECK(strcmp(name, dc_map_type_name(other)) != 0);
    }
}

/* ---- errors ---- */

static const char *meaning(const char *error) {
    return dc_map_error_meaning((struct dc_str){error, strlen(error)});
}

static void check_meaning(const char *error, const char *words) {
    const char *got = meaning(error);
    if (!CHECK(got != NULL && strstr(got, words) != NULL))
        printf("#   %s: %s\n", error, got ? got : "(none)");
}

/* The texts of wire-format 8.7. */
static void errors_of_the_format_are_explained(void) {
    check_meaning("arena BTF offsets unavailable (kernel lacks struct bpf_arena?)",
                  "struct bpf_arena");
    check_meaning("ARRAY truncated at 4096 keys (max_entries=9000)", "4096 keys");
    check_meaning("PERCPU_ARRAY truncated at 256 keys (max_entries=300)", "256 keys");
    check_meaning("hash map truncated at 4096 entries", "4096 entries");
    check_meaning("percpu hash map truncated at 4096 entries", "4096 entries");
    check_meaning("local_storage map truncated at 4096 entries", "4096 entries");
    check_meaning("unknown map_type 99 (kernel newer than dump renderer; update "
                  "render_map dispatch)",
                  "newer");
    check_meaning("multi-entry ARRAY: only key 0 of 8 shown", "older");
    check_meaning("3 keys unreadable", "elements");
    check_meaning("ARRAY value region unreadable", "values");
    check_meaning("STRUCT_OPS value unreadable", "value");
    check_meaning("fd-array dump does not walk hash-shaped FD maps", "slots");
}

/* Two errors of one map stand in one text: the first in our table explains it. */
static void the_special_stands_before_the_general(void) {
    CHECK_STR(
        meaning("ARRAY truncated at 4096 keys (max_entries=9000); 3 keys unreadable"),
        meaning("ARRAY truncated at 4096 keys (max_entries=1)"));
    CHECK(strcmp(meaning("PERCPU_ARRAY truncated at 256 keys"),
                 meaning("ARRAY truncated at 4096 keys")) != 0);
    CHECK(strcmp(meaning("ARRAY value region unreadable"),
                 meaning("STRUCT_OPS value unreadable")) != 0);
}

static void other_errors_are_left_alone(void) {
    CHECK(dc_map_error_meaning((struct dc_str){NULL, 0}) == NULL);
    CHECK(meaning("") == NULL);
    CHECK(meaning("out of luck") == NULL);
    CHECK(meaning("key unreadable") == NULL);
    CHECK(meaning("ARRAY truncated at 4096 key") == NULL);
}

/* A string of the report has no end but its length, and may hold a NUL. */
static void looks_at_the_length_only(void) {
    static const char text[] = "3 keys unreadable";
    CHECK(dc_map_error_meaning((struct dc_str){text, sizeof(text) - 2}) == NULL);
    CHECK(dc_map_error_meaning((struct dc_str){"\0keys unreadable", 16}) != NULL);
}

int main(void) {
    UNIT_RUN(types_have_the_names_of_the_format);
    UNIT_RUN(unknown_numbers_have_no_name);
    UNIT_RUN(no_number_between_is_forgotten_or_named_twice);
    UNIT_RUN(errors_of_the_format_are_explained);
    UNIT_RUN(the_special_stands_before_the_general);
    UNIT_RUN(other_errors_are_left_alone);
    UNIT_RUN(looks_at_the_length_only);
    return unit_done();
}

#include "lib/map_type.h"

#include <string.h>

const char *dc_map_type_name(uint64_t type) {
    static const char *const names[] = {
        NULL,
        "hash",
        "array",
        "prog_array",
        "perf_event_array",
        "percpu_hash",
        "percpu_array",
        "stack_trace",
        "cgroup_array",
        "lru_hash",
        "lru_percpu_hash",
        "lpm_trie",
        "array_of_maps",
        "hash_of_maps",
        "devmap",
        "sockmap",
        "cpumap",
        "xskmap",
        "sockhash",
        "cgroup_storage",
        "reuseport_sockarray",
        "percpu_cgroup_storage",
        "queue",
        "stack",
        "sk_storage",
        "devmap_hash",
        "struct_ops",
        "ringbuf",
        "inode_storage",
        "task_storage",
        "bloom_filter",
        "user_ringbuf",
        "cgrp_storage",
        "arena",
        "insn_array",
    };
    return type < sizeof(names) / sizeof(names[0]) ? names[type] : NULL;
}

static bool contains(struct dc_str text, const char *words) {
    return text.len > 0 && memmem(text.p, text.len, words, strlen(words)) != NULL;
}

/* The first that fits: what is special stands before what is general. */
const char *dc_map_error_meaning(struct dc_str error) {
    static const struct {
        const char *words, *meaning;
    } errors[] = {
        {"arena BTF offsets unavailable",
         "the guest's kernel has no struct bpf_arena that the capture knows"},
        {"multi-entry ARRAY: only key 0",
         "the report is of an older capture, which kept no other key"},
        {"PERCPU_ARRAY truncated at 256 keys",
         "the capture keeps the first 256 keys; max_entries says how many there are"},
        {"ARRAY truncated at 4096 keys",
         "the capture keeps the first 4096 keys; max_entries says how many there are"},
        {"map truncated at 4096 entries",
         "the capture keeps 4096 entries; how many there were is not known"},
        {"unknown map_type",
         "the guest's kernel is newer than the capture: the contents were not read"},
        {"keys unreadable",
         "the pages of these elements were not in memory, or not mapped"},
        {"value region unreadable",
         "the page of the values was not in memory, or not mapped"},
        {"value unreadable", "the page of the value was not in memory, or not mapped"},
        {"does not walk hash-shaped FD maps",
         "the capture cannot list slots of this type; all counts are 0"},
    };
    for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
        if (contains(error, errors[i].words))
            return errors[i].meaning;
    return NULL;
}

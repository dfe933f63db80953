#include "tests/unit/memory_aid.h"

#include <string.h>

#include "tests/unit/unit.h"

#define ADDRESS UINT64_C(0x000ffffffffff000)

static bool read_memory(struct cap_source *source, uint64_t address, void *to,
                        size_t bytes) {
    struct aid_memory *memory = (struct aid_memory *)source;
    memory->reads++;
    memory->last_read = bytes;
    if (bytes > memory->size || address > memory->size - bytes)
        return false;
    memcpy(to, memory->bytes + address, bytes);
    return true;
}

static int memory_file(struct cap_source *source, uint64_t *bytes) {
    struct aid_memory *memory = (struct aid_memory *)source;
    *bytes = memory->size;
    return memory->file;
}

static uint64_t page_table(struct cap_source *source) {
    return ((struct aid_memory *)source)->root;
}

static const struct cap_source_ops memory_ops = {
    .read_memory = read_memory,
    .memory_file = memory_file,
    .page_table = page_table,
};

void aid_memory_init(struct aid_memory *memory, uint8_t *bytes, uint64_t size,
                     uint64_t root) {
    *memory = (struct aid_memory){
        .source = {.ops = &memory_ops},
        .bytes = bytes,
        .size = size,
        .file = -1,
        .root = root,
        .next_table = root + 4096,
    };
}

void aid_put_u64(struct aid_memory *memory, uint64_t physical, uint64_t value) {
    if (CHECK(physical <= memory->size - sizeof(value)))
        memcpy(memory->bytes + physical, &value, sizeof(value));
}

uint64_t aid_map(struct aid_memory *memory, uint64_t virtual, uint64_t physical,
                 int level, uint64_t flags) {
    uint64_t table = memory->root;
    for (int at = 3;; at--) {
        uint64_t entry, place = table + (virtual >> (12 + 9 * at) & 511) * 8;
        if (at == level) {
            aid_put_u64(memory, place, physical | flags);
            return place;
        }
        memcpy(&entry, memory->bytes + place, sizeof(entry));
        if (!(entry & AID_P)) {
            entry = memory->next_table | AID_P | AID_W | AID_U;
            memory->next_table += 4096;
            aid_put_u64(memory, place, entry);
        }
        table = entry & ADDRESS;
    }
}

bool aid_one_to_one(uint64_t address, uint64_t *entry) {
    switch (address) {
    case AID_TABLES:
        *entry = (AID_TABLES + 0x1000) | AID_P | AID_W | AID_U;
        return true;
    case AID_TABLES + 0x1000:
    case AID_TABLES + 0x1008:
        *entry = (address & 8) << 27 | AID_P | AID_W | AID_U | AID_PS;
        return true;
    default:
        *entry = 0;
        return address - AID_TABLES < 0x2000;
    }
}

#include "capture/elf.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_SEGMENTS 64
#define PAGE UINT64_C(4096)

struct segment {
    uint64_t offset, file_bytes;    /* inside the file */
    uint64_t address, memory_bytes; /* inside the machine */
};

struct cap_elf {
    Elf *elf;
    const uint8_t *bytes;
    size_t size;
    void *owned; /* what free() gets, or NULL */
    uint64_t entry, low, high;
    size_t count; /* segments that occupy memory, in ascending order */
    struct segment segments[MAX_SEGMENTS];
};

static int check_header(struct cap_elf *self, struct dc_error *err) {
    GElf_Ehdr header;

    if (self->size == 0)
        return dc_fail(err, DC_EUSAGE, "the file is empty; an ELF executable is needed");
    if (elf_kind(self->elf) != ELF_K_ELF)
        return dc_fail(err, DC_EUSAGE, "not an ELF file");
    if (gelf_getclass(self->elf) != ELFCLASS64)
        return dc_fail(err, DC_EUSAGE, "not a 64-bit ELF file");
    if (!gelf_getehdr(self->elf, &header))
        return dc_fail(err, DC_EUSAGE, "the ELF header is damaged");
    if (header.e_ident[EI_DATA] != ELFDATA2LSB || header.e_machine != EM_X86_64)
        return dc_fail(err, DC_EUSAGE, "not for x86-64 (ELF machine %u)",
                       header.e_machine);
    if (header.e_type == ET_DYN)
        return dc_fail(err, DC_EUSAGE,
                       "position-independent or a shared library; link it with "
                       "-static -no-pie");
    if (header.e_type != ET_EXEC)
        return dc_fail(err, DC_EUSAGE, "not an executable (ELF type %u)", header.e_type);
    self->entry = header.e_entry;
    return 0;
}

static int add_segment(struct cap_elf *self, size_t index, const GElf_Phdr *header,
                       struct dc_error *err) {
    if (header->p_memsz == 0)
        return 0;
    if (self->count == MAX_SEGMENTS)
        return dc_fail(err, DC_EUSAGE, "more than %d loadable segments", MAX_SEGMENTS);
    if (header->p_filesz > header->p_memsz)
        return dc_fail(err, DC_EUSAGE, "segment %zu is larger in the file than in memory",
                       index);
    if (header->p_offset > self->size || header->p_filesz > self->size - header->p_offset)
        return dc_fail(err, DC_EUSAGE, "segment %zu reaches beyond the end of the file",
                       index);
    if (header->p_memsz > UINT64_MAX - header->p_vaddr)
        return dc_fail(err, DC_EUSAGE, "segment %zu wraps around the address space",
                       index);
    if (self->count > 0 && header->p_vaddr < self->high)
        return dc_fail(err, DC_EUSAGE,
                       "segment %zu overlaps the one before it, or is out of order",
                       index);
    if (self->count == 0)
        self->low = header->p_vaddr;
    self->high = header->p_vaddr + header->p_memsz;
    self->segments[self->count++] = (struct segment){
        .offset = header->p_offset,
        .file_bytes = header->p_filesz,
        .address = header->p_vaddr,
        .memory_bytes = header->p_memsz,
    };
    return 0;
}

static int check_segments(struct cap_elf *self, struct dc_error *err) {
    size_t count;
    bool executable_entry = false;

    if (elf_getphdrnum(self->elf, &count))
        return dc_fail(err, DC_EUSAGE, "the program headers are damaged");
    for (size_t i = 0; i < count; i++) {
        GElf_Phdr header;
        if (i > INT32_MAX || !gelf_getphdr(self->elf, (int)i, &header))
            return dc_fail(err, DC_EUSAGE, "program header %zu is damaged", i);
        if (header.p_type == PT_INTERP || header.p_type == PT_DYNAMIC)
            return dc_fail(err, DC_EUSAGE,
                           "needs a dynamic linker; link it with -static -no-pie");
        if (header.p_type != PT_LOAD)
            continue;
        if (add_segment(self, i, &header, err))
            return -1;
        if (header.p_flags & PF_X && self->entry >= header.p_vaddr &&
            self->entry - header.p_vaddr < header.p_memsz)
            executable_entry = true;
    }
    if (self->count == 0)
        return dc_fail(err, DC_EUSAGE, "nothing to load (no PT_LOAD segment)");
    if (!executable_entry)
        return dc_fail(err, DC_EUSAGE,
                       "the entry point 0x%llx lies in no executable segment",
                       (unsigned long long)self->entry);
    return 0;
}

/* Takes `owned`, also on failure. */
static struct cap_elf *open_bytes(const void *bytes, size_t size, void *owned,
                                  struct dc_error *err) {
    struct cap_elf *self = calloc(1, sizeof(*self));
    if (!self) {
        free(owned);
        dc_fail(err, DC_ENOMEM, "no memory for the guest");
        return NULL;
    }
    self->bytes = bytes;
    self->size = size;
    self->owned = owned;
    elf_version(EV_CURRENT);
    /* elf_memory() has no const, but it does not write to what it is given. */
    self->elf = size > 0 ? elf_memory((char *)(uintptr_t)bytes, size) : NULL;
    if (check_header(self, err) || check_segments(self, err)) {
        cap_elf_free(self);
        return NULL;
    }
    return self;
}

struct cap_elf *cap_elf_open_memory(const void *bytes, size_t size,
                                    struct dc_error *err) {
    return open_bytes(bytes, size, NULL, err);
}

/* Reads `size` bytes; a file that shrinks meanwhile is an error. */
static int read_all(int fd, uint8_t *bytes, size_t size, struct dc_error *err) {
    for (size_t done = 0; done < size;) {
        ssize_t n = read(fd, bytes + done, size - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return dc_fail_errno(err, DC_EIO, errno, "cannot read");
        if (n == 0)
            return dc_fail(err, DC_EIO, "the file became shorter while it was read");
        done += (size_t)n;
    }
    return 0;
}

static struct cap_elf *read_and_open(int fd, struct dc_error *err) {
    struct stat info;
    if (fstat(fd, &info)) {
        dc_fail_errno(err, DC_EIO, errno, "cannot read");
        return NULL;
    }
    if (!S_ISREG(info.st_mode)) {
        dc_fail(err, DC_EUSAGE, "not a regular file; an ELF executable is needed");
        return NULL;
    }
    if ((uint64_t)info.st_size > CAP_ELF_MAX_BYTES) {
        dc_fail(err, DC_ELIMIT, "larger than %llu MiB, the limit for a guest",
                (unsigned long long)(CAP_ELF_MAX_BYTES >> 20));
        return NULL;
    }
    size_t size = (size_t)info.st_size;
    uint8_t *bytes = malloc(size > 0 ? size : 1);
    if (!bytes) {
        dc_fail(err, DC_ENOMEM, "no memory for a file of %zu bytes", size);
        return NULL;
    }
    if (read_all(fd, bytes, size, err)) {
        free(bytes);
        return NULL;
    }
    return open_bytes(bytes, size, bytes, err);
}

struct cap_elf *cap_elf_open_file(const char *path, struct dc_error *err) {
    struct cap_elf *self = NULL;
    /* O_NONBLOCK: opening a FIFO must not wait for a writer. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) {
        dc_fail_errno(err, DC_EIO, errno, "cannot open the guest");
    } else {
        self = read_and_open(fd, err);
        close(fd);
    }
    if (!self && err)
        err->file = path;
    return self;
}

void cap_elf_free(struct cap_elf *elf) {
    if (!elf)
        return;
    elf_end(elf->elf);
    free(elf->owned);
    free(elf);
}

uint64_t cap_elf_entry(const struct cap_elf *elf) {
    return elf->entry;
}

uint64_t cap_elf_low(const struct cap_elf *elf) {
    return elf->low;
}

uint64_t cap_elf_high(const struct cap_elf *elf) {
    return elf->high;
}

void cap_elf_load(const struct cap_elf *elf, uint8_t *ram, uint64_t size) {
    for (size_t i = 0; i < elf->count; i++) {
        const struct segment *segment = &elf->segments[i];
        if (segment->address > size || segment->memory_bytes > size - segment->address)
            continue;
        uint8_t *to = ram + segment->address;
        memcpy(to, elf->bytes + segment->offset, segment->file_bytes);
        memset(to + segment->file_bytes, 0, segment->memory_bytes - segment->file_bytes);
    }
}

/* Looks at one symbol; true ends the walk. */
typedef bool visit_fn(void *context, const char *name, const GElf_Sym *symbol);

static bool walk_table(Elf *elf, Elf_Scn *section, const GElf_Shdr *header,
                       visit_fn *visit, void *context) {
    Elf_Data *data = elf_getdata(section, NULL);
    if (!data || header->sh_entsize != sizeof(Elf64_Sym))
        return false;
    size_t count = data->d_size / sizeof(Elf64_Sym);
    for (size_t i = 0; i < count && i <= INT32_MAX; i++) {
        GElf_Sym symbol;
        if (!gelf_getsym(data, (int)i, &symbol) || symbol.st_shndx == SHN_UNDEF)
            continue;
        const char *name = elf_strptr(elf, header->sh_link, symbol.st_name);
        if (name && visit(context, name, &symbol))
            return true;
    }
    return false;
}

/* Visits the defined symbols. Returns whether one of them ended it. */
static bool walk_symbols(const struct cap_elf *elf, visit_fn *visit, void *context) {
    Elf_Scn *section = NULL;
    while ((section = elf_nextscn(elf->elf, section)) != NULL) {
        GElf_Shdr header;
        if (gelf_getshdr(section, &header) && header.sh_type == SHT_SYMTAB &&
            walk_table(elf->elf, section, &header, visit, context))
            return true;
    }
    return false;
}

struct search {
    const char *name;
    struct cap_symbol *out;
};

static bool has_name(void *context, const char *name, const GElf_Sym *symbol) {
    struct search *search = context;
    if (strcmp(name, search->name) != 0)
        return false;
    *search->out =
        (struct cap_symbol){.value = symbol->st_value, .size = symbol->st_size};
    return true;
}

bool cap_elf_symbol(const struct cap_elf *elf, const char *name, struct cap_symbol *out) {
    struct search search = {name, out};
    return walk_symbols(elf, has_name, &search);
}

struct pages {
    const struct cap_symbol *owner;
    uint64_t first, last; /* of their bytes */
    bool owner_seen;
};

/* The last byte of something, even of what has no size. */
static uint64_t last_byte(uint64_t value, uint64_t size) {
    uint64_t more = size > 0 ? size - 1 : 0;
    return more > UINT64_MAX - value ? UINT64_MAX : value + more;
}

static bool is_neighbour(void *context, const char *name, const GElf_Sym *symbol) {
    struct pages *pages = context;
    unsigned char type = GELF_ST_TYPE(symbol->st_info);
    (void)name;

    if (type == STT_FUNC || type == STT_SECTION || type == STT_FILE ||
        symbol->st_shndx == SHN_ABS)
        return false;
    if (symbol->st_value == pages->owner->value &&
        symbol->st_size <= pages->owner->size) {
        pages->owner_seen = true;
        return false;
    }
    return symbol->st_value <= pages->last &&
           last_byte(symbol->st_value, symbol->st_size) >= pages->first;
}

bool cap_elf_alone_on_page(const struct cap_elf *elf, const struct cap_symbol *symbol) {
    struct pages pages = {
        .owner = symbol,
        .first = symbol->value & ~(PAGE - 1),
        .last = last_byte(symbol->value, symbol->size) | (PAGE - 1),
    };
    return !walk_symbols(elf, is_neighbour, &pages) && pages.owner_seen;
}

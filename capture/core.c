#include "capture/core.h"

#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture/core_notes.h"
#include "capture/mapping.h"
#include "lib/buf.h"

#define PAGE UINT64_C(4096)
#define CHUNK (256 * PAGE) /* copied at once; the looks at `cancel` are as far apart */

/* More program headers than 65534 need a place of their own to be counted. */
#define OTHER_HEADERS 2 /* the notes, and all of memory */
#define MOST_RANGES (PN_XNUM - 1 - OTHER_HEADERS)

static uint64_t round_up(uint64_t bytes) {
    return (bytes + PAGE - 1) & ~(PAGE - 1);
}

static int write_failed(struct dc_error *err, int why) {
    return dc_fail_errno(err, DC_EIO, why, "the memory image cannot be written");
}

static int write_all(int out, const void *bytes, size_t len, uint64_t offset,
                     struct dc_error *err) {
    const char *from = bytes;
    while (len > 0) {
        ssize_t n = pwrite(out, from, len, (off_t)offset);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return write_failed(err, n < 0 ? errno : EIO);
        from += n;
        len -= (size_t)n;
        offset += (uint64_t)n;
    }
    return 0;
}

/* ---- headers ---- */

/* Where the parts of the file begin. */
struct layout {
    uint64_t headers; /* program headers */
    uint64_t notes, note_bytes;
    uint64_t data, data_bytes;
};

static void add_header(struct dc_buf *buf, const Elf64_Phdr *header) {
    dc_buf_add(buf, (const char *)header, sizeof(*header));
}

static void add_load(struct dc_buf *buf, const struct layout *layout,
                     const struct cap_range *range) {
    Elf64_Phdr header = {
        .p_type = PT_LOAD,
        .p_flags = PF_R | (range->writable ? PF_W : 0u) | (range->executable ? PF_X : 0u),
        .p_offset = layout->data + range->physical,
        .p_vaddr = range->virtual,
        .p_paddr = range->physical,
        .p_filesz = range->bytes,
        .p_memsz = range->bytes,
        .p_align = PAGE,
    };
    add_header(buf, &header);
}

/* In ascending order: the window lies above the lower half of the canonical addresses and
   below the upper one. */
static void add_loads(struct dc_buf *buf, const struct layout *layout,
                      const struct cap_mapping *mapping) {
    struct cap_range window = {
        .virtual = CAP_CORE_WINDOW,
        .bytes = layout->data_bytes,
    };
    size_t i = 0;
    for (; i < mapping->count && mapping->ranges[i].virtual < CAP_CORE_WINDOW; i++)
        add_load(buf, layout, &mapping->ranges[i]);
    add_load(buf, layout, &window);
    for (; i < mapping->count; i++)
        add_load(buf, layout, &mapping->ranges[i]);
}

static void add_headers(struct dc_buf *buf, const struct layout *layout,
                        const struct cap_mapping *mapping) {
    Elf64_Ehdr file = {
        .e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB,
                    EV_CURRENT},
        .e_type = ET_CORE,
        .e_machine = EM_X86_64,
        .e_version = EV_CURRENT,
        .e_phoff = layout->headers,
        .e_ehsize = sizeof(file),
        .e_phentsize = sizeof(Elf64_Phdr),
        .e_phnum = (Elf64_Half)(mapping->count + OTHER_HEADERS),
    };
    Elf64_Phdr notes = {
        .p_type = PT_NOTE,
        .p_offset = layout->notes,
        .p_filesz = layout->note_bytes,
        .p_align = 4,
    };
    dc_buf_add(buf, (const char *)&file, sizeof(file));
    add_header(buf, &notes);
    add_loads(buf, layout, mapping);
}

/* All that stands before the data. *data is where that begins. */
static int write_front(int out, const struct cap_core *core,
                       const struct cap_mapping *mapping, uint64_t *data,
                       struct dc_error *err) {
    struct dc_buf notes, buf;
    dc_buf_init(&notes, dc_alloc_libc);
    dc_buf_init(&buf, dc_alloc_libc);
    cap_core_notes(&notes, core, mapping->complete);
    struct layout layout = {
        .headers = sizeof(Elf64_Ehdr),
        .notes =
            sizeof(Elf64_Ehdr) + (mapping->count + OTHER_HEADERS) * sizeof(Elf64_Phdr),
        .note_bytes = notes.len,
        .data_bytes = mapping->memory_bytes,
    };
    layout.data = *data = round_up(layout.notes + layout.note_bytes);
    add_headers(&buf, &layout, mapping);
    dc_buf_add(&buf, notes.data, notes.len);
    int rc = dc_buf_ok(&notes) && dc_buf_ok(&buf)
                 ? write_all(out, buf.data, buf.len, 0, err)
                 : dc_fail(err, DC_ENOMEM, "no memory for the headers of the image");
    dc_buf_done(&notes);
    dc_buf_done(&buf);
    return rc;
}

/* ---- data ---- */

/* One file into the other, `offset` further on. */
struct copy {
    int in, out;
    uint64_t bytes, offset;
    const atomic_int *cancel;
    char *chunk; /* CHUNK bytes */
};

static bool is_zero(const char *bytes, size_t len) {
    return len == 0 || (bytes[0] == 0 && memcmp(bytes, bytes + 1, len - 1) == 0);
}

static size_t page_at(size_t at, size_t len) {
    return len - at < PAGE ? len - at : (size_t)PAGE;
}

/* A guest that has read a page for the first time has made it, without writing to it:
   data to the file system, and still nothing but zeros. */
static int write_chunk(const struct copy *copy, size_t len, uint64_t from,
                       struct dc_error *err) {
    size_t at = 0;
    while (at < len) {
        size_t end = at;
        while (end < len && !is_zero(copy->chunk + end, page_at(end, len)))
            end += page_at(end, len);
        if (end > at && write_all(copy->out, copy->chunk + at, end - at,
                                  copy->offset + from + at, err))
            return -1;
        at = end < len ? end + page_at(end, len) : end;
    }
    return 0;
}

static int copy_extent(const struct copy *copy, uint64_t from, uint64_t end,
                       struct dc_error *err) {
    while (from < end) {
        size_t want = end - from < CHUNK ? (size_t)(end - from) : (size_t)CHUNK;
        if (copy->cancel && atomic_load(copy->cancel) != 0)
            return dc_fail(err, DC_EIO, "a signal stopped the writing of the image");
        ssize_t n = pread(copy->in, copy->chunk, want, (off_t)from);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return dc_fail_errno(err, DC_EIO, n < 0 ? errno : EIO,
                                 "the guest's memory cannot be read");
        if (write_chunk(copy, (size_t)n, from, err))
            return -1;
        from += (uint64_t)n;
    }
    return 0;
}

static int copy_extents(const struct copy *copy, struct dc_error *err) {
    uint64_t from = 0;
    while (from < copy->bytes) {
        off_t data = lseek(copy->in, (off_t)from, SEEK_DATA);
        if (data < 0 && errno == ENXIO) /* holes up to the end */
            break;
        off_t hole = data < 0 ? -1 : lseek(copy->in, data, SEEK_HOLE);
        if (hole < 0)
            return dc_fail_errno(err, DC_EIO, errno, "the guest's memory cannot be read");
        uint64_t end = (uint64_t)hole < copy->bytes ? (uint64_t)hole : copy->bytes;
        if (copy_extent(copy, (uint64_t)data, end, err))
            return -1;
        from = (uint64_t)hole;
    }
    /* The last pages may be a hole too. */
    if (ftruncate(copy->out, (off_t)(copy->offset + copy->bytes)))
        return write_failed(err, errno);
    return 0;
}

static int write_data(int out, const struct cap_core *core, uint64_t offset,
                      struct dc_error *err) {
    struct copy copy = {.out = out, .offset = offset, .cancel = core->cancel};
    copy.in = core->source->ops->memory_file(core->source, &copy.bytes);
    copy.chunk = malloc(CHUNK);
    if (!copy.chunk)
        return dc_fail(err, DC_ENOMEM, "no memory for the copying of the image");
    int rc = copy_extents(&copy, err);
    free(copy.chunk);
    return rc;
}

/* ---- all ---- */

static int check(int out, const struct cap_core *core, uint64_t *memory_bytes,
                 struct dc_error *err) {
    struct stat info;
    if (core->source->ops->memory_file(core->source, memory_bytes) < 0)
        return dc_fail(err, DC_ECANNOT, "this guest's memory is no file to copy");
    if (fstat(out, &info))
        return write_failed(err, errno);
    if (!S_ISREG(info.st_mode))
        return dc_fail(err, DC_EUSAGE, "a memory image must be a regular file");
    return 0;
}

int cap_core_write(int out, const struct cap_core *core, struct dc_error *err) {
    struct cap_mapping mapping;
    uint64_t memory_bytes, data;

    if (check(out, core, &memory_bytes, err) ||
        cap_mapping_read(&mapping, core->source, core->root, memory_bytes, MOST_RANGES,
                         err))
        return -1;
    int rc = write_front(out, core, &mapping, &data, err);
    if (rc == 0)
        rc = write_data(out, core, data, err);
    cap_mapping_close(&mapping);
    return rc;
}

#include "capture/core_notes.h"

#include <elf.h>
#include <string.h>
#include <sys/procfs.h>
#include <sys/user.h>

#include "lib/writer.h"

/* Name and text are both padded to 4 bytes: System V gABI, "Note Section". */
static void pad(struct dc_buf *buf, size_t len) {
    static const char zeros[4];
    dc_buf_add(buf, zeros, (4 - len % 4) % 4);
}

static void add_note(struct dc_buf *buf, const char *name, uint32_t type,
                     const void *text, size_t len) {
    Elf64_Nhdr head = {
        .n_namesz = (Elf64_Word)strlen(name) + 1,
        .n_descsz = (Elf64_Word)len,
        .n_type = type,
    };
    dc_buf_add(buf, (const char *)&head, sizeof(head));
    dc_buf_add(buf, name, head.n_namesz);
    pad(buf, head.n_namesz);
    dc_buf_add(buf, text, len);
    pad(buf, len);
}

/* ---- threads ---- */

static struct user_regs_struct regs_of(const struct cap_registers *registers) {
    const struct kvm_regs *general = &registers->general;
    const struct kvm_sregs *system = &registers->system;
    return (struct user_regs_struct){
        .r15 = general->r15,
        .r14 = general->r14,
        .r13 = general->r13,
        .r12 = general->r12,
        .rbp = general->rbp,
        .rbx = general->rbx,
        .r11 = general->r11,
        .r10 = general->r10,
        .r9 = general->r9,
        .r8 = general->r8,
        .rax = general->rax,
        .rcx = general->rcx,
        .rdx = general->rdx,
        .rsi = general->rsi,
        .rdi = general->rdi,
        .orig_rax = UINT64_MAX, /* it is in no system call */
        .rip = general->rip,
        .cs = system->cs.selector,
        .eflags = general->rflags,
        .rsp = general->rsp,
        .ss = system->ss.selector,
        .fs_base = system->fs.base,
        .gs_base = system->gs.base,
        .ds = system->ds.selector,
        .es = system->es.selector,
        .fs = system->fs.selector,
        .gs = system->gs.selector,
    };
}

static void add_thread(struct dc_buf *buf, const struct cap_core_vcpu *vcpu) {
    struct user_regs_struct regs = regs_of(vcpu->registers);
    struct elf_prstatus status;

    _Static_assert(sizeof(status.pr_reg) == sizeof(regs), "both are 27 registers");
    memset(&status, 0, sizeof(status)); /* the gaps too: they go to a file */
    status.pr_pid = (pid_t)vcpu->id + 1;
    memcpy(status.pr_reg, &regs, sizeof(regs));
    add_note(buf, "CORE", NT_PRSTATUS, &status, sizeof(status));
}

/* ---- ours ---- */

static void write_ids(struct dc_writer *w, const char *name, const struct cap_core *core,
                      bool parked, bool has_registers) {
    dc_write_name(w, name);
    dc_write_open(w, '[');
    for (uint32_t i = 0; i < core->count; i++) {
        const struct cap_core_vcpu *vcpu = &core->vcpus[i];
        if (vcpu->parked == parked && (vcpu->registers != NULL) == has_registers)
            dc_write_u64(w, vcpu->id);
    }
    dc_write_close(w, ']');
}

static bool is_running(const struct cap_core *core) {
    for (uint32_t i = 0; i < core->count; i++)
        if (!core->vcpus[i].parked)
            return true;
    return false;
}

static void write_own(struct dc_writer *w, const struct cap_core *core, bool complete) {
    dc_write_open(w, '{');
    dc_write_name(w, "version");
    dc_write_text(w, DUMPCTL_VERSION);
    dc_write_name(w, "guest");
    dc_write_text(w, core->guest);
    write_ids(w, "threads", core, true, true);
    write_ids(w, "unavailable", core, true, false);
    write_ids(w, "not_parked", core, false, false);
    dc_write_name(w, "guest_running_while_copied");
    dc_write_bool(w, is_running(core));
    dc_write_name(w, "page_table");
    dc_write_address(w, core->root);
    dc_write_name(w, "physical_window");
    dc_write_address(w, CAP_CORE_WINDOW);
    dc_write_name(w, "mappings_complete");
    dc_write_bool(w, complete);
    dc_write_close(w, '}');
}

static void add_own(struct dc_buf *buf, const struct cap_core *core, bool complete) {
    struct dc_buf text;
    struct dc_writer w;

    dc_buf_init(&text, buf->alloc);
    dc_writer_init(&w, dc_buf_sink(&text), true, false);
    write_own(&w, core, complete);
    if (dc_writer_finish(&w) == 0 && dc_buf_ok(&text))
        add_note(buf, "dumpctl", CAP_NOTE_DUMPCTL, text.data, text.len);
    else
        buf->failed = true;
    dc_buf_done(&text);
}

void cap_core_notes(struct dc_buf *buf, const struct cap_core *core, bool complete) {
    for (uint32_t i = 0; i < core->count; i++)
        if (core->vcpus[i].parked && core->vcpus[i].registers)
            add_thread(buf, &core->vcpus[i]);
    add_own(buf, core, complete);
}

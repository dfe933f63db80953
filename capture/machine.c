#include "capture/machine.h"

#include <errno.h>
#include <linux/kvm.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "capture/boot.h"
#include "capture/clock.h"
#include "capture/futex.h"
#include "capture/host.h"
#include "capture/kvm.h"
#include "capture/machine_setup.h"
#include "capture/ram.h"
#include "capture/vcpu.h"

#define API_VERSION 12
#define SPARE_FILES 32 /* for the report, terminals, pipes */
#define TSS_ADDRESS UINT64_C(0xfffbd000)
#define START_LIMIT_NS CAP_NS_PER_S
#define STOP_LIMIT_NS (10 * CAP_NS_PER_S)
#define REKICK_NS (10 * CAP_NS_PER_MS)

struct cap_machine {
    struct cap_source source; /* first: a source is a machine */
    struct cap_vcpu_shared shared;
    struct guest_boot boot;
    struct cap_ram ram; /* boot.memory_bytes */
    struct cap_guest_clock clock;
    struct cap_watches watches;
    int kvm, vm;
    uint32_t count;
    struct cap_vcpu *vcpus;
    struct cap_fault_page fault;
    struct sigaction old_action;
    bool catching; /* old_action is to be put back */
    bool lost;     /* a thread did not end: what it uses stays */
};

static struct cap_machine *machine_of(struct cap_source *source) {
    return (struct cap_machine *)source;
}

/* ---- the machine itself ---- */

static int create_vm(struct cap_machine *self, struct dc_error *err) {
    do
        self->vm = ioctl(self->kvm, KVM_CREATE_VM, 0);
    while (self->vm < 0 && errno == EINTR);
    self->clock.vm = self->vm;
    if (self->vm < 0)
        return dc_fail_errno(err, DC_ECANNOT, errno, "KVM cannot create a machine");
    /* Intel hosts need three pages of their own; the others do not mind. */
    if (cap_kvm_has(self->vm, KVM_CAP_SET_TSS_ADDR) &&
        ioctl(self->vm, KVM_SET_TSS_ADDR, TSS_ADDRESS))
        return dc_fail_errno(err, DC_EINTERNAL, errno, "KVM_SET_TSS_ADDR failed");
    return 0;
}

static int check_vcpus(const struct cap_machine *self, struct dc_error *err) {
    int most = cap_kvm_has(self->vm, KVM_CAP_MAX_VCPUS);
    if (most == 0)
        most = cap_kvm_has(self->vm, KVM_CAP_NR_VCPUS);
    if (most == 0)
        most = 4; /* what the kernel's documentation says to assume */
    if (self->count == 0)
        return dc_fail(err, DC_EUSAGE, "a machine needs at least 1 vCPU");
    if (self->count > (uint32_t)most)
        return dc_fail(err, DC_EUSAGE, "%u vCPUs are too many; KVM allows 1 to %d here",
                       self->count, most);
    return 0;
}

/* ---- memory ---- */

static uint64_t round_up_mib(uint64_t bytes) {
    return (bytes + (UINT64_C(1) << 20) - 1) >> 20;
}

static int check_memory(const struct cap_machine *self, const struct cap_elf *elf,
                        struct dc_error *err) {
    uint64_t bytes = self->boot.memory_bytes;
    uint64_t stacks = cap_boot_stacks(bytes, self->count);
    uint64_t high = cap_elf_high(elf);

    if (bytes < CAP_MEMORY_MIN || bytes > CAP_MEMORY_MAX)
        return dc_fail(err, DC_EUSAGE, "memory must be %llu to %llu MiB",
                       (unsigned long long)(CAP_MEMORY_MIN >> 20),
                       (unsigned long long)(CAP_MEMORY_MAX >> 20));
    if (cap_elf_low(elf) < GUEST_MEMORY_START)
        return dc_fail(err, DC_EUSAGE,
                       "the guest is linked to 0x%llx, but its memory begins at 0x%llx",
                       (unsigned long long)cap_elf_low(elf),
                       (unsigned long long)GUEST_MEMORY_START);
    if (high > CAP_MEMORY_MAX)
        return dc_fail(err, DC_EUSAGE,
                       "the guest is linked up to 0x%llx, but memory can end at 0x%llx "
                       "at most",
                       (unsigned long long)high, (unsigned long long)CAP_MEMORY_MAX);
    if (stacks == 0 || high > stacks)
        return dc_fail(
            err, DC_EUSAGE,
            "%llu MiB of memory are too little for this guest with %u vCPUs; "
            "use --memory %llu or more",
            (unsigned long long)(bytes >> 20), self->count,
            (unsigned long long)round_up_mib(high + self->count * GUEST_STACK_BYTES));
    return 0;
}

static int create_memory(struct cap_machine *self, struct dc_error *err) {
    if (cap_ram_open(&self->ram, self->boot.memory_bytes, err))
        return -1;
    return cap_ram_plug(&self->ram, self->vm, err);
}

/* ---- vCPUs ---- */

static int open_vcpu(struct cap_machine *self, struct cap_vcpu *vcpu, uint32_t id,
                     struct dc_error *err) {
    int run_bytes = ioctl(self->kvm, KVM_GET_VCPU_MMAP_SIZE, 0);

    vcpu->id = id;
    vcpu->shared = &self->shared;
    vcpu->fd = ioctl(self->vm, KVM_CREATE_VCPU, (unsigned long)id);
    if (vcpu->fd < 0)
        return dc_fail_errno(err, DC_ECANNOT, errno, "KVM cannot create vCPU %u", id);
    if (run_bytes < (int)sizeof(struct kvm_run))
        return dc_fail(err, DC_EINTERNAL, "KVM_GET_VCPU_MMAP_SIZE failed");
    void *run =
        mmap(NULL, (size_t)run_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu->fd, 0);
    if (run == MAP_FAILED)
        return dc_fail_errno(err, DC_ENOMEM, errno, "cannot map vCPU %u", id);
    vcpu->run = run;
    vcpu->run_bytes = (size_t)run_bytes;
    return 0;
}

static int create_vcpus(struct cap_machine *self, const struct cap_machine_config *config,
                        struct dc_error *err) {
    struct kvm_cpuid2 *cpuid = cap_setup_cpuid(self->kvm, err);
    int result = cpuid ? 0 : -1;

    for (uint32_t id = 0; id < self->count && result == 0; id++) {
        struct cap_vcpu *vcpu = &self->vcpus[id];
        vcpu->stuck = cap_id_list_has(&config->inject->stuck, id);
        vcpu->unreadable = cap_id_list_has(&config->inject->unreadable, id);
        vcpu->late_ms = cap_late_ms(&config->inject->late, id);
        enum cap_cpu_kind kind = cap_id_list_has(&config->inject->fault, id)
                                     ? CAP_CPU_FAULT
                                     : cap_guest_cpu(config->guest, id);
        result = open_vcpu(self, vcpu, id, err);
        if (result == 0 && ioctl(vcpu->fd, KVM_SET_CPUID2, cpuid))
            result = dc_fail_errno(err, DC_EINTERNAL, errno, "KVM_SET_CPUID2 failed");
        if (result == 0)
            result = cap_setup_vcpu(vcpu->fd, id, kind, &self->boot, config->guest, err);
    }
    free(cpuid);
    return result;
}

/* ---- making ---- */

static int add_fault_page(struct cap_machine *self, const struct cap_inject *inject,
                          struct dc_error *err) {
    if (inject->fault.count == 0)
        return 0;
    if (cap_fault_page_open(&self->fault, err))
        return -1;
    return cap_ram_map(self->vm, CAP_RAM_SLOTS, CAP_FAULT_PAGE, self->fault.address,
                       self->fault.bytes, err);
}

static int build(struct cap_machine *self, const struct cap_machine_config *config,
                 struct dc_error *err) {
    const char *path = config->kvm_path ? config->kvm_path : "/dev/kvm";

    if ((self->kvm = cap_kvm_open(path, err)) < 0 || create_vm(self, err) ||
        cap_setup_irqchip(self->vm, config->guest, err) || check_vcpus(self, err) ||
        check_memory(self, config->guest->elf, err) ||
        cap_host_reserve_files(self->count + SPARE_FILES, err))
        return -1;
    self->vcpus = calloc(self->count, sizeof(*self->vcpus));
    if (!self->vcpus)
        return dc_fail(err, DC_ENOMEM, "no memory for %u vCPUs", self->count);
    for (uint32_t id = 0; id < self->count; id++)
        self->vcpus[id].fd = -1;
    self->source.board = self->shared.board = cap_board_new(self->count, err);
    int sets = cap_kvm_has(self->kvm, KVM_CAP_SYNC_REGS);
    self->shared.sync_regs = (sets & CAP_SYNC_SETS) == CAP_SYNC_SETS;
    self->shared.watches = &self->watches;
    if (!self->shared.board || create_memory(self, err) ||
        cap_watches_open(&self->watches, &self->ram, self->shared.board, err) ||
        add_fault_page(self, config->inject, err) || create_vcpus(self, config, err) ||
        cap_setup_boot(&self->boot, self->vcpus[0].fd, config, err))
        return -1;
    cap_boot_write(self->ram.bytes, &self->boot);
    cap_elf_load(config->guest->elf, self->ram.bytes, self->ram.size);
    return 0;
}

/* ---- the source ---- */

static int stop(struct cap_source *source, struct dc_error *err);

/*
 * Lets all vCPUs begin at once, when each thread has got a processor for the first time.
 * Without this gate those that are there first fill the processors, and the last of some
 * hundreds is still unborn, and cannot be given a priority, when the first freeze comes.
 */
static void open_gate(struct cap_machine *self) {
    uint64_t limit = cap_now_ns() + START_LIMIT_NS;
    for (uint32_t id = 0; id < self->count; id++)
        while (atomic_load(&self->vcpus[id].tid) == 0 && cap_now_ns() < limit)
            usleep(100);
    atomic_store(&self->shared.go, 1);
    cap_futex_wake_all(&self->shared.go);
}

static int start(struct cap_source *source, struct dc_error *err) {
    struct cap_machine *self = machine_of(source);

    cap_vcpu_catch_kicks(&self->old_action);
    self->catching = true;
    for (uint32_t id = 0; id < self->count; id++) {
        if (cap_vcpu_start(&self->vcpus[id], err)) {
            stop(source, NULL);
            return -1;
        }
    }
    open_gate(self);
    return 0;
}

static uint32_t vcpu_count(const struct cap_source *source) {
    return ((const struct cap_machine *)source)->count;
}

static void kick(struct cap_source *source, uint32_t id) {
    cap_vcpu_kick(&machine_of(source)->vcpus[id]);
}

static int hurry(struct cap_source *source, uint32_t id, bool on) {
    return cap_vcpu_hurry(&machine_of(source)->vcpus[id], on);
}

static void collect(struct cap_source *source, uint32_t id, struct cap_vcpu_facts *out) {
    cap_vcpu_facts(&machine_of(source)->vcpus[id], out);
}

static bool read_memory(struct cap_source *source, uint64_t address, void *to,
                        size_t bytes) {
    return cap_ram_read(&machine_of(source)->ram, address, to, bytes);
}

static int memory_file(struct cap_source *source, uint64_t *bytes) {
    struct cap_machine *self = machine_of(source);
    *bytes = self->boot.memory_bytes;
    return cap_ram_fd(&self->ram);
}

/* All vCPUs have the one that they were started with: code at CPL 3 cannot change it. */
static uint64_t page_table(struct cap_source *source) {
    (void)source;
    return CAP_BOOT_PAGE_TABLE;
}

static enum cap_life life(struct cap_source *source, uint32_t *vcpu) {
    uint64_t event = atomic_load(&machine_of(source)->shared.event);
    if (vcpu)
        *vcpu = (uint32_t)event;
    return (enum cap_life)(event >> 32);
}

static struct cap_full *full_new(struct cap_source *source, struct dc_error *err) {
    const struct cap_machine *self = machine_of(source);
    return cap_full_new(self->kvm, self->vm, self->count, err);
}

static void full_take(struct cap_source *source, struct cap_full *full, uint32_t id) {
    cap_full_take(full, id, machine_of(source)->vcpus[id].fd);
}

static void settled(struct cap_source *source) {
    cap_guest_clock_save(&machine_of(source)->clock);
}

static void clock_facts(struct cap_source *source, struct cap_clock_facts *out) {
    *out = machine_of(source)->clock.facts;
}

/* The clock is saved only where all vCPUs are parked: none of them is busy with an ioctl. */
static void thaw(struct cap_source *source) {
    struct cap_machine *self = machine_of(source);

    for (uint32_t id = 0; id < self->count; id++)
        cap_guest_clock_tell(&self->clock, self->vcpus[id].fd);
    cap_guest_clock_restore(&self->clock);
    cap_board_close(self->shared.board);
}

/* Kicks all threads that still run. Returns how many there are. */
static uint32_t kick_to_end(struct cap_machine *self) {
    uint32_t running = 0;
    for (uint32_t id = 0; id < self->count; id++) {
        struct cap_vcpu *vcpu = &self->vcpus[id];
        if (!vcpu->started || atomic_load(&vcpu->done))
            continue;
        running++;
        cap_vcpu_kick(vcpu);
    }
    return running;
}

static int stop(struct cap_source *source, struct dc_error *err) {
    struct cap_machine *self = machine_of(source);
    uint64_t limit = cap_now_ns() + STOP_LIMIT_NS;
    uint64_t pause_ns = CAP_NS_PER_MS; /* then twice as long each time */
    uint32_t running;

    atomic_store(&self->shared.quit, true);
    cap_board_close(self->shared.board);
    cap_fault_page_release(&self->fault);
    while ((running = kick_to_end(self)) > 0 && cap_now_ns() < limit) {
        usleep((useconds_t)(pause_ns / CAP_NS_PER_US));
        pause_ns = pause_ns * 2 < REKICK_NS ? pause_ns * 2 : REKICK_NS;
    }
    if (running > 0) {
        self->lost = true;
        return dc_fail(err, DC_EINTERNAL, "the threads of %u vCPUs do not end", running);
    }
    for (uint32_t id = 0; id < self->count; id++)
        cap_vcpu_join(&self->vcpus[id]);
    if (self->catching)
        cap_vcpu_uncatch_kicks(&self->old_action);
    self->catching = false;
    return 0;
}

/* ---- watches ---- */

/* Can no vCPU get into the guest before the coordinator lets it? */
static bool is_still(const struct cap_machine *self) {
    uint32_t epoch = cap_board_wanted(self->shared.board);

    if (atomic_load(&self->shared.go) == 0)
        return true;
    for (uint32_t id = 0; id < self->count; id++)
        if (epoch == 0 || !cap_board_parked(self->shared.board, id, epoch))
            return false;
    return true;
}

static int watch(struct cap_source *source, unsigned index, enum cap_watch_kind kind,
                 const struct cap_watch_request *request, struct dc_error *err) {
    struct cap_machine *self = machine_of(source);
    bool still = is_still(self);
    int result = cap_watches_set(&self->watches, index, kind, request, still, err);

    for (uint32_t id = 0; id < self->count && result >= 0 && !still; id++)
        cap_vcpu_kick(&self->vcpus[id]);
    return result;
}

static bool watch_hit(struct cap_source *source, unsigned index,
                      struct cap_watch_hit *out) {
    return cap_watches_hit(&machine_of(source)->watches, index, out);
}

static void watch_reset(struct cap_source *source, unsigned index) {
    cap_watches_reset(&machine_of(source)->watches, index);
}

static enum cap_watch_kind watch_kind(struct cap_source *source, unsigned index,
                                      struct cap_watch_arming *out) {
    struct cap_machine *self = machine_of(source);
    struct cap_watch_arming arming = {0};

    for (uint32_t id = 0; id < self->count; id++)
        if (!cap_watches_arming(&self->watches, index, id, &arming) &&
            atomic_load(&self->vcpus[id].life) == CAP_RUNNING)
            arming.pending++;
    if (out)
        *out = arming;
    return self->watches.watch[index].kind;
}

static const struct cap_source_ops machine_ops = {
    .start = start,
    .vcpu_count = vcpu_count,
    .kick = kick,
    .hurry = hurry,
    .collect = collect,
    .read_memory = read_memory,
    .memory_file = memory_file,
    .page_table = page_table,
    .life = life,
    .watch = watch,
    .watch_hit = watch_hit,
    .watch_reset = watch_reset,
    .watch_kind = watch_kind,
    .full_new = full_new,
    .full_take = full_take,
    .settled = settled,
    .clock = clock_facts,
    .thaw = thaw,
    .stop = stop,
};

/* ---- life ---- */

struct cap_machine *cap_machine_new(const struct cap_machine_config *config,
                                    struct dc_error *err) {
    struct cap_machine *self = calloc(1, sizeof(*self));
    if (!self) {
        dc_fail(err, DC_ENOMEM, "no memory for a machine");
        return NULL;
    }
    self->source.ops = &machine_ops;
    self->kvm = self->vm = -1;
    self->ram = CAP_RAM_NONE;
    self->fault = CAP_FAULT_PAGE_NONE;
    self->count = config->vcpus;
    self->boot.cpus = config->vcpus;
    self->boot.memory_bytes = config->memory_bytes;
    if (build(self, config, err)) {
        (void)cap_machine_free(self);
        return NULL;
    }
    return self;
}

struct cap_source *cap_machine_source(struct cap_machine *machine) {
    return &machine->source;
}

void cap_machine_set_doorbell(struct cap_machine *machine,
                              const struct cap_doorbell *doorbell) {
    machine->shared.request = doorbell;
}

static void close_file(int fd) {
    if (fd >= 0)
        close(fd);
}

bool cap_machine_free(struct cap_machine *machine) {
    if (!machine)
        return true;
    if (machine->catching && !machine->lost)
        stop(&machine->source, NULL);
    if (machine->lost)
        return false; /* a thread still uses it all: leaking is the lesser evil */
    for (uint32_t id = 0; machine->vcpus && id < machine->count; id++) {
        if (machine->vcpus[id].run)
            munmap(machine->vcpus[id].run, machine->vcpus[id].run_bytes);
        close_file(machine->vcpus[id].fd);
    }
    close_file(machine->vm);
    close_file(machine->kvm);
    cap_watches_close(&machine->watches);
    cap_ram_close(&machine->ram);
    cap_fault_page_close(&machine->fault);
    cap_board_free(machine->shared.board);
    free(machine->vcpus);
    free(machine);
    return true;
}

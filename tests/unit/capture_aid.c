#include "tests/unit/capture_aid.h"

#include <dirent.h>
#include <elf.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "capture/guests/guest.h"
#include "capture/report.h"

static long entries(const char *path) {
    long count = 0;
    DIR *dir = opendir(path);
    while (dir && readdir(dir))
        count++;
    if (dir)
        closedir(dir);
    return count;
}

/* A thread that was joined may stay listed for a moment. */
static long threads_settled_to(long want) {
    long now = entries("/proc/self/task");
    for (int i = 0; now != want && i < 1000; i++) {
        usleep(1000);
        now = entries("/proc/self/task");
    }
    return now;
}

int aid_make_guest(const uint8_t *code, size_t size, char path[AID_PATH]) {
    struct {
        Elf64_Ehdr header;
        Elf64_Phdr segment;
        uint8_t code[64];
    } file = {
        .header = {.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
                   .e_type = ET_EXEC,
                   .e_machine = EM_X86_64,
                   .e_version = EV_CURRENT,
                   .e_entry = GUEST_MEMORY_START,
                   .e_phoff = sizeof(Elf64_Ehdr),
                   .e_ehsize = sizeof(Elf64_Ehdr),
                   .e_phentsize = sizeof(Elf64_Phdr),
                   .e_phnum = 1},
        .segment = {.p_type = PT_LOAD,
                    .p_flags = PF_R | PF_X,
                    .p_offset = sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr),
                    .p_vaddr = GUEST_MEMORY_START,
                    .p_filesz = 64,
                    .p_memsz = 64},
    };
    memcpy(file.code, code, size);
    int fd = memfd_create("guest", MFD_CLOEXEC);
    if (fd < 0 || write(fd, &file, sizeof(file)) != (ssize_t)sizeof(file)) {
        printf("# cannot make a guest\n");
        return -1;
    }
    snprintf(path, AID_PATH, "/proc/self/fd/%d", fd);
    return fd;
}

static void *say_tid(void *arg) {
    *(pid_t *)arg = gettid();
    return NULL;
}

/* ThreadSanitizer has a thread of its own from the first thread on: let it come before
   threads are counted, and let ours go, which may stay listed for a moment after the join. */
static void start_one_thread(void) {
    char path[AID_PATH];
    pthread_t thread;
    pid_t tid = 0;
    if (pthread_create(&thread, NULL, say_tid, &tid) == 0)
        pthread_join(thread, NULL);
    snprintf(path, sizeof(path), "/proc/self/task/%d", tid);
    for (int i = 0; access(path, F_OK) == 0 && i < 1000; i++)
        usleep(1000);
}

static struct cap_result copy_result(const struct cap_result *from) {
    struct cap_result copy = *from;
    size_t bytes = from->vcpu_count * sizeof(*from->vcpus);
    copy.vcpus = malloc(bytes);
    if (copy.vcpus)
        memcpy(copy.vcpus, from->vcpus, bytes);
    for (uint32_t id = 0; copy.vcpus && id < copy.vcpu_count; id++)
        copy.vcpus[id].why.look = NULL;
    copy.looks = NULL;
    copy.full = NULL;
    copy.dump = NULL;
    return copy;
}

static void copy_dual(struct aid_document *to, const struct cap_dual *dual) {
    to->dual = true;
    to->has_early = dual->early != NULL;
    if (dual->early)
        to->early = copy_result(dual->early);
    to->early_max_age_jiffies = dual->early_max_age_jiffies;
    to->early_threshold_jiffies = dual->early_threshold_jiffies;
    snprintf(to->early_skipped_reason, sizeof(to->early_skipped_reason), "%s",
             dual->early_skipped_reason ? dual->early_skipped_reason : "");
}

int aid_deliver(void *context, const struct cap_document *document,
                struct cap_delivery *out) {
    struct aid_documents *documents = context;
    if (documents->refuse > 0) {
        documents->refuse--;
        return -1;
    }
    documents->list =
        realloc(documents->list, (documents->count + 1) * sizeof(*documents->list));
    struct aid_document *copy = &documents->list[documents->count++];
    *copy = (struct aid_document){.sibling = document->tag != NULL};
    snprintf(copy->tag, sizeof(copy->tag), "%s", document->tag ? document->tag : "");
    dc_buf_init(&copy->text, dc_alloc_libc);
    CHECK_EQ_I64(cap_report_write(dc_buf_sink(&copy->text), true, document), 0);
    copy->result = copy_result(document->result);
    if (document->dual)
        copy_dual(copy, document->dual);
    snprintf(out->path, sizeof(out->path), "report-%zu", documents->count);
    snprintf(out->tag, sizeof(out->tag), "%s", copy->tag);
    return 0;
}

const struct aid_document *aid_document(const struct aid_documents *documents,
                                        const char *tag) {
    for (size_t i = 0; i < documents->count; i++) {
        const struct aid_document *document = &documents->list[i];
        if (document->sibling == (tag != NULL) &&
            (!tag || strcmp(document->tag, tag) == 0))
            return document;
    }
    return NULL;
}

void aid_documents_free(struct aid_documents *documents) {
    for (size_t i = 0; i < documents->count; i++) {
        dc_buf_done(&documents->list[i].text);
        free(documents->list[i].result.vcpus);
        free(documents->list[i].early.vcpus);
    }
    free(documents->list);
    *documents = (struct aid_documents){0};
}

struct aid_run aid_capture(const struct cap_options *options) {
    struct aid_run run = {0};
    struct cap_options own = *options;
    start_one_thread();
    long files = entries("/proc/self/fd"), threads = entries("/proc/self/task");

    own.deliver = aid_deliver;
    own.deliver_context = &run.documents;
    run.failed = cap_run(&own, &run.end, &run.err);
    if (run.failed)
        printf("# refused: %s\n", run.err.message);
    run.files = entries("/proc/self/fd") - files;
    run.threads = threads_settled_to(threads) - threads;
    return run;
}

#include "tests/unit/capture_aid.h"

#include <dirent.h>
#include <elf.h>
#include <pthread.h>
#include <sys/mman.h>

#include "capture/guests/guest.h"

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

struct aid_run aid_capture(const struct cap_options *options, struct cap_result *result) {
    struct aid_run run = {0};
    start_one_thread();
    long files = entries("/proc/self/fd"), threads = entries("/proc/self/task");

    *result = (struct cap_result){0};
    run.failed = cap_run(options, result, &run.err);
    if (run.failed)
        printf("# refused: %s\n", run.err.message);
    run.files = entries("/proc/self/fd") - files;
    run.threads = threads_settled_to(threads) - threads;
    return run;
}

/*
 * Stands in for libFuzzer's main: feeds every file named on the command line, or found
 * below a folder named there, to the fuzz target once, and reports the whole as one TAP
 * test. Part of `make check`, so that no input that once broke something can do so again
 * unseen.
 */
#include <errno.h>
#include <ftw.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The input at work; read by the signal handler, hence not on the stack of anyone. */
static char current[4096];
static unsigned fed, unreadable;

/* Names the input that broke the target; the default action then ends the program. */
static void on_crash(int signo) {
    static const char head[] = "# broken by ";

    if (write(STDOUT_FILENO, head, sizeof(head) - 1) < 0 ||
        write(STDOUT_FILENO, current, strlen(current)) < 0 ||
        write(STDOUT_FILENO, "\n", 1) < 0)
        _exit(2);
    raise(signo);
}

static void watch_crashes(void) {
    static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGALRM};
    struct sigaction action = {.sa_handler = on_crash, .sa_flags = SA_RESETHAND};

    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
        sigaction(signals[i], &action, NULL);
}

/* Reads a whole file into memory of exactly its size, so that ASan sees a read beyond it.
 */
static uint8_t *read_whole(const char *path, size_t size) {
    uint8_t *bytes = malloc(size > 0 ? size : 1);
    FILE *file = fopen(path, "rb");

    if (bytes != NULL && file != NULL && fread(bytes, 1, size, file) != size) {
        free(bytes);
        bytes = NULL;
    }
    if (file != NULL)
        fclose(file);
    return file != NULL ? bytes : (free(bytes), NULL);
}

static int feed(const char *path, const struct stat *info, int kind, struct FTW *where) {
    uint8_t *bytes;

    (void)where;
    if (kind != FTW_F || !S_ISREG(info->st_mode))
        return 0;
    bytes = read_whole(path, (size_t)info->st_size);
    if (bytes == NULL) {
        printf("# cannot read %s: %s\n", path, strerror(errno));
        unreadable++;
        return 0;
    }
    snprintf(current, sizeof(current), "%s", path);
    alarm(20); /* an endless loop is a crash too */
    LLVMFuzzerTestOneInput(bytes, (size_t)info->st_size);
    alarm(0);
    free(bytes);
    fed++;
    return 0;
}

int main(int argc, char **argv) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    watch_crashes();
    for (int i = 1; i < argc; i++) {
        if (nftw(argv[i], feed, 16, FTW_PHYS) != 0) {
            printf("# cannot walk %s: %s\n", argv[i], strerror(errno));
            unreadable++;
        }
    }
    printf("%s 1 - %u inputs\n1..1\n", fed > 0 && unreadable == 0 ? "ok" : "not ok", fed);
    return fed > 0 && unreadable == 0 ? 0 : 1;
}

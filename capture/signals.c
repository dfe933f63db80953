#include "capture/signals.h"

#include <stddef.h>

void cap_signals_block(sigset_t *old, int open) {
    static const int stay[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT};
    sigset_t block;

    sigfillset(&block);
    for (size_t i = 0; i < sizeof(stay) / sizeof(stay[0]); i++)
        sigdelset(&block, stay[i]);
    if (open != 0)
        sigdelset(&block, open);
    pthread_sigmask(SIG_SETMASK, &block, old);
}

/*
 * stats_aid: the scripted scheduler (tests/aid/stats_script.h) beside a test, and a client
 * that asks it.
 */
#ifndef TESTS_UNIT_STATS_AID_H
#define TESTS_UNIT_STATS_AID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "capture/stats_client.h"
#include "tests/unit/control_aid.h"

#define AID_PLENTY_MS 30000 /* for what must be answered: far more than it takes */

struct aid_scheduler {
    char path[AID_SOCKET]; /* of its socket, in a folder of its own */
    char log[AID_SOCKET];  /* requests, a line each */
    pid_t pid;             /* 0: it has ended */
};

/* The words of a script. */
#define AID_SCRIPT(...) ((const char *const[]){__VA_ARGS__, NULL})

/* A scheduler in a new folder, ready; and one at the same path after another. Abort where
   the program cannot be started. */
void aid_scheduler_begin(struct aid_scheduler *self, const char *const *words);
void aid_scheduler_again(struct aid_scheduler *self, const char *const *words);

/* Ends it as a crash would, and waits for it. */
void aid_scheduler_kill(struct aid_scheduler *self);

/* Waits until it has ended by itself; false: it had not after 10 s. */
bool aid_scheduler_wait(struct aid_scheduler *self);

/* Kills it if it still runs, and removes the folder. */
void aid_scheduler_end(struct aid_scheduler *self);

/* Requests that have come so far, and waits (10 s at most) until so many have. */
size_t aid_scheduler_asked(const struct aid_scheduler *self);
bool aid_scheduler_wait_asked(const struct aid_scheduler *self, size_t n);

/* A client, with the C library's memory. Aborts without one. */
struct cap_stats *aid_client(const struct aid_scheduler *scheduler, uint64_t timeout_ms);

/* Asks for statistics with the argument id=ID, or with none where it is NULL. The answer's
   JSON as a string; it and *answer (may be NULL) are good until the next call. */
const char *aid_ask_stats(struct cap_stats *client, const char *id,
                          struct cap_stats_answer *answer);

/* The same with a request whose line has `size` bytes with its newline, 35 at least. */
const char *aid_ask_of_size(struct cap_stats *client, struct cap_stats_answer *answer,
                            size_t size);

/* What the step "echo" makes of request `id`, the `n`th that came. */
const char *aid_echo(unsigned n, const char *id);

/* A NoScheduler whose reason names the socket and has `word` in it? Prints it if not. */
bool aid_is_about(const struct aid_scheduler *scheduler, const char *json,
                  const char *word);

/* Does the answer begin so? Prints it if not. */
bool aid_begins(const char *json, const char *want);

/* The only connected socket of this process, or -1; bytes that wait in it to be read; and
   waits (10 s at most) until that many do. */
int aid_find_socket(void);
size_t aid_waiting(int fd);
bool aid_wait_bytes(int fd, size_t n);

/* Waits (10 s at most) until the other side has closed. */
bool aid_wait_closed(int fd);

/* Descriptors of this process. */
size_t aid_descriptors(void);

#endif

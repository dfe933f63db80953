#include "capture/stats_probe.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "capture/stats_socket.h"

static const struct {
    const char *name, *words;
} states[CAP_N_PROBE] = {
    [CAP_PROBE_ANSWERS] = {"answers", "the scheduler answers"},
    /* Silence is all that was seen: behind "%s" stands how long it was. */
    [CAP_PROBE_STUCK] = {"stuck", "the scheduler's process answers, its main loop did "
                                  "not%s: it is stuck, or slow"},
    [CAP_PROBE_STOPPED] = {"stopped", "lets one connect, and nothing answered%s: the "
                                      "scheduler's process is stopped, or slow"},
    [CAP_PROBE_FULL] = {"full",
                        "as many wait to be let in as may: the scheduler's process "
                        "is stopped, or overrun"},
    [CAP_PROBE_CLOSES] = {"closes",
                          "lets one connect and hangs up without an answer: the "
                          "scheduler is ending, or its statistics have crashed"},
    [CAP_PROBE_FOREIGN] = {"foreign", "what answers there does not speak as a scheduler"},
    [CAP_PROBE_NOBODY_LISTENS] = {"nobody_listens", NULL},
    [CAP_PROBE_NO_SOCKET] = {"no_socket", NULL},
    [CAP_PROBE_NOT_A_SOCKET] = {"not_a_socket", NULL},
    [CAP_PROBE_NO_PERMISSION] = {"no_permission", NULL},
    [CAP_PROBE_FAILED] = {"failed", NULL},
};

const char *cap_stats_probe_name(enum cap_stats_probe state) {
    return states[state].name;
}

static enum cap_stats_probe barred(const struct sockaddr_un *address, int error) {
    switch (error) {
    case ENOENT:
        return CAP_PROBE_NO_SOCKET;
    case ECONNREFUSED:
        return cap_stats_is_no_socket(address) ? CAP_PROBE_NOT_A_SOCKET
                                               : CAP_PROBE_NOBODY_LISTENS;
    case EACCES:
    case EPERM:
        return CAP_PROBE_NO_PERMISSION;
    default:
        return CAP_PROBE_FAILED;
    }
}

/* What one answer says of who gave it; `answered` is what any answer means. */
static enum cap_stats_probe judge(const struct sockaddr_un *address,
                                  const struct cap_stats_answer *answer,
                                  enum cap_stats_probe answered) {
    switch (answer->end) {
    case CAP_END_ANSWERED:
    case CAP_END_TOO_LARGE: /* the answer: who asks so little is not refused */
        return answered;
    case CAP_END_NO_WAY:
        return barred(address, answer->error);
    case CAP_END_CLOSED:
        return CAP_PROBE_CLOSES;
    case CAP_END_LATE:
        return answer->error == EAGAIN ? CAP_PROBE_FULL : CAP_PROBE_STOPPED;
    default:
        return CAP_PROBE_FOREIGN;
    }
}

/* `silent_ms` 0: nobody knows how long the silence was. */
static void explain(const struct sockaddr_un *address, int error, uint64_t silent_ms,
                    struct cap_stats_probe_result *result) {
    struct dc_error why;
    const char *words = states[result->state].words;
    if (words) {
        const char *gap = strstr(words, "%s");
        char within[40] = "";
        if (silent_ms > 0)
            snprintf(within, sizeof(within), " within %" PRIu64 " ms", silent_ms);
        snprintf(result->text, sizeof(result->text), "%s: %.*s%s%s", address->sun_path,
                 gap ? (int)(gap - words) : (int)strlen(words), words, gap ? within : "",
                 gap ? gap + 2 : "");
        return;
    }
    cap_stats_explain(address, error, &why);
    snprintf(result->text, sizeof(result->text), "%s", why.message);
}

/* One connection, one request; before it came a silence of `silent_ms`. */
static int look(const struct cap_stats_options *options, bool meta, uint64_t silent_ms,
                enum cap_stats_probe answered, struct cap_stats_probe_result *result,
                struct dc_error *err) {
    const struct cap_stats_request request = {.meta = meta};
    struct cap_stats_answer answer;
    struct sockaddr_un address;
    struct cap_stats *stats = cap_stats_new(options, err);
    if (!stats)
        return -1;
    int rc = cap_stats_address(&address, cap_stats_path(stats), err);
    if (rc == 0)
        rc = cap_stats_ask(stats, &request, &answer, err);
    if (rc == 0) {
        result->state = judge(&address, &answer, answered);
        if (answer.end == CAP_END_ANSWERED)
            *(meta ? &result->meta_us : &result->stats_us) = answer.took_us;
        explain(&address, answer.error,
                answer.deadline_ms ? answer.deadline_ms : silent_ms, result);
        cap_stats_answer_done(&answer);
    }
    cap_stats_free(stats);
    return rc;
}

int cap_stats_probe_silent(const struct cap_stats_options *options,
                           struct cap_stats_probe_result *result, struct dc_error *err) {
    *result = (struct cap_stats_probe_result){.state = CAP_PROBE_FAILED};
    return look(options, true, 0, CAP_PROBE_STUCK, result, err);
}

int cap_stats_probe(const struct cap_stats_options *options,
                    struct cap_stats_probe_result *result, struct dc_error *err) {
    uint64_t ms = options->timeout_ms ? options->timeout_ms : CAP_STATS_TIMEOUT_MS;
    *result = (struct cap_stats_probe_result){.state = CAP_PROBE_FAILED};
    int rc = look(options, false, 0, CAP_PROBE_ANSWERS, result, err);
    if (rc < 0 || result->state != CAP_PROBE_STOPPED)
        return rc;
    return look(options, true, ms, CAP_PROBE_STUCK, result, err);
}

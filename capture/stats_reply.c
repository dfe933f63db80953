#include "capture/stats_reply.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lib/number.h"

/*
 * The whole line is checked first, so that what follows walks over good JSON. The faults
 * that are left are those of the envelope: a member of the wrong type, or one that stands
 * twice. The reference reads each struct from an array of its members, too (serde does);
 * so do we, since it costs a few lines: cases relay-error-as-array, ok-array-envelope.
 */
struct envelope {
    struct dc_span relay;  /* the value of "ktstr_relay_error" */
    struct dc_span number; /* the value of "errno"; p NULL: absent */
    struct dc_span args;   /* its value; p NULL: absent */
    unsigned n_relay, n_number, n_args;
};

void cap_stats_answer_init(struct cap_stats_answer *answer, struct dc_alloc alloc) {
    *answer = (struct cap_stats_answer){.missing = CAP_NO_SCHEDULER};
    dc_buf_init(&answer->json, alloc);
}

void cap_stats_answer_done(struct cap_stats_answer *answer) {
    dc_buf_done(&answer->json);
    cap_stats_answer_init(answer, answer->json.alloc);
}

static bool is_name(struct dc_span raw, const char *name) {
    return dc_compare_raw(raw, (struct dc_span){name, strlen(name)}) == 0;
}

static void take(struct dc_span *slot, unsigned *count, struct dc_span value) {
    *slot = value;
    ++*count;
}

/* The value before the lexer, whose text has been checked. */
static struct dc_span pass(struct dc_lex *lex) {
    struct dc_span value;
    dc_lex_pass(lex, &value);
    return value;
}

/* Calls `fn` for each member of the object before the lexer. */
static void each_member(struct dc_lex *lex, void *ctx,
                        void (*fn)(void *ctx, struct dc_span name,
                                   struct dc_span value)) {
    struct dc_string_token key;
    int more = dc_lex_open(lex, '{');
    for (bool first = true; more >= 0; first = false) {
        more = dc_lex_more(lex, '}', first);
        if (more <= 0 || dc_lex_key(lex, &key) < 0)
            return;
        fn(ctx, key.raw, pass(lex));
    }
}

static void add_member(void *ctx, struct dc_span name, struct dc_span value) {
    struct envelope *envelope = ctx;
    if (is_name(name, "ktstr_relay_error"))
        take(&envelope->relay, &envelope->n_relay, value);
    else if (is_name(name, "errno"))
        take(&envelope->number, &envelope->n_number, value);
    else if (is_name(name, "args"))
        take(&envelope->args, &envelope->n_args, value);
}

/* The members by their order; how many elements there are. */
static size_t add_elements(struct dc_lex *lex, struct envelope *envelope) {
    size_t n = 0;
    int more = dc_lex_open(lex, '[');
    while (more >= 0 && (more = dc_lex_more(lex, ']', n == 0)) > 0) {
        struct dc_span value = pass(lex);
        if (n == 0)
            take(&envelope->number, &envelope->n_number, value);
        else if (n == 1)
            take(&envelope->args, &envelope->n_args, value);
        n++;
    }
    /* Of an array with one string alone the reference makes a relay's error. */
    if (n == 1)
        take(&envelope->relay, &envelope->n_relay, envelope->number);
    return n;
}

static int fail_type(struct dc_lex *lex, struct dc_span value, const char *what) {
    char found[40];
    struct dc_lex at = *lex;
    at.pos = value.p;
    dc_lex_describe(&at, found, sizeof(found));
    return dc_lex_fail(lex, value.p, DC_ETYPE, "%s, found %s", what, found);
}

static int read_number(struct dc_lex *lex, const struct envelope *envelope,
                       int32_t *number) {
    struct dc_lex at = *lex;
    struct dc_number_token token;
    int64_t value = 0;
    *number = 0;
    if (envelope->n_number == 0)
        return 0;
    at.pos = envelope->number.p;
    at.err = NULL;
    if (dc_lex_number(&at, &token) < 0 || !token.integer ||
        dc_parse_i64(token.raw, &value) < 0 || value < INT32_MIN || value > INT32_MAX)
        return fail_type(lex, envelope->number, "errno: expected a 32-bit integer");
    *number = (int32_t)value;
    return 0;
}

/* ---- the three questions: is it JSON, is it the relay, is it an envelope ---- */

static int check_text(struct dc_lex *lex) {
    if (dc_lex_skip(lex, NULL) < 0)
        return -1;
    if (dc_lex_peek(lex) < 0)
        return 0;
    return dc_lex_fail(lex, lex->pos, DC_ESYNTAX, "something follows the value");
}

static int split(struct dc_lex *lex, struct envelope *envelope) {
    int c = dc_lex_peek(lex);
    const char *at = lex->pos;
    if (c == '{')
        each_member(lex, envelope, add_member);
    else if (c == '[' && add_elements(lex, envelope) > 2)
        return dc_lex_fail(lex, at, DC_ETYPE, "an answer has two elements at most");
    else if (c != '[')
        return fail_type(lex, (struct dc_span){at, 0},
                         "expected an object with an answer");
    return 0;
}

/* A name that stands twice makes it none, as in the reference: the envelope decides. */
static bool is_relayed(const struct envelope *envelope) {
    return envelope->n_relay == 1 && *envelope->relay.p == '"';
}

static int check_envelope(struct dc_lex *lex, const struct envelope *envelope,
                          int32_t *number) {
    if (envelope->n_number > 1)
        return dc_lex_fail(lex, envelope->number.p, DC_EDUPLICATE, "errno stands twice");
    if (envelope->n_args > 1)
        return dc_lex_fail(lex, envelope->args.p, DC_EDUPLICATE, "args stands twice");
    return read_number(lex, envelope, number);
}

static void find_resp(void *ctx, struct dc_span name, struct dc_span value) {
    if (is_name(name, "resp"))
        *(struct dc_span *)ctx = value;
}

static struct dc_span resp_of(struct dc_span args) {
    struct dc_span resp = {NULL, 0};
    struct dc_lex lex;
    dc_lex_init(&lex, args.p, args.len, NULL);
    if (*args.p == '{')
        each_member(&lex, &resp, find_resp);
    return resp;
}

/* ---- the answer ---- */

static void answer_fault(struct cap_stats_answer *answer, const struct dc_error *err) {
    char text[sizeof(err->message) + 64];
    int n = snprintf(text, sizeof(text), "%s at line %" PRIu64 " column %" PRIu64,
                     err->message, err->line, err->column);
    answer->end = CAP_END_GARBLED;
    cap_reason_no_scheduler(&answer->json, text, (size_t)n);
}

static void answer_envelope(struct cap_stats_answer *answer, int32_t number,
                            struct dc_span args) {
    if (!args.p)
        args = (struct dc_span){"null", 4};
    struct dc_span resp = resp_of(args);
    answer->missing = number != 0 ? CAP_SCHEDULER_ERROR : CAP_MISSING_RESP;
    answer->have = number == 0 && resp.p;
    if (number != 0)
        cap_reason_scheduler_error(&answer->json, number, args);
    else if (resp.p)
        cap_reason_any(&answer->json, resp);
    else
        cap_reason_missing_resp(&answer->json, args);
}

int cap_stats_decode(const char *line, size_t len, struct cap_stats_answer *answer,
                     struct dc_error *err) {
    struct envelope envelope = {.n_relay = 0};
    struct dc_error fault;
    struct dc_lex lex;
    int32_t number = 0;
    dc_lex_init(&lex, line, len, &fault);
    int rc = check_text(&lex);
    lex.pos = lex.start;
    if (rc == 0)
        rc = split(&lex, &envelope);
    if (rc == 0 && is_relayed(&envelope)) {
        struct dc_span quoted = envelope.relay;
        cap_reason_no_scheduler_raw(&answer->json,
                                    (struct dc_span){quoted.p + 1, quoted.len - 2});
    } else if (rc == 0 && check_envelope(&lex, &envelope, &number) == 0) {
        answer_envelope(answer, number, envelope.args);
    } else {
        answer_fault(answer, &fault);
    }
    return dc_buf_ok(&answer->json) ? 0 : dc_fail(err, DC_ENOMEM, "out of memory");
}

/* Containers inside each other in JSON that is known to be good. */
static unsigned depth_of(const char *p, const char *end) {
    unsigned depth = 0, deepest = 0;
    bool quoted = false;
    for (; p < end; p++) {
        if (quoted && *p == '\\')
            p++;
        else if (*p == '"')
            quoted = !quoted;
        else if (!quoted && (*p == '{' || *p == '['))
            deepest = ++depth > deepest ? depth : deepest;
        else if (!quoted && (*p == '}' || *p == ']'))
            depth--;
    }
    return deepest;
}

void cap_stats_answer_limit(struct cap_stats_answer *answer, unsigned margin) {
    struct dc_buf *json = &answer->json;
    char text[120];
    if (!json->data ||
        depth_of(json->data, json->data + json->len) + margin <= DC_MAX_DEPTH)
        return;
    int n = snprintf(text, sizeof(text),
                     "an answer that is nested deeper than %d objects and arrays",
                     margin < DC_MAX_DEPTH ? DC_MAX_DEPTH - (int)margin : 0);
    answer->have = false;
    answer->missing = CAP_NO_SCHEDULER;
    json->len = 0;
    cap_reason_no_scheduler(json, text, (size_t)n);
}

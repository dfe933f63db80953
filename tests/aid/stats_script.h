/*
 * stats_script: what the scripted scheduler shall do, from the words of its command line.
 *
 * Words are settings of the whole server, steps, or modifiers of the step that follows. Each
 * request for `stats` takes the next step, whatever connection it comes by; the last one is
 * taken again and again ("loop": all of them). Text is taken with \n \r \t \\ and \xHH.
 *
 *   steps      reply=JSON       statistics
 *              echo             {"n":WHICH STEP, FROM 1,"request":WHAT CAME}
 *              args=JSON        an answer with these args and errno 0
 *              error=N:TEXT     the scheduler's error
 *              relay=TEXT       that of the relay
 *              line=TEXT        the text and a newline
 *              raw=TEXT         the text
 *              size=N           statistics in a line of N bytes
 *              open=N           N bytes of such a line, no more, and no newline
 *              not-utf8         statistics with a byte in them that is none
 *              torn             half an answer, then closes
 *              close            closes
 *              silent           nothing at all
 *              exit             ends the program
 *   modifiers  delay=MS         before it is answered ("late=MS" is the same)
 *              bytewise         each byte by itself
 *              glued            an answer more in the same write
 *              more=TEXT        these bytes in the same write
 *              stray=TEXT       these, in a write of their own, when the answer may be read already
 *              stop             SIGSTOP before it is answered
 *              then-close       closes afterwards
 *              then-exit        ends the program afterwards
 *              times=N          so many requests take it
 *   settings   meta=JSON        what stats_meta is answered with; also meta=silent, meta=close
 *              meta-delay=MS    before that
 *              loop
 *              greet=TEXT       said to everyone who connects
 *              no-accept        lets nobody in; two may wait
 *              accept-after=MS  the same, for so long
 *              refuse=TEXT      when the first bytes of a request come, says that and closes
 *              stop-reading     reads nothing
 *              read=BYTES:MS    reads so much at a time and sleeps so long
 *              log=FILE         where each request goes, a line each
 *              mode=OCTAL       of the socket
 *              seconds=N        ends by itself after so long; 300
 */
#ifndef TESTS_AID_STATS_SCRIPT_H
#define TESTS_AID_STATS_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>

enum step_kind {
    STEP_REPLY,
    STEP_ECHO,
    STEP_ARGS,
    STEP_ERROR,
    STEP_RELAY,
    STEP_LINE,
    STEP_RAW,
    STEP_SIZE,
    STEP_OPEN,
    STEP_NOT_UTF8,
    STEP_TORN,
    STEP_CLOSE,
    STEP_SILENT,
    STEP_EXIT,
};

struct step {
    enum step_kind kind;
    const char *text; /* behind the '=' */
    unsigned long number;
    unsigned delay_ms, times;
    bool bytewise, glued, stop, then_close, then_exit;
    const char *more, *stray;
};

struct script {
    struct step *steps;
    size_t n_steps;
    bool loop, no_accept, stop_reading;
    const char *meta, *greet, *refuse, *log;
    size_t read_bytes;
    unsigned read_ms, accept_ms, meta_ms, mode, seconds;
};

/* Ends the program with a message where a word is none of the above. */
void script_read(struct script *script, char **words, size_t n);

/* Resolves the escapes of `text` into `out`, which is as large; returns the length. */
size_t script_text(const char *text, char *out);

#endif

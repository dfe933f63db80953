/*
 * error: what went wrong, where, and what to do about it.
 *
 * Every function of lib/, capture/ and view/ that can fail takes a `struct dc_error *`
 * owned by the caller and fills it exactly once, before it returns -1 or NULL. Only cmd/
 * turns one into text or an exit code. All members are plain bytes inside the struct but
 * `file`, which borrows a string of the caller.
 */
#ifndef DUMPCTL_LIB_ERROR_H
#define DUMPCTL_LIB_ERROR_H

#include <stddef.h>
#include <stdint.h>

#define DC_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define DC_MUST_USE __attribute__((warn_unused_result))

enum dc_code {
    DC_OK = 0,
    DC_ENOMEM,     /* an allocation failed */
    DC_ESYNTAX,    /* the bytes are not JSON */
    DC_ETYPE,      /* a value has the wrong type, or a number the wrong range */
    DC_EMISSING,   /* a required member is absent */
    DC_EDUPLICATE, /* a known member stands twice */
    DC_EUNKNOWN,   /* a member is unknown, and the reader was told to be strict */
    DC_EVARIANT,   /* the document is of no variant that dumpctl reads */
    DC_ELIMIT,     /* a limit on bytes, nesting or memory was reached */
    DC_EIO,        /* reading or writing failed */
    DC_EUSAGE,     /* the command line is wrong */
    DC_ECANNOT,    /* this machine cannot do it: no /dev/kvm, no permission */
    DC_EINTERNAL,  /* the kernel or a library refused what it should accept */
};

struct dc_error {
    enum dc_code code;
    const char *file;  /* borrowed; NULL where no file is concerned */
    uint64_t line;     /* from 1; 0 where there is no position */
    uint64_t column;   /* from 1, in code points */
    char pointer[256]; /* JSON Pointer (RFC 6901), "" for the document; cut with "..." */
    char message[512]; /* one line without a full stop; may hold raw bytes of the input:
                           escape it (lib/escape.h) before it reaches a terminal */
};

/* A word for `code` ("syntax", "limit", ...), as it stands in JSON error objects. */
const char *dc_code_name(enum dc_code code);

/*
 * Sets code and message (printf format); file, position and pointer are cleared.
 * A message that is too long is cut at a code point. Returns -1, so that a caller can
 * write `return dc_fail(err, ...)`. `err` may be NULL: then only -1 is returned.
 */
int dc_fail(struct dc_error *err, enum dc_code code, const char *fmt, ...)
    DC_PRINTF(3, 4);

/* As dc_fail(), with ": " and the text of `errnum` (an errno value) behind the message. */
int dc_fail_errno(struct dc_error *err, enum dc_code code, int errnum, const char *fmt,
                  ...) DC_PRINTF(4, 5);

#endif

/* Puts probes into the bytecode of one code object: bytes in, bytes out, no policy and
 * no Python object. The caller turns probe requests into constants and makes the new
 * code object. What depends on the version of CPython is in one table, bytecode_spec.c.
 */
#ifndef RUNNER_BYTECODE_H
#define RUNNER_BYTECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum bytecode_probe {
    BYTECODE_LINE,   /* where a line event fires */
    BYTECODE_ENTER,  /* after the first RESUME */
    BYTECODE_LEAVE,  /* before a return */
    BYTECODE_YIELD,  /* before a suspension */
    BYTECODE_RESUME, /* after the RESUME behind a suspension */
    BYTECODE_UNWIND, /* an exception leaves the frame */
    BYTECODE_CATCH,  /* an exception arrived at a handler of the frame (generators and
                        coroutines only: it may have been thrown in from outside) */
    BYTECODE_N_PROBES
};

enum bytecode_want { /* bits */
                     BYTECODE_WANT_LINES = 1,
                     BYTECODE_WANT_CALLS = 2, /* all probes but LINE */
};

struct bytecode_bytes {
    const uint8_t *data;
    size_t len;
};

struct bytecode_code {          /* of a code object, as CPython holds it */
    struct bytecode_bytes code; /* co_code: not quickened, caches zero */
    struct bytecode_bytes linetable;
    struct bytecode_bytes exceptiontable;
    int first_line;
    int stack_size;
    bool suspends; /* generator, coroutine or asynchronous generator */
};

struct bytecode_job {
    unsigned want;
    /* Gives the index in co_consts of the probe for `kind` on `line` (0 where a line
     * means nothing); asked once per place, so that equal requests should get equal
     * answers. Negative: give up; bytecode_rewrite() then fails. */
    int (*probe)(void *arg, enum bytecode_probe kind, int line);
    void *arg;
};

/* Writes the instrumented code into `out`, whose bytes are the caller's to release with
 * bytecode_release(). False: `err` says what in the code is not understood; the code
 * object is then left as it was. Checks all it reads: a code object may have been made
 * by hand (code.replace). */
bool bytecode_rewrite(const struct bytecode_code *in, const struct bytecode_job *job,
                      struct bytecode_code *out, struct err *err);
void bytecode_release(struct bytecode_code *out);

/* Whether the interpreter this was compiled for is one whose bytecode is known. */
bool bytecode_is_known(void);

#endif

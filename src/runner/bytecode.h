/* Puts probes into the bytecode of one code object: bytes in, bytes out, no policy and
 * no Python object. The caller turns probe requests into constants and makes the new
 * code object. What depends on the version of CPython is in one table, bytecode_spec.c.
 *
 * A probe is asked for its truth value (3.11) or inverted (later), and what it answers
 * does not matter. It must not raise. Line probes fire when sys.settrace() would give a
 * line event, as often and in that order. Probes have the source position of the
 * instruction they stand in front of, so that tracebacks, co_positions() and who else
 * traces the program see what they would see without.
 *
 * What is heard of a frame, in this order:
 *
 *   ENTER, then LINE..., then one of LEAVE, UNWIND, YIELD
 *   after YIELD, one of
 *     RESUME   it goes on: next(), send()
 *     CATCH    it goes on in a handler: an exception was thrown in
 *     UNWIND   the same, but it has no handler, and is gone
 *     nothing, ever: from 3.12 on, close() may end a generator without running it; the
 *              address of its frame may then ENTER again, as another one
 *
 * (When an exception is thrown in and ends what the frame awaits with a value, it is
 * RESUME on 3.11 and CATCH later. While what is awaited handles it and yields again,
 * nothing is heard of the frame that awaits.)
 *
 * HANDLED is heard in the middle of a frame, also of one that does not suspend, when
 * except, except* or a context manager has ended an exception, and not where it is
 * raised again. CATCH is also heard when the exception comes from the frame itself; who
 * wants to know the difference remembers whether the frame was suspended. It comes
 * before the handler's LINE, but not for handlers that only clean up and raise again.
 * Nothing is heard of a frame that never begins: a generator that is closed or thrown
 * into before its first next(), or a signal that is handled right at the start.
 *
 * 3.12 only: sys.settrace() counts a line again when a Python function that was called
 * in it returns to a place in it where ways meet, or fails and the handler is on the
 * same line, but not when it was a C function. This looks like a mistake, was gone
 * in 3.13, and is not followed. Nor is what 3.13 does at a handler on the line of the
 * raise, some 2000 units behind the beginning: tracing takes the line for a new one
 * there, since its table has no room for it. */
#ifndef RUNNER_BYTECODE_H
#define RUNNER_BYTECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum bytecode_probe {
    BYTECODE_LINE,    /* where a line event fires */
    BYTECODE_ENTER,   /* after the first RESUME, before the first line */
    BYTECODE_LEAVE,   /* right before a return */
    BYTECODE_YIELD,   /* right before a suspension: yield, and await when it waits */
    BYTECODE_RESUME,  /* after the RESUME behind a suspension */
    BYTECODE_UNWIND,  /* an exception leaves the frame; has no line */
    BYTECODE_CATCH,   /* an exception arrived at a handler of code that suspends; it is
                         the current one (sys.exception()), but in an async for */
    BYTECODE_HANDLED, /* the end of a handler: the current exception is over */
    BYTECODE_PLACE,   /* adds one to a place, see bytecode_job */
    BYTECODE_N_PROBES
};

/* Bits. */
enum bytecode_want {
    BYTECODE_WANT_LINES = 1,
    BYTECODE_WANT_CALLS = 2, /* all probes but LINE */
    /* With LINES alone: counts will do, so that lines without a probe may follow from
     * those with one (bytecode_flow.c). */
    BYTECODE_WANT_SUMS = 4,
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

struct bytecode_term {
    uint32_t place;
    int sign; /* 1 or -1 */
};

struct bytecode_job {
    unsigned want;
    /* Gives the index in co_consts of the probe for `kind` on `line`: of LINE, its own;
     * of HANDLED, that of the `except` or `with` (0: not known); of PLACE, the place;
     * of others 0. It is asked once per probe, so that equal requests should get equal
     * answers. Negative: give up; bytecode_rewrite() then fails. */
    int (*probe)(void *arg, enum bytecode_probe kind, int line);
    /* With SUMS: makes a place and returns its number. The value of a place is what its
     * probes count and, added or taken off, the values of the terms, which are places
     * made before. A line was hit as often as its LINE probes ran, and besides by the
     * values of its places; `line` -1 stands for no line. Negative: give up. */
    int (*place)(void *arg, int line, const struct bytecode_term *terms,
                 uint32_t n_terms);
    void *arg;
    struct bytecode_places *places; /* if not NULL, gets them (bytecode_places.h) */
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

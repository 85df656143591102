/* What makes code objects report to the sink. There are two back-ends, and neither
 * holds policy: codes.c says what is wanted, gate.c what stops. */
#ifndef RUNNER_PROBE_H
#define RUNNER_PROBE_H

#include "runner/py.h"

#include <stdbool.h>

#include "base/err.h"
#include "runner/bytecode_places.h"
#include "runner/codes.h"

struct probe_ops {
    const char *name;
    /* Whether this interpreter is one it knows; if not, *why gets a clause. */
    bool (*fits)(const char **why);
    bool (*start)(unsigned mode, struct err *err);
    /* Opens the doors through which the program's code comes; NULL: it has none. */
    bool (*open)(struct err *err);
    /* The code to run instead of `co`, whose entry is `e`: a new reference, perhaps to
     * `co` itself. Never fails: code that cannot be rewritten runs as it is. */
    PyCodeObject *(*instrument)(PyCodeObject *co, struct codes_entry *e);
    /* Where the instructions of a twin (twin.h) stood in its origin: borrowed. NULL for
     * all other code. A back-end that rewrites nothing has no such function. */
    const struct bytecode_places *(*places)(PyCodeObject *co);
    /* What is wanted of the entry's code, or a breakpoint in it, has changed. */
    void (*apply)(struct codes_entry *e);
    /* More code may be wanted than before: what was loaded without being wanted is
     * looked for. Returns how many functions will be watched from their next call on,
     * as far as that is known. */
    unsigned (*refresh)(void);
    /* Nothing is recorded any more, for good. */
    void (*stop)(void);
};

extern const struct probe_ops probe_bytecode, probe_monitoring;

/* Chooses the back-end: `name` is "auto", "bytecode" or "monitoring". `*why` gets the
 * reason as a clause. NULL: the one asked for does not fit; `err` says why. */
const struct probe_ops *probe_choose(const char *name, const char **why,
                                     struct err *err);

#endif

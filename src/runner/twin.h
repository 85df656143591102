/* A code object that the program has, and the one with probes that runs in its place:
 * how each finds the other. The twin owns its origin; the origin knows its twin for as
 * long as that lives. */
#ifndef RUNNER_TWIN_H
#define RUNNER_TWIN_H

#include "runner/py.h"

#include <stdbool.h>
#include <stdint.h>

#include "runner/bytecode_places.h"

struct twin { /* hangs on the code that runs */
    PyCodeObject *origin;
    bool has_probes;     /* of its own; else only code in its constants has */
    bool has_sums;       /* they count at places (session/format.h) */
    uint32_t generation; /* of the rules (codes.h) that its constants were made by */
    struct bytecode_places places; /* .old is NULL until somebody asks */
};

bool twin_start(void);

/* What `made` is the twin of, and more; NULL if it is no twin. */
struct twin *twin_get(PyCodeObject *made);

/* The code that `co` was made from; `co` itself if it is no twin. Borrowed. */
PyCodeObject *twin_origin(PyCodeObject *co);

/* What runs in the place of `co` (borrowed), be it `co` itself; NULL if that has not
 * been found out, or not under the present rules. */
PyCodeObject *twin_of(PyCodeObject *co);

/* Makes both know each other; an earlier twin stays one, but is not found any more.
 * NULL, with no exception set, if there is no memory. */
struct twin *twin_join(PyCodeObject *co, PyCodeObject *made);

/* Nothing runs in the place of `co` until the rules change. */
void twin_none(PyCodeObject *co);

#endif

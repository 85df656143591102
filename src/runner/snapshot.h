/* The frames of a program that stands still, with their variables, as records of the
 * session. Reads the interpreter's frames; runs no user code and changes nothing. */
#ifndef RUNNER_SNAPSHOT_H
#define RUNNER_SNAPSHOT_H

#include "runner/py.h"

#include "session/format.h"
#include "session/writer.h"

struct snapshot_what {
    enum format_reason reason;
    threads_id thread;
    uint64_t ticks;
    PyObject
        *exception; /* its traceback's frames are taken; NULL: those that run now */
};

/* Adds a stop and returns its index, or FORMAT_NONE when there is no room. Leaves no
 * exception behind. */
uint32_t snapshot_take(struct writer *w, const struct snapshot_what *what);

#endif

/* The frames of a program that stands still, with their variables, as records of the
 * session. Reads the interpreter's frames; runs no user code and changes nothing. */
#ifndef RUNNER_SNAPSHOT_H
#define RUNNER_SNAPSHOT_H

#include "runner/py.h"

#include "session/format.h"
#include "session/writer.h"

struct snapshot_returned { /* what a function returned; zeroed: none did */
    strings_id from;       /* "f()" */
    strings_id text;
    strings_id type;
    uint32_t flags; /* enum format_value_flag */
};

struct snapshot_what {
    enum format_reason reason;
    threads_id thread;
    uint64_t ticks;
    /* Its traceback's frames are taken; NULL: those that run now. */
    PyObject *exception;
    const struct snapshot_returned *returned;
};

/* Notes it, for a stop that may come. Leaves no exception behind. */
void snapshot_note_returned(struct writer *w, struct snapshot_returned *r,
                            const char *qualname, PyObject *value);

/* Adds a stop and returns its index, or FORMAT_NONE when there is no room. Leaves no
 * exception behind. */
uint32_t snapshot_take(struct writer *w, const struct snapshot_what *what);

#endif

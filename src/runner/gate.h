/* Where the program stands still: pauses, steps and breakpoints, and what the front-end
 * asks for meanwhile. A stop blocks in the probe that found it, with the GIL held, so
 * that all Python threads stand still. */
#ifndef RUNNER_GATE_H
#define RUNNER_GATE_H

#include "runner/py.h"

#include <stdatomic.h>
#include <stdbool.h>

#include "base/err.h"
#include "runner/codes.h"
#include "runner/probe.h"
#include "runner/sink.h"

struct gate_options {
    struct writer *writer;
    const struct probe_ops *ops;
    int control_fd; /* -1: nobody is there to ask */
    bool pause;     /* stop before the first line */
};

/* Starts to listen to the front-end, in a thread that never takes the GIL. */
bool gate_start(const struct gate_options *options, struct err *err);

/* Sets a breakpoint before the program runs ("FILE:LINE"). */
bool gate_add_break(const char *where, struct err *err);

/* Nobody listens in a child after fork(). */
void gate_after_fork(void);

/* Nonzero: probes of lines call gate_line(). Set by the listening thread; what it set
 * before, the probe reads after taking a mutex, so the flag itself orders nothing. */
extern _Atomic int gate_armed;

static inline bool
gate_is_armed(void)
{
    return ATTR_UNLIKELY(atomic_load_explicit(&gate_armed, memory_order_relaxed));
}

/* A line has begun. `e` is the code's entry; `broken`: a breakpoint is on this line. */
void gate_line(struct sink_thread *t, const struct codes_entry *e, uint32_t line,
               bool broken);

/* Whether a breakpoint is on a line of the file. */
bool gate_breaks_on(const struct codes_file *file, uint32_t line);
bool gate_breaks_in(const struct codes_file *file);

/* An exception has left the outermost recorded frame of a thread. */
void gate_raised(struct sink_thread *t, PyObject *exception);

#endif

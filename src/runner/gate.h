/* Where the program stands still: pauses, steps and breakpoints, and what the front-end
 * asks for meanwhile. A stop blocks in the probe that found it, with the GIL held, so
 * that all Python threads stand still. */
#ifndef RUNNER_GATE_H
#define RUNNER_GATE_H

#include "runner/py.h"

#include <stdbool.h>

#include "base/err.h"
#include "runner/codes.h"
#include "runner/listener.h"
#include "runner/probe.h"
#include "runner/sink.h"

struct gate_options {
    struct writer *writer;
    const struct probe_ops *ops;
    int control_fd; /* -1: nobody is there to ask */
    bool pause;     /* stop before the first line */
};

/* Opens the gate, and starts to listen if there is somebody. */
bool gate_start(const struct gate_options *options, struct err *err);

/* Sets a breakpoint before the program runs ("FILE:LINE"). */
bool gate_add_break(const char *where, struct err *err);

/* Whether probes of lines have to call gate_line(). */
static inline bool
gate_is_armed(void)
{
    return ATTR_UNLIKELY(atomic_load_explicit(&listener_armed, memory_order_relaxed));
}

/* A line has begun. `e` is the code's entry; `broken`: a breakpoint is on this line. */
void gate_line(struct sink_thread *t, const struct codes_entry *e, uint32_t line,
               bool broken);

/* A function is about to return `value`, which the next stop shows if a step leads to
 * it. To be called while the gate is armed. */
void gate_left(const struct sink_thread *t, const struct codes_entry *e,
               PyObject *value);

/* Whether a breakpoint is on a line of the file. */
bool gate_breaks_on(const struct codes_file *file, uint32_t line);
bool gate_breaks_in(const struct codes_file *file);

/* An exception leaves the running frame, the outermost recorded one of a thread. If no
 * other code may catch it, its frames are kept. */
void gate_raised(struct sink_thread *t, PyObject *exception);

/* Whether an exception is an error, and no way to end. */
bool gate_is_error(PyObject *exception);

#endif

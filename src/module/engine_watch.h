/* The event source: a trace function in C (PyEval_SetTrace) in all threads, as long as
 * a recording or a listener is active. It tells the sink what wanted code does, and
 * listeners (engine_hooks.h) what they asked for. */
#ifndef MODULE_ENGINE_WATCH_H
#define MODULE_ENGINE_WATCH_H

#include "runner/py.h"

#include <stdbool.h>

/* What runs before anything is watched: the function for threading.settrace(). */
int engine_watch_init(PyObject *hook);

/* Another recording, or listener, is active; `anew`: what is wanted has changed. Call
 * before the recording looks at the counters. True: nothing was watched before. */
void engine_watch_begin(bool records, bool anew);
void engine_watch_end(bool records);

/* In a thread that is new, from threading.settrace(). */
void engine_watch_join(PyFrameObject *frame);

/* In a child after fork(): nothing is watched. */
void engine_watch_after_fork(void);

#endif

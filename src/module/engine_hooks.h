/* Listeners: functions in Python that get events of wanted code, as trace functions do.
 */
#ifndef MODULE_ENGINE_HOOKS_H
#define MODULE_ENGINE_HOOKS_H

#include "runner/py.h"

#include "module/engine_rules.h"

/* The types to make ready, and the one that Python code makes listeners of:
 * Listener(callback, events, include, exclude), .start(), .stop(), .active. */
extern PyTypeObject engine_hooks_type;

/* An event, `what` being PyTrace_CALL to PyTrace_RETURN. -1: a listener raised. */
int engine_hooks_tell(PyFrameObject *frame, PyCodeObject *co, int what, PyObject *arg);

/* In a child after fork(): none is active. */
void engine_hooks_after_fork(void);

int engine_hooks_init(void);

#endif

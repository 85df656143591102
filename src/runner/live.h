/* The functions, generators and frames that there are now: where code lives that was
 * loaded before somebody wanted it. */
#ifndef RUNNER_LIVE_H
#define RUNNER_LIVE_H

#include "runner/py.h"

#include <stdbool.h>

/* False, with an exception set, if the interpreter has no collector to ask. */
bool live_start(void);

/* Calls back for every function, a function before those that were defined in it. Runs
 * no code of the program: the collector rests meanwhile. Functions that gc.freeze() put
 * aside are not found. */
void live_each_function(void (*each)(PyFunctionObject *f, void *arg), void *arg);

/* Calls back for the code of every frame that has begun and not ended. */
void live_each_running(void (*each)(PyCodeObject *co));

/* Lets the function run other code from its next call on; false if it cannot. What the
 * interpreter has learned about calls of it is as true of the new code, which takes the
 * same arguments. */
bool live_set_code(PyFunctionObject *f, PyCodeObject *co);

#endif

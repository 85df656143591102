/* The doors through which code comes to run: builtins.exec, which the import system,
 * runpy and test runners use, builtins.eval, types.FunctionType, and the script itself;
 * a fifth, function.__code__, is in disguise.c. What passes is instrumented. */
#ifndef RUNNER_DOOR_H
#define RUNNER_DOOR_H

#include "runner/py.h"

#include <stdbool.h>

#include "base/err.h"
#include "runner/probe.h"

/* Opens the doors; call it before the program runs. */
bool door_open(const struct probe_ops *ops, struct err *err);

/* What is to run in the place of `co` with these globals: a new reference, perhaps to
 * `co` itself. */
PyCodeObject *door_pass(PyCodeObject *co, PyObject *globals);

#endif

/* The doors through which code comes to run: builtins.exec, which the import system,
 * runpy and test runners use, builtins.eval, and the script itself. What passes is
 * instrumented. */
#ifndef RUNNER_DOOR_H
#define RUNNER_DOOR_H

#include "runner/py.h"

#include <stdbool.h>

#include "base/err.h"
#include "runner/probe.h"

/* Opens the doors; call it before the program runs. */
bool door_open(const struct probe_ops *ops, struct err *err);

#endif

/* What the program sees of its code. It has the code objects that it was compiled to,
 * twins with probes run in their place (twin.h), and no twin ever comes into its hands:
 * wherever Python code can ask for the code that runs, or for a place in it, it gets
 * the origin's. C code, the interpreter's above all, sees the twin; so lines and
 * positions are right on both sides, each in its own measure. */
#ifndef RUNNER_DISGUISE_H
#define RUNNER_DISGUISE_H

#include "runner/py.h"

#include <stdbool.h>

#include "base/err.h"
#include "runner/probe.h"

bool disguise_put_on(const struct probe_ops *ops, struct err *err);

#endif

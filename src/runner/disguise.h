/* What the program sees of its code objects: bytecode, constants and tables as they
 * were compiled, without our probes. A program that takes code apart, or makes new code
 * from it with replace(), does so as if we were not there. What belongs to an
 * instruction's place in the code that runs (co_lines, co_positions, f_lasti) stays
 * that of the code that runs: tracebacks are made from it. */
#ifndef RUNNER_DISGUISE_H
#define RUNNER_DISGUISE_H

#include "runner/py.h"

#include <stdbool.h>

#include "base/err.h"
#include "runner/probe.h"

bool disguise_put_on(const struct probe_ops *ops, struct err *err);

#endif

/* Makes handlers know the line that an exception came from, where line events depend on
 * it. */
#ifndef RUNNER_BYTECODE_RAISES_H
#define RUNNER_BYTECODE_RAISES_H

#include <stdbool.h>

#include "base/err.h"
#include "runner/bytecode_program.h"

/* Sets the raise_line of every RERAISE, and appends copies of handlers to the program
 * where one would have to stand for several lines. False: no memory. */
bool bytecode_raises_split(struct bytecode_program *p, struct err *err);

#endif

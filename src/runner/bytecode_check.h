/* Checks a code object the way a reader would who distrusts it. For tests. */
#ifndef RUNNER_BYTECODE_CHECK_H
#define RUNNER_BYTECODE_CHECK_H

#include <stdbool.h>

#include "base/err.h"
#include "runner/bytecode.h"

/* Whether every way through the code finds the same depth of stack at an instruction,
 * never below zero nor above stack_size; exceptions find a handler that fits; tables
 * rise and end where instructions do; and what the interpreter takes blindly for
 * neighbours is side by side. False: `err` says where not. */
bool bytecode_check(const struct bytecode_code *code, struct err *err);

#endif

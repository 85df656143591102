/* Which handler an exception ends in: for each POP_EXCEPT, on which line its handler
 * begins, as a reader of the program sees it. */
#ifndef RUNNER_BYTECODE_HANDLERS_H
#define RUNNER_BYTECODE_HANDLERS_H

#include "runner/bytecode_program.h"

/* By instruction: the line of the handler that it is in, the innermost one; 0 where it
 * is in none, or cannot be said. NULL: no memory. The caller frees it. */
int *bytecode_handlers_find(const struct bytecode_program *p);

#endif

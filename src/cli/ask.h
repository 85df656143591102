/* Runs a program for the sake of what it prints. */
#ifndef CLI_ASK_H
#define CLI_ASK_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"

#define ASK_SIZE_MAX 4096u

/* Runs argv[0] (a path) with nothing to read, appends what it prints to `out`, and
 * waits for its end. False: it cannot be started, prints too much, fails, or takes
 * longer than `timeout_ms`; it is killed then. */
bool ask_program(char *const *argv, int timeout_ms, struct buf *out, struct err *err);

#endif

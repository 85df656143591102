/* Runs without a screen: the program has its streams to itself. */
#ifndef CLI_HEADLESS_H
#define CLI_HEADLESS_H

#include <stdbool.h>

#include "base/err.h"
#include "cli/argv.h"
#include "cli/plan.h"

/* Runs the program and then does what the options say: .cover files and summary in the
 * form of `python -m trace`, and the session (-o). However the program ends, what was
 * counted by then is written. *wait_status is the program's, as of waitpid(), and is
 * set whenever it ran; false: something could not be started or saved. */
bool headless_run(const struct argv *a, const struct plan *plan, int *wait_status,
                  struct err *err);

#endif

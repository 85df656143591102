/* The screen: a program while it runs, or a recording. */
#ifndef CLI_WATCH_H
#define CLI_WATCH_H

#include <stdbool.h>

#include "base/err.h"
#include "cli/argv.h"
#include "cli/conf.h"
#include "cli/plan.h"

/* Whether there is a terminal for a screen; if not, `err` says why. */
bool watch_is_possible(struct err *err);

/* Whether the settings that only the screen uses go together. */
bool watch_check(const struct conf *c, struct err *err);

/* Runs the program on the screen until the user quits. *status is the program's, as a
 * shell would give it; 0 if it goes on without us. False as in headless_run(). */
bool watch_run(const struct argv *a, const struct conf *c, const struct plan *plan,
               int *status, struct err *err);

/* Whether the file is a recording, by its name or its first bytes. */
bool watch_is_recording(const char *path);

bool watch_open(const struct argv *a, const struct conf *c, struct err *err);

#endif

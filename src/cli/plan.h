/* What a run needs, made from options and settings: an interpreter, its runner, and
 * what the runner is told. */
#ifndef CLI_PLAN_H
#define CLI_PLAN_H

#include <stdbool.h>

#include "base/err.h"
#include "cli/argv.h"
#include "cli/conf.h"
#include "cli/python.h"
#include "cli/texts.h"

struct plan {
    struct python python;
    char *runner;
    struct texts options; /* for the runner: mode, engine, rules, breakpoints */
    char *near;           /* folder to put a large session beside; NULL: anywhere */
};

/* False: there is no such interpreter or no runner for it, or the program cannot be
 * read. plan_release() in any case. */
bool plan_make(struct plan *p, const struct argv *a, const struct conf *c,
               struct err *err);
void plan_release(struct plan *p);

#endif

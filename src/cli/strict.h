/* --compat=strict: `python -m trace` and nothing else. The interpreter itself runs the
 * program, with the trace functions of the package ttrace; there is no runner and no
 * session. */
#ifndef CLI_STRICT_H
#define CLI_STRICT_H

#include <stdbool.h>

#include "base/err.h"

struct strict {
    const char *python; /* --python; NULL: the usual one. Borrowed */
    char *const *words; /* what is trace's, up to a NULL. Borrowed */
};

/* Whether the command line begins with --compat=strict, beside which only --python may
 * stand. */
bool strict_is_asked(int argc, char *const *argv);

/* False: `err` says what is wrong. */
bool strict_parse(struct strict *s, int argc, char *const *argv, struct err *err);

/* Becomes the interpreter; returns only if that fails, and `err` says why. */
void strict_exec(const struct strict *s, struct err *err);

#endif

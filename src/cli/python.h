/* Which Python a program runs under. */
#ifndef CLI_PYTHON_H
#define CLI_PYTHON_H

#include <stdbool.h>

#include "base/err.h"

struct python {
    char *exe;     /* an absolute path, links not followed: what sys.executable says */
    char *version; /* "3.11"; "3.13t" for a build without the GIL */
};

/* Finds the interpreter: `wanted` (a path, or a name on PATH) if it is not NULL, else
 * $VIRTUAL_ENV/bin/python, else python3 on PATH. Its version is taken from its name
 * where links end, or from a pyvenv.cfg; only when both say nothing, as with the
 * wrapper scripts of version managers, it is run and asked. */
bool python_find(struct python *p, const char *wanted, struct err *err);
void python_release(struct python *p);

/* The interpreter's full version ("3.11.2"): it is asked. The caller's to free; NULL on
 * failure. */
char *python_release_of(const struct python *p, struct err *err);

#endif

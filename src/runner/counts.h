/* Takes a counts file of `trace` into a session of its own, as if a process had counted
 * it, so that the front-end adds it to the others; and files of which all lines are
 * wanted, though nothing runs in them. */
#ifndef RUNNER_COUNTS_H
#define RUNNER_COUNTS_H

#include "runner/py.h"

#include <stdbool.h>

#include "session/writer.h"

/* `read` is that of form/counts.py; `path` may be NULL; `files` is a list. Everything
 * must have been started as for a run. False: an exception is set. */
bool counts_take(struct writer *w, PyObject *read, const char *path, PyObject *files);

#endif

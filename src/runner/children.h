/* Processes that come from the traced one: what becomes of the session when it forks.
 */
#ifndef RUNNER_CHILDREN_H
#define RUNNER_CHILDREN_H

#include "runner/py.h"

#include <stdbool.h>

#include "session/writer.h"

struct children_options {
    struct writer *writer;
    const char *session; /* absolute: where the run's first session is, beside which
                            children have theirs; NULL: they have none */
};

/* Whether the disk has room for one more session beside the run's first, `session`. If
 * it has not, that is noted for the front-end: the process is not watched. */
bool children_have_room(const char *session);

/* Watches os.fork(). False: a Python exception is set. */
bool children_start(const struct children_options *options);

#endif

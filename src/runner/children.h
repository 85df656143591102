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

/* Watches os.fork(). False: a Python exception is set. */
bool children_start(const struct children_options *options);

#endif

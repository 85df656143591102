/* The one session of this process that all recordings share. Its file has no name: it
 * is gone with the process. */
#ifndef MODULE_ENGINE_SESSION_H
#define MODULE_ENGINE_SESSION_H

#include "runner/py.h"

#include <stdbool.h>

#include "session/writer.h"

/* Makes the session at its first use; in a forked child, makes the child one of its
 * own. 0, or -1 with an exception. */
int engine_session_start(void);

/* NULL before that. */
struct writer *engine_session_writer(void);

/* In a child after fork(): the session is the parent's. */
void engine_session_after_fork(void);

#endif

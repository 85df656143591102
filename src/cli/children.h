/* The processes that came from the program, when a run without a screen is over. */
#ifndef CLI_CHILDREN_H
#define CLI_CHILDREN_H

#include "base/buf.h"

/* Waits a moment for those that end because the program has ended: pools and trackers
 * of multiprocessing see that by a pipe. Nobody else is waited for. */
void children_settle(const char *session);

/* Appends a sentence a line about those that still run and those that were not watched.
 */
void children_describe(const char *session, struct buf *out);

#endif

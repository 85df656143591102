/* What a run in the form of `python -m trace` leaves: the listings and the summary on
 * the standard output, .cover files, and the counts file. */
#ifndef CLI_RESULTS_H
#define CLI_RESULTS_H

#include <stdbool.h>

#include "base/err.h"
#include "cli/launch.h"
#include "cli/plan.h"

/* Does what the session asks for (session/request.h), with what its process and those
 * that came from it counted, and what the counts file had. False: it could not be done,
 * or not all of it. */
bool results_write(const struct launch *l, const struct plan *plan, struct err *err);

#endif

/* Files of ours that lie near the runner. */
#ifndef RUNNER_NEARBY_H
#define RUNNER_NEARBY_H

#include <limits.h>
#include <stdbool.h>

/* Finds the file `name`, which is in the folder `installed` or, in the source tree, in
 * `source`, both relative to the runner's own. False: it is in neither. */
bool nearby_find(char path[PATH_MAX], const char *installed, const char *source,
                 const char *name);

#endif

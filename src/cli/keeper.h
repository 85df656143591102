/* Keeps a run's session where the user wants it (-o). */
#ifndef CLI_KEEPER_H
#define CLI_KEEPER_H

#include <stdbool.h>

#include "base/err.h"
#include "cli/launch.h"

/* Whether a file can be written at `path`, as far as that can be told beforehand. */
bool keeper_check(const char *path, struct err *err);

/* Saves the session, and those of children beside it, in the form of recordings. When
 * that fails it stays in the run's folder, which is then not removed, and `err` says
 * where. */
bool keeper_save(struct launch *l, const char *path, struct err *err);

/* Leaves the session where it is, when what was wanted of it could not be had. False;
 * `err` says `why` and where it is. */
bool keeper_leave(struct launch *l, const char *why, struct err *err);

#endif

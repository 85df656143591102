/* Saves a session: the same format without the reserves. */
#ifndef SESSION_PACKER_H
#define SESSION_PACKER_H

#include <stdbool.h>

#include "base/err.h"
#include "session/reader.h"

/* Writes what the reader sees to `path`, beside first, then in place of what is there
 * (base/file.h). A running program's session is saved as of the last refresh. */
bool packer_save(const struct reader *r, const char *path, struct err *err);

/* Whether a session may be written at `path`: there is nothing, an empty file, or
 * another session. packer_save() asks, too. */
bool packer_check(const char *path, struct err *err);

#endif

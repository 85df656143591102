/* A folder for the files of one run, which nobody else can look into. */
#ifndef CLI_FOLDER_H
#define CLI_FOLDER_H

#include <stdbool.h>

#include "base/err.h"

/* Makes it, new and 0700, under `near` (if not NULL), $XDG_RUNTIME_DIR, $TMPDIR,
 * /dev/shm or /tmp: the first that can be written to. Those in memory must have plenty
 * of room. The path is the caller's to free. */
bool folder_make(char **path, const char *near, struct err *err);

/* Removes the folder and the files in it, not folders in it. */
void folder_remove(const char *path);

#endif

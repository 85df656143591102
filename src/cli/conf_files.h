/* The configuration files: where they are looked for, and which are trusted. */
#ifndef CLI_CONF_FILES_H
#define CLI_CONF_FILES_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "cli/conf.h"

/* Reads what there is, from far to near: $XDG_CONFIG_HOME/ttrace/config.yaml, then the
 * first .ttrace.yaml from `folder` upwards. That search ends at a folder with .git or
 * pyproject.toml, at the home folder and where another file system begins. A project's
 * file that somebody else could have written is left alone, with a sentence in `notes`.
 */
bool conf_files_load(struct conf *c, const char *folder, struct buf *notes,
                     struct err *err);

/* Reads the file the user named. */
bool conf_files_load_one(struct conf *c, const char *path, struct err *err);

#endif

/* --ignore-module and --ignore-dir of `python -m trace`, as exclude rules
 * (session/scope.h). */
#ifndef CLI_IGNORE_H
#define CLI_IGNORE_H

#include <stdbool.h>

#include "base/err.h"
#include "cli/python.h"
#include "cli/texts.h"

/* Adds the rules for the modules of one option, with commas between them. */
void ignore_modules(const char *names, struct texts *rules);

/* Adds the rules for the folders of one option, with colons between them. `script` is
 * the program's path as given, or NULL. False: the interpreter had to be asked for its
 * folders ($prefix) and did not answer. */
bool ignore_dirs(const char *dirs, const char *script, const struct python *python,
                 struct texts *rules, struct err *err);

#endif

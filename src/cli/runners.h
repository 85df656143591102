/* The runners there are: programs named ttrace-runner-3.X, one for each version of
 * Python, beside ttrace itself (in the build tree) or in ../libexec/ttrace. */
#ifndef CLI_RUNNERS_H
#define CLI_RUNNERS_H

#include <stdbool.h>

#include "base/err.h"
#include "cli/python.h"
#include "cli/texts.h"

/* The folder ttrace itself lies in. The caller's to free. */
bool runners_own_dir(char **dir, struct err *err);

/* The runner for the interpreter's version; `own_dir` as above. False: there is none,
 * and `err` says which there are and how to build it. */
bool runners_get(const char *own_dir, const struct python *python, char **path,
                 struct err *err);

/* Adds the paths of all runners, those of older Pythons first. */
void runners_list(const char *own_dir, struct texts *paths);

/* What the runner says of itself: "3.11.2 bytecode". The caller's to free; NULL: it
 * does not run. */
char *runners_ask(const char *path, struct err *err);

#endif

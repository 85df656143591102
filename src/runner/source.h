/* The text of the program's files, as the session keeps it. */
#ifndef RUNNER_SOURCE_H
#define RUNNER_SOURCE_H

#include "runner/py.h"

#include <stdbool.h>

#include "session/writer.h"

/* Adds the text of the file that code with this co_filename was made from to the
 * session. `globals` (may be NULL) has the loader to ask for what lies in an archive;
 * `is_main`: it may be what stood behind -c. False if there is no such text. Leaves no
 * exception behind. */
bool source_keep(struct writer *w, const char *path, PyObject *globals, bool is_main,
                 strings_id *text);

#endif

/* The classes that functions belong to, as `trace` finds them: by who refers to whom at
 * the moment of the first call. */
#ifndef RUNNER_CLASSES_H
#define RUNNER_CLASSES_H

#include "runner/py.h"

#include <stdbool.h>

#include "base/err.h"
#include "session/writer.h"

bool classes_start(struct writer *w, struct err *err);

/* Notes the class of the code object of that record, which begins to run in the present
 * frame. Leaves no exception behind. */
void classes_note(codes_id code);

#endif

/* Exceptions: where they were raised and where they were handled, as records of the
 * session, and as text. Runs no code of the program. */
#ifndef RUNNER_ERRORS_H
#define RUNNER_ERRORS_H

#include "runner/py.h"

#include <stdint.h>

#include "session/format.h"
#include "session/writer.h"

void errors_start(struct writer *writer);

/* In a forked child, whose session has none yet: forgets them. */
void errors_forget(void);

/* An exception was handled on a line, FORMAT_NONE: by nobody. Returns its record, or
 * FORMAT_NONE when there is no room. Leaves no exception behind. */
uint32_t errors_add(PyObject *exception, lines_id handled, uint64_t now);

/* "ZeroDivisionError: division by zero"; only the type where the message would be made
 * by the program's code. */
strings_id errors_describe(struct writer *w, PyObject *exception);

#endif

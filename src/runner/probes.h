/* Probes: objects among the constants of rewritten code (probe_bytecode.c), which the
 * interpreter makes do something wherever that code loads them. */
#ifndef RUNNER_PROBES_H
#define RUNNER_PROBES_H

#include "runner/py.h"

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "runner/bytecode.h"
#include "runner/codes.h"

/* Makes the types; `mode` is that of the session. */
bool probes_start(unsigned mode, struct err *err);

/* A probe for code of the entry, in whose list it is; of PLACE, `line` is the place
 * where it counts one. A new reference, NULL with an exception. */
PyObject *probes_new(struct codes_entry *e, enum bytecode_probe kind, uint32_t line);
bool probes_is(PyObject *o);

/* What is wanted of the entry's code, or a breakpoint in it, has changed. */
void probes_apply(struct codes_entry *e);

/* From now on they do nothing. */
void probes_stop(void);

#endif

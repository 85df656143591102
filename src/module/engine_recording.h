/* The type that Python code records with: Recording(include, exclude, lines, calls),
 * .start(), .stop(), .active, and what it has recorded (engine_results.h). */
#ifndef MODULE_ENGINE_RECORDING_H
#define MODULE_ENGINE_RECORDING_H

#include "runner/py.h"

extern PyTypeObject engine_recording_type;

/* In a child after fork(): none records. */
void engine_recording_after_fork(void);

int engine_recording_init(void);

#endif

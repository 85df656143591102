/* What happens at an event. Each mode has a function for PyEval_SetTrace(), whose
 * object is the bound method of the tracer that sys.settrace() got; it treats
 * frame.f_trace as the interpreter does for functions in Python. */
#ifndef MODULE_EVENTS_H
#define MODULE_EVENTS_H

#include "module/tracer.h"

int events_lines(PyObject *method, PyFrameObject *frame, int what, PyObject *arg);
int events_functions(PyObject *method, PyFrameObject *frame, int what, PyObject *arg);
int events_callers(PyObject *method, PyFrameObject *frame, int what, PyObject *arg);

/* The parts of them, for the methods. An exception: NULL, or -1. */

/* At a call, for lines: the function that gets its other events, or None. */
PyObject *events_enter(struct tracer *t, PyFrameObject *frame);
/* At a line: counts, prints, or both (enum tracer_local). */
int events_line(struct tracer *t, PyFrameObject *frame, unsigned local);
/* At a call: notes the function, or caller and function. */
int events_note_function(struct tracer *t, PyFrameObject *frame);
int events_note_caller(struct tracer *t, PyFrameObject *frame);

#endif

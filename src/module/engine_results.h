/* What a session says, as lists of tuples for the classes in _recording.py. Each
 * returns a new reference, or NULL with an exception. Times are float seconds. */
#ifndef MODULE_ENGINE_RESULTS_H
#define MODULE_ENGINE_RESULTS_H

#include "runner/py.h"

#include "session/reader.h"

/* (file, line, hits, self seconds, total seconds), of lines that ran. */
PyObject *engine_results_lines(const struct reader *r);

/* (file, line, name, calls, self seconds, total seconds) */
PyObject *engine_results_functions(const struct reader *r);

/* (caller, callee, count, seconds), each of the two (file, line, name), and the caller
 * None where no recorded code called. */
PyObject *engine_results_calls(const struct reader *r);

/* (file, executed, executable, lines missing), of files that ran. */
PyObject *engine_results_coverage(const struct reader *r);

/* (file, module, source) of files that ran whose text is there. */
PyObject *engine_results_sources(const struct reader *r);

/* Writes .cover files to `dir`: (how many, notes). */
PyObject *engine_results_write_cover(struct reader *r, const char *dir, unsigned flags);

#endif

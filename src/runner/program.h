/* Runs a program in the form of `python -m trace`. Python has been started with just
 * these words, but is not let run them: what they ask for is read in Python (form/),
 * recorded by the engine, and reported by the front-end. */
#ifndef RUNNER_PROGRAM_H
#define RUNNER_PROGRAM_H

#include "runner/py.h"

#include <stdbool.h>

#include "runner/probe.h"
#include "session/writer.h"

struct program {
    PyObject *code; /* NULL: nothing runs, there is only something to report */
    PyObject *globals;
    PyObject *rules;   /* a list of what is left out */
    PyObject *request; /* bytes, for the session's header */
    unsigned mode;     /* enum format_mode */
    bool times;        /* seconds are printed in front of lines */
};

/* Executes a Python file of the folder form/ in `names`. False: an exception is set. */
bool program_load(const char *file, PyObject *names);

/* Reads the command line: sys.argv behind -m. Does not return where that is not right,
 * or asks for help: Python has said so, and the process ends. */
void program_read(struct program *p);

/* Runs it and ends the interpreter as Python would. Nothing is recorded from the end of
 * the program's own code on: not its exit handlers, nor threads that still run. Returns
 * the exit status; a program that Ctrl-C ends, ends by the signal. */
int program_run(struct program *p, const struct probe_ops *ops);

#endif

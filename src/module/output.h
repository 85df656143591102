/* Where print() would write now. */
#ifndef MODULE_OUTPUT_H
#define MODULE_OUTPUT_H

#include "module/interp.h"

/* All borrowed, and right until Python code runs. */
struct output {
    PyObject *file;    /* sys.stdout; NULL: print() would do something else */
    PyCFunction write; /* its method, in C; NULL: it may be anybody's */

    /* Versions of the dicts that this was found in (module/version.h) */
    uint64_t of_builtins;
    uint64_t of_sys;
    uint64_t of_file;
    PyObject *dict; /* of the file */
};

/* Brings it up to date. No exception. */
void output_look(struct output *o, const struct interp *in);

/* Writes to the file, which somebody must hold. False: an exception. */
bool output_put(const struct output *o, const struct interp *in, PyObject *text);

/* The end of what print() is given end="" for: nobody sees it in a file of Python's. */
bool output_put_nothing(const struct output *o, const struct interp *in);

#endif

/* A tracer: the type `ttrace._tracer.Tracer`, which the class Trace is made of. Its
 * methods are trace functions as Python has them; installed by sys.settrace() they soon
 * go on in C (module/events.h). */
#ifndef MODULE_TRACER_H
#define MODULE_TRACER_H

#include "module/files.h"
#include "module/interp.h"
#include "module/output.h"
#include "module/source.h"

/* What the attribute `localtrace` does, if it is a method of the tracer's own. */
enum tracer_local {
    TRACER_FOREIGN = 0,
    TRACER_COUNT = 1,
    TRACER_PRINT = 2,
};

struct tracer {
    PyObject_HEAD PyObject *module; /* keeps `interp` */
    const struct interp *interp;
    uint64_t serial;

    /* Attributes. NULL: there is none. */
    PyObject *counts; /* {(file, line): hits}, short of those in `files` */
    PyObject *trace;
    PyObject *start_time;
    PyObject *ignore;
    PyObject *localtrace;
    PyObject *calledfuncs;
    PyObject *callers;

    PyObject *modules; /* {__file__: name of the module, or None if it is ignored} */
    struct files files;
    struct output output;
    struct source source;
    unsigned local;        /* enum tracer_local, or'ed */
    bool names_functions;  /* file_module_function_of() is our own */
    uint64_t n_handed_out; /* how often calledfuncs or callers were, plus one */
};

/* Makes the type, with `module` as its own. 0, or -1 with an exception. */
int tracer_init(PyObject *module, struct interp *in);

/* Whether Python code could look at that dict of the tracer's now. */
static inline bool
tracer_is_alone_with(PyObject *dict)
{
    return Py_REFCNT(dict) == 1 && PyDict_CheckExact(dict);
}

#endif

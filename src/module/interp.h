/* What tracers need to know of the interpreter they are in: looked up once, when the
 * extension is loaded. It is the state of the extension module. */
#ifndef MODULE_INTERP_H
#define MODULE_INTERP_H

#include "module/py.h"

/* Names that are looked up all the time, interned. */
#define INTERP_NAMES(X)        \
    X(__file__)                \
    X(cache)                   \
    X(co_filename)             \
    X(f_code)                  \
    X(f_lineno)                \
    X(f_locals)                \
    X(file_module_function_of) \
    X(get)                     \
    X(getline)                 \
    X(getlines)                \
    X(print)                   \
    X(stdout)                  \
    X(updatecache)             \
    X(write)

enum { INTERP_N_EVENTS = 8 }; /* PyTrace_CALL to PyTrace_OPCODE */

struct interp {
#define X(name) PyObject *name;
    struct {
        INTERP_NAMES(X)
    } names;
#undef X
    PyObject *events[INTERP_N_EVENTS]; /* "call" and so on, by PyTrace_* */
    PyObject *nothing;                 /* "" */
    PyObject *newline;                 /* "\n" */
    PyObject *colon;                   /* ": " */
    PyObject *blank;                   /* " " */
    PyObject *builtins;                /* the dict of the module */
    PyObject *sys;                     /* likewise */
    PyObject *linecache;               /* likewise */
    PyObject *print;                   /* the real one; NULL if it was not to be had */
    PyTypeObject *text_file;           /* io.TextIOWrapper */
    PyCFunction text_write;            /* its method, or NULL */
    PyTypeObject *tracer;              /* the type */
    Py_ssize_t extra;                  /* of code objects: struct known */
    const PyGetSetDef *f_trace;        /* of frames; NULL: by its name */
    int watcher;                       /* of dicts, plus one (module/version.h) */
    uint64_t n_tracers;                /* made so far */
};

/* 0, or -1 with an exception. */
int interp_init(struct interp *in);
int interp_traverse(const struct interp *in, visitproc visit, void *arg);
void interp_clear(struct interp *in);

#endif

/* What is known of a code object, kept on it (PEP 523) and gone with it. It holds for
 * one tracer; with the next it begins anew. */
#ifndef MODULE_KNOWN_H
#define MODULE_KNOWN_H

#include "module/interp.h"

struct known {
    uint64_t serial;         /* of the tracer that the rest is for */
    struct files_file *file; /* of co_filename: the tracer's; NULL: not asked yet */
    PyObject *module;        /* the name that `header` was made with */
    PyObject *header;        /* the line that --trace prints at a call */
    PyObject *function;      /* (file, module, function) */
    PyObject *caller;        /* likewise: who called last */
    uint64_t function_noted; /* when `function` was, as struct tracer.n_handed_out */
    uint64_t caller_noted;   /* when the pair of both was */
};

/* Makes it if there is none, or one of another tracer. NULL: an exception. It stays
 * where it is while the code object lives, but may begin anew when Python code runs. */
struct known *known_make(const struct interp *in, PyCodeObject *code, uint64_t serial);

/* NULL, without an exception, where known_make() would have to do something. */
static inline struct known *
known_find(const struct interp *in, PyCodeObject *code, uint64_t serial)
{
    void *extra = NULL;

    if (py_get_extra(code, in->extra, &extra) < 0)
        PyErr_Clear();
    return extra && ((struct known *)extra)->serial == serial ? extra : NULL;
}

static inline struct known *
known_get(const struct interp *in, PyCodeObject *code, uint64_t serial)
{
    struct known *k = known_find(in, code, serial);

    return k ? k : known_make(in, code, serial);
}

/* For the interpreter, when a code object goes. */
void known_free(void *known);

#endif

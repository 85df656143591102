#include "module/known.h"

static void
forget(struct known *k)
{
    PyObject *old[] = {k->module, k->header, k->function, k->caller};

    *k = (struct known){0};
    for (size_t i = 0; i < sizeof(old) / sizeof(old[0]); i++)
        Py_XDECREF(old[i]);
}

struct known *
known_make(const struct interp *in, PyCodeObject *code, uint64_t serial)
{
    void *extra = NULL;

    if (py_get_extra(code, in->extra, &extra) < 0)
        return NULL;
    if (!extra) {
        extra = PyMem_Calloc(1, sizeof(struct known));
        if (!extra)
            return (struct known *)PyErr_NoMemory();
        if (py_set_extra(code, in->extra, extra) < 0) {
            PyMem_Free(extra);
            return NULL;
        }
    }
    forget(extra);
    ((struct known *)extra)->serial = serial;
    return extra;
}

void
known_free(void *known)
{
    if (!known)
        return;
    forget(known);
    PyMem_Free(known);
}

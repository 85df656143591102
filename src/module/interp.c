#include "module/interp.h"

#include <string.h>

#include "module/known.h"
#include "module/version.h"

/* The dict of a module: a new reference. */
static PyObject *
module_dict(const char *name)
{
    PyObject *module = PyImport_ImportModule(name);
    PyObject *dict = module ? Py_XNewRef(PyModule_GetDict(module)) : NULL;

    Py_XDECREF(module);
    return dict;
}

static int
init_names(struct interp *in)
{
    static const char *const events[INTERP_N_EVENTS] = {
        "call",   "exception",   "line",     "return",
        "c_call", "c_exception", "c_return", "opcode"};

#define X(name)                                                \
    if (!(in->names.name = PyUnicode_InternFromString(#name))) \
        return -1;
    INTERP_NAMES(X)
#undef X
    for (int i = 0; i < INTERP_N_EVENTS; i++)
        if (!(in->events[i] = PyUnicode_InternFromString(events[i])))
            return -1;
    in->nothing = PyUnicode_InternFromString("");
    in->newline = PyUnicode_InternFromString("\n");
    in->colon = PyUnicode_InternFromString(": ");
    in->blank = PyUnicode_InternFromString(" ");
    return in->nothing && in->newline && in->colon && in->blank ? 0 : -1;
}

static int
init_text_file(struct interp *in)
{
    PyObject *io = PyImport_ImportModule("_io");
    PyObject *type = io ? PyObject_GetAttrString(io, "TextIOWrapper") : NULL;
    PyObject *write = type ? PyObject_GetAttr(type, in->names.write) : NULL;

    Py_XDECREF(io);
    in->text_file = (PyTypeObject *)type;
    if (write && Py_IS_TYPE(write, &PyMethodDescr_Type)) {
        const PyMethodDef *method = ((PyMethodDescrObject *)write)->d_method;

        in->text_write = method->ml_flags == METH_O ? method->ml_meth : NULL;
    }
    Py_XDECREF(write);
    return write ? 0 : -1;
}

/* A program may have put something else there before we came. */
static PyObject *
real_print(const struct interp *in)
{
    PyObject *print = PyDict_GetItemWithError(in->builtins, in->names.print);
    PyObject *module =
        print && PyCFunction_CheckExact(print) ? PyCFunction_GET_SELF(print) : NULL;

    return module && PyModule_Check(module) && PyModule_GetDict(module) == in->builtins
               ? Py_NewRef(print)
               : NULL;
}

static const PyGetSetDef *
find_f_trace(void)
{
    for (const PyGetSetDef *at = PyFrame_Type.tp_getset; at && at->name; at++)
        if (strcmp(at->name, "f_trace") == 0 && at->get && at->set)
            return at;
    return NULL;
}

int
interp_init(struct interp *in)
{
    version_init(in);
    if (init_names(in) < 0)
        return -1;
    in->builtins = module_dict("builtins");
    in->sys = in->builtins ? module_dict("sys") : NULL;
    in->linecache = in->sys ? module_dict("linecache") : NULL;
    if (!in->linecache || init_text_file(in) < 0)
        return -1;
    in->print = real_print(in);
    if (PyErr_Occurred())
        return -1;
    in->f_trace = find_f_trace();
    in->extra = py_new_extra(known_free);
    if (in->extra < 0)
        PyErr_SetString(PyExc_RuntimeError, "no room for data on code objects is left");
    return in->extra < 0 ? -1 : 0;
}

/* Strings and dicts of modules are not looked into: they do not lead back here. */
int
interp_traverse(const struct interp *in, visitproc visit, void *arg)
{
    Py_VISIT(in->tracer);
    return 0;
}

void
interp_clear(struct interp *in)
{
    version_release(in);
#define X(name) Py_CLEAR(in->names.name);
    INTERP_NAMES(X)
#undef X
    for (int i = 0; i < INTERP_N_EVENTS; i++)
        Py_CLEAR(in->events[i]);
    Py_CLEAR(in->nothing);
    Py_CLEAR(in->newline);
    Py_CLEAR(in->colon);
    Py_CLEAR(in->blank);
    Py_CLEAR(in->builtins);
    Py_CLEAR(in->sys);
    Py_CLEAR(in->linecache);
    Py_CLEAR(in->print);
    Py_CLEAR(in->text_file);
    Py_CLEAR(in->tracer);
}

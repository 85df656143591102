#include "runner/py.h"

#include "runner/classes.h"

#include <string.h>

static struct writer *writer;
static PyObject *get_referrers; /* gc.get_referrers */

/* The program does not find the module loaded that it has not loaded itself. */
bool
classes_start(struct writer *w, struct err *err)
{
    PyObject *gc = PyImport_ImportModule("gc");

    writer = w;
    get_referrers = gc ? PyObject_GetAttrString(gc, "get_referrers") : NULL;
    Py_XDECREF(gc);
    PyErr_Clear();
    return get_referrers || err_set(err, "the interpreter has no gc.get_referrers()");
}

static bool
is_dict(PyObject *o)
{
    return PyDict_Check(o);
}

static bool
is_function(PyObject *o)
{
    return PyFunction_Check(o);
}

/* Without running code of the program, which would be a call of its own: a __getattr__
 * in Python is not asked. */
static bool
has_bases(PyObject *o)
{
    return (PyType_Check(o) || Py_TYPE(o)->tp_getattro == PyObject_GenericGetAttr) &&
           PyObject_HasAttrString(o, "__bases__");
}

/* The one object of its kind that refers to `to`: a new reference. NULL: there is none,
 * or there are several. */
static PyObject *
only_referrer(PyObject *to, bool (*is_kind)(PyObject *o))
{
    PyObject *all = PyObject_CallOneArg(get_referrers, to), *only = NULL, *o;
    int n = 0;

    for (Py_ssize_t i = 0; all && i < PyList_GET_SIZE(all); i++) {
        o = PyList_GET_ITEM(all, i);
        if (is_kind(o)) {
            n++;
            only = o;
        }
    }
    only = n == 1 ? Py_NewRef(only) : NULL;
    Py_XDECREF(all);
    PyErr_Clear();
    return only;
}

static PyObject *
find(PyObject *code)
{
    PyObject *function = only_referrer(code, is_function);
    PyObject *dict = function ? only_referrer(function, is_dict) : NULL;
    PyObject *class = dict ? only_referrer(dict, has_bases) : NULL;
    PyObject *name = class ? PyObject_GetAttrString(class, "__name__") : NULL;

    Py_XDECREF(class);
    Py_XDECREF(dict);
    Py_XDECREF(function);
    PyErr_Clear();
    return name;
}

static strings_id
intern(PyObject *name)
{
    PyObject *bytes = name && PyUnicode_Check(name)
                          ? PyUnicode_AsEncodedString(name, "utf-8", "backslashreplace")
                          : NULL;
    strings_id id = bytes ? writer_string(writer, PyBytes_AS_STRING(bytes),
                                          (size_t)PyBytes_GET_SIZE(bytes))
                          : 0;

    Py_XDECREF(bytes);
    return id;
}

void
classes_note(codes_id code)
{
    struct format_code *record = writer_record(writer, FORMAT_CODES, code);
    PyFrameObject *frame = PyEval_GetFrame(); /* borrowed */
    PyCodeObject *co = frame ? PyFrame_GetCode(frame) : NULL;
    struct py_raised raised = py_put_aside();
    PyObject *name = co ? find((PyObject *)co) : NULL;

    /* A reader that sees the id sees the string: release. */
    atomic_store_explicit(&record->class, intern(name), memory_order_release);
    Py_XDECREF(name);
    PyErr_Clear();
    py_put_back(raised);
    Py_XDECREF(co);
}

#include "runner/py.h"

#include "runner/disguise.h"

#include <string.h>

#include "runner/codes.h"

enum { N_ATTRIBUTES = 6 };

static const struct probe_ops *ops;
static PyObject *plain_replace; /* code.replace as it was */

/* code's attributes that are answered with what the origin says, and how. */
static PyGetSetDef attributes[N_ATTRIBUTES];
static PyObject *plain_attributes[N_ATTRIBUTES];

static PyObject *
origin(PyObject *code)
{
    return (PyObject *)ops->origin((PyCodeObject *)code);
}

static PyObject *
get_attribute(PyObject *self, void *plain)
{
    PyObject *descriptor = *(PyObject **)plain;

    return Py_TYPE(descriptor)
        ->tp_descr_get(descriptor, origin(self), (PyObject *)&PyCode_Type);
}

/* Whether a replacement leaves lines and instructions as they are. */
static bool
keeps_lines(PyObject *names)
{
    static const char *const harmless[] = {"co_flags", "co_name", "co_qualname"};
    bool ok = true;

    for (Py_ssize_t i = 0; ok && names && i < PyTuple_GET_SIZE(names); i++) {
        ok = false;
        for (size_t k = 0; k < sizeof(harmless) / sizeof(harmless[0]); k++)
            ok |= PyUnicode_CompareWithASCIIString(PyTuple_GET_ITEM(names, i),
                                                   harmless[k]) == 0;
    }
    return ok;
}

static PyObject *
replace_in_code(PyObject *self, PyObject *const *args, Py_ssize_t n, PyObject *names)
{
    struct codes_entry *e = codes_find((PyCodeObject *)self);
    PyObject *from = origin(self), *new, *made;
    Py_ssize_t n_all = 1 + n + (names ? PyTuple_GET_SIZE(names) : 0);
    PyObject **all = PyMem_Calloc((size_t)n_all, sizeof(*all));

    if (!all)
        return PyErr_NoMemory();
    all[0] = from;
    memcpy(all + 1, args, (size_t)(n_all - 1) * sizeof(*all));
    new = PyObject_Vectorcall(plain_replace, all, (size_t)n + 1, names);
    PyMem_Free(all);
    if (!new || from == self || !e || !keeps_lines(names))
        return new;
    codes_attach((PyCodeObject *)new, e);
    made = (PyObject *)ops->instrument((PyCodeObject *)new, e);
    Py_DECREF(new);
    return made;
}

static PyMethodDef replace_method = {"replace",
                                     (PyCFunction)(void (*)(void))replace_in_code,
                                     METH_FASTCALL | METH_KEYWORDS, NULL};

static bool
replace_replace(PyObject *dict)
{
    PyObject *new = NULL;
    bool ok = false;

    plain_replace = Py_XNewRef(PyDict_GetItemString(dict, "replace"));
    if (plain_replace && Py_IS_TYPE(plain_replace, &PyMethodDescr_Type)) {
        replace_method.ml_doc =
            ((PyMethodDescrObject *)plain_replace)->d_method->ml_doc;
        new = PyDescr_NewMethod(&PyCode_Type, &replace_method);
        ok = new &&PyDict_SetItemString(dict, "replace", new) == 0;
    }
    Py_XDECREF(new);
    return ok;
}

static bool
replace_attributes(PyObject *dict)
{
    static const char *const names[N_ATTRIBUTES] = {
        "co_code",   "co_consts",    "co_linetable",
        "co_lnotab", "co_stacksize", "co_exceptiontable"};
    PyObject *new;
    bool ok = true;

    for (int i = 0; ok && i < N_ATTRIBUTES; i++) {
        plain_attributes[i] = Py_XNewRef(PyDict_GetItemString(dict, names[i]));
        attributes[i] = (PyGetSetDef){
            .name = names[i], .get = get_attribute, .closure = &plain_attributes[i]};
        new = plain_attributes[i] ? PyDescr_NewGetSet(&PyCode_Type, &attributes[i])
                                  : NULL;
        ok = new &&PyDict_SetItemString(dict, names[i], new) == 0;
        Py_XDECREF(new);
    }
    return ok;
}

bool
disguise_put_on(const struct probe_ops *back_end, struct err *err)
{
    PyObject *dict = py_type_dict(&PyCode_Type);
    bool ok;

    ops = back_end;
    ok = dict && replace_replace(dict) && replace_attributes(dict);
    PyType_Modified(&PyCode_Type);
    Py_XDECREF(dict);
    PyErr_Clear();
    return ok || err_set(err, "the interpreter's code type cannot be changed");
}

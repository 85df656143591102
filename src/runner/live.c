#include "runner/py.h"

#include "runner/live.h"

#include <string.h>

static PyObject *get_objects; /* gc.get_objects */

/* The program does not find the module loaded that it has not loaded itself. */
bool
live_start(void)
{
    PyObject *modules = PyImport_GetModuleDict(); /* borrowed */
    bool was_there = PyDict_GetItemString(modules, "gc") != NULL;
    PyObject *gc = PyImport_ImportModule("gc");

    get_objects = gc ? PyObject_GetAttrString(gc, "get_objects") : NULL;
    if (gc && !was_there)
        PyDict_DelItemString(modules, "gc");
    Py_XDECREF(gc);
    return get_objects != NULL;
}

/* All objects that the collector knows, as a new list, or NULL. With the collector at
 * rest: before 3.12 making the list could start it, and with it the program's
 * finalizers. */
static PyObject *
all_objects(void)
{
    int was_on = PyGC_Disable();
    PyObject *all = PyObject_CallNoArgs(get_objects);

    if (was_on)
        PyGC_Enable();
    PyErr_Clear();
    return all;
}

/* Not those that the interpreter makes to run a module or a class body, once. */
static bool
is_function(PyObject *o)
{
    return PyFunction_Check(o) &&
           ((PyCodeObject *)PyFunction_GET_CODE(o))->co_flags & CO_OPTIMIZED;
}

/* In how many functions it was defined. */
static int
depth_of(PyCodeObject *co)
{
    static const char mark[] = "<locals>.";
    const char *name = PyUnicode_AsUTF8(co->co_qualname);
    int depth = 0;

    PyErr_Clear();
    while (name && (name = strstr(name, mark))) {
        name += strlen(mark);
        depth++;
    }
    return depth;
}

void
live_each_function(void (*each)(PyFunctionObject *f, void *arg), void *arg)
{
    PyObject *all = all_objects(), *o;
    bool is_deeper = all != NULL;

    for (int depth = 0; is_deeper; depth++) {
        is_deeper = false;
        for (Py_ssize_t i = 0; i < PyList_GET_SIZE(all); i++) {
            int at;

            o = PyList_GET_ITEM(all, i);
            if (!is_function(o))
                continue;
            at = depth_of((PyCodeObject *)PyFunction_GET_CODE(o));
            is_deeper |= at > depth;
            if (at == depth)
                each((PyFunctionObject *)o, arg);
        }
    }
    Py_XDECREF(all);
}

static void
each_frame(PyThreadState *tstate, void (*each)(PyCodeObject *co))
{
    PyFrameObject *frame = PyThreadState_GetFrame(tstate);
    PyCodeObject *co;

    while (frame) {
        co = PyFrame_GetCode(frame);
        each(co);
        Py_DECREF(co);
        Py_SETREF(frame, PyFrame_GetBack(frame));
    }
}

void
live_each_running(void (*each)(PyCodeObject *co))
{
    PyThreadState *tstate = PyInterpreterState_ThreadHead(PyInterpreterState_Get());
    PyObject *all = all_objects(), *o;

    for (; tstate; tstate = PyThreadState_Next(tstate))
        each_frame(tstate, each);
    for (Py_ssize_t i = 0; all && i < PyList_GET_SIZE(all); i++) {
        o = PyList_GET_ITEM(all, i);
        if (PyGen_Check(o) || PyCoro_CheckExact(o) || PyAsyncGen_CheckExact(o))
            each(py_gen_code((PyGenObject *)o));
    }
    Py_XDECREF(all);
}

/* As function.__code__ does it, but that no audit hook of the program's is called. */
bool
live_set_code(PyFunctionObject *f, PyCodeObject *co)
{
    PyCodeObject *old = (PyCodeObject *)f->func_code;

    if (co->co_nfreevars != old->co_nfreevars)
        return false;
    f->func_version = py_function_version(f, co);
    f->func_code = Py_NewRef(co);
    Py_DECREF(old);
    return true;
}

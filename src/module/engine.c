/* The extension module ttrace._engine. What it keeps belongs to the process, as its
 * session does: it can be loaded once, into the main interpreter. */
#include "runner/py.h"

#include "module/engine_hooks.h"
#include "module/engine_recording.h"
#include "module/engine_rules.h"
#include "module/engine_session.h"
#include "module/engine_watch.h"
#include "runner/codes.h"

/* For threading.settrace(): a new thread comes here at its first event. */
static PyObject *
hook(PyObject *self, PyObject *args)
{
    PyObject *frame, *event, *arg;

    (void)self;
    if (!PyArg_ParseTuple(args, "O!OO", &PyFrame_Type, &frame, &event, &arg))
        return NULL;
    engine_watch_join((PyFrameObject *)frame);
    Py_RETURN_NONE;
}

static PyObject *
set_own_folder(PyObject *self, PyObject *folder)
{
    const char *text = PyUnicode_AsUTF8(folder);

    (void)self;
    if (!text)
        return NULL;
    engine_rules_set_own(text);
    Py_RETURN_NONE;
}

/* Makes all lines of a file known: `code` was compiled from its text. */
static PyObject *
complete(PyObject *self, PyObject *args)
{
    PyObject *code, *globals;

    (void)self;
    if (!PyArg_ParseTuple(args, "O!O!", &PyCode_Type, &code, &PyDict_Type, &globals))
        return NULL;
    codes_get((PyCodeObject *)code, globals);
    Py_RETURN_NONE;
}

static PyObject *
after_fork(PyObject *self, PyObject *ignored)
{
    (void)self;
    (void)ignored;
    engine_session_after_fork();
    engine_recording_after_fork();
    engine_hooks_after_fork();
    engine_watch_after_fork();
    Py_RETURN_NONE;
}

static PyMethodDef functions[] = {
    {"hook", hook, METH_VARARGS, "A trace function, for threading.settrace()."},
    {"set_own_folder", set_own_folder, METH_O, "Code below it is never recorded."},
    {"complete", complete, METH_VARARGS, "Makes all lines of a file known."},
    {"after_fork", after_fork, METH_NOARGS, "What a child does first."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "ttrace._engine",
    .m_doc = "Recordings and listeners of ttrace, in C.",
    .m_size = -1,
    .m_methods = functions,
};

PyMODINIT_FUNC PyInit__engine(void);

PyMODINIT_FUNC
PyInit__engine(void)
{
    PyObject *module = PyModule_Create(&definition), *hook_object = NULL;
    bool ok =
        module && engine_hooks_init() == 0 && engine_recording_init() == 0 &&
        PyModule_AddObjectRef(module, "Recording",
                              (PyObject *)&engine_recording_type) == 0 &&
        PyModule_AddObjectRef(module, "Listener", (PyObject *)&engine_hooks_type) == 0;

    if (ok)
        hook_object = PyObject_GetAttrString(module, "hook");
    ok = hook_object && engine_watch_init(hook_object) == 0;
    Py_XDECREF(hook_object);
    if (!ok)
        Py_CLEAR(module);
    return module;
}

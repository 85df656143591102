#include "runner/py.h"

#include "runner/door.h"

#include <string.h>

#include "runner/codes.h"

static const struct probe_ops *ops;
static PyObject *plain_exec;   /* builtins.exec as it was */
static PyObject *main_globals; /* borrowed: __main__'s, which outlive the run */

/* The code to run instead of `co`: a new reference. */
static PyObject *
pass(PyObject *co, PyObject *globals)
{
    struct codes_entry *e = codes_get((PyCodeObject *)co, globals);

    return e ? (PyObject *)ops->instrument((PyCodeObject *)co, e) : Py_NewRef(co);
}

/* A C function has no frame of its own: without explicit globals, the plain exec sees
 * those of our caller. */
static PyObject *
exec_code(PyObject *self, PyObject *const *args, Py_ssize_t n, PyObject *names)
{
    PyObject *globals = n > 1 ? args[1] : PyEval_GetGlobals();
    PyObject *const *rest = args;
    PyObject *own[4] = {NULL}, *result;

    (void)self;
    if (n < 1 || n > 3 || names || !PyCode_Check(args[0]) || !globals ||
        !PyDict_Check(globals))
        return PyObject_Vectorcall(plain_exec, args, (size_t)n, names);
    own[0] = pass(args[0], globals);
    for (Py_ssize_t i = 1; i < n; i++)
        own[i] = rest[i];
    result = PyObject_Vectorcall(plain_exec, own, (size_t)n, NULL);
    Py_DECREF(own[0]);
    return result;
}

/* As exec() itself says of itself. */
static PyMethodDef exec_method = {"exec", (PyCFunction)(void (*)(void))exec_code,
                                  METH_FASTCALL | METH_KEYWORDS, NULL};

static bool
replace_exec(void)
{
    PyObject *builtins = PyImport_ImportModule("builtins"), *function = NULL;
    bool ok = false;

    if (!builtins)
        return false;
    plain_exec = PyObject_GetAttrString(builtins, "exec");
    if (plain_exec && PyCFunction_Check(plain_exec)) {
        exec_method.ml_doc = ((PyCFunctionObject *)plain_exec)->m_ml->ml_doc;
        function = PyCFunction_NewEx(&exec_method, PyCFunction_GET_SELF(plain_exec),
                                     ((PyCFunctionObject *)plain_exec)->m_module);
        ok = function && PyObject_SetAttrString(builtins, "exec", function) == 0;
    }
    Py_XDECREF(function);
    Py_DECREF(builtins);
    return ok;
}

/* From 3.12 on, the evaluator ends the frame it is given, with means that are its own.
 * So a frame that is not to be evaluated gets an empty module's code to run instead. */
static bool
end_frame(PyThreadState *tstate, struct _PyInterpreterFrame *frame)
{
#if PY_VERSION_HEX >= 0x030c0000
    struct py_raised raised = py_put_aside();
    PyObject *old = (PyObject *)py_frame_code(frame);
    PyObject *empty = Py_CompileString("", "<script>", Py_file_input), *none = NULL;

    if (empty) {
        py_frame_restart(frame, (PyCodeObject *)empty);
        none = _PyEval_EvalFrameDefault(tstate, frame, 0);
        Py_DECREF(old);
    }
    if (!none) /* a signal's handler has raised: this goes on */
        return false;
    Py_DECREF(none);
    py_put_back(raised);
#else
    (void)tstate;
    (void)frame;
#endif
    return true;
}

/* The script does not pass exec(): the interpreter compiles and evaluates it. So until
 * it begins, frames are evaluated through here. The script's frame is not linked to the
 * thread's frames yet, so that what runs in its place stands where it would. */
static PyObject *
evaluate(PyThreadState *tstate, struct _PyInterpreterFrame *frame, int throw)
{
    PyObject *own = (PyObject *)py_frame_code(frame), *co, *result;

    if (throw || frame->f_globals != main_globals || frame->f_locals != main_globals)
        return _PyEval_EvalFrameDefault(tstate, frame, throw);
    _PyInterpreterState_SetEvalFrameFunc(tstate->interp, _PyEval_EvalFrameDefault);
    co = pass(own, main_globals);
    if (co == own) {
        Py_DECREF(co);
        return _PyEval_EvalFrameDefault(tstate, frame, throw);
    }
    result = PyEval_EvalCode(co, main_globals, main_globals);
    Py_DECREF(co);
    if (!end_frame(tstate, frame))
        Py_CLEAR(result);
    return result;
}

bool
door_open(const struct probe_ops *back_end, struct err *err)
{
    ops = back_end;
    main_globals = py_main_globals();
    if (!main_globals || !replace_exec()) {
        PyErr_Clear();
        return err_set(err, "the interpreter's exec() cannot be replaced");
    }
    _PyInterpreterState_SetEvalFrameFunc(PyInterpreterState_Get(), evaluate);
    return true;
}

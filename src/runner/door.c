#include "runner/py.h"

#include "runner/door.h"

#include <string.h>

#include "runner/codes.h"

enum {
    RECENT = 16, /* code objects kept for programs that run one again and again */
    ARGS_MAX = 4 /* code, globals, locals, closure */
};

static const struct probe_ops *ops;
static PyObject *main_globals; /* borrowed: __main__'s, which outlive the run */
static PyObject *plain_exec, *plain_eval; /* as they were */
static PyObject *recent[RECENT];

/* The code to run instead of `co`: a new reference. */
static PyObject *
pass(PyObject *co, PyObject *globals)
{
    static unsigned next;
    struct codes_entry *e = codes_get((PyCodeObject *)co, globals);
    PyObject *made;

    if (!e)
        return Py_NewRef(co);
    made = (PyObject *)ops->instrument((PyCodeObject *)co, e);
    next = (next + 1) % RECENT;
    Py_XSETREF(recent[next], Py_NewRef(made));
    return made;
}

/* The globals that the code will run with; NULL if the call is not one to touch. 3.13
 * takes them by name, too. */
static PyObject *
globals_of(PyObject *const *args, Py_ssize_t n, PyObject *names)
{
    PyObject *globals = n > 1 ? args[1] : NULL;

    for (Py_ssize_t i = 0; names && i < PyTuple_GET_SIZE(names); i++)
        if (PyUnicode_CompareWithASCIIString(PyTuple_GET_ITEM(names, i), "globals") ==
            0)
            globals = args[n + i];
    /* A C function has no frame of its own: these are our caller's. */
    if (!globals || globals == Py_None)
        globals = PyEval_GetGlobals();
    return globals && PyDict_Check(globals) ? globals : NULL;
}

static PyObject *
run(PyObject *plain, PyObject *const *args, Py_ssize_t n, PyObject *names)
{
    Py_ssize_t n_all = n + (names ? PyTuple_GET_SIZE(names) : 0);
    PyObject *globals, *own[ARGS_MAX], *result;

    if (n < 1 || n_all > ARGS_MAX || !PyCode_Check(args[0]) ||
        !(globals = globals_of(args, n, names)))
        return PyObject_Vectorcall(plain, args, (size_t)n, names);
    memcpy(own, args, (size_t)n_all * sizeof(*own));
    own[0] = pass(args[0], globals);
    result = PyObject_Vectorcall(plain, own, (size_t)n, names);
    Py_DECREF(own[0]);
    return result;
}

static PyObject *
exec_code(PyObject *self, PyObject *const *args, Py_ssize_t n, PyObject *names)
{
    (void)self;
    return run(plain_exec, args, n, names);
}

static PyObject *
eval_code(PyObject *self, PyObject *const *args, Py_ssize_t n, PyObject *names)
{
    (void)self;
    return run(plain_eval, args, n, names);
}

#define METHOD(name, f)                                                           \
    {                                                                             \
        name, (PyCFunction)(void (*)(void))f, METH_FASTCALL | METH_KEYWORDS, NULL \
    }

static PyMethodDef exec_method = METHOD("exec", exec_code),
                   eval_method = METHOD("eval", eval_code);

/* Puts a function of ours in the place of a builtin one; it says of itself what that
 * said. */
static bool
replace_builtin(PyMethodDef *method, PyObject **plain)
{
    PyObject *builtins = PyImport_ImportModule("builtins"), *function = NULL;
    PyCFunctionObject *old;
    bool ok = false;

    if (!builtins)
        return false;
    *plain = PyObject_GetAttrString(builtins, method->ml_name);
    if (*plain && PyCFunction_Check(*plain)) {
        old = (PyCFunctionObject *)*plain;
        method->ml_doc = old->m_ml->ml_doc;
        function = PyCFunction_NewEx(method, old->m_self, old->m_module);
        ok = function &&
             PyObject_SetAttrString(builtins, method->ml_name, function) == 0;
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
    PyObject *empty = Py_CompileString("", "<script>", Py_file_input), *none;

    if (!empty)
        Py_FatalError("no memory to end the script's frame");
    py_frame_restart(frame, (PyCodeObject *)empty);
    PyThreadState_EnterTracing(tstate); /* no trace function sees it */
    none = _PyEval_EvalFrameDefault(tstate, frame, 0);
    PyThreadState_LeaveTracing(tstate);
    Py_DECREF(old);
    if (!none) { /* a signal's handler has raised: that goes on instead */
        py_drop(raised);
        return false;
    }
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
    if (!main_globals || !replace_builtin(&exec_method, &plain_exec) ||
        !replace_builtin(&eval_method, &plain_eval)) {
        PyErr_Clear();
        return err_set(err, "the interpreter's exec() cannot be replaced");
    }
    _PyInterpreterState_SetEvalFrameFunc(PyInterpreterState_Get(), evaluate);
    return true;
}

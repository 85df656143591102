#include "runner/py.h"

#include "runner/door.h"

#if PY_IS_KNOWN

#include <string.h>

#include "runner/codes.h"

enum {
    RECENT = 16, /* code objects kept for programs that run one again and again */
    ARGS_MAX = 4 /* code, globals, locals, closure */
};

struct builtin {     /* exec or eval */
    PyObject *plain; /* as it was */
    int start;       /* what a string given to it is */
};

static const struct probe_ops *ops;
static PyInterpreterState *interpreter; /* the program's: others are left alone */
static PyObject *main_globals; /* borrowed: __main__'s, which outlive the run */
static struct builtin exec_builtin = {NULL, Py_file_input},
                      eval_builtin = {NULL, Py_eval_input};
static PyObject *recent[RECENT];
static PyObject *string_name; /* "<string>" */
static newfunc plain_new_function;

PyCodeObject *
door_pass(PyCodeObject *co, PyObject *globals)
{
    struct codes_entry *e =
        PyInterpreterState_Get() == interpreter ? codes_get(co, globals) : NULL;

    return e ? ops->instrument(co, e) : (PyCodeObject *)Py_NewRef(co);
}

/* The same for code that may come again. */
static PyObject *
pass(PyObject *co, PyObject *globals)
{
    static unsigned next;
    PyObject *made = (PyObject *)door_pass((PyCodeObject *)co, globals);

    if (made != co) {
        next = (next + 1) % RECENT;
        Py_XSETREF(recent[next], Py_NewRef(made));
    }
    return made;
}

static bool
is_namespace(PyObject *o)
{
    return !o || o == Py_None || PyMapping_Check(o);
}

/* The globals that the code will run with; NULL if the call is not one to touch. 3.13
 * takes them by name, too. */
static PyObject *
globals_of(PyObject *const *args, Py_ssize_t n, PyObject *names)
{
    PyObject *globals = n > 1 ? args[1] : NULL, *name;

    for (Py_ssize_t i = 0; names && i < PyTuple_GET_SIZE(names); i++) {
        name = PyTuple_GET_ITEM(names, i);
        if (PyUnicode_CompareWithASCIIString(name, "globals") == 0)
            globals = args[n + i];
        else if (PyUnicode_CompareWithASCIIString(name, "locals") != 0 &&
                 !PyCode_Check(args[0]))
            return NULL; /* closure, which is an error with a string */
        if (!is_namespace(args[n + i]) && !PyCode_Check(args[0]))
            return NULL;
    }
    if (n > 2 && !is_namespace(args[2]))
        return NULL;
    /* A C function has no frame of its own: these are our caller's. */
    if (!globals || globals == Py_None)
        globals = PyEval_GetGlobals();
    return globals && PyDict_Check(globals) ? globals : NULL;
}

static PyObject *
bytes_of(PyObject *source)
{
    PyObject *bytes = NULL;
    Py_buffer buffer;

    if (PyBytes_Check(source))
        return Py_NewRef(source);
    if (PyObject_GetBuffer(source, &buffer, PyBUF_SIMPLE) == 0) {
        bytes = PyBytes_FromStringAndSize(buffer.buf, buffer.len);
        PyBuffer_Release(&buffer);
    }
    return bytes;
}

/* The text of a string or what else holds bytes, NUL-terminated, as a new reference in
 * `*owner`; NULL with no exception set for what the builtin refuses. */
static const char *
text_of(PyObject *source, PyObject **owner)
{
    Py_ssize_t len = 0;
    const char *text = NULL;

    *owner = PyUnicode_Check(source) ? Py_NewRef(source) : bytes_of(source);
    if (*owner && PyUnicode_Check(*owner)) {
        text = PyUnicode_AsUTF8AndSize(*owner, &len);
    } else if (*owner) {
        text = PyBytes_AS_STRING(*owner);
        len = PyBytes_GET_SIZE(*owner);
    }
    if (!text || strlen(text) != (size_t)len) {
        PyErr_Clear();
        Py_CLEAR(*owner);
        return NULL;
    }
    return text;
}

/* Compiles a string as exec() and eval() do, with the `from __future__` of the caller.
 * NULL: an exception is set, or none: the builtin is to say what is wrong. */
static PyObject *
compile_string(PyObject *source, int start)
{
    PyCompilerFlags flags = {PyCF_SOURCE_IS_UTF8, PY_MINOR_VERSION};
    PyObject *owner, *co;
    const char *text = text_of(source, &owner);

    if (!text)
        return NULL;
    if (PyUnicode_Check(owner))
        flags.cf_flags |= PyCF_IGNORE_COOKIE;
    if (start == Py_eval_input)
        text += strspn(text, " \t");
    PyEval_MergeCompilerFlags(&flags);
    co = Py_CompileStringObject(text, string_name, start, &flags, -1);
    Py_DECREF(owner);
    return co;
}

static bool
is_string(PyObject *source)
{
    return PyUnicode_Check(source) || PyObject_CheckBuffer(source);
}

/* The code to run, a new reference; NULL with or without an exception, as above. */
static PyObject *
code_for(const struct builtin *b, PyObject *source, PyObject *globals)
{
    PyObject *co, *made;

    if (PyCode_Check(source))
        return pass(source, globals);
    if (!is_string(source) || !codes_may_want_strings())
        return NULL;
    co = compile_string(source, b->start);
    if (!co)
        return NULL;
    made = (PyObject *)door_pass((PyCodeObject *)co, globals);
    Py_DECREF(co);
    return made;
}

static PyObject *
run(const struct builtin *b, PyObject *const *args, Py_ssize_t n, PyObject *names)
{
    Py_ssize_t n_all = n + (names ? PyTuple_GET_SIZE(names) : 0);
    PyObject *globals, *own[ARGS_MAX], *result, *co = NULL;

    if (n >= 1 && n_all <= ARGS_MAX && (globals = globals_of(args, n, names)))
        co = code_for(b, args[0], globals);
    if (!co)
        return PyErr_Occurred() ? NULL
                                : PyObject_Vectorcall(b->plain, args, (size_t)n, names);
    memcpy(own, args, (size_t)n_all * sizeof(*own));
    own[0] = co;
    result = PyObject_Vectorcall(b->plain, own, (size_t)n, names);
    Py_DECREF(co);
    return result;
}

static PyObject *
exec_code(PyObject *self, PyObject *const *args, Py_ssize_t n, PyObject *names)
{
    (void)self;
    return run(&exec_builtin, args, n, names);
}

static PyObject *
eval_code(PyObject *self, PyObject *const *args, Py_ssize_t n, PyObject *names)
{
    (void)self;
    return run(&eval_builtin, args, n, names);
}

/* types.FunctionType(code, globals, ...) */
static PyObject *
new_function(PyTypeObject *type, PyObject *args, PyObject *names)
{
    PyObject *made = plain_new_function(type, args, names);
    PyFunctionObject *f = (PyFunctionObject *)made;

    if (made)
        Py_SETREF(f->func_code,
                  (PyObject *)door_pass((PyCodeObject *)f->func_code, f->func_globals));
    return made;
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
    interpreter = PyInterpreterState_Get();
    main_globals = py_main_globals();
    string_name = PyUnicode_InternFromString("<string>");
    if (!main_globals || !string_name ||
        !replace_builtin(&exec_method, &exec_builtin.plain) ||
        !replace_builtin(&eval_method, &eval_builtin.plain)) {
        PyErr_Clear();
        return err_set(err, "the interpreter's exec() cannot be replaced");
    }
    plain_new_function = PyFunction_Type.tp_new;
    PyFunction_Type.tp_new = new_function;
    _PyInterpreterState_SetEvalFrameFunc(interpreter, evaluate);
    return true;
}

#endif

/* The one door for Python.h, and the one place for what the versions of the interpreter
 * spell differently.
 */
#ifndef RUNNER_PY_H
#define RUNNER_PY_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdbool.h>

#ifdef Py_GIL_DISABLED
#error \
    "free-threaded builds of Python are not supported: counters have one writer, the GIL"
#endif

/* The versions whose bytecode the rewriter knows. Only there the interpreter's own
 * structs are read, too; elsewhere all goes by its API. With -DPY_IS_KNOWN=0, 3.13 is
 * treated as a version that nobody has heard of. */
#ifndef PY_IS_KNOWN
#define PY_IS_KNOWN (PY_VERSION_HEX >= 0x030b0000 && PY_VERSION_HEX < 0x030e0000)
#endif

#if PY_IS_KNOWN
#define Py_BUILD_CORE 1
#include <internal/pycore_code.h>
#include <internal/pycore_frame.h>
#undef _PyGC_FINALIZED /* 3.12 defines it on both sides */
#include <internal/pycore_interp.h>
#if PY_VERSION_HEX < 0x030c0000
#include <internal/pycore_pystate.h>
#endif
#include <opcode.h>
#undef Py_BUILD_CORE
#else
#include <opcode.h>
#endif

/* The frame that runs now, as the interpreter knows it: an identity that costs a few
 * loads and makes no frame object. Never dereferenced by who only compares. Later
 * versions than 3.11 hide where the thread's state is. */
static inline struct _PyInterpreterFrame *
py_frame(void)
{
#if PY_VERSION_HEX >= 0x030d0000
    return PyThreadState_Get()->current_frame;
#elif PY_VERSION_HEX >= 0x030c0000
    return PyThreadState_Get()->cframe->current_frame;
#else
    return _PyThreadState_GET()->cframe->current_frame;
#endif
}

#if PY_IS_KNOWN
/* What 3.11 calls f_code, and later versions f_executable. Borrowed. */
static inline PyCodeObject *
py_frame_code(const struct _PyInterpreterFrame *frame)
{
#if PY_VERSION_HEX >= 0x030d0000
    return (PyCodeObject *)frame->f_executable;
#else
    return frame->f_code;
#endif
}

/* What a frame returns that runs a probe right in front of its return: the one thing on
 * its stack, or a constant. Borrowed; NULL where that cannot be said. */
static inline PyObject *
py_frame_returns(const struct _PyInterpreterFrame *frame)
{
    PyCodeObject *co = py_frame_code(frame);
#if PY_VERSION_HEX >= 0x030c0000
#if PY_VERSION_HEX >= 0x030d0000
    const _Py_CODEUNIT *at = frame->instr_ptr;
#else
    const _Py_CODEUNIT *at = frame->prev_instr;
#endif
    unsigned arg = 0;

    for (at += 2; at->op.code == EXTENDED_ARG; at++) /* behind UNARY_INVERT, POP_TOP */
        arg = (arg | at->op.arg) << 8;
    if (at->op.code == RETURN_CONST)
        return PyTuple_GET_ITEM(co->co_consts, (Py_ssize_t)(arg | at->op.arg));
    if (at->op.code != RETURN_VALUE)
        return NULL;
#endif
    return frame->localsplus[co->co_nlocalsplus];
}

/* Whether a coroutine that begins may be that of an eager task (3.12), and not awaited
 * by the one that runs: then C has called it. So it has for an await that has not been
 * specialised. */
static inline bool
py_frame_may_be_task(const struct _PyInterpreterFrame *frame)
{
#if PY_VERSION_HEX >= 0x030c0000
    return frame->previous && frame->previous->owner == FRAME_OWNED_BY_CSTACK;
#else
    (void)frame;
    return false;
#endif
}

#if PY_VERSION_HEX >= 0x030c0000
/* Lets a frame that has not begun run `code`, whose reference it takes over. The caller
 * now has the one on the code before. */
static inline void
py_frame_restart(struct _PyInterpreterFrame *frame, PyCodeObject *code)
{
#if PY_VERSION_HEX >= 0x030d0000
    frame->f_executable = (PyObject *)code;
    frame->instr_ptr = _PyCode_CODE(code);
#else
    frame->f_code = code;
    frame->prev_instr = _PyCode_CODE(code) - 1;
#endif
}
#endif

#else
static inline bool
py_frame_may_be_task(const struct _PyInterpreterFrame *frame)
{
    (void)frame;
    return true;
}
#endif /* PY_IS_KNOWN */

/* The names of a module or of a class body: a new reference, NULL if it has none. Until
 * 3.12 the API would write into them first. */
static inline PyObject *
py_frame_namespace(PyFrameObject *frame)
{
#if PY_VERSION_HEX >= 0x030d0000
    return PyFrame_GetLocals(frame);
#else
    return Py_XNewRef(frame->f_frame->f_locals);
#endif
}

/* The value of the variable `i` of co_localsplusnames: a new reference, NULL if it has
 * none now. No exception is set. */
static inline PyObject *
py_frame_variable(PyFrameObject *frame, PyCodeObject *co, int i)
{
#if PY_VERSION_HEX >= 0x030c0000
    PyObject *name = PyTuple_GET_ITEM(co->co_localsplusnames, i);
    PyObject *value = PyFrame_GetVar(frame, name);

    PyErr_Clear();
    return value;
#else
    PyObject *value = frame->f_frame->localsplus[i];

    /* Before MAKE_CELL has run, a cell variable's place holds the bare value. */
    if (value && PyCell_Check(value) &&
        _PyLocals_GetKind(co->co_localspluskinds, i) & (CO_FAST_CELL | CO_FAST_FREE))
        value = PyCell_GET(value);
    return Py_XNewRef(value);
#endif
}

/* The code of a generator, coroutine or asynchronous generator: borrowed. */
static inline PyCodeObject *
py_gen_code(PyGenObject *gen)
{
#if PY_VERSION_HEX >= 0x030c0000
    PyCodeObject *co = PyGen_GetCode(gen);

    Py_DECREF(co); /* it is the frame's, or the generator's */
    return co;
#else
    return gen->gi_code;
#endif
}

/* The version by which calls of `f` are specialised once it has other code that takes
 * the same arguments. 0: the interpreter finds one when it needs it; 3.13 does not, but
 * has one ready with the code, as for a new function. */
static inline uint32_t
py_function_version(const PyFunctionObject *f, const PyCodeObject *co)
{
#if PY_VERSION_HEX >= 0x030d0000
    return f->func_version ? co->co_version : 0;
#else
    (void)f;
    (void)co;
    return 0;
#endif
}

/* Has `f` called by the main thread as soon as it evaluates something; from any thread,
 * without the GIL. Before 3.13 the interpreter does not look for calls that another
 * thread has added before it is made to look. */
static inline void
py_call_soon(int (*f)(void *))
{
    Py_AddPendingCall(f, NULL);
#if PY_VERSION_HEX < 0x030d0000
    _Py_atomic_store_relaxed(&PyInterpreterState_Main()->ceval.eval_breaker, 1);
#endif
}

/* The exception on its way, put aside while something that may set another is done. */
struct py_raised {
    PyObject *type; /* 3.12 and later use `value` alone */
    PyObject *value;
    PyObject *traceback;
};

static inline struct py_raised
py_put_aside(void)
{
    struct py_raised r = {NULL, NULL, NULL};

#if PY_VERSION_HEX >= 0x030c0000
    r.value = PyErr_GetRaisedException();
#else
    PyErr_Fetch(&r.type, &r.value, &r.traceback);
#endif
    return r;
}

/* Drops what was set in between. */
static inline void
py_put_back(struct py_raised r)
{
#if PY_VERSION_HEX >= 0x030c0000
    PyErr_SetRaisedException(r.value);
#else
    PyErr_Restore(r.type, r.value, r.traceback);
#endif
}

static inline void
py_drop(struct py_raised r)
{
    Py_XDECREF(r.type);
    Py_XDECREF(r.value);
    Py_XDECREF(r.traceback);
}

/* Where an exception has been: a new reference, or NULL. 3.11 keeps the None that
 * except* or a program has put there. */
static inline PyTracebackObject *
py_traceback(PyObject *exception)
{
    PyObject *tb = PyException_GetTraceback(exception);

    if (!tb || PyTraceBack_Check(tb))
        return (PyTracebackObject *)tb;
    Py_DECREF(tb);
    return NULL;
}

/* The dict of the module __main__ as it is now: borrowed, NULL if there is none, or if
 * a program has put something else there. */
static inline PyObject *
py_main_globals(void)
{
    PyObject *module = PyDict_GetItemString(PyImport_GetModuleDict(), "__main__");

    return module && PyModule_Check(module) ? PyModule_GetDict(module) : NULL;
}

/* The dict of a type, which 3.12 hides for builtin ones: a new reference. */
static inline PyObject *
py_type_dict(PyTypeObject *type)
{
#if PY_VERSION_HEX >= 0x030c0000
    return PyType_GetDict(type);
#else
    return Py_XNewRef(type->tp_dict);
#endif
}

/* Data of ours on code objects (PEP 523), under the names of 3.12. */
#if PY_VERSION_HEX >= 0x030c0000
#define py_new_extra PyUnstable_Eval_RequestCodeExtraIndex
#define py_get_extra(co, i, out) PyUnstable_Code_GetExtra((PyObject *)(co), i, out)
#define py_set_extra(co, i, data) PyUnstable_Code_SetExtra((PyObject *)(co), i, data)
#else
#define py_new_extra _PyEval_RequestCodeExtraIndex
#define py_get_extra(co, i, out) _PyCode_GetExtra((PyObject *)(co), i, out)
#define py_set_extra(co, i, data) _PyCode_SetExtra((PyObject *)(co), i, data)
#endif

#endif

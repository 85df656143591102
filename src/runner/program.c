#include "runner/py.h"

#include "runner/program.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runner/nearby.h"
#include "session/format.h"

/* What the interpreter says when it could not flush its streams at the end. */
enum { STATUS_FAILED = 1, STATUS_NOT_FLUSHED = 120 };

/* Reading. */

bool
program_load(const char *file, PyObject *names)
{
    char path[PATH_MAX];
    FILE *f =
        nearby_find(path, "form", "src/runner/form", file) ? fopen(path, "re") : NULL;
    PyObject *done = NULL;

    if (f && PyDict_SetItemString(names, "__builtins__", PyEval_GetBuiltins()) == 0)
        done = PyRun_FileEx(f, path, Py_file_input, names, names, 1);
    else
        PyErr_Format(PyExc_SystemError, "%s does not lie beside the runner", file);
    Py_XDECREF(done);
    return done != NULL;
}

/* A program that cannot be read or found is no error of ours, so no frame of ours is
 * shown. */
static void
drop_own_frames(void)
{
    struct py_raised raised = py_put_aside();
    PyObject *e, *tb, *next;
    const char *file = "";

#if PY_VERSION_HEX < 0x030c0000
    PyErr_NormalizeException(&raised.type, &raised.value, &raised.traceback);
    if (raised.traceback)
        PyException_SetTraceback(raised.value, raised.traceback);
    Py_CLEAR(raised.traceback);
#endif
    e = raised.value;
    tb = e ? PyException_GetTraceback(e) : NULL;
    while (tb && PyTraceBack_Check(tb)) {
        PyFrameObject *frame = ((PyTracebackObject *)tb)->tb_frame;
        PyCodeObject *co = PyFrame_GetCode(frame);

        file = PyUnicode_AsUTF8(co->co_filename);
        Py_DECREF(co);
        if (file && !strstr(file, "/form/") && !strstr(file, "runpy"))
            break;
        next = Py_XNewRef((PyObject *)((PyTracebackObject *)tb)->tb_next);
        Py_SETREF(tb, next);
    }
    PyErr_Clear();
    if (e)
        PyException_SetTraceback(e, tb ? tb : Py_None);
#if PY_VERSION_HEX < 0x030c0000
    raised.traceback = tb;
#else
    Py_XDECREF(tb);
#endif
    py_put_back(raised);
}

static bool
is_true(PyObject *o, const char *name)
{
    PyObject *value = PyObject_GetAttrString(o, name);
    bool is = value == Py_True;

    Py_XDECREF(value);
    return is;
}

static unsigned
mode_of(PyObject *o)
{
    return (is_true(o, "lines") ? FORMAT_MODE_LINES : 0u) |
           (is_true(o, "prints") ? FORMAT_MODE_PRINT : 0u) |
           (is_true(o, "functions") ? FORMAT_MODE_TREE : 0u) |
           (is_true(o, "callers") ? FORMAT_MODE_TREE | FORMAT_MODE_CALLERS : 0u);
}

static int
end_interpreter(int status)
{
    return Py_FinalizeEx() < 0 ? STATUS_NOT_FLUSHED : status;
}

/* As Python does it with an exception that nobody caught. SystemExit does not come
 * back from PyErr_Print(). */
static int
end_by_exception(void)
{
    bool interrupted = PyErr_ExceptionMatches(PyExc_KeyboardInterrupt);
    int status;

    PyErr_Print();
    status = end_interpreter(STATUS_FAILED);
    if (interrupted) {
        signal(SIGINT, SIG_DFL);
        kill(getpid(), SIGINT);
    }
    return status;
}

void
program_read(struct program *p)
{
    PyObject *names = PyDict_New(), *read = NULL, *o = NULL;

    if (names && program_load("program.py", names))
        read = PyDict_GetItemString(names, "read"); /* borrowed */
    if (read)
        o = PyObject_CallNoArgs(read);
    if (!o) {
        drop_own_frames();
        exit(end_by_exception());
    }
    *p = (struct program){PyObject_GetAttrString(o, "code"),
                          PyObject_GetAttrString(o, "globals"),
                          PyObject_GetAttrString(o, "rules"),
                          PyObject_GetAttrString(o, "request"),
                          mode_of(o),
                          is_true(o, "timing")};
    if (p->code == Py_None)
        Py_CLEAR(p->code);
    Py_DECREF(o);
    Py_DECREF(names);
}

/* Running. */

int
program_run(struct program *p, const struct probe_ops *ops)
{
    PyObject *done = Py_NewRef(Py_None);

    if (p->code) {
        Py_SETREF(done, PyEval_EvalCode(p->code, p->globals, p->globals));
        ops->stop();
        Py_CLEAR(p->code);
    }
    if (!done)
        return end_by_exception();
    Py_DECREF(done);
    return end_interpreter(EXIT_SUCCESS);
}

#include "module/events.h"

#include "module/frames.h"
#include "module/known.h"
#include "module/printer.h"

static PyObject *
missing(struct tracer *t, const char *name)
{
    return PyErr_Format(PyExc_AttributeError, "'%.100s' object has no attribute '%s'",
                        Py_TYPE(t)->tp_name, name);
}

/* Calls */

/* The name of the module that `file`, a __file__, stands for; None: it is ignored. A
 * new reference. */
static PyObject *
find_module(struct tracer *t, PyObject *file)
{
    PyObject *module = NULL;

    if (PyUnicode_CheckExact(file)) {
        module = PyDict_GetItemWithError(t->modules, file);
        if (module || PyErr_Occurred())
            return Py_XNewRef(module);
    }
    return PyObject_CallMethod((PyObject *)t, "_wanted", "O", file);
}

/* f_globals.get('__file__'): a new reference. */
static PyObject *
find_file(const struct tracer *t, PyFrameObject *frame)
{
    PyObject *globals = PyFrame_GetGlobals(frame), *file;

    if (PyDict_CheckExact(globals)) {
        file = PyDict_GetItemWithError(globals, t->interp->names.__file__);
        if (!file && !PyErr_Occurred())
            file = Py_None;
        Py_XINCREF(file);
    } else {
        file = PyObject_CallMethodObjArgs(globals, t->interp->names.get,
                                          t->interp->names.__file__, NULL);
    }
    Py_DECREF(globals);
    return file;
}

PyObject *
events_enter(struct tracer *t, PyFrameObject *frame)
{
    PyObject *file = find_file(t, frame), *module = NULL, *local = NULL;
    PyCodeObject *code = PyFrame_GetCode(frame);
    int yes = file ? PyObject_IsTrue(file) : -1;

    if (yes == 0)
        local = Py_NewRef(Py_None);
    if (yes > 0)
        module = find_module(t, file);
    if (module == Py_None)
        local = Py_NewRef(Py_None);
    if (module && !local) {
        if (t->trace)
            yes = PyObject_IsTrue(t->trace);
        else
            yes = missing(t, "trace") ? 0 : -1;
        if (yes > 0)
            yes = printer_header(t, code, module);
        if (yes >= 0)
            local = t->localtrace ? Py_NewRef(t->localtrace) : missing(t, "localtrace");
    }
    Py_DECREF(code);
    Py_XDECREF(file);
    Py_XDECREF(module);
    return local;
}

/* Lines */

/* counts[key] = counts.get(key, 0) + 1, for a dict that somebody else has, too. */
static int
count_in(PyObject *counts, PyObject *key)
{
    PyObject *one = PyLong_FromLong(1), *old = NULL, *n = NULL;
    int status = -1;

    if (one && PyDict_CheckExact(counts)) {
        old = Py_XNewRef(PyDict_GetItemWithError(counts, key));
    } else if (one) {
        old = PyObject_CallMethod(counts, "get", "Oi", key, 0);
    }
    if (!PyErr_Occurred())
        n = old ? PyNumber_Add(old, one) : Py_NewRef(one);
    if (n)
        status = PyObject_SetItem(counts, key, n);
    Py_XDECREF(one);
    Py_XDECREF(old);
    Py_XDECREF(n);
    return status;
}

/* frame.f_lineno of line -1 is None. */
static PyObject *
line_object(int line)
{
    return line < 0 ? Py_NewRef(Py_None) : PyLong_FromLong(line);
}

static int
count(struct tracer *t, struct files_file *file, int line)
{
    PyObject *key, *number, *counts;
    int status = -1;

    if (!t->counts)
        return missing(t, "counts") ? 0 : -1;
    if (tracer_is_alone_with(t->counts)) {
        if (line >= 0 && line <= FILES_LINE_MAX)
            return files_hit(&t->files, file, line) ? 0 : -1;
        if (!files_fold(&t->files, t->counts)) /* what came before, before */
            return -1;
    }
    counts = Py_NewRef(t->counts);
    number = line_object(line);
    key = number ? PyTuple_Pack(2, file->name, number) : NULL;
    if (key)
        status = count_in(counts, key);
    Py_DECREF(counts);
    Py_XDECREF(number);
    Py_XDECREF(key);
    return status;
}

static struct files_file *
file_of(struct tracer *t, PyCodeObject *code)
{
    struct known *k = known_get(t->interp, code, t->serial);

    if (k && !k->file)
        k->file = files_get(&t->files, code->co_filename);
    return k ? k->file : NULL;
}

int
events_line(struct tracer *t, PyFrameObject *frame, unsigned local)
{
    PyCodeObject *code = PyFrame_GetCode(frame);
    int line = PyFrame_GetLineNumber(frame), status = 0;
    struct files_file *file = file_of(t, code);

    if (!file)
        status = -1;
    if (status == 0 && local & TRACER_COUNT)
        status = count(t, file, line);
    if (status == 0 && local & TRACER_PRINT)
        status = printer_line(t, file, line);
    Py_DECREF(code);
    return status;
}

/* Functions */

/* What file_module_function_of() says of the frame (NULL: of None), and where to note
 * things about it; *known is NULL where the method is not ours. A new reference. */
static PyObject *
find_function(struct tracer *t, PyFrameObject *frame, struct known **known)
{
    PyObject *of = frame ? (PyObject *)frame : Py_None, *function;
    PyCodeObject *code = frame && t->names_functions ? PyFrame_GetCode(frame) : NULL;
    struct known *k = code ? known_get(t->interp, code, t->serial) : NULL;

    *known = NULL;
    if (code && !k) {
        Py_DECREF(code);
        return NULL;
    }
    function = k ? Py_XNewRef(k->function) : NULL;
    if (!function)
        function = PyObject_CallMethodOneArg(
            (PyObject *)t, t->interp->names.file_module_function_of, of);
    k = code && function ? known_get(t->interp, code, t->serial) : NULL;
    if (k && !k->function)
        k->function = Py_NewRef(function);
    *known = k;
    Py_XDECREF(code);
    if (PyErr_Occurred())
        Py_CLEAR(function);
    return function;
}

/* noted[key] = 1 */
static int
note(PyObject *noted, PyObject *key)
{
    PyObject *one = PyLong_FromLong(1);
    int status = one ? PyObject_SetItem(noted, key, one) : -1;

    Py_XDECREF(one);
    return status;
}

int
events_note_function(struct tracer *t, PyFrameObject *frame)
{
    struct known *k;
    PyObject *function = find_function(t, frame, &k);
    int status = 0;

    if (function && !t->calledfuncs)
        status = missing(t, "_calledfuncs") ? 0 : -1;
    else if (!function)
        status = -1;
    else if (!k || k->function_noted != t->n_handed_out ||
             !tracer_is_alone_with(t->calledfuncs))
        status = note(t->calledfuncs, function);
    if (k && status == 0)
        k->function_noted = t->n_handed_out;
    Py_XDECREF(function);
    return status;
}

static int
note_pair(struct tracer *t, struct known *k, PyObject *caller, PyObject *function)
{
    PyObject *pair = PyTuple_Pack(2, caller, function);
    int status = pair ? note(t->callers, pair) : -1;

    Py_XDECREF(pair);
    if (k && status == 0) {
        Py_XSETREF(k->caller, Py_NewRef(caller));
        k->caller_noted = t->n_handed_out;
    }
    return status;
}

int
events_note_caller(struct tracer *t, PyFrameObject *frame)
{
    PyFrameObject *back = PyFrame_GetBack(frame);
    PyCodeObject *code = PyFrame_GetCode(frame);
    struct known *of_back, *k;
    PyObject *function = find_function(t, frame, &k), *caller = NULL;
    int status = -1;

    if (function)
        caller = find_function(t, back, &of_back);
    if (caller) {
        k = k ? known_get(t->interp, code, t->serial) : NULL; /* Python code has run */
        if (!t->callers)
            status = missing(t, "_callers") ? 0 : -1;
        else if (k && k->caller == caller && k->caller_noted == t->n_handed_out &&
                 tracer_is_alone_with(t->callers))
            status = 0;
        else if (!PyErr_Occurred())
            status = note_pair(t, k, caller, function);
    }
    Py_XDECREF(back);
    Py_DECREF(code);
    Py_XDECREF(function);
    Py_XDECREF(caller);
    return status;
}

/* As the interpreter calls trace functions */

/* An exception in a trace function ends tracing. Before 3.11.4 the frame was twice in
 * its traceback (gh-102818). */
static int
stop(const struct tracer *t, PyFrameObject *frame)
{
    if (Py_Version < 0x030b0400)
        PyTraceBack_Here(frame);
    frames_set_local(t->interp, frame, NULL);
    PyEval_SetTrace(NULL, NULL);
    return -1;
}

/* Calls a function in frame.f_trace that is none of the tracer's own. */
static int
forward(struct tracer *t, PyObject *local, PyFrameObject *frame, int what,
        PyObject *arg)
{
    PyObject *args[] = {(PyObject *)frame, t->interp->events[what],
                        arg ? arg : Py_None};
    PyObject *result = PyObject_Vectorcall(local, args, 3, NULL);

    frames_take_locals(frame);
    if (!result)
        return stop(t, frame);
    if (result != Py_None && frames_set_local(t->interp, frame, result) < 0)
        PyErr_Clear();
    Py_DECREF(result);
    return 0;
}

/* Every event but a call goes to frame.f_trace, if that is set. */
static int
pass_on(struct tracer *t, PyFrameObject *frame, int what, PyObject *arg)
{
    PyObject *local = frames_local(t->interp, frame);
    int status = 0;

    if (!local)
        return 0;
    if (frames_renew_locals(frame) < 0) {
        status = stop(t, frame);
    } else if (t->local == TRACER_FOREIGN || local != t->localtrace) {
        status = forward(t, local, frame, what, arg);
    } else {
        frames_take_locals(frame);
        if (what == PyTrace_LINE && events_line(t, frame, t->local) < 0)
            status = stop(t, frame);
    }
    Py_DECREF(local);
    return status;
}

static int
enter(struct tracer *t, PyFrameObject *frame)
{
    PyObject *local = frames_renew_locals(frame) < 0 ? NULL : events_enter(t, frame);

    frames_take_locals(frame);
    if (!local)
        return stop(t, frame);
    if (local != Py_None && frames_set_local(t->interp, frame, local) < 0)
        PyErr_Clear();
    Py_DECREF(local);
    return 0;
}

/* What runs meanwhile may put another trace function in the place of ours: the tracer
 * stays all the same until we are done. */
int
events_lines(PyObject *method, PyFrameObject *frame, int what, PyObject *arg)
{
    struct tracer *t = (struct tracer *)Py_NewRef(PyCFunction_GET_SELF(method));
    int status = what == PyTrace_CALL ? enter(t, frame) : pass_on(t, frame, what, arg);

    Py_DECREF(t);
    return status;
}

static int
note_call(struct tracer *t, PyFrameObject *frame,
          int (*note_it)(struct tracer *, PyFrameObject *))
{
    int status = frames_renew_locals(frame) < 0 ? -1 : note_it(t, frame);

    frames_take_locals(frame);
    return status < 0 ? stop(t, frame) : 0;
}

int
events_functions(PyObject *method, PyFrameObject *frame, int what, PyObject *arg)
{
    struct tracer *t = (struct tracer *)Py_NewRef(PyCFunction_GET_SELF(method));
    int status = what == PyTrace_CALL ? note_call(t, frame, events_note_function)
                                      : pass_on(t, frame, what, arg);

    Py_DECREF(t);
    return status;
}

int
events_callers(PyObject *method, PyFrameObject *frame, int what, PyObject *arg)
{
    struct tracer *t = (struct tracer *)Py_NewRef(PyCFunction_GET_SELF(method));
    int status = what == PyTrace_CALL ? note_call(t, frame, events_note_caller)
                                      : pass_on(t, frame, what, arg);

    Py_DECREF(t);
    return status;
}

#include "module/tracer.h"

#include <stddef.h>
#include <string.h>

#include "module/events.h"
#include "module/extension.h"

typedef PyObject *method(PyObject *self, PyObject *const *args, Py_ssize_t n);

static struct tracer *
as_tracer(PyObject *self)
{
    return (struct tracer *)self;
}

/* Trace functions */

/* Whether `callable` is that method, bound to the tracer. */
static bool
is_method(const struct tracer *t, PyObject *callable, method *m)
{
    return callable && PyCFunction_CheckExact(callable) &&
           PyCFunction_GET_SELF(callable) == (const PyObject *)t &&
           PyCFunction_GET_FUNCTION(callable) == (PyCFunction)(void (*)(void))m;
}

static method globaltrace_lt, globaltrace_countfuncs, globaltrace_trackcallers,
    localtrace_count, localtrace_trace, localtrace_trace_and_count,
    file_module_function_of;

/* What sys.settrace() installed is called as a function of Python's, by way of a tuple
 * and a string for each event. From here on `events` is called, with the same object in
 * sys.gettrace(). */
static void
take_over(struct tracer *t, method *m, Py_tracefunc events)
{
    PyThreadState *thread = PyThreadState_Get();
    PyObject *naming;

    if (thread->c_tracefunc == events || !is_method(t, thread->c_traceobj, m))
        return;
    naming = PyObject_GetAttr((PyObject *)t, t->interp->names.file_module_function_of);
    t->names_functions = is_method(t, naming, file_module_function_of);
    Py_XDECREF(naming);
    PyErr_Clear();
    PyEval_SetTrace(events, thread->c_traceobj);
}

/* (frame, why, arg): whether `why` is that event. -1: an exception. */
static int
is_event(PyObject *const *args, Py_ssize_t n, const char *event)
{
    if (n != 3 || !PyFrame_Check(args[0])) {
        PyErr_SetString(PyExc_TypeError, "a frame, an event and its argument expected");
        return -1;
    }
    return PyUnicode_Check(args[1]) &&
           PyUnicode_CompareWithASCIIString(args[1], event) == 0;
}

static PyObject *
globaltrace_lt(PyObject *self, PyObject *const *args, Py_ssize_t n)
{
    int call = is_event(args, n, "call");

    if (call <= 0)
        return call < 0 ? NULL : Py_NewRef(Py_None);
    take_over(as_tracer(self), globaltrace_lt, events_lines);
    return events_enter(as_tracer(self), (PyFrameObject *)args[0]);
}

static PyObject *
globaltrace_countfuncs(PyObject *self, PyObject *const *args, Py_ssize_t n)
{
    int call = is_event(args, n, "call");

    if (call > 0) {
        take_over(as_tracer(self), globaltrace_countfuncs, events_functions);
        call = events_note_function(as_tracer(self), (PyFrameObject *)args[0]);
    }
    return call < 0 ? NULL : Py_NewRef(Py_None);
}

static PyObject *
globaltrace_trackcallers(PyObject *self, PyObject *const *args, Py_ssize_t n)
{
    int call = is_event(args, n, "call");

    if (call > 0) {
        take_over(as_tracer(self), globaltrace_trackcallers, events_callers);
        call = events_note_caller(as_tracer(self), (PyFrameObject *)args[0]);
    }
    return call < 0 ? NULL : Py_NewRef(Py_None);
}

static PyObject *
trace_local(PyObject *self, PyObject *const *args, Py_ssize_t n, unsigned local)
{
    struct tracer *t = as_tracer(self);
    int line = is_event(args, n, "line");

    if (line > 0)
        line = events_line(t, (PyFrameObject *)args[0], local);
    if (line < 0)
        return NULL;
    if (t->localtrace)
        return Py_NewRef(t->localtrace);
    return PyErr_Format(PyExc_AttributeError, "'%.100s' object has no attribute '%s'",
                        Py_TYPE(self)->tp_name, "localtrace");
}

static PyObject *
localtrace_count(PyObject *self, PyObject *const *args, Py_ssize_t n)
{
    return trace_local(self, args, n, TRACER_COUNT);
}

static PyObject *
localtrace_trace(PyObject *self, PyObject *const *args, Py_ssize_t n)
{
    return trace_local(self, args, n, TRACER_PRINT);
}

static PyObject *
localtrace_trace_and_count(PyObject *self, PyObject *const *args, Py_ssize_t n)
{
    return trace_local(self, args, n, TRACER_COUNT | TRACER_PRINT);
}

static PyObject *
file_module_function_of(PyObject *self, PyObject *const *args, Py_ssize_t n)
{
    PyObject *code, *answer;

    if (n != 1)
        return PyErr_Format(PyExc_TypeError, "a frame expected");
    code = PyObject_GetAttr(args[0], as_tracer(self)->interp->names.f_code);
    answer = code ? PyObject_CallMethod(self, "_function_of", "O", code) : NULL;
    Py_XDECREF(code);
    return answer;
}

#define FAST(name) #name, (PyCFunction)(void (*)(void))name, METH_FASTCALL

static PyMethodDef methods[] = {
    {FAST(globaltrace_lt), PyDoc_STR("globaltrace_lt(frame, why, arg)\n--\n\n"
                                     "The trace function where lines are wanted.")},
    {FAST(globaltrace_countfuncs),
     PyDoc_STR("globaltrace_countfuncs(frame, why, arg)\n--\n\n"
               "The trace function where functions are wanted.")},
    {FAST(globaltrace_trackcallers),
     PyDoc_STR("globaltrace_trackcallers(frame, why, arg)\n--\n\n"
               "The trace function where callers are wanted.")},
    {FAST(localtrace_count),
     PyDoc_STR("localtrace_count(frame, why, arg)\n--\n\nCounts a line.")},
    {FAST(localtrace_trace),
     PyDoc_STR("localtrace_trace(frame, why, arg)\n--\n\nPrints a line.")},
    {FAST(localtrace_trace_and_count),
     PyDoc_STR("localtrace_trace_and_count(frame, why, arg)\n--\n\n"
               "Counts a line and prints it.")},
    {FAST(file_module_function_of),
     PyDoc_STR("file_module_function_of(frame)\n--\n\n"
               "What a frame runs: (file, module, function or Class.function).")},
    {NULL, NULL, 0, NULL},
};

/* Attributes */

struct attribute {
    const char *name;
    size_t offset;
};

static PyObject **
field(PyObject *self, const void *closure)
{
    return (PyObject **)(void *)((char *)self +
                                 ((const struct attribute *)closure)->offset);
}

static PyObject *
get(PyObject *self, void *closure)
{
    PyObject *value = *field(self, closure);

    if (value)
        return Py_NewRef(value);
    return PyErr_Format(PyExc_AttributeError, "'%.100s' object has no attribute '%s'",
                        Py_TYPE(self)->tp_name,
                        ((const struct attribute *)closure)->name);
}

/* Whoever gets the dict may keep it: from then on everything is put there at once. */
static PyObject *
get_counts(PyObject *self, void *closure)
{
    struct tracer *t = as_tracer(self);

    if (t->counts && PyDict_CheckExact(t->counts) && !files_fold(&t->files, t->counts))
        return NULL;
    return get(self, closure);
}

static PyObject *
get_noted(PyObject *self, void *closure)
{
    as_tracer(self)->n_handed_out++;
    return get(self, closure);
}

static int
set(PyObject *self, PyObject *value, void *closure)
{
    Py_XSETREF(*field(self, closure), Py_XNewRef(value));
    return 0;
}

static int
set_counts(PyObject *self, PyObject *value, void *closure)
{
    files_drop(&as_tracer(self)->files);
    return set(self, value, closure);
}

static int
set_noted(PyObject *self, PyObject *value, void *closure)
{
    as_tracer(self)->n_handed_out++;
    return set(self, value, closure);
}

static int
set_ignore(PyObject *self, PyObject *value, void *closure)
{
    PyDict_Clear(as_tracer(self)->modules);
    return set(self, value, closure);
}

static int
set_localtrace(PyObject *self, PyObject *value, void *closure)
{
    struct tracer *t = as_tracer(self);

    t->local = TRACER_FOREIGN;
    if (is_method(t, value, localtrace_count))
        t->local = TRACER_COUNT;
    else if (is_method(t, value, localtrace_trace))
        t->local = TRACER_PRINT;
    else if (is_method(t, value, localtrace_trace_and_count))
        t->local = TRACER_COUNT | TRACER_PRINT;
    return set(self, value, closure);
}

enum { COUNTS, TRACE, START_TIME, IGNORE, LOCALTRACE, CALLEDFUNCS, CALLERS, MODULES };

static struct attribute attributes[] = {
    [COUNTS] = {"counts", offsetof(struct tracer, counts)},
    [TRACE] = {"trace", offsetof(struct tracer, trace)},
    [START_TIME] = {"start_time", offsetof(struct tracer, start_time)},
    [IGNORE] = {"ignore", offsetof(struct tracer, ignore)},
    [LOCALTRACE] = {"localtrace", offsetof(struct tracer, localtrace)},
    [CALLEDFUNCS] = {"_calledfuncs", offsetof(struct tracer, calledfuncs)},
    [CALLERS] = {"_callers", offsetof(struct tracer, callers)},
    [MODULES] = {"_modules", offsetof(struct tracer, modules)},
};

static PyGetSetDef getset[] = {
    {"counts", get_counts, set_counts, PyDoc_STR("{(file name, line): hits}"),
     &attributes[COUNTS]},
    {"trace", get, set, PyDoc_STR("whether lines are printed"), &attributes[TRACE]},
    {"start_time", get, set, PyDoc_STR("time.monotonic() at the start, or None"),
     &attributes[START_TIME]},
    {"ignore", get, set_ignore, PyDoc_STR("says which modules are left out"),
     &attributes[IGNORE]},
    {"localtrace", get, set_localtrace, PyDoc_STR("what lines are passed to"),
     &attributes[LOCALTRACE]},
    {"_calledfuncs", get_noted, set_noted, NULL, &attributes[CALLEDFUNCS]},
    {"_callers", get_noted, set_noted, NULL, &attributes[CALLERS]},
    {"_modules", get, NULL, NULL, &attributes[MODULES]},
    {NULL, NULL, NULL, NULL, NULL},
};

/* Life */

static PyObject *
tracer_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    PyObject *module = PyType_GetModuleByDef(type, &extension_definition);
    struct tracer *t = module ? as_tracer(type->tp_alloc(type, 0)) : NULL;
    struct interp *in;

    (void)args;
    (void)kwargs;
    if (!t)
        return NULL;
    in = PyModule_GetState(module);
    t->module = Py_NewRef(module);
    t->interp = in;
    t->serial = ++in->n_tracers;
    t->n_handed_out = 1;
    t->modules = PyDict_New();
    if (!t->modules)
        Py_CLEAR(t);
    return (PyObject *)t;
}

static int
tracer_traverse(PyObject *self, visitproc visit, void *arg)
{
    struct tracer *t = as_tracer(self);

    Py_VISIT(Py_TYPE(self));
    Py_VISIT(t->module);
    Py_VISIT(t->modules);
    for (size_t i = 0; i < MODULES; i++)
        Py_VISIT(*field(self, &attributes[i]));
    return 0;
}

static int
tracer_clear(PyObject *self)
{
    struct tracer *t = as_tracer(self);

    t->local = TRACER_FOREIGN;
    for (size_t i = 0; i < MODULES; i++)
        Py_CLEAR(*field(self, &attributes[i]));
    return 0;
}

static void
tracer_dealloc(PyObject *self)
{
    struct tracer *t = as_tracer(self);
    PyTypeObject *type = Py_TYPE(self);

    PyObject_GC_UnTrack(self);
    tracer_clear(self);
    files_release(&t->files);
    Py_CLEAR(t->modules);
    Py_CLEAR(t->module);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyType_Slot slots[] = {
    {Py_tp_doc, "What the class Trace is made of: its trace functions, in C."},
    {Py_tp_new, tracer_new},
    {Py_tp_traverse, tracer_traverse},
    {Py_tp_clear, tracer_clear},
    {Py_tp_dealloc, tracer_dealloc},
    {Py_tp_methods, methods},
    {Py_tp_getset, getset},
    {0, NULL},
};

static PyType_Spec spec = {
    .name = "ttrace._tracer.Tracer",
    .basicsize = sizeof(struct tracer),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .slots = slots,
};

int
tracer_init(PyObject *module, struct interp *in)
{
    in->tracer = (PyTypeObject *)PyType_FromModuleAndSpec(module, &spec, NULL);
    return in->tracer ? PyModule_AddType(module, in->tracer) : -1;
}

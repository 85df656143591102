/* Events from sys.monitoring (3.12 and later), for interpreters whose bytecode is not
 * known. Slower than probes, and not the same counts everywhere: a LINE event comes
 * when the line changes within the instructions as they lie, where a trace function
 * also sees a jump back to the same line (a comprehension or a loop on one line).
 *
 * PY_START is switched on for all code; code that is not wanted switches its own off by
 * the answer, wanted code gets the rest. Exceptions cannot be watched per code object.
 */
#include "runner/py.h"

#include "runner/probe.h"

#if PY_VERSION_HEX < 0x030c0000

static bool
fits(const char **why)
{
    *why = "sys.monitoring came with Python 3.12";
    return false;
}

const struct probe_ops probe_monitoring = {.name = "monitoring", .fits = fits};

#else

#include "runner/gate.h"
#include "runner/sink.h"

enum { /* of sys.monitoring.events */
       EVENT_START = 1 << 0,
       EVENT_RESUME = 1 << 1,
       EVENT_RETURN = 1 << 2,
       EVENT_YIELD = 1 << 3,
       EVENT_LINE = 1 << 5,
       EVENT_UNWIND = 1 << 12,
       EVENT_THROW = 1 << 14
};

/* Debuggers, coverage and profilers have the ids below by convention. */
static const int tool_ids[] = {4, 3, 2, 1, 0};

static PyObject *monitoring, *disable;
static int tool = -1;
static int per_code; /* events of wanted code */

static struct sink_thread *
thread_in(struct codes_entry *e)
{
    return e && e->wanted ? sink_thread() : NULL;
}

static const void *
frame(void)
{
    return py_frame();
}

static struct codes_entry *
entry_of(PyObject *code)
{
    return codes_find((PyCodeObject *)code);
}

static void
watch(PyObject *code)
{
    PyObject *done = PyObject_CallMethod(monitoring, "set_local_events", "iOi", tool,
                                         code, per_code);

    Py_XDECREF(done);
    PyErr_Clear();
}

static PyObject *
on_start(PyObject *self, PyObject *const *args, Py_ssize_t n)
{
    struct codes_entry *e = codes_get((PyCodeObject *)args[0], PyEval_GetGlobals());
    struct sink_thread *t;

    (void)self;
    (void)n;
    if (!e || !e->wanted)
        return Py_NewRef(disable);
    e->has_breaks = gate_breaks_in(e->file);
    watch(args[0]);
    t = thread_in(e);
    if (t && per_code & EVENT_RETURN)
        sink_enter(t, e->id, frame());
    Py_RETURN_NONE;
}

static PyObject *
on_line(PyObject *self, PyObject *const *args, Py_ssize_t n)
{
    struct codes_entry *e = entry_of(args[0]);
    uint32_t number = (uint32_t)PyLong_AsLong(args[1]);
    struct format_line *line;
    struct sink_thread *t;
    lines_id id;

    (void)self;
    (void)n;
    if (!e || !e->wanted)
        return Py_NewRef(disable);
    line = codes_line(e, number, &id);
    if (!line)
        Py_RETURN_NONE;
    if (!(per_code & EVENT_RETURN)) {
        sink_add(&line->hits, 1);
        Py_RETURN_NONE;
    }
    t = sink_thread();
    if (!t)
        Py_RETURN_NONE;
    sink_line(t, line, id, sink_ticks());
    if (gate_is_armed() || e->has_breaks)
        gate_line(t, e, number, e->has_breaks);
    Py_RETURN_NONE;
}

#define ON_CALL(name, sink)                                                    \
    static PyObject *name(PyObject *self, PyObject *const *args, Py_ssize_t n) \
    {                                                                          \
        struct codes_entry *e = entry_of(args[0]);                             \
        struct sink_thread *t = thread_in(e);                                  \
                                                                               \
        (void)self;                                                            \
        (void)n;                                                               \
        if (t)                                                                 \
            sink(t, e->id, frame());                                           \
        Py_RETURN_NONE;                                                        \
    }

ON_CALL(on_return, sink_leave)
ON_CALL(on_yield, sink_yield)
ON_CALL(on_resume, sink_resume)
ON_CALL(on_throw, sink_catch)

static PyObject *
on_unwind(PyObject *self, PyObject *const *args, Py_ssize_t n)
{
    struct codes_entry *e = entry_of(args[0]);
    struct sink_thread *t = thread_in(e);

    (void)self;
    if (t) {
        if (t->depth <= 1 && n > 2)
            gate_raised(t, py_frame(), args[2]);
        sink_unwind(t, e->id, frame(), n > 2 && gate_is_error(args[2]));
    }
    Py_RETURN_NONE;
}

static const struct {
    int event;
    PyMethodDef method;
} callbacks[] = {
#define CALLBACK(event, f)                                          \
    {                                                               \
        event,                                                      \
        {                                                           \
#f, (PyCFunction)(void (*)(void))f, METH_FASTCALL, NULL \
        }                                                           \
    }
    CALLBACK(EVENT_START, on_start),   CALLBACK(EVENT_RESUME, on_resume),
    CALLBACK(EVENT_RETURN, on_return), CALLBACK(EVENT_YIELD, on_yield),
    CALLBACK(EVENT_LINE, on_line),     CALLBACK(EVENT_UNWIND, on_unwind),
    CALLBACK(EVENT_THROW, on_throw),
#undef CALLBACK
};

static bool
fits(const char **why)
{
    *why = "";
    return true;
}

static bool
take_tool(void)
{
    PyObject *done;

    for (size_t i = 0; i < sizeof(tool_ids) / sizeof(tool_ids[0]); i++) {
        done =
            PyObject_CallMethod(monitoring, "use_tool_id", "is", tool_ids[i], "ttrace");
        if (done) {
            tool = tool_ids[i];
            Py_DECREF(done);
            return true;
        }
        PyErr_Clear();
    }
    return false;
}

static bool
register_callbacks(void)
{
    PyObject *function, *done;
    bool ok = true;

    for (size_t i = 0; ok && i < sizeof(callbacks) / sizeof(callbacks[0]); i++) {
        function =
            PyCFunction_New((PyMethodDef *)(uintptr_t)&callbacks[i].method, NULL);
        done = function ? PyObject_CallMethod(monitoring, "register_callback", "iiO",
                                              tool, callbacks[i].event, function)
                        : NULL;
        ok = done != NULL;
        Py_XDECREF(done);
        Py_XDECREF(function);
    }
    return ok;
}

static bool
start(unsigned mode, struct err *err)
{
    bool calls = mode & FORMAT_MODE_TREE;
    int everywhere = EVENT_START | (calls ? EVENT_UNWIND | EVENT_THROW : 0);
    PyObject *done = NULL;

    monitoring = Py_XNewRef(PySys_GetObject("monitoring"));
    disable = monitoring ? PyObject_GetAttrString(monitoring, "DISABLE") : NULL;
    per_code = EVENT_LINE | (calls ? EVENT_RETURN | EVENT_YIELD | EVENT_RESUME : 0);
    if (disable && take_tool() && register_callbacks())
        done = PyObject_CallMethod(monitoring, "set_events", "ii", tool, everywhere);
    PyErr_Clear();
    Py_XDECREF(done);
    return done || err_set(err, "sys.monitoring has no tool id left");
}

/* Nothing is rewritten; the code's first PY_START does the rest. */
static PyCodeObject *
instrument(PyCodeObject *co, struct codes_entry *e)
{
    (void)e;
    return (PyCodeObject *)Py_NewRef(co);
}

/* What was answered with DISABLE is asked again: code that is wanted now says so when
 * it starts next. */
static unsigned
refresh(void)
{
    PyObject *done = PyObject_CallMethod(monitoring, "restart_events", NULL);

    Py_XDECREF(done);
    PyErr_Clear();
    return 0;
}

static void
apply(struct codes_entry *e)
{
    e->has_breaks = gate_breaks_in(e->file);
    if (e->wanted)
        refresh();
}

const struct probe_ops probe_monitoring = {
    .name = "monitoring",
    .fits = fits,
    .start = start,
    .instrument = instrument,
    .apply = apply,
    .refresh = refresh,
};

#endif

/* Events from sys.monitoring (3.12 and later), for interpreters whose bytecode is not
 * known. A callback costs several times what a probe costs, but the counts are those of
 * sys.settrace, which is made of the same events: LINE where the line changes, and
 * JUMP, since a jump back to the line it comes from begins the line anew (a
 * comprehension, or a loop on one line) and is no LINE.
 *
 * PY_START is switched on for all code. Code that is not wanted switches its own off by
 * the answer, wanted code gets the rest. Exceptions cannot be watched per code object.
 *
 * No event comes while a callback runs, so what a trace function or a callback of the
 * program itself does is not seen.
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

#include <stdio.h>
#include <stdlib.h>

#include "runner/gate.h"
#include "runner/printer.h"
#include "runner/sink.h"

/* What is known of a code object whose events are on; its co_extra. */
struct watched {
    long start;   /* where its frames begin: the offset of PY_START */
    struct loop { /* a jump back to its own line */
        long from;
        uint32_t line;
    } * loops;
    size_t n_loops;
};

enum { NO_TOOL = -1 };

/* Debuggers, coverage and profilers have the ids below by convention, the interpreter
 * those above. */
static const int tool_ids[] = {4, 3};

static PyObject *monitoring, *disable;
static int tool = NO_TOOL;
static int per_code; /* events of wanted code */
static bool has_calls;
static bool has_hits, prints;
static bool is_over; /* nothing is recorded any more */
static Py_ssize_t watched_index;

/* The generator that close() has ended, until an event shows that it does something
 * about it. */
static _Thread_local struct {
    const void *frame;
    codes_id code;
} closing;

static struct codes_entry *
entry_of(PyObject *code)
{
    return codes_find((PyCodeObject *)code);
}

/* The calling thread, in which something happens: what close() had ended did go on. */
static struct sink_thread *
thread(void)
{
    struct sink_thread *t = sink_thread();

    if (ATTR_UNLIKELY(closing.frame != NULL) && t)
        sink_catch(t, closing.code, closing.frame);
    closing.frame = NULL;
    return t;
}

static bool
is_wanted(const struct codes_entry *e)
{
    return e && e->wanted && !is_over;
}

/* NULL: a call in it is not recorded. */
static struct sink_thread *
thread_in(const struct codes_entry *e)
{
    return has_calls && is_wanted(e) ? thread() : NULL;
}

/* Code objects that are watched. */

static struct watched *
watched_of(PyObject *code)
{
    void *w = NULL;

    py_get_extra(code, watched_index, &w);
    return w;
}

/* Called for every code object that has data of anybody's. */
static void
drop_watched(void *data)
{
    struct watched *w = data;

    if (w)
        free(w->loops);
    free(w);
}

/* Switches the events on. Out of memory, the code runs unwatched until its next call.
 */
static void
watch(PyObject *code, long start)
{
    struct watched *w = calloc(1, sizeof(*w));
    PyObject *done = NULL;

    if (w)
        w->start = start;
    if (w && py_set_extra(code, watched_index, w) == 0)
        done = PyObject_CallMethod(monitoring, "set_local_events", "iOi", tool, code,
                                   per_code);
    else
        free(w);
    Py_XDECREF(done);
    PyErr_Clear();
}

/* The line of a jump back to the line it comes from, else 0. To find the line of an
 * instruction is slow far below the top of a long code object, and such a jump is one
 * that is taken again and again: its answer is kept. */
static uint32_t
loop_line(PyObject *code, long from, long to)
{
    struct watched *w = watched_of(code);
    struct loop *grown;
    int line;

    if (to > from)
        return 0;
    for (size_t i = 0; w && i < w->n_loops; i++)
        if (w->loops[i].from == from)
            return w->loops[i].line;
    line = PyCode_Addr2Line((PyCodeObject *)code, (int)from);
    if (line <= 0 || line != PyCode_Addr2Line((PyCodeObject *)code, (int)to))
        return 0;
    grown = w ? realloc(w->loops, (w->n_loops + 1) * sizeof(*grown)) : NULL;
    if (grown) {
        w->loops = grown;
        w->loops[w->n_loops++] = (struct loop){from, (uint32_t)line};
    }
    return (uint32_t)line;
}

/* The callbacks. `args` begins with the code object. */

static PyObject *
on_start(PyObject *self, PyObject *const *args, Py_ssize_t n)
{
    struct codes_entry *e = codes_get((PyCodeObject *)args[0], PyEval_GetGlobals());
    struct sink_thread *t;

    (void)self;
    (void)n;
    if (!is_wanted(e))
        return Py_NewRef(disable);
    if (!watched_of(args[0])) {
        e->has_breaks = gate_breaks_in(e->file);
        watch(args[0], PyLong_AsLong(args[1]));
    }
    t = thread_in(e);
    if (t && e->is_coroutine && py_frame_may_be_task(py_frame()))
        sink_enter_task(t, e->id, py_frame());
    else if (t && e->is_coroutine)
        sink_enter_coroutine(t, e->id, py_frame());
    else if (t)
        sink_enter(t, e->id, py_frame());
    if (prints && printer_call(e) < 0)
        return NULL;
    Py_RETURN_NONE;
}

/* None, or NULL with what printing has raised. */
static PyObject *
begin_line(struct codes_entry *e, uint32_t number)
{
    lines_id id;
    struct format_line *line = codes_line(e, number, &id);
    struct sink_thread *t = has_calls && line ? thread() : NULL;

    if (line && has_hits && !has_calls)
        format_add(&line->hits, 1);
    if (line && prints && printer_line(e, number, id) < 0)
        return NULL;
    if (t && has_hits) {
        sink_line(t, line, id, sink_ticks());
        if (gate_is_armed() || e->has_breaks)
            gate_line(t, e, number, e->has_breaks);
    }
    Py_RETURN_NONE;
}

static PyObject *
on_line(PyObject *self, PyObject *const *args, Py_ssize_t n)
{
    struct codes_entry *e = entry_of(args[0]);

    (void)self;
    (void)n;
    if (!is_wanted(e))
        return Py_NewRef(disable);
    return begin_line(e, (uint32_t)PyLong_AsLong(args[1]));
}

/* A jump that begins no line never will. */
static PyObject *
on_jump(PyObject *self, PyObject *const *args, Py_ssize_t n)
{
    struct codes_entry *e = entry_of(args[0]);
    uint32_t line = 0;

    (void)self;
    (void)n;
    if (is_wanted(e))
        line = loop_line(args[0], PyLong_AsLong(args[1]), PyLong_AsLong(args[2]));
    if (!line)
        return Py_NewRef(disable);
    return begin_line(e, line);
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
            sink(t, e->id, py_frame());                                        \
        Py_RETURN_NONE;                                                        \
    }

ON_CALL(on_yield, sink_yield)
ON_CALL(on_go_on, sink_resume)

static PyObject *
on_resume(PyObject *self, PyObject *const *args, Py_ssize_t n)
{
    struct codes_entry *e = entry_of(args[0]);

    if (prints && is_wanted(e) && printer_call(e) < 0)
        return NULL;
    return on_go_on(self, args, n);
}

static PyObject *
on_return(PyObject *self, PyObject *const *args, Py_ssize_t n)
{
    struct codes_entry *e = entry_of(args[0]);
    struct sink_thread *t = thread_in(e);

    (void)self;
    (void)n;
    if (t) {
        if (gate_is_armed())
            gate_left(t, e, args[2]);
        sink_leave(t, e->id, py_frame());
    }
    Py_RETURN_NONE;
}

/* Whether the frame in which an exception is on its way is recorded: not the one of a
 * generator that has not begun, nor one that began before its code was watched. */
static bool
is_recorded(const struct codes_entry *e, PyObject *const *args)
{
    const struct watched *w = watched_of(args[0]);

    return w && e && e->wanted && PyLong_AsLong(args[1]) >= w->start;
}

static PyObject *
on_throw(PyObject *self, PyObject *const *args, Py_ssize_t n)
{
    struct codes_entry *e = entry_of(args[0]);
    struct sink_thread *t = is_recorded(e, args) ? thread_in(e) : NULL;

    (void)self;
    (void)n;
    if (prints && is_wanted(e) && printer_call(e) < 0)
        return NULL;
    if (t && gate_is_error(args[2])) {
        sink_catch(t, e->id, py_frame());
    } else if (t) {
        closing.frame = py_frame();
        closing.code = e->id;
    }
    Py_RETURN_NONE;
}

static PyObject *
on_unwind(PyObject *self, PyObject *const *args, Py_ssize_t n)
{
    struct codes_entry *e = entry_of(args[0]);
    struct sink_thread *t;

    (void)self;
    (void)n;
    if (!is_recorded(e, args))
        Py_RETURN_NONE;
    if (closing.frame == py_frame())
        closing.frame = NULL;
    t = thread_in(e);
    if (t) {
        if (t->depth <= 1)
            gate_raised(t, args[2]);
        sink_unwind(t, e->id, py_frame(), gate_is_error(args[2]));
    }
    Py_RETURN_NONE;
}

/* Which events are wanted, and for what. Their numbers differ from version to version:
 * sys.monitoring.events has them. The line behind a RESUME needs that one's event, too:
 * without it the interpreter replaces it by a faster form, behind which it thinks that
 * the line has begun already. */
enum where { /* ALL: not per code object */
             LINES,
             CALLS,
             ALL_LINES,
             ALL_CALLS,
             ALL_THROWS /* of calls, and of what is printed */
};

static const struct {
    const char *event;
    enum where where;
    PyMethodDef method;
} callbacks[] = {
#define CALLBACK(event, where, f)                                   \
    {                                                               \
        event, where,                                               \
        {                                                           \
#f, (PyCFunction)(void (*)(void))f, METH_FASTCALL, NULL \
        }                                                           \
    }
    CALLBACK("PY_START", ALL_LINES, on_start),
    CALLBACK("LINE", LINES, on_line),
    CALLBACK("JUMP", LINES, on_jump),
    CALLBACK("PY_RETURN", CALLS, on_return),
    CALLBACK("PY_YIELD", CALLS, on_yield),
    CALLBACK("PY_RESUME", LINES, on_resume),
    CALLBACK("PY_THROW", ALL_THROWS, on_throw),
    CALLBACK("PY_UNWIND", ALL_CALLS, on_unwind),
#undef CALLBACK
};

enum { N_CALLBACKS = sizeof(callbacks) / sizeof(callbacks[0]) };

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

/* The bit of an event, or 0. */
static int
bit_of(const char *event)
{
    PyObject *events = PyObject_GetAttrString(monitoring, "events");
    PyObject *bit = events ? PyObject_GetAttrString(events, event) : NULL;
    long value = bit ? PyLong_AsLong(bit) : 0;

    Py_XDECREF(bit);
    Py_XDECREF(events);
    return value > 0 && value < INT_MAX ? (int)value : 0;
}

static bool
register_callback(PyMethodDef *method, int bit)
{
    PyObject *function = PyCFunction_New(method, NULL), *done = NULL;

    if (function && bit)
        done = PyObject_CallMethod(monitoring, "register_callback", "iiO", tool, bit,
                                   function);
    Py_XDECREF(done);
    Py_XDECREF(function);
    return done != NULL;
}

static bool
switch_on(void)
{
    PyObject *done;
    int everywhere = 0;

    for (int i = 0; i < N_CALLBACKS; i++) {
        enum where where = callbacks[i].where;
        int bit = bit_of(callbacks[i].event);

        if ((where == CALLS || where == ALL_CALLS) && !has_calls)
            continue;
        if (where == ALL_THROWS && !has_calls && !prints)
            continue;
        if (!register_callback((PyMethodDef *)(uintptr_t)&callbacks[i].method, bit))
            return false;
        *(where == LINES || where == CALLS ? &per_code : &everywhere) |= bit;
    }
    done = PyObject_CallMethod(monitoring, "set_events", "ii", tool, everywhere);
    Py_XDECREF(done);
    return done != NULL;
}

static bool
start(unsigned mode, struct err *err)
{
    bool ok;

    has_calls = mode & FORMAT_MODE_TREE;
    has_hits = mode & FORMAT_MODE_LINES;
    prints = mode & FORMAT_MODE_PRINT;
    watched_index = py_new_extra(drop_watched);
    monitoring = Py_XNewRef(PySys_GetObject("monitoring"));
    disable = monitoring ? PyObject_GetAttrString(monitoring, "DISABLE") : NULL;
    if (disable && !take_tool()) {
        fputs("ttrace: nothing is counted: other tools have taken the ids 4 and 3 of "
              "sys.monitoring\n",
              stderr);
        return true;
    }
    ok = disable && watched_index >= 0 && switch_on();
    PyErr_Clear();
    return ok || err_set(err, "sys.monitoring is not as it was up to Python 3.15");
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
    PyObject *done = NULL;

    if (tool != NO_TOOL)
        done = PyObject_CallMethod(monitoring, "restart_events", NULL);
    Py_XDECREF(done);
    PyErr_Clear();
    return 0;
}

static void
stop(void)
{
    is_over = true;
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
    .stop = stop,
};

#endif

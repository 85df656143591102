/* What a probe does is its type: changing Py_TYPE(probe) mutes a line or makes it stop,
 * with no test elsewhere. The interpreter calls a number slot of it; which one depends
 * on the version (bytecode_spec.c). */
#include "runner/py.h"

#include "runner/probes.h"

#if PY_IS_KNOWN

#include "runner/errors.h"
#include "runner/gate.h"
#include "runner/printer.h"
#include "runner/sink.h"
#include "runner/suspended.h"

#if PY_VERSION_HEX >= 0x030c0000
#define SLOT nb_invert
#define SLOT_RESULT PyObject *
#define SLOT_DONE return Py_NewRef(Py_None)
#define SLOT_FAIL return NULL
#else
#define SLOT nb_bool
#define SLOT_RESULT int
#define SLOT_DONE return 0
#define SLOT_FAIL return -1
#endif

struct probe {
    PyObject_HEAD struct format_line *line;
    _Atomic uint64_t *hits; /* what it adds to where it only counts */
    lines_id line_id;
    uint32_t line_number;
    codes_id code;
    enum bytecode_probe kind;
    struct codes_entry *entry; /* whose list it is in; NULL in none */
    struct probe *next, **prev;
};

static PyTypeObject line_type, counting_type, stopping_type, muted_type;
static PyTypeObject printing_type, printing_call_type, printing_yield_type;
static PyTypeObject call_types[BYTECODE_N_PROBES], coroutine_type;
static unsigned mode;
static bool is_over; /* nothing is recorded any more */

/* Lines. */

static SLOT_RESULT
on_count(PyObject *self)
{
    format_add(((struct probe *)self)->hits, 1);
    SLOT_DONE;
}

static SLOT_RESULT
on_line(PyObject *self)
{
    struct probe *p = (struct probe *)self;
    struct sink_thread *t = sink_thread();

    if (t) {
        sink_line(t, p->line, p->line_id, sink_ticks());
        if (gate_is_armed())
            gate_line(t, p->entry, p->line_number, false);
    }
    SLOT_DONE;
}

/* The same for the common case, in which nothing has to be called, so that no register
 * has to be saved: this is where a traced program spends its extra time. */
static SLOT_RESULT
on_line_fast(PyObject *self)
{
    struct probe *p = (struct probe *)self;
    struct sink_thread *t = sink_self;

    if (ATTR_UNLIKELY(!t) || gate_is_armed())
        return on_line(self);
    sink_line_unlogged(t, p->line, p->line_id, mono_ticks(true) - sink_paused_ticks);
    SLOT_DONE;
}

static SLOT_RESULT
on_stop(PyObject *self)
{
    struct probe *p = (struct probe *)self;
    struct sink_thread *t = sink_thread();

    if (t) {
        sink_line(t, p->line, p->line_id, sink_ticks());
        gate_line(t, p->entry, p->line_number, true);
    }
    SLOT_DONE;
}

/* What printing raises is raised here, in the program. */
static SLOT_RESULT
on_print(PyObject *self)
{
    struct probe *p = (struct probe *)self;

    if (!printer_is_busy()) {
        if (mode & FORMAT_MODE_LINES)
            format_add(&p->line->hits, 1);
        if (printer_line(p->entry, p->line_number, p->line_id) < 0)
            SLOT_FAIL;
    }
    SLOT_DONE;
}

/* A frame is suspended; it may be made to go on by throw() or close(), which is a call,
 * too, but passes no RESUME. */
static SLOT_RESULT
on_print_yield(PyObject *self)
{
    struct suspended s = {.frame = py_frame(), .code = ((struct probe *)self)->code};

    if (!printer_is_busy())
        suspended_put(&s);
    SLOT_DONE;
}

static SLOT_RESULT
on_print_call(PyObject *self)
{
    struct probe *p = (struct probe *)self;
    struct suspended s;

    if (p->kind != BYTECODE_ENTER && !suspended_take(py_frame(), p->code, &s))
        SLOT_DONE;
    if (printer_call(p->entry) < 0)
        SLOT_FAIL;
    SLOT_DONE;
}

static SLOT_RESULT
on_muted(PyObject *self)
{
    (void)self;
    SLOT_DONE;
}

/* Calls. */

#define ON_CALL(name, sink)                                    \
    static SLOT_RESULT name(PyObject *self)                    \
    {                                                          \
        struct sink_thread *t = sink_thread();                 \
                                                               \
        if (ATTR_LIKELY(t != NULL))                            \
            sink(t, ((struct probe *)self)->code, py_frame()); \
        SLOT_DONE;                                             \
    }

ON_CALL(on_enter, sink_enter)
ON_CALL(on_enter_coroutine,
        (py_frame_may_be_task(py_frame()) ? sink_enter_task : sink_enter_coroutine))
ON_CALL(on_yield, sink_yield)
ON_CALL(on_resume, sink_resume)
ON_CALL(on_catch, sink_catch)

static SLOT_RESULT
on_handled(PyObject *self)
{
    struct probe *p = (struct probe *)self;
    struct sink_thread *t = sink_thread();
    PyObject *exception = PyErr_GetHandledException();

    if (t && exception)
        sink_handled(
            t, errors_add(exception, p->line ? p->line_id : t->line_id, sink_ticks()));
    Py_XDECREF(exception);
    SLOT_DONE;
}

static SLOT_RESULT
on_leave(PyObject *self)
{
    struct probe *p = (struct probe *)self;
    struct sink_thread *t = sink_thread();
    PyObject *value;

    if (ATTR_LIKELY(t != NULL)) {
        if (gate_is_armed() && (value = py_frame_returns(py_frame())))
            gate_left(t, p->entry, value);
        sink_leave(t, p->code, py_frame());
    }
    SLOT_DONE;
}

/* The tail that the rewriter adds is entered with two things on the frame's stack:
 * where the exception happened, and the exception. */
static SLOT_RESULT
on_unwind(PyObject *self)
{
    struct _PyInterpreterFrame *frame = py_frame();
    PyObject *exception =
        frame->localsplus[py_frame_code(frame)->co_nlocalsplus + 1]; /* borrowed */
    struct sink_thread *t = sink_thread();

    if (t) {
        if (t->depth <= 1)
            gate_raised(t, exception);
        sink_unwind(t, ((struct probe *)self)->code, frame, gate_is_error(exception));
    }
    SLOT_DONE;
}

/* The objects. */

static void
unlink_probe(struct probe *p)
{
    if (!p->prev)
        return;
    *p->prev = p->next;
    if (p->next)
        p->next->prev = p->prev;
    p->prev = NULL;
}

static void
drop(PyObject *self)
{
    unlink_probe((struct probe *)self);
    PyObject_Free(self);
}

static bool
make_type(PyTypeObject *type, PyNumberMethods *number, SLOT_RESULT (*slot)(PyObject *))
{
    number->SLOT = slot;
    *type = (PyTypeObject){
        PyVarObject_HEAD_INIT(NULL, 0).tp_name = "ttrace.probe",
        .tp_basicsize = sizeof(struct probe),
        .tp_dealloc = drop,
        .tp_as_number = number,
        .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    };
    return PyType_Ready(type) == 0;
}

bool
probes_start(unsigned m, struct err *err)
{
    static PyNumberMethods line, counting, stopping, muted, printing, printing_call,
        printing_yield, coroutine, calls[BYTECODE_N_PROBES];
    bool is_fast = sink_tsc && !sink_log.chunk;
    static SLOT_RESULT (*const on[])(PyObject *) = {
        [BYTECODE_LINE] = on_muted,    [BYTECODE_ENTER] = on_enter,
        [BYTECODE_LEAVE] = on_leave,   [BYTECODE_YIELD] = on_yield,
        [BYTECODE_RESUME] = on_resume, [BYTECODE_UNWIND] = on_unwind,
        [BYTECODE_CATCH] = on_catch,   [BYTECODE_HANDLED] = on_handled,
        [BYTECODE_PLACE] = on_count,
    };
    bool ok = make_type(&line_type, &line, is_fast ? on_line_fast : on_line) &&
              make_type(&counting_type, &counting, on_count) &&
              make_type(&stopping_type, &stopping, on_stop) &&
              make_type(&muted_type, &muted, on_muted) &&
              make_type(&printing_type, &printing, on_print) &&
              make_type(&printing_call_type, &printing_call, on_print_call) &&
              make_type(&printing_yield_type, &printing_yield, on_print_yield) &&
              make_type(&coroutine_type, &coroutine, on_enter_coroutine);

    for (int i = 0; ok && i < BYTECODE_N_PROBES; i++)
        ok = make_type(&call_types[i], &calls[i], on[i]);
    if (!ok) {
        PyErr_Clear();
        return err_set(err, "the interpreter does not take the type of our probes");
    }
    mode = m;
    return true;
}

static PyTypeObject *
printing_type_for(enum bytecode_probe kind)
{
    switch (kind) {
    case BYTECODE_LINE:
        return &printing_type;
    case BYTECODE_YIELD:
        return &printing_yield_type;
    case BYTECODE_ENTER:
    case BYTECODE_RESUME:
    case BYTECODE_CATCH:
    case BYTECODE_UNWIND:
        return &printing_call_type;
    default:
        return &muted_type;
    }
}

static PyTypeObject *
type_for(const struct probe *p)
{
    if (!p->entry->wanted || is_over)
        return &muted_type;
    if (mode & FORMAT_MODE_PRINT)
        return printing_type_for(p->kind);
    if (p->kind == BYTECODE_ENTER && p->entry->is_coroutine)
        return &coroutine_type;
    if (p->kind != BYTECODE_LINE)
        return &call_types[p->kind];
    if (!(mode & FORMAT_MODE_TIMES))
        return &counting_type;
    return gate_breaks_on(p->entry->file, p->line_number) ? &stopping_type : &line_type;
}

void
probes_apply(struct codes_entry *e)
{
    for (struct probe *p = e->probes; p; p = p->next)
        Py_SET_TYPE(p, type_for(p));
}

void
probes_stop(void)
{
    is_over = true;
    codes_each(probes_apply);
}

PyObject *
probes_new(struct codes_entry *e, enum bytecode_probe kind, uint32_t line)
{
    struct probe *p = PyObject_New(struct probe, &muted_type), **head;

    if (!p)
        return NULL;
    p->prev = NULL;
    p->kind = kind;
    p->code = e->id;
    p->entry = e;
    p->line_number = line;
    p->line = kind == BYTECODE_LINE || (line && kind != BYTECODE_PLACE)
                  ? codes_line(e, line, &p->line_id)
                  : NULL;
    p->hits = kind == BYTECODE_PLACE ? &codes_place(line)->hits
              : p->line              ? &p->line->hits
                                     : NULL;
    head = &e->probes;
    p->next = *head;
    p->prev = head;
    if (p->next)
        p->next->prev = &p->next;
    *head = p;
    if (kind != BYTECODE_LINE || p->line)
        Py_SET_TYPE(p, type_for(p));
    else
        unlink_probe(p);
    return (PyObject *)p;
}

bool
probes_is(PyObject *o)
{
    return Py_TYPE(o)->tp_dealloc == drop;
}

#endif

/* Probes as constants in rewritten bytecode. The interpreter calls a number slot of the
 * probe; which one depends on the version (bytecode_spec.c). What a probe does is its
 * type: changing Py_TYPE(probe) mutes a line or makes it stop, with no test elsewhere.
 */
#include "runner/py.h"

#include "runner/bytecode.h"
#include "runner/probe.h"

static bool
fits(const char **why)
{
    *why = "the bytecode of Python " PY_VERSION " is not known";
    return bytecode_is_known();
}

#if !PY_IS_KNOWN

const struct probe_ops probe_bytecode = {.name = "bytecode", .fits = fits};

#else

#include "runner/disguise.h"
#include "runner/door.h"
#include "runner/errors.h"
#include "runner/gate.h"
#include "runner/live.h"
#include "runner/monitors.h"
#include "runner/printer.h"
#include "runner/sink.h"
#include "runner/suspended.h"
#include "runner/twin.h"

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

static bool
start(unsigned m, struct err *err)
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
    ok = ok && twin_start() && live_start();
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

static void
apply(struct codes_entry *e)
{
    for (struct probe *p = e->probes; p; p = p->next)
        Py_SET_TYPE(p, type_for(p));
}

static void
stop(void)
{
    is_over = true;
    codes_each(apply);
}

/* Rewriting. */

struct job { /* one code object being rewritten */
    struct codes_entry *entry;
    PyObject *consts;  /* a list */
    PyObject *indexes; /* (kind, line) -> index in consts */
    bool has_places;   /* the entry's places are those of this very code */
    uint32_t n_places; /* asked for so far */
    bool has_sums;     /* it counts by places */
};

/* `line` is the place where it counts one. */
static struct probe *
new_probe(struct codes_entry *e, enum bytecode_probe kind, uint32_t line)
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
    return p;
}

static PyObject *
probe_key(enum bytecode_probe kind, int line)
{
    return PyLong_FromLong((long)line * BYTECODE_N_PROBES + (long)kind);
}

static int
probe_index(void *arg, enum bytecode_probe kind, int line)
{
    struct job *job = arg;
    PyObject *key = probe_key(kind, line);
    PyObject *index = key ? PyDict_GetItemWithError(job->indexes, key) : NULL;
    struct probe *p = NULL;
    Py_ssize_t i = -1;

    if (index) {
        i = PyLong_AsSsize_t(index);
        Py_DECREF(key);
        return (int)i;
    }
    p = key ? new_probe(job->entry, kind, (uint32_t)line) : NULL;
    if (p && PyList_Append(job->consts, (PyObject *)p) == 0) {
        i = PyList_GET_SIZE(job->consts) - 1;
        index = PyLong_FromSsize_t(i);
        if (!index || PyDict_SetItem(job->indexes, key, index) < 0)
            i = -1;
        Py_XDECREF(index);
    }
    Py_XDECREF(p);
    Py_XDECREF(key);
    PyErr_Clear();
    return (int)i;
}

static int
add_place(void *arg, int line, const struct bytecode_term *terms, uint32_t n_terms)
{
    static_assert(sizeof(struct bytecode_term) == sizeof(struct format_term), "term");
    struct job *job = arg;
    struct codes_entry *e = job->entry;
    uint32_t n = job->n_places++;
    lines_id line_id = FORMAT_NONE;
    places_id id;

    if (job->has_places)
        return n < e->n_places ? (int)(e->first_place + n) : -1;
    if (line >= 0)
        codes_line(e, (uint32_t)line, &line_id);
    id = codes_add_place(line_id, (const struct format_term *)(const void *)terms,
                         n_terms);
    if (n == 0)
        e->first_place = id;
    if (id == FORMAT_NONE || id != e->first_place + n) /* another code came between */
        e->placed = 0;
    e->n_places = n + 1;
    return id <= INT32_MAX ? (int)id : -1;
}

/* Whether lines may be counted by places. An entry has places for one code: a program
 * that compiles a function again and again must not fill the session with them. */
static bool
takes_places(struct job *job, PyCodeObject *co, PyObject *bytes)
{
    struct codes_entry *e = job->entry;
    PyObject *key =
        Py_BuildValue("(OOO)", bytes, co->co_linetable, co->co_exceptiontable);
    Py_hash_t hash = key ? PyObject_Hash(key) : -1;

    Py_XDECREF(key);
    PyErr_Clear();
    if (hash == -1 || hash == 0)
        return false;
    job->has_places = e->n_places && e->placed == hash;
    if (e->n_places && !job->has_places)
        return false;
    e->placed = hash;
    return true;
}

static unsigned
modes_want(void)
{
    const unsigned lines = FORMAT_MODE_LINES | FORMAT_MODE_PRINT;
    const unsigned calls = FORMAT_MODE_TREE | FORMAT_MODE_PRINT;

    return (mode & lines ? BYTECODE_WANT_LINES : 0u) |
           (mode & calls ? BYTECODE_WANT_CALLS : 0u);
}

static unsigned
wants(struct job *job, PyCodeObject *co, PyObject *bytes)
{
    unsigned want = modes_want();

    if (mode == FORMAT_MODE_LINES && takes_places(job, co, bytes))
        want |= BYTECODE_WANT_SUMS;
    return want;
}

static bool
view(PyObject *bytes, struct bytecode_bytes *out)
{
    if (!bytes || !PyBytes_Check(bytes))
        return false;
    out->data = (const uint8_t *)PyBytes_AS_STRING(bytes);
    out->len = (size_t)PyBytes_GET_SIZE(bytes);
    return true;
}

static PyObject *
bytes_of(struct bytecode_bytes b)
{
    return PyBytes_FromStringAndSize((const char *)b.data, (Py_ssize_t)b.len);
}

/* co.replace() with the new parts; NULL with an exception set. */
static PyObject *
replace(PyCodeObject *co, const struct bytecode_code *code, PyObject *consts)
{
    PyObject *method = PyObject_GetAttrString((PyObject *)co, "replace");
    PyObject *none = PyTuple_New(0), *parts = PyDict_New(), *tuple, *new = NULL;

    if (code && parts) {
        Py_SETREF(parts,
                  Py_BuildValue("{sNsNsNsi}", "co_code", bytes_of(code->code),
                                "co_linetable", bytes_of(code->linetable),
                                "co_exceptiontable", bytes_of(code->exceptiontable),
                                "co_stacksize", code->stack_size));
    }
    tuple = PyList_AsTuple(consts);
    if (method && none && parts && tuple &&
        PyDict_SetItemString(parts, "co_consts", tuple) == 0)
        new = PyObject_Call(method, none, parts);
    Py_XDECREF(tuple);
    Py_XDECREF(parts);
    Py_XDECREF(none);
    Py_XDECREF(method);
    return new;
}

/* What the rewriter is to start from; the bytes are borrowed from the code object and
 * from `*bytes`, which is the caller's. */
static bool
view_code(PyCodeObject *co, PyObject **bytes, struct bytecode_code *out)
{
    int suspends = CO_GENERATOR | CO_COROUTINE | CO_ASYNC_GENERATOR;

    *out = (struct bytecode_code){.first_line = co->co_firstlineno,
                                  .stack_size = co->co_stacksize,
                                  .suspends = co->co_flags & suspends};
    *bytes = PyObject_GetAttrString((PyObject *)co, "co_code");
    return view(*bytes, &out->code) && view(co->co_linetable, &out->linetable) &&
           view(co->co_exceptiontable, &out->exceptiontable);
}

/* The session may have no room for places where it still has lines. */
static bool
rewrite_without_places(const struct bytecode_code *in, struct bytecode_job *request,
                       struct bytecode_code *out)
{
    bool had_them = request->want & BYTECODE_WANT_SUMS;

    request->want &= ~(unsigned)BYTECODE_WANT_SUMS;
    return had_them && bytecode_rewrite(in, request, out, NULL);
}

/* The rewritten code object; NULL if it is left as it was. */
static PyObject *
rewrite(PyCodeObject *co, struct job *job)
{
    struct bytecode_job request = {
        .probe = probe_index, .place = add_place, .arg = job};
    struct bytecode_code in, out = {0};
    PyObject *bytes, *new = NULL;

    if (view_code(co, &bytes, &in)) {
        request.want = wants(job, co, bytes);
        if (bytecode_rewrite(&in, &request, &out, NULL) ||
            rewrite_without_places(&in, &request, &out)) {
            job->has_sums = request.want & BYTECODE_WANT_SUMS;
            new = replace(co, &out, job->consts);
            bytecode_release(&out);
        }
    }
    Py_XDECREF(bytes);
    return new;
}

/* What is to run in the place of a constant: a new reference, perhaps to it itself. */
static PyObject *
instrument_const(PyObject *c)
{
    struct codes_entry *e = PyCode_Check(c) ? codes_find((PyCodeObject *)c) : NULL;

    if (!e)
        return Py_NewRef(c);
    return (PyObject *)probe_bytecode.instrument((PyCodeObject *)c, e);
}

/* Puts the nested code objects' instrumented forms into `consts`. */
static bool
instrument_nested(PyObject *consts)
{
    bool changed = false;
    PyObject *c, *new;

    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(consts); i++) {
        c = PyList_GET_ITEM(consts, i);
        new = instrument_const(c);
        changed |= new != c;
        PyList_SetItem(consts, i, new);
    }
    return changed;
}

/* The same in a twin that runs already: the tuple is its own, and nobody keeps it. So
 * a function that is made from now on, be it by a frame that runs, has probes. */
static void
renew_nested(PyCodeObject *made, struct twin *t)
{
    PyObject *consts = made->co_consts, *old, *new;
    PyObject *plain = t->origin->co_consts;

    t->generation = codes_generation();
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(plain); i++) {
        new = instrument_const(PyTuple_GET_ITEM(plain, i));
        old = PyTuple_GET_ITEM(consts, i);
        if (PyCode_Check(new) && new != old)
            PyTuple_SET_ITEM(consts, i, Py_NewRef(new));
        else
            old = NULL;
        Py_XDECREF(old);
        Py_DECREF(new);
    }
}

static bool
has_probes(PyCodeObject *co)
{
    for (Py_ssize_t i = PyTuple_GET_SIZE(co->co_consts); i-- > 0;)
        if (Py_TYPE(PyTuple_GET_ITEM(co->co_consts, i))->tp_dealloc == drop)
            return true;
    return false;
}

/* Makes the twin of `co`, or finds that it needs none. */
static PyCodeObject *
make_twin(PyCodeObject *co, struct codes_entry *e)
{
    struct job job = {
        .entry = e, .consts = PySequence_List(co->co_consts), .indexes = PyDict_New()};
    PyObject *new = NULL;
    struct twin *t;
    bool changed, whole = false;

    if (job.consts && job.indexes) {
        changed = instrument_nested(job.consts);
        if (e->wanted)
            new = rewrite(co, &job);
        whole = new != NULL;
        if (!new &&changed &&
            PyList_SetSlice(job.consts, PyTuple_GET_SIZE(co->co_consts),
                            PyList_GET_SIZE(job.consts), NULL) == 0) {
            PyErr_Clear();
            new = replace(co, NULL, job.consts);
        }
    }
    Py_XDECREF(job.consts);
    Py_XDECREF(job.indexes);
    PyErr_Clear();
    t = new ? twin_join(co, (PyCodeObject *)new) : NULL;
    if (!t) {
        Py_XDECREF(new);
        twin_none(co);
        return (PyCodeObject *)Py_NewRef(co);
    }
    t->has_probes = whole;
    t->has_sums = job.has_sums;
    monitors_follow(co, (PyCodeObject *)new);
    codes_attach((PyCodeObject *)new, e);
    return (PyCodeObject *)new;
}

static PyCodeObject *
instrument(PyCodeObject *co, struct codes_entry *e)
{
    PyCodeObject *made = twin_of(co);
    struct twin *t = made ? twin_get(made) : NULL;
    bool is_stale = t && t->generation != codes_generation();

    if (made && !is_stale)
        return (PyCodeObject *)Py_NewRef(made);
    if (has_probes(co) || Py_EnterRecursiveCall(" while code is instrumented")) {
        PyErr_Clear();
        return (PyCodeObject *)Py_NewRef(co);
    }
    if (is_stale && (t->has_probes || !e->wanted)) {
        renew_nested(made, t);
        Py_INCREF(made);
    } else {
        made = make_twin(co, e);
    }
    Py_LeaveRecursiveCall();
    return made;
}

/* What was loaded before it was wanted. */

static void
renew_running(PyCodeObject *co)
{
    struct twin *t = twin_get(co);

    if (t && t->generation != codes_generation())
        renew_nested(co, t);
}

static void
instrument_live(PyFunctionObject *f, void *n)
{
    PyCodeObject *co = twin_origin((PyCodeObject *)f->func_code), *made;
    struct codes_entry *e =
        codes_may_want(co, f->func_globals) ? codes_get(co, f->func_globals) : NULL;

    if (!e)
        return;
    made = instrument(co, e);
    if ((PyObject *)made != f->func_code && live_set_code(f, made))
        ++*(unsigned *)n;
    Py_DECREF(made);
}

static unsigned
refresh(void)
{
    struct py_raised raised = py_put_aside();
    unsigned n = 0;

    live_each_function(instrument_live, &n);
    live_each_running(renew_running);
    py_put_back(raised);
    return n;
}

/* Places in code. */

/* The rewriter gets the same answers as when it made the twin, so it makes the same
 * code, and says this time what came from where. */
struct again {
    PyObject *indexes; /* (kind, line) -> index */
    Py_ssize_t n;
    int n_places;
};

static int
same_index(void *arg, enum bytecode_probe kind, int line)
{
    struct again *a = arg;
    PyObject *key = probe_key(kind, line);
    PyObject *next = PyLong_FromSsize_t(a->n);
    PyObject *index = key && next ? PyDict_SetDefault(a->indexes, key, next) : NULL;
    Py_ssize_t i = index ? PyLong_AsSsize_t(index) : -1;

    a->n += i == a->n;
    Py_XDECREF(next);
    Py_XDECREF(key);
    PyErr_Clear();
    return (int)i;
}

/* Where it counts does not matter here, only that it is elsewhere each time. */
static int
same_place(void *arg, int line, const struct bytecode_term *terms, uint32_t n_terms)
{
    struct again *a = arg;

    (void)line;
    (void)terms;
    (void)n_terms;
    return a->n_places++;
}

static void
find_places(struct twin *t)
{
    struct again again = {PyDict_New(), PyTuple_GET_SIZE(t->origin->co_consts), 0};
    struct bytecode_job request = {.want = modes_want() |
                                           (t->has_sums ? BYTECODE_WANT_SUMS : 0u),
                                   .probe = same_index,
                                   .place = same_place,
                                   .arg = &again,
                                   .places = &t->places};
    struct bytecode_code in, out = {0};
    PyObject *bytes = NULL;

    if (again.indexes && view_code(t->origin, &bytes, &in) &&
        bytecode_rewrite(&in, &request, &out, NULL))
        bytecode_release(&out);
    Py_XDECREF(bytes);
    Py_XDECREF(again.indexes);
}

static const struct bytecode_places *
places(PyCodeObject *co)
{
    struct twin *t = twin_get(co);
    struct py_raised raised;

    if (!t || !t->has_probes)
        return NULL;
    if (!t->places.old) {
        raised = py_put_aside();
        find_places(t);
        py_put_back(raised);
    }
    return t->places.old ? &t->places : NULL;
}

static bool
open_doors(struct err *err)
{
    return door_open(&probe_bytecode, err) && disguise_put_on(&probe_bytecode, err);
}

const struct probe_ops probe_bytecode = {
    .name = "bytecode",
    .fits = fits,
    .start = start,
    .open = open_doors,
    .instrument = instrument,
    .places = places,
    .apply = apply,
    .refresh = refresh,
    .stop = stop,
};

#endif

/* Probes as constants in rewritten bytecode. The interpreter calls a number slot of the
 * probe; which one depends on the version (bytecode_spec.c). What a probe does is its
 * type: changing Py_TYPE(probe) mutes a line or makes it stop, with no test elsewhere.
 */
#include "runner/py.h"

#include "runner/bytecode.h"
#include "runner/errors.h"
#include "runner/gate.h"
#include "runner/probe.h"
#include "runner/sink.h"

#if PY_VERSION_HEX >= 0x030c0000
#define SLOT nb_invert
#define SLOT_RESULT PyObject *
#define SLOT_DONE return Py_NewRef(Py_None)
#else
#define SLOT nb_bool
#define SLOT_RESULT int
#define SLOT_DONE return 0
#endif

struct probe {
    PyObject_HEAD struct format_line *line;
    lines_id line_id;
    uint32_t line_number;
    codes_id code;
    enum bytecode_probe kind;
    struct codes_entry *entry; /* whose list it is in; NULL in none */
    struct probe *next, **prev;
};

static PyTypeObject line_type, counting_type, stopping_type, muted_type;
static PyTypeObject call_types[BYTECODE_N_PROBES], coroutine_type;
static unsigned mode;

/* co_extra: code with probes owns the code it was made from, which knows it in turn for
 * as long as it lives. */
static Py_ssize_t made_index, origin_index;

/* Lines. */

static SLOT_RESULT
on_count(PyObject *self)
{
    sink_add(&((struct probe *)self)->line->hits, 1);
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
ON_CALL(on_enter_coroutine, sink_enter_coroutine)
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
            gate_raised(t, frame, exception);
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

/* A library that ships code objects elsewhere gets a zero in the probe's place. */
static PyObject *
reduce(PyObject *self, PyObject *ignored)
{
    (void)self;
    (void)ignored;
    return Py_BuildValue("(O())", (PyObject *)&PyLong_Type);
}

static PyMethodDef methods[] = {
    {"__reduce__", reduce, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

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
        .tp_methods = methods,
    };
    return PyType_Ready(type) == 0;
}

/* Called for every code object that has data of anybody's. */
static void
drop_origin(void *origin)
{
    if (!origin)
        return;
    py_set_extra(origin, made_index, NULL);
    Py_DECREF((PyObject *)origin);
}

static bool
fits(const char **why)
{
    *why = "its bytecode is not known";
    return bytecode_is_known();
}

static bool
start(unsigned m, struct err *err)
{
    static PyNumberMethods line, counting, stopping, muted, coroutine,
        calls[BYTECODE_N_PROBES];
    bool is_fast = sink_tsc && !sink_log.chunk;
    static SLOT_RESULT (*const on[])(PyObject *) = {
        [BYTECODE_LINE] = on_muted,    [BYTECODE_ENTER] = on_enter,
        [BYTECODE_LEAVE] = on_leave,   [BYTECODE_YIELD] = on_yield,
        [BYTECODE_RESUME] = on_resume, [BYTECODE_UNWIND] = on_unwind,
        [BYTECODE_CATCH] = on_catch,   [BYTECODE_HANDLED] = on_handled,
    };
    bool ok = make_type(&line_type, &line, is_fast ? on_line_fast : on_line) &&
              make_type(&counting_type, &counting, on_count) &&
              make_type(&stopping_type, &stopping, on_stop) &&
              make_type(&muted_type, &muted, on_muted) &&
              make_type(&coroutine_type, &coroutine, on_enter_coroutine);

    for (int i = 0; ok && i < BYTECODE_N_PROBES; i++)
        ok = make_type(&call_types[i], &calls[i], on[i]);
    made_index = py_new_extra(NULL);
    origin_index = py_new_extra(drop_origin);
    ok = ok && made_index >= 0 && origin_index >= 0;
    if (!ok) {
        PyErr_Clear();
        return err_set(err, "the interpreter does not take the type of our probes");
    }
    mode = m;
    return true;
}

static PyTypeObject *
type_for(const struct probe *p)
{
    if (!p->entry->wanted)
        return &muted_type;
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

/* Rewriting. */

struct job { /* one code object being rewritten */
    struct codes_entry *entry;
    PyObject *consts;  /* a list */
    PyObject *indexes; /* (kind, line) -> index in consts */
};

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
    p->line = line ? codes_line(e, line, &p->line_id) : NULL;
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

static int
probe_index(void *arg, enum bytecode_probe kind, int line)
{
    struct job *job = arg;
    PyObject *key = PyLong_FromLong((long)line * BYTECODE_N_PROBES + (long)kind);
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

static unsigned
wants(void)
{
    return (mode & FORMAT_MODE_LINES ? BYTECODE_WANT_LINES : 0u) |
           (mode & FORMAT_MODE_TREE ? BYTECODE_WANT_CALLS : 0u);
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

/* The rewritten code object; NULL if it is left as it was. */
static PyObject *
rewrite(PyCodeObject *co, struct job *job)
{
    PyObject *bytes = PyObject_GetAttrString((PyObject *)co, "co_code"), *new = NULL;
    struct bytecode_job request = {wants(), probe_index, job};
    struct bytecode_code out = {0},
                         in = {
                             .first_line = co->co_firstlineno,
                             .stack_size = co->co_stacksize,
                             .suspends = co->co_flags & (CO_GENERATOR | CO_COROUTINE |
                                                         CO_ASYNC_GENERATOR),
                         };

    if (view(bytes, &in.code) && view(co->co_linetable, &in.linetable) &&
        view(co->co_exceptiontable, &in.exceptiontable) &&
        bytecode_rewrite(&in, &request, &out, NULL)) {
        new = replace(co, &out, job->consts);
        bytecode_release(&out);
    }
    Py_XDECREF(bytes);
    return new;
}

/* Puts the nested code objects' instrumented forms into `consts`. */
static bool
instrument_nested(PyObject *consts)
{
    bool changed = false;
    PyCodeObject *new;
    PyObject *c;

    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(consts); i++) {
        c = PyList_GET_ITEM(consts, i);
        if (!PyCode_Check(c) || !codes_find((PyCodeObject *)c))
            continue;
        new =
            probe_bytecode.instrument((PyCodeObject *)c, codes_find((PyCodeObject *)c));
        changed |= (PyObject *)new != c;
        PyList_SetItem(consts, i, (PyObject *)new);
    }
    return changed;
}

static bool
has_probes(PyCodeObject *co)
{
    for (Py_ssize_t i = PyTuple_GET_SIZE(co->co_consts); i-- > 0;)
        if (Py_TYPE(PyTuple_GET_ITEM(co->co_consts, i))->tp_dealloc == drop)
            return true;
    return false;
}

static PyObject *
extra(PyCodeObject *co, Py_ssize_t index)
{
    void *data = NULL;

    py_get_extra(co, index, &data);
    return data;
}

static PyCodeObject *
origin(PyCodeObject *co)
{
    PyObject *from = extra(co, origin_index);

    return from ? (PyCodeObject *)from : co;
}

/* Makes both know each other. */
static void
join(PyCodeObject *co, PyCodeObject *made)
{
    if (py_set_extra(made, origin_index, Py_NewRef(co)) < 0)
        Py_DECREF(co);
    else
        py_set_extra(co, made_index, made);
    PyErr_Clear();
}

static PyCodeObject *
instrument(PyCodeObject *co, struct codes_entry *e)
{
    struct job job = {e, NULL, NULL};
    PyObject *new = extra(co, made_index);
    bool changed;

    if (new)
        return (PyCodeObject *)Py_NewRef(new);
    if (has_probes(co) || Py_EnterRecursiveCall(" while code is instrumented")) {
        PyErr_Clear();
        return (PyCodeObject *)Py_NewRef(co);
    }
    job.consts = PySequence_List(co->co_consts);
    job.indexes = PyDict_New();
    if (job.consts && job.indexes) {
        changed = instrument_nested(job.consts);
        if (e->wanted)
            new = rewrite(co, &job);
        if (!new &&changed &&
            PyList_SetSlice(job.consts, PyTuple_GET_SIZE(co->co_consts),
                            PyList_GET_SIZE(job.consts), NULL) == 0) {
            PyErr_Clear();
            new = replace(co, NULL, job.consts);
        }
    }
    Py_LeaveRecursiveCall();
    Py_XDECREF(job.consts);
    Py_XDECREF(job.indexes);
    PyErr_Clear();
    if (!new) { /* nobody tries again */
        py_set_extra(co, made_index, co);
        return (PyCodeObject *)Py_NewRef(co);
    }
    codes_attach((PyCodeObject *)new, e);
    join(co, (PyCodeObject *)new);
    return (PyCodeObject *)new;
}

const struct probe_ops probe_bytecode = {
    .name = "bytecode",
    .fits = fits,
    .start = start,
    .instrument = instrument,
    .origin = origin,
    .apply = apply,
};

/* Probes as constants in rewritten bytecode: makes the twins (twin.h) that run in the
 * place of the program's code. What a probe is and does: probes.c. */
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
#include "runner/live.h"
#include "runner/monitors.h"
#include "runner/probes.h"
#include "runner/twin.h"

static unsigned mode;

static bool
start(unsigned m, struct err *err)
{
    mode = m;
    if (!probes_start(m, err))
        return false;
    if (twin_start() && live_start())
        return true;
    PyErr_Clear();
    return err_set(err, "the interpreter has no room for what is known of code");
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
    PyObject *p = NULL;
    Py_ssize_t i = -1;

    if (index) {
        i = PyLong_AsSsize_t(index);
        Py_DECREF(key);
        return (int)i;
    }
    p = key ? probes_new(job->entry, kind, (uint32_t)line) : NULL;
    if (p && PyList_Append(job->consts, p) == 0) {
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
        if (probes_is(PyTuple_GET_ITEM(co->co_consts, i)))
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
    .apply = probes_apply,
    .refresh = refresh,
    .stop = probes_stop,
};

#endif

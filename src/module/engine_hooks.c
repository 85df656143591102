/* Which listeners want a code object is decided once and kept on it: a bit for each,
 * and the generation of the listeners that it holds for. */
#include "runner/py.h"

#include "module/engine_hooks.h"

#include <stddef.h>

#include "module/engine_watch.h"

enum { MOST = 30 };

struct hook {
    PyObject_HEAD PyObject *callback;
    struct engine_rules *rules;
    unsigned events; /* bits 1 << PyTrace_CALL ... */
    bool active;
};

static struct hook *hooks[MOST]; /* those that are active */
static unsigned n_hooks;         /* slots in use, some of them empty */
static uint32_t generation = 1;
static Py_ssize_t extra_index = -1;
static PyObject *names[4]; /* by PyTrace_CALL ... PyTrace_RETURN */

static const char *
text_in(PyObject *globals, const char *name)
{
    PyObject *o = globals ? PyDict_GetItemString(globals, name) : NULL; /* borrowed */
    const char *text = o && PyUnicode_Check(o) ? PyUnicode_AsUTF8(o) : NULL;

    return text ? text : "";
}

static const char *
text_of(PyObject *o)
{
    const char *text = PyUnicode_AsUTF8(o);

    return text ? text : "";
}

static uint32_t
decide(PyCodeObject *co)
{
    struct py_raised put_aside = py_put_aside();
    PyObject *globals = PyEval_GetGlobals();
    struct scope_subject what = {text_of(co->co_filename), text_in(globals, "__name__"),
                                 text_of(co->co_qualname)};
    uint32_t mask = 0;

    if (what.path[0] == '<' && globals == py_main_globals())
        what.path = "__main__.py"; /* what -c or stdin said is the user's own */
    for (unsigned i = 0; i < n_hooks; i++)
        if (hooks[i] && engine_rules_want(hooks[i]->rules, &what))
            mask |= 1u << i;
    py_put_back(put_aside);
    return mask;
}

static uint32_t
listeners_of(PyCodeObject *co)
{
    void *extra = NULL;
    uint64_t word;
    uint32_t mask;

    py_get_extra(co, extra_index, &extra);
    word = (uint64_t)(uintptr_t)extra;
    if (word >> 32 == generation)
        return (uint32_t)word;
    mask = decide(co);
    word = (uint64_t)generation << 32 | mask;
    if (py_set_extra(co, extra_index, (void *)(uintptr_t)word) < 0)
        PyErr_Clear();
    return mask;
}

static int
stop(struct hook *h)
{
    if (!h->active)
        return 0;
    for (unsigned i = 0; i < n_hooks; i++)
        if (hooks[i] == h)
            hooks[i] = NULL;
    while (n_hooks && !hooks[n_hooks - 1])
        n_hooks--;
    h->active = false;
    generation++;
    engine_watch_end(false);
    Py_DECREF(h);
    return 0;
}

int
engine_hooks_tell(PyFrameObject *frame, PyCodeObject *co, int what, PyObject *arg)
{
    uint32_t mask = n_hooks ? listeners_of(co) : 0;

    for (unsigned i = 0; mask && i < n_hooks; i++) {
        struct hook *h = hooks[i];
        PyObject *args[] = {(PyObject *)frame, names[what], arg ? arg : Py_None};
        PyObject *result;

        if (!h || !(mask >> i & 1) || !(h->events >> what & 1))
            continue;
        Py_INCREF(h);
        result = PyObject_Vectorcall(h->callback, args, 3, NULL);
        if (!result)
            stop(h);
        Py_DECREF(h);
        if (!result)
            return -1;
        Py_DECREF(result);
    }
    return 0;
}

void
engine_hooks_after_fork(void)
{
    for (unsigned i = 0; i < n_hooks; i++) {
        struct hook *h = hooks[i];

        hooks[i] = NULL;
        if (h) {
            h->active = false;
            Py_DECREF(h);
        }
    }
    n_hooks = 0;
    generation++;
}

static PyObject *
hook_new(PyTypeObject *type, PyObject *args, PyObject *keywords)
{
    PyObject *callback, *include, *exclude;
    struct engine_rules *rules;
    struct hook *h;
    unsigned events;

    (void)keywords;
    if (!PyArg_ParseTuple(args, "OIOO", &callback, &events, &include, &exclude))
        return NULL;
    rules = engine_rules_get(include, exclude);
    h = rules ? (struct hook *)type->tp_alloc(type, 0) : NULL;
    if (!h)
        return NULL;
    h->callback = Py_NewRef(callback);
    h->rules = rules;
    h->events = events;
    return (PyObject *)h;
}

static void
hook_free(PyObject *self)
{
    struct hook *h = (struct hook *)self;

    PyObject_GC_UnTrack(self);
    Py_XDECREF(h->callback);
    Py_TYPE(self)->tp_free(self);
}

static int
hook_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(((struct hook *)self)->callback);
    return 0;
}

static PyObject *
hook_start(PyObject *self, PyObject *ignored)
{
    struct hook *h = (struct hook *)self;
    unsigned at = 0;

    (void)ignored;
    if (h->active)
        Py_RETURN_NONE;
    while (at < n_hooks && hooks[at])
        at++;
    if (at == MOST)
        return PyErr_Format(PyExc_RuntimeError, "%d listeners are active already",
                            (int)MOST);
    hooks[at] = (struct hook *)Py_NewRef(self);
    n_hooks = at == n_hooks ? n_hooks + 1 : n_hooks;
    h->active = true;
    generation++;
    engine_watch_begin(false, false);
    Py_RETURN_NONE;
}

static PyObject *
hook_stop(PyObject *self, PyObject *ignored)
{
    (void)ignored;
    stop((struct hook *)self);
    Py_RETURN_NONE;
}

static PyObject *
hook_active(PyObject *self, void *ignored)
{
    (void)ignored;
    return PyBool_FromLong(((struct hook *)self)->active);
}

static PyMethodDef methods[] = {
    {"start", hook_start, METH_NOARGS, "Begins to listen."},
    {"stop", hook_stop, METH_NOARGS, "Listens no more."},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef getters[] = {
    {"active", hook_active, NULL, "Whether it listens.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

PyTypeObject engine_hooks_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "ttrace._engine.Listener",
    .tp_basicsize = sizeof(struct hook),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_doc = "Calls a function at events of wanted code.",
    .tp_new = hook_new,
    .tp_dealloc = hook_free,
    .tp_traverse = hook_traverse,
    .tp_methods = methods,
    .tp_getset = getters,
};

int
engine_hooks_init(void)
{
    static const char *const texts[] = {"call", "exception", "line", "return"};

    for (int i = 0; i < 4; i++)
        if (!(names[i] = PyUnicode_InternFromString(texts[i])))
            return -1;
    extra_index = py_new_extra(NULL);
    return extra_index < 0 ? -1 : PyType_Ready(&engine_hooks_type);
}

#include "runner/py.h"

#include "module/engine_recording.h"

#include <stdlib.h>

#include "module/engine_image.h"
#include "module/engine_results.h"
#include "module/engine_session.h"
#include "module/engine_watch.h"
#include "report/cover.h"
#include "session/packer.h"
#include "session/reader.h"

struct recording {
    PyObject_HEAD struct engine_rules *rules;
    unsigned mode;
    unsigned depth; /* how often it was started more than stopped */
    bool was_started;
    struct engine_image_counters counters;
    void *image;
    struct reader *reader; /* of the image; NULL: it is to be made */
    struct recording *next_active;
};

static struct recording *active;

static void
forget_image(struct recording *r)
{
    reader_close(r->reader);
    free(r->image);
    r->reader = NULL;
    r->image = NULL;
}

static void
unlist(const struct recording *r)
{
    struct recording **at = &active;

    while (*at && *at != r)
        at = &(*at)->next_active;
    if (*at)
        *at = r->next_active;
}

void
engine_recording_after_fork(void)
{
    for (struct recording *r = active; r; r = r->next_active) {
        r->depth = 0;
        r->was_started = false;
        engine_rules_end(r->rules);
        engine_image_release(&r->counters);
    }
    active = NULL;
}

static PyObject *
recording_new(PyTypeObject *type, PyObject *args, PyObject *keywords)
{
    PyObject *include, *exclude;
    struct engine_rules *rules;
    int lines, calls;
    struct recording *r;

    (void)keywords;
    if (!PyArg_ParseTuple(args, "OOpp", &include, &exclude, &lines, &calls))
        return NULL;
    rules = engine_rules_get(include, exclude);
    r = rules ? (struct recording *)type->tp_alloc(type, 0) : NULL;
    if (!r)
        return NULL;
    r->rules = rules;
    r->mode = FORMAT_MODE_TIMES | (lines ? FORMAT_MODE_LINES : 0u) |
              (calls ? FORMAT_MODE_TREE : 0u);
    return (PyObject *)r;
}

static void
stop(struct recording *r)
{
    engine_image_count(&r->counters, true);
    forget_image(r);
    unlist(r);
    engine_rules_end(r->rules);
    engine_watch_end(true);
}

static void
recording_free(PyObject *self)
{
    struct recording *r = (struct recording *)self;

    if (r->depth)
        stop(r);
    forget_image(r);
    engine_image_release(&r->counters);
    Py_TYPE(self)->tp_free(self);
}

static PyObject *
recording_start(PyObject *self, PyObject *ignored)
{
    struct recording *r = (struct recording *)self;
    bool anew;

    (void)ignored;
    if (r->depth++)
        Py_RETURN_NONE;
    if (engine_session_start() < 0) {
        r->depth = 0;
        return NULL;
    }
    forget_image(r);
    anew = engine_rules_begin(r->rules);
    engine_watch_begin(true, anew);
    if (!engine_image_count(&r->counters, false)) {
        engine_rules_end(r->rules);
        engine_watch_end(true);
        r->depth = 0;
        return PyErr_NoMemory();
    }
    r->was_started = true;
    r->next_active = active;
    active = r;
    Py_RETURN_NONE;
}

static PyObject *
recording_stop(PyObject *self, PyObject *ignored)
{
    struct recording *r = (struct recording *)self;

    (void)ignored;
    if (r->depth && --r->depth == 0)
        stop(r);
    Py_RETURN_NONE;
}

static bool
make(struct recording *r, struct err *err)
{
    size_t size;
    bool ok;

    forget_image(r);
    if (r->depth && !engine_image_count(&r->counters, true))
        return err_set(err, "out of memory");
    r->image = engine_image_make(&r->counters, r->rules, r->mode, &size);
    if (r->depth)
        engine_image_count(&r->counters, false);
    ok = r->image && reader_open_memory(&r->reader, r->image, size, err);
    if (!r->image)
        err_set(err, "out of memory");
    return ok;
}

/* What was recorded up to now; NULL with an exception. */
static struct reader *
results(PyObject *self)
{
    struct recording *r = (struct recording *)self;
    struct err err = {""};

    if (!r->was_started) {
        PyErr_SetString(PyExc_RuntimeError, "nothing has been recorded yet");
        return NULL;
    }
    if (engine_session_start() < 0)
        return NULL;
    if ((r->depth || !r->reader) && !make(r, &err)) {
        PyErr_Format(PyExc_RuntimeError, "%s", err.text);
        return NULL;
    }
    return r->reader;
}

#define LIST(name)                                                    \
    static PyObject *recording_##name(PyObject *self, PyObject *none) \
    {                                                                 \
        const struct reader *r = results(self);                       \
                                                                      \
        (void)none;                                                   \
        return r ? engine_results_##name(r) : NULL;                   \
    }

LIST(lines)
LIST(functions)
LIST(calls)
LIST(coverage)
LIST(sources)

static PyObject *
recording_save(PyObject *self, PyObject *args)
{
    const struct reader *r = results(self);
    struct err err = {""};
    PyObject *path;
    bool ok;

    if (!r || !PyArg_ParseTuple(args, "O&", PyUnicode_FSConverter, &path))
        return NULL;
    ok = packer_save(r, PyBytes_AS_STRING(path), &err);
    Py_DECREF(path);
    if (!ok)
        return PyErr_Format(PyExc_OSError, "%s", err.text);
    Py_RETURN_NONE;
}

static PyObject *
recording_write_cover(PyObject *self, PyObject *args)
{
    struct reader *r = results(self);
    PyObject *path, *row;
    int missing;

    if (!r || !PyArg_ParseTuple(args, "O&p", PyUnicode_FSConverter, &path, &missing))
        return NULL;
    row = engine_results_write_cover(r, PyBytes_AS_STRING(path),
                                     missing ? COVER_MISSING : 0);
    Py_DECREF(path);
    return row;
}

static PyObject *
recording_renew(PyObject *self, PyObject *ignored)
{
    (void)ignored;
    forget_image((struct recording *)self);
    Py_RETURN_NONE;
}

static PyObject *
recording_active(PyObject *self, void *ignored)
{
    (void)ignored;
    return PyBool_FromLong(((struct recording *)self)->depth != 0);
}

static PyMethodDef methods[] = {
    {"start", recording_start, METH_NOARGS, "Records from now on."},
    {"stop", recording_stop, METH_NOARGS, "Takes one start() back."},
    {"renew", recording_renew, METH_NOARGS, "Looks again at what was recorded."},
    {"lines", recording_lines, METH_NOARGS, "Lines that ran."},
    {"functions", recording_functions, METH_NOARGS, "Functions that ran."},
    {"calls", recording_calls, METH_NOARGS, "Who called whom."},
    {"coverage", recording_coverage, METH_NOARGS, "Files that ran."},
    {"sources", recording_sources, METH_NOARGS, "The texts of files that ran."},
    {"save", recording_save, METH_VARARGS, "Writes a recording for ttrace FILE."},
    {"write_cover", recording_write_cover, METH_VARARGS, "Writes .cover files."},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef getters[] = {
    {"active", recording_active, NULL, "Whether it records.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

PyTypeObject engine_recording_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "ttrace._engine.Recording",
    .tp_basicsize = sizeof(struct recording),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_doc = "Counts what wanted code does between start() and stop().",
    .tp_new = recording_new,
    .tp_dealloc = recording_free,
    .tp_methods = methods,
    .tp_getset = getters,
};

int
engine_recording_init(void)
{
    return PyType_Ready(&engine_recording_type);
}

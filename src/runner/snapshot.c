#include "runner/py.h"

#include "runner/snapshot.h"

#include <stdio.h>
#include <string.h>

#include "runner/codes.h"
#include "runner/errors.h"
#include "runner/values.h"

enum {
    FRAMES_MAX = 200,
    FRAMES_WITH_VALUES = 40, /* the innermost ones */
    VALUES_MAX = 100         /* of one frame */
};

struct place { /* a frame, and where it is */
    PyFrameObject *frame;
    int line;
};

struct taking { /* one snapshot being made */
    struct writer *w;
    struct place places[FRAMES_MAX]; /* innermost first; owned */
    uint32_t n;
    const struct snapshot_what *what;
    uint32_t before; /* first frame of the stop before, to see what has changed */
    uint32_t n_before;
};

static strings_id
text_id(struct writer *w, PyObject *s)
{
    Py_ssize_t len;
    const char *text =
        s && PyUnicode_Check(s) ? PyUnicode_AsUTF8AndSize(s, &len) : NULL;

    PyErr_Clear();
    return text ? writer_string(w, text, (size_t)len) : 0;
}

/* Whether the same variable of the same frame had another text at the stop before.
 * Frames are matched from the outermost; texts are interned, so ids say it all. */
static bool
has_changed(const struct taking *s, uint32_t index, codes_id code,
            const struct format_value *v)
{
    uint32_t from_outermost = s->n - index;
    const struct format_frame *f;
    const struct format_value *old;

    if (from_outermost > s->n_before)
        return false;
    f = writer_record(s->w, FORMAT_FRAMES, s->before + s->n_before - from_outermost);
    if (f->code != code)
        return false;
    for (uint32_t i = 0; i < f->n_values; i++) {
        old = writer_record(s->w, FORMAT_VALUES, f->first_value + i);
        if (old->name == v->name)
            return old->text != v->text;
    }
    return true;
}

/* What is shown of a value, but for its name. */
static void
describe(struct writer *w, PyObject *value, struct format_value *out)
{
    const char *type = Py_TYPE(value)->tp_name;
    struct values_text text;

    out->type = writer_string(w, type, strlen(type));
    values_write(&text, value);
    out->text = writer_string(w, text.data, text.len);
    out->flags |=
        (text.cut ? FORMAT_VALUE_CUT : 0u) | (text.opaque ? FORMAT_VALUE_OPAQUE : 0u);
}

static struct format_value *
new_value(const struct taking *s, struct format_frame *f)
{
    void *place;

    if (f->n_values == VALUES_MAX ||
        writer_add(s->w, FORMAT_VALUES, 1, &place) == FORMAT_NONE)
        return NULL;
    f->n_values++;
    return place;
}

static void
add_value(const struct taking *s, uint32_t index, struct format_frame *f,
          PyObject *name, PyObject *value)
{
    const char *word = PyUnicode_Check(name) ? PyUnicode_AsUTF8(name) : NULL;
    struct format_value *v;

    PyErr_Clear();
    v = word ? new_value(s, f) : NULL;
    if (!v)
        return;
    v->name = text_id(s->w, name);
    describe(s->w, value, v);
    if (values_is_secret(word)) {
        v->flags = FORMAT_VALUE_MASKED;
        v->text = writer_string(s->w, "***", 3);
    } else if (has_changed(s, index, f->code, v)) {
        v->flags |= FORMAT_VALUE_CHANGED;
    }
}

void
snapshot_note_returned(struct writer *w, struct snapshot_returned *r,
                       const char *qualname, PyObject *value)
{
    struct format_value v = {.flags = FORMAT_VALUE_RETURNED};
    char name[256];
    int len = snprintf(name, sizeof(name), "%.200s()", qualname);

    describe(w, value, &v);
    *r = (struct snapshot_returned){writer_string(w, name, (size_t)len), v.text, v.type,
                                    v.flags};
}

/* What a function returned stands before the variables of the frame that called it. */
static void
add_returned(const struct taking *s, struct format_frame *f)
{
    const struct snapshot_returned *r = s->what->returned;
    struct format_value *v = r->from ? new_value(s, f) : NULL;

    if (v)
        *v = (struct format_value){r->from, r->text, r->type, r->flags};
}

/* The names of a module or of a class body, without those that every one has and
 * without imported modules. */
static void
add_namespace(const struct taking *s, uint32_t index, struct format_frame *f,
              PyObject *dict)
{
    PyObject *name, *value;
    Py_ssize_t pos = 0;

    while (dict && PyDict_CheckExact(dict) && PyDict_Next(dict, &pos, &name, &value)) {
        if (!PyUnicode_Check(name) || PyModule_Check(value) ||
            (PyUnicode_GET_LENGTH(name) > 1 && PyUnicode_READ_CHAR(name, 0) == '_' &&
             PyUnicode_READ_CHAR(name, 1) == '_'))
            continue;
        add_value(s, index, f, name, value);
    }
}

static void
add_variables(const struct taking *s, uint32_t index, struct format_frame *f,
              PyFrameObject *frame, PyCodeObject *co)
{
    PyObject *owned;

    if (!(co->co_flags & CO_OPTIMIZED)) {
        owned = py_frame_namespace(frame);
        add_namespace(s, index, f, owned);
        Py_XDECREF(owned);
        return;
    }
    for (int i = 0; i < co->co_nlocalsplus; i++) {
        owned = py_frame_variable(frame, co, i);
        if (owned)
            add_value(s, index, f, PyTuple_GET_ITEM(co->co_localsplusnames, i), owned);
        Py_XDECREF(owned);
    }
}

static void
add_frame(const struct taking *s, uint32_t index, struct format_frame *f)
{
    const struct place *p = &s->places[index];
    PyCodeObject *co = PyFrame_GetCode(p->frame);
    struct codes_entry *e = codes_find(co);

    f->code = e ? e->id : FORMAT_NONE;
    f->line = p->line > 0 ? (uint32_t)p->line : 0;
    f->path = text_id(s->w, co->co_filename);
    f->qualname = text_id(s->w, co->co_qualname);
    f->first_value = writer_count(s->w, FORMAT_VALUES);
    if (index == 0)
        add_returned(s, f);
    if (index < FRAMES_WITH_VALUES)
        add_variables(s, index, f, p->frame, co);
    Py_DECREF(co);
}

static void
collect_running(struct taking *s)
{
    PyFrameObject *frame = PyThreadState_GetFrame(PyThreadState_Get());

    while (frame && s->n < FRAMES_MAX) {
        s->places[s->n++] = (struct place){frame, PyFrame_GetLineNumber(frame)};
        frame = PyFrame_GetBack(frame);
    }
    Py_XDECREF(frame);
}

/* A traceback begins with the outermost frame; of a long one the innermost are kept. */
static void
collect_traceback(struct taking *s, PyObject *exception)
{
    PyTracebackObject *tb = py_traceback(exception);
    PyTracebackObject *first = tb;
    PyCodeObject *co;
    size_t len = 0;

    for (; tb; tb = tb->tb_next)
        len++;
    for (tb = first; tb; tb = tb->tb_next) {
        if (len-- > FRAMES_MAX)
            continue;
        co = PyFrame_GetCode(tb->tb_frame);
        s->places[s->n++] = (struct place){(PyFrameObject *)Py_NewRef(tb->tb_frame),
                                           PyCode_Addr2Line(co, tb->tb_lasti)};
        Py_DECREF(co);
    }
    for (uint32_t i = 0, j = s->n; i + 1 < j; i++) {
        struct place swap = s->places[i];

        s->places[i] = s->places[--j];
        s->places[j] = swap;
    }
    Py_XDECREF(first);
}

uint32_t
snapshot_take(struct writer *w, const struct snapshot_what *what)
{
    struct py_raised raised = py_put_aside();
    uint32_t n_stops = writer_count(w, FORMAT_STOPS), id;
    struct taking s = {.w = w, .what = what};
    struct format_stop *stop;
    struct format_frame *frames;
    int collects = PyGC_Disable(); /* it would run the program's finalizers */
    void *place;

    if (n_stops) {
        stop = writer_record(w, FORMAT_STOPS, n_stops - 1);
        s.before = stop->first_frame;
        s.n_before = stop->n_frames;
    }
    if (what->exception)
        collect_traceback(&s, what->exception);
    else
        collect_running(&s);
    id = writer_add(w, FORMAT_STOPS, 1, &place);
    if (id == FORMAT_NONE)
        goto done;
    stop = place;
    stop->reason = what->reason;
    stop->thread = what->thread;
    stop->ticks = what->ticks;
    stop->text = what->exception ? errors_describe(w, what->exception) : 0;
    stop->first_frame = s.n ? writer_add(w, FORMAT_FRAMES, s.n, &place) : 0;
    if (s.n && stop->first_frame != FORMAT_NONE) {
        frames = place;
        stop->n_frames = s.n;
        for (uint32_t i = 0; i < s.n; i++)
            add_frame(&s, i, &frames[i]);
    }
    writer_publish(w, FORMAT_VALUES);
    writer_publish(w, FORMAT_FRAMES);
    writer_publish(w, FORMAT_STOPS);
done:
    for (uint32_t i = 0; i < s.n; i++)
        Py_DECREF(s.places[i].frame);
    if (collects)
        PyGC_Enable();
    py_put_back(raised);
    return id;
}

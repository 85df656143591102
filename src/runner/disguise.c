#include "runner/py.h"

#include "runner/disguise.h"

#include "runner/door.h"
#include "runner/monitors.h"
#include "runner/twin.h"

/* An attribute of a builtin type whose answer is changed on its way out. */
struct attribute {
    PyTypeObject *type;
    const char *name;
    PyObject *(*disguise)(PyObject *self, PyObject *answer); /* takes the answer over */
    int (*set)(PyObject *self, PyObject *value, void *attribute); /* if it can be */
    PyObject *plain; /* the descriptor as it was */
    PyGetSetDef made;
};

static const struct probe_ops *ops;
static newfunc plain_new_traceback;

/* Code. */

static PyObject *
disguise_code(PyObject *self, PyObject *answer)
{
    PyObject *code = answer;

    (void)self;
    if (PyCode_Check(answer)) {
        code = Py_NewRef((PyObject *)twin_origin((PyCodeObject *)answer));
        Py_DECREF(answer);
    }
    return code;
}

/* Places, in bytes. Before the first instruction it is a negative number, and what a
 * program makes up may be odd. */

static int
old_place(PyCodeObject *co, int place)
{
    const struct bytecode_places *p = place < 0 ? NULL : ops->places(co);

    return p ? 2 * (int)bytecode_places_old(p, (uint32_t)place / 2) + place % 2 : place;
}

static PyObject *
disguise_place(PyCodeObject *co, PyObject *answer)
{
    int place = (int)PyLong_AsLong(answer);
    int old = old_place(co, place);

    if (old == place)
        return answer;
    Py_DECREF(answer);
    return PyLong_FromLong(old);
}

static PyObject *
disguise_frame_place(PyObject *self, PyObject *answer)
{
    PyCodeObject *co = PyFrame_GetCode((PyFrameObject *)self);
    PyObject *place = disguise_place(co, answer);

    Py_DECREF(co);
    return place;
}

static PyObject *
disguise_traceback_place(PyObject *self, PyObject *answer)
{
    return disguise_frame_place((PyObject *)((PyTracebackObject *)self)->tb_frame,
                                answer);
}

/* What the rewriter adds for exceptions that go through has no line, but the place that
 * the program sees may have one. Only who traces single opcodes gets there. */
static PyObject *
disguise_line(PyObject *self, PyObject *answer)
{
    PyFrameObject *frame = (PyFrameObject *)self;
    PyCodeObject *co;
    int line;

    if (answer != Py_None)
        return answer;
    co = PyFrame_GetCode(frame);
    line = PyCode_Addr2Line(twin_origin(co), old_place(co, PyFrame_GetLasti(frame)));
    Py_DECREF(co);
    if (line < 0)
        return answer;
    Py_DECREF(answer);
    return PyLong_FromLong(line);
}

/* types.TracebackType(next, frame, lasti, line): the program says the place as it saw
 * it. */
static PyObject *
new_traceback(PyTypeObject *type, PyObject *args, PyObject *names)
{
    PyObject *made = plain_new_traceback(type, args, names);
    PyTracebackObject *tb = (PyTracebackObject *)made;
    const struct bytecode_places *p;
    PyCodeObject *co;

    if (!made || tb->tb_lasti < 0)
        return made;
    co = PyFrame_GetCode(tb->tb_frame);
    p = ops->places(co);
    if (p)
        tb->tb_lasti = 2 * (int)bytecode_places_new(p, (uint32_t)tb->tb_lasti / 2) +
                       tb->tb_lasti % 2;
    Py_DECREF(co);
    return made;
}

/* The attributes. */

static PyObject *
get(PyObject *self, void *closure)
{
    const struct attribute *a = closure;
    PyObject *answer =
        Py_TYPE(a->plain)->tp_descr_get(a->plain, self, (PyObject *)a->type);

    return answer ? a->disguise(self, answer) : NULL;
}

/* Of function.__code__ and f_lineno, which debuggers jump with. */
static int
set(PyObject *self, PyObject *value, void *closure)
{
    const struct attribute *a = closure;
    descrsetfunc plain = Py_TYPE(a->plain)->tp_descr_set;
    PyObject *made;
    int status;

    if (!value || !PyCode_Check(value))
        return plain(a->plain, self, value);
    made = (PyObject *)door_pass((PyCodeObject *)value, PyFunction_GET_GLOBALS(self));
    status = plain(a->plain, self, made);
    Py_DECREF(made);
    return status;
}

static struct attribute attributes[] = {
    {.type = &PyFunction_Type,
     .name = "__code__",
     .disguise = disguise_code,
     .set = set},
    {.type = &PyFrame_Type, .name = "f_code", .disguise = disguise_code},
    {.type = &PyGen_Type, .name = "gi_code", .disguise = disguise_code},
    {.type = &PyCoro_Type, .name = "cr_code", .disguise = disguise_code},
    {.type = &PyAsyncGen_Type, .name = "ag_code", .disguise = disguise_code},
    {.type = &PyFrame_Type, .name = "f_lasti", .disguise = disguise_frame_place},
    {.type = &PyFrame_Type, .name = "f_lineno", .disguise = disguise_line, .set = set},
    {.type = &PyTraceBack_Type,
     .name = "tb_lasti",
     .disguise = disguise_traceback_place},
};

enum { N_ATTRIBUTES = sizeof(attributes) / sizeof(attributes[0]) };

static bool
replace_attribute(struct attribute *a)
{
    PyObject *dict = py_type_dict(a->type), *new = NULL;
    bool ok;

    a->plain = dict ? Py_XNewRef(PyDict_GetItemString(dict, a->name)) : NULL;
    a->made = (PyGetSetDef){a->name, get, a->set, NULL, a};
    if (a->plain && Py_TYPE(a->plain)->tp_descr_get)
        new = PyDescr_NewGetSet(a->type, &a->made);
    ok = new &&PyDict_SetItemString(dict, a->name, new) == 0;
    PyType_Modified(a->type);
    Py_XDECREF(new);
    Py_XDECREF(dict);
    return ok;
}

bool
disguise_put_on(const struct probe_ops *back_end, struct err *err)
{
    bool ok = true;

    ops = back_end;
    if (!ops->places) /* the program's code is what runs */
        return true;
    for (int i = 0; ok && i < N_ATTRIBUTES; i++)
        ok = replace_attribute(&attributes[i]);
    ok = ok && monitors_start(ops);
    plain_new_traceback = PyTraceBack_Type.tp_new;
    PyTraceBack_Type.tp_new = new_traceback;
    PyErr_Clear();
    return ok || err_set(err, "the interpreter does not let itself be disguised");
}

#include "runner/py.h"

#include "runner/monitors.h"

#if PY_VERSION_HEX < 0x030c0000

bool
monitors_start(const struct probe_ops *ops)
{
    (void)ops;
    return true;
}

void
monitors_follow(PyCodeObject *origin, PyCodeObject *made)
{
    (void)origin;
    (void)made;
}

#else

#include <string.h>

#include "runner/twin.h"

enum { /* of sys.monitoring.events */
       EVENT_LINE = 1 << 5,
       EVENT_INSTRUCTION = 1 << 6,
       EVENT_JUMP = 1 << 7,
       EVENT_BRANCH = 1 << 8,
       EVENT_UNWIND = 1 << 12
};

enum {
    N_TOOLS = 6, /* that a program can have */
    ARGS_MAX = 4 /* code, place, and up to two more */
};

static const struct probe_ops *ops;
static PyObject *plain_register, *plain_set_local, *plain_get_local;

/* The place, in units, that an event is about; -1 if the program would not hear of it
 * without us: an instruction that was added, or an exception that is handled and raised
 * again only to be seen by us. That it leaves is heard, from where it was raised. */
static long
place_of(const struct bytecode_places *p, long event, PyObject *place)
{
    long unit = PyLong_AsLong(place) / 2;
    PyFrameObject *frame;

    if (!bytecode_places_is_added(p, (uint32_t)unit))
        return unit;
    if ((uint32_t)unit < p->tail)
        return event & (EVENT_INSTRUCTION | EVENT_JUMP | EVENT_BRANCH) ? -1 : unit;
    if (event != EVENT_UNWIND)
        return -1;
    frame = PyThreadState_GetFrame(PyThreadState_Get());
    unit = frame ? PyFrame_GetLasti(frame) / 2 : -1;
    Py_XDECREF(frame);
    return unit;
}

static PyObject *
old_place(const struct bytecode_places *p, long unit)
{
    return PyLong_FromLong(2 * (long)bytecode_places_old(p, (uint32_t)unit));
}

/* Calls the program's callback with the origin and places in it. */
static PyObject *
tell(PyObject *callback, long event, PyObject *const *args, Py_ssize_t n)
{
    PyCodeObject *made = (PyCodeObject *)args[0];
    const struct bytecode_places *p = event == EVENT_LINE ? NULL : ops->places(made);
    PyObject *own[ARGS_MAX], *place = NULL, *target = NULL, *answer;
    long unit = p ? place_of(p, event, args[1]) : 0;

    if (unit < 0)
        Py_RETURN_NONE;
    memcpy(own, args, (size_t)n * sizeof(*own));
    own[0] = (PyObject *)twin_origin(made);
    if (p)
        own[1] = place = old_place(p, unit);
    if (p && (event == EVENT_JUMP || event == EVENT_BRANCH) && n > 2)
        own[2] = target = old_place(p, PyLong_AsLong(args[2]) / 2);
    answer =
        PyErr_Occurred() ? NULL : PyObject_Vectorcall(callback, own, (size_t)n, NULL);
    Py_XDECREF(place);
    Py_XDECREF(target);
    return answer;
}

/* What is registered in the place of a callback; `self` is (callback, event). */
static PyObject *
on_event(PyObject *self, PyObject *const *args, Py_ssize_t n)
{
    PyObject *callback = PyTuple_GET_ITEM(self, 0);

    if (n < 2 || n > ARGS_MAX || !PyCode_Check(args[0]) ||
        !twin_get((PyCodeObject *)args[0]))
        return PyObject_Vectorcall(callback, args, (size_t)n, NULL);
    return tell(callback, PyLong_AsLong(PyTuple_GET_ITEM(self, 1)), args, n);
}

static PyMethodDef event_method = {"ttrace", (PyCFunction)(void (*)(void))on_event,
                                   METH_FASTCALL, NULL};

/* The callback behind one of ours: takes the reference over and gives one. */
static PyObject *
unwrap(PyObject *callback)
{
    PyObject *inner;

    if (!callback || !PyCFunction_Check(callback) ||
        PyCFunction_GetFunction(callback) != event_method.ml_meth)
        return callback;
    inner = Py_NewRef(PyTuple_GET_ITEM(PyCFunction_GetSelf(callback), 0));
    Py_DECREF(callback);
    return inner;
}

static PyObject *
register_callback(PyObject *self, PyObject *const *args, Py_ssize_t n)
{
    PyObject *own[] = {n > 0 ? args[0] : NULL, n > 1 ? args[1] : NULL, NULL};
    PyObject *pair, *old;

    (void)self;
    if (n != 3 || args[2] == Py_None || !PyLong_Check(args[1]))
        return unwrap(PyObject_Vectorcall(plain_register, args, (size_t)n, NULL));
    pair = PyTuple_Pack(2, args[2], args[1]);
    own[2] = pair ? PyCFunction_New(&event_method, pair) : NULL;
    Py_XDECREF(pair);
    if (!own[2])
        return NULL;
    old = PyObject_Vectorcall(plain_register, own, 3, NULL);
    Py_DECREF(own[2]);
    return unwrap(old);
}

/* The origin keeps in mind what was asked for; its twin, now or later, says it. */
static PyObject *
set_local_events(PyObject *self, PyObject *const *args, Py_ssize_t n)
{
    PyObject *done = PyObject_Vectorcall(plain_set_local, args, (size_t)n, NULL);
    PyCodeObject *co, *made;

    (void)self;
    if (!done || n != 3)
        return done;
    co = (PyCodeObject *)args[1];
    made = twin_of(co);
    if (made && made != co) {
        PyObject *own[] = {args[0], (PyObject *)made, args[2]};

        Py_SETREF(done, PyObject_Vectorcall(plain_set_local, own, 3, NULL));
    }
    return done;
}

void
monitors_follow(PyCodeObject *origin, PyCodeObject *made)
{
    PyObject *events, *done;

    for (int tool = 0; origin->_co_monitoring && tool < N_TOOLS; tool++) {
        events = PyObject_CallFunction(plain_get_local, "iO", tool, origin);
        done = events && PyObject_IsTrue(events) == 1
                   ? PyObject_CallFunction(plain_set_local, "iOO", tool, made, events)
                   : NULL;
        Py_XDECREF(done);
        Py_XDECREF(events);
        PyErr_Clear(); /* a tool that nobody uses */
    }
}

static PyMethodDef methods[] = {
    {"register_callback", (PyCFunction)(void (*)(void))register_callback, METH_FASTCALL,
     NULL},
    {"set_local_events", (PyCFunction)(void (*)(void))set_local_events, METH_FASTCALL,
     NULL},
};

static bool
replace(PyObject *monitoring, PyMethodDef *method, PyObject **plain)
{
    PyObject *function = NULL;
    PyCFunctionObject *old;
    bool ok = false;

    *plain = PyObject_GetAttrString(monitoring, method->ml_name);
    if (*plain && PyCFunction_Check(*plain)) {
        old = (PyCFunctionObject *)*plain;
        method->ml_doc = old->m_ml->ml_doc;
        function = PyCFunction_NewEx(method, old->m_self, old->m_module);
        ok = function &&
             PyObject_SetAttrString(monitoring, method->ml_name, function) == 0;
    }
    Py_XDECREF(function);
    return ok;
}

bool
monitors_start(const struct probe_ops *back_end)
{
    PyObject *monitoring = PySys_GetObject("monitoring"); /* borrowed */

    ops = back_end;
    plain_get_local =
        monitoring ? PyObject_GetAttrString(monitoring, "get_local_events") : NULL;
    return plain_get_local && replace(monitoring, &methods[0], &plain_register) &&
           replace(monitoring, &methods[1], &plain_set_local);
}

#endif

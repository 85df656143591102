/* Frame objects, as a trace function sees them. */
#ifndef MODULE_FRAMES_H
#define MODULE_FRAMES_H

#include "module/interp.h"

/* frame.f_trace: a new reference, NULL for None. No exception. */
static inline PyObject *
frames_local(const struct interp *in, PyFrameObject *frame)
{
#if PY_HAS_FAST_LOCALS
    (void)in;
    return Py_XNewRef(frame->f_trace);
#else
    PyObject *local = in->f_trace
                          ? in->f_trace->get((PyObject *)frame, in->f_trace->closure)
                          : PyObject_GetAttrString((PyObject *)frame, "f_trace");

    if (!local)
        PyErr_Clear();
    if (local == Py_None)
        Py_CLEAR(local);
    return local;
#endif
}

/* `local` may be NULL. 0, or -1 with an exception. */
static inline int
frames_set_local(const struct interp *in, PyFrameObject *frame, PyObject *local)
{
#if PY_HAS_FAST_LOCALS
    (void)in;
    if (frame->f_trace != local)
        Py_XSETREF(frame->f_trace, Py_XNewRef(local));
    return 0;
#else
    PyObject *value = local ? local : Py_None;

    if (in->f_trace)
        return in->f_trace->set((PyObject *)frame, value, in->f_trace->closure);
    return PyObject_SetAttrString((PyObject *)frame, "f_trace", value);
#endif
}

/* Until 3.12, the first event behind a look at frame.f_locals brings that dict up to
 * date, before the trace function is called ... 0, or -1 with an exception. */
static inline int
frames_renew_locals(PyFrameObject *frame)
{
#if PY_HAS_FAST_LOCALS
    if (frame->f_fast_as_locals)
        return PyFrame_FastToLocalsWithError(frame);
#endif
    (void)frame;
    return 0;
}

/* ... and behind it takes over what the function changed there. */
static inline void
frames_take_locals(PyFrameObject *frame)
{
#if PY_HAS_FAST_LOCALS
    if (frame->f_fast_as_locals)
        PyFrame_LocalsToFast(frame, 1);
#endif
    (void)frame;
}

#endif

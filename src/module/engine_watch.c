/* A frame that runs when a recording begins has had no `call` event, so the stack of
 * each thread is made from its frames then: eagerly for threads that are known, and at
 * its first event for any other (an epoch tells). While nothing is active no thread has
 * the function; one that could not be reached gives it up at its next event. */
#include "runner/py.h"

#include "module/engine_watch.h"

#include <stdlib.h>

#include "module/engine_hooks.h"
#include "runner/codes.h"
#include "runner/sink.h"
#include "runner/suspended.h"

/* From 3.13 on, only a thread itself can be given any function. */
#define CAN_SET_OTHERS (PY_VERSION_HEX < 0x030d0000)

struct before { /* a thread's trace function before ours */
    uint64_t thread;
    Py_tracefunc func;
    PyObject *object;
    struct before *next;
};

static PyObject *hook_function;
static struct before *befores;
static unsigned n_active, n_recordings;
static uint32_t epoch = 1;

static _Thread_local uint32_t own_epoch;
static _Thread_local struct {
    const void *frame;
    bool is_error;
} raised;

/* Frames */

enum kind { BEGINS, GOES_ON, SUSPENDS, ENDS };

static bool
is_generator(const PyCodeObject *co)
{
    return co->co_flags & (CO_GENERATOR | CO_COROUTINE | CO_ASYNC_GENERATOR);
}

/* The instruction that a generator's frame stands on, and its argument. */
static void
read_instruction(PyFrameObject *frame, PyCodeObject *co, int *op, int *arg)
{
    PyObject *bytes = PyCode_GetCode(co);
    Py_ssize_t at = PyFrame_GetLasti(frame);

    *op = *arg = -1;
    if (bytes && at >= 0 && at + 1 < PyBytes_GET_SIZE(bytes)) {
        *op = (unsigned char)PyBytes_AS_STRING(bytes)[at];
        *arg = (unsigned char)PyBytes_AS_STRING(bytes)[at + 1] & 3;
    }
    Py_XDECREF(bytes);
}

static enum kind
kind_of(PyFrameObject *frame, PyCodeObject *co, bool is_call)
{
    int op, arg;

    if (!is_generator(co))
        return is_call ? BEGINS : ENDS;
    read_instruction(frame, co, &op, &arg);
    if (is_call)
        return op < 0 || op == RETURN_GENERATOR || (op == RESUME && arg == 0) ? BEGINS
                                                                              : GOES_ON;
    return op == YIELD_VALUE || (op == RESUME && arg != 0) ? SUSPENDS : ENDS;
}

struct running {
    struct sink_running *frames;
    uint32_t n, cap;
};

static void
add_running(struct running *r, PyFrameObject *frame)
{
    PyCodeObject *co = PyFrame_GetCode(frame);
    PyObject *globals = PyFrame_GetGlobals(frame);
    struct codes_entry *e = codes_get(co, globals);
    int line = e && e->wanted ? PyFrame_GetLineNumber(frame) : 0;
    struct sink_running *grown;

    if (e && e->wanted && r->n == r->cap) {
        grown = realloc(r->frames, (r->cap + 64) * sizeof(*grown));
        if (grown) {
            r->frames = grown;
            r->cap += 64;
        }
    }
    if (e && e->wanted && r->n < r->cap) {
        struct sink_running *at = &r->frames[r->n++];

        *at = (struct sink_running){.frame = frame, .code = e->id};
        at->line = codes_line(e, line > 0 ? (uint32_t)line : 0, &at->line_id);
    }
    Py_DECREF(globals);
    Py_DECREF(co);
}

/* Takes over the reference. */
static struct running
collect(PyFrameObject *frame)
{
    struct running r = {0};
    PyFrameObject *back;

    while (frame) {
        add_running(&r, frame);
        back = PyFrame_GetBack(frame);
        Py_DECREF(frame);
        frame = back;
    }
    for (uint32_t i = 0; i < r.n / 2; i++) {
        struct sink_running swap = r.frames[i];

        r.frames[i] = r.frames[r.n - 1 - i];
        r.frames[r.n - 1 - i] = swap;
    }
    return r;
}

static void
rebase(struct sink_thread *t, PyFrameObject *frame, bool is_new)
{
    struct running r = collect(frame);

    sink_rebase(t, r.frames, r.n, is_new);
    free(r.frames);
}

/* The calling thread; `frame` is where it is. */
static struct sink_thread *
thread(PyFrameObject *frame, bool begins)
{
    struct sink_thread *t = sink_thread();

    if (t && own_epoch != epoch) {
        own_epoch = epoch;
        rebase(t, begins ? PyFrame_GetBack(frame) : (PyFrameObject *)Py_NewRef(frame),
               false);
    }
    return t;
}

/* Events */

static void
note_raised(PyFrameObject *frame, PyObject *arg)
{
    static PyObject **const ends[] = {&PyExc_GeneratorExit, &PyExc_SystemExit,
                                      &PyExc_StopIteration, &PyExc_StopAsyncIteration};
    PyObject *type = arg && PyTuple_Check(arg) && PyTuple_GET_SIZE(arg)
                         ? PyTuple_GET_ITEM(arg, 0)
                         : NULL;

    raised.frame = frame;
    raised.is_error = true;
    for (size_t i = 0; type && i < sizeof(ends) / sizeof(ends[0]); i++)
        if (PyErr_GivenExceptionMatches(type, *ends[i]))
            raised.is_error = false;
}

static void
end(struct sink_thread *t, const struct codes_entry *e, PyFrameObject *frame,
    PyCodeObject *co, PyObject *arg)
{
    /* 3.12 and later say None when an exception leaves the frame. */
    bool unwinds = raised.frame == frame &&
                   (!arg || (PY_VERSION_HEX >= 0x030c0000 && arg == Py_None));

    raised.frame = NULL;
    if (unwinds && raised.is_error)
        sink_unwind(t, e->id, frame, true);
    else if (kind_of(frame, co, false) == SUSPENDS && arg)
        sink_yield(t, e->id, frame);
    else
        sink_leave(t, e->id, frame);
}

static void
begin_line(struct sink_thread *t, const struct codes_entry *e, PyFrameObject *frame)
{
    int number = PyFrame_GetLineNumber(frame);
    lines_id id;
    struct format_line *line = codes_line(e, number > 0 ? (uint32_t)number : 0, &id);

    if (raised.frame == frame)
        raised.frame = NULL;
    if (line)
        sink_line(t, line, id, sink_ticks());
}

static void
record(PyFrameObject *frame, PyCodeObject *co, int what, PyObject *arg)
{
    struct codes_entry *e = codes_get(co, PyEval_GetGlobals());
    struct sink_thread *t = e && e->wanted ? thread(frame, what == PyTrace_CALL) : NULL;

    if (!t)
        return;
    if (what == PyTrace_LINE)
        begin_line(t, e, frame);
    else if (what == PyTrace_EXCEPTION)
        note_raised(frame, arg);
    else if (what == PyTrace_RETURN)
        end(t, e, frame, co, arg);
    else if (kind_of(frame, co, true) == BEGINS)
        sink_enter(t, e->id, frame);
    else
        sink_resume(t, e->id, frame);
}

static struct before *
before_of(uint64_t id)
{
    struct before *b = befores;

    while (b && b->thread != id)
        b = b->next;
    return b;
}

static void
give_up(void)
{
    struct before *b = before_of(PyThreadState_Get()->id);

    PyEval_SetTrace(b ? b->func : NULL, b ? b->object : NULL);
}

static int
on_event(PyObject *self, PyFrameObject *frame, int what, PyObject *arg)
{
    PyCodeObject *co;
    int status = 0;

    (void)self;
    if (what > PyTrace_RETURN)
        return 0;
    if (!n_active) {
        give_up();
        return 0;
    }
    co = PyFrame_GetCode(frame);
    if (n_recordings)
        record(frame, co, what, arg);
    status = engine_hooks_tell(frame, co, what, arg);
    Py_DECREF(co);
    return status;
}

/* Threads */

static bool
is_ours(const PyThreadState *ts)
{
    return ts->c_tracefunc == on_event;
}

static void
keep_before(const PyThreadState *ts)
{
    struct before *b = before_of(ts->id);

    if (is_ours(ts))
        return;
    if (!b) {
        if (!ts->c_tracefunc)
            return;
        b = calloc(1, sizeof(*b));
        if (!b)
            return;
        b->thread = ts->id;
        b->next = befores;
        befores = b;
    }
    Py_XSETREF(b->object, Py_XNewRef(ts->c_traceobj));
    b->func = ts->c_tracefunc;
}

static PyThreadState *
first_thread(void)
{
    return PyInterpreterState_ThreadHead(PyInterpreterState_Get());
}

static void
set_in_all(void)
{
    for (PyThreadState *ts = first_thread(); ts; ts = PyThreadState_Next(ts))
        keep_before(ts);
#if CAN_SET_OTHERS
    for (PyThreadState *ts = first_thread(); ts; ts = PyThreadState_Next(ts))
        _PyEval_SetTrace(ts, on_event, hook_function);
#else
    PyEval_SetTraceAllThreads(on_event, hook_function);
#endif
}

static void
put_back_in_all(void)
{
    PyThreadState *own = PyThreadState_Get();

#if CAN_SET_OTHERS
    for (PyThreadState *ts = first_thread(); ts; ts = PyThreadState_Next(ts)) {
        struct before *b = before_of(ts->id);

        if (ts != own && is_ours(ts))
            _PyEval_SetTrace(ts, b ? b->func : NULL, b ? b->object : NULL);
    }
#endif
    if (is_ours(own))
        give_up();
}

static PyThreadState *
state_of(const struct sink_thread *t)
{
    PyThreadState *ts = first_thread();

    while (ts && ts->native_thread_id != t->shared->native_id)
        ts = PyThreadState_Next(ts);
    return ts;
}

static void
rebase_thread(struct sink_thread *t, void *is_new)
{
    PyThreadState *ts = state_of(t);

    rebase(t, ts ? PyThreadState_GetFrame(ts) : NULL, *(bool *)is_new);
}

static void
nothing_more(struct codes_entry *e)
{
    (void)e;
}

void
engine_watch_begin(bool records, bool anew)
{
    bool is_first = records && n_recordings == 0;

    if (anew)
        codes_decide_again(nothing_more);
    if (is_first)
        suspended_forget();
    if (records && (is_first || anew)) {
        sink_thread();
        sink_each_thread(rebase_thread, &is_first);
        epoch++;
        own_epoch = epoch;
    }
    n_recordings += records;
    if (n_active++ == 0)
        set_in_all();
}

void
engine_watch_end(bool records)
{
    n_recordings -= records;
    if (--n_active == 0)
        put_back_in_all();
}

void
engine_watch_join(PyFrameObject *frame)
{
    PyCodeObject *co;

    if (!n_active)
        return;
    PyEval_SetTrace(on_event, hook_function);
    co = PyFrame_GetCode(frame);
    if (n_recordings)
        record(frame, co, PyTrace_CALL, NULL);
    Py_DECREF(co);
}

void
engine_watch_after_fork(void)
{
    if (n_active) {
        n_active = n_recordings = 0;
        put_back_in_all();
    }
}

int
engine_watch_init(PyObject *hook)
{
    hook_function = Py_NewRef(hook);
    return 0;
}

/* The listener queues what the front-end asks for and arms the gate. The next line
 * probe then finds it armed, takes the messages out, and stops if that is what they, a
 * step or a breakpoint say. During a stop the same probe waits for messages, so all
 * that is asked for is done by the one thread that holds the GIL. */
#include "runner/py.h"

#include "runner/gate.h"

#include <stdlib.h>
#include <string.h>

#include "runner/errors.h"
#include "runner/snapshot.h"

struct point { /* a breakpoint */
    struct point *next;
    uint32_t line;
    bool once;
    char path[];
};

/* All of this is only touched with the GIL held. */
static struct gate_options options;
static struct format_header *header;
static struct point *points;
static bool pausing;
static enum control_type stepping = CONTROL_RUN; /* or INTO, OVER, OUT */
static enum format_reason step_reason = FORMAT_STOP_STEP;
static const struct format_thread *step_thread; /* NULL: any */
static uint32_t step_depth;
static struct snapshot_returned returned; /* during a step */

static bool serving; /* messages are being taken, by whoever does it */

static void take_messages(void);

/* Runs in the main thread when the interpreter gets to it, also where no line is
 * watched: a filter may be what keeps every line from being. The interpreter may get to
 * it while a message is served, too; what comes next is in good hands then. */
static int
take_pending(void *ignored)
{
    (void)ignored;
    if (!serving)
        take_messages();
    return 0;
}

static void
ask_main_thread(void)
{
    py_call_soon(take_pending);
}

bool
gate_start(const struct gate_options *o, struct err *err)
{
    options = *o;
    header = writer_header(o->writer);
    if (o->pause) {
        stepping = CONTROL_INTO;
        step_reason = FORMAT_STOP_START;
        atomic_store_explicit(&listener_armed, 1, memory_order_relaxed);
    }
    return o->control_fd < 0 ||
           listener_start(o->control_fd, header, ask_main_thread, err);
}

/* Breakpoints. */

static const char *touched; /* the path of the breakpoint that came or went */

static void
apply_if_touched(struct codes_entry *e)
{
    if (codes_is_file(e->file, touched))
        options.ops->apply(e);
}

static void
apply_points(const char *path)
{
    touched = path;
    codes_each(apply_if_touched);
}

static bool
add_point(const char *path, uint32_t line, bool once)
{
    struct point *p = malloc(sizeof(*p) + strlen(path) + 1);

    if (!p)
        return false;
    p->line = line;
    p->once = once;
    strcpy(p->path, path);
    p->next = points;
    points = p;
    apply_points(path);
    return true;
}

/* Takes away the breakpoint, or all those that were for once (`path` NULL). */
static void
remove_points(const char *path, uint32_t line)
{
    struct point **at = &points, *p;

    while ((p = *at)) {
        if (path ? p->line != line || strcmp(p->path, path) != 0 : !p->once) {
            at = &p->next;
            continue;
        }
        *at = p->next;
        apply_points(p->path);
        free(p);
    }
}

/* A breakpoint on a line without code means the next one that has some. */
static bool
means(const struct point *p, const struct codes_file *file, uint32_t line)
{
    uint32_t at = p->line;

    while (at < line && file->by_line[at] == FORMAT_NONE)
        at++;
    return at == line && codes_is_file(file, p->path);
}

bool
gate_breaks_on(const struct codes_file *file, uint32_t line)
{
    for (const struct point *p = points; p; p = p->next)
        if (means(p, file, line))
            return true;
    return false;
}

bool
gate_breaks_in(const struct codes_file *file)
{
    for (const struct point *p = points; p; p = p->next)
        if (codes_is_file(file, p->path))
            return true;
    return false;
}

bool
gate_add_break(const char *where, struct err *err)
{
    const char *colon = strrchr(where, ':');
    char path[CONTROL_TEXT_MAX], *end;
    unsigned long line = colon ? strtoul(colon + 1, &end, 10) : 0;
    size_t len = colon ? (size_t)(colon - where) : 0;

    if (!len || len >= sizeof(path) || !line || line > UINT32_MAX || *end)
        return err_set(err, "breakpoint '%s': expected FILE:LINE", where);
    memcpy(path, where, len);
    path[len] = '\0';
    return add_point(path, (uint32_t)line, false) ||
           err_set(err, "breakpoint '%s': out of memory", where);
}

/* Messages. */

static void
apply_entry(struct codes_entry *e)
{
    options.ops->apply(e);
}

/* What is done at once, stopped or not. False: it says how to go on. */
static bool
serve(const struct control_msg *m)
{
    struct err err;

    switch (m->type) {
    case CONTROL_BREAK:
        remove_points(m->text, m->number);
        if (add_point(m->text, m->number, false))
            listener_answer(CONTROL_BROKEN_AT, m->number, m->text);
        return true;
    case CONTROL_CLEAR:
        remove_points(m->text, m->number);
        return true;
    case CONTROL_EXCLUDE:
        if (!codes_exclude(m->text, apply_entry, &err))
            listener_answer(CONTROL_REFUSED, 0, err.text);
        return true;
    case CONTROL_INCLUDE:
        if (codes_include(m->text, apply_entry, &err))
            listener_answer(CONTROL_INCLUDED, options.ops->refresh(), m->text);
        else
            listener_answer(CONTROL_REFUSED, 0, err.text);
        return true;
    default:
        return false;
    }
}

/* Whether a step may end where a function returns to that is left at this depth. */
static bool
may_end_behind(const struct sink_thread *t)
{
    switch (stepping) {
    case CONTROL_INTO:
        return true;
    case CONTROL_OVER:
        return t->depth <= step_depth + 1;
    case CONTROL_OUT:
        return t->depth <= step_depth;
    default:
        return false;
    }
}

void
gate_left(const struct sink_thread *t, const struct codes_entry *e, PyObject *value)
{
    if ((!step_thread || step_thread == t->shared) && may_end_behind(t))
        snapshot_note_returned(options.writer, &returned, e->qualname, value);
}

static void
go_on(const struct control_msg *m, const struct sink_thread *t)
{
    pausing = m->type == CONTROL_PAUSE;
    stepping = CONTROL_RUN;
    if (m->type == CONTROL_UNTIL)
        add_point(m->text, m->number, true);
    if (m->type != CONTROL_INTO && m->type != CONTROL_OVER && m->type != CONTROL_OUT)
        return;
    stepping = (enum control_type)m->type;
    step_reason = FORMAT_STOP_STEP;
    step_thread = t->shared;
    step_depth = t->depth;
}

/* Nobody is there any more: nothing stops the program. */
static void
let_go(void)
{
    pausing = false;
    stepping = CONTROL_RUN;
    while (points)
        remove_points(points->path, points->line);
}

/* While the program runs, a step makes no sense; a pause may be taken back. */
static void
take_messages(void)
{
    struct listener_msg *q;

    serving = true;
    while ((q = listener_take(false))) {
        if (q->msg.type == CONTROL_DETACH)
            let_go();
        else if (!serve(&q->msg) &&
                 (q->msg.type == CONTROL_PAUSE || q->msg.type == CONTROL_RUN)) {
            pausing = q->msg.type == CONTROL_PAUSE;
            if (!pausing)
                listener_set_state(FORMAT_RUNNING);
        }
        free(q);
    }
    serving = false;
}

/* Stops. */

static uint32_t
note_stop(const struct sink_thread *t, enum format_reason reason, PyObject *exception)
{
    struct snapshot_what what = {reason, t->id, sink_ticks(), exception, &returned};
    uint32_t index = snapshot_take(options.writer, &what);

    if (index != FORMAT_NONE)
        atomic_store_explicit(&header->stop, index + 1, memory_order_release);
    return index;
}

static void
stop(struct sink_thread *t, enum format_reason reason)
{
    struct listener_msg *q;
    uint32_t index;
    bool served;

    sink_stop_begin(t);
    serving = true;
    pausing = false;
    stepping = CONTROL_RUN;
    remove_points(NULL, 0);
    index = note_stop(t, reason, NULL);
    returned = (struct snapshot_returned){0};
    listener_set_state(FORMAT_PAUSED);
    listener_answer(CONTROL_STOPPED, index, NULL);
    do {
        q = listener_take(true);
        served = q && (serve(&q->msg) || q->msg.type == CONTROL_PAUSE);
        if (!q || q->msg.type == CONTROL_DETACH)
            let_go();
        else if (!served)
            go_on(&q->msg, t);
        free(q);
    } while (served);
    serving = false;
    sink_stop_end();
    listener_set_state(FORMAT_RUNNING);
    listener_answer(CONTROL_RUNNING, 0, NULL);
}

/* Of a thread that has ended no line will come: then the next line of any thread does.
 */
static bool
has_stepped(const struct sink_thread *t)
{
    if (stepping == CONTROL_RUN)
        return false;
    if (step_thread && step_thread != t->shared)
        return atomic_load_explicit(&step_thread->state, memory_order_relaxed) ==
               FORMAT_THREAD_ENDED;
    return stepping == CONTROL_INTO ||
           (stepping == CONTROL_OVER && t->depth <= step_depth) ||
           (stepping == CONTROL_OUT && t->depth < step_depth);
}

void
gate_line(struct sink_thread *t, const struct codes_entry *e, uint32_t line,
          bool broken)
{
    if (serving) /* a line of who is asked for a source, in the midst of a message */
        return;
    take_messages();
    if (listener_is_on()) {
        if (broken && gate_breaks_on(e->file, line))
            stop(t, FORMAT_STOP_BREAK);
        else if (pausing)
            stop(t, FORMAT_STOP_PAUSE);
        else if (has_stepped(t))
            stop(t, step_reason);
    } else {
        let_go();
    }
    if (!pausing && stepping == CONTROL_RUN)
        listener_disarm();
}

/* Functions that run what is given to them and let its exceptions out: a frame that has
 * only such callers is the outermost one of the program's own, or of a thread's. */
static bool
is_starter(PyCodeObject *co)
{
    static const char *const names[] = {"_run_module_as_main", "_run_code",
                                        "_bootstrap", "_bootstrap_inner", "run"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (PyUnicode_CompareWithASCIIString(co->co_name, names[i]) == 0)
            return true;
    return false;
}

static bool
is_outermost(void)
{
    PyFrameObject *own = PyThreadState_GetFrame(PyThreadState_Get());
    PyFrameObject *caller = own ? PyFrame_GetBack(own) : NULL;
    PyCodeObject *co;
    bool starts = true;

    Py_XDECREF(own);
    while (starts && caller) {
        co = PyFrame_GetCode(caller);
        starts = is_starter(co);
        Py_DECREF(co);
        Py_SETREF(caller, PyFrame_GetBack(caller));
    }
    Py_XDECREF(caller);
    return starts;
}

void
gate_raised(struct sink_thread *t, PyObject *exception)
{
    if (gate_is_error(exception) && is_outermost()) {
        errors_add(exception, FORMAT_NONE, sink_ticks());
        note_stop(t, FORMAT_STOP_RAISED, exception);
    }
}

bool
gate_is_error(PyObject *exception)
{
    return exception && PyExceptionInstance_Check(exception) &&
           !PyErr_GivenExceptionMatches(exception, PyExc_SystemExit) &&
           !PyErr_GivenExceptionMatches(exception, PyExc_GeneratorExit);
}

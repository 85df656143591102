/* A thread of ours listens to the front-end. It never takes the GIL: it puts messages
 * into a queue and arms the gate. The next line probe then finds it armed, takes the
 * messages out, and stops if that is what they, a step or a breakpoint say. During a
 * stop the same probe waits for messages, so all that is asked for is done by the one
 * thread that holds the GIL. */
#include "runner/py.h"

#include "runner/gate.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "runner/snapshot.h"
#include "session/control.h"

_Atomic int gate_armed;

enum {
    GRACE_MS = 2000, /* between SIGTERM and SIGKILL when the front-end is gone */
    LISTEN_MS = 200  /* how often the header's clocks are set */
};

struct queued {
    struct queued *next;
    struct control_msg msg;
};

struct point { /* a breakpoint */
    struct point *next;
    uint32_t line;
    bool once;
    char path[];
};

static struct gate_options options;
static struct format_header *header;
static struct point *points;

/* Shared with the listening thread. */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t arrived = PTHREAD_COND_INITIALIZER;
static struct queued *first, **last = &first;
static bool detached;

/* Only touched with the GIL held. */
static bool pausing;
static enum control_type stepping = CONTROL_RUN; /* or INTO, OVER, OUT */
static enum format_reason step_reason = FORMAT_STOP_STEP;
static const struct sink_thread *step_thread; /* NULL: any */
static uint32_t step_depth;

/* The listening thread. */

static void
set_state(enum format_state state)
{
    atomic_store_explicit(&header->state, state, memory_order_release);
}

static void
enqueue(const struct control_msg *msg)
{
    struct queued *q = malloc(sizeof(*q));

    if (!q)
        return;
    q->next = NULL;
    q->msg = *msg;
    pthread_mutex_lock(&mutex);
    *last = q;
    last = &q->next;
    if (msg->type == CONTROL_DETACH)
        detached = true;
    if (msg->type == CONTROL_PAUSE &&
        atomic_load_explicit(&header->state, memory_order_relaxed) == FORMAT_RUNNING)
        set_state(FORMAT_PAUSING);
    atomic_store_explicit(&gate_armed, 1, memory_order_relaxed);
    pthread_cond_signal(&arrived);
    pthread_mutex_unlock(&mutex);
}

/* The front-end is gone and did not say that the program may go on without it. */
static void
end_program(void)
{
    struct timespec grace = {GRACE_MS / 1000, GRACE_MS % 1000 * 1000000L};

    kill(getpid(), SIGTERM);
    nanosleep(&grace, NULL);
    kill(getpid(), SIGKILL);
}

static void *
listen_to(void *arg)
{
    struct control_msg msg;
    int got;

    (void)arg;
    for (;;) {
        got = control_recv(options.control_fd, &msg);
        atomic_store_explicit(&header->last_ticks, mono_ticks(sink_tsc),
                              memory_order_relaxed);
        atomic_store_explicit(&header->last_mono_ns, mono_clock(),
                              memory_order_relaxed);
        if (got < 0)
            break;
        if (got > 0)
            enqueue(&msg);
    }
    pthread_mutex_lock(&mutex);
    got = detached;
    pthread_mutex_unlock(&mutex);
    if (!got)
        end_program();
    return NULL;
}

/* Signals are the program's: all are blocked in our thread. */
static bool
start_listening(struct err *err)
{
    struct timeval wait = {0, LISTEN_MS * 1000L};
    sigset_t all, before;
    pthread_t thread;
    int failed;

    setsockopt(options.control_fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    failed = pthread_create(&thread, NULL, listen_to, NULL);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failed)
        return err_sys(err, failed, "thread for the control channel");
    pthread_detach(thread);
    return true;
}

bool
gate_start(const struct gate_options *o, struct err *err)
{
    options = *o;
    header = writer_header(o->writer);
    if (o->pause) {
        stepping = CONTROL_INTO;
        step_reason = FORMAT_STOP_START;
        atomic_store_explicit(&gate_armed, 1, memory_order_relaxed);
    }
    return o->control_fd < 0 || start_listening(err);
}

void
gate_after_fork(void)
{
    options.control_fd = -1;
    pausing = false;
    stepping = CONTROL_RUN;
    pthread_mutex_init(&mutex, NULL);
    atomic_store_explicit(&gate_armed, 0, memory_order_relaxed);
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
answer(enum control_type type, uint32_t number, const char *text)
{
    if (options.control_fd >= 0)
        control_send(options.control_fd, type, number, text);
}

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
            answer(CONTROL_BROKEN_AT, m->number, m->text);
        return true;
    case CONTROL_CLEAR:
        remove_points(m->text, m->number);
        return true;
    case CONTROL_EXCLUDE:
        if (!codes_exclude(m->text, apply_entry, &err))
            answer(CONTROL_REFUSED, 0, err.text);
        return true;
    case CONTROL_INCLUDE:
        if (!codes_include(m->text, apply_entry, &err))
            answer(CONTROL_REFUSED, 0, err.text);
        return true;
    default:
        return false;
    }
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
    step_thread = t;
    step_depth = t->depth;
}

/* The oldest message, now the caller's to free; NULL if there is none. */
static struct queued *
dequeue(bool wait)
{
    struct queued *q;

    pthread_mutex_lock(&mutex);
    while (wait && !first)
        pthread_cond_wait(&arrived, &mutex);
    q = first;
    if (q) {
        first = q->next;
        if (!first)
            last = &first;
    }
    pthread_mutex_unlock(&mutex);
    return q;
}

/* While the program runs, a step makes no sense; a pause may be taken back. */
static void
take_messages(void)
{
    struct queued *q;

    while ((q = dequeue(false))) {
        if (!serve(&q->msg) &&
            (q->msg.type == CONTROL_PAUSE || q->msg.type == CONTROL_RUN)) {
            pausing = q->msg.type == CONTROL_PAUSE;
            if (!pausing)
                set_state(FORMAT_RUNNING);
        }
        free(q);
    }
}

static void
disarm(void)
{
    pthread_mutex_lock(&mutex);
    if (!first && !pausing && stepping == CONTROL_RUN)
        atomic_store_explicit(&gate_armed, 0, memory_order_relaxed);
    pthread_mutex_unlock(&mutex);
}

/* Stops. */

static uint32_t
note_stop(const struct sink_thread *t, enum format_reason reason, PyObject *exception)
{
    struct snapshot_what what = {reason, t->id, sink_ticks(), exception};
    uint32_t index = snapshot_take(options.writer, &what);

    if (index != FORMAT_NONE)
        atomic_store_explicit(&header->stop, index + 1, memory_order_release);
    return index;
}

static void
stop(struct sink_thread *t, enum format_reason reason)
{
    struct queued *q;
    uint32_t index;
    bool served;

    sink_stop_begin(t);
    pausing = false;
    stepping = CONTROL_RUN;
    remove_points(NULL, 0);
    index = note_stop(t, reason, NULL);
    set_state(FORMAT_PAUSED);
    answer(CONTROL_STOPPED, index, NULL);
    do {
        q = dequeue(true);
        served = serve(&q->msg) || q->msg.type == CONTROL_PAUSE;
        if (!served)
            go_on(&q->msg, t);
        free(q);
    } while (served);
    sink_stop_end();
    set_state(FORMAT_RUNNING);
    answer(CONTROL_RUNNING, 0, NULL);
}

static bool
has_stepped(const struct sink_thread *t)
{
    if (stepping == CONTROL_RUN || (step_thread && step_thread != t))
        return false;
    return stepping == CONTROL_INTO ||
           (stepping == CONTROL_OVER && t->depth <= step_depth) ||
           (stepping == CONTROL_OUT && t->depth < step_depth);
}

void
gate_line(struct sink_thread *t, const struct codes_entry *e, uint32_t line,
          bool broken)
{
    if (options.control_fd < 0)
        return;
    take_messages();
    if (broken && gate_breaks_on(e->file, line))
        stop(t, FORMAT_STOP_BREAK);
    else if (pausing)
        stop(t, FORMAT_STOP_PAUSE);
    else if (has_stepped(t))
        stop(t, step_reason);
    disarm();
}

void
gate_raised(struct sink_thread *t, PyObject *exception)
{
    if (exception && PyExceptionInstance_Check(exception) &&
        !PyErr_GivenExceptionMatches(exception, PyExc_SystemExit))
        note_stop(t, FORMAT_STOP_RAISED, exception);
}

/* Each thread has a stack of calls, a line and a node. At an event the time since the
 * event before belongs to the line and the node that were current; an enter keeps the
 * caller's line on the stack, and the leave goes on with it, so a line's self time is
 * what passed while it was the innermost line of recorded code.
 *
 * Back-ends may miss an end: code that was muted while its frames were on the stack, a
 * generator that throw() resumed, a greenlet switch. So every entry carries the
 * interpreter's frame, and an end that does not fit the top first looks for its own
 * entry below it (those above have ended unseen), or makes one. */
#include "runner/sink.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "runner/paths.h"
#include "runner/suspended.h"
#include "runner/timings.h"

enum {
    LINES_MAX = 1 << 24, /* lines beyond are not looked at for below_ticks */
    FIRST_DEPTH = 64
};

_Thread_local struct sink_thread *sink_self;
bool sink_tsc;
uint64_t sink_paused_ticks;
struct events sink_log;

static struct sink_options options;
static struct format_header *header;
static struct format_line nowhere; /* takes the time before a thread's first line */
static pthread_key_t end_key;

/* All threads, for the log. One that ends does so without the GIL. */
static struct sink_thread *threads;
static pthread_mutex_t threads_lock = PTHREAD_MUTEX_INITIALIZER;

static void
note(const struct sink_thread *t, enum format_event kind, uint32_t site, uint64_t now)
{
    if (sink_log.chunk)
        events_add(&sink_log, kind, site, t->id, now);
}

static void
book_node(struct sink_thread *t, uint64_t now)
{
    _Atomic uint64_t *last = &t->shared->node_ticks;

    format_add(&t->node->self_ticks,
               now - atomic_load_explicit(last, memory_order_relaxed));
    atomic_store_explicit(last, now, memory_order_relaxed);
}

static void
set_node(struct sink_thread *t, nodes_id id)
{
    t->node_id = id;
    t->node = &paths_nodes[id];
    atomic_store_explicit(&t->shared->node, id, memory_order_relaxed);
}

static void
set_line(struct sink_thread *t, struct format_line *line, lines_id id)
{
    t->line = line;
    t->line_id = id;
    atomic_store_explicit(&t->shared->line, id, memory_order_relaxed);
}

static bool
grow(struct sink_thread *t)
{
    uint32_t cap = t->cap ? t->cap * 2 : FIRST_DEPTH;
    struct sink_frame *stack = realloc(t->stack, cap * sizeof(*stack));

    if (!stack) {
        format_add(&header->n_dropped, 1);
        return false;
    }
    t->stack = stack;
    t->cap = cap;
    return true;
}

/* A frame begins or goes on, at `node` or, where that is FORMAT_NONE, at the node for
 * its code under the present one. Returns its entry, or NULL where there is no memory;
 * the node is set in any case. */
static ATTR_ALWAYS_INLINE struct sink_frame *
push(struct sink_thread *t, codes_id code, const void *frame, nodes_id node,
     uint64_t now)
{
    struct sink_frame *f = NULL;

    sink_book_line(t, now);
    format_add(&t->line->calls, 1);
    book_node(t, now);
    if (node == FORMAT_NONE)
        node = paths_child(t->node_id, code, t->id);
    if (ATTR_LIKELY(t->depth < t->cap) || grow(t)) {
        f = &t->stack[t->depth++];
        f->frame = frame;
        f->caller = t->node;
        f->caller_id = t->node_id;
        f->code = code;
        f->line = t->line;
        f->line_id = t->line_id;
        f->task = TASKS_NONE;
        f->enter_ticks = now;
        f->begin_ticks = now;
        f->opens_line = false;
        if (t->open && t->line_id < LINES_MAX && !t->open[t->line_id]) {
            t->open[t->line_id] = 1;
            f->opens_line = true;
            f->line_ticks =
                atomic_load_explicit(&t->line->self_ticks, memory_order_relaxed);
        }
    }
    set_node(t, node);
    return f;
}

/* The top frame begins or goes on as the outermost coroutine of `task`, which runs on
 * top of another one if it is eager. That one runs, too, as any caller does. */
static void
run_task(struct sink_thread *t, struct sink_frame *f, uint32_t task, uint64_t now)
{
    f->task = task;
    f->outer_task = t->task;
    t->task = task;
    tasks_run(task, now);
}

/* The top frame begins or goes on, which is a coroutine. */
static void
find_task(struct sink_thread *t, struct sink_frame *f, uint64_t now)
{
    uint32_t task = tasks_find(f->code, t->node_id, t->id, now);

    f->task = TASKS_UNKNOWN;
    if (task != TASKS_NONE && task != t->task)
        run_task(t, f, task, now);
}

/* What an end of the top frame, or its suspension, means for tasks. */
static void
stop_task(struct sink_thread *t, const struct sink_frame *f, bool suspends,
          uint64_t now)
{
    if (suspends)
        tasks_note_line(t->task, t->line_id);
    if (f->task != t->task)
        return;
    t->task = f->outer_task;
    if (suspends)
        tasks_wait(f->task, now);
    else
        tasks_end(f->task, now);
}

static void
suspend(const struct sink_thread *t, const struct sink_frame *f, uint64_t now)
{
    struct suspended s = {f->frame,       f->code, t->node_id, f->task,
                          f->begin_ticks, now,     t->line,    t->line_id};

    suspended_put(&s);
}

/* What passed below a line that is open, but for the time that the line itself ran
 * there, in a comprehension or recursion: that is self time already. */
static uint64_t
below(const struct sink_frame *f, uint64_t now)
{
    uint64_t own = atomic_load_explicit(&f->line->self_ticks, memory_order_relaxed) -
                   f->line_ticks;
    uint64_t all = now - f->enter_ticks;

    return own < all ? all - own : 0;
}

static void
add_below(const struct sink_frame *f, uint64_t now)
{
    format_add(&f->line->below_ticks, below(f, now));
}

/* The top frame ends, or is suspended. */
static ATTR_ALWAYS_INLINE void
pop(struct sink_thread *t, enum format_event how, uint64_t now)
{
    struct sink_frame *f = &t->stack[t->depth - 1];
    bool suspends = how == FORMAT_EVENT_YIELD;

    note(t, how, f->code, now); /* first: it may put all stacks as they are there */
    t->depth--;

    sink_book_line(t, now);
    book_node(t, now);
    if (ATTR_UNLIKELY(t->task != TASKS_NONE))
        stop_task(t, f, suspends, now);
    if (suspends)
        suspend(t, f, now);
    else if (ATTR_LIKELY(f->begin_ticks))
        timings_add(f->code, now - f->begin_ticks);
    if (f->opens_line) {
        t->open[f->line_id] = 0;
        add_below(f, now);
    }
    t->node = f->caller;
    t->node_id = f->caller_id;
    atomic_store_explicit(&t->shared->node, f->caller_id, memory_order_relaxed);
    set_line(t, f->line, f->line_id);
}

/* Makes the frame the top of the stack. True if it was on it. */
static bool
settle(struct sink_thread *t, codes_id code, const void *frame)
{
    uint32_t d = t->depth;
    uint64_t now;

    while (d && t->stack[d - 1].frame != frame)
        d--;
    if (!d || t->stack[d - 1].code != code)
        return false;
    now = sink_ticks();
    while (t->depth > d)
        pop(t, FORMAT_EVENT_LEAVE, now);
    return true;
}

static inline bool
is_top(const struct sink_thread *t, const void *frame)
{
    return t->depth && t->stack[t->depth - 1].frame == frame;
}

void
sink_enter(struct sink_thread *t, codes_id code, const void *frame)
{
    uint64_t now = sink_ticks();

    note(t, FORMAT_EVENT_ENTER, code, now);
    push(t, code, frame, FORMAT_NONE, now);
    format_add(&t->node->calls, 1);
}

static void
enter_coroutine(struct sink_thread *t, codes_id code, const void *frame, bool asks)
{
    uint64_t now = sink_ticks();
    struct sink_frame *f;

    note(t, FORMAT_EVENT_ENTER, code, now);
    f = push(t, code, frame, FORMAT_NONE, now);
    format_add(&t->node->calls, 1);
    if (f && (asks || t->task == TASKS_NONE))
        find_task(t, f, now);
    else if (f)
        f->task = TASKS_UNKNOWN;
}

void
sink_enter_coroutine(struct sink_thread *t, codes_id code, const void *frame)
{
    enter_coroutine(t, code, frame, false);
}

void
sink_enter_task(struct sink_thread *t, codes_id code, const void *frame)
{
    enter_coroutine(t, code, frame, true);
}

/* Whether a frame that goes on does so below whoever resumed it, not where it began. */
static bool
by_caller(void)
{
    return header->mode & FORMAT_MODE_CALLERS;
}

void
sink_resume(struct sink_thread *t, codes_id code, const void *frame)
{
    struct suspended s = {.node = FORMAT_NONE, .task = TASKS_NONE};
    uint64_t now = sink_ticks();
    bool known = suspended_take(frame, code, &s);
    struct sink_frame *f;

    note(t, FORMAT_EVENT_RESUME, code, now);
    f = push(t, code, frame, known && !by_caller() ? s.node : FORMAT_NONE, now);
    format_add(&t->node->resumes, 1);
    if (known)
        format_add(&t->node->suspended_ticks, now - s.since_ticks);
    if (!f)
        return;
    f->begin_ticks = known ? s.enter_ticks : 0;
    if (!known)
        return;
    set_line(t, s.line, s.line_id); /* no line event: it goes on within its line */
    if (s.task == TASKS_NONE)
        return;
    f->task = TASKS_UNKNOWN;
    if (s.task != TASKS_UNKNOWN && s.task != t->task)
        run_task(t, f, s.task, now);
    else if (t->task == TASKS_NONE)
        find_task(t, f, now);
}

static ATTR_ALWAYS_INLINE void
end(struct sink_thread *t, codes_id code, const void *frame, enum format_event how)
{
    if (ATTR_LIKELY(is_top(t, frame)) || settle(t, code, frame))
        pop(t, how, sink_ticks());
}

void
sink_leave(struct sink_thread *t, codes_id code, const void *frame)
{
    end(t, code, frame, FORMAT_EVENT_LEAVE);
}

void
sink_yield(struct sink_thread *t, codes_id code, const void *frame)
{
    end(t, code, frame, FORMAT_EVENT_YIELD);
}

/* An exception shows that the frame runs. */
static void
find_running(struct sink_thread *t, codes_id code, const void *frame)
{
    if (!is_top(t, frame) && !settle(t, code, frame))
        sink_resume(t, code, frame);
}

void
sink_unwind(struct sink_thread *t, codes_id code, const void *frame, bool error)
{
    struct suspended closed;

    if (!is_top(t, frame) && !settle(t, code, frame)) {
        if (!error) {
            suspended_take(frame, code, &closed);
            return;
        }
        sink_resume(t, code, frame);
    }
    if (is_top(t, frame)) {
        format_add(&t->node->raised, error);
        pop(t, FORMAT_EVENT_UNWIND, sink_ticks());
    }
}

void
sink_catch(struct sink_thread *t, codes_id code, const void *frame)
{
    find_running(t, code, frame);
    if (sink_log.chunk)
        note(t, FORMAT_EVENT_CATCH, code, sink_ticks());
}

void
sink_handled(struct sink_thread *t, uint32_t error)
{
    if (sink_log.chunk)
        note(t, FORMAT_EVENT_HANDLED, error, sink_ticks());
}

static void
start_clocks(void)
{
    header->start_ticks = mono_ticks(sink_tsc);
    header->start_mono_ns = mono_clock();
}

static void
mark_ended(struct format_thread *shared)
{
    atomic_store_explicit(&shared->state, FORMAT_THREAD_ENDED, memory_order_relaxed);
    atomic_store_explicit(&shared->line, FORMAT_NONE, memory_order_relaxed);
}

static void
enlist(struct sink_thread *t)
{
    pthread_mutex_lock(&threads_lock);
    t->next = threads;
    threads = t;
    pthread_mutex_unlock(&threads_lock);
}

static void
unlist(const struct sink_thread *t)
{
    struct sink_thread **at = &threads;

    pthread_mutex_lock(&threads_lock);
    while (*at && *at != t)
        at = &(*at)->next;
    if (*at)
        *at = t->next;
    pthread_mutex_unlock(&threads_lock);
}

/* Puts a thread's stack into the log, at most `room` words of it. A frame's line is
 * kept by the one that it called. */
static void
put_stack(const struct sink_thread *t, uint32_t room)
{
    uint32_t n = t->depth < room - 2 ? t->depth : room - 2;

    events_put_stack_word(&sink_log, (uint64_t)t->id << 32 | n);
    events_put_stack_word(&sink_log, t->depth);
    for (uint32_t i = t->depth - n; i < t->depth; i++) {
        lines_id line = i + 1 < t->depth ? t->stack[i + 1].line_id : t->line_id;

        events_put_stack_word(&sink_log, (uint64_t)t->stack[i].code << 32 | line);
    }
}

static void
put_stacks(struct events *log)
{
    uint32_t n = 0, room;

    (void)log;
    pthread_mutex_lock(&threads_lock);
    for (const struct sink_thread *t = threads; t; t = t->next)
        n++;
    room = n ? EVENTS_STACK_WORDS / n : 0;
    for (const struct sink_thread *t = threads; t && room > 2; t = t->next)
        put_stack(t, room);
    pthread_mutex_unlock(&threads_lock);
}

/* Thread-local destructors run in no order: one of the program's may still run Python
 * behind this one, and then attaches the thread anew. */
static void
end_thread(void *arg)
{
    struct sink_thread *t = arg;

    sink_self = NULL;
    mark_ended(t->shared);
    unlist(t);
    if (t->open)
        munmap(t->open, LINES_MAX);
    free(t->stack);
    free(t);
}

static uint8_t *
map_open(void)
{
    void *p = mmap(NULL, LINES_MAX, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    return p == MAP_FAILED ? NULL : p;
}

struct sink_thread *
sink_attach(void)
{
    struct sink_thread *t = options.writer ? calloc(1, sizeof(*t)) : NULL;
    char name[128];
    void *place;
    uint64_t now = sink_ticks();

    if (!t)
        return NULL;
    t->id = writer_add(options.writer, FORMAT_THREADS, 1, &place);
    if (t->id == FORMAT_NONE || !grow(t))
        goto drop;
    t->shared = place;
    options.thread_name(name, sizeof(name));
    t->shared->name = writer_string(options.writer, name, strlen(name));
    t->shared->native_id = (uint32_t)gettid();
    t->task = TASKS_NONE;
    t->shared->root = paths_add(0, FORMAT_NONE, t->id);
    if (t->shared->root == FORMAT_NONE)
        t->shared->root = 0;
    atomic_store_explicit(&t->shared->line_ticks, now, memory_order_relaxed);
    atomic_store_explicit(&t->shared->node_ticks, now, memory_order_relaxed);
    set_node(t, t->shared->root);
    set_line(t, &nowhere, FORMAT_NONE);
    writer_publish(options.writer, FORMAT_THREADS);
    t->open = map_open();
    pthread_setspecific(end_key, t);
    enlist(t);
    sink_self = t;
    return t;
drop:
    free(t->stack);
    free(t);
    return NULL;
}

void
sink_rehearse(void (*act)(void *arg), void *arg)
{
    struct format_thread shared = {0};
    struct format_line line = {0};
    struct format_timing timing = {.code = 0}, *by_code[] = {&timing};
    /* Each call is at home at node 1. */
    struct format_node nodes[] = {{.last_child_used = 1}, {.last_child_used = 1}};
    struct sink_thread t = {
        .shared = &shared, .line = &line, .node = nodes, .task = TASKS_NONE};
    struct sink_thread *self = sink_self;
    struct format_node *all_nodes = paths_nodes;
    struct format_timing **all_timings = timings_by_code;
    uint32_t n_timings = timings_n;
    struct format_chunk *chunk = sink_log.chunk;

    t.open = map_open();
    sink_self = &t;
    paths_nodes = nodes;
    timings_by_code = by_code;
    timings_n = 1;
    sink_log.chunk = NULL;
    act(arg);
    sink_log.chunk = chunk;
    timings_n = n_timings;
    timings_by_code = all_timings;
    paths_nodes = all_nodes;
    sink_self = self;
    if (t.open)
        munmap(t.open, LINES_MAX);
    free(t.stack);
}

bool
sink_start(const struct sink_options *o, struct err *err)
{
    header = writer_header(o->writer);
    sink_tsc = mono_has_tsc();
    start_clocks();
    if (!paths_start(o->writer, o->new_path, err))
        return false;
    if (pthread_key_create(&end_key, end_thread) != 0)
        return err_set(err, "no thread-local key left");
    header->mode = o->mode;
    options = *o;
    timings_start(o->writer);
    tasks_start(o->writer, o->current_task);
    events_start(&sink_log, o->writer, o->log, put_stacks, sink_ticks());
    return true;
}

/* What was suspended in the parent goes on in the child, as no task of its session. */
static void
forget_task(struct suspended *s, void *now)
{
    s->since_ticks = *(uint64_t *)now;
    if (s->task < TASKS_UNKNOWN)
        s->task = TASKS_UNKNOWN;
}

void
sink_after_fork(void)
{
    struct sink_thread *t = sink_self;
    uint64_t now = sink_ticks();
    uint32_t n = writer_count(options.writer, FORMAT_THREADS);

    for (threads_id id = 0; id < n; id++)
        if (!t || id != t->id)
            mark_ended(writer_record(options.writer, FORMAT_THREADS, id));
    start_clocks();
    pthread_mutex_init(&threads_lock, NULL); /* another thread may have had it */
    threads = t;
    timings_forget();
    tasks_forget();
    suspended_each(forget_task, &now);
    if (t)
        t->next = NULL;
    events_start_again(&sink_log, now);
    if (!t)
        return;
    set_node(t, t->node_id);
    set_line(t, t->line, t->line_id);
    t->shared->native_id = (uint32_t)gettid();
    atomic_store_explicit(&t->shared->line_ticks, now, memory_order_relaxed);
    atomic_store_explicit(&t->shared->node_ticks, now, memory_order_relaxed);
    t->task = TASKS_NONE;
    for (uint32_t i = 0; i < t->depth; i++) {
        t->stack[i].enter_ticks = t->stack[i].begin_ticks = now;
        t->stack[i].outer_task = TASKS_NONE;
        if (t->stack[i].task < TASKS_UNKNOWN)
            t->stack[i].task = TASKS_UNKNOWN;
    }
}

void
sink_note_clocks(void)
{
    atomic_store_explicit(&header->last_ticks, mono_ticks(sink_tsc),
                          memory_order_relaxed);
    atomic_store_explicit(&header->last_mono_ns, mono_clock(), memory_order_relaxed);
}

void
sink_flush(void)
{
    uint64_t now = sink_ticks();

    if (!header)
        return;
    if (sink_self && header->mode & FORMAT_MODE_TIMES) {
        sink_book_line(sink_self, now);
        book_node(sink_self, now);
    }
    sink_note_clocks();
}

/* Closes all lines that are open; what is left of the stack are the frames' identities
 * and beginnings. */
static void
close_lines(struct sink_thread *t, bool is_new, uint64_t now)
{
    for (uint32_t i = t->depth; i-- > 0;) {
        struct sink_frame *f = &t->stack[i];

        if (!f->opens_line)
            continue;
        t->open[f->line_id] = 0;
        if (!is_new)
            add_below(f, now);
    }
}

static uint64_t
beginning_of(const struct sink_frame *stack, uint32_t n, const struct sink_running *r)
{
    for (uint32_t i = n; i-- > 0;)
        if (stack[i].frame == r->frame && stack[i].code == r->code)
            return stack[i].begin_ticks;
    return 0;
}

void
sink_rebase(struct sink_thread *t, const struct sink_running *frames, uint32_t n,
            bool is_new)
{
    uint64_t now = sink_ticks();
    struct sink_frame *old = t->stack, *f;
    uint32_t n_old = t->depth;

    if (is_new) {
        atomic_store_explicit(&t->shared->line_ticks, now, memory_order_relaxed);
        atomic_store_explicit(&t->shared->node_ticks, now, memory_order_relaxed);
    }
    sink_book_line(t, now);
    book_node(t, now);
    close_lines(t, is_new, now);
    t->stack = NULL;
    t->depth = t->cap = 0;
    set_node(t, t->shared->root);
    set_line(t, &nowhere, FORMAT_NONE);
    for (uint32_t i = 0; i < n; i++) {
        f = push(t, frames[i].code, frames[i].frame, FORMAT_NONE, now);
        if (f)
            f->begin_ticks = is_new ? 0 : beginning_of(old, n_old, &frames[i]);
        if (frames[i].line)
            set_line(t, frames[i].line, frames[i].line_id);
    }
    free(old);
}

void
sink_each_thread(void (*each)(struct sink_thread *t, void *arg), void *arg)
{
    pthread_mutex_lock(&threads_lock);
    for (struct sink_thread *t = threads; t; t = t->next)
        each(t, arg);
    pthread_mutex_unlock(&threads_lock);
}

static void
book(struct sink_thread *t, void *now)
{
    sink_book_line(t, *(uint64_t *)now);
    book_node(t, *(uint64_t *)now);
}

void
sink_book_all(void)
{
    uint64_t now = sink_ticks();

    sink_each_thread(book, &now);
}

void
sink_each_open(void (*each)(lines_id line, uint64_t ticks, void *arg), void *arg)
{
    uint64_t now = sink_ticks();

    pthread_mutex_lock(&threads_lock);
    for (const struct sink_thread *t = threads; t; t = t->next)
        for (uint32_t i = 0; i < t->depth; i++)
            if (t->stack[i].opens_line)
                each(t->stack[i].line_id, below(&t->stack[i], now), arg);
    pthread_mutex_unlock(&threads_lock);
}

void
sink_stop_begin(struct sink_thread *t)
{
    uint64_t now = sink_ticks();

    sink_book_line(t, now);
    book_node(t, now);
    atomic_store_explicit(&header->stop_ticks, now + sink_paused_ticks,
                          memory_order_relaxed);
    sink_note_clocks();
}

void
sink_stop_end(void)
{
    uint64_t began = atomic_load_explicit(&header->stop_ticks, memory_order_relaxed);

    sink_paused_ticks += mono_ticks(sink_tsc) - began;
    atomic_store_explicit(&header->paused_ticks, sink_paused_ticks,
                          memory_order_relaxed);
}

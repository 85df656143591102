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

enum {
    LINES_MAX = 1 << 24, /* lines beyond are not looked at for below_ticks */
    FIRST_KNOWN = 1 << 10,
    FIRST_DEPTH = 64
};

_Thread_local struct sink_thread *sink_self;
bool sink_tsc;
uint64_t sink_paused_ticks;

static struct sink_options options;
static struct format_header *header;
static struct format_node *nodes;  /* node 0 */
static struct format_line nowhere; /* takes the time before a thread's first line */
static pthread_key_t end_key;

/* (parent, code) -> node, open addressing, at most half full; size is a power of two.
 */
struct known {
    nodes_id parent;
    codes_id code;
    nodes_id child; /* 0: free; node 0 is nobody's child */
};
static struct known *known;
static uint32_t known_size, n_known;

static void
book_node(struct sink_thread *t, uint64_t now)
{
    _Atomic uint64_t *last = &t->shared->node_ticks;

    sink_add(&t->node->self_ticks,
             now - atomic_load_explicit(last, memory_order_relaxed));
    atomic_store_explicit(last, now, memory_order_relaxed);
}

static void
set_node(struct sink_thread *t, nodes_id id)
{
    t->node_id = id;
    t->node = &nodes[id];
    atomic_store_explicit(&t->shared->node, id, memory_order_relaxed);
}

static void
set_line(struct sink_thread *t, struct format_line *line, lines_id id)
{
    t->line = line;
    t->line_id = id;
    atomic_store_explicit(&t->shared->line, id, memory_order_relaxed);
}

static nodes_id
add_node(const struct sink_thread *t, nodes_id parent, codes_id code)
{
    struct format_node *node;
    void *place;
    nodes_id id = writer_add(options.writer, FORMAT_NODES, 1, &place);

    if (id == FORMAT_NONE)
        return FORMAT_NONE;
    node = place;
    node->parent = parent;
    node->code = code;
    node->thread = t ? t->id : FORMAT_NONE;
    node->depth = nodes[parent].depth + 1;
    writer_publish(options.writer, FORMAT_NODES);
    return id;
}

/* No room for a new path: it folds into the nearest ancestor of the same function, or
 * into the caller. */
static nodes_id
fold(nodes_id parent, codes_id code)
{
    nodes_id id = parent;

    atomic_fetch_add_explicit(&header->n_folded, 1, memory_order_relaxed);
    while (id != FORMAT_NONE && nodes[id].code != code)
        id = nodes[id].parent;
    return id == FORMAT_NONE ? parent : id;
}

static struct known *
slot_of(struct known *table, uint32_t size, nodes_id parent, codes_id code)
{
    uint32_t i = (parent * 0x9e3779b1u ^ code * 0x85ebca6bu) & (size - 1);

    while (table[i].child && (table[i].parent != parent || table[i].code != code))
        i = (i + 1) & (size - 1);
    return &table[i];
}

static bool
grow_known(void)
{
    uint32_t size = known_size ? known_size * 2 : FIRST_KNOWN;
    struct known *table = calloc(size, sizeof(*table));

    if (!table)
        return false;
    for (uint32_t i = 0; i < known_size; i++)
        if (known[i].child)
            *slot_of(table, size, known[i].parent, known[i].code) = known[i];
    free(known);
    known = table;
    known_size = size;
    return true;
}

static nodes_id
child(struct sink_thread *t, codes_id code)
{
    nodes_id parent = t->node_id;
    nodes_id id = t->node->last_child_used;
    struct known *k;

    if (ATTR_LIKELY(id && nodes[id].code == code))
        return id;
    if (n_known * 2 >= known_size && !grow_known())
        return fold(parent, code);
    k = slot_of(known, known_size, parent, code);
    if (!k->child) {
        id = add_node(t, parent, code);
        if (id == FORMAT_NONE)
            return fold(parent, code);
        *k = (struct known){parent, code, id};
        n_known++;
    }
    t->node->last_child_used = k->child;
    return k->child;
}

static bool
grow(struct sink_thread *t)
{
    uint32_t cap = t->cap ? t->cap * 2 : FIRST_DEPTH;
    struct sink_frame *stack = realloc(t->stack, cap * sizeof(*stack));

    if (!stack) {
        sink_add(&header->n_dropped, 1);
        return false;
    }
    t->stack = stack;
    t->cap = cap;
    return true;
}

static struct format_node *
push(struct sink_thread *t, codes_id code, const void *frame)
{
    uint64_t now = sink_ticks();
    struct sink_frame *f;

    sink_book_line(t, now);
    book_node(t, now);
    if (ATTR_UNLIKELY(t->depth == t->cap) && !grow(t))
        return &nodes[child(t, code)];
    f = &t->stack[t->depth++];
    f->frame = frame;
    f->caller = t->node;
    f->caller_id = t->node_id;
    f->code = code;
    f->line = t->line;
    f->line_id = t->line_id;
    f->enter_ticks = now;
    f->opens_line = false;
    if (t->open && t->line_id < LINES_MAX && !t->open[t->line_id]) {
        t->open[t->line_id] = 1;
        f->opens_line = true;
    }
    set_node(t, child(t, code));
    return t->node;
}

static void
pop(struct sink_thread *t, uint64_t now)
{
    struct sink_frame *f = &t->stack[--t->depth];

    sink_book_line(t, now);
    book_node(t, now);
    if (f->opens_line) {
        t->open[f->line_id] = 0;
        sink_add(&f->line->below_ticks, now - f->enter_ticks);
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
        pop(t, now);
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
    sink_add(&push(t, code, frame)->calls, 1);
}

void
sink_resume(struct sink_thread *t, codes_id code, const void *frame)
{
    sink_add(&push(t, code, frame)->resumes, 1);
}

void
sink_leave(struct sink_thread *t, codes_id code, const void *frame)
{
    if (ATTR_LIKELY(is_top(t, frame)) || settle(t, code, frame))
        pop(t, sink_ticks());
}

void
sink_yield(struct sink_thread *t, codes_id code, const void *frame)
{
    sink_leave(t, code, frame);
}

void
sink_unwind(struct sink_thread *t, codes_id code, const void *frame, bool error)
{
    sink_catch(t, code, frame);
    if (is_top(t, frame)) {
        sink_add(&t->node->raised, error);
        pop(t, sink_ticks());
    }
}

void
sink_catch(struct sink_thread *t, codes_id code, const void *frame)
{
    if (!is_top(t, frame) && !settle(t, code, frame))
        sink_resume(t, code, frame);
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

/* Thread-local destructors run in no order: one of the program's may still run Python
 * behind this one, and then attaches the thread anew. */
static void
end_thread(void *arg)
{
    struct sink_thread *t = arg;

    sink_self = NULL;
    mark_ended(t->shared);
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
    t->shared->root = add_node(t, 0, FORMAT_NONE);
    if (t->shared->root == FORMAT_NONE)
        t->shared->root = 0;
    atomic_store_explicit(&t->shared->line_ticks, now, memory_order_relaxed);
    atomic_store_explicit(&t->shared->node_ticks, now, memory_order_relaxed);
    set_node(t, t->shared->root);
    set_line(t, &nowhere, FORMAT_NONE);
    writer_publish(options.writer, FORMAT_THREADS);
    t->open = map_open();
    pthread_setspecific(end_key, t);
    sink_self = t;
    return t;
drop:
    free(t->stack);
    free(t);
    return NULL;
}

/* What one line, and one enter and leave, take: into the records of a thread that is
 * nobody's, many times, the best of a few rounds. */
static void
calibrate(void)
{
    enum { ROUNDS = 5, TIMES = 200 };
    struct format_thread shared = {0};
    struct format_line line = {0};
    struct sink_thread t = {.shared = &shared, .line = &line, .node = nodes};
    uint64_t best_line = UINT64_MAX, best_call = UINT64_MAX, start;

    for (int r = 0; r < ROUNDS && grow(&t); r++) {
        start = sink_ticks();
        for (int i = 0; i < TIMES; i++)
            sink_line(&t, &line, 0, sink_ticks());
        if (sink_ticks() - start < best_line)
            best_line = sink_ticks() - start;
        start = sink_ticks();
        for (int i = 0; i < TIMES; i++) {
            book_node(&t, sink_ticks());
            book_node(&t, sink_ticks());
        }
        if (sink_ticks() - start < best_call)
            best_call = sink_ticks() - start;
    }
    free(t.stack);
    header->line_cost_ticks = best_line / TIMES;
    header->call_cost_ticks = best_call / TIMES;
    atomic_store_explicit(&nodes[0].self_ticks, 0, memory_order_relaxed);
}

bool
sink_start(const struct sink_options *o, struct err *err)
{
    void *place;

    header = writer_header(o->writer);
    sink_tsc = mono_has_tsc();
    start_clocks();
    if (writer_add(o->writer, FORMAT_NODES, 1, &place) != 0)
        return err_set(err, "no room for the call tree in the session");
    nodes = place;
    nodes[0].parent = nodes[0].code = nodes[0].thread = FORMAT_NONE;
    writer_publish(o->writer, FORMAT_NODES);
    if (pthread_key_create(&end_key, end_thread) != 0)
        return err_set(err, "no thread-local key left");
    header->mode = o->mode;
    if (o->mode & FORMAT_MODE_TIMES)
        calibrate();
    options = *o;
    return true;
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
    if (!t)
        return;
    set_node(t, t->node_id);
    set_line(t, t->line, t->line_id);
    t->shared->native_id = (uint32_t)gettid();
    atomic_store_explicit(&t->shared->line_ticks, now, memory_order_relaxed);
    atomic_store_explicit(&t->shared->node_ticks, now, memory_order_relaxed);
    for (uint32_t i = 0; i < t->depth; i++)
        t->stack[i].enter_ticks = now;
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

/* Where events become numbers. A back-end says what happened in which thread: a line
 * begins, a frame is entered, left, suspended, resumed or unwound; the sink counts,
 * reads the clock once and books the time since the thread's last event on the line and
 * the node that were running. It knows no Python object: frames are identities, code
 * objects and lines are records of the session.
 *
 * Everything here is called with the GIL held, cannot fail and raises nothing. */
#ifndef RUNNER_SINK_H
#define RUNNER_SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/mono.h"
#include "runner/tasks.h"
#include "session/events.h"
#include "session/format.h"
#include "session/writer.h"

struct sink_frame {    /* one call that has not returned */
    const void *frame; /* the interpreter's frame, an identity */
    struct format_node *caller;
    nodes_id caller_id;
    codes_id code;
    struct format_line *line; /* of the caller, to go on with afterwards */
    lines_id line_id;
    bool opens_line; /* no other call from this line is open below this one */
    uint32_t task;   /* of which it is the outermost coroutine; TASKS_NONE, _UNKNOWN */
    uint32_t outer_task; /* that ran before that one */
    uint64_t enter_ticks;
    uint64_t line_ticks;  /* self time of the line when this call opened it */
    uint64_t begin_ticks; /* of the call, which may have been suspended; 0: not seen */
};

struct sink_thread {
    struct format_thread *shared;
    struct format_line *line; /* what the time is booked on; never NULL */
    struct format_node *node;
    nodes_id node_id;
    lines_id line_id; /* FORMAT_NONE before the first line */
    threads_id id;
    uint32_t task; /* that runs in it, or TASKS_NONE */
    uint32_t depth;
    uint32_t cap;
    struct sink_frame *stack;
    uint8_t *open; /* per line: a call made from it is open; NULL if not to be had */
    struct sink_thread *next;
};

struct sink_options {
    struct writer *writer;
    unsigned mode; /* enum format_mode */
    enum format_log log;
    /* Writes the name of the calling thread, NUL-terminated. */
    void (*thread_name)(char *out, size_t size);
    tasks_current_fn current_task; /* NULL: there are none */
    /* A code object has begun to run below another one for the first time. NULL: nobody
     * asks. */
    void (*new_path)(codes_id code);
};

/* Starts recording into the writer's session: the clock, node 0. */
bool sink_start(const struct sink_options *options, struct err *err);

/* Calls act(arg); the events of code object 0 that come meanwhile are booked as usual,
 * but on nobody, and leave nothing behind, not even in the log. */
void sink_rehearse(void (*act)(void *arg), void *arg);

/* In a child after fork(), when the session under the pointers is the child's: the
 * calling thread goes on from now, the others are over. */
void sink_after_fork(void);

/* Notes both clocks in the header. The one function here that needs no GIL. */
void sink_note_clocks(void);

/* Books what has run up to now and notes the clocks in the header. */
void sink_flush(void);

/* The calling thread, or NULL when it could not be given a record. */
extern _Thread_local struct sink_thread *sink_self;
struct sink_thread *sink_attach(void);

static inline struct sink_thread *
sink_thread(void)
{
    struct sink_thread *t = sink_self;

    return ATTR_LIKELY(t != NULL) ? t : sink_attach();
}

/* The session's clock: the machine's ticks without those spent at stops. */
extern bool sink_tsc;
extern uint64_t sink_paused_ticks;

static inline uint64_t
sink_ticks(void)
{
    return mono_ticks(sink_tsc) - sink_paused_ticks;
}

/* Books the time since the thread's last event on its line. */
static inline void
sink_book_line(struct sink_thread *t, uint64_t now)
{
    _Atomic uint64_t *last = &t->shared->line_ticks;

    format_add(&t->line->self_ticks,
               now - atomic_load_explicit(last, memory_order_relaxed));
    atomic_store_explicit(last, now, memory_order_relaxed);
}

/* The event log; nothing is logged while it has no chunk. */
extern struct events sink_log;

/* A line begins; `now` is sink_ticks(). The first is for who knows that there is no
 * log. */
static inline void
sink_line_unlogged(struct sink_thread *t, struct format_line *line, lines_id id,
                   uint64_t now)
{
    format_add(&line->hits, 1);
    sink_book_line(t, now);
    t->line = line;
    t->line_id = id;
    atomic_store_explicit(&t->shared->line, id, memory_order_relaxed);
}

static inline void
sink_line(struct sink_thread *t, struct format_line *line, lines_id id, uint64_t now)
{
    sink_line_unlogged(t, line, id, now);
    if (sink_log.chunk)
        events_add(&sink_log, FORMAT_EVENT_LINE, id, t->id, now);
}

/* A frame of `code` begins, which is perhaps a coroutine's; a suspended one goes on. */
void sink_enter(struct sink_thread *t, codes_id code, const void *frame);
void sink_enter_coroutine(struct sink_thread *t, codes_id code, const void *frame);
/* The same of one that the coroutine that runs may not be awaiting. */
void sink_enter_task(struct sink_thread *t, codes_id code, const void *frame);
void sink_resume(struct sink_thread *t, codes_id code, const void *frame);

/* The frame returns; it is suspended; an exception leaves it, which is an error unless
 * it is a way to end (GeneratorExit, SystemExit). A suspended frame that ends so
 * without having done anything did not go on: not all versions let it be heard. */
void sink_leave(struct sink_thread *t, codes_id code, const void *frame);
void sink_yield(struct sink_thread *t, codes_id code, const void *frame);
void sink_unwind(struct sink_thread *t, codes_id code, const void *frame, bool error);

/* An exception arrived at a handler in the frame, which was perhaps suspended until
 * now: throw() and close() resume without passing a RESUME. */
void sink_catch(struct sink_thread *t, codes_id code, const void *frame);

/* An exception is over, that of the record. */
void sink_handled(struct sink_thread *t, uint32_t error);

/* For who records now and then (src/module/): a frame that runs, and its line. */
struct sink_running {
    const void *frame;
    codes_id code;
    struct format_line *line; /* NULL: none that has a record */
    lines_id line_id;
};

/* What runs in the thread are these frames, outermost first; those that it had already
 * keep their beginning, the others had none that was seen. `is_new`: nothing was
 * recorded up to now, and the time since then belongs to nobody. */
void sink_rebase(struct sink_thread *t, const struct sink_running *frames, uint32_t n,
                 bool is_new);

/* Calls back for each thread that has not ended; none ends meanwhile. */
void sink_each_thread(void (*each)(struct sink_thread *t, void *arg), void *arg);

/* Books what has run up to now, in all threads. */
void sink_book_all(void);

/* Calls back for each line with an open call, with what passed below it so far and is
 * not in below_ticks yet. */
void sink_each_open(void (*each)(lines_id line, uint64_t ticks, void *arg), void *arg);

/* The program stands still from begin to end; that time belongs to no line. */
void sink_stop_begin(struct sink_thread *t);
void sink_stop_end(void);

#endif

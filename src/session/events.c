#include "session/events.h"

#include <sys/mman.h>

#include "session/sections.h"

enum {
    RING_CHUNKS = 256, /* 16 MiB, two million events */
    SPARE = 2          /* words that an event may need before its own */
};

static void
publish(struct events *e)
{
    atomic_store_explicit(&e->chunk->n_words, e->n_words, memory_order_release);
}

static uint64_t
events_in(const struct format_chunk *c)
{
    uint32_t at = atomic_load_explicit(&c->n_stack_words, memory_order_relaxed);
    uint32_t end = atomic_load_explicit(&c->n_words, memory_order_relaxed);
    uint64_t n = 0, word;

    for (; at < end; at++) {
        word = atomic_load_explicit(&c->words[at], memory_order_relaxed);
        n += word >> 60 < FORMAT_EVENT_THREAD;
    }
    return n;
}

/* The next chunk: a new one, or else the oldest one, emptied. */
static struct format_chunk *
take(struct events *e)
{
    struct format_chunk *c;
    void *place;

    if (e->n_chunks < e->max_chunks &&
        writer_add(e->writer, FORMAT_CHUNKS, 1, &place) != FORMAT_NONE) {
        e->at = e->n_chunks++;
        /* All its pages at once, instead of a fault for each; no harm if it fails. */
        madvise(place, sizeof(struct format_chunk), MADV_POPULATE_WRITE);
        return place;
    }
    e->max_chunks = e->n_chunks; /* as many as there is room for */
    if (!e->n_chunks)
        return NULL;
    e->at = (e->at + 1) % e->n_chunks;
    c = writer_record(e->writer, FORMAT_CHUNKS, e->at);
    format_add(&writer_header(e->writer)->n_lost_events, events_in(c));
    atomic_store_explicit(&c->number, 0, memory_order_relaxed);
    return c;
}

static void
begin(struct events *e, threads_id thread, uint64_t now)
{
    e->chunk = take(e);
    if (!e->chunk)
        return;
    /* Release, as in events_put(). */
    atomic_store_explicit(&e->chunk->n_words, 0, memory_order_release);
    atomic_store_explicit(&e->chunk->ticks, now, memory_order_release);
    atomic_store_explicit(&e->chunk->thread, thread, memory_order_release);
    e->thread = thread;
    e->last_ticks = now;
    e->n_words = 0;
    e->put_stacks(e);
    atomic_store_explicit(&e->chunk->n_stack_words, e->n_words, memory_order_relaxed);
    publish(e);
    /* Release: who sees the number sees what the chunk begins with. */
    atomic_store_explicit(&e->chunk->number, ++e->number, memory_order_release);
    writer_publish(e->writer, FORMAT_CHUNKS);
}

void
events_start(struct events *e, struct writer *w, enum format_log log,
             void (*put_stacks)(struct events *e), uint64_t now)
{
    *e = (struct events){
        .writer = w,
        .put_stacks = put_stacks,
        .room = FORMAT_CHUNK_WORDS - SPARE,
        .max_chunks = log == FORMAT_LOG_RING ? RING_CHUNKS
                                             : (uint32_t)sections[FORMAT_CHUNKS].max,
    };
    writer_header(w)->log = log;
    if (log != FORMAT_LOG_NONE)
        begin(e, FORMAT_NONE, now);
}

void
events_start_again(struct events *e, uint64_t now)
{
    events_start(e, e->writer, writer_header(e->writer)->log, e->put_stacks, now);
}

void
events_put_stack_word(struct events *e, uint64_t word)
{
    if (e->n_words < EVENTS_STACK_WORDS)
        events_put(e, word);
}

void
events_add_slow(struct events *e, enum format_event kind, uint32_t site,
                threads_id thread, uint64_t now)
{
    uint64_t ticks;

    /* The clocks of two processors may differ by a little. */
    if (now < e->last_ticks)
        now = e->last_ticks;
    if (e->n_words >= e->room)
        begin(e, thread, now);
    ticks = now - e->last_ticks;
    if (thread != e->thread)
        events_put(e, events_word(FORMAT_EVENT_THREAD, 0, thread));
    if (ticks >> EVENTS_TICK_BITS)
        events_put(e, events_word(FORMAT_EVENT_TIME, 0,
                                  (uint32_t)(ticks >> EVENTS_TICK_BITS)));
    events_put(e, events_word(kind, ticks & ((1u << EVENTS_TICK_BITS) - 1), site));
    e->thread = thread;
    e->last_ticks = now;
    publish(e);
}

/* Writes the event log of a session: a ring of chunks, or as many as there is room for
 * (format.h has the layout). Called with the writer's own lock held, the GIL. Logging
 * cannot fail: what finds no room is counted in the header. */
#ifndef SESSION_EVENTS_H
#define SESSION_EVENTS_H

#include <stdint.h>

#include "base/attr.h"
#include "session/format.h"
#include "session/writer.h"

struct events {
    struct format_chunk *chunk; /* that is written to; NULL: nothing is logged */
    uint64_t last_ticks;        /* of the event before */
    uint32_t n_words;           /* in the chunk */
    uint32_t room;              /* words that events may fill */
    threads_id thread; /* that events happen in, until the log says otherwise */
    uint32_t n_chunks;
    uint32_t max_chunks;
    uint32_t at; /* index of the chunk */
    uint64_t number;
    struct writer *writer;
    void (*put_stacks)(struct events *e);
};

/* Words that the stacks at the beginning of a chunk may fill. */
#define EVENTS_STACK_WORDS (FORMAT_CHUNK_WORDS / 2)

/* Begins to log. `put_stacks` is called at the start of each chunk, to put the words of
 * all stacks there with events_put_stack_word(). */
void events_start(struct events *e, struct writer *w, enum format_log log,
                  void (*put_stacks)(struct events *e), uint64_t now);

/* In a forked child, whose session has no chunks yet. */
void events_start_again(struct events *e, uint64_t now);

void events_put_stack_word(struct events *e, uint64_t word);

static inline void
events_put(struct events *e, uint64_t word)
{
    /* Release: who sees the word sees that the chunk's number is no longer the old one.
     */
    atomic_store_explicit(&e->chunk->words[e->n_words++], word, memory_order_release);
}

/* The slow half of events_add(): a chunk is full, another thread, a long time. */
void events_add_slow(struct events *e, enum format_event kind, uint32_t site,
                     threads_id thread, uint64_t now);

#define EVENTS_TICK_BITS 28u

static inline uint64_t
events_word(enum format_event kind, uint64_t ticks, uint32_t site)
{
    return (uint64_t)kind << 60 | ticks << 32 | site;
}

/* Logs an event; e->chunk must not be NULL. */
static inline void
events_add(struct events *e, enum format_event kind, uint32_t site, threads_id thread,
           uint64_t now)
{
    uint64_t ticks = now - e->last_ticks;

    if (ATTR_UNLIKELY(e->n_words >= e->room || thread != e->thread ||
                      ticks >> EVENTS_TICK_BITS)) {
        events_add_slow(e, kind, site, thread, now);
        return;
    }
    events_put(e, events_word(kind, ticks, site));
    e->last_ticks = now;
    /* Release: who sees the count sees the word. */
    atomic_store_explicit(&e->chunk->n_words, e->n_words, memory_order_release);
}

#endif

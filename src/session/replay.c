#include "session/replay.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

/* A chunk is copied before it is read, for the program may begin it anew at any time.
 * Words that make no sense end a chunk, as its end does; the next one has all stacks
 * again. */

struct stack {
    struct replay_frame *frames;
    size_t cap;
    uint32_t n;
    uint32_t n_cut;
};

struct place { /* of a chunk */
    uint64_t number;
    uint64_t ticks;
    uint32_t id;
};

struct replay {
    const struct reader *reader;
    struct place *places; /* by number */
    uint32_t n_places;
    uint32_t at;          /* the next one to be read */
    uint64_t last_number; /* of the chunk that is read */
    bool is_after_gap;

    struct format_chunk chunk; /* a copy */
    uint32_t n_words;          /* of it that make sense */
    uint32_t at_word;
    threads_id thread;
    uint64_t ticks;

    struct stack *stacks; /* by thread */
    uint32_t n_stacks;
};

static int
compare_places(const void *a, const void *b)
{
    uint64_t x = ((const struct place *)a)->number,
             y = ((const struct place *)b)->number;

    return (x > y) - (x < y);
}

struct replay *
replay_new(const struct reader *r)
{
    struct replay *p = XALLOC_NEW(struct replay);
    uint32_t n = reader_count(r, FORMAT_CHUNKS);

    p->reader = r;
    p->n_stacks = reader_count(r, FORMAT_THREADS);
    p->stacks = xalloc_array(p->n_stacks + 1, sizeof(*p->stacks));
    p->places = xalloc_array(n + 1, sizeof(*p->places));
    for (uint32_t i = 0; i < n; i++) {
        if (reader_chunk_head(r, i, &p->chunk))
            p->places[p->n_places++] = (struct place){reader_load(&p->chunk.number),
                                                      reader_load(&p->chunk.ticks), i};
    }
    qsort(p->places, p->n_places, sizeof(*p->places), compare_places);
    return p;
}

void
replay_free(struct replay *p)
{
    if (!p)
        return;
    for (uint32_t i = 0; i < p->n_stacks; i++)
        free(p->stacks[i].frames);
    free(p->stacks);
    free(p->places);
    free(p);
}

/* Chunks */

static uint64_t
word(const struct replay *p, uint32_t i)
{
    return reader_load(&p->chunk.words[i]);
}

/* The words of a stack, by index; the index behind it, or 0 if it makes no sense. */
static uint32_t
read_stack(struct replay *p, uint32_t i, uint32_t end)
{
    threads_id thread = (uint32_t)(word(p, i) >> 32);
    uint32_t n = (uint32_t)word(p, i);
    struct stack *s = thread < p->n_stacks ? &p->stacks[thread] : NULL;

    if (end - i < 2 || n > end - i - 2)
        return 0;
    if (s) {
        s->frames = xalloc_grow(s->frames, &s->cap, n, sizeof(*s->frames));
        for (uint32_t k = 0; k < n; k++)
            s->frames[k] = (struct replay_frame){(uint32_t)(word(p, i + 2 + k) >> 32),
                                                 (uint32_t)word(p, i + 2 + k)};
        s->n = n;
        s->n_cut = word(p, i + 1) > n ? (uint32_t)word(p, i + 1) - n : 0;
    }
    return i + 2 + n;
}

static void
read_stacks(struct replay *p, uint32_t end)
{
    for (uint32_t i = 0; i < p->n_stacks; i++)
        p->stacks[i].n = p->stacks[i].n_cut = 0;
    for (uint32_t i = 0; i < end;) {
        i = read_stack(p, i, end);
        if (!i)
            break;
    }
    p->at_word = end;
}

/* False: it is no longer the chunk that it was. */
static bool
read_chunk(struct replay *p, const struct place *place)
{
    if (!reader_chunk(p->reader, place->id, &p->chunk) ||
        reader_load(&p->chunk.number) != place->number)
        return false;
    p->ticks = reader_load(&p->chunk.ticks);
    p->thread = reader_load32(&p->chunk.thread);
    p->n_words = reader_load32(&p->chunk.n_words);
    read_stacks(p, reader_load32(&p->chunk.n_stack_words));
    return true;
}

static bool
next_chunk(struct replay *p)
{
    while (p->at < p->n_places) {
        const struct place *place = &p->places[p->at++];

        if (!read_chunk(p, place))
            continue;
        p->is_after_gap = place->number != p->last_number + 1;
        p->last_number = place->number;
        return true;
    }
    return false;
}

void
replay_seek(struct replay *p, uint64_t ticks)
{
    uint32_t low = 0, high = p->n_places;

    while (low + 1 < high) {
        uint32_t mid = low + (high - low) / 2;

        if (p->places[mid].ticks <= ticks)
            low = mid;
        else
            high = mid;
    }
    p->at = low;
    p->n_words = p->at_word = 0;
    p->last_number = low ? p->places[low - 1].number : 0;
}

/* Events */

static void
enter(struct stack *s, codes_id code)
{
    s->frames = xalloc_grow(s->frames, &s->cap, s->n + 1, sizeof(*s->frames));
    s->frames[s->n++] = (struct replay_frame){code, FORMAT_NONE};
}

static void
leave(struct stack *s)
{
    if (s->n)
        s->n--;
    else if (s->n_cut)
        s->n_cut--;
}

static void
apply(struct replay *p, const struct replay_event *e)
{
    struct stack *s = e->thread < p->n_stacks ? &p->stacks[e->thread] : NULL;

    if (!s)
        return;
    switch (e->kind) {
    case FORMAT_EVENT_LINE:
        if (s->n)
            s->frames[s->n - 1].line = e->site;
        break;
    case FORMAT_EVENT_ENTER:
    case FORMAT_EVENT_RESUME:
        enter(s, e->site);
        break;
    case FORMAT_EVENT_LEAVE:
    case FORMAT_EVENT_YIELD:
    case FORMAT_EVENT_UNWIND:
        leave(s);
        break;
    default: /* nothing comes or goes */
        break;
    }
}

bool
replay_next(struct replay *p, struct replay_event *out)
{
    bool begins = false;

    for (;;) {
        uint64_t w, kind;

        while (p->at_word >= p->n_words) {
            if (!next_chunk(p))
                return false;
            begins = true;
        }
        w = word(p, p->at_word++);
        kind = w >> 60;
        p->ticks += w >> 32 & ((1u << 28) - 1);
        if (kind == FORMAT_EVENT_TIME) {
            p->ticks += (w & UINT32_MAX) << 28;
        } else if (kind == FORMAT_EVENT_THREAD) {
            p->thread = (uint32_t)w;
        } else if (kind >= FORMAT_N_EVENTS) {
            p->at_word = p->n_words;
        } else {
            *out = (struct replay_event){.kind = (enum format_event)kind,
                                         .thread = p->thread,
                                         .ticks = p->ticks,
                                         .site = (uint32_t)w};
            p->is_after_gap &= begins;
            apply(p, out);
            return true;
        }
    }
}

bool
replay_is_after_gap(const struct replay *p)
{
    return p->is_after_gap;
}

struct replay_stack
replay_stack(const struct replay *p, threads_id thread)
{
    const struct stack *s = thread < p->n_stacks ? &p->stacks[thread] : NULL;

    return s ? (struct replay_stack){s->frames, s->n, s->n_cut}
             : (struct replay_stack){0};
}

#include "report/spent.h"

#include <stdlib.h>

#include "base/xalloc.h"

void
spent_init(struct spent *s, const struct reader *r)
{
    *s = (struct spent){.reader = r};
}

void
spent_release(struct spent *s)
{
    free(s->open);
    *s = (struct spent){0};
}

/* The thread's last event and the moment of the refresh are read one after the other,
 * while the program runs: an event in between may make the difference negative. */
static uint64_t
since(uint64_t now, const _Atomic uint64_t *last)
{
    uint64_t ticks = reader_load(last);

    return now > ticks ? now - ticks : 0;
}

static void
add_open(struct spent *s, const struct format_thread *t, uint64_t now)
{
    s->open = xalloc_grow(s->open, &s->cap, s->n_open + 1, sizeof(*s->open));
    s->open[s->n_open++] = (struct spent_open){
        .node = reader_load32(&t->node),
        .line = reader_load32(&t->line),
        .node_ticks = since(now, &t->node_ticks),
        .line_ticks = since(now, &t->line_ticks),
    };
}

void
spent_update(struct spent *s, unsigned flags)
{
    const struct format_header *h = reader_header(s->reader);
    uint32_t n = reader_count(s->reader, FORMAT_THREADS);
    uint64_t now = reader_now(s->reader);
    const struct format_thread *t;

    s->flags = flags;
    s->line_cost = flags & SPENT_RAW ? 0 : h->line_cost_ticks;
    s->call_cost = flags & SPENT_RAW ? 0 : h->call_cost_ticks;
    s->n_open = 0;
    if (!(h->mode & FORMAT_MODE_TIMES) || reader_has_ended(s->reader))
        return;
    for (uint32_t i = 0; i < n; i++) {
        t = reader_thread(s->reader, i);
        if (t && reader_load32(&t->state) == FORMAT_THREAD_RUNS)
            add_open(s, t, now);
    }
}

uint64_t
spent_line(const struct spent *s, lines_id id, const struct format_line *line)
{
    uint64_t ticks = reader_load(&line->self_ticks);
    uint64_t cost = reader_load(&line->hits) * s->line_cost +
                    reader_load(&line->calls) * s->call_cost;

    ticks = ticks > cost ? ticks - cost : 0;
    for (size_t i = 0; i < s->n_open; i++)
        if (s->open[i].line == id)
            ticks += s->open[i].line_ticks;
    return ticks;
}

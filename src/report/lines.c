/* A heap of the best so far with the least of them on top: one pass over all lines, and
 * most of them are dismissed by one comparison. */
#include "report/lines.h"

#include <stdbool.h>
#include <stdlib.h>

struct pick {
    struct lines *lines;
    enum lines_order order;
};

static bool
is_better(enum lines_order order, const struct lines_row *a, const struct lines_row *b)
{
    if (order == LINES_BY_SELF && a->self_ticks != b->self_ticks)
        return a->self_ticks > b->self_ticks;
    if (a->hits != b->hits)
        return a->hits > b->hits;
    if (a->self_ticks != b->self_ticks)
        return a->self_ticks > b->self_ticks;
    return a->line < b->line;
}

static void
swap(struct lines_row *a, struct lines_row *b)
{
    struct lines_row c = *a;

    *a = *b;
    *b = c;
}

static void
sift_down(struct lines_row *rows, size_t n, enum lines_order order)
{
    size_t at = 0, worst;

    for (;;) {
        worst = at;
        for (size_t child = 2 * at + 1; child <= 2 * at + 2 && child < n; child++)
            if (is_better(order, &rows[worst], &rows[child]))
                worst = child;
        if (worst == at)
            return;
        swap(&rows[at], &rows[worst]);
        at = worst;
    }
}

static void
sift_up(struct lines_row *rows, size_t at, enum lines_order order)
{
    while (at && is_better(order, &rows[(at - 1) / 2], &rows[at])) {
        swap(&rows[(at - 1) / 2], &rows[at]);
        at = (at - 1) / 2;
    }
}

static void
offer(const struct pick *p, const struct lines_row *row)
{
    struct lines *l = p->lines;

    if (l->n < LINES_MAX) {
        l->rows[l->n] = *row;
        sift_up(l->rows, l->n++, p->order);
    } else if (is_better(p->order, row, &l->rows[0])) {
        l->rows[0] = *row;
        sift_down(l->rows, l->n, p->order);
    }
}

void
lines_build(struct lines *l, const struct reader *r, const struct spent *s,
            enum lines_order order)
{
    bool has_times = reader_header(r)->mode & FORMAT_MODE_TIMES;
    struct pick p = {l, has_times ? order : LINES_BY_HITS};
    uint32_t n = reader_count(r, FORMAT_LINES);
    const struct format_line *line;
    struct lines_row row;

    l->n = 0;
    l->all_ticks = l->all_hits = l->n_run = 0;
    for (lines_id i = 0; i < n; i++) {
        line = reader_line(r, i);
        if (!line || !(row.hits = reader_load(&line->hits)))
            continue;
        row.line = i;
        row.self_ticks = spent_line(s, i, line);
        l->all_ticks += row.self_ticks;
        l->all_hits += row.hits;
        l->n_run++;
        offer(&p, &row);
    }
    /* The worst of what is left goes to the end, again and again. */
    for (size_t left = l->n; left > 1; left--) {
        swap(&l->rows[0], &l->rows[left - 1]);
        sift_down(l->rows, left - 1, p.order);
    }
}

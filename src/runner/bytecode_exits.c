#include "runner/bytecode_exits.h"

#include <stdlib.h>

#include "runner/bytecode_edges.h"
#include "runner/bytecode_spec.h"

#define NONE BYTECODE_PROGRAM_NONE

struct search {
    struct bytecode_exits *x;
    const struct bytecode_program *p;
    const uint8_t *flags;
    const struct bytecode_flow *flow;
};

static uint32_t
left_of(const struct search *s, uint32_t item)
{
    uint32_t i = item / 2;

    if (!(item & 1))
        return s->flow->left[i];
    return s->x->has_room[i] ? s->flow->missed[i + 1] : NONE;
}

/* Finds the exits of instructions [first, end), which have one handler, or that is the
 * program's n and they have none. Neighbours share one. */
static void
find_exits(const struct search *s, uint32_t first, uint32_t end, uint32_t handler)
{
    struct bytecode_exits *x = s->x;
    struct bytecode_exits_exit *last = NULL;
    uint32_t item;

    for (item = 2 * first; item < 2 * end; item++) {
        struct bytecode_exits_exit exit = {.left = left_of(s, item), .from = item / 2};

        if (exit.left == NONE)
            continue;
        exit.fires = handler < s->p->n &&
                     bytecode_edges_fires(s->p, s->flags, BYTECODE_EDGES_RAISE,
                                          exit.from, handler);
        if (!last || last->left != exit.left || last->fires != exit.fires ||
            s->p->ins[last->from].place.line != s->p->ins[exit.from].place.line) {
            exit.next = x->first[handler];
            x->first[handler] = x->n;
            last = &x->all[x->n++];
            *last = exit;
        }
        x->of[item] = (uint32_t)(last - x->all);
    }
}

static void
find_rooms(const struct search *s)
{
    uint32_t i;

    if (!bytecode_spec.loops_from_before)
        return;
    for (i = 0; i < s->p->n; i++)
        if (bytecode_spec_loops(s->p->ins[i].op) && s->p->ins[i].target > 0)
            s->x->has_room[s->p->ins[i].target - 1] = true;
}

static bool
start(struct bytecode_exits *x, uint32_t n)
{
    uint32_t i;

    *x = (struct bytecode_exits){
        .all = malloc(2 * (size_t)n * sizeof(*x->all)),
        .of = malloc(2 * (size_t)n * sizeof(*x->of)),
        .first = malloc(((size_t)n + 1) * sizeof(*x->first)),
        .has_room = calloc(n, sizeof(*x->has_room)),
    };
    if (!x->all || !x->of || !x->first || !x->has_room)
        return false;
    for (i = 0; i < 2 * n; i++)
        x->of[i] = NONE;
    for (i = 0; i <= n; i++)
        x->first[i] = NONE;
    return true;
}

bool
bytecode_exits_find(struct bytecode_exits *x, const struct bytecode_program *p,
                    const uint8_t *flags, const struct bytecode_flow *flow,
                    struct err *err)
{
    const struct search s = {x, p, flags, flow};
    uint32_t i, covered = 0;

    if (!start(x, p->n)) {
        bytecode_exits_release(x);
        return bytecode_program_no_memory(err);
    }
    find_rooms(&s);
    for (i = 0; i < p->n_ranges; i++) {
        const struct bytecode_program_range *range = &p->ranges[i];

        find_exits(&s, covered, range->first, p->n);
        find_exits(&s, range->first, range->end, range->handler);
        covered = range->end;
    }
    find_exits(&s, covered, p->n, p->n);
    return true;
}

void
bytecode_exits_release(struct bytecode_exits *x)
{
    free(x->all);
    free(x->of);
    free(x->first);
    free(x->has_room);
    *x = (struct bytecode_exits){0};
}

struct bytecode_exits_exit *
bytecode_exits_get(const struct bytecode_exits *x, uint32_t item)
{
    return x->of && x->of[item] != NONE ? &x->all[x->of[item]] : NULL;
}

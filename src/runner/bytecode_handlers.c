#include "runner/bytecode_handlers.h"

#include <stdlib.h>

#include "runner/bytecode_spec.h"

/* A handler begins with PUSH_EXC_INFO, to which only exceptions lead; what can be
 * reached from there before a POP_EXCEPT is in it. Where a match fails, the jump leads
 * to the next `except` of the same try statement, which has a line of its own. A try
 * statement inside a handler has its own PUSH_EXC_INFO; where only that one leads on in
 * the outer handler, nothing is said. */

struct walk {
    const struct bytecode_program *p;
    int *lines;
    uint32_t *waiting; /* instructions to go on from */
    uint32_t n_waiting;
};

/* The first instruction of a handler with a line stands on its `except` or `with`. */
static int
line_of(const struct bytecode_program *p, uint32_t i)
{
    while (i < p->n && p->ins[i].place.line <= 0)
        i++;
    return i < p->n ? p->ins[i].place.line : 0;
}

static void
reach(struct walk *w, uint32_t i, int line)
{
    if (i >= w->p->n || w->lines[i] || !line)
        return;
    w->lines[i] = line;
    w->waiting[w->n_waiting++] = i;
}

static void
walk_on(struct walk *w, uint32_t i)
{
    const struct bytecode_program_ins *ins = &w->p->ins[i];
    bool is_match = i > 0 && ins[-1].op == bytecode_spec.check_match;
    int line = w->lines[i];

    if (ins->op == bytecode_spec.pop_except)
        return;
    if (ins->target != BYTECODE_PROGRAM_NONE)
        reach(w, ins->target, is_match ? line_of(w->p, ins->target) : line);
    if (!bytecode_spec_is(ins->op, BYTECODE_SPEC_ENDS))
        reach(w, i + 1, line);
}

int *
bytecode_handlers_find(const struct bytecode_program *p)
{
    struct walk w = {.p = p, .lines = calloc(p->n + 1, sizeof(*w.lines))};

    w.waiting = malloc((p->n + 1) * sizeof(*w.waiting));
    for (uint32_t i = 0; w.lines && w.waiting && i < p->n; i++) {
        if (!bytecode_spec_is(p->ins[i].op, BYTECODE_SPEC_PUSHES))
            continue;
        reach(&w, i, line_of(p, i));
        while (w.n_waiting)
            walk_on(&w, w.waiting[--w.n_waiting]);
    }
    if (!w.waiting) {
        free(w.lines);
        w.lines = NULL;
    }
    free(w.waiting);
    return w.lines;
}

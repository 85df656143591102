#include "runner/bytecode_edges.h"

#include <stdlib.h>

#include "runner/bytecode_spec.h"

/* The two rules (bytecode_spec.h says which one holds).
 *
 * BY_EDGE, 3.11, maybe_call_line_trace(): coming from `from`, an event fires at `to`
 * when it has a line and either that differs from the line of `from`, or the way leads
 * backwards (not to SEND). Coming from the first RESUME it always fires; RESUME never
 * has one.
 *
 * BY_MARK, 3.12 and 3.13, initialize_lines() and the callbacks of the legacy trace
 * function: events fire only at marked instructions, which are those whose line differs
 * from the one before in the code, targets of jumps, and handlers. There one fires when
 * the line differs from the line of `from`, or `from` is a RESUME. A JUMP_BACKWARD
 * within a line fires wherever it leads. */

bool
bytecode_edges_throw_falls(const struct bytecode_program *p, uint32_t i)
{
    const struct bytecode_program_ins *ins = &p->ins[i];

    return bytecode_spec.throw_reads_send &&
           bytecode_spec_is(ins->op, BYTECODE_SPEC_BACK) &&
           bytecode_spec_is(p->ins[ins->target].op, BYTECODE_SPEC_SENDS) &&
           p->ins[ins->target].target == i + 1;
}

static bool
fires_by_edge(const struct bytecode_program *p, int last_line, uint32_t from,
              uint32_t to)
{
    const struct bytecode_program_ins *ins = &p->ins[to];

    if (last_line != ins->place.line)
        return true;
    return (ins->origin < p->ins[from].origin || (to == from && ins->n_prefixes)) &&
           !bytecode_spec_is(ins->op, BYTECODE_SPEC_SENDS);
}

static bool
fires_by_mark(const struct bytecode_program *p, const uint8_t *flags, int last_line,
              enum bytecode_edges_way way, uint32_t from, uint32_t to)
{
    uint8_t op = p->ins[from].op;

    if (way == BYTECODE_EDGES_JUMP && bytecode_spec_is(op, BYTECODE_SPEC_BACK) &&
        op != bytecode_spec.jump_back &&
        p->ins[from].place.line == p->ins[to].place.line)
        return true;
    if (!(flags[to] & BYTECODE_EDGES_MARKED))
        return false;
    return last_line != p->ins[to].place.line ||
           bytecode_spec_is(op, BYTECODE_SPEC_RESUMES);
}

bool
bytecode_edges_fires(const struct bytecode_program *p, const uint8_t *flags,
                     enum bytecode_edges_way way, uint32_t from, uint32_t to)
{
    int last_line;

    if (to <= p->start || p->ins[to].place.line < 0 ||
        (flags[to] & BYTECODE_EDGES_SKIPPED) ||
        bytecode_spec_is(p->ins[to].op, BYTECODE_SPEC_RESUMES))
        return false;
    if (from <= p->start)
        last_line = -1;
    else if (way == BYTECODE_EDGES_RAISE)
        last_line = p->ins[from].raise_line;
    else
        last_line = p->ins[from].place.line;
    if (bytecode_spec.rule == BYTECODE_SPEC_BY_EDGE)
        return fires_by_edge(p, last_line, from, to);
    return fires_by_mark(p, flags, last_line, way, from, to);
}

static void
mark(const struct bytecode_program *p,
     uint8_t *flags) /* copies, like what they are of */
{
    int line = -1;
    uint32_t i;

    for (i = p->start; i < p->n && p->ins[i].origin == i; i++) {
        const struct bytecode_program_ins *ins = &p->ins[i];

        if (bytecode_spec_is(ins->op, BYTECODE_SPEC_LINELESS))
            continue;
        if (ins->place.line != line)
            flags[i] |= BYTECODE_EDGES_MARKED;
        line = ins->place.line;
    }
    for (i = p->start; i < p->n; i++) {
        const struct bytecode_program_ins *ins = &p->ins[i];
        uint32_t target = ins->target;

        if (target == BYTECODE_PROGRAM_NONE)
            continue;
        if (bytecode_spec_is(ins->op, BYTECODE_SPEC_ITERATES | BYTECODE_SPEC_SENDS))
            target++; /* what is there never has an event */
        if (target < p->n)
            flags[target] |= BYTECODE_EDGES_MARKED;
    }
    for (i = 0; i < p->n_ranges; i++)
        if (!bytecode_spec_is(p->ins[p->ranges[i].handler].op, BYTECODE_SPEC_LINELESS))
            flags[p->ranges[i].handler] |= BYTECODE_EDGES_MARKED;
    for (i = p->start; i < p->n; i++)
        if (p->ins[i].op == p->ins[p->ins[i].origin].op)
            flags[i] |= flags[p->ins[i].origin];
}

/* An iteration that ends falls in behind the loop_end. */
int
bytecode_edges_outs(const struct bytecode_program *p, const uint8_t *flags,
                    uint32_t from, struct bytecode_edges_out outs[2])
{
    const struct bytecode_program_ins *ins = &p->ins[from];
    int n = 0;

    if (bytecode_spec_is(ins->op, BYTECODE_SPEC_ITERATES) && bytecode_spec.n_loop_end)
        outs[n++] = (struct bytecode_edges_out){ins->target + bytecode_spec.n_loop_end,
                                                BYTECODE_EDGES_FALL};
    else if (ins->target != BYTECODE_PROGRAM_NONE)
        outs[n++] = (struct bytecode_edges_out){ins->target, BYTECODE_EDGES_JUMP};
    if (!(flags[from] & BYTECODE_EDGES_SKIPPED) &&
        (!bytecode_spec_is(ins->op, BYTECODE_SPEC_ENDS) ||
         (from + 1 < p->n && bytecode_edges_throw_falls(p, from))))
        outs[n++] = (struct bytecode_edges_out){from + 1, BYTECODE_EDGES_FALL};
    return n;
}

static void
find_ways(const struct bytecode_program *p, uint8_t *flags, uint32_t i)
{
    struct bytecode_edges_out outs[2];
    int k, n = bytecode_edges_outs(p, flags, i, outs);

    for (k = 0; k < n; k++) {
        bool fires = bytecode_edges_fires(p, flags, outs[k].way, i, outs[k].to);
        bool falls = outs[k].way == BYTECODE_EDGES_FALL;

        flags[outs[k].to] |= falls ? BYTECODE_EDGES_FALLS : BYTECODE_EDGES_JUMPED;
        if (fires)
            flags[outs[k].to] |= BYTECODE_EDGES_FIRES;
        else if (falls)
            flags[outs[k].to] |= BYTECODE_EDGES_QUIET_FALL;
    }
}

static void
skip(const struct bytecode_program *p, uint8_t *flags)
{
    uint32_t i;
    int k;

    for (i = 0; i < p->n; i++)
        if (bytecode_spec_is(p->ins[i].op, BYTECODE_SPEC_ITERATES))
            for (k = 0; k < bytecode_spec.n_loop_end; k++)
                flags[p->ins[i].target + (uint32_t)k] |= BYTECODE_EDGES_SKIPPED;
}

static void
find_raises(const struct bytecode_program *p, uint8_t *flags,
            const struct bytecode_program_range *range)
{
    uint32_t i;

    flags[range->handler] |= BYTECODE_EDGES_HANDLES;
    for (i = range->first; i < range->end; i++)
        if (!bytecode_spec_is(p->ins[i].op, BYTECODE_SPEC_MUTE))
            flags[range->handler] |=
                bytecode_edges_fires(p, flags, BYTECODE_EDGES_RAISE, i, range->handler)
                    ? BYTECODE_EDGES_FIRES
                    : BYTECODE_EDGES_QUIET_RAISE;
}

uint8_t *
bytecode_edges_find(const struct bytecode_program *p)
{
    uint8_t *flags = calloc(p->n, 1);
    uint32_t i;

    if (!flags)
        return NULL;
    if (bytecode_spec.rule == BYTECODE_SPEC_BY_MARK)
        mark(p, flags);
    skip(p, flags);
    for (i = 0; i < p->n; i++)
        find_ways(p, flags, i);
    for (i = 0; i < p->n_ranges; i++)
        find_raises(p, flags, &p->ranges[i]);
    return flags;
}

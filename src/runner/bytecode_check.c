#include "runner/bytecode_check.h"

#include <stdlib.h>

#include "runner/bytecode_program.h"
#include "runner/bytecode_spec.h"

enum { UNKNOWN = -1 };

struct check {
    const struct bytecode_program *p;
    int *depths;    /* before each instruction; UNKNOWN: not reached */
    uint32_t *todo; /* reached, but their ways out not followed */
    uint32_t n_todo;
    struct err *err;
};

static bool
reach(struct check *c, uint32_t i, int64_t depth)
{
    if (depth < 0 || depth > c->p->stack_size)
        return err_set(c->err, "instruction %u: %lld items on a stack of %d", i,
                       (long long)depth, c->p->stack_size);
    if (c->depths[i] == UNKNOWN) {
        c->depths[i] = (int)depth;
        c->todo[c->n_todo++] = i;
    } else if (c->depths[i] != depth) {
        return err_set(c->err, "instruction %u: stack of %d or %lld items", i,
                       c->depths[i], (long long)depth);
    }
    return true;
}

static bool
follow(struct check *c, uint32_t i)
{
    const struct bytecode_program_ins *ins = &c->p->ins[i];
    int depth = c->depths[i];

    if (ins->target != BYTECODE_PROGRAM_NONE &&
        !reach(c, ins->target,
               (int64_t)depth + bytecode_spec_effect(ins->op, ins->arg, true)))
        return false;
    return bytecode_spec_is(ins->op, BYTECODE_SPEC_ENDS) ||
           reach(c, i + 1,
                 (int64_t)depth + bytecode_spec_effect(ins->op, ins->arg, false));
}

static bool
follow_range(struct check *c, const struct bytecode_program_range *range)
{
    bool reached = false;
    uint32_t i;

    for (i = range->first; i < range->end; i++) {
        if (c->depths[i] == UNKNOWN)
            continue;
        if ((uint32_t)c->depths[i] < range->depth)
            return err_set(c->err, "instruction %u: %d items, its handler keeps %u", i,
                           c->depths[i], range->depth);
        reached = true;
    }
    return !reached ||
           reach(c, range->handler, (int64_t)range->depth + range->lasti + 1);
}

/* Handlers are reached by what they cover, which handlers may reach: until nothing new.
 */
static bool
check_depths(struct check *c)
{
    uint32_t i;
    bool more = true;

    for (i = 0; i < c->p->n; i++)
        c->depths[i] = UNKNOWN;
    if (!reach(c, 0, 0))
        return false;
    while (more) {
        while (c->n_todo)
            if (!follow(c, c->todo[--c->n_todo]))
                return false;
        for (i = 0; i < c->p->n_ranges; i++)
            if (!follow_range(c, &c->p->ranges[i]))
                return false;
        more = c->n_todo > 0;
    }
    return true;
}

static bool
check_neighbours(const struct bytecode_program *p, struct err *err)
{
    uint32_t i;

    for (i = 0; i + 1 < p->n; i++) {
        const struct bytecode_program_ins *ins = &p->ins[i];

        if (bytecode_spec_is(ins->op, BYTECODE_SPEC_YIELDS) &&
            !bytecode_spec_is(p->ins[i + 1].op, BYTECODE_SPEC_RESUMES))
            return err_set(err, "instruction %u: no RESUME behind a suspension", i);
        /* RESUME 2 and 3: behind `yield from` and `await` */
        if (bytecode_spec.throw_reads_send && i > 0 &&
            bytecode_spec_is(ins->op, BYTECODE_SPEC_YIELDS) && p->ins[i + 1].arg >= 2 &&
            (!bytecode_spec_is(p->ins[i - 1].op, BYTECODE_SPEC_SENDS) ||
             p->ins[i - 1].n_prefixes))
            return err_set(err, "instruction %u: no SEND before its suspension", i);
    }
    return true;
}

/* Every unit must have an entry. */
static bool
check_places(const struct bytecode_code *code, struct err *err)
{
    struct bytecode_tables_places it;
    size_t unit, n = code->code.len / 2;

    bytecode_tables_places(&it, code->linetable.data, code->linetable.len,
                           code->first_line);
    for (unit = 0; unit < n; unit++) {
        if (!bytecode_tables_find_place(&it, unit, err))
            return false;
        if (it.unit <= unit)
            return err_set(err, "location table: ends at unit %zu of %zu", it.unit, n);
    }
    if (it.at != it.end || it.unit != n)
        return err_set(err, "location table: goes beyond the code");
    return true;
}

bool
bytecode_check(const struct bytecode_code *code, struct err *err)
{
    struct bytecode_program program;
    struct check c = {.p = &program, .err = err};
    bool ok;

    if (!bytecode_program_read(&program, code, err))
        return false;
    c.depths = malloc(program.n * sizeof(*c.depths));
    c.todo = malloc(program.n * sizeof(*c.todo));
    if (!c.depths || !c.todo)
        ok = bytecode_program_no_memory(err);
    else
        ok = check_depths(&c) && check_neighbours(&program, err) &&
             check_places(code, err);
    free(c.depths);
    free(c.todo);
    bytecode_program_release(&program);
    return ok;
}

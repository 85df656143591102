#include "runner/bytecode_raises.h"

#include <stdlib.h>

#include "runner/bytecode_spec.h"

/* A handler of the lasti kind finds the place of the raise on the stack, and its
 * RERAISE makes the interpreter believe that the exception comes from there. So whether
 * an event fires at the next handler depends on where the exception was raised first:
 *
 *     with a as x, b as y:    # 1
 *         body()              # 2
 *
 * When body() fails, the handler of `b` runs (an event on line 1), then the one of `a`,
 * and as the interpreter thinks of line 2 as the last one, an event fires again. When
 * b.__exit__() itself fails, that was on line 1, and none does. Both come to the
 * handler of `a` from one RERAISE: from now on from two, for what leads to it is
 * copied.
 *
 * Only lines at which some handler further out stands make a difference, and all others
 * are alike: a class is such a line, or OTHER. What may arrive at a handler is one or
 * more classes; the handler itself serves the first, copies at the end of the code the
 * others. What is copied is the way from its first instruction to its RERAISE, a
 * handful of instructions that the compiler makes in one piece. */

enum { OTHER = -1, CLASSES = 8, WINDOW = 64, CHAIN = 64 };

struct handler {
    uint32_t first;       /* instruction */
    uint32_t reraise;     /* the last one of what may be copied, or NONE */
    uint32_t outer;       /* the range that covers it, or NONE */
    int lines[CLASSES];   /* the classes that arrive */
    uint32_t at[CLASSES]; /* where the copy for each begins */
    int n;
};

struct split {
    struct bytecode_program *p;
    uint32_t n, n_ranges; /* as they were before copies were added */
    uint32_t *of;         /* instruction -> handler that begins there, or NONE */
    uint32_t *reraised; /* instruction -> handler that it is the RERAISE of, or NONE */
    struct handler *handlers;
    uint32_t n_handlers;
};

/* The RERAISE that takes the place of the raise from `slot` of the stack, on the way
 * from the handler's first instruction. */
static uint32_t
find_reraise(const struct bytecode_program *p, uint32_t first, uint32_t slot)
{
    int64_t depths[WINDOW + 1] = {(int64_t)slot + 2}; /* 0: not reached */
    uint32_t k;

    for (k = 0; k < WINDOW && first + k < p->n; k++) {
        const struct bytecode_program_ins *ins = &p->ins[first + k];
        uint32_t target = ins->target - first;

        if (depths[k] <= (int64_t)slot + 1)
            continue; /* not reached, or the place is no longer there */
        if (bytecode_spec_is(ins->op, BYTECODE_SPEC_RERAISES) && ins->arg &&
            depths[k] - 1 - (int64_t)ins->arg == (int64_t)slot)
            return first + k;
        if (ins->target != BYTECODE_PROGRAM_NONE && ins->target > first + k &&
            target < WINDOW)
            depths[target] = depths[k] + bytecode_spec_effect(ins->op, ins->arg, true);
        if (!bytecode_spec_is(ins->op, BYTECODE_SPEC_ENDS))
            depths[k + 1] = depths[k] + bytecode_spec_effect(ins->op, ins->arg, false);
    }
    return BYTECODE_PROGRAM_NONE;
}

/* The first range that ends behind the instruction. */
static uint32_t
range_behind(const struct split *s, uint32_t i)
{
    uint32_t low = 0, high = s->n_ranges;

    while (low < high) {
        uint32_t middle = (low + high) / 2;

        if (s->p->ranges[middle].end <= i)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void
find_handlers(struct split *s)
{
    uint32_t i, outer;

    for (i = 0; i < s->n; i++)
        s->of[i] = s->reraised[i] = BYTECODE_PROGRAM_NONE;
    for (i = 0; i < s->n_ranges; i++) {
        const struct bytecode_program_range *range = &s->p->ranges[i];
        struct handler *h = &s->handlers[s->n_handlers];

        if (!range->lasti || s->of[range->handler] != BYTECODE_PROGRAM_NONE)
            continue;
        s->of[range->handler] = s->n_handlers++;
        *h = (struct handler){.first = range->handler, .outer = BYTECODE_PROGRAM_NONE};
        h->reraise = find_reraise(s->p, h->first, range->depth);
        if (h->reraise == BYTECODE_PROGRAM_NONE)
            continue;
        s->reraised[h->reraise] = s->of[range->handler];
        outer = range_behind(s, h->reraise);
        if (outer < s->n_ranges && s->p->ranges[outer].first <= h->reraise)
            h->outer = outer;
    }
}

/* The handler of the lasti kind that the RERAISE of `h` leads to, or NULL. */
static struct handler *
outer_of(const struct split *s, const struct handler *h)
{
    const struct bytecode_program_range *range;

    if (h->outer == BYTECODE_PROGRAM_NONE)
        return NULL;
    range = &s->p->ranges[h->outer];
    return range->lasti ? &s->handlers[s->of[range->handler]] : NULL;
}

/* Whether some handler further out than `h` stands on the line. */
static bool
matters(const struct split *s, const struct handler *h, int line)
{
    int i;

    for (i = 0; i < CHAIN && h && h->outer != BYTECODE_PROGRAM_NONE; i++) {
        if (s->p->ins[s->p->ranges[h->outer].handler].place.line == line)
            return true;
        h = outer_of(s, h);
    }
    return false;
}

/* Notes that an exception from `line` may arrive at `h`, and so further out. */
static void
arrive(const struct split *s, struct handler *h, int line)
{
    int i, k;

    for (i = 0; i < CHAIN && h; i++) {
        int kind = line >= 0 && matters(s, h, line) ? line : OTHER;

        for (k = 0; k < h->n && h->lines[k] != kind; k++)
            ;
        if (k < h->n || h->n == CLASSES)
            return;
        h->lines[h->n++] = kind;
        h = outer_of(s, h);
    }
}

static void
find_classes(struct split *s)
{
    uint32_t i, k;

    for (i = 0; i < s->n_ranges; i++) {
        const struct bytecode_program_range *range = &s->p->ranges[i];
        int last = INT32_MIN;

        if (!range->lasti)
            continue;
        for (k = range->first; k < range->end; k++) {
            const struct bytecode_program_ins *ins = &s->p->ins[k];

            if (s->reraised[k] != BYTECODE_PROGRAM_NONE ||
                bytecode_spec_is(ins->op, BYTECODE_SPEC_MUTE) ||
                ins->place.line == last)
                continue;
            last = ins->place.line;
            arrive(s, &s->handlers[s->of[range->handler]], last);
        }
    }
}

/* The copy of handler `h` that exceptions from `line` go to. */
static uint32_t
copy_for(const struct handler *h, int line)
{
    int k, other = 0;

    for (k = 0; k < h->n; k++) {
        if (h->lines[k] == line)
            return h->at[k];
        if (h->lines[k] == OTHER)
            other = k;
    }
    return h->n ? h->at[other] : h->first;
}

/* A jump that has to lead back to the old code, now that it stands behind it. */
static bool
add_way_back(struct split *s, uint32_t from)
{
    struct bytecode_program_ins jump = s->p->ins[from];

    jump.op = bytecode_spec.jump_back;
    jump.arg = 0;
    jump.n_prefixes = 0;
    jump.is_added = true;
    if (!bytecode_program_add(s->p, &jump))
        return false;
    s->p->ins[from].target = s->p->n - 1;
    return true;
}

static bool
copy_code(struct split *s, struct handler *h, int kind)
{
    uint32_t first = s->p->n, i, end;

    h->at[kind] = first;
    for (i = h->first; i <= h->reraise; i++) {
        struct bytecode_program_ins ins = s->p->ins[i];

        if (ins.target != BYTECODE_PROGRAM_NONE && ins.target >= h->first &&
            ins.target <= h->reraise)
            ins.target += first - h->first;
        if (i == h->reraise)
            ins.raise_line = h->lines[kind];
        if (!bytecode_program_add(s->p, &ins))
            return false;
    }
    for (i = first, end = s->p->n; i < end; i++)
        if (s->p->ins[i].target < first &&
            !bytecode_spec_is(s->p->ins[i].op, BYTECODE_SPEC_BACK) &&
            !add_way_back(s, i))
            return false;
    return true;
}

static bool
copy_handlers(struct split *s)
{
    uint32_t i;
    int k;

    for (i = 0; i < s->n_handlers; i++) {
        struct handler *h = &s->handlers[i];

        h->at[0] = h->first;
        if (h->n && h->reraise != BYTECODE_PROGRAM_NONE)
            s->p->ins[h->reraise].raise_line = h->lines[0];
        for (k = 1; k < h->n; k++)
            if (!copy_code(s, h, k))
                return false;
    }
    return true;
}

static bool
add_range(struct bytecode_program *out, const struct bytecode_program_range *range)
{
    struct bytecode_program_range *last =
        out->n_ranges ? &out->ranges[out->n_ranges - 1] : NULL;

    if (last && last->end == range->first && last->handler == range->handler &&
        last->depth == range->depth && last->lasti == range->lasti) {
        last->end = range->end;
        return true;
    }
    return bytecode_program_add_range(out, range);
}

/* Adds what of the old range lies within [first, end), moved by `move`, to `out`; its
 * instructions may go to different copies of the handler. Handlers within the piece
 * that is moved move along. */
static bool
move_range(const struct split *s, const struct bytecode_program_range *old,
           uint32_t first, uint32_t end, uint32_t move, struct bytecode_program *out)
{
    struct bytecode_program_range part = *old;
    uint32_t i;

    if (move && old->handler >= first && old->handler < end)
        part.handler += move;
    for (i = old->first > first ? old->first : first; i < old->end && i < end; i++) {
        part.first = i + move;
        part.end = part.first + 1;
        if (old->lasti)
            part.handler = copy_for(&s->handlers[s->of[old->handler]],
                                    s->p->ins[i + move].raise_line);
        if (!add_range(out, &part))
            return false;
    }
    return true;
}

/* The ranges of a copy: those of what was copied. */
static bool
move_ranges(const struct split *s, const struct handler *h, int kind,
            struct bytecode_program *out)
{
    uint32_t i;

    for (i = range_behind(s, h->first);
         i < s->n_ranges && s->p->ranges[i].first <= h->reraise; i++)
        if (!move_range(s, &s->p->ranges[i], h->first, h->reraise + 1,
                        h->at[kind] - h->first, out))
            return false;
    return true;
}

static bool
make_ranges(struct split *s)
{
    struct bytecode_program out = {0};
    bool ok = true;
    uint32_t i;
    int k;

    for (i = 0; ok && i < s->n_ranges; i++)
        ok = move_range(s, &s->p->ranges[i], 0, s->n, 0, &out);
    for (i = 0; ok && i < s->n_handlers; i++)
        for (k = 1; ok && k < s->handlers[i].n; k++)
            ok = move_ranges(s, &s->handlers[i], k, &out);
    if (!ok) {
        bytecode_program_release(&out);
        return false;
    }
    free(s->p->ranges);
    s->p->ranges = out.ranges;
    s->p->n_ranges = out.n_ranges;
    s->p->cap_ranges = out.cap_ranges;
    return true;
}

static bool
has_lasti(const struct bytecode_program *p)
{
    uint32_t i;

    for (i = 0; i < p->n_ranges; i++)
        if (p->ranges[i].lasti)
            return true;
    return false;
}

bool
bytecode_raises_split(struct bytecode_program *p, struct err *err)
{
    struct split s = {.p = p, .n = p->n, .n_ranges = p->n_ranges};
    bool ok = false;

    if (!has_lasti(p))
        return true;
    s.of = malloc(p->n * sizeof(*s.of));
    s.reraised = malloc(p->n * sizeof(*s.reraised));
    s.handlers = malloc((p->n_ranges + 1) * sizeof(*s.handlers));
    if (s.of && s.reraised && s.handlers) {
        find_handlers(&s);
        find_classes(&s);
        ok = copy_handlers(&s);
        if (ok && p->n > s.n)
            ok = make_ranges(&s);
    }
    free(s.of);
    free(s.reraised);
    free(s.handlers);
    return ok || bytecode_program_no_memory(err);
}

#include "runner/bytecode_program.h"

#include <stdlib.h>
#include <string.h>

#include "runner/bytecode_spec.h"

/* Longer code would let sums of offsets and arguments leave 32 bits. */
#define UNITS_MAX (1u << 28)
enum { PREFIXES_MAX = 3 };

bool
bytecode_program_no_memory(struct err *err)
{
    return err_set(err, "out of memory");
}

static void *
grow(void *items, uint32_t *cap, uint32_t n, size_t size)
{
    void *more;
    uint32_t want = *cap ? *cap + *cap / 2 : 32;

    if (n < *cap)
        return items;
    more = realloc(items, want * size);
    if (more)
        *cap = want;
    return more;
}

struct bytecode_program_ins *
bytecode_program_add(struct bytecode_program *p, const struct bytecode_program_ins *ins)
{
    void *items = grow(p->ins, &p->cap, p->n, sizeof(*p->ins));

    if (!items)
        return NULL;
    p->ins = items;
    p->ins[p->n] = *ins;
    return &p->ins[p->n++];
}

struct bytecode_program_range *
bytecode_program_add_range(struct bytecode_program *p,
                           const struct bytecode_program_range *range)
{
    void *items = grow(p->ranges, &p->cap_ranges, p->n_ranges, sizeof(*p->ranges));

    if (!items)
        return NULL;
    p->ranges = items;
    p->ranges[p->n_ranges] = *range;
    return &p->ranges[p->n_ranges++];
}

void
bytecode_program_release(struct bytecode_program *p)
{
    free(p->ins);
    free(p->ranges);
    *p = (struct bytecode_program){0};
}

/* What reading keeps until the end: index[u] is the instruction that begins at unit u,
 * or BYTECODE_PROGRAM_NONE; the last item stands for the end of the code. */
struct reading {
    const struct bytecode_code *code;
    uint32_t n_units;
    uint32_t *index;
};

/* Takes the instruction at `*unit`. Until all are known, its target is a unit. */
static bool
read_ins(struct bytecode_program *p, struct reading *r, uint32_t *unit, struct err *err)
{
    const uint8_t *code = r->code->code.data;
    struct bytecode_program_ins ins = {.target = BYTECODE_PROGRAM_NONE, .origin = p->n};
    uint32_t at = *unit;
    const struct bytecode_spec_op *op;

    while (code[2 * at] == bytecode_spec.prefix) {
        ins.arg = (ins.arg | code[2 * at + 1]) << 8;
        if (++ins.n_prefixes > PREFIXES_MAX || ++at == r->n_units)
            return err_set(err, "unit %u: a prefix without its instruction", *unit);
    }
    ins.op = code[2 * at];
    ins.arg |= code[2 * at + 1];
    op = &bytecode_spec_ops[ins.op];
    if (!op->traits)
        return err_set(err, "unit %u: unknown instruction %u", at, ins.op);
    if (r->n_units - at <= op->n_caches)
        return err_set(err, "unit %u: the code ends within its caches", at);
    at += 1u + op->n_caches;
    if (op->traits & BYTECODE_SPEC_JUMPS) {
        int64_t target = op->traits & BYTECODE_SPEC_BACK ? (int64_t)at - ins.arg
                                                         : (int64_t)at + ins.arg;
        if (target < 0 || target >= r->n_units)
            return err_set(err, "unit %u: jumps out of the code", *unit);
        ins.target = (uint32_t)target;
    }
    r->index[*unit] = p->n;
    *unit = at;
    return bytecode_program_add(p, &ins) || bytecode_program_no_memory(err);
}

static bool
read_code(struct bytecode_program *p, struct reading *r, struct err *err)
{
    struct bytecode_tables_places places;
    struct bytecode_program_ins *ins;
    uint32_t unit, at = 0;

    for (unit = 0; unit <= r->n_units; unit++)
        r->index[unit] = BYTECODE_PROGRAM_NONE;
    bytecode_tables_places(&places, r->code->linetable.data, r->code->linetable.len,
                           r->code->first_line);
    while (at < r->n_units) {
        unit = at;
        if (!read_ins(p, r, &at, err) ||
            !bytecode_tables_find_place(&places, unit, err))
            return false;
        ins = &p->ins[p->n - 1];
        ins->place = places.place;
        ins->raise_line = places.place.line;
        if (bytecode_spec.throws_at_resume &&
            bytecode_spec_is(ins->op, BYTECODE_SPEC_YIELDS))
            ins->raise_line = -1;
    }
    r->index[r->n_units] = p->n;
    if (!bytecode_spec_is(p->ins[p->n - 1].op, BYTECODE_SPEC_ENDS))
        return err_set(err, "the code runs off its end");
    return true;
}

static bool
is_loop_end(const struct bytecode_program *p, uint32_t i)
{
    int k;

    for (k = 0; k < bytecode_spec.n_loop_end; k++, i++)
        if (i + 1 >= p->n || p->ins[i].op != bytecode_spec.loop_end[k] ||
            p->ins[i].n_prefixes)
            return false;
    return true;
}

/* Turns units into instructions, and looks that ways lead where their opcodes say. */
static bool
read_targets(struct bytecode_program *p, const struct reading *r, struct err *err)
{
    uint32_t i;

    for (i = 0; i < p->n; i++) {
        struct bytecode_program_ins *ins = &p->ins[i];

        if (ins->target == BYTECODE_PROGRAM_NONE)
            continue;
        ins->target = r->index[ins->target];
        if (ins->target == BYTECODE_PROGRAM_NONE)
            return err_set(err, "instruction %u: jumps into another one", i);
        if (bytecode_spec_is(ins->op, BYTECODE_SPEC_BACK) ? ins->target > i
                                                          : ins->target <= i)
            return err_set(err, "instruction %u: jumps the wrong way", i);
        if (bytecode_spec_is(ins->op, BYTECODE_SPEC_ITERATES) &&
            !is_loop_end(p, ins->target))
            return err_set(err, "instruction %u: iterates to no END_FOR", i);
    }
    return true;
}

static bool
read_ranges(struct bytecode_program *p, const struct reading *r, struct err *err)
{
    const uint8_t *at = r->code->exceptiontable.data;
    size_t len = r->code->exceptiontable.len;
    const uint8_t *end = len ? at + len : at; /* an empty table may be NULL */
    struct bytecode_tables_range raw;
    struct bytecode_program_range range = {0};

    while (at < end) {
        if (!bytecode_tables_next_range(&at, end, &raw, err))
            return false;
        if (raw.first > r->n_units || raw.len > r->n_units - raw.first ||
            raw.handler >= r->n_units)
            return err_set(err, "exception table: a range outside of the code");
        range.first = r->index[raw.first];
        if (range.first == BYTECODE_PROGRAM_NONE || range.first < range.end)
            return err_set(err, "exception table: ranges do not rise");
        range.end = r->index[raw.first + raw.len];
        range.handler = r->index[raw.handler];
        range.depth = raw.depth;
        range.lasti = raw.lasti;
        if (range.end == BYTECODE_PROGRAM_NONE ||
            range.handler == BYTECODE_PROGRAM_NONE)
            return err_set(err, "exception table: points into an instruction");
        if (range.first == range.end)
            continue;
        if (!bytecode_program_add_range(p, &range))
            return bytecode_program_no_memory(err);
    }
    return true;
}

static bool
find_start(struct bytecode_program *p, struct err *err)
{
    for (p->start = 0; p->start < p->n; p->start++)
        if (bytecode_spec_is(p->ins[p->start].op, BYTECODE_SPEC_RESUMES))
            return true;
    return err_set(err, "the code never starts: it has no RESUME");
}

bool
bytecode_program_read(struct bytecode_program *p, const struct bytecode_code *code,
                      struct err *err)
{
    struct reading r = {.code = code};
    bool ok = false;

    *p = (struct bytecode_program){.first_line = code->first_line,
                                   .stack_size = code->stack_size,
                                   .suspends = code->suspends};
    if (code->code.len < 2 || code->code.len % 2 || code->code.len / 2 > UNITS_MAX)
        return err_set(err, "%zu bytes cannot be code", code->code.len);
    r.n_units = (uint32_t)(code->code.len / 2);
    r.index = malloc((r.n_units + 1) * sizeof(*r.index));
    if (!r.index)
        return bytecode_program_no_memory(err);
    ok = read_code(p, &r, err) && read_targets(p, &r, err) && read_ranges(p, &r, err) &&
         find_start(p, err);
    free(r.index);
    if (!ok)
        bytecode_program_release(p);
    return ok;
}

/* Writing. widths[i] is the number of units of instruction i before its caches,
 * offsets[i] its first unit. A wider jump moves others apart and may make them wider,
 * never narrower: so widths only grow, until nothing changes. Code made to spite us
 * could make that as slow as one jump a round; after a few rounds a jump that grows
 * gets all prefixes at once. */
struct writing {
    const struct bytecode_program *p;
    uint8_t *widths;
    uint32_t *offsets; /* n + 1 of them */
};

enum { PATIENCE = 8 };

static uint8_t
width_of(uint32_t arg)
{
    return arg > 0xffffff ? 4 : arg > 0xffff ? 3 : arg > 0xff ? 2 : 1;
}

static uint32_t
caches_of(const struct writing *w, uint32_t i)
{
    return bytecode_spec_ops[w->p->ins[i].op].n_caches;
}

static void
place_all(struct writing *w)
{
    uint32_t i;

    for (i = 0; i < w->p->n; i++)
        w->offsets[i + 1] = w->offsets[i] + w->widths[i] + caches_of(w, i);
}

/* How far instruction i jumps, or its argument. Negative: the wrong way. */
static int64_t
arg_of(const struct writing *w, uint32_t i)
{
    const struct bytecode_program_ins *ins = &w->p->ins[i];
    int64_t way;

    if (ins->target == BYTECODE_PROGRAM_NONE)
        return ins->arg;
    way = (int64_t)w->offsets[ins->target] - w->offsets[i + 1];
    return bytecode_spec_is(ins->op, BYTECODE_SPEC_BACK) ? -way : way;
}

static bool
find_widths(struct writing *w, struct err *err)
{
    uint32_t i;
    bool changed = true;
    int round;

    for (i = 0; i < w->p->n; i++)
        w->widths[i] = w->p->ins[i].target == BYTECODE_PROGRAM_NONE
                           ? width_of(w->p->ins[i].arg)
                           : 1;
    for (round = 0; changed; round++) {
        changed = false;
        place_all(w);
        if (w->offsets[w->p->n] > 4 * UNITS_MAX)
            return err_set(err, "the code gets too long");
        for (i = 0; i < w->p->n; i++) {
            int64_t arg = arg_of(w, i);

            if (arg < 0)
                return err_set(err, "instruction %u: would jump the wrong way", i);
            if (width_of((uint32_t)arg) > w->widths[i]) {
                w->widths[i] = round < PATIENCE ? width_of((uint32_t)arg) : 4;
                changed = true;
            }
        }
    }
    return true;
}

static uint8_t *
write_code(const struct writing *w)
{
    uint8_t *code = calloc(w->offsets[w->p->n], 2); /* caches are zero */
    uint8_t *at = code;
    uint32_t i;

    if (!code)
        return NULL;
    for (i = 0; i < w->p->n; i++) {
        uint32_t arg = (uint32_t)arg_of(w, i);
        int width;

        for (width = w->widths[i]; width > 1; width--) {
            *at++ = bytecode_spec.prefix;
            *at++ = (uint8_t)(arg >> 8 * (width - 1));
        }
        *at++ = w->p->ins[i].op;
        *at++ = (uint8_t)arg;
        at += 2 * caches_of(w, i);
    }
    return code;
}

static bool
is_same_place(const struct bytecode_tables_place *a,
              const struct bytecode_tables_place *b)
{
    return a->line == b->line && a->end_line == b->end_line && a->col == b->col &&
           a->end_col == b->end_col;
}

/* Every instruction of the program begins an entry, for a debugger may jump to where
 * one begins; a probe begins the one of the instruction it stands in front of. */
static void
write_places(const struct writing *w, struct bytecode_tables_out *out)
{
    const struct bytecode_program_ins *ins = w->p->ins;
    int line = w->p->first_line;
    uint32_t i, first = 0;

    for (i = 1; i <= w->p->n; i++)
        if (i == w->p->n || !ins[i - 1].joins ||
            !is_same_place(&ins[i].place, &ins[first].place) ||
            w->offsets[i + 1] - w->offsets[first] > BYTECODE_TABLES_ENTRY_UNITS) {
            bytecode_tables_add_place(out, &ins[first].place,
                                      w->offsets[i] - w->offsets[first], &line);
            first = i;
        }
}

static void
write_ranges(const struct writing *w, struct bytecode_tables_out *out)
{
    uint32_t i;

    for (i = 0; i < w->p->n_ranges; i++) {
        const struct bytecode_program_range *r = &w->p->ranges[i];
        struct bytecode_tables_range raw = {
            .first = w->offsets[r->first],
            .len = w->offsets[r->end] - w->offsets[r->first],
            .handler = w->offsets[r->handler],
            .depth = r->depth,
            .lasti = r->lasti,
        };

        bytecode_tables_add_range(out, &raw);
    }
}

bool
bytecode_program_write(const struct bytecode_program *p, struct bytecode_code *out,
                       struct err *err)
{
    struct writing w = {.p = p,
                        .widths = malloc(p->n + 1),
                        .offsets = calloc(p->n + 1, sizeof(*w.offsets))};
    struct bytecode_tables_out places = {0}, ranges = {0};
    uint8_t *code = NULL;
    bool ok = false;

    if (!w.widths || !w.offsets) {
        bytecode_program_no_memory(err);
        goto done;
    }
    if (!find_widths(&w, err))
        goto done;
    code = write_code(&w);
    write_places(&w, &places);
    write_ranges(&w, &ranges);
    if (!code || places.is_lost || ranges.is_lost) {
        bytecode_program_no_memory(err);
        goto done;
    }
    *out = (struct bytecode_code){
        .code = {code, 2 * (size_t)w.offsets[p->n]},
        .linetable = {places.data, places.len},
        .exceptiontable = {ranges.data, ranges.len},
        .first_line = p->first_line,
        .stack_size = p->stack_size,
        .suspends = p->suspends,
    };
    ok = true;
done:
    if (!ok) {
        free(code);
        free(places.data);
        free(ranges.data);
    }
    free(w.widths);
    free(w.offsets);
    return ok;
}

#include "runner/bytecode.h"

#include <stdlib.h>

#include "runner/bytecode_edges.h"
#include "runner/bytecode_exits.h"
#include "runner/bytecode_flow.h"
#include "runner/bytecode_handlers.h"
#include "runner/bytecode_places.h"
#include "runner/bytecode_program.h"
#include "runner/bytecode_raises.h"
#include "runner/bytecode_spec.h"

/* Every instruction of the old program becomes a chunk of the new one:
 *
 *   start:  [jump to body]         falling in here must not fire, another way must
 *   line:   [LINE probe]           some way fires
 *   body:   [LEAVE or YIELD probe] the instruction [ENTER or RESUME probe]
 *
 * A jump that fires goes to `line`, one that does not to `body`. Where all ways fire,
 * as they mostly do, the probe just stands there. Chunks inherit the exception handler
 * of their instruction; its range is split where some of the covered instructions fire
 * at the handler and some do not. Two kinds of chunk look different:
 *
 * A handler of code that suspends has a CATCH probe, which comes before the LINE probe,
 * so that who hears them knows which frame goes on. It stands behind PUSH_EXC_INFO,
 * where the exception is the current one:
 *
 *   body:   PUSH_EXC_INFO, CATCH probe, jump to end   (if some ways do not fire)
 *   line:   PUSH_EXC_INFO, CATCH probe, LINE probe
 *   end:
 *
 * On 3.11, throw() into a frame that awaits another one, when that one ends, takes the
 * unit in front of the YIELD_VALUE for the SEND, and goes on at its target as if the
 * unit in front of that had run. A probe between the two gets a copy of the SEND for
 * company, which nothing else looks at; it leads to a RESUME probe of its own, for no
 * RESUME has run:
 *
 *   S:  SEND E                     E-start:  RESUME probe, and on as from the jump back
 *       YIELD probe                E-body:   ...
 *       jump to Y
 *       SEND E-start
 *   Y:  YIELD_VALUE
 *       RESUME
 *       RESUME probe
 *       jump back to S
 *
 * Where lines are counted by places, exceptions that leave a line early are counted on
 * their way, by exits right in front of the handler (so that who traces the program
 * sees the same way forward), or at the end of the code where there is none:
 *
 *   exits:  PLACE probe, jump to line or body of the handler, ...
 *   start:  ...
 */

enum label { DONE, START, LINE, BODY, ROOM, END };

struct rewrite {
    const struct bytecode_program *in;
    const struct bytecode_job *job;
    const uint8_t *flags; /* BYTECODE_EDGES_ */
    const int *handlers;  /* as from bytecode_handlers_find(); NULL without calls */
    struct bytecode_flow flow;
    struct bytecode_exits exits;
    struct bytecode_program out;
    uint32_t *at[END + 1];  /* by label: where the chunk of an old instruction has it */
    uint32_t start_handler; /* new instruction */
    struct err *err;
    bool failed; /* `err` says why; nothing counts from then on */
};

static void
fail(struct rewrite *w, uint32_t i, const char *what)
{
    if (!w->failed)
        err_set(w->err, "instruction %u: %s", i, what);
    w->failed = true;
}

static bool
wants_calls(const struct rewrite *w)
{
    return w->job->want & BYTECODE_WANT_CALLS;
}

static bool
is(const struct rewrite *w, uint32_t i, unsigned traits)
{
    return bytecode_spec_is(w->in->ins[i].op, traits);
}

static void
emit(struct rewrite *w, struct bytecode_program_ins ins)
{
    if (w->failed || bytecode_program_add(&w->out, &ins))
        return;
    bytecode_program_no_memory(w->err);
    w->failed = true;
}

static const struct bytecode_tables_place nowhere = {-1, -1, -1, -1};

/* A probe that stands for old instruction i, at a place in the source. */
static void
emit_probe_at(struct rewrite *w, enum bytecode_probe kind, int number, uint32_t i,
              const struct bytecode_tables_place *place)
{
    struct bytecode_program_ins ins = {.place = *place,
                                       .target = BYTECODE_PROGRAM_NONE,
                                       .origin = w->in->ins[i].origin,
                                       .op = bytecode_spec.load_const,
                                       .joins = true,
                                       .is_added = true};
    int index, part;

    index = w->job->probe(w->job->arg, kind, number);
    if (index < 0) {
        fail(w, w->out.n, "its probe was refused");
        return;
    }
    ins.arg = (uint32_t)index;
    emit(w, ins);
    ins.arg = 0;
    for (part = 0; part < bytecode_spec.n_probe; part++) {
        ins.op = bytecode_spec.probe[part];
        if (bytecode_spec_is(ins.op, BYTECODE_SPEC_JUMPS))
            ins.target = w->out.n + 1;
        emit(w, ins);
    }
}

static void
emit_probe(struct rewrite *w, enum bytecode_probe kind, uint32_t i)
{
    int number = 0;

    if (kind == BYTECODE_LINE)
        number = w->in->ins[i].place.line;
    else if (kind == BYTECODE_HANDLED)
        number = w->handlers[i];
    emit_probe_at(w, kind, number, i, &w->in->ins[i].place);
}

/* A probe that counts at a place, with the position of old instruction i, or none. */
static void
emit_counter(struct rewrite *w, uint32_t number, uint32_t i)
{
    bool has_one = i != BYTECODE_PROGRAM_NONE;

    emit_probe_at(w, BYTECODE_PLACE, (int)number, has_one ? i : w->in->start,
                  has_one ? &w->in->ins[i].place : &nowhere);
}

/* A jump that stands for a way out of old instruction i; returns where it is, so that
 * its target can be set. */
static uint32_t
emit_jump(struct rewrite *w, uint32_t i, uint32_t target, enum label label)
{
    struct bytecode_program_ins ins = {.place = w->in->ins[i].place,
                                       .target = target,
                                       .origin = w->in->ins[i].origin,
                                       .op = bytecode_spec.jump_forward,
                                       .joins = true,
                                       .is_added = true,
                                       .label = (uint8_t)label};

    emit(w, ins);
    return w->out.n - 1;
}

/* Whether old instruction i is a SEND that throw() looks for, in front of a suspension.
 */
static bool
is_thrown_past(const struct rewrite *w, uint32_t i)
{
    return bytecode_spec.throw_reads_send && is(w, i, BYTECODE_SPEC_SENDS) &&
           i + 1 < w->in->n && is(w, i + 1, BYTECODE_SPEC_YIELDS);
}

/* Whether it needs a copy: something comes between, or throw() has another way to go.
 */
static bool
has_copy(const struct rewrite *w, uint32_t i)
{
    uint32_t end = w->in->ins[i].target;

    return wants_calls(w) || (w->flags[i + 1] & BYTECODE_EDGES_FIRES) ||
           bytecode_edges_fires(w->in, w->flags, BYTECODE_EDGES_JUMP, i, end) !=
               bytecode_edges_fires(w->in, w->flags, BYTECODE_EDGES_FALL, end - 1, end);
}

static void
emit_ins(struct rewrite *w, uint32_t i)
{
    struct bytecode_program_ins ins = w->in->ins[i];

    if (ins.target != BYTECODE_PROGRAM_NONE)
        ins.label =
            bytecode_edges_fires(w->in, w->flags, BYTECODE_EDGES_JUMP, i, ins.target)
                ? LINE
                : BODY;
    if (is_thrown_past(w, i)) {
        if (!bytecode_edges_throw_falls(w->in, ins.target - 1))
            fail(w, i, "a SEND of unknown shape");
        else if (!has_copy(w, i))
            ins.label = START;
    }
    emit(w, ins);
}

static void
emit_send_copy(struct rewrite *w, uint32_t i)
{
    struct bytecode_program_ins copy = w->in->ins[i];
    uint32_t jump = emit_jump(w, i, 0, DONE);

    copy.label = START;
    emit(w, copy);
    if (!w->failed)
        w->out.ins[jump].target = w->out.n;
}

static void
emit_line(struct rewrite *w, uint32_t i)
{
    if (!(w->flags[i] & BYTECODE_EDGES_FIRES))
        return;
    if (is(w, i, BYTECODE_SPEC_GLUED))
        fail(w, i, "a line begins where nothing may come between");
    if (w->flow.line && w->flow.line[i] != BYTECODE_PROGRAM_NONE)
        emit_counter(w, w->flow.line[i], i);
    else
        emit_probe(w, BYTECODE_LINE, i);
}

/* A handler with a CATCH probe: PUSH_EXC_INFO, or one that can do without. */
static void
emit_handler(struct rewrite *w, uint32_t i)
{
    unsigned both = BYTECODE_EDGES_FIRES | BYTECODE_EDGES_QUIET_RAISE;
    bool pushes = is(w, i, BYTECODE_SPEC_PUSHES);
    uint32_t jump = BYTECODE_PROGRAM_NONE;
    /* Who traces the program must not see a line where it would see none. */
    const struct bytecode_tables_place *place =
        is(w, i, BYTECODE_SPEC_LINELESS) ? &nowhere : &w->in->ins[i].place;

    if (w->flags[i] & (BYTECODE_EDGES_FALLS | BYTECODE_EDGES_JUMPED))
        fail(w, i, "a handler that is also run into");
    w->at[BODY][i] = w->out.n;
    if ((w->flags[i] & both) == both) {
        if (pushes)
            emit_ins(w, i);
        emit_probe_at(w, BYTECODE_CATCH, 0, i, place);
        jump = emit_jump(w, i, 0, DONE);
    }
    w->at[LINE][i] = w->out.n;
    if (pushes)
        emit_ins(w, i);
    emit_probe_at(w, BYTECODE_CATCH, 0, i, place);
    emit_line(w, i);
    if (jump != BYTECODE_PROGRAM_NONE && !w->failed)
        w->out.ins[jump].target = w->out.n;
    if (!pushes)
        emit_ins(w, i);
}

/* Whether a handler ends there for good; else it raises again. */
static bool
ends_exception(const struct rewrite *w, uint32_t i)
{
    return w->in->ins[i].op == bytecode_spec.pop_except && i + 1 < w->in->n &&
           w->in->ins[i + 1].op != bytecode_spec.reraise;
}

static void
emit_before(struct rewrite *w, uint32_t i)
{
    if (wants_calls(w) && is(w, i, BYTECODE_SPEC_RETURNS))
        emit_probe(w, BYTECODE_LEAVE, i);
    if (wants_calls(w) && ends_exception(w, i))
        emit_probe(w, BYTECODE_HANDLED, i);
    if (!is(w, i, BYTECODE_SPEC_YIELDS))
        return;
    if (wants_calls(w))
        emit_probe(w, BYTECODE_YIELD, i);
    if (i > 0 && is_thrown_past(w, i - 1) && has_copy(w, i - 1))
        emit_send_copy(w, i - 1);
}

static void
emit_reraise(struct rewrite *w)
{
    struct bytecode_program_ins reraise = {.place = nowhere,
                                           .target = BYTECODE_PROGRAM_NONE,
                                           .origin = w->in->start,
                                           .arg = 1,
                                           .op = bytecode_spec.reraise,
                                           .is_added = true};

    emit(w, reraise);
}

/* The exits to the handler at old instruction i, or for those without one. */
static void
emit_exits(struct rewrite *w, uint32_t i)
{
    uint32_t k, jump, over = BYTECODE_PROGRAM_NONE;

    if (!w->exits.of || w->exits.first[i] == BYTECODE_PROGRAM_NONE)
        return;
    if (i < w->in->n && (w->flags[i] & BYTECODE_EDGES_FALLS))
        over = emit_jump(w, i, 0, DONE);
    for (k = w->exits.first[i]; k != BYTECODE_PROGRAM_NONE; k = w->exits.all[k].next) {
        struct bytecode_exits_exit *exit = &w->exits.all[k];

        exit->at = w->out.n;
        if (i == w->in->n) {
            emit_counter(w, exit->left, BYTECODE_PROGRAM_NONE);
            emit_reraise(w);
        } else {
            /* It has the line of where the exception comes from, so that none begins
             * here, but is a part of the handler to who asks where that is. */
            emit_probe_at(w, BYTECODE_PLACE, (int)exit->left, i,
                          &w->in->ins[exit->from].place);
            jump = emit_jump(w, exit->from, i, exit->fires ? LINE : BODY);
            if (!w->failed)
                w->out.ins[jump].origin = w->in->ins[i].origin;
        }
    }
    if (over != BYTECODE_PROGRAM_NONE && !w->failed)
        w->out.ins[over].target = w->out.n;
}

static void
emit_nop(struct rewrite *w, uint32_t i)
{
    struct bytecode_program_ins ins = {.place = w->in->ins[i].place,
                                       .target = BYTECODE_PROGRAM_NONE,
                                       .origin = w->in->ins[i].origin,
                                       .op = bytecode_spec.nop,
                                       .joins = true,
                                       .is_added = true};

    emit(w, ins);
}

/* Between old instruction i and the next one, for what falls into that. */
static void
emit_room(struct rewrite *w, uint32_t i)
{
    if (!w->exits.of || i + 1 == w->in->n)
        return;
    if (w->flow.entry[i + 1] != BYTECODE_PROGRAM_NONE)
        emit_counter(w, w->flow.entry[i + 1], i + 1);
    else if (w->exits.has_room[i])
        emit_nop(w, i + 1);
}

/* Whether the exceptions of old instruction i could be looked up under the one before,
 * and would take another exit. */
static bool
needs_distance(const struct rewrite *w, uint32_t i)
{
    return bytecode_spec.enters_from_before && w->exits.of && i > 0 &&
           w->exits.of[2 * i] != w->exits.of[2 * i - 2] &&
           is(w, i, BYTECODE_SPEC_ENTERS);
}

static void
emit_chunk(struct rewrite *w, uint32_t i)
{
    emit_exits(w, i);
    w->at[START][i] = w->out.n;
    if (wants_calls(w) && w->in->suspends && (w->flags[i] & BYTECODE_EDGES_HANDLES) &&
        is(w, i, BYTECODE_SPEC_CATCHES)) {
        emit_handler(w, i);
        return;
    }
    if (wants_calls(w) && i > 0 && bytecode_edges_throw_falls(w->in, i - 1))
        emit_probe(w, BYTECODE_RESUME, i - 1);
    if ((w->flags[i] & BYTECODE_EDGES_FIRES) &&
        (w->flags[i] & BYTECODE_EDGES_QUIET_FALL))
        emit_jump(w, i, i, BODY);
    w->at[LINE][i] = w->out.n;
    emit_line(w, i);
    w->at[BODY][i] = w->out.n;
    emit_before(w, i);
    if (w->out.n == w->at[START][i] && needs_distance(w, i))
        emit_nop(w, i);
    emit_ins(w, i);
    if (wants_calls(w) && i == w->in->start)
        emit_probe(w, BYTECODE_ENTER, i + 1);
    else if (wants_calls(w) && is(w, i, BYTECODE_SPEC_RESUMES))
        emit_probe(w, BYTECODE_RESUME, i);
}

/* From 3.12 on, all of a generator has a handler, even the RESUME that it starts with;
 * what that lets out must not be seen as leaving the frame, which has not been entered
 * yet. So this one RESUME gets a copy of the handler, which cannot do much but raise
 * again. */
static void
emit_start_handler(struct rewrite *w)
{
    uint32_t start = w->in->start, i = w->in->n, k;

    for (k = 0; k < w->in->n_ranges && w->in->ranges[k].first <= start; k++)
        if (w->in->ranges[k].end > start)
            i = w->in->ranges[k].handler;
    w->start_handler = w->out.n;
    for (; i < w->in->n; i++) {
        if (w->in->ins[i].target != BYTECODE_PROGRAM_NONE)
            fail(w, i, "a handler of the start that jumps");
        emit(w, w->in->ins[i]);
        if (is(w, i, BYTECODE_SPEC_ENDS))
            break;
    }
}

/* Where exceptions go that the function does not handle. */
static void
emit_tail(struct rewrite *w)
{
    emit_exits(w, w->in->n);
    if (!wants_calls(w))
        return;
    emit_probe_at(w, BYTECODE_UNWIND, 0, w->in->start, &nowhere);
    emit_reraise(w);
    emit_start_handler(w);
}

static void
emit_program(struct rewrite *w)
{
    uint32_t i;

    for (i = 0; i < w->in->n; i++) {
        emit_chunk(w, i);
        w->at[ROOM][i] = w->out.n;
        emit_room(w, i);
        w->at[END][i] = w->out.n;
    }
    w->at[START][w->in->n] = w->out.n;
    emit_tail(w);
    for (i = 0; i < w->out.n && !w->failed; i++) {
        struct bytecode_program_ins *ins = &w->out.ins[i];

        if (ins->label != DONE)
            ins->target = w->at[ins->label][ins->target];
    }
}

/* Adds [first, end) to the new ranges, joined to the one before where they agree. */
static void
cover(struct rewrite *w, struct bytecode_program_range range)
{
    struct bytecode_program_range *last;

    if (w->failed || range.first == range.end)
        return;
    last = w->out.n_ranges ? &w->out.ranges[w->out.n_ranges - 1] : NULL;
    if (last && last->end == range.first && last->handler == range.handler &&
        last->depth == range.depth && last->lasti == range.lasti) {
        last->end = range.end;
    } else if (!bytecode_program_add_range(&w->out, &range)) {
        bytecode_program_no_memory(w->err);
        w->failed = true;
    }
}

static uint32_t
behind_start(const struct rewrite *w)
{
    return w->at[BODY][w->in->start] + 1;
}

/* Where the new code of an item begins. */
static uint32_t
begin(const struct rewrite *w, uint32_t item)
{
    return w->at[item & 1 ? ROOM : START][item / 2];
}

/* What is not covered, from behind the first RESUME on, goes to the tail. */
static void
cover_gap(struct rewrite *w, uint32_t first, uint32_t end)
{
    struct bytecode_program_range range = {.lasti = true};
    const struct bytecode_exits_exit *exit;
    uint32_t item;

    if (first <= w->in->start)
        first = w->in->start;
    if (first >= end)
        return;
    if (wants_calls(w)) {
        range.first = first == w->in->start ? behind_start(w) : w->at[START][first];
        range.end = w->at[END][end - 1];
        range.handler = w->at[START][w->in->n];
        cover(w, range);
        return;
    }
    for (item = 2 * first; item < 2 * end; item++) {
        exit = bytecode_exits_get(&w->exits, item);
        if (!exit)
            continue;
        range.first = begin(w, item);
        range.end = w->at[item & 1 ? END : ROOM][item / 2];
        range.handler = exit->at;
        cover(w, range);
    }
}

/* Where exceptions of an item go that has the range's handler, or NONE where it does
 * not matter. */
static uint32_t
handler_of(const struct rewrite *w, const struct bytecode_program_range *old,
           uint32_t item)
{
    const struct bytecode_exits_exit *exit = bytecode_exits_get(&w->exits, item);
    uint32_t i = item / 2;
    bool fires;

    if (exit)
        return exit->at;
    if (!w->exits.of && (item & 1 || is(w, i, BYTECODE_SPEC_MUTE)))
        return BYTECODE_PROGRAM_NONE;
    fires =
        bytecode_edges_fires(w->in, w->flags, BYTECODE_EDGES_RAISE, i, old->handler);
    return w->at[fires ? LINE : BODY][old->handler];
}

/* One range of the old program, split where its items disagree; those that cannot raise
 * go along with the one before, but not past exits: whoever traces the program can make
 * any instruction raise. */
static void
cover_range(struct rewrite *w, const struct bytecode_program_range *old)
{
    struct bytecode_program_range range = *old;
    uint32_t item = 2 * old->first, handler = BYTECODE_PROGRAM_NONE, next;

    range.first = begin(w, item);
    if (wants_calls(w) && old->first <= w->in->start && old->end > w->in->start) {
        range.end = behind_start(w);
        range.handler = w->start_handler;
        cover(w, range);
        range.first = range.end;
        item = 2 * (w->in->start + 1);
    }
    for (; item < 2 * old->end; item++) {
        next = handler_of(w, old, item);
        if (next == BYTECODE_PROGRAM_NONE)
            continue;
        if (handler != BYTECODE_PROGRAM_NONE && handler != next) {
            range.end = begin(w, item);
            range.handler = handler;
            cover(w, range);
            range.first = range.end;
        }
        handler = next;
    }
    range.end = w->at[END][old->end - 1];
    range.handler =
        handler == BYTECODE_PROGRAM_NONE ? w->at[BODY][old->handler] : handler;
    cover(w, range);
}

static void
cover_program(struct rewrite *w)
{
    uint32_t i, covered = 0;

    for (i = 0; i < w->in->n_ranges; i++) {
        cover_gap(w, covered, w->in->ranges[i].first);
        cover_range(w, &w->in->ranges[i]);
        covered = w->in->ranges[i].end;
    }
    cover_gap(w, covered, w->in->n);
}

static bool
rewrite_program(struct rewrite *w)
{
    int label;

    if (w->in->stack_size < 0 || w->in->stack_size > INT32_MAX / 16)
        return err_set(w->err, "a stack of %d items", w->in->stack_size);
    for (label = START; label <= END; label++) {
        w->at[label] = malloc((w->in->n + 1) * sizeof(*w->at[label]));
        if (!w->at[label])
            return bytecode_program_no_memory(w->err);
    }
    w->out.first_line = w->in->first_line;
    w->out.suspends = w->in->suspends;
    w->out.start = w->in->start;
    w->out.stack_size = w->in->stack_size + 1;
    if ((wants_calls(w) || w->exits.of) && w->out.stack_size < 3)
        w->out.stack_size = 3; /* the tail's: place, exception, probe */
    emit_program(w);
    if (!w->failed)
        cover_program(w);
    return !w->failed;
}

/* Leaves BYTECODE_EDGES_FIRES where a line probe is needed. */
static bool
place_probes(struct rewrite *w, uint8_t *flags)
{
    uint32_t i;

    if (w->job->want == (BYTECODE_WANT_LINES | BYTECODE_WANT_SUMS))
        return bytecode_flow_find(&w->flow, w->in, flags, w->job, w->err) &&
               bytecode_exits_find(&w->exits, w->in, flags, &w->flow, w->err);
    if (!(w->job->want & BYTECODE_WANT_LINES))
        for (i = 0; i < w->in->n; i++)
            flags[i] &= (uint8_t)~BYTECODE_EDGES_FIRES;
    return true;
}

bool
bytecode_rewrite(const struct bytecode_code *in, const struct bytecode_job *job,
                 struct bytecode_code *out, struct err *err)
{
    struct bytecode_program program;
    struct rewrite w = {.in = &program, .job = job, .err = err};
    uint8_t *flags = NULL;
    int *handlers = NULL;
    bool ok = false;
    int label;

    if (!bytecode_spec.is_known)
        return err_set(err, "the bytecode of this version of Python is not known");
    if (!bytecode_program_read(&program, in, err))
        return false;
    if ((job->want & BYTECODE_WANT_LINES) && !bytecode_raises_split(&program, err))
        goto done;
    w.flags = flags = bytecode_edges_find(&program);
    if (wants_calls(&w))
        w.handlers = handlers = bytecode_handlers_find(&program);
    if (!flags || (wants_calls(&w) && !handlers)) {
        bytecode_program_no_memory(err);
        goto done;
    }
    ok = place_probes(&w, flags) && rewrite_program(&w) &&
         bytecode_program_write(&w.out, out, err);
    if (ok && job->places)
        job->places->tail = w.at[START][program.n];
    if (ok && job->places &&
        !bytecode_places_find(job->places, &program, &w.out, out->code)) {
        bytecode_release(out);
        ok = bytecode_program_no_memory(err);
    }
done:
    free(flags);
    free(handlers);
    bytecode_flow_release(&w.flow);
    bytecode_exits_release(&w.exits);
    for (label = START; label <= END; label++)
        free(w.at[label]);
    bytecode_program_release(&w.out);
    bytecode_program_release(&program);
    return ok;
}

void
bytecode_release(struct bytecode_code *out)
{
    /* bytecode_rewrite() made them */
    free((void *)(uintptr_t)out->code.data);
    free((void *)(uintptr_t)out->linetable.data);
    free((void *)(uintptr_t)out->exceptiontable.data);
    *out = (struct bytecode_code){0};
}

bool
bytecode_is_known(void)
{
    return bytecode_spec.is_known;
}

#include "runner/bytecode_flow.h"

#include <stdlib.h>

#include "runner/bytecode_edges.h"
#include "runner/bytecode_spec.h"

/* What runs into a stretch of code comes out of it again, on one way or another, or as
 * an exception. So not every line must be counted:
 *
 *     if a < b:         # as often as both lines below together
 *         c = a         # a probe
 *     else:
 *         c = b         # a probe
 *     d = c + 1         # as often as `if`
 *     e = d + 1         # as often as the line before, less the exceptions it raised
 *     f(e)              # the same
 *     g = 1             # a probe: f() may never come back
 *
 * This is a graph. Its edges are the line events: at instruction i, from what arrives
 * there and fires to what then runs the instruction. Its vertices are all that lies
 * between events: places in the code among which control goes without one. At a vertex
 * as much comes in as goes out. Where control may stay away for long, or for ever
 * (calls and suspensions), or comes from elsewhere (handlers), the vertex is OUTSIDE,
 * of which nothing is known: so counts are right whenever a call is under way. A loop
 * without calls may run for long, too; one of its vertices is made OUTSIDE, so that
 * what is before and behind the loop does not depend on it. What remains are stretches
 * without calls and loops: while control is in one, the counts of its lines that follow
 * from others may be off by one.
 *
 * The edges of a spanning tree from OUTSIDE follow from the others: from the leaves to
 * the root, each is the one unknown at its vertex. The tree takes those that run most,
 * all others get a probe. Exceptions that leave a vertex have a counter of their own,
 * which costs nothing until one passes (bytecode.c leads them there).
 *
 * To a loop's first line comes what ran its last one, and what enters it. Nobody knows
 * that number from elsewhere, but it is small: falling into a loop is an edge, too, and
 * may get a probe although it is no line event. */

#define NONE BYTECODE_PROGRAM_NONE

enum { DEPTH_MAX = 10 }; /* of loops that make a difference */

struct edge { /* two per instruction: its line event, and falling into a loop there */
    uint32_t next_in, next_out; /* at its vertices: others that come in, or go out */
    double weight;
    uint32_t place;
    bool in_tree;
    bool is_told; /* by others; it needs no probe */
};

struct vertex { /* three per instruction, and OUTSIDE; many are the same one */
    uint32_t up, tree_up; /* towards the representative: of the vertex, of the tree */
    uint32_t first_in, first_out; /* edges that come in, that go out */
    uint32_t told;                /* the edge that is known from the others, or NONE */
    uint32_t left;                /* the place that counts exceptions, or NONE */
    bool is_reached;
    bool is_open; /* being walked through */
    bool loops;   /* a way from here leads here again */
};

struct flow {
    const struct bytecode_program *p;
    uint8_t *flags;
    const struct bytecode_job *job;
    struct edge *edges;
    struct vertex *vertices;
    uint32_t *loop_end; /* per instruction: the last jump back to it, or 0 */
    uint32_t *queue;    /* of vertices, away from OUTSIDE */
    uint32_t n_queue;
    struct bytecode_term *terms;
    uint32_t n_terms, cap_terms;
    struct err *err;
};

/* The vertices in front of a loop at instruction i, before its line event, behind it.
 */
static uint32_t
entry(uint32_t i)
{
    return 3 * i;
}

static uint32_t
before(uint32_t i)
{
    return 3 * i + 1;
}

static uint32_t
behind(uint32_t i)
{
    return 3 * i + 2;
}

static uint32_t
outside(const struct flow *f)
{
    return 3 * f->p->n;
}

static uint32_t
line_of(uint32_t i)
{
    return 2 * i;
}

static uint32_t
entry_of(uint32_t i)
{
    return 2 * i + 1;
}

static uint32_t
find(const struct flow *f, uint32_t v)
{
    struct vertex *all = f->vertices;

    while (all[v].up != v) {
        all[v].up = all[all[v].up].up;
        v = all[v].up;
    }
    return v;
}

static uint32_t
find_tree(const struct flow *f, uint32_t v)
{
    struct vertex *all = f->vertices;

    while (all[v].tree_up != v) {
        all[v].tree_up = all[all[v].tree_up].tree_up;
        v = all[v].tree_up;
    }
    return v;
}

static void
join(struct flow *f, uint32_t a, uint32_t b)
{
    f->vertices[find(f, a)].up = find(f, b);
}

/* Whether nothing is known about what goes on behind instruction i. */
static bool
is_end(const struct flow *f, uint32_t i)
{
    uint8_t op = f->p->ins[i].op;

    return i <= f->p->start || bytecode_spec_is(op, BYTECODE_SPEC_CALLS) ||
           (bytecode_spec_is(op, BYTECODE_SPEC_ENDS) &&
            !bytecode_spec_is(op, BYTECODE_SPEC_JUMPS));
}

/* Whether falling into instruction i is an edge of its own: into a loop, to an event.
 */
static bool
has_entry(const struct flow *f, uint32_t i)
{
    return f->loop_end[i] && (f->flags[i] & BYTECODE_EDGES_FALLS) &&
           !(f->flags[i] & BYTECODE_EDGES_QUIET_FALL);
}

static void
find_loops(struct flow *f)
{
    uint32_t i;

    for (i = 0; i < f->p->n; i++)
        f->loop_end[i] = 0;
    for (i = 0; i < f->p->n; i++)
        if (bytecode_spec_loops(f->p->ins[i].op))
            f->loop_end[f->p->ins[i].target] = i;
}

static void
join_outs(struct flow *f, uint32_t i)
{
    struct bytecode_edges_out outs[2];
    int k, n = bytecode_edges_outs(f->p, f->flags, i, outs);

    for (k = 0; k < n; k++) {
        uint32_t to = outs[k].to;

        if (!bytecode_edges_fires(f->p, f->flags, outs[k].way, i, to)) {
            join(f, behind(to), behind(i));
            if (to <= i) /* a loop that nobody counts */
                join(f, behind(i), outside(f));
        } else if (outs[k].way == BYTECODE_EDGES_FALL && has_entry(f, to))
            join(f, entry(to), behind(i));
        else
            join(f, before(to), behind(i));
    }
}

static void
join_vertices(struct flow *f)
{
    const struct bytecode_program *p = f->p;
    uint32_t i;

    for (i = 0; i < p->n; i++) {
        join_outs(f, i);
        if (is_end(f, i))
            join(f, behind(i), outside(f));
    }
    for (i = 0; i < p->n_ranges; i++) {
        join(f, before(p->ranges[i].handler), outside(f));
        join(f, behind(p->ranges[i].handler), outside(f));
    }
}

static bool
is_edge(const struct flow *f, uint32_t e)
{
    return e & 1 ? has_entry(f, e / 2) : f->flags[e / 2] & BYTECODE_EDGES_FIRES;
}

static uint32_t
start_of(const struct flow *f, uint32_t e)
{
    return find(f, e & 1 ? entry(e / 2) : before(e / 2));
}

static uint32_t
end_of(const struct flow *f, uint32_t e)
{
    return find(f, e & 1 ? before(e / 2) : behind(e / 2));
}

/* Lists the edges at each vertex. One that ends where it starts is in no list: it comes
 * in as often as it goes out, whatever that is. */
static void
link_edges(struct flow *f)
{
    uint32_t e, start, end;

    for (e = 0; e <= outside(f); e++)
        f->vertices[e].first_in = f->vertices[e].first_out = NONE;
    for (e = 0; e < 2 * f->p->n; e++) {
        if (!is_edge(f, e))
            continue;
        start = start_of(f, e);
        end = end_of(f, e);
        if (start == end) {
            f->vertices[start].loops = true;
            continue;
        }
        f->edges[e].next_out = f->vertices[start].first_out;
        f->vertices[start].first_out = e;
        f->edges[e].next_in = f->vertices[end].first_in;
        f->vertices[end].first_in = e;
    }
}

/* Goes from vertex to vertex, depth first and never through OUTSIDE; each way back to
 * one that is open closes a loop there. The queue is the stack; `told` is the edge to
 * follow next. */
static void
find_rounds(struct flow *f, uint32_t root)
{
    struct vertex *all = f->vertices, *v;
    uint32_t depth = 0, to;

    f->queue[depth++] = root;
    all[root].is_reached = all[root].is_open = true;
    all[root].told = all[root].first_out;
    while (depth) {
        v = &all[f->queue[depth - 1]];
        if (v->told == NONE) {
            v->is_open = false;
            depth--;
            continue;
        }
        to = end_of(f, v->told);
        v->told = f->edges[v->told].next_out;
        all[to].loops |= all[to].is_open;
        if (all[to].is_reached)
            continue;
        f->queue[depth++] = to;
        all[to].is_reached = all[to].is_open = true;
        all[to].told = all[to].first_out;
    }
}

/* Makes OUTSIDE of one vertex in each loop. */
static void
open_loops(struct flow *f)
{
    uint32_t v, out = find(f, outside(f)), e;

    link_edges(f);
    f->vertices[out].is_reached = true;
    for (e = f->vertices[out].first_out; e != NONE; e = f->edges[e].next_out)
        if (!f->vertices[end_of(f, e)].is_reached)
            find_rounds(f, end_of(f, e));
    for (v = 0; v <= outside(f); v++)
        if (find(f, v) == v && !f->vertices[v].is_reached)
            find_rounds(f, v);
    for (v = 0; v <= outside(f); v++) {
        f->vertices[v].is_reached = false;
        f->vertices[v].told = NONE;
    }
    for (v = 0; v <= outside(f); v++)
        if (f->vertices[v].loops)
            join(f, v, outside(f));
    link_edges(f);
}

static double
weight_in(int depth)
{
    return (double)(1u << 3 * (depth < DEPTH_MAX ? depth : DEPTH_MAX));
}

/* How often edges are taken, at a guess: half as often on each of two ways, eight times
 * as often in a loop. `share` is what arrives at each instruction, loops aside. */
static void
weigh(struct flow *f, double *share, uint32_t *n_ends)
{
    struct bytecode_edges_out outs[2];
    uint32_t i;
    int k, n, depth = 0;

    share[0] = 1;
    for (i = 0; i < f->p->n; i++) {
        n = bytecode_edges_outs(f->p, f->flags, i, outs);
        for (k = 0; k < n; k++)
            if (outs[k].to > i)
                share[outs[k].to] += share[i] / n;
        if (f->loop_end[i])
            n_ends[f->loop_end[i]]++;
    }
    for (i = 0; i < f->p->n; i++) {
        f->edges[entry_of(i)].weight = share[i] * weight_in(depth);
        depth += f->loop_end[i] != 0;
        f->edges[line_of(i)].weight = share[i] * weight_in(depth);
        depth -= (int)n_ends[i];
    }
}

static bool
weigh_edges(struct flow *f)
{
    double *share = calloc(f->p->n, sizeof(*share));
    uint32_t *n_ends = calloc(f->p->n, sizeof(*n_ends));
    bool ok = share && n_ends;

    if (ok)
        weigh(f, share, n_ends);
    free(share);
    free(n_ends);
    return ok || bytecode_program_no_memory(f->err);
}

/* The heaviest first. Of equals the last: the first one then has the probe, and a line
 * is counted early rather than late. */
static int
compare_weights(const void *a, const void *b)
{
    const struct edge *x = *(const struct edge *const *)a;
    const struct edge *y = *(const struct edge *const *)b;

    if (x->weight != y->weight)
        return x->weight > y->weight ? -1 : 1;
    return (y > x) - (y < x);
}

static void
add_edge(struct flow *f, uint32_t e)
{
    uint32_t a = find_tree(f, start_of(f, e)), b = find_tree(f, end_of(f, e));

    f->edges[e].in_tree = a != b;
    f->vertices[a].tree_up = b;
}

static bool
grow_tree(struct flow *f)
{
    struct edge **sorted = malloc(2 * (size_t)f->p->n * sizeof(struct edge *));
    uint32_t i, n = 0;

    if (!sorted)
        return bytecode_program_no_memory(f->err);
    for (i = 0; i < 2 * f->p->n; i++)
        if (is_edge(f, i))
            sorted[n++] = &f->edges[i];
    qsort(sorted, n, sizeof(*sorted), compare_weights);
    for (i = 0; i < n; i++)
        add_edge(f, (uint32_t)(sorted[i] - f->edges));
    free(sorted);
    return true;
}

/* Comes to a vertex on an edge of the tree, or to OUTSIDE on none. */
static void
reach(struct flow *f, uint32_t v, uint32_t e)
{
    if (f->vertices[v].is_reached)
        return;
    f->vertices[v].is_reached = true;
    f->vertices[v].told = e;
    f->queue[f->n_queue++] = v;
    if (e != NONE)
        f->edges[e].is_told = true;
}

/* Walks the tree from OUTSIDE; what is not part of it never runs. */
static void
walk_tree(struct flow *f)
{
    uint32_t k, e;

    reach(f, find(f, outside(f)), NONE);
    for (k = 0; k < f->n_queue; k++) {
        const struct vertex *v = &f->vertices[f->queue[k]];

        for (e = v->first_out; e != NONE; e = f->edges[e].next_out)
            if (f->edges[e].in_tree)
                reach(f, end_of(f, e), e);
        for (e = v->first_in; e != NONE; e = f->edges[e].next_in)
            if (f->edges[e].in_tree)
                reach(f, start_of(f, e), e);
    }
}

static bool
add_term(struct flow *f, uint32_t place, int sign)
{
    uint32_t cap = f->cap_terms ? 2 * f->cap_terms : 16;
    struct bytecode_term *more;

    if (f->n_terms == f->cap_terms) {
        more = realloc(f->terms, cap * sizeof(*more));
        if (!more)
            return bytecode_program_no_memory(f->err);
        f->terms = more;
        f->cap_terms = cap;
    }
    f->terms[f->n_terms++] = (struct bytecode_term){place, sign};
    return true;
}

/* A place of the edge's line, or of none, with the terms added so far. */
static bool
add_place(struct flow *f, uint32_t e, uint32_t *place)
{
    int line = e == NONE || e & 1 ? -1 : f->p->ins[e / 2].place.line;
    int id = f->job->place(f->job->arg, line, f->terms, f->n_terms);

    f->n_terms = 0;
    if (id < 0)
        return err_set(f->err, "line %d: its place was refused", line);
    *place = (uint32_t)id;
    return true;
}

static bool
add_counter(struct flow *f, uint32_t e)
{
    struct edge *edge = &f->edges[e];

    return edge->is_told || edge->place != NONE || add_place(f, e, &edge->place);
}

/* Gives a place to every edge whose probe tells others, and to exceptions. */
static bool
add_counters(struct flow *f, struct vertex *v)
{
    uint32_t e;

    for (e = v->first_in; e != NONE; e = f->edges[e].next_in)
        if (!add_counter(f, e))
            return false;
    for (e = v->first_out; e != NONE; e = f->edges[e].next_out)
        if (!add_counter(f, e))
            return false;
    return add_place(f, NONE, &v->left);
}

/* The sum for the edge that is told at the vertex: what goes out less what else comes
 * in, or the other way round. */
static bool
add_sum(struct flow *f, const struct vertex *v)
{
    uint32_t e, told = v->told;
    int sign = &f->vertices[end_of(f, told)] == v ? 1 : -1;
    bool ok = add_term(f, v->left, sign);

    for (e = v->first_out; ok && e != NONE; e = f->edges[e].next_out)
        ok = e == told || add_term(f, f->edges[e].place, sign);
    for (e = v->first_in; ok && e != NONE; e = f->edges[e].next_in)
        ok = e == told || add_term(f, f->edges[e].place, -sign);
    return ok && add_place(f, told, &f->edges[told].place);
}

/* From the leaves on, so that a sum is made of what is known by then. */
static bool
add_places(struct flow *f)
{
    uint32_t k;

    for (k = 1; k < f->n_queue; k++)
        if (!add_counters(f, &f->vertices[f->queue[k]]))
            return false;
    for (k = f->n_queue; --k > 0;)
        if (!add_sum(f, &f->vertices[f->queue[k]]))
            return false;
    return true;
}

static void
tell(struct flow *f, struct bytecode_flow *out)
{
    uint32_t i;

    for (i = 0; i < f->p->n; i++) {
        const struct edge *fall = &f->edges[entry_of(i)];
        bool fires = f->flags[i] & BYTECODE_EDGES_FIRES;

        out->line[i] = f->edges[line_of(i)].place;
        out->entry[i] = fall->is_told ? NONE : fall->place;
        out->left[i] = f->vertices[find(f, behind(i))].left;
        out->missed[i] = f->vertices[find(f, fires ? before(i) : behind(i))].left;
        if (f->edges[line_of(i)].is_told)
            f->flags[i] &= (uint8_t)~BYTECODE_EDGES_FIRES;
    }
}

static bool
find_flow(struct flow *f, struct bytecode_flow *out)
{
    uint32_t i;

    for (i = 0; i < 2 * f->p->n; i++)
        f->edges[i] = (struct edge){.place = NONE};
    for (i = 0; i <= outside(f); i++)
        f->vertices[i] =
            (struct vertex){.up = i, .tree_up = i, .told = NONE, .left = NONE};
    find_loops(f);
    join_vertices(f);
    open_loops(f);
    if (!weigh_edges(f) || !grow_tree(f))
        return false;
    walk_tree(f);
    if (!add_places(f))
        return false;
    tell(f, out);
    return true;
}

static bool
start(struct flow *f, struct bytecode_flow *out)
{
    size_t n = f->p->n, size = n * sizeof(uint32_t);

    *out =
        (struct bytecode_flow){malloc(size), malloc(size), malloc(size), malloc(size)};
    f->edges = malloc(2 * n * sizeof(*f->edges));
    f->vertices = malloc((3 * n + 1) * sizeof(*f->vertices));
    f->queue = malloc((3 * n + 1) * sizeof(*f->queue));
    f->loop_end = malloc(size);
    return (out->line && out->entry && out->left && out->missed && f->edges &&
            f->vertices && f->queue && f->loop_end) ||
           bytecode_program_no_memory(f->err);
}

bool
bytecode_flow_find(struct bytecode_flow *out, const struct bytecode_program *p,
                   uint8_t *flags, const struct bytecode_job *job, struct err *err)
{
    struct flow f = {.p = p, .flags = flags, .job = job, .err = err};
    bool ok = start(&f, out) && find_flow(&f, out);

    free(f.edges);
    free(f.vertices);
    free(f.queue);
    free(f.loop_end);
    free(f.terms);
    if (!ok)
        bytecode_flow_release(out);
    return ok;
}

void
bytecode_flow_release(struct bytecode_flow *f)
{
    free(f->line);
    free(f->entry);
    free(f->left);
    free(f->missed);
    *f = (struct bytecode_flow){NULL, NULL, NULL, NULL};
}

/* An update goes through the nodes twice. Forwards, it reads their counters and adds
 * them up for each code object. The cost of the probes is known for a code object, from
 * its hits and calls, not for each of its nodes, so each node bears its share of it by
 * self time. Backwards, children before parents, it adds totals up.
 *
 * What a node is does not change, so that is kept beside the sums, where the passes
 * find it without going through the whole record again. */
#include "report/totals.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

struct totals {
    const struct reader *reader;
    const struct spent *spent;

    uint32_t n_nodes;
    size_t cap;
    nodes_id *parents;
    codes_id *node_codes;
    uint64_t *calls;
    uint64_t *selves;
    uint64_t *sums;
    uint64_t *costs;  /* of the probes, summed up likewise */
    nodes_id *outers; /* the outermost node above with the same code, or itself */
    size_t parents_cap, node_codes_cap, calls_cap, selves_cap, sums_cap, costs_cap,
        outers_cap;

    uint32_t n_codes;
    size_t codes_cap, shares_cap, code_costs_cap;
    struct totals_code *codes;
    double *shares;       /* of the self time, what is not the probes' */
    uint64_t *code_costs; /* of the probes in its calls, recursion counted once */

    uint64_t all_ticks;   /* of functions: threads have some of their own, too */
    uint64_t fingerprint; /* of the numbers, to tell whether any changed */
};

struct totals *
totals_new(const struct reader *r, const struct spent *s)
{
    struct totals *t = XALLOC_NEW(struct totals);

    t->reader = r;
    t->spent = s;
    return t;
}

void
totals_free(struct totals *t)
{
    if (!t)
        return;
    free(t->parents);
    free(t->node_codes);
    free(t->calls);
    free(t->selves);
    free(t->sums);
    free(t->costs);
    free(t->outers);
    free(t->codes);
    free(t->shares);
    free(t->code_costs);
    free(t);
}

/* Goes from outermost to outermost: no code comes twice on that way, however deep the
 * recursion. */
static nodes_id
find_outer(const struct totals *t, nodes_id id, codes_id code)
{
    while (id != FORMAT_NONE) {
        id = t->outers[id];
        if (t->node_codes[id] == code)
            break;
        id = t->parents[id];
    }
    return id;
}

static void
take_node(struct totals *t, nodes_id id)
{
    const struct format_node *node = reader_node(t->reader, id);
    nodes_id parent = node ? node->parent : 0;
    codes_id code =
        node && reader_code(t->reader, node->code) ? node->code : FORMAT_NONE;

    /* A file from a stranger may say anything. */
    if (id == 0)
        parent = FORMAT_NONE;
    else if (parent >= id)
        parent = 0;
    t->parents[id] = parent;
    t->node_codes[id] = code;
    t->outers[id] = code == FORMAT_NONE ? FORMAT_NONE : find_outer(t, parent, code);
    if (t->outers[id] == FORMAT_NONE)
        t->outers[id] = id;
}

static void
take_new(struct totals *t)
{
    uint32_t n = reader_count(t->reader, FORMAT_NODES);

    t->parents = xalloc_grow(t->parents, &t->parents_cap, n, sizeof(*t->parents));
    t->node_codes =
        xalloc_grow(t->node_codes, &t->node_codes_cap, n, sizeof(*t->node_codes));
    t->calls = xalloc_grow(t->calls, &t->calls_cap, n, sizeof(*t->calls));
    t->selves = xalloc_grow(t->selves, &t->selves_cap, n, sizeof(*t->selves));
    t->sums = xalloc_grow(t->sums, &t->sums_cap, n, sizeof(*t->sums));
    t->costs = xalloc_grow(t->costs, &t->costs_cap, n, sizeof(*t->costs));
    t->outers = xalloc_grow(t->outers, &t->outers_cap, n, sizeof(*t->outers));
    while (t->n_nodes < n)
        take_node(t, t->n_nodes++);
    t->n_codes = reader_count(t->reader, FORMAT_CODES);
    t->codes = xalloc_grow(t->codes, &t->codes_cap, t->n_codes, sizeof(*t->codes));
    t->shares = xalloc_grow(t->shares, &t->shares_cap, t->n_codes, sizeof(*t->shares));
    t->code_costs = xalloc_grow(t->code_costs, &t->code_costs_cap, t->n_codes,
                                sizeof(*t->code_costs));
    memset(t->codes, 0, t->n_codes * sizeof(*t->codes));
    memset(t->code_costs, 0, t->n_codes * sizeof(*t->code_costs));
}

static void
read_nodes(struct totals *t)
{
    size_t size;
    const struct format_node *nodes = reader_bytes(t->reader, FORMAT_NODES, &size);

    for (nodes_id i = 0; i < t->n_nodes; i++) {
        const struct format_node *node = &nodes[i];
        codes_id code = t->node_codes[i];

        t->calls[i] = reader_load(&node->calls);
        t->selves[i] = reader_load(&node->self_ticks);
        if (code == FORMAT_NONE)
            continue;
        t->codes[code].calls += t->calls[i];
        t->codes[code].resumes += reader_load(&node->resumes);
        t->codes[code].raised += reader_load(&node->raised);
        t->codes[code].self_ticks += t->selves[i];
    }
}

static void
read_lines(struct totals *t)
{
    size_t size;
    const struct format_line *lines = reader_bytes(t->reader, FORMAT_LINES, &size);

    for (size_t i = 0; i < size / sizeof(*lines); i++)
        if (lines[i].code < t->n_codes)
            t->codes[lines[i].code].hits += reader_load(&lines[i].hits);
}

static void
find_shares(struct totals *t)
{
    for (codes_id i = 0; i < t->n_codes; i++) {
        struct totals_code *c = &t->codes[i];
        double cost = (double)c->hits * (double)t->spent->line_cost +
                      (double)(c->calls + c->resumes) * (double)t->spent->call_cost;
        double self = (double)c->self_ticks;

        t->shares[i] = self > cost ? (self - cost) / self : 0;
        c->self_ticks = 0;
    }
}

static void
add_up(struct totals *t)
{
    const struct spent *s = t->spent;

    for (nodes_id i = 0; i < t->n_nodes; i++) {
        codes_id code = t->node_codes[i];
        uint64_t raw = t->selves[i];

        if (code != FORMAT_NONE && s->line_cost + s->call_cost)
            t->selves[i] = (uint64_t)((double)raw * t->shares[code]);
        t->costs[i] = raw - t->selves[i];
    }
    for (size_t i = 0; i < s->n_open; i++)
        if (s->open[i].node < t->n_nodes)
            t->selves[s->open[i].node] += s->open[i].node_ticks;
    memcpy(t->sums, t->selves, t->n_nodes * sizeof(*t->sums));
    t->all_ticks = 0;
    for (nodes_id i = t->n_nodes; i-- > 0;) {
        codes_id code = t->node_codes[i];

        if (i > 0) {
            t->sums[t->parents[i]] += t->sums[i];
            t->costs[t->parents[i]] += t->costs[i];
        }
        if (code == FORMAT_NONE)
            continue;
        t->codes[code].self_ticks += t->selves[i];
        t->all_ticks += t->selves[i];
        if (t->outers[i] != i)
            continue;
        t->codes[code].total_ticks += t->sums[i];
        t->code_costs[code] += t->costs[i];
    }
}

static uint64_t
fingerprint(const struct totals *t)
{
    uint64_t h = t->n_nodes;

    for (codes_id i = 0; i < t->n_codes; i++) {
        const struct totals_code *c = &t->codes[i];

        h = (h ^ c->calls ^ c->resumes << 20 ^ c->hits << 32) * 0x9e3779b97f4a7c15u;
        h = (h ^ c->self_ticks ^ c->raised << 40) * 0x9e3779b97f4a7c15u;
    }
    return h ^ t->all_ticks;
}

bool
totals_update(struct totals *t)
{
    uint64_t before = t->fingerprint;

    take_new(t);
    read_nodes(t);
    read_lines(t);
    find_shares(t);
    add_up(t);
    t->fingerprint = fingerprint(t);
    return t->fingerprint != before;
}

uint32_t
totals_n_nodes(const struct totals *t)
{
    return t->n_nodes;
}

nodes_id
totals_parent(const struct totals *t, nodes_id id)
{
    return t->parents[id];
}

codes_id
totals_node_code(const struct totals *t, nodes_id id)
{
    return t->node_codes[id];
}

struct totals_node
totals_node(const struct totals *t, nodes_id id)
{
    return (struct totals_node){t->calls[id], t->selves[id], t->sums[id]};
}

const struct totals_code *
totals_code(const struct totals *t, codes_id id)
{
    static const struct totals_code nothing;

    return id < t->n_codes ? &t->codes[id] : &nothing;
}

double
totals_kept(const struct totals *t, codes_id id)
{
    double total = (double)totals_code(t, id)->total_ticks;
    double cost = id < t->n_codes ? (double)t->code_costs[id] : 0;

    return cost > 0 ? total / (total + cost) : 1;
}

uint64_t
totals_all_ticks(const struct totals *t)
{
    return t->all_ticks;
}

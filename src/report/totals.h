/* The sums behind the call tree and the table of functions: for each node its self and
 * total time, for each code object what its nodes and lines add up to. Nodes are taken
 * as they come; every update reads each counter once. Times are in ticks. */
#ifndef REPORT_TOTALS_H
#define REPORT_TOTALS_H

#include <stdbool.h>
#include <stdint.h>

#include "report/spent.h"
#include "session/reader.h"

struct totals;

struct totals_node {
    uint64_t calls;
    uint64_t self_ticks;
    uint64_t total_ticks; /* with everything called from it */
};

struct totals_code {
    uint64_t calls;
    uint64_t resumes;
    uint64_t raised;
    uint64_t hits; /* of its lines */
    uint64_t self_ticks;
    uint64_t total_ticks; /* recursion counted once */
};

/* `r` and `s` must outlive it. */
struct totals *totals_new(const struct reader *r, const struct spent *s);
void totals_free(struct totals *t);

/* After reader_refresh() and spent_update(). True if any number changed. */
bool totals_update(struct totals *t);

/* Nodes taken so far, and what is known about them; `id` must be below their number.
 * A parent always comes before its child here, whatever the file says: FORMAT_NONE for
 * node 0 only. */
uint32_t totals_n_nodes(const struct totals *t);
nodes_id totals_parent(const struct totals *t, nodes_id id);
codes_id totals_node_code(const struct totals *t, nodes_id id);
struct totals_node totals_node(const struct totals *t, nodes_id id);

/* The sums of a code object; zeros where there are none. Borrowed until the next
 * update. */
const struct totals_code *totals_code(const struct totals *t, codes_id id);

/* The part of a function's time, with all it called, that is not the probes': from 0 to
 * 1. */
double totals_kept(const struct totals *t, codes_id id);

/* Self time of all functions. */
uint64_t totals_all_ticks(const struct totals *t);

#endif

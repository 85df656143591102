/* Time spent, in ticks of the session: what the runner has booked on lines and nodes,
 * and what it will book on those that run just now. Update once a frame, before the
 * tables that are made from it. */
#ifndef REPORT_SPENT_H
#define REPORT_SPENT_H

#include <stddef.h>
#include <stdint.h>

#include "session/reader.h"

enum spent_flag {
    SPENT_RAW = 1, /* leave the probes' own cost in */
};

struct spent_open { /* a thread that runs, and what it has not booked yet */
    nodes_id node;
    lines_id line;
    uint64_t node_ticks;
    uint64_t line_ticks;
};

struct spent {
    const struct reader *reader;
    unsigned flags;
    uint64_t line_cost; /* what a line probe takes; 0 with SPENT_RAW */
    uint64_t call_cost;
    struct spent_open *open;
    size_t n_open;
    size_t cap;
};

void spent_init(struct spent *s, const struct reader *r);
void spent_release(struct spent *s);

/* Looks where the threads are. `flags`: enum spent_flag. */
void spent_update(struct spent *s, unsigned flags);

/* Self time of a line, less the cost of its probe and of those around its calls. `line`
 * is the record with that id.
 */
uint64_t spent_line(const struct spent *s, lines_id id, const struct format_line *line);

#endif

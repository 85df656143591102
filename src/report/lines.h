/* The hottest lines: the few that took the most time, or ran the most. */
#ifndef REPORT_LINES_H
#define REPORT_LINES_H

#include <stddef.h>
#include <stdint.h>

#include "report/spent.h"
#include "session/reader.h"

#define LINES_MAX 500 /* rows of the table: nobody scrolls further */

enum lines_order { LINES_BY_SELF, LINES_BY_HITS, LINES_N_ORDERS };

struct lines_row {
    lines_id line;
    uint64_t hits;
    uint64_t self_ticks;
};

struct lines {
    struct lines_row rows[LINES_MAX]; /* best first */
    size_t n;
    uint64_t all_ticks; /* self time of all lines of the session, */
    uint64_t all_hits;  /* and their hits */
    uint64_t n_run;     /* lines that ran */
};

/* Without times, hits decide. */
void lines_build(struct lines *l, const struct reader *r, const struct spent *s,
                 enum lines_order order);

#endif

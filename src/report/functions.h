/* The table of functions: one row for each code object that ran. */
#ifndef REPORT_FUNCTIONS_H
#define REPORT_FUNCTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "report/percentiles.h"
#include "report/totals.h"
#include "session/reader.h"

enum functions_order {
    FUNCTIONS_BY_SELF,
    FUNCTIONS_BY_TOTAL,
    FUNCTIONS_BY_CALLS,
    FUNCTIONS_BY_LONGEST, /* call */
    FUNCTIONS_BY_NAME,
    FUNCTIONS_N_ORDERS
};

struct functions {
    codes_id *rows; /* in order */
    size_t n;
    size_t cap;
};

/* Zeroed memory is an empty table. */
void functions_release(struct functions *f);

/* What a table is made from: all of the same moment. */
struct functions_source {
    const struct reader *reader;
    const struct totals *totals;
    const struct percentiles *percentiles;
};

/* Takes all code objects that ran, best first; what is equal stands in the order it was
 * loaded. Without times, hits stand in for self time. */
void functions_build(struct functions *f, const struct functions_source *from,
                     enum functions_order order);

#endif

/* How long the calls of a function took, from the session's histograms: the shortest,
 * the longest, and what a share of them stayed below. In ticks. */
#ifndef REPORT_PERCENTILES_H
#define REPORT_PERCENTILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "report/totals.h"
#include "session/reader.h"

struct percentiles {
    uint32_t *timings; /* by code: id of its record + 1; 0: no call of it has ended */
    size_t cap;
    uint32_t n_codes;
    uint32_t n_timings; /* taken so far */
};

struct percentiles_row {
    uint64_t calls; /* that have ended */
    uint64_t min_ticks;
    uint64_t p50_ticks;
    uint64_t p95_ticks;
    uint64_t p99_ticks;
    uint64_t max_ticks;
};

/* Zeroed memory has none. */
void percentiles_release(struct percentiles *p);

/* After reader_refresh(). */
void percentiles_update(struct percentiles *p, const struct reader *r);

/* The row of a function, less what the probes in these calls took; within 6 % between
 * min and max. False: no call of it has ended. */
bool percentiles_get(const struct percentiles *p, const struct reader *r,
                     const struct totals *t, codes_id code,
                     struct percentiles_row *out);

/* Its max_ticks alone, without a look at all of the histogram. 0: no call has ended. */
uint64_t percentiles_longest(const struct percentiles *p, const struct reader *r,
                             const struct totals *t, codes_id code);

#endif

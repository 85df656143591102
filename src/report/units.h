/* Numbers for people: times in the one unit that suits a column, counts that fit into
 * it, shares. All append plain text. */
#ifndef REPORT_UNITS_H
#define REPORT_UNITS_H

#include <stdint.h>

#include "base/buf.h"

/* The widest that units_time() and units_share() write. */
#define UNITS_TIME_COLS 9
#define UNITS_SHARE_COLS 5

/* The unit of a column, and its decimals. Zeroed memory is the finest. */
struct units_scale {
    uint8_t unit;
    uint8_t decimals;
};

/* The scale for a column whose largest time is `max_ns`: "812.0 us", "0.31 ms",
 * "12.40 s", "2.5 h". */
struct units_scale units_scale(uint64_t max_ns);

/* A time in a scale: "0.31 ms". In its own, finer one where it would be shown as zero
 * and is not. */
void units_time(struct buf *out, struct units_scale scale, uint64_t ns);

/* A time that stands alone. */
void units_time_alone(struct buf *out, uint64_t ns);

/* A count in at most `cols` (>= 6) columns: exact where it fits, else "12.3 M". */
void units_count(struct buf *out, uint64_t n, int cols);

/* "66 %", "100 %", "<1 %" for what is not nothing, "0 %". */
void units_share(struct buf *out, uint64_t part, uint64_t whole);

#endif

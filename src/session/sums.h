/* The hits of lines that follow from counters elsewhere (format.h, struct
 * format_place).
 */
#ifndef SESSION_SUMS_H
#define SESSION_SUMS_H

#include <stdint.h>

#include "session/format.h"

struct sums {
    const struct format_place *places;
    uint32_t n_places;
    const struct format_term *terms;
    uint32_t n_terms;
};

/* Adds the value of each place to its line. Nothing in the records is believed: terms
 * that name no earlier place, places that name no line, and values below zero, which
 * can be seen while the program counts, add nothing. */
void sums_add(const struct sums *s, struct format_line *lines, uint32_t n_lines);

#endif

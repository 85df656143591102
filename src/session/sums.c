#include "session/sums.h"

#include <stdlib.h>

#include "base/xalloc.h"

/* Values are modulo 2^64 on the way: a damaged file can have any. */
static uint64_t
value_of(const struct sums *s, const uint64_t *values, places_id place,
         uint32_t first_term)
{
    uint64_t value = atomic_load_explicit(&s->places[place].hits, memory_order_relaxed);

    for (uint32_t i = 0; i < s->places[place].n_terms; i++) {
        const struct format_term *term = &s->terms[first_term + i];

        if (term->place < place)
            value += term->sign < 0 ? 0 - values[term->place] : values[term->place];
    }
    return value;
}

void
sums_add(const struct sums *s, struct format_line *lines, uint32_t n_lines)
{
    uint64_t *values = xalloc_array(s->n_places, sizeof(*values));
    uint32_t first_term = 0;

    for (places_id i = 0; i < s->n_places; i++) {
        const struct format_place *place = &s->places[i];

        if (place->n_terms > s->n_terms - first_term)
            break;
        values[i] = value_of(s, values, i, first_term);
        first_term += place->n_terms;
        if (place->line < n_lines && values[i] <= INT64_MAX)
            format_add(&lines[place->line].hits, values[i]);
    }
    free(values);
}

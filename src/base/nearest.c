#include "base/nearest.h"

#include <string.h>

#define LEN_MAX 40u
#define CLOSE 2u

static unsigned
least(unsigned a, unsigned b, unsigned c)
{
    unsigned d = a < b ? a : b;

    return d < c ? d : c;
}

/* The number of slips between two words (optimal string alignment): rows[2] is the row
 * at work, rows[1] and rows[0] are the ones above it. */
static unsigned
count_slips(const char *a, size_t a_len, const char *b, size_t b_len)
{
    unsigned rows[3][LEN_MAX + 1];

    for (unsigned j = 0; j <= b_len; j++)
        rows[2][j] = j;
    for (unsigned i = 1; i <= a_len; i++) {
        memcpy(rows[0], rows[1], sizeof(rows[0]));
        memcpy(rows[1], rows[2], sizeof(rows[1]));
        rows[2][0] = i;
        for (unsigned j = 1; j <= b_len; j++) {
            unsigned changed = rows[1][j - 1] + (a[i - 1] != b[j - 1]);

            rows[2][j] = least(rows[1][j] + 1, rows[2][j - 1] + 1, changed);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                rows[0][j - 2] + 1 < rows[2][j])
                rows[2][j] = rows[0][j - 2] + 1;
        }
    }
    return rows[2][b_len];
}

void
nearest_try(struct nearest *n, const char *candidate)
{
    size_t typed_len = strlen(n->typed);
    size_t len = strlen(candidate);
    unsigned slips;

    if (typed_len > LEN_MAX || len > LEN_MAX)
        return;
    slips = count_slips(n->typed, typed_len, candidate, len);
    /* A word of which nothing would be left is not close to anything. */
    if (slips > CLOSE || slips >= typed_len || slips >= len)
        return;
    if (!n->best || slips < n->distance) {
        n->best = candidate;
        n->distance = slips;
    }
}

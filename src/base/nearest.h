/* The word that a mistyped one was probably meant to be. */
#ifndef BASE_NEAREST_H
#define BASE_NEAREST_H

struct nearest {
    const char *typed;
    const char *best; /* NULL until a candidate is close enough */
    unsigned distance;
};

/* Compares one candidate (borrowed); the first of the closest ones stays. Close are two
 * slips at most: a letter too many, too few, wrong, or swapped with its neighbour. */
void nearest_try(struct nearest *n, const char *candidate);

#endif

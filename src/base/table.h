/* Finds a number again by its key. Memory comes from malloc() and may run out. */
#ifndef BASE_TABLE_H
#define BASE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct table_slot {
    uint64_t key;
    uint32_t number; /* 0: free */
};

struct table { /* zeroed memory is an empty one */
    struct table_slot *slots;
    size_t size; /* a power of two, or 0 */
    size_t n_keys;
};

void table_release(struct table *t);

/* The number of a key; 0: there is none. */
uint32_t table_get(const struct table *t, uint64_t key);

/* Makes room for one key more, so that the next table_set() cannot fail. */
bool table_reserve(struct table *t);

/* Gives a key its number, which is not 0, in the place of one that it had. Only after
 * table_reserve(). */
void table_set(struct table *t, uint64_t key, uint32_t number);

static inline uint64_t
table_pair(uint32_t a, uint32_t b)
{
    return (uint64_t)a << 32 | b;
}

#endif

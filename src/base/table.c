#include "base/table.h"

#include <stdlib.h>

/* Open addressing, at most half full. */

enum { FIRST = 64 };

void
table_release(struct table *t)
{
    free(t->slots);
    *t = (struct table){0};
}

/* The slot of the key, or the free one where it belongs. */
static struct table_slot *
find(const struct table *t, uint64_t key)
{
    size_t mask = t->size - 1;
    size_t i = key * 0x9e3779b97f4a7c15u >> 32 & mask; /* 2^64 by the golden ratio */

    while (t->slots[i].number && t->slots[i].key != key)
        i = (i + 1) & mask;
    return &t->slots[i];
}

uint32_t
table_get(const struct table *t, uint64_t key)
{
    return t->size ? find(t, key)->number : 0;
}

bool
table_reserve(struct table *t)
{
    struct table new = {.size = t->size ? t->size * 2 : FIRST, .n_keys = t->n_keys};

    if (t->n_keys * 2 < t->size)
        return true;
    new.slots = calloc(new.size, sizeof(*new.slots));
    if (!new.slots)
        return false;
    for (size_t i = 0; i < t->size; i++)
        if (t->slots[i].number)
            *find(&new, t->slots[i].key) = t->slots[i];
    free(t->slots);
    *t = new;
    return true;
}

void
table_set(struct table *t, uint64_t key, uint32_t number)
{
    struct table_slot *slot = find(t, key);

    t->n_keys += !slot->number;
    *slot = (struct table_slot){key, number};
}

#include "runner/suspended.h"

#include <stddef.h>
#include <stdlib.h>

/* Open addressing, at most half full. A slot that is taken out is filled from the run
 * of slots behind it, so that a search ends at the first free one. */

enum { FIRST = 64 };

static struct suspended *table;
static size_t size; /* a power of two, or 0 */
static size_t n_kept;

static size_t
home_of(const void *frame)
{
    return (size_t)(((uint64_t)(uintptr_t)frame >> 4) * 0x9e3779b97f4a7c15u >> 32) &
           (size - 1);
}

/* The slot of the frame, or the free one where it belongs. */
static size_t
find(const void *frame)
{
    size_t i = home_of(frame);

    while (table[i].frame && table[i].frame != frame)
        i = (i + 1) & (size - 1);
    return i;
}

static bool
grow(void)
{
    struct suspended *old = table;
    size_t old_size = size;
    struct suspended *new = calloc(size ? size * 2 : FIRST, sizeof(*new));

    if (!new)
        return false;
    table = new;
    size = size ? size * 2 : FIRST;
    for (size_t i = 0; i < old_size; i++)
        if (old[i].frame)
            table[find(old[i].frame)] = old[i];
    free(old);
    return true;
}

void
suspended_put(const struct suspended *s)
{
    size_t i;

    if (n_kept * 2 >= size && !grow())
        return;
    i = find(s->frame);
    n_kept += !table[i].frame;
    table[i] = *s;
}

static void
take_out(size_t free_slot)
{
    size_t i = free_slot;

    for (;;) {
        i = (i + 1) & (size - 1);
        if (!table[i].frame)
            break;
        /* It may move up unless its home lies behind the free slot. */
        if (((i - home_of(table[i].frame)) & (size - 1)) <
            ((i - free_slot) & (size - 1)))
            continue;
        table[free_slot] = table[i];
        free_slot = i;
    }
    table[free_slot].frame = NULL;
    n_kept--;
}

bool
suspended_take(const void *frame, codes_id code, struct suspended *out)
{
    size_t i;

    if (!n_kept)
        return false;
    i = find(frame);
    if (!table[i].frame)
        return false;
    *out = table[i];
    take_out(i);
    return out->code == code;
}

void
suspended_each(void (*each)(struct suspended *s, void *arg), void *arg)
{
    for (size_t i = 0; i < size; i++)
        if (table[i].frame)
            each(&table[i], arg);
}

void
suspended_forget(void)
{
    free(table);
    table = NULL;
    size = n_kept = 0;
}

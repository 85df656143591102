#include "runner/bytecode_places.h"

#include <stdlib.h>

#include "runner/bytecode_spec.h"

/* The first unit of each instruction of the code as it was read; copies that were added
 * behind it have the `origin` of an earlier one. NULL: no memory. */
static uint32_t *
find_units(const struct bytecode_program *old)
{
    uint32_t *units = malloc((old->n + 1) * sizeof(*units));

    if (!units)
        return NULL;
    units[0] = 0;
    for (uint32_t i = 0; i < old->n; i++)
        units[i + 1] = units[i] + old->ins[i].n_prefixes + 1u +
                       bytecode_spec_ops[old->ins[i].op].n_caches;
    return units;
}

/* Instructions are laid over one another at the unit of the opcode: what stands in
 * front of it are prefixes, of which the new code may have another number. */
static void
note(uint32_t *at, uint32_t n_prefixes, uint32_t n_units, uint32_t first,
     const struct bytecode_program_ins *ins)
{
    for (uint32_t k = 0; k < n_units; k++) {
        int64_t old = (int64_t)first + ins->n_prefixes + k - n_prefixes;

        if (ins->is_added)
            at[k] = first | BYTECODE_PLACES_ADDED;
        else
            at[k] = old < first ? first : (uint32_t)old;
    }
}

bool
bytecode_places_find(struct bytecode_places *out, const struct bytecode_program *old,
                     const struct bytecode_program *new, struct bytecode_bytes code)
{
    uint32_t *units = find_units(old), unit = 0, n_prefixes, n_units;
    uint32_t tail = out->tail;

    *out = (struct bytecode_places){calloc(code.len / 2 + 1, sizeof(*out->old)),
                                    (uint32_t)(code.len / 2), (uint32_t)(code.len / 2)};
    for (uint32_t i = 0; out->old && units && i < new->n; i++) {
        if (i == tail)
            out->tail = unit;
        n_prefixes = 0;
        while (code.data[2 * (unit + n_prefixes)] == bytecode_spec.prefix)
            n_prefixes++;
        n_units = n_prefixes + 1 + bytecode_spec_ops[new->ins[i].op].n_caches;
        note(&out->old[unit], n_prefixes, n_units, units[new->ins[i].origin],
             &new->ins[i]);
        unit += n_units;
    }
    if (!units)
        bytecode_places_release(out);
    free(units);
    return out->old != NULL;
}

void
bytecode_places_release(struct bytecode_places *p)
{
    free(p->old);
    *p = (struct bytecode_places){0};
}

uint32_t
bytecode_places_old(const struct bytecode_places *p, uint32_t unit)
{
    return unit < p->n ? p->old[unit] & ~BYTECODE_PLACES_ADDED : unit - p->n;
}

uint32_t
bytecode_places_new(const struct bytecode_places *p, uint32_t unit)
{
    for (uint32_t i = 0; i < p->n; i++)
        if (p->old[i] == unit)
            return i;
    return p->n + unit;
}

bool
bytecode_places_is_added(const struct bytecode_places *p, uint32_t unit)
{
    return unit < p->n && p->old[unit] & BYTECODE_PLACES_ADDED;
}

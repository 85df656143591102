/* Where an instruction of rewritten code stood in the code that it was made from: what
 * is counted in units of the one (f_lasti, tb_lasti) can be said in units of the other.
 */
#ifndef RUNNER_BYTECODE_PLACES_H
#define RUNNER_BYTECODE_PLACES_H

#include <stdbool.h>
#include <stdint.h>

#include "runner/bytecode_program.h"

/* For each unit of the new code the unit of the old one, */
struct bytecode_places {
    uint32_t *old;
    uint32_t n;
    uint32_t
        tail; /* from this unit on, it is where exceptions go that leave the frame */
};

/* with this bit where it was added. A probe has the unit where the instruction begins
 * that it stands for, as far as who traces the program can tell. */
#define BYTECODE_PLACES_ADDED (1u << 31)

/* `code` are the bytes of `new`, whose instructions know by `origin` which one of `old`
 * they come from; out->tail is an instruction, and becomes a unit. `out` is the
 * caller's to release. False: no memory. */
bool bytecode_places_find(struct bytecode_places *out,
                          const struct bytecode_program *old,
                          const struct bytecode_program *new,
                          struct bytecode_bytes code);
void bytecode_places_release(struct bytecode_places *p);

/* The old unit of a new one, BYTECODE_PLACES_ADDED taken off; and the other way, to a
 * unit that was not added. A unit that does not exist gets one behind the new code, so
 * that it comes back as it was. */
uint32_t bytecode_places_old(const struct bytecode_places *p, uint32_t unit);
uint32_t bytecode_places_new(const struct bytecode_places *p, uint32_t unit);

/* Whether the unit belongs to what was added. */
bool bytecode_places_is_added(const struct bytecode_places *p, uint32_t unit);

#endif

/* The ways of exceptions past counters: where lines follow from one another, an
 * exception that leaves one early must be counted. */
#ifndef RUNNER_BYTECODE_EXITS_H
#define RUNNER_BYTECODE_EXITS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "runner/bytecode_flow.h"
#include "runner/bytecode_program.h"

/* Exceptions come from items: item 2i is instruction i, item 2i+1 the room behind it,
 * in front of the next one, where what only falls in is counted. */
struct bytecode_exits_exit {
    uint32_t left; /* the place that it counts */
    uint32_t from; /* an instruction whose exceptions take it */
    uint32_t next; /* to the same handler, or BYTECODE_PROGRAM_NONE */
    uint32_t at;   /* where it is in the new code; the caller's */
    bool fires;    /* whether a line event fires at the handler then */
};

/* Zeroed memory is one without exits. */
struct bytecode_exits {
    struct bytecode_exits_exit *all;
    uint32_t n;
    uint32_t *of;    /* per item; BYTECODE_PROGRAM_NONE for none */
    uint32_t *first; /* per handler, and for none at all at the program's n */
    bool *has_room;  /* per instruction: whether there must be a unit in the room, under
                        which exceptions on the way back to the next one are looked up */
};

/* False: no memory. */
bool bytecode_exits_find(struct bytecode_exits *x, const struct bytecode_program *p,
                         const uint8_t *flags, const struct bytecode_flow *flow,
                         struct err *err);
void bytecode_exits_release(struct bytecode_exits *x);

/* The exit of an item, or NULL. */
struct bytecode_exits_exit *bytecode_exits_get(const struct bytecode_exits *x,
                                               uint32_t item);

#endif

/* Where line events fire: a property of the ways from one instruction to another. */
#ifndef RUNNER_BYTECODE_EDGES_H
#define RUNNER_BYTECODE_EDGES_H

#include <stdbool.h>
#include <stdint.h>

#include "runner/bytecode_program.h"

/* What is known about the ways to an instruction. */
enum bytecode_edges_flag {
    BYTECODE_EDGES_FIRES = 1,        /* a line event fires on some of them */
    BYTECODE_EDGES_FALLS = 2,        /* the instruction before may go on to it */
    BYTECODE_EDGES_QUIET_FALL = 4,   /* and no event fires then */
    BYTECODE_EDGES_JUMPED = 8,       /* jumps lead to it */
    BYTECODE_EDGES_HANDLES = 16,     /* exceptions lead to it */
    BYTECODE_EDGES_QUIET_RAISE = 32, /* and for some no event fires */
    BYTECODE_EDGES_MARKED = 64,      /* BY_MARK: an event may fire at all */
    BYTECODE_EDGES_SKIPPED = 128,    /* where an iteration ends: it never runs */
};

/* An array of flags for the instructions, malloc's; NULL where there is no memory. */
uint8_t *bytecode_edges_find(const struct bytecode_program *p);

/* Whether an event fires when instruction `from` jumps to `to`, goes on to it, or
 * raises an exception that `to` handles. */
enum bytecode_edges_way {
    BYTECODE_EDGES_JUMP,
    BYTECODE_EDGES_FALL,
    BYTECODE_EDGES_RAISE
};
bool bytecode_edges_fires(const struct bytecode_program *p, const uint8_t *flags,
                          enum bytecode_edges_way way, uint32_t from, uint32_t to);

/* The ways out of instruction `from` but for exceptions, at most two; returns their
 * number. */
struct bytecode_edges_out {
    uint32_t to;
    enum bytecode_edges_way way;
};
int bytecode_edges_outs(const struct bytecode_program *p, const uint8_t *flags,
                        uint32_t from, struct bytecode_edges_out outs[2]);

/* Whether 3.11's throw() may go on behind instruction i, which never does so itself:
 * the jump back to a SEND stands before the place where that SEND ends. */
bool bytecode_edges_throw_falls(const struct bytecode_program *p, uint32_t i);

#endif

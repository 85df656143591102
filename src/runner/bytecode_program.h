/* A code object taken apart: instructions without prefixes and caches, and jumps,
 * handlers and ranges that name instructions by index. The rewriter works on this form;
 * reading checks all that it relies on, writing finds the shortest prefixes again. */
#ifndef RUNNER_BYTECODE_PROGRAM_H
#define RUNNER_BYTECODE_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "runner/bytecode.h"
#include "runner/bytecode_tables.h"

#define BYTECODE_PROGRAM_NONE UINT32_MAX

struct bytecode_program_ins {
    struct bytecode_tables_place place;
    uint32_t arg;    /* of a jump: not kept, see target */
    uint32_t target; /* BYTECODE_PROGRAM_NONE where it does not jump */
    uint32_t origin; /* where it stood in the code: for ways that lead backwards, and
                        for bytecode_places.h */
    /* The line that the interpreter takes for the last one when a handler starts after
     * an exception here. It is place.line, but for a RERAISE that brings the place of
     * the first raise along. */
    int raise_line;
    uint8_t op;
    uint8_t n_prefixes; /* as it was read */
    bool is_added;      /* of a probe; `origin` is the one that it stands for */
    bool joins;         /* shares an entry of the location table with the next one */
    uint8_t label;      /* what `target` means while the program is being made */
};

struct bytecode_program_range {
    uint32_t first, end, handler; /* instructions */
    uint32_t depth;
    bool lasti;
};

struct bytecode_program {
    struct bytecode_program_ins *ins;
    uint32_t n, cap;
    struct bytecode_program_range *ranges; /* rising, never overlapping */
    uint32_t n_ranges, cap_ranges;
    uint32_t start; /* the first RESUME */
    int first_line, stack_size;
    bool suspends;
};

/* False: what is not understood, or no memory; nothing is kept then. */
bool bytecode_program_read(struct bytecode_program *p, const struct bytecode_code *code,
                           struct err *err);

/* Makes the bytes. All targets must be set, jumps must lead the way their opcode goes.
 */
bool bytecode_program_write(const struct bytecode_program *p, struct bytecode_code *out,
                            struct err *err);

void bytecode_program_release(struct bytecode_program *p);

/* Appends and returns the new item, or NULL where there is no memory. It stays where it
 * is until the next one is added. */
struct bytecode_program_ins *
bytecode_program_add(struct bytecode_program *p,
                     const struct bytecode_program_ins *ins);
struct bytecode_program_range *
bytecode_program_add_range(struct bytecode_program *p,
                           const struct bytecode_program_range *range);

bool bytecode_program_no_memory(struct err *err); /* says so; returns false */

#endif

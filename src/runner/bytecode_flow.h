/* Which line probes can be left out when only counts are wanted, because the counts of
 * others tell theirs. */
#ifndef RUNNER_BYTECODE_FLOW_H
#define RUNNER_BYTECODE_FLOW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "runner/bytecode.h"
#include "runner/bytecode_program.h"

/* Zeroed memory is one that says nothing. Per instruction, places of the job, or
 * BYTECODE_PROGRAM_NONE for none: */
struct bytecode_flow {
    uint32_t *line;   /* what its line probe counts, instead of the line */
    uint32_t *entry;  /* what a probe counts that only falling in passes */
    uint32_t *left;   /* what counts the exceptions it raises, */
    uint32_t *missed; /* and those raised on the way back to it */
};

/* Asks `job` for places. Takes BYTECODE_EDGES_FIRES from the flags of instructions that
 * need no line probe. False: no memory, or a place was refused; `err` says it. */
bool bytecode_flow_find(struct bytecode_flow *f, const struct bytecode_program *p,
                        uint8_t *flags, const struct bytecode_job *job,
                        struct err *err);
void bytecode_flow_release(struct bytecode_flow *f);

#endif

/* What depends on the version of CPython: its instructions, what is special about each,
 * how a probe is spelt, and which rule line events follow. All other files of the
 * rewriter ask here and name no instruction themselves. */
#ifndef RUNNER_BYTECODE_SPEC_H
#define RUNNER_BYTECODE_SPEC_H

#include <stdbool.h>
#include <stdint.h>

enum bytecode_spec_trait { /* bits */
                           BYTECODE_SPEC_KNOWN = 1 << 0,
                           BYTECODE_SPEC_JUMPS =
                               1
                               << 1, /* may go to its target; the argument is the way */
                           BYTECODE_SPEC_BACK = 1 << 2, /* that way leads backwards */
                           BYTECODE_SPEC_ENDS =
                               1 << 3, /* never goes on to the instruction behind it */
                           BYTECODE_SPEC_MUTE = 1 << 4, /* cannot raise an exception */
                           BYTECODE_SPEC_RETURNS = 1
                                                   << 5, /* leaves the frame for good */
                           BYTECODE_SPEC_YIELDS = 1 << 6, /* suspends the frame */
                           BYTECODE_SPEC_RESUMES =
                               1 << 7, /* first of a frame, or behind a suspension */
                           BYTECODE_SPEC_SENDS = 1 << 8, /* runs what is awaited; its
                                                            target is the end of it */
                           BYTECODE_SPEC_RERAISES = 1
                                                    << 9, /* with the place of the first
                                                             raise, if argument */
                           BYTECODE_SPEC_CATCHES =
                               1 << 10, /* begins a handler that may go on normally */
                           BYTECODE_SPEC_PUSHES = 1 << 11, /* such a handler, and makes
                                                              its exception current */
                           BYTECODE_SPEC_ITERATES =
                               1 << 12, /* its jump skips the loop_end */
                           BYTECODE_SPEC_GLUED = 1 << 13, /* nothing may come between
                                                             the one before and it */
                           BYTECODE_SPEC_LINELESS =
                               1 << 14, /* BY_MARK: begins no line, whatever its own */
                           BYTECODE_SPEC_PREFIX =
                               1
                               << 15, /* higher bits for the argument of the next one */
                           BYTECODE_SPEC_CALLS =
                               1 << 16, /* other code may run, for as long as it likes;
                                           operators and attributes do not count */
                           BYTECODE_SPEC_ENTERS =
                               1 << 17, /* it may do so in a frame that the evaluator
                                           goes on with by itself */
};

struct bytecode_spec_op {
    uint32_t traits;
    uint8_t n_caches; /* units behind the instruction that belong to it */
};

enum bytecode_spec_rule {
    BYTECODE_SPEC_BY_EDGE, /* 3.11: the line changes, or the way goes backwards */
    BYTECODE_SPEC_BY_MARK, /* 3.12: the same, but only at places marked beforehand */
};

struct bytecode_spec {
    bool is_known; /* the other fields mean something */
    uint8_t prefix, nop, load_const, reraise, pop_except, check_match, jump_forward,
        jump_back;
    /* A probe is LOAD_CONST and these; the first may be a jump to what is behind it. */
    uint8_t probe[2];
    uint8_t n_probe;
    enum bytecode_spec_rule rule;
    /* 3.11: throw(), when what is awaited ended, takes the unit before the suspension
     * for the SEND, and goes on from the unit before its target. */
    bool throw_reads_send;
    /* 3.13: an exception thrown in comes from the RESUME behind the suspension, and
     * lines always fire there. */
    bool throws_at_resume;
    /* 3.13: an exception out of a frame that an instruction ENTERS is looked up in the
     * exception table under the unit before that instruction. */
    bool enters_from_before;
    /* 3.11, 3.12: what is raised on the way back in a loop is looked up under the unit
     * before the loop. */
    bool loops_from_before;
    /* What must be at the target of an iteration, which skips it blindly. */
    uint8_t loop_end[2];
    uint8_t n_loop_end;
};

extern const struct bytecode_spec bytecode_spec;
extern const struct bytecode_spec_op bytecode_spec_ops[256];

static inline bool
bytecode_spec_is(uint8_t op, unsigned traits)
{
    return (bytecode_spec_ops[op].traits & traits) != 0;
}

/* Whether it is the way back in a loop: signals are handled there, and other threads
 * get their turn. */
static inline bool
bytecode_spec_loops(uint8_t op)
{
    return bytecode_spec_is(op, BYTECODE_SPEC_BACK) && op != bytecode_spec.jump_back;
}

/* By how much the instruction changes the depth of the stack when it jumps or does not,
 * or BYTECODE_SPEC_NO_EFFECT when that cannot be said. */
#define BYTECODE_SPEC_NO_EFFECT INT32_MIN
int bytecode_spec_effect(uint8_t op, uint32_t arg, bool jumps);

#endif

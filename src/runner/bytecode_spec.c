#include "runner/py.h"

#include "runner/bytecode_spec.h"

/* Newer and older versions than these have no table, and nothing is rewritten on them.
 */
#if PY_VERSION_HEX >= 0x030b0000 && PY_VERSION_HEX < 0x030e0000

/* Three columns where the versions differ: 3.11, 3.12, 3.13. */
#if PY_VERSION_HEX < 0x030c0000
#define PICK(v311, v312, v313) (v311)
#elif PY_VERSION_HEX < 0x030d0000
#define PICK(v311, v312, v313) (v312)
#else
#define PICK(v311, v312, v313) (v313)
#endif

/* A row: the instruction, its traits, its caches. One that this version does not have
 * is left out by the #ifdef around it; one that has no row at all is refused. */
#define ROW(op, traits, caches) \
    [op] = {(uint16_t)(BYTECODE_SPEC_KNOWN | (traits)), (caches)}

enum { /* short names for the rows */
       JUMPS = BYTECODE_SPEC_JUMPS,
       BACK = BYTECODE_SPEC_JUMPS | BYTECODE_SPEC_BACK,
       ENDS = BYTECODE_SPEC_ENDS,
       MUTE = BYTECODE_SPEC_MUTE,
       RETURNS = BYTECODE_SPEC_RETURNS | BYTECODE_SPEC_ENDS | BYTECODE_SPEC_MUTE,
       YIELDS = BYTECODE_SPEC_YIELDS,
       RESUMES = BYTECODE_SPEC_RESUMES | BYTECODE_SPEC_LINELESS,
       SENDS = BYTECODE_SPEC_SENDS | BYTECODE_SPEC_JUMPS,
       RERAISES = BYTECODE_SPEC_RERAISES | BYTECODE_SPEC_ENDS,
       CATCHES = BYTECODE_SPEC_CATCHES,
       PUSHES = BYTECODE_SPEC_PUSHES | BYTECODE_SPEC_CATCHES | BYTECODE_SPEC_MUTE,
       ITERATES = BYTECODE_SPEC_ITERATES | BYTECODE_SPEC_JUMPS,
       GLUED = BYTECODE_SPEC_GLUED,
       LINELESS = BYTECODE_SPEC_LINELESS,
       COND_CACHES = PICK(0, 0, 1),
};

const struct bytecode_spec bytecode_spec =
    {
        .is_known = true,
        .prefix = EXTENDED_ARG,
        .load_const = LOAD_CONST,
        .reraise = RERAISE,
        .jump_forward = JUMP_FORWARD,
        .jump_back = JUMP_BACKWARD_NO_INTERRUPT,
#if PY_VERSION_HEX < 0x030c0000
        .probe = {POP_JUMP_FORWARD_IF_TRUE},
        .n_probe = 1,
        .rule = BYTECODE_SPEC_BY_EDGE,
        .throw_reads_send = true,
#else
        .probe = {UNARY_INVERT, POP_TOP},
        .n_probe = 2,
        .rule = BYTECODE_SPEC_BY_MARK,
        .throws_at_resume = PICK(false, false, true),
    .loop_end_len = PICK(0, 1, 2),
#endif
        .ops =
            {
                ROW(EXTENDED_ARG, BYTECODE_SPEC_PREFIX, 0),

                /* where frames begin, pause and end */
                ROW(RESUME, RESUMES, 0),
                ROW(RETURN_GENERATOR, 0, 0),
                ROW(RETURN_VALUE, RETURNS, 0),
#ifdef RETURN_CONST
                ROW(RETURN_CONST, RETURNS, 0),
#endif
                ROW(YIELD_VALUE, YIELDS, 0),
                ROW(SEND, SENDS, PICK(0, 1, 1)),
#ifdef END_SEND
                ROW(END_SEND, LINELESS, 0),
#endif
                ROW(GET_AWAITABLE, 0, 0),
                ROW(GET_YIELD_FROM_ITER, 0, 0),
                ROW(GET_AITER, 0, 0),
                ROW(GET_ANEXT, 0, 0),
#ifdef ASYNC_GEN_WRAP
                ROW(ASYNC_GEN_WRAP, 0, 0),
#endif

                /* jumps */
                ROW(JUMP_FORWARD, JUMPS | ENDS | MUTE, 0),
                ROW(JUMP_BACKWARD, BACK | ENDS, PICK(0, 0, 1)),
                /* not mute: on 3.11 throw() raises from there */
                ROW(JUMP_BACKWARD_NO_INTERRUPT, BACK | ENDS, 0),
                ROW(FOR_ITER, ITERATES, PICK(0, 1, 1)),
#ifdef END_FOR
                ROW(END_FOR, GLUED | LINELESS | MUTE, 0),
#endif
#ifdef POP_JUMP_FORWARD_IF_TRUE
                ROW(POP_JUMP_FORWARD_IF_TRUE, JUMPS, 0),
                ROW(POP_JUMP_FORWARD_IF_FALSE, JUMPS, 0),
                ROW(POP_JUMP_FORWARD_IF_NONE, JUMPS | MUTE, 0),
                ROW(POP_JUMP_FORWARD_IF_NOT_NONE, JUMPS | MUTE, 0),
                ROW(POP_JUMP_BACKWARD_IF_TRUE, BACK, 0),
                ROW(POP_JUMP_BACKWARD_IF_FALSE, BACK, 0),
                ROW(POP_JUMP_BACKWARD_IF_NONE, BACK, 0),
                ROW(POP_JUMP_BACKWARD_IF_NOT_NONE, BACK, 0),
                ROW(JUMP_IF_TRUE_OR_POP, JUMPS, 0),
                ROW(JUMP_IF_FALSE_OR_POP, JUMPS, 0),
#else
                ROW(POP_JUMP_IF_TRUE, JUMPS, COND_CACHES),
                ROW(POP_JUMP_IF_FALSE, JUMPS, COND_CACHES),
                ROW(POP_JUMP_IF_NONE, JUMPS | MUTE, COND_CACHES),
                ROW(POP_JUMP_IF_NOT_NONE, JUMPS | MUTE, COND_CACHES),
#endif

                /* exceptions */
                ROW(RAISE_VARARGS, ENDS, 0),
                ROW(RERAISE, RERAISES, 0),
                ROW(PUSH_EXC_INFO, PUSHES, 0),
                ROW(POP_EXCEPT, MUTE, 0),
                ROW(CHECK_EXC_MATCH, 0, 0),
                ROW(CHECK_EG_MATCH, 0, 0),
                ROW(WITH_EXCEPT_START, 0, 0),
                ROW(BEFORE_WITH, 0, 0),
                ROW(BEFORE_ASYNC_WITH, 0, 0),
                ROW(END_ASYNC_FOR, CATCHES | PICK(0, LINELESS, LINELESS), 0),
#ifdef CLEANUP_THROW
                ROW(CLEANUP_THROW, CATCHES, 0),
#endif
#ifdef PREP_RERAISE_STAR
                ROW(PREP_RERAISE_STAR, 0, 0),
#endif
#ifdef CALL_INTRINSIC_1
                ROW(CALL_INTRINSIC_1, 0, 0),
                ROW(CALL_INTRINSIC_2, 0, 0),
#endif
                ROW(LOAD_ASSERTION_ERROR, MUTE, 0),

                /* the stack */
                ROW(NOP, MUTE, 0),
                ROW(POP_TOP, MUTE, 0),
                ROW(PUSH_NULL, MUTE, 0),
                ROW(COPY, MUTE, 0),
                ROW(SWAP, MUTE, 0),
                ROW(LOAD_CONST, MUTE, 0),

                /* names */
                ROW(LOAD_FAST, PICK(0, MUTE, MUTE), 0),
                ROW(STORE_FAST, MUTE, 0),
                ROW(DELETE_FAST, 0, 0),
#ifdef LOAD_FAST_CHECK
                ROW(LOAD_FAST_CHECK, 0, 0),
                ROW(LOAD_FAST_AND_CLEAR, MUTE, 0),
#endif
#ifdef LOAD_FAST_LOAD_FAST
                ROW(LOAD_FAST_LOAD_FAST, MUTE, 0),
                ROW(STORE_FAST_LOAD_FAST, MUTE, 0),
                ROW(STORE_FAST_STORE_FAST, MUTE, 0),
#endif
                ROW(LOAD_NAME, 0, 0),
                ROW(STORE_NAME, 0, 0),
                ROW(DELETE_NAME, 0, 0),
                ROW(LOAD_GLOBAL, 0, PICK(5, 4, 4)),
                ROW(STORE_GLOBAL, 0, 0),
                ROW(DELETE_GLOBAL, 0, 0),
                ROW(MAKE_CELL, 0, 0),
                ROW(COPY_FREE_VARS, 0, 0),
#ifdef LOAD_CLOSURE
#if PY_VERSION_HEX < 0x030d0000 /* later only inside the compiler */
                ROW(LOAD_CLOSURE, 0, 0),
#endif
#endif
                ROW(LOAD_DEREF, 0, 0),
                ROW(STORE_DEREF, MUTE, 0),
                ROW(DELETE_DEREF, 0, 0),
#ifdef LOAD_CLASSDEREF
                ROW(LOAD_CLASSDEREF, 0, 0),
#endif
#ifdef LOAD_LOCALS
                ROW(LOAD_LOCALS, 0, 0),
                ROW(LOAD_FROM_DICT_OR_DEREF, 0, 0),
                ROW(LOAD_FROM_DICT_OR_GLOBALS, 0, 0),
#endif
                ROW(LOAD_BUILD_CLASS, 0, 0),
                ROW(SETUP_ANNOTATIONS, 0, 0),

                /* attributes, items, operators */
                ROW(LOAD_ATTR, 0, PICK(4, 9, 9)),
                ROW(STORE_ATTR, 0, 4),
                ROW(DELETE_ATTR, 0, 0),
#ifdef LOAD_METHOD
#if PY_VERSION_HEX < 0x030c0000
                ROW(LOAD_METHOD, 0, 10),
#endif
#endif
#ifdef LOAD_SUPER_ATTR
                ROW(LOAD_SUPER_ATTR, 0, 1),
#endif
                ROW(BINARY_SUBSCR, 0, PICK(4, 1, 1)),
                ROW(STORE_SUBSCR, 0, 1),
                ROW(DELETE_SUBSCR, 0, 0),
#ifdef BINARY_SLICE
                ROW(BINARY_SLICE, 0, 0),
                ROW(STORE_SLICE, 0, 0),
#endif
                ROW(BINARY_OP, 0, 1),
                ROW(COMPARE_OP, 0, PICK(2, 1, 1)),
                ROW(IS_OP, MUTE, 0),
                ROW(CONTAINS_OP, 0, PICK(0, 0, 1)),
                ROW(UNARY_NEGATIVE, 0, 0),
                ROW(UNARY_NOT, 0, 0),
                ROW(UNARY_INVERT, 0, 0),
#ifdef UNARY_POSITIVE
                ROW(UNARY_POSITIVE, 0, 0),
#endif
#ifdef TO_BOOL
                ROW(TO_BOOL, 0, 3),
#endif

/* calls and functions */
#ifdef PRECALL
                ROW(PRECALL, 0, 1),
                ROW(CALL, GLUED, 4), /* a specialised PRECALL does the work of both */
#else
                ROW(CALL, 0, 3),
#endif
#ifdef KW_NAMES
                ROW(KW_NAMES, MUTE, 0),
#endif
#ifdef CALL_KW
                ROW(CALL_KW, 0, 0),
#endif
                ROW(CALL_FUNCTION_EX, 0, 0),
                ROW(MAKE_FUNCTION, 0, 0),
#ifdef SET_FUNCTION_ATTRIBUTE
                ROW(SET_FUNCTION_ATTRIBUTE, MUTE, 0),
#endif
                ROW(GET_ITER, 0, 0),

                /* making values */
                ROW(BUILD_TUPLE, 0, 0),
                ROW(BUILD_LIST, 0, 0),
                ROW(BUILD_SET, 0, 0),
                ROW(BUILD_MAP, 0, 0),
                ROW(BUILD_CONST_KEY_MAP, 0, 0),
                ROW(BUILD_STRING, 0, 0),
                ROW(BUILD_SLICE, 0, 0),
                ROW(LIST_APPEND, 0, 0),
                ROW(LIST_EXTEND, 0, 0),
                ROW(SET_ADD, 0, 0),
                ROW(SET_UPDATE, 0, 0),
                ROW(MAP_ADD, 0, 0),
                ROW(DICT_MERGE, 0, 0),
                ROW(DICT_UPDATE, 0, 0),
#ifdef LIST_TO_TUPLE
                ROW(LIST_TO_TUPLE, 0, 0),
#endif
#ifdef FORMAT_VALUE
                ROW(FORMAT_VALUE, 0, 0),
#else
                ROW(CONVERT_VALUE, 0, 0),
                ROW(FORMAT_SIMPLE, 0, 0),
                ROW(FORMAT_WITH_SPEC, 0, 0),
#endif
                ROW(UNPACK_SEQUENCE, 0, 1),
                ROW(UNPACK_EX, 0, 0),

                /* match statements, imports, the rest */
                ROW(GET_LEN, 0, 0),
                ROW(MATCH_CLASS, 0, 0),
                ROW(MATCH_KEYS, 0, 0),
                ROW(MATCH_MAPPING, MUTE, 0),
                ROW(MATCH_SEQUENCE, MUTE, 0),
                ROW(IMPORT_NAME, 0, 0),
                ROW(IMPORT_FROM, 0, 0),
#ifdef IMPORT_STAR
                ROW(IMPORT_STAR, 0, 0),
                ROW(PRINT_EXPR, 0, 0),
#endif
            },
};

#else

const struct bytecode_spec bytecode_spec;

#endif

int
bytecode_spec_effect(uint8_t op, uint32_t arg, bool jumps)
{
    int effect;

    /* The compiler puts it in after it has counted; the value is the first send()'s. */
    if (op == RETURN_GENERATOR)
        return 1;
    if (arg > INT32_MAX / 2)
        return BYTECODE_SPEC_NO_EFFECT;
    effect = PyCompile_OpcodeStackEffectWithJump(op, (int)arg, jumps);
    return effect == PY_INVALID_STACK_EFFECT ? BYTECODE_SPEC_NO_EFFECT : effect;
}

#include "runner/py.h"

#include "runner/bytecode_spec.h"

/* Other versions have no table, and nothing is rewritten on them. */
#if PY_IS_KNOWN

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
#define ROW(op, traits, caches) [op] = {BYTECODE_SPEC_KNOWN | (traits), (caches)}

#define PLAIN(op) ROW(op, 0, 0)
#define CALLING(op) ROW(op, CALLS, 0)

/* Short names for the rows. */
enum {
    JUMPS = BYTECODE_SPEC_JUMPS,
    BACK = BYTECODE_SPEC_JUMPS | BYTECODE_SPEC_BACK,
    ENDS = BYTECODE_SPEC_ENDS,
    MUTE = BYTECODE_SPEC_MUTE,
    RETURNS = BYTECODE_SPEC_RETURNS | BYTECODE_SPEC_ENDS | BYTECODE_SPEC_MUTE,
    CALLS = BYTECODE_SPEC_CALLS | BYTECODE_SPEC_ENTERS,
    ENTERS = BYTECODE_SPEC_ENTERS,
    YIELDS = BYTECODE_SPEC_YIELDS | CALLS,
    RESUMES = BYTECODE_SPEC_RESUMES | BYTECODE_SPEC_LINELESS | CALLS,
    SENDS = BYTECODE_SPEC_SENDS | BYTECODE_SPEC_JUMPS | CALLS,
    RERAISES = BYTECODE_SPEC_RERAISES | BYTECODE_SPEC_ENDS,
    CATCHES = BYTECODE_SPEC_CATCHES,
    PUSHES = BYTECODE_SPEC_PUSHES | BYTECODE_SPEC_CATCHES | BYTECODE_SPEC_MUTE,
    ITERATES = BYTECODE_SPEC_ITERATES | BYTECODE_SPEC_JUMPS | CALLS,
    GLUED = BYTECODE_SPEC_GLUED,
    LINELESS = BYTECODE_SPEC_LINELESS,
    COND_CACHES = PICK(0, 0, 1),
};

const struct bytecode_spec bytecode_spec = {
    .is_known = true,
    .prefix = EXTENDED_ARG,
    .nop = NOP,
    .load_const = LOAD_CONST,
    .reraise = RERAISE,
    .pop_except = POP_EXCEPT,
    .check_match = CHECK_EXC_MATCH,
    .jump_forward = JUMP_FORWARD,
    .jump_back = JUMP_BACKWARD_NO_INTERRUPT,
    .loops_from_before = PICK(true, true, false),
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
    .enters_from_before = PICK(false, false, true),
    .loop_end = {END_FOR, POP_TOP},
    .n_loop_end = PICK(0, 1, 2),
#endif
};

const struct bytecode_spec_op bytecode_spec_ops[256] = {
    ROW(EXTENDED_ARG, BYTECODE_SPEC_PREFIX, 0),

    /* where frames begin, pause and end */
    ROW(RESUME, RESUMES, 0),
    CALLING(RETURN_GENERATOR),
    ROW(RETURN_VALUE, RETURNS, 0),
#ifdef RETURN_CONST
    ROW(RETURN_CONST, RETURNS, 0),
#endif
    ROW(YIELD_VALUE, YIELDS, 0),
    ROW(SEND, SENDS, PICK(0, 1, 1)),
#ifdef END_SEND
    ROW(END_SEND, LINELESS, 0),
#endif
    CALLING(GET_AWAITABLE),
    CALLING(GET_YIELD_FROM_ITER),
    CALLING(GET_AITER),
    CALLING(GET_ANEXT),
#ifdef ASYNC_GEN_WRAP
    CALLING(ASYNC_GEN_WRAP),
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
    ROW(RAISE_VARARGS, ENDS | CALLS, 0),
    ROW(RERAISE, RERAISES, 0),
    ROW(PUSH_EXC_INFO, PUSHES, 0),
    ROW(POP_EXCEPT, MUTE, 0),
    PLAIN(CHECK_EXC_MATCH),
    PLAIN(CHECK_EG_MATCH),
    CALLING(WITH_EXCEPT_START),
    CALLING(BEFORE_WITH),
    CALLING(BEFORE_ASYNC_WITH),
    ROW(END_ASYNC_FOR, CATCHES | PICK(0, LINELESS, LINELESS), 0),
#ifdef CLEANUP_THROW
    ROW(CLEANUP_THROW, CATCHES, 0),
#endif
#ifdef PREP_RERAISE_STAR
    PLAIN(PREP_RERAISE_STAR),
#endif
#ifdef CALL_INTRINSIC_1
    CALLING(CALL_INTRINSIC_1),
    CALLING(CALL_INTRINSIC_2),
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
    PLAIN(DELETE_FAST),
#ifdef LOAD_FAST_CHECK
    PLAIN(LOAD_FAST_CHECK),
    ROW(LOAD_FAST_AND_CLEAR, MUTE, 0),
#endif
#ifdef LOAD_FAST_LOAD_FAST
    ROW(LOAD_FAST_LOAD_FAST, MUTE, 0),
    ROW(STORE_FAST_LOAD_FAST, MUTE, 0),
    ROW(STORE_FAST_STORE_FAST, MUTE, 0),
#endif
    PLAIN(LOAD_NAME),
    PLAIN(STORE_NAME),
    PLAIN(DELETE_NAME),
    ROW(LOAD_GLOBAL, 0, PICK(5, 4, 4)),
    PLAIN(STORE_GLOBAL),
    PLAIN(DELETE_GLOBAL),
    PLAIN(MAKE_CELL),
    PLAIN(COPY_FREE_VARS),
#ifdef LOAD_CLOSURE
#if PY_VERSION_HEX < 0x030d0000 /* later only inside the compiler */
    PLAIN(LOAD_CLOSURE),
#endif
#endif
    PLAIN(LOAD_DEREF),
    ROW(STORE_DEREF, MUTE, 0),
    PLAIN(DELETE_DEREF),
#ifdef LOAD_CLASSDEREF
    PLAIN(LOAD_CLASSDEREF),
#endif
#ifdef LOAD_LOCALS
    PLAIN(LOAD_LOCALS),
    PLAIN(LOAD_FROM_DICT_OR_DEREF),
    PLAIN(LOAD_FROM_DICT_OR_GLOBALS),
#endif
    PLAIN(LOAD_BUILD_CLASS),
    PLAIN(SETUP_ANNOTATIONS),

    /* attributes, items, operators */
    ROW(LOAD_ATTR, ENTERS, PICK(4, 9, 9)),
    ROW(STORE_ATTR, 0, 4),
    PLAIN(DELETE_ATTR),
#ifdef LOAD_METHOD
#if PY_VERSION_HEX < 0x030c0000
    ROW(LOAD_METHOD, 0, 10),
#endif
#endif
#ifdef LOAD_SUPER_ATTR
    ROW(LOAD_SUPER_ATTR, 0, 1),
#endif
    ROW(BINARY_SUBSCR, ENTERS, PICK(4, 1, 1)),
    ROW(STORE_SUBSCR, 0, 1),
    PLAIN(DELETE_SUBSCR),
#ifdef BINARY_SLICE
    PLAIN(BINARY_SLICE),
    PLAIN(STORE_SLICE),
#endif
    ROW(BINARY_OP, 0, 1),
    ROW(COMPARE_OP, 0, PICK(2, 1, 1)),
    ROW(IS_OP, MUTE, 0),
    ROW(CONTAINS_OP, 0, PICK(0, 0, 1)),
    PLAIN(UNARY_NEGATIVE),
    PLAIN(UNARY_NOT),
    PLAIN(UNARY_INVERT),
#ifdef UNARY_POSITIVE
    PLAIN(UNARY_POSITIVE),
#endif
#ifdef TO_BOOL
    ROW(TO_BOOL, 0, 3),
#endif

    /* calls and functions */
    CALLING(CALL_FUNCTION_EX),
    PLAIN(MAKE_FUNCTION),
#ifdef PRECALL
    ROW(PRECALL, CALLS, 1),
    ROW(CALL, GLUED | CALLS, 4), /* a specialised PRECALL does the work of both */
#else
    ROW(CALL, CALLS, 3),
#endif
#ifdef KW_NAMES
    ROW(KW_NAMES, MUTE, 0),
#endif
#ifdef CALL_KW
    CALLING(CALL_KW),
#endif
#ifdef SET_FUNCTION_ATTRIBUTE
    ROW(SET_FUNCTION_ATTRIBUTE, MUTE, 0),
#endif
    CALLING(GET_ITER),

    /* making values */
    PLAIN(BUILD_TUPLE),
    PLAIN(BUILD_LIST),
    PLAIN(BUILD_SET),
    PLAIN(BUILD_MAP),
    PLAIN(BUILD_CONST_KEY_MAP),
    PLAIN(BUILD_STRING),
    PLAIN(BUILD_SLICE),
    PLAIN(LIST_APPEND),
    CALLING(LIST_EXTEND),
    PLAIN(SET_ADD),
    CALLING(SET_UPDATE),
    PLAIN(MAP_ADD),
    CALLING(DICT_MERGE),
    CALLING(DICT_UPDATE),
#ifdef LIST_TO_TUPLE
    PLAIN(LIST_TO_TUPLE),
#endif
#ifdef FORMAT_VALUE
    PLAIN(FORMAT_VALUE),
#else
    PLAIN(CONVERT_VALUE),
    PLAIN(FORMAT_SIMPLE),
    PLAIN(FORMAT_WITH_SPEC),
#endif
    ROW(UNPACK_SEQUENCE, CALLS, 1),
    CALLING(UNPACK_EX),

    /* match statements, imports, the rest */
    PLAIN(GET_LEN),
    PLAIN(MATCH_CLASS),
    PLAIN(MATCH_KEYS),
    ROW(MATCH_MAPPING, MUTE, 0),
    ROW(MATCH_SEQUENCE, MUTE, 0),
    CALLING(IMPORT_NAME),
    CALLING(IMPORT_FROM),
#ifdef IMPORT_STAR
    CALLING(IMPORT_STAR),
    CALLING(PRINT_EXPR),
#endif
};

#else

const struct bytecode_spec bytecode_spec;
const struct bytecode_spec_op bytecode_spec_ops[256];

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

#include "tests/runner/bytecode_drive.h"

#include <stdlib.h>
#include <time.h>

#include "runner/bytecode.h"
#include "runner/bytecode_check.h"
#include "runner/bytecode_program.h"
#include "runner/bytecode_spec.h"

/* The rewriter seen from its bytes: nothing that is rewritten here runs. */

enum {
    BOTH = BYTECODE_WANT_LINES | BYTECODE_WANT_CALLS,
    SUMS = BYTECODE_WANT_LINES | BYTECODE_WANT_SUMS
};

/* The constant FIRST_PROBE + kind stands for all probes of a kind, another one for
 * those that count places without a line. */
enum {
    FIRST_PROBE = 1000000,
    NO_LINE_PROBE = FIRST_PROBE + BYTECODE_N_PROBES,
    A_LINE = 1,
    NO_LINE
};

static int
count_probe(void *arg, enum bytecode_probe kind, int line)
{
    int *counts = arg;

    counts[kind]++;
    return kind == BYTECODE_PLACE && line == NO_LINE ? NO_LINE_PROBE
                                                     : FIRST_PROBE + (int)kind;
}

static int
count_place(void *arg, int line, const struct bytecode_term *terms, uint32_t n_terms)
{
    (void)arg, (void)terms, (void)n_terms;
    return line >= 0 ? A_LINE : NO_LINE;
}

/* Taking the probes out again. `new` has every instruction of `old` in its order; what
 * else is in it is probes, jumps over them and over what is put in with them, a NOP
 * where something must be between, and behind it all the tail and copies of handlers.
 */
struct undo {
    const struct bytecode_program *old, *new;
    uint32_t *of;   /* old instruction -> new one */
    bool *is_extra; /* new instruction -> it is a NOP that was put in */
    struct err *err;
};

static bool
is_probe(const struct bytecode_program *p, uint32_t i)
{
    return i < p->n && p->ins[i].op == bytecode_spec.load_const &&
           p->ins[i].arg >= FIRST_PROBE;
}

/* What is behind a probe, and behind the jump that belongs to one which counts
 * exceptions. */
static uint32_t
behind_probe(const struct bytecode_program *p, uint32_t i)
{
    bool has_jump = p->ins[i].arg == NO_LINE_PROBE;

    i += 1u + bytecode_spec.n_probe;
    return has_jump && p->ins[i].op == bytecode_spec.jump_forward ? i + 1 : i;
}

/* Whether the instruction is a jump that was put in: over probes, and at most the copy
 * of a SEND or PUSH_EXC_INFO. The compiler makes none so short. */
static bool
is_put_in(const struct bytecode_program *p, uint32_t i)
{
    uint32_t target = p->ins[i].target;
    int copies = 0;

    if (p->ins[i].op != bytecode_spec.jump_forward)
        return false;
    for (i++; i < target;)
        if (is_probe(p, i))
            i = behind_probe(p, i);
        else if (bytecode_spec_is(p->ins[i].op,
                                  BYTECODE_SPEC_SENDS | BYTECODE_SPEC_PUSHES) &&
                 !copies++)
            i++;
        else
            return false;
    return i == target;
}

/* The first instruction of the old program on the way from new instruction k. */
static uint32_t
arrive(const struct undo *u, uint32_t k)
{
    while (k < u->new->n)
        if (is_probe(u->new, k))
            k += 1u + bytecode_spec.n_probe;
        else if (is_put_in(u->new, k))
            k = u->new->ins[k].target;
        else if (u->is_extra[k])
            k++;
        else
            break;
    return k;
}

static bool
is_same(const struct bytecode_program_ins *a, const struct bytecode_program_ins *b)
{
    return a->op == b->op && a->place.line == b->place.line &&
           a->place.end_line == b->place.end_line && a->place.col == b->place.col &&
           a->place.end_col == b->place.end_col &&
           (a->target == BYTECODE_PROGRAM_NONE) ==
               (b->target == BYTECODE_PROGRAM_NONE) &&
           (a->target != BYTECODE_PROGRAM_NONE || a->arg == b->arg);
}

/* Whether new instruction k, where old instruction i is expected, is a NOP that was put
 * in: it is not what is expected, or what is comes right behind it, once. */
static bool
is_extra_nop(const struct undo *u, uint32_t i, uint32_t k)
{
    const struct bytecode_program_ins *old = &u->old->ins[i];
    uint32_t next;

    if (k >= u->new->n || u->new->ins[k].op != bytecode_spec.nop)
        return false;
    next = arrive(u, k + 1);
    return !is_same(old, &u->new->ins[k]) ||
           (next < u->new->n &&is_same(old, &u->new->ins[next]) &&
            (i + 1 == u->old->n || !is_same(old + 1, &u->new->ins[next])));
}

static bool
match(struct undo *u)
{
    uint32_t i, k = 0;

    for (i = 0; i < u->old->n; i++) {
        k = arrive(u, k);
        if (is_extra_nop(u, i, k)) {
            u->is_extra[k] = true;
            k = arrive(u, k);
        }
        if (k >= u->new->n || !is_same(&u->old->ins[i], &u->new->ins[k]))
            return err_set(u->err, "instruction %u is not what it was", i);
        u->of[i] = k++;
    }
    return true;
}

static bool
check_ways(const struct undo *u)
{
    uint32_t i;

    for (i = 0; i < u->old->n; i++) {
        const struct bytecode_program_ins *old = &u->old->ins[i];
        const struct bytecode_program_ins *new = &u->new->ins[u->of[i]];

        if (old->target != BYTECODE_PROGRAM_NONE &&
            arrive(u, new->target) != u->of[old->target])
            return err_set(u->err, "instruction %u jumps elsewhere", i);
        if (!bytecode_spec_is(old->op, BYTECODE_SPEC_ENDS) &&
            arrive(u, u->of[i] + 1) != u->of[i + 1])
            return err_set(u->err, "instruction %u goes on elsewhere", i);
    }
    return true;
}

/* The range that covers instruction i, or NULL; `*at` goes along with rising i. */
static const struct bytecode_program_range *
range_at(const struct bytecode_program *p, uint32_t i, uint32_t *at)
{
    while (*at < p->n_ranges && p->ranges[*at].end <= i)
        ++*at;
    return *at < p->n_ranges && p->ranges[*at].first <= i ? &p->ranges[*at] : NULL;
}

/* Copies of handlers begin with the same instruction, and are not looked at further. */
static bool
check_handlers(const struct undo *u)
{
    uint32_t i, at_old = 0, at_new = 0;

    for (i = 0; i < u->old->n; i++) {
        const struct bytecode_program_range *old = range_at(u->old, i, &at_old);
        const struct bytecode_program_range *new = range_at(u->new, u->of[i], &at_new);
        uint32_t begin = new ? arrive(u, new->handler) : 0;

        if (!old && new && u->new->ins[begin].op == bytecode_spec.reraise)
            continue; /* the tail */
        if (!old != !new)
            return err_set(u->err, "instruction %u has lost or got a handler", i);
        if (old && (old->depth != new->depth || old->lasti != new->lasti ||
                    !is_same(&u->old->ins[old->handler], &u->new->ins[begin])))
            return err_set(u->err, "instruction %u has another handler", i);
    }
    return true;
}

static bool
undo(const struct bytecode_code *old, const struct bytecode_code *new, struct err *err)
{
    struct bytecode_program a, b = {0};
    struct undo u = {.old = &a, .new = &b, .err = err};
    bool ok = false;

    if (!bytecode_program_read(&a, old, err))
        return false;
    if (bytecode_program_read(&b, new, err)) {
        u.of = calloc(a.n + 1, sizeof(*u.of));
        u.is_extra = calloc(b.n, sizeof(*u.is_extra));
        ok = u.of && u.is_extra && match(&u) && check_ways(&u) && check_handlers(&u);
    }
    free(u.of);
    free(u.is_extra);
    bytecode_program_release(&b);
    bytecode_program_release(&a);
    return ok;
}

/* Rewrites, checks what that made, and takes the probes out. */
static bool
verify_job(const struct bytecode_code *code, const struct bytecode_job *job,
           struct err *err)
{
    struct bytecode_code out;
    bool ok;

    if (!bytecode_rewrite(code, job, &out, err))
        return false;
    ok = bytecode_check(&out, err) && undo(code, &out, err);
    bytecode_release(&out);
    return ok;
}

/* Checks the code, and rewrites it in every way. */
static bool
verify(PyCodeObject *code, struct err *err)
{
    int counts[BYTECODE_N_PROBES] = {0};
    struct bytecode_job job = {
        .probe = count_probe, .place = count_place, .arg = counts};
    struct view v;
    bool ok;

    if (!view_init(&v, code))
        return err_set(err, "no co_code");
    ok = bytecode_check(&v.code, err);
    for (job.want = 0; ok && job.want <= BOTH; job.want++)
        ok = verify_job(&v.code, &job, err);
    job.want = SUMS;
    ok = ok && verify_job(&v.code, &job, err);
    if (ok && (counts[BYTECODE_ENTER] != 2 || counts[BYTECODE_UNWIND] != 2))
        ok = err_set(err, "%d times ENTER, %d UNWIND in two rewritings",
                     counts[BYTECODE_ENTER], counts[BYTECODE_UNWIND]);
    Py_DECREF(v.co_code);
    return ok;
}

static PyObject *
probes_verify(PyObject *module, PyObject *arg)
{
    struct err err = {""};
    bool ok = verify((PyCodeObject *)arg, &err);

    (void)module;
    return verdict((PyCodeObject *)arg, ok, &err);
}

static PyObject *
probes_caches(PyObject *module, PyObject *arg)
{
    long op = PyLong_AsLong(arg);

    (void)module;
    if (op < 0 || op > 255 || !bytecode_spec_ops[op].traits)
        Py_RETURN_NONE;
    return PyLong_FromLong(bytecode_spec_ops[op].n_caches);
}

static PyMethodDef probes_methods[] = {
    {"verify", probes_verify, METH_O, NULL},
    {"caches", probes_caches, METH_O, NULL},
    {NULL, NULL, 0, NULL},
};

static PyObject *
probes_init(void)
{
    return make_probes(probes_methods);
}

static void
test_bytecode_check_takes_the_standard_library(void **state)
{
    (void)state;
    assert_drive("library", "(i)", getenv("TTRACE_TEST_SITE_PACKAGES") != NULL);
}

static void
test_bytecode_check_knows_caches(void **state)
{
    (void)state;
    assert_drive("caches", "()");
}

/* Code that is compiled here, the first constant of `source` that is code. */
static PyCodeObject *
code_of(const char *source)
{
    PyObject *module = Py_CompileString(source, "here", Py_file_input);
    PyObject *consts, *found = NULL;
    Py_ssize_t i;

    assert_non_null(module);
    consts = ((PyCodeObject *)module)->co_consts;
    for (i = 0; !found && i < PyTuple_GET_SIZE(consts); i++)
        if (PyCode_Check(PyTuple_GET_ITEM(consts, i)))
            found = Py_NewRef(PyTuple_GET_ITEM(consts, i));
    Py_DECREF(module);
    assert_non_null(found);
    return (PyCodeObject *)found;
}

/* A loop of N lines, each printed with its number; returns the counts of probes. */
static void
assert_quick(const char *line, unsigned want, int counts[BYTECODE_N_PROBES])
{
    enum { N = 100000, LINE_LEN = 32 };
    struct bytecode_job job = {
        .want = want, .probe = count_probe, .place = count_place, .arg = counts};
    struct bytecode_code out;
    struct view v;
    struct err err = {""};
    PyCodeObject *code;
    char *source = malloc(N * LINE_LEN), *at = source;
    clock_t begin;
    int i;

    assert_non_null(source);
    at += sprintf(at, "def f(x):\n for x in x:\n");
    for (i = 0; i < N; i++)
        at += sprintf(at, "  if x == %d: %s\n", i, line);
    code = code_of(source);
    assert_true(view_init(&v, code));
    assert_true(v.code.code.len / 2 > 65536);
    begin = clock();
    assert_true(bytecode_rewrite(&v.code, &job, &out, &err));
    assert_true(clock() - begin <
                10 * CLOCKS_PER_SEC); /* 0.1 s; squared, it is hours */
    assert_true(counts[BYTECODE_LINE] + counts[BYTECODE_PLACE] > N);
    assert_true(bytecode_check(&out, &err));
    bytecode_release(&out);
    Py_DECREF(v.co_code);
    Py_DECREF(code);
    free(source);
}

static void
test_bytecode_check_takes_time_by_length_only(void **state)
{
    int lines[BYTECODE_N_PROBES] = {0}, sums[BYTECODE_N_PROBES] = {0};

    (void)state;
    assert_quick("continue", BOTH, lines);
    assert_quick("continue", SUMS, sums);
    assert_quick("y = x", SUMS, sums);
    assert_true(sums[BYTECODE_PLACE] > 0);
}

static int
refuse_probe(void *arg, enum bytecode_probe kind, int line)
{
    (void)arg, (void)kind, (void)line;
    return -1;
}

static int
refuse_place(void *arg, int line, const struct bytecode_term *terms, uint32_t n_terms)
{
    (void)arg, (void)line, (void)terms, (void)n_terms;
    return -1;
}

static void
test_bytecode_check_gives_up_when_a_probe_is_refused(void **state)
{
    struct bytecode_job job = {.want = BOTH, .probe = refuse_probe};
    PyCodeObject *code = code_of("def f(x):\n y = x + 1\n return y\n");
    struct bytecode_code out;
    struct view v;
    struct err err = {""};

    (void)state;
    assert_true(view_init(&v, code));
    assert_false(bytecode_rewrite(&v.code, &job, &out, &err));
    assert_non_null(strstr(err.text, "refused"));
    job.want = SUMS;
    job.place = refuse_place;
    assert_false(bytecode_rewrite(&v.code, &job, &out, &err));
    assert_non_null(strstr(err.text, "its place was refused"));
    Py_DECREF(v.co_code);
    Py_DECREF(code);
}

/* Rewrites what may be broken; the result need not run, but must be readable. */
static bool
survives_as(const struct bytecode_code *code, unsigned want, struct err *err)
{
    int counts[BYTECODE_N_PROBES] = {0};
    struct bytecode_job job = {
        .want = want, .probe = count_probe, .place = count_place, .arg = counts};
    struct bytecode_program program;
    struct bytecode_code out;
    bool ok = bytecode_rewrite(code, &job, &out, err);

    if (!ok) {
        assert_string_not_equal(err->text, "");
        return false;
    }
    if (!bytecode_program_read(&program, &out, err))
        fail_msg("cannot read what was written: %s", err->text);
    bytecode_program_release(&program);
    bytecode_check(&out, err);
    bytecode_release(&out);
    return true;
}

static bool
survives(const struct bytecode_code *code, struct err *err)
{
    struct err other = {""};
    bool ok = survives_as(code, SUMS, &other);

    return survives_as(code, BOTH, err) && ok;
}

static void
assert_refused(struct bytecode_code code, const char *why)
{
    struct err err = {""};

    if (survives(&code, &err))
        fail_msg("taken, but: %s", why);
    if (!strstr(err.text, why))
        fail_msg("'%s' should say: %s", err.text, why);
}

static size_t
first_cache(const struct bytecode_code *code)
{
    size_t unit = 0;

    while (!bytecode_spec_ops[code->code.data[2 * unit]].n_caches)
        unit++;
    return unit + 1;
}

static void
test_bytecode_check_refuses_what_it_cannot_understand(void **state)
{
    static const uint8_t table[] = {0x80, 0x00, 0x80}; /* an entry without its end */
    PyCodeObject *code = code_of("def f(x):\n while x: x = g(x)\n return [x]\n");
    struct bytecode_code bad;
    struct view v;
    uint8_t *bytes;
    size_t n;

    (void)state;
    assert_true(view_init(&v, code));
    n = v.code.code.len;
    bytes = malloc(n + 2);
    assert_non_null(bytes);
    memcpy(bytes, v.code.code.data, n);
    bad = v.code;
    bad.code = (struct bytecode_bytes){bytes, n - 1};
    assert_refused(bad, "cannot be code");
    bad.code.len = 0;
    assert_refused(bad, "cannot be code");
    bad.code.len = n - 2;
    assert_refused(bad, "off its end");
    bad.code.len = n;
    bytes[n - 2] = 255;
    assert_refused(bad, "unknown instruction 255");
    bytes[n - 2] = bytecode_spec.prefix;
    assert_refused(bad, "prefix");
    bytes[n - 2] = bytecode_spec.jump_forward;
    bytes[n - 1] = 9;
    assert_refused(bad, "out of the code");
    bytes[n - 2] = bytecode_spec.jump_back;
    bytes[n - 1] = (uint8_t)(n / 2 - first_cache(&v.code));
    assert_refused(bad, "jumps into");
    bytes[0] = NOP;
    memcpy(bytes + n - 2, v.code.code.data + n - 2, 2);
    assert_refused(bad, "RESUME");
    bad = v.code;
    bad.linetable = (struct bytecode_bytes){table, sizeof(table)};
    assert_refused(bad, "cut off");
    bad.linetable = (struct bytecode_bytes){table + 1, 1};
    assert_refused(bad, "no entry");
    bad = v.code;
    bad.exceptiontable = (struct bytecode_bytes){table, sizeof(table)};
    assert_refused(bad, "exception table");
    bad = v.code;
    bad.stack_size = -1;
    assert_refused(bad, "stack of -1");
    free(bytes);
    Py_DECREF(v.co_code);
    Py_DECREF(code);
}

static uint64_t seed;

static uint32_t
dice(uint32_t n) /* xorshift64*, below n */
{
    seed ^= seed >> 12;
    seed ^= seed << 25;
    seed ^= seed >> 27;
    return (uint32_t)((seed * 2685821657736338717u) >> 32) % n;
}

/* A copy with up to four bytes changed, or its end cut off; exactly as long as it says,
 * so that the sanitizer sees a byte too many being read. */
static struct bytecode_bytes
mutate(struct bytecode_bytes bytes, const struct view *v)
{
    uint8_t *copy = malloc(bytes.len ? bytes.len : 1);
    size_t n = bytes.len;
    uint32_t changes = dice(5);

    assert_non_null(copy);
    if (n)
        memcpy(copy, bytes.data, n);
    for (; n && changes; changes--)
        copy[dice((uint32_t)n)] =
            dice(2) ? (uint8_t)dice(256)
                    : v->code.code.data[dice((uint32_t)v->code.code.len)];
    if (n && dice(8) == 0)
        n = dice((uint32_t)n + 1);
    return (struct bytecode_bytes){copy, n};
}

static void
mutate_code(PyCodeObject *code, int *taken)
{
    struct bytecode_code bad;
    struct view v;
    struct err err = {""};

    assert_true(view_init(&v, code));
    bad = v.code;
    bad.code = mutate(v.code.code, &v);
    bad.linetable = mutate(v.code.linetable, &v);
    bad.exceptiontable = mutate(v.code.exceptiontable, &v);
    bad.suspends = dice(4) ? v.code.suspends : !v.code.suspends;
    *taken += survives(&bad, &err);
    free((void *)(uintptr_t)bad.code.data);
    free((void *)(uintptr_t)bad.linetable.data);
    free((void *)(uintptr_t)bad.exceptiontable.data);
    Py_DECREF(v.co_code);
}

static void
collect(PyObject *list, PyObject *code)
{
    PyObject *consts = ((PyCodeObject *)code)->co_consts;
    Py_ssize_t i;

    assert_int_equal(PyList_Append(list, code), 0);
    for (i = 0; i < PyTuple_GET_SIZE(consts); i++)
        if (PyCode_Check(PyTuple_GET_ITEM(consts, i)))
            collect(list, PyTuple_GET_ITEM(consts, i));
}

static void
test_bytecode_check_survives_mutations(void **state)
{
    const char *given = getenv("TTRACE_TEST_SEED");
    PyObject *list = PyList_New(0);
    PyObject *source = PyObject_CallMethod(driver, "source", "s", cases_path);
    PyObject *module;
    int i, taken = 0;

    (void)state;
    seed = given ? strtoull(given, NULL, 0) : 20250101;
    print_message("TTRACE_TEST_SEED=%llu\n", (unsigned long long)seed);
    assert_non_null(source);
    module = Py_CompileString(PyUnicode_AsUTF8(source), "cases", Py_file_input);
    assert_non_null(module);
    collect(list, module);
    for (i = 0; i < 20000; i++)
        mutate_code((PyCodeObject *)PyList_GET_ITEM(
                        list, dice((uint32_t)PyList_GET_SIZE(list))),
                    &taken);
    assert_true(taken > 100); /* else it only looks at the door */
    Py_DECREF(module);
    Py_DECREF(source);
    Py_DECREF(list);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bytecode_check_takes_the_standard_library),
        cmocka_unit_test(test_bytecode_check_knows_caches),
        cmocka_unit_test(test_bytecode_check_takes_time_by_length_only),
        cmocka_unit_test(test_bytecode_check_gives_up_when_a_probe_is_refused),
        cmocka_unit_test(test_bytecode_check_refuses_what_it_cannot_understand),
        cmocka_unit_test(test_bytecode_check_survives_mutations),
    };

    return RUN_DRIVE(tests, stop_drive);
}

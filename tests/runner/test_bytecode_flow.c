#include "tests/runner/bytecode_drive.h"

#include <stdlib.h>

#include "runner/bytecode_edges.h"
#include "runner/bytecode_flow.h"
#include "runner/bytecode_program.h"
#include "runner/bytecode_raises.h"
#include "runner/bytecode_spec.h"

/* Walks through the code of the standard library at random, with exceptions anywhere,
 * counts lines as they come and places as their probes would, and compares the sums:
 * at every call, where they must be right already, and at the end. */

enum { STEPS_PER_INS = 4, STEPS_MAX = 4000, COMPARISONS_MAX = 60 };

struct place {
    int line;
    int64_t hits;
    uint32_t first_term, n_terms;
};

struct walk {
    struct bytecode_program p;
    uint8_t *fires; /* flags before lines were told by others */
    uint8_t *flags;
    struct bytecode_flow flow;
    struct place *places;
    uint32_t n_places;
    struct bytecode_term *terms;
    uint32_t n_terms;
    int first_line, n_lines;
    int64_t *truth, *counted; /* by line */
    int64_t *values;          /* of places */
    uint32_t n_comparisons;
    struct err *err;
};

static uint64_t seed = 1;

static uint32_t
dice(uint32_t n) /* xorshift64*, below n */
{
    seed ^= seed >> 12;
    seed ^= seed << 25;
    seed ^= seed >> 27;
    return (uint32_t)((seed * 2685821657736338717u) >> 32) % n;
}

static int
add_place(void *arg, int line, const struct bytecode_term *terms, uint32_t n_terms)
{
    struct walk *w = arg;

    w->places = realloc(w->places, (w->n_places + 1) * sizeof(*w->places));
    w->terms = realloc(w->terms, (w->n_terms + n_terms + 1) * sizeof(*w->terms));
    assert_true(w->places && w->terms);
    w->places[w->n_places] = (struct place){line, 0, w->n_terms, n_terms};
    for (uint32_t i = 0; i < n_terms; i++)
        assert_true(terms[i].place < w->n_places);
    memcpy(w->terms + w->n_terms, terms, n_terms * sizeof(*terms));
    w->n_terms += n_terms;
    return (int)w->n_places++;
}

static void
count(struct walk *w, uint32_t place)
{
    if (place != BYTECODE_PROGRAM_NONE)
        w->places[place].hits++;
}

/* What the probe in front of instruction i does, if there is one, and what it should.
 */
static void
hear_line(struct walk *w, uint32_t i)
{
    int line = w->p.ins[i].place.line;

    w->truth[line - w->first_line]++;
    if (!(w->flags[i] & BYTECODE_EDGES_FIRES))
        return;
    if (w->flow.line[i] == BYTECODE_PROGRAM_NONE)
        w->counted[line - w->first_line]++;
    else
        count(w, w->flow.line[i]);
}

static bool
compare(struct walk *w, uint32_t i)
{
    int64_t *sums = calloc((size_t)w->n_lines, sizeof(*sums));
    bool ok = true;

    assert_non_null(sums);
    for (uint32_t k = 0; k < w->n_places; k++) {
        const struct place *place = &w->places[k];

        w->values[k] = place->hits;
        for (uint32_t t = place->first_term; t < place->first_term + place->n_terms;
             t++)
            w->values[k] += w->terms[t].sign * w->values[w->terms[t].place];
        if (place->line >= 0)
            sums[place->line - w->first_line] += w->values[k];
    }
    for (int line = 0; ok && line < w->n_lines; line++)
        if (w->truth[line] != w->counted[line] + sums[line])
            ok = err_set(w->err, "at instruction %u: line %d ran %lld times, not %lld",
                         i, line + w->first_line, (long long)w->truth[line],
                         (long long)(w->counted[line] + sums[line]));
    free(sums);
    return ok;
}

/* Where control goes when instruction i raises; NONE when that leaves the code. */
static uint32_t
raise(struct walk *w, uint32_t i, uint32_t left)
{
    count(w, left);
    for (uint32_t k = 0; k < w->p.n_ranges; k++) {
        const struct bytecode_program_range *range = &w->p.ranges[k];

        if (i < range->first || i >= range->end)
            continue;
        if (bytecode_edges_fires(&w->p, w->fires, BYTECODE_EDGES_RAISE, i,
                                 range->handler))
            hear_line(w, range->handler);
        return range->handler;
    }
    return BYTECODE_PROGRAM_NONE;
}

/* On the way back in a loop, before the loop goes on. */
static bool
misses(const struct walk *w, uint32_t i, const struct bytecode_edges_out *out)
{
    return bytecode_spec.loops_from_before && out->way == BYTECODE_EDGES_JUMP &&
           bytecode_spec_loops(w->p.ins[i].op) && dice(20) == 0;
}

/* Where control goes from instruction i. */
static uint32_t
step(struct walk *w, uint32_t i)
{
    struct bytecode_edges_out outs[2];
    int n = bytecode_edges_outs(&w->p, w->fires, i, outs);
    const struct bytecode_edges_out *out;

    if (n == 0 && bytecode_spec_is(w->p.ins[i].op, BYTECODE_SPEC_RETURNS))
        return BYTECODE_PROGRAM_NONE;
    if (n == 0 || (i > w->p.start && dice(40) == 0 &&
                   !bytecode_spec_is(w->p.ins[i].op, BYTECODE_SPEC_MUTE)))
        return raise(w, i, w->flow.left[i]);
    out = &outs[dice((uint32_t)n)];
    if (misses(w, i, out))
        return raise(w, out->to - 1, w->flow.missed[out->to]);
    if (out->way == BYTECODE_EDGES_FALL)
        count(w, w->flow.entry[out->to]);
    if (bytecode_edges_fires(&w->p, w->fires, out->way, i, out->to))
        hear_line(w, out->to);
    return out->to;
}

static bool
walk(struct walk *w)
{
    uint32_t budget = w->p.n * STEPS_PER_INS, i = 0;

    if (budget > STEPS_MAX)
        budget = STEPS_MAX;
    while (budget--) {
        if (bytecode_spec_is(w->p.ins[i].op, BYTECODE_SPEC_CALLS) &&
            w->n_comparisons < COMPARISONS_MAX && ++w->n_comparisons && !compare(w, i))
            return false;
        i = step(w, i);
        if (i == BYTECODE_PROGRAM_NONE) {
            w->n_comparisons = 0;
            if (!compare(w, w->p.n))
                return false;
            i = 0;
        }
    }
    return true;
}

static void
find_lines(struct walk *w)
{
    int last = 0;

    w->first_line = INT32_MAX;
    for (uint32_t i = 0; i < w->p.n; i++) {
        int line = w->p.ins[i].place.line;

        if (line >= 0 && line < w->first_line)
            w->first_line = line;
        if (line > last)
            last = line;
    }
    w->n_lines = w->first_line <= last ? last - w->first_line + 1 : 1;
}

/* False: `err` says where the counts of a walk through the code are wrong. */
static bool
verify(PyCodeObject *code, struct err *err)
{
    struct walk w = {.err = err};
    struct bytecode_job job = {.place = add_place, .arg = &w};
    struct view v;
    bool ok;

    assert_true(view_init(&v, code));
    assert_true(bytecode_program_read(&w.p, &v.code, err));
    assert_true(bytecode_raises_split(&w.p, err));
    w.fires = bytecode_edges_find(&w.p);
    w.flags = bytecode_edges_find(&w.p);
    assert_true(w.fires && w.flags);
    assert_true(bytecode_flow_find(&w.flow, &w.p, w.flags, &job, err));
    find_lines(&w);
    w.truth = calloc((size_t)w.n_lines, sizeof(*w.truth));
    w.counted = calloc((size_t)w.n_lines, sizeof(*w.counted));
    w.values = calloc(w.n_places + 1, sizeof(*w.values));
    assert_true(w.truth && w.counted && w.values);
    ok = walk(&w);
    free(w.values);
    free(w.counted);
    free(w.truth);
    free(w.terms);
    free(w.places);
    free(w.flags);
    free(w.fires);
    bytecode_flow_release(&w.flow);
    bytecode_program_release(&w.p);
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

static PyMethodDef probes_methods[] = {
    {"verify", probes_verify, METH_O, NULL},
    {NULL, NULL, 0, NULL},
};

static PyObject *
probes_init(void)
{
    return make_probes(probes_methods);
}

static void
test_bytecode_flow_tells_all_lines_of_the_standard_library(void **state)
{
    (void)state;
    assert_drive("library", "(i)", getenv("TTRACE_TEST_WHOLE_LIBRARY") != NULL);
}

/* The number of line probes that the function `source` begins with needs, and of those
 * that it has lines for. */
static void
assert_probes(const char *source, uint32_t n_probes, uint32_t n_lines)
{
    struct walk w = {0};
    struct bytecode_job job = {.place = add_place, .arg = &w};
    PyObject *module = Py_CompileString(source, "here", Py_file_input);
    struct view v;
    struct err err = {""};
    uint32_t i, probes = 0, lines = 0;

    assert_non_null(module);
    assert_true(view_init(
        &v, (PyCodeObject *)PyTuple_GET_ITEM(((PyCodeObject *)module)->co_consts, 0)));
    assert_true(bytecode_program_read(&w.p, &v.code, &err));
    w.flags = bytecode_edges_find(&w.p);
    assert_non_null(w.flags);
    for (i = 0; i < w.p.n; i++)
        lines += (w.flags[i] & BYTECODE_EDGES_FIRES) != 0;
    assert_true(bytecode_flow_find(&w.flow, &w.p, w.flags, &job, &err));
    for (i = 0; i < w.p.n; i++) {
        probes += (w.flags[i] & BYTECODE_EDGES_FIRES) != 0;
        probes += w.flow.entry[i] != BYTECODE_PROGRAM_NONE;
    }
    assert_int_equal(probes, n_probes);
    assert_int_equal(lines, n_lines);
    free(w.terms);
    free(w.places);
    free(w.flags);
    bytecode_flow_release(&w.flow);
    bytecode_program_release(&w.p);
    Py_DECREF(v.co_code);
    Py_DECREF(module);
}

static void
test_bytecode_flow_needs_one_probe_for_lines_in_a_row(void **state)
{
    (void)state;
    assert_probes("def f(a):\n b = a\n c = a + b\n d = a[c]\n return d\n", 1, 4);
}

static void
test_bytecode_flow_needs_one_more_behind_a_call(void **state)
{
    (void)state;
    assert_probes("def f(a):\n b = a\n c = g(b)\n d = a\n return d\n", 2, 4);
    assert_probes("def f(a):\n b = a\n yield b\n d = a\n return d\n", 2, 4);
}

static void
test_bytecode_flow_needs_none_where_ways_part_and_meet(void **state)
{
    (void)state;
    assert_probes("def f(a):\n if a:\n  b = 1\n elif b:\n  b = 2\n else:\n  b = 3\n "
                  "g(b, a, b, a)\n",
                  3, 6);
}

static void
test_bytecode_flow_counts_loops_once_a_round(void **state)
{
    (void)state;
    /* in the loop one for three; and what enters it, and what comes after it */
    assert_probes("def f(a):\n for b in a:\n  c = b\n  d = c\n g()\n", 3, 5);
    assert_probes("def f(a):\n while True:\n  b = a\n  c = b\n", 2, 4);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bytecode_flow_tells_all_lines_of_the_standard_library),
        cmocka_unit_test(test_bytecode_flow_needs_one_probe_for_lines_in_a_row),
        cmocka_unit_test(test_bytecode_flow_needs_one_more_behind_a_call),
        cmocka_unit_test(test_bytecode_flow_needs_none_where_ways_part_and_meet),
        cmocka_unit_test(test_bytecode_flow_counts_loops_once_a_round),
    };

    return RUN_DRIVE(tests, stop_drive);
}

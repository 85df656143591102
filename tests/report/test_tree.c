#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/buf.h"
#include "report/spent.h"
#include "report/totals.h"
#include "report/tree.h"
#include "tests/harness/session_build.h"

enum { MAIN_ROOT = 1 };

struct view {
    struct session_build b;
    struct spent spent;
    struct totals *totals;
    struct tree *tree;
    files_id file;
};

static int
set_up(void **state)
{
    struct view *v = calloc(1, sizeof(*v));

    session_build_start(&v->b, "3.11.2");
    v->file = session_build_file(&v->b, "a.py", "pass\n");
    spent_init(&v->spent, v->b.reader);
    v->totals = totals_new(v->b.reader, &v->spent);
    v->tree = tree_new(v->b.reader, v->totals);
    *state = v;
    return 0;
}

static int
tear_down(void **state)
{
    struct view *v = *state;

    tree_free(v->tree);
    totals_free(v->totals);
    spent_release(&v->spent);
    session_build_end(&v->b);
    free(v);
    return 0;
}

static codes_id
code(struct view *v, const char *name)
{
    return session_build_code(&v->b, v->file, name, 1);
}

static nodes_id
node(struct view *v, nodes_id parent, codes_id c, uint64_t calls, uint64_t self)
{
    return session_build_node(&v->b, parent, c, calls, self);
}

static bool
update(struct view *v)
{
    session_build_read(&v->b);
    spent_update(&v->spent, 0);
    totals_update(v->totals);
    return tree_update(v->tree, false);
}

/* A row as text: "  name calls self total" and signs for its flags. */
static void
print_row(struct view *v, const struct tree_row *row, struct buf *out)
{
    const struct format_code *c = reader_code(v->b.reader, row->code);
    const struct format_thread *t = reader_thread(v->b.reader, row->thread);

    for (uint32_t i = 0; i < row->depth; i++)
        buf_add_char(out, '.');
    if (row->flags & TREE_THREAD)
        buf_printf(out, "thread %s", reader_string(v->b.reader, t->name, NULL));
    else
        buf_add_str(out, reader_string(v->b.reader, c->qualname, NULL));
    buf_printf(
        out, " %llu %llu/%llu%s%s%s%s%s\n", (unsigned long long)row->calls,
        (unsigned long long)row->self_ticks, (unsigned long long)row->total_ticks,
        row->flags & TREE_OPEN ? " v" : "", row->flags & TREE_FOLDED ? " +" : "",
        row->flags & TREE_RUNS ? " <-" : "", row->flags & TREE_HIDDEN ? " hidden" : "",
        row->flags & TREE_ENDED ? " ended" : "");
}

static void
assert_rows(struct view *v, const char *want)
{
    struct buf out = {0};
    struct tree_row rows[3];
    size_t n, at = 0;

    /* In pieces, as a screen asks for them. */
    while ((n = tree_rows(v->tree, at, 3, rows)) > 0) {
        for (size_t i = 0; i < n; i++)
            print_row(v, &rows[i], &out);
        at += n;
    }
    assert_string_equal(buf_str(&out), want);
    assert_int_equal(at, tree_n_rows(v->tree));
    buf_release(&out);
    for (size_t i = 0; i < at; i++) {
        size_t row;

        assert_true(tree_find(v->tree, tree_at(v->tree, i), &row));
        assert_int_equal(row, i);
    }
}

static void
test_tree_sums_from_the_leaves(void **state)
{
    struct view *v = *state;
    nodes_id module = node(v, MAIN_ROOT, code(v, "<module>"), 1, 10);
    nodes_id main_node = node(v, module, code(v, "main"), 1, 20);

    node(v, main_node, code(v, "load"), 2, 30);
    node(v, main_node, code(v, "save"), 3, 5);
    assert_true(update(v));
    assert_rows(v, "<module> 1 10/65 v\n"
                   ".main 1 20/55 v\n"
                   "..load 2 30/30\n"
                   "..save 3 5/5\n");
}

static void
test_tree_is_empty_before_the_first_call(void **state)
{
    struct view *v = *state;
    size_t row;

    assert_false(update(v));
    assert_rows(v, "");
    assert_int_equal(tree_at(v->tree, 0), FORMAT_NONE);
    assert_false(tree_find(v->tree, 0, &row));
    assert_false(tree_find(v->tree, 12345, &row));
}

/* main calls fib, which calls itself, and log from three depths. */
static nodes_id
make_recursion(struct view *v)
{
    codes_id fib = code(v, "fib"), log = code(v, "log");
    nodes_id main_node = node(v, MAIN_ROOT, code(v, "main"), 1, 1);
    nodes_id at = main_node, first = 0;

    for (int i = 0; i < 3; i++) {
        at = node(v, at, fib, 10, 100);
        first = first ? first : at;
        node(v, at, log, 1, 7);
    }
    return first;
}

static void
test_tree_folds_direct_recursion(void **state)
{
    struct view *v = *state;

    make_recursion(v);
    session_build_exit(&v->b, 0);
    update(v);
    assert_rows(v, "main 1 1/322 v\n"
                   ".fib 30 300/321 v\n"
                   "..log 3 21/21\n");
}

static void
test_tree_unrolls_and_rolls_recursion(void **state)
{
    struct view *v = *state;
    nodes_id fib = make_recursion(v);

    session_build_exit(&v->b, 0);
    update(v);
    assert_true(tree_open(v->tree, fib));
    assert_rows(v, "main 1 1/322 v\n"
                   ".fib 10 100/321 v\n"
                   "..log 1 7/7\n"
                   "..fib 10 100/214 v\n"
                   "...log 1 7/7\n"
                   "...fib 10 100/107 v\n"
                   "....log 1 7/7\n");
    assert_false(tree_open(v->tree, fib));
    assert_true(tree_close(v->tree, fib));
    assert_true(tree_close(v->tree, fib));
    assert_rows(v, "main 1 1/322 v\n"
                   ".fib 30 300/321 +\n");
    assert_false(tree_close(v->tree, fib));
}

static void
test_tree_shows_pure_recursion_as_folded(void **state)
{
    struct view *v = *state;
    codes_id fib = code(v, "fib");
    nodes_id outer = node(v, MAIN_ROOT, fib, 6, 1);

    node(v, outer, fib, 28, 1);
    session_build_exit(&v->b, 0);
    update(v);
    assert_rows(v, "fib 34 2/2 +\n");
    assert_true(tree_open(v->tree, outer));
    assert_rows(v, "fib 6 1/2 v\n"
                   ".fib 28 1/1\n");
}

static void
test_tree_folds_indirect_recursion(void **state)
{
    struct view *v = *state;
    codes_id even = code(v, "even"), odd = code(v, "odd");
    nodes_id at = MAIN_ROOT;

    for (int i = 0; i < 6; i++)
        at = node(v, at, i % 2 ? odd : even, 1, 10);
    session_build_exit(&v->b, 0);
    update(v);
    assert_rows(v, "even 3 30/60 v\n"
                   ".odd 3 30/30\n");
}

static void
test_tree_keeps_what_is_closed_while_it_grows(void **state)
{
    struct view *v = *state;
    nodes_id main_node = node(v, MAIN_ROOT, code(v, "main"), 1, 0);
    nodes_id load = node(v, main_node, code(v, "load"), 1, 0);

    node(v, load, code(v, "parse"), 1, 0);
    update(v);
    assert_true(tree_close(v->tree, load));
    assert_false(tree_close(v->tree, load));
    node(v, load, code(v, "check"), 1, 3);
    node(v, main_node, code(v, "save"), 1, 0);
    assert_true(update(v));
    assert_rows(v, "main 1 0/3 v\n"
                   ".load 1 0/3 +\n"
                   ".save 1 0/0\n");
    assert_true(tree_open(v->tree, load));
    assert_int_equal(tree_n_rows(v->tree), 5);
}

static void
test_tree_finds_the_row_that_hides_a_node(void **state)
{
    struct view *v = *state;
    nodes_id main_node = node(v, MAIN_ROOT, code(v, "main"), 1, 0);
    nodes_id load = node(v, main_node, code(v, "load"), 1, 0);
    nodes_id parse = node(v, load, code(v, "parse"), 1, 0);
    size_t row;

    update(v);
    tree_close(v->tree, main_node);
    assert_true(tree_find(v->tree, parse, &row));
    assert_int_equal(row, 0);
    assert_true(tree_reveal(v->tree, parse));
    assert_true(tree_find(v->tree, parse, &row));
    assert_int_equal(row, 2);
    assert_int_equal(tree_parent(v->tree, parse), load);
    assert_int_equal(tree_parent(v->tree, main_node), FORMAT_NONE);
}

static void
test_tree_marks_where_threads_run(void **state)
{
    struct view *v = *state;
    nodes_id main_node = node(v, MAIN_ROOT, code(v, "main"), 1, 0);
    nodes_id load = node(v, main_node, code(v, "load"), 1, 0);

    atomic_store(&session_build_thread(&v->b, 0)->node, load);
    update(v);
    assert_rows(v, "main 1 0/0 v\n"
                   ".load 1 0/0 <-\n");
    tree_close(v->tree, main_node);
    assert_rows(v, "main 1 0/0 + <-\n");
}

static void
test_tree_gives_other_threads_a_row(void **state)
{
    struct view *v = *state;
    codes_id work = code(v, "work");
    threads_id w;

    node(v, MAIN_ROOT, code(v, "main"), 1, 2);
    w = session_build_add_thread(&v->b, "w1");
    node(v, session_build_thread(&v->b, w)->root, work, 1, 5);
    atomic_store(&session_build_thread(&v->b, w)->state, FORMAT_THREAD_ENDED);
    session_build_exit(&v->b, 0);
    update(v);
    assert_rows(v, "main 1 2/2\n"
                   "thread w1 0 0/5 v ended\n"
                   ".work 1 5/5\n");
}

static void
test_tree_leaves_hidden_functions_out(void **state)
{
    struct view *v = *state;
    codes_id wrap = code(v, "wrap");
    nodes_id main_node = node(v, MAIN_ROOT, code(v, "main"), 1, 1);
    nodes_id wrapped = node(v, main_node, wrap, 1, 2);

    node(v, wrapped, code(v, "load"), 1, 4);
    session_build_exit(&v->b, 0);
    update(v);
    atomic_store(&session_build_code_of(&v->b, wrap)->flags, FORMAT_CODE_HIDDEN);
    assert_true(update(v));
    assert_rows(v, "main 1 1/7 v\n"
                   ".load 1 4/4\n");
    assert_true(tree_update(v->tree, true));
    assert_rows(v, "main 1 1/7 v\n"
                   ".wrap 1 2/6 v hidden\n"
                   "..load 1 4/4\n");
}

static void
test_tree_adds_time_that_is_not_booked(void **state)
{
    struct view *v = *state;
    nodes_id main_node = node(v, MAIN_ROOT, code(v, "main"), 1, 1000);
    nodes_id load = node(v, main_node, code(v, "load"), 1, 0);
    struct format_header *h = writer_header(v->b.writer);

    /* Paused at tick 900, with the last event at 500. */
    h->start_mono_ns = 1;
    atomic_store(&h->stop_ticks, 900);
    atomic_store(&h->state, FORMAT_PAUSED);
    atomic_store(&session_build_thread(&v->b, 0)->node, load);
    atomic_store(&session_build_thread(&v->b, 0)->node_ticks, 500);
    update(v);
    assert_rows(v, "main 1 1000/1400 v\n"
                   ".load 1 400/400 <-\n");
}

static void
test_tree_takes_the_cost_of_probes_off(void **state)
{
    struct view *v = *state;
    codes_id load = code(v, "load");
    struct format_header *h = writer_header(v->b.writer);

    h->line_cost_ticks = 10;
    h->call_cost_ticks = 50;
    session_build_line(&v->b, load, 1, 20, 0);
    node(v, MAIN_ROOT, load, 2, 1000);
    session_build_exit(&v->b, 0);
    update(v);
    assert_rows(v, "load 2 700/700\n"); /* 1000 - 20 * 10 - 2 * 50 */
    spent_update(&v->spent, SPENT_RAW);
    totals_update(v->totals);
    tree_update(v->tree, false);
    assert_rows(v, "load 2 1000/1000\n");
}

static void
test_tree_closes_all_and_opens_all(void **state)
{
    struct view *v = *state;
    nodes_id at = MAIN_ROOT;
    char name[16];

    for (int i = 0; i < 5; i++) {
        snprintf(name, sizeof(name), "f%d", i);
        at = node(v, at, code(v, name), 1, 0);
    }
    update(v);
    tree_close_all(v->tree);
    assert_int_equal(tree_n_rows(v->tree), 1);
    tree_open_all(v->tree);
    assert_int_equal(tree_n_rows(v->tree), 5);
}

/* Random trees, random opening and closing: the counted rows are those that a walk
 * finds, and growing step by step ends where taking all at once does. */
static void
test_tree_agrees_with_itself_on_random_trees(void **state)
{
    struct view *v = *state;
    unsigned seed = (unsigned)time(NULL);
    struct buf grown = {0}, fresh = {0};
    codes_id codes[6];
    struct tree_row row;
    nodes_id last = MAIN_ROOT;
    struct tree *other;

    print_message("seed %u\n", seed);
    srand(seed);
    for (int i = 0; i < 6; i++)
        codes[i] = code(v, "f");
    for (int i = 0; i < 3000; i++) {
        nodes_id up = MAIN_ROOT + (nodes_id)rand() % (last - MAIN_ROOT + 1);

        last = node(v, up, codes[rand() % 6], 1, 1);
        if (i % 50)
            continue;
        update(v);
        for (int k = 0; k < 5; k++) {
            nodes_id id = tree_at(v->tree, (size_t)rand() % tree_n_rows(v->tree));

            if (rand() % 3)
                tree_open(v->tree, id);
            else
                tree_close(v->tree, id);
        }
    }
    session_build_exit(&v->b, 0);
    tree_open_all(v->tree);
    for (size_t i = 0; i < tree_n_rows(v->tree); i++)
        while (tree_rows(v->tree, i, 1, &row) && tree_open(v->tree, row.node))
            continue;
    update(v);
    other = tree_new(v->b.reader, v->totals);
    tree_update(other, false);
    for (size_t i = 0; i < tree_n_rows(other); i++)
        while (tree_rows(other, i, 1, &row) && tree_open(other, row.node))
            continue;
    for (size_t i = 0; tree_rows(v->tree, i, 1, &row); i++)
        print_row(v, &row, &grown);
    for (size_t i = 0; tree_rows(other, i, 1, &row); i++)
        print_row(v, &row, &fresh);
    assert_string_equal(buf_str(&grown), buf_str(&fresh));
    assert_int_equal(tree_n_rows(other), tree_n_rows(v->tree));
    tree_free(other);
    buf_release(&grown);
    buf_release(&fresh);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_tree_sums_from_the_leaves),
        TEST(test_tree_is_empty_before_the_first_call),
        TEST(test_tree_folds_direct_recursion),
        TEST(test_tree_unrolls_and_rolls_recursion),
        TEST(test_tree_shows_pure_recursion_as_folded),
        TEST(test_tree_folds_indirect_recursion),
        TEST(test_tree_keeps_what_is_closed_while_it_grows),
        TEST(test_tree_finds_the_row_that_hides_a_node),
        TEST(test_tree_marks_where_threads_run),
        TEST(test_tree_gives_other_threads_a_row),
        TEST(test_tree_leaves_hidden_functions_out),
        TEST(test_tree_adds_time_that_is_not_booked),
        TEST(test_tree_takes_the_cost_of_probes_off),
        TEST(test_tree_closes_all_and_opens_all),
        TEST(test_tree_agrees_with_itself_on_random_trees),
    };

    return cmocka_run_group_tests_name("tree", tests, NULL, NULL);
}

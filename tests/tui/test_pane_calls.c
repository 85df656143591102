#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/harness/pane_stage.h"

enum { MAIN_ROOT = 1, MS = 1000000 };

struct ids {
    codes_id main_code, fib;
    nodes_id main_node, fib_node;
};

/* main calls load, and fib, which calls itself. */
static struct ids
make_program(struct pane_stage *s)
{
    struct session_build *b = &s->b;
    struct ids ids;
    files_id file;
    nodes_id n;

    pane_stage_start(s, &pane_calls_ops);
    file = session_build_file(b, "a.py", "x\n");
    n = session_build_node(b, MAIN_ROOT, session_build_code(b, file, "<module>", 1), 1,
                           MS);
    ids.main_code = session_build_code(b, file, "main", 10);
    ids.main_node = session_build_node(b, n, ids.main_code, 1, 2 * MS);
    session_build_node(b, ids.main_node, session_build_code(b, file, "load", 20), 3,
                       4 * MS);
    ids.fib = session_build_code(b, file, "fib", 2);
    ids.fib_node = session_build_node(b, ids.main_node, ids.fib, 6, 5 * MS);
    session_build_node(b, ids.fib_node, ids.fib, 28, 8 * MS);
    return ids;
}

static void
test_pane_calls_shows_the_tree(void **state)
{
    struct pane_stage s;

    (void)state;
    make_program(&s);
    session_build_exit(&s.b, 0);
    s.view.mode = VIEW_EXIT;
    assert_true(pane_stage_refresh(&s));
    PANE_STAGE_SHOWS(&s, 60, 6,
                     "  function                         calls     total      self\n"
                     "  v <module> a.py                      1  20.00 ms   1.00 ms\n"
                     "    v main                             1  19.00 ms   2.00 ms\n"
                     "        load x3                        3   4.00 ms   4.00 ms\n"
                     "      + fib x34                       34  13.00 ms  13.00 ms\n");
    pane_stage_has_heading(&s, "|1/4");
    pane_stage_end(&s);
}

static void
test_pane_calls_drops_columns_that_do_not_fit(void **state)
{
    struct pane_stage s;

    (void)state;
    make_program(&s);
    session_build_exit(&s.b, 0);
    pane_stage_refresh(&s);
    PANE_STAGE_SHOWS(&s, 45, 2,
                     "  v <module> a.py                 1  20.00 ms\n"
                     "    v main                        1  19.00 ms\n");
    PANE_STAGE_SHOWS(&s, 30, 2,
                     "  v <module> a.py            1\n"
                     "    v main                   1\n");
    PANE_STAGE_SHOWS(&s, 12, 2,
                     "  v <mo~.py\n"
                     "    v main\n");
    PANE_STAGE_SHOWS(&s, 1, 1, "");
    pane_stage_end(&s);
}

static void
test_pane_calls_follows_the_program_until_the_user_moves(void **state)
{
    struct pane_stage s;
    struct ids ids;

    (void)state;
    ids = make_program(&s);
    atomic_store(&session_build_thread(&s.b, 0)->node, ids.fib_node);
    pane_stage_refresh(&s);
    pane_stage_has_heading(&s, "|4/4 follow");
    PANE_STAGE_SHOWS(
        &s, 72, 5,
        "  function                              calls     total      self\n"
        "  v <module> a.py                           1  20.00 ms   1.00 ms\n"
        "    v main                                  1  19.00 ms   2.00 ms\n"
        "        load x3                             3   4.00 ms   4.00 ms\n"
        ">     + fib x34                            34  13.00 ms  13.00 ms "
        "<- now\n");
    assert_int_equal(pane_stage_back(&s, 4, 0), THEME_SELECTED);
    atomic_store(&session_build_thread(&s.b, 0)->node, ids.main_node);
    pane_stage_refresh(&s);
    pane_stage_has_heading(&s, "|2/4 follow");
    assert_int_equal(pane_stage_act(&s, ACTIONS_DOWN), PANE_HANDLED | PANE_REDRAW);
    atomic_store(&session_build_thread(&s.b, 0)->node, ids.fib_node);
    pane_stage_refresh(&s);
    pane_stage_has_heading(&s, "|3/4");
    pane_stage_act(&s, ACTIONS_PRESENT);
    pane_stage_has_heading(&s, "|4/4 follow");
    pane_stage_end(&s);
}

static void
test_pane_calls_moves_the_shared_cursor(void **state)
{
    struct pane_stage s;
    struct ids ids;

    (void)state;
    ids = make_program(&s);
    pane_stage_refresh(&s);
    pane_stage_act(&s, ACTIONS_LAST);
    assert_int_equal(s.view.node, ids.fib_node);
    assert_int_equal(s.view.code, ids.fib);
    assert_int_equal(s.view.line, 2);
    view_select_node(&s.view, ids.main_node);
    pane_stage_refresh(&s);
    pane_stage_has_heading(&s, "|2/4");
    pane_stage_end(&s);
}

static void
test_pane_calls_opens_and_closes(void **state)
{
    struct pane_stage s;
    struct ids ids;

    (void)state;
    ids = make_program(&s);
    session_build_exit(&s.b, 0);
    pane_stage_refresh(&s);
    view_select_node(&s.view, ids.main_node);
    pane_stage_refresh(&s);
    pane_stage_act(&s, ACTIONS_LEFT);
    PANE_STAGE_SHOWS(&s, 30, 3,
                     "  v <module> a.py            1\n"
                     "    + main                   1\n");
    pane_stage_act(&s, ACTIONS_LEFT); /* to what it is inside of */
    pane_stage_has_heading(&s, "|1/2");
    pane_stage_act(&s, ACTIONS_RIGHT); /* it is open: into it */
    pane_stage_act(&s, ACTIONS_RIGHT);
    pane_stage_act(&s, ACTIONS_LAST);
    pane_stage_act(&s, ACTIONS_ENTER); /* unrolls the recursion */
    PANE_STAGE_SHOWS(&s, 30, 3,
                     "    v main                   1\n"
                     "        load x3              3\n"
                     "      v fib x6               6\n");
    pane_stage_act(&s, ACTIONS_ENTER);
    pane_stage_act(&s, ACTIONS_FOLD_ALL);
    PANE_STAGE_SHOWS(&s, 30, 3, "  + <module> a.py            1\n");
    pane_stage_act(&s, ACTIONS_FOLD_ALL);
    pane_stage_has_heading(&s, "|1/4");
    pane_stage_end(&s);
}

static void
test_pane_calls_goes_to_the_source_of_a_leaf(void **state)
{
    struct pane_stage s;

    (void)state;
    make_program(&s);
    pane_stage_refresh(&s);
    pane_stage_act(&s, ACTIONS_DOWN);
    pane_stage_act(&s, ACTIONS_DOWN);
    pane_stage_act(&s, ACTIONS_ENTER);
    assert_string_equal(s.asked, "focus 2");
    assert_int_equal(s.view.line, 20);
    pane_stage_end(&s);
}

static void
test_pane_calls_hides_by_a_rule(void **state)
{
    struct pane_stage s;
    struct format_file *file;
    struct ids ids;

    (void)state;
    ids = make_program(&s);
    file = writer_record(s.b.writer, FORMAT_FILES, 0);
    file->module = session_build_string(&s.b, "shop");
    pane_stage_refresh(&s);
    view_select_node(&s.view, ids.main_node);
    pane_stage_refresh(&s);
    pane_stage_act(&s, ACTIONS_HIDE);
    assert_string_equal(s.asked, "hide shop:main");
    pane_stage_act(&s, ACTIONS_UP);
    pane_stage_act(&s, ACTIONS_HIDE);
    assert_string_equal(s.asked, "hide shop");
    atomic_store(&session_build_code_of(&s.b, ids.main_code)->flags,
                 FORMAT_CODE_HIDDEN);
    pane_stage_refresh(&s);
    PANE_STAGE_SHOWS(&s, 30, 3,
                     "  v <module> shop            1\n"
                     "      load x3                3\n"
                     "    + fib x34               34\n");
    s.view.options |= VIEW_SHOW_HIDDEN;
    pane_stage_refresh(&s);
    PANE_STAGE_SHOWS(&s, 30, 3,
                     "  v <module> shop            1\n"
                     "    v main                   1\n"
                     "        load x3              3\n");
    assert_int_equal(pane_stage_style(&s, 1, 6), THEME_HIDDEN);
    pane_stage_end(&s);
}

static void
test_pane_calls_finds_functions(void **state)
{
    struct pane_stage s;
    struct pane_found found;

    (void)state;
    make_program(&s);
    pane_stage_refresh(&s);
    found = pane_calls_ops.find(s.self, &s.view, "A", PANE_FIND_FIRST);
    assert_int_equal(found.n, 0);
    found = pane_calls_ops.find(s.self, &s.view, "a", PANE_FIND_FIRST);
    assert_int_equal(found.n, 3);
    assert_int_equal(found.at, 1);
    found = pane_calls_ops.find(s.self, &s.view, "a", PANE_FIND_NEXT);
    assert_int_equal(found.at, 2);
    found = pane_calls_ops.find(s.self, &s.view, "a", PANE_FIND_PREV);
    found = pane_calls_ops.find(s.self, &s.view, "a", PANE_FIND_PREV);
    assert_int_equal(found.at, 3);
    found = pane_calls_ops.find(s.self, &s.view, "", PANE_FIND_FIRST);
    assert_int_equal(found.at, 0);
    pane_stage_refresh(&s);
    pane_stage_has_heading(&s, "|1/4");
    pane_stage_end(&s);
}

static void
test_pane_calls_says_why_it_is_empty(void **state)
{
    struct pane_stage s;
    struct format_rule *rule;
    void *place;

    (void)state;
    pane_stage_start(&s, &pane_calls_ops);
    s.view.reader = NULL;
    pane_stage_refresh(&s);
    PANE_STAGE_SHOWS(&s, 60, 2, " (the program is starting)\n");
    s.view.reader = s.b.reader;
    pane_stage_refresh(&s);
    PANE_STAGE_SHOWS(&s, 60, 2, " (nothing was called yet)\n");
    assert_int_equal(writer_add(s.b.writer, FORMAT_RULES, 1, &place), 0);
    rule = place;
    rule->text = session_build_string(&s.b, "app.*");
    atomic_store(&rule->n_codes, 7);
    writer_publish(s.b.writer, FORMAT_RULES);
    pane_stage_refresh(&s);
    PANE_STAGE_SHOWS(&s, 60, 2, " (everything so far is hidden by the rule app.*)\n");
    writer_header(s.b.writer)->mode = FORMAT_MODE_LINES;
    pane_stage_refresh(&s);
    PANE_STAGE_SHOWS(&s, 60, 2, " (only lines are counted: no calls were recorded)\n");
    pane_stage_end(&s);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pane_calls_shows_the_tree),
        cmocka_unit_test(test_pane_calls_drops_columns_that_do_not_fit),
        cmocka_unit_test(test_pane_calls_follows_the_program_until_the_user_moves),
        cmocka_unit_test(test_pane_calls_moves_the_shared_cursor),
        cmocka_unit_test(test_pane_calls_opens_and_closes),
        cmocka_unit_test(test_pane_calls_goes_to_the_source_of_a_leaf),
        cmocka_unit_test(test_pane_calls_hides_by_a_rule),
        cmocka_unit_test(test_pane_calls_finds_functions),
        cmocka_unit_test(test_pane_calls_says_why_it_is_empty),
    };

    return cmocka_run_group_tests_name("pane_calls", tests, NULL, NULL);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/harness/pane_stage.h"

enum { MS = 1000000 };

static const char program[] = "def f(n):\n"
                              "    if n:\n"
                              "\treturn 'x'\n"
                              "    return 2\n"
                              "\n"
                              "f(1)\n";

/* Lines 1, 2, 3 and 6 ran, 4 did not. */
static codes_id
make_program(struct pane_stage *s)
{
    struct session_build *b = &s->b;
    codes_id f;

    pane_stage_start(s, &pane_source_ops);
    session_build_file(b, "a.py", program);
    f = session_build_code(b, 0, "f", 1);
    session_build_line(b, f, 1, 1, 0);
    session_build_line(b, f, 2, 15, 2 * MS);
    session_build_line(b, f, 3, 15, 4 * MS);
    session_build_line(b, f, 4, 0, 0);
    session_build_line(b, f, 6, 1, MS);
    pane_stage_refresh(s);
    return f;
}

static void
test_pane_source_shows_what_each_line_cost(void **state)
{
    struct pane_stage s;

    (void)state;
    make_program(&s);
    PANE_STAGE_SHOWS(&s, 60, 6,
                     "       1   0.00 ms    1    def f(n):\n"
                     "      15   2.00 ms =  2        if n:\n"
                     "      15   4.00 ms #  3            return 'x'\n"
                     "  >>>>>>              4        return 2\n"
                     "                      5\n"
                     "       1   1.00 ms :  6    f(1)\n");
    pane_stage_has_heading(&s, "a.py|4/5 lines 80%");
    assert_int_equal(pane_stage_style(&s, 3, 4), THEME_NOT_RUN);
    assert_int_equal(pane_stage_style(&s, 0, 27), THEME_KEYWORD);
    assert_int_equal(pane_stage_style(&s, 0, 31), THEME_NAME);
    assert_int_equal(pane_stage_style(&s, 2, 42), THEME_STRING);
    pane_stage_end(&s);
}

static void
test_pane_source_drops_columns_that_do_not_fit(void **state)
{
    struct pane_stage s;

    (void)state;
    make_program(&s);
    PANE_STAGE_SHOWS(&s, 50, 4,
                     "       1    1    def f(n):\n"
                     "      15 =  2        if n:\n"
                     "      15 #  3            return 'x'\n"
                     "  >>>>>>    4        return 2\n");
    PANE_STAGE_SHOWS(&s, 20, 4,
                     "    1    def f(n):\n"
                     " =  2        if n:\n"
                     " #  3            ret\n"
                     " >  4        return\n");
    PANE_STAGE_SHOWS(&s, 1, 1, "");
    pane_stage_end(&s);
}

static void
test_pane_source_has_no_times_when_none_were_taken(void **state)
{
    struct pane_stage s;

    (void)state;
    make_program(&s);
    writer_header(s.b.writer)->mode = FORMAT_MODE_LINES;
    PANE_STAGE_SHOWS(&s, 60, 2,
                     "       1    1    def f(n):\n"
                     "      15 =  2        if n:\n");
    pane_stage_end(&s);
}

static void
test_pane_source_shows_breakpoints(void **state)
{
    struct pane_stage s;
    struct view_break *stop;

    (void)state;
    make_program(&s);
    pane_stage_act(&s, ACTIONS_DOWN);
    pane_stage_act(&s, ACTIONS_BREAK);
    assert_string_equal(s.asked, "break 0:2");
    view_add_break(&s.view, "a.py", 2);
    PANE_STAGE_SHOWS(&s, 50, 2,
                     "       1    1    def f(n):\n"
                     "      15 =b 2        if n:\n");
    stop = view_add_break(&s.view, "a.py", 2);
    stop->state = VIEW_BREAK_SET;
    PANE_STAGE_SHOWS(&s, 50, 2,
                     "       1    1    def f(n):\n"
                     "      15 =B 2        if n:\n");
    pane_stage_end(&s);
}

static void
stop_at(struct pane_stage *s, uint32_t line)
{
    s->view.mode = VIEW_PAUSED;
    session_build_read(&s->b);
    view_select_frame(&s->view, reader_count(s->b.reader, FORMAT_STOPS) - 1, 0);
    s->view.now_file = s->view.file;
    s->view.now_line = line;
    pane_stage_refresh(s);
}

static void
test_pane_source_shows_where_the_program_stands(void **state)
{
    static const struct session_build_value values[] = {
        {"n", "0", FORMAT_VALUE_CHANGED}, {"other", "5", 0}};
    struct pane_stage s;
    codes_id f;

    (void)state;
    f = make_program(&s);
    session_build_stop(&s.b, f, 2, values, 2);
    stop_at(&s, 2);
    PANE_STAGE_SHOWS(&s, 50, 3,
                     "       1    1    def f(n):\n"
                     "      15 =  2 ->     if n:   *n=0\n"
                     "      15 #  3            return 'x'\n");
    assert_int_equal(pane_stage_back(&s, 1, 0), THEME_NOW);
    pane_stage_end(&s);
}

static void
test_pane_source_goes_back_to_the_program(void **state)
{
    struct pane_stage s;
    codes_id f;

    (void)state;
    f = make_program(&s);
    session_build_stop(&s.b, f, 4, NULL, 0);
    stop_at(&s, 4);
    pane_stage_act(&s, ACTIONS_FIRST);
    assert_int_equal(s.view.line, 1);
    PANE_STAGE_SHOWS(&s, 50, 1, "       1    1    def f(n):\n");
    pane_stage_act(&s, ACTIONS_PRESENT);
    PANE_STAGE_SHOWS(&s, 50, 1, "  >>>>>>    4 ->     return 2\n");
    pane_stage_end(&s);
}

static void
test_pane_source_follows_a_running_program(void **state)
{
    struct pane_stage s;
    lines_id far;

    (void)state;
    make_program(&s);
    session_build_file(&s.b, "b.py", "y\nz\n");
    far = session_build_line(&s.b, session_build_code(&s.b, 1, "g", 1), 2, 1, 0);
    atomic_store(&session_build_thread(&s.b, 0)->line, 4); /* a.py:6 */
    pane_stage_refresh(&s);
    PANE_STAGE_SHOWS(&s, 50, 1, "       1 :  6 -> f(1)\n");
    /* Another file is not shown before the program stays there. */
    atomic_store(&session_build_thread(&s.b, 0)->line, far);
    pane_stage_refresh(&s);
    pane_stage_has_heading(&s, "a.py|4/5 lines 80%");
    for (int i = 0; i < 20; i++)
        pane_stage_refresh(&s);
    pane_stage_has_heading(&s, "b.py|1/1 lines 100%");
    /* And not at all once the user has moved. */
    pane_stage_act(&s, ACTIONS_UP);
    atomic_store(&session_build_thread(&s.b, 0)->line, 4);
    for (int i = 0; i < 20; i++)
        pane_stage_refresh(&s);
    pane_stage_has_heading(&s, "b.py|1/1 lines 100%");
    pane_stage_end(&s);
}

static void
test_pane_source_goes_where_other_panes_point(void **state)
{
    struct pane_stage s;

    (void)state;
    make_program(&s);
    session_build_file(&s.b, "b.py", "y\nz\n");
    pane_stage_refresh(&s);
    view_select_line(&s.view, 1, 2);
    pane_stage_refresh(&s);
    PANE_STAGE_SHOWS(&s, 50, 2,
                     "            1    y\n"
                     "            2    z\n");
    assert_int_equal(pane_stage_back(&s, 1, 0), THEME_SELECTED);
    pane_stage_end(&s);
}

static void
test_pane_source_scrolls_sideways(void **state)
{
    struct pane_stage s;

    (void)state;
    make_program(&s);
    pane_stage_act(&s, ACTIONS_RIGHT);
    PANE_STAGE_SHOWS(&s, 50, 3,
                     "       1    1    :\n"
                     "      15 =  2    :\n"
                     "      15 #  3    return 'x'\n");
    pane_stage_act(&s, ACTIONS_LEFT);
    pane_stage_act(&s, ACTIONS_LEFT);
    PANE_STAGE_SHOWS(&s, 50, 1, "       1    1    def f(n):\n");
    pane_stage_end(&s);
}

static void
test_pane_source_finds_text(void **state)
{
    struct pane_stage s;
    struct pane_found found;

    (void)state;
    make_program(&s);
    found = pane_source_ops.find(s.self, &s.view, "RETURN", PANE_FIND_FIRST);
    assert_int_equal(found.n, 0);
    found = pane_source_ops.find(s.self, &s.view, "return", PANE_FIND_FIRST);
    assert_int_equal(found.n, 2);
    assert_int_equal(found.at, 1);
    assert_int_equal(s.view.line, 3);
    PANE_STAGE_SHOWS(&s, 50, 3,
                     "       1    1    def f(n):\n"
                     "      15 =  2        if n:\n"
                     "      15 #  3            return 'x'\n");
    assert_int_equal(pane_stage_back(&s, 2, 24), THEME_SELECTED);
    assert_int_equal(pane_stage_back(&s, 2, 25), THEME_MATCH);
    assert_int_equal(pane_stage_back(&s, 2, 30), THEME_MATCH);
    assert_int_equal(pane_stage_back(&s, 2, 31), THEME_SELECTED);
    found = pane_source_ops.find(s.self, &s.view, "return", PANE_FIND_NEXT);
    assert_int_equal(s.view.line, 4);
    pane_source_ops.find(s.self, &s.view, "", PANE_FIND_FIRST);
    assert_int_equal(s.view.line, 1);
    pane_stage_end(&s);
}

static void
test_pane_source_lets_no_control_bytes_through(void **state)
{
    struct pane_stage s;

    (void)state;
    pane_stage_start(&s, &pane_source_ops);
    session_build_file(&s.b, "a.py", "x = '\x1b[2J'\x07\xff\n");
    pane_stage_refresh(&s);
    PANE_STAGE_SHOWS(&s, 50, 1, "            1    x = '^[[2J'^G\\xFF\n");
    pane_stage_end(&s);
}

static void
test_pane_source_says_why_it_is_empty(void **state)
{
    struct pane_stage s;

    (void)state;
    pane_stage_start(&s, &pane_source_ops);
    pane_stage_refresh(&s);
    PANE_STAGE_SHOWS(&s, 60, 2,
                     " (no file that the filters let through was loaded yet)\n");
    session_build_file(&s.b, "a.py", NULL);
    pane_stage_refresh(&s);
    PANE_STAGE_SHOWS(&s, 60, 2, " (the session has no source of this file)\n");
    session_build_file(&s.b, "b.py", "");
    pane_stage_refresh(&s);
    view_select_line(&s.view, 1, 1);
    pane_stage_refresh(&s);
    PANE_STAGE_SHOWS(&s, 60, 2, " (this file is empty)\n");
    pane_stage_act(&s, ACTIONS_DOWN);
    pane_stage_end(&s);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pane_source_shows_what_each_line_cost),
        cmocka_unit_test(test_pane_source_drops_columns_that_do_not_fit),
        cmocka_unit_test(test_pane_source_has_no_times_when_none_were_taken),
        cmocka_unit_test(test_pane_source_shows_breakpoints),
        cmocka_unit_test(test_pane_source_shows_where_the_program_stands),
        cmocka_unit_test(test_pane_source_goes_back_to_the_program),
        cmocka_unit_test(test_pane_source_follows_a_running_program),
        cmocka_unit_test(test_pane_source_goes_where_other_panes_point),
        cmocka_unit_test(test_pane_source_scrolls_sideways),
        cmocka_unit_test(test_pane_source_finds_text),
        cmocka_unit_test(test_pane_source_lets_no_control_bytes_through),
        cmocka_unit_test(test_pane_source_says_why_it_is_empty),
    };

    return cmocka_run_group_tests_name("pane_source", tests, NULL, NULL);
}

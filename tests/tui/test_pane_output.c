#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/harness/pane_stage.h"
#include "tui/vt.h"

static struct pane_stage s;

static int
setup(void **state)
{
    (void)state;
    pane_stage_start(&s, &pane_output_ops);
    s.view.mode = VIEW_RUN;
    s.view.terminal = vt_new(4, 20, 100);
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    vt_free(s.view.terminal);
    s.view.terminal = NULL;
    pane_stage_end(&s);
    return 0;
}

static void
print(const char *text)
{
    vt_feed(s.view.terminal, text, strlen(text));
    assert_true(pane_stage_refresh(&s));
}

static void
print_lines(int n)
{
    char line[32];

    for (int i = 1; i <= n; i++) {
        snprintf(line, sizeof(line), "line %d\r\n", i);
        print(line);
    }
}

static void
test_pane_output_says_why_it_is_empty(void **state)
{
    struct vt *t = s.view.terminal;

    (void)state;
    PANE_STAGE_SHOWS(&s, 30, 3, " nothing printed yet\n");
    s.view.terminal = NULL;
    PANE_STAGE_SHOWS(&s, 70, 3,
                     " the program's output is not shown here: it is redirected\n");
    s.view.mode = VIEW_SAVED;
    PANE_STAGE_SHOWS(&s, 30, 3, " a recording keeps no output\n");
    s.view.terminal = t;
}

static void
test_pane_output_makes_the_terminal_its_size(void **state)
{
    (void)state;
    PANE_STAGE_SHOWS(&s, 33, 7, " nothing printed yet\n");
    assert_int_equal(vt_rows(s.view.terminal), 7);
    assert_int_equal(vt_cols(s.view.terminal), 33);
}

static void
test_pane_output_shows_the_end(void **state)
{
    (void)state;
    PANE_STAGE_SHOWS(&s, 20, 3, " nothing printed yet\n");
    print_lines(5);
    PANE_STAGE_SHOWS(&s, 20, 3, "line 4\nline 5\n");
    print("end");
    PANE_STAGE_SHOWS(&s, 20, 3, "line 4\nline 5\nend\n");
}

static void
test_pane_output_fills_up_when_the_program_is_over(void **state)
{
    (void)state;
    PANE_STAGE_SHOWS(&s, 20, 3, " nothing printed yet\n");
    print_lines(5);
    s.view.mode = VIEW_EXIT;
    pane_stage_refresh(&s);
    PANE_STAGE_SHOWS(&s, 20, 3, "line 3\nline 4\nline 5\n");
}

static void
test_pane_output_scrolls_and_stays_while_more_comes(void **state)
{
    (void)state;
    PANE_STAGE_SHOWS(&s, 20, 3, " nothing printed yet\n");
    print_lines(9);
    pane_stage_act(&s, ACTIONS_UP);
    PANE_STAGE_SHOWS(&s, 20, 3, "line 7\nline 8\nline 9\n");
    pane_stage_act(&s, ACTIONS_PAGE_UP);
    PANE_STAGE_SHOWS(&s, 20, 3, "line 5\nline 6\nline 7\n");
    pane_stage_has_heading(&s, "|line 5 of 10");
    print("more\r\n");
    PANE_STAGE_SHOWS(&s, 20, 3, "line 5\nline 6\nline 7\n");
    pane_stage_act(&s, ACTIONS_FIRST);
    PANE_STAGE_SHOWS(&s, 20, 3, "line 1\nline 2\nline 3\n");
    pane_stage_act(&s, ACTIONS_LAST);
    PANE_STAGE_SHOWS(&s, 20, 3, "line 9\nmore\n");
    pane_stage_has_heading(&s, "|i: type to the program");
}

static void
test_pane_output_finds_what_scrolled_off(void **state)
{
    struct pane_found found;

    (void)state;
    PANE_STAGE_SHOWS(&s, 20, 3, " nothing printed yet\n");
    print_lines(20);
    found = s.ops->find(s.self, &s.view, "LINE 7", PANE_FIND_FIRST);
    assert_int_equal(found.n, 0); /* capitals matter */
    found = s.ops->find(s.self, &s.view, "line 7", PANE_FIND_FIRST);
    assert_int_equal(found.n, 1);
    PANE_STAGE_SHOWS(&s, 20, 3, "line 6\nline 7\nline 8\n");
    assert_int_equal(pane_stage_back(&s, 1, 0), THEME_SELECTED);
    found = s.ops->find(s.self, &s.view, "line 1", PANE_FIND_NEXT);
    assert_int_equal(found.n, 11);
}

static void
test_pane_output_tells_how_to_type(void **state)
{
    (void)state;
    pane_stage_has_heading(&s, "|i: type to the program");
    s.view.typing = true;
    pane_stage_has_heading(&s, "|Ctrl-] leaves");
    s.view.typing = false;
    print("\033[?1049h");
    pane_stage_has_heading(&s, "|full-screen program: z");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_pane_output_says_why_it_is_empty),
        TEST(test_pane_output_makes_the_terminal_its_size),
        TEST(test_pane_output_shows_the_end),
        TEST(test_pane_output_fills_up_when_the_program_is_over),
        TEST(test_pane_output_scrolls_and_stays_while_more_comes),
        TEST(test_pane_output_finds_what_scrolled_off),
        TEST(test_pane_output_tells_how_to_type),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

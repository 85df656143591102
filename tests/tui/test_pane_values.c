#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/harness/pane_stage.h"

static const struct session_build_value values[] = {
    {"items", "[1, 2, 3, 4, 5, 6]", 0},        {"total", "16.8", FORMAT_VALUE_CHANGED},
    {"order", "<Order>", FORMAT_VALUE_OPAQUE}, {"password", "***", FORMAT_VALUE_MASKED},
    {"a_very_long_name_for_a_value", "1", 0},
};

static void
stop_here(struct pane_stage *s)
{
    pane_stage_start(s, &pane_values_ops);
    session_build_file(&s->b, "a.py", "x\n");
    session_build_stop(&s->b, session_build_code(&s->b, 0, "price", 1), 7, values, 5);
    session_build_read(&s->b);
    s->view.mode = VIEW_PAUSED;
    view_select_frame(&s->view, 0, 0);
    s->view.now_file = 0;
    s->view.now_line = 7;
    pane_stage_refresh(s);
}

static void
test_pane_values_shows_names_and_values(void **state)
{
    struct pane_stage s;

    (void)state;
    stop_here(&s);
    PANE_STAGE_SHOWS(&s, 60, 5,
                     "  items                 [1, 2, 3, 4, 5, 6]\n"
                     "* total                 16.8\n"
                     "  order                 <Order>\n"
                     "  password              ***\n"
                     "  a_very_lo~or_a_value  1\n");
    assert_int_equal(pane_stage_style(&s, 1, 0), THEME_CHANGED);
    assert_int_equal(pane_stage_style(&s, 2, 24), THEME_MUTED);
    pane_stage_has_heading(&s, "Values  price:7|");
    pane_stage_end(&s);
}

static void
test_pane_values_scrolls_sideways(void **state)
{
    struct pane_stage s;

    (void)state;
    stop_here(&s);
    PANE_STAGE_SHOWS(&s, 24, 1, "  items  [1, 2, 3, 4, 5~\n");
    pane_stage_act(&s, ACTIONS_RIGHT);
    PANE_STAGE_SHOWS(&s, 24, 1, "  items  , 4, 5, 6]\n");
    pane_stage_end(&s);
}

static void
test_pane_values_stays_on_a_name_at_the_next_stop(void **state)
{
    static const struct session_build_value fewer[] = {{"order", "<Order>", 0},
                                                       {"total", "20", 0}};
    struct pane_stage s;

    (void)state;
    stop_here(&s);
    pane_stage_act(&s, ACTIONS_DOWN);
    session_build_stop(&s.b, 0, 8, fewer, 2);
    session_build_read(&s.b);
    view_select_frame(&s.view, 1, 0);
    s.view.now_line = 8;
    assert_true(pane_stage_refresh(&s));
    PANE_STAGE_SHOWS(&s, 24, 2,
                     "  order  <Order>\n"
                     "  total  20\n");
    assert_int_equal(pane_stage_back(&s, 1, 0), THEME_SELECTED);
    pane_stage_end(&s);
}

static void
test_pane_values_says_why_it_is_empty(void **state)
{
    struct pane_stage s;

    (void)state;
    stop_here(&s);
    s.view.mode = VIEW_RUN;
    s.view.now_line = 0;
    assert_true(pane_stage_refresh(&s));
    PANE_STAGE_SHOWS(&s, 70, 2, " (the program runs: Space pauses it)\n");
    s.view.mode = VIEW_EXIT;
    PANE_STAGE_SHOWS(&s, 70, 2,
                     " (the program ended by itself: its values are gone)\n");
    s.view.mode = VIEW_STARTING;
    s.view.reader = NULL;
    pane_stage_refresh(&s);
    PANE_STAGE_SHOWS(&s, 70, 2, " (the program is starting)\n");
    pane_stage_end(&s);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pane_values_shows_names_and_values),
        cmocka_unit_test(test_pane_values_scrolls_sideways),
        cmocka_unit_test(test_pane_values_stays_on_a_name_at_the_next_stop),
        cmocka_unit_test(test_pane_values_says_why_it_is_empty),
    };

    return cmocka_run_group_tests_name("pane_values", tests, NULL, NULL);
}

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
    codes_id load, price;
    nodes_id load_node, price_node;
    lines_id hot;
};

static struct ids
make_program(struct pane_stage *s)
{
    struct session_build *b = &s->b;
    struct ids ids;
    nodes_id n;

    pane_stage_start(s, &pane_hot_ops);
    session_build_file(b, "a.py", "x\ny\nz\n");
    ids.load = session_build_code(b, 0, "load", 1);
    ids.price = session_build_code(b, 0, "price", 2);
    n = session_build_node(b, MAIN_ROOT, ids.load, 1, 3 * MS);
    ids.load_node = n;
    ids.price_node = session_build_node(b, n, ids.price, 800, MS);
    session_build_line(b, ids.load, 1, 1, 3 * MS);
    ids.hot = session_build_line(b, ids.price, 2, 800, MS);
    pane_stage_refresh(s);
    return ids;
}

static void
test_pane_hot_orders_functions_and_lines(void **state)
{
    struct pane_stage s;

    (void)state;
    make_program(&s);
    pane_stage_has_heading(&s, "Hot functions by self time|1/2");
    PANE_STAGE_SHOWS(&s, 60, 4,
                     " function         where                calls      self share\n"
                     " load             a.py:1                   1   3.00 ms  75 %\n"
                     " price            a.py:2                 800   1.00 ms  25 %\n");
    pane_stage_act(&s, ACTIONS_SORT);
    pane_stage_has_heading(&s, "Hot functions by total time|1/2");
    PANE_STAGE_SHOWS(&s, 60, 4,
                     " function         where                calls     total share\n"
                     " load             a.py:1                   1   4.00 ms 100 %\n"
                     " price            a.py:2                 800   1.00 ms  25 %\n");
    pane_stage_act(&s, ACTIONS_SORT);
    PANE_STAGE_SHOWS(&s, 30, 2,
                     " price                     800\n"
                     " load                        1\n");
    pane_stage_act(&s, ACTIONS_SORT);
    pane_stage_has_heading(&s, "Hot functions by longest call|1/2");
    pane_stage_act(&s, ACTIONS_SORT);
    pane_stage_has_heading(&s, "Hot functions by name|1/2");
    pane_stage_act(&s, ACTIONS_SORT);
    pane_stage_has_heading(&s, "Hot lines by self time|1/2");
    PANE_STAGE_SHOWS(&s, 60, 4,
                     " line of          where                 hits      self share\n"
                     " load             a.py:1                   1   3.00 ms  75 %\n"
                     " price            a.py:2                 800   1.00 ms  25 %\n");
    pane_stage_act(&s, ACTIONS_SORT);
    pane_stage_has_heading(&s, "Hot lines by hits|1/2");
    pane_stage_act(&s, ACTIONS_SORT);
    pane_stage_has_heading(&s, "Hot functions by self time|1/2");
    pane_stage_end(&s);
}

/* 90 calls of price took 1 ms, 10 took 5 ms; the call of load has not ended. */
static void
test_pane_hot_shows_how_long_calls_took(void **state)
{
    struct pane_stage s;
    struct format_timing *timing;
    void *place;

    (void)state;
    pane_stage_start(&s, &pane_hot_ops);
    session_build_file(&s.b, "a.py", "x\ny\nz\n");
    session_build_node(&s.b, MAIN_ROOT, session_build_code(&s.b, 0, "load", 1), 1,
                       3 * MS);
    session_build_node(&s.b, MAIN_ROOT, session_build_code(&s.b, 0, "price", 2), 100,
                       MS);
    writer_add(s.b.writer, FORMAT_TIMINGS, 1, &place);
    timing = place;
    timing->code = 1;
    atomic_init(&timing->min_ticks, MS);
    atomic_init(&timing->max_ticks, 5 * MS);
    atomic_init(&timing->calls[143], 90); /* durations from 983,040 to 1,048,575 */
    atomic_init(&timing->calls[161], 10); /* from 4,718,592 to 5,242,879 */
    writer_publish(s.b.writer, FORMAT_TIMINGS);
    pane_stage_refresh(&s);
    PANE_STAGE_SHOWS(
        &s, 112, 4,
        " function               where                      calls      self share"
        "       p50       p95       p99       max\n"
        " load                   a.py:1                         1   3.00 ms  75 %\n"
        " price                  a.py:2                       100   1.00 ms  25 %"
        "   1.02 ms   4.98 ms   5.00 ms   5.00 ms\n");
    pane_stage_end(&s);
}

static void
test_pane_hot_offers_only_orders_that_were_recorded(void **state)
{
    struct pane_stage s;

    (void)state;
    make_program(&s);
    writer_header(s.b.writer)->mode = FORMAT_MODE_LINES;
    pane_stage_act(&s, ACTIONS_SORT);
    pane_stage_has_heading(&s, "Hot functions by name|1/2");
    pane_stage_act(&s, ACTIONS_SORT);
    pane_stage_has_heading(&s, "Hot lines by hits|1/2");
    PANE_STAGE_SHOWS(&s, 60, 4,
                     " line of               where                      hits share\n"
                     " price                 a.py:2                      800 100 %\n"
                     " load                  a.py:1                        1  <1 %\n");
    pane_stage_end(&s);
}

static void
set_self(struct pane_stage *s, nodes_id node, uint64_t ns)
{
    struct format_node *n = writer_record(s->b.writer, FORMAT_NODES, node);

    atomic_store(&n->self_ticks, ns);
}

static void
test_pane_hot_stands_still_after_a_move(void **state)
{
    struct pane_stage s;
    struct ids ids;

    (void)state;
    ids = make_program(&s);
    /* Nobody has moved: the first row is the selected one, whichever it is. */
    set_self(&s, ids.price_node, 9 * MS);
    pane_stage_refresh(&s);
    PANE_STAGE_SHOWS(&s, 20, 2, " price\n load\n");
    pane_stage_act(&s, ACTIONS_DOWN);
    assert_int_equal(s.view.code, ids.load);
    set_self(&s, ids.load_node, 20 * MS);
    pane_stage_refresh(&s);
    PANE_STAGE_SHOWS(&s, 20, 2, " price\n load\n");
    for (uint64_t i = 0; i < 100; i++) {
        set_self(&s, ids.load_node, 20 * MS + i);
        pane_stage_refresh(&s);
    }
    PANE_STAGE_SHOWS(&s, 20, 2, " load\n price\n");
    pane_stage_has_heading(&s, "Hot functions by self time|1/2");
    pane_stage_end(&s);
}

static void
test_pane_hot_goes_to_the_source(void **state)
{
    struct pane_stage s;
    struct ids ids;

    (void)state;
    ids = make_program(&s);
    pane_stage_act(&s, ACTIONS_LAST);
    assert_int_equal(s.view.code, ids.price);
    assert_int_equal(s.view.line, 2);
    pane_stage_act(&s, ACTIONS_ENTER);
    assert_string_equal(s.asked, "focus 2");
    pane_stage_act(&s, ACTIONS_BREAK);
    assert_string_equal(s.asked, "break 0:2");
    pane_stage_end(&s);
}

static void
test_pane_hot_finds_names_and_places(void **state)
{
    struct pane_stage s;

    (void)state;
    make_program(&s);
    assert_int_equal(pane_hot_ops.find(s.self, &s.view, "price", PANE_FIND_FIRST).n, 1);
    pane_stage_has_heading(&s, "Hot functions by self time|2/2");
    assert_int_equal(pane_hot_ops.find(s.self, &s.view, "py:1", PANE_FIND_NEXT).n, 1);
    pane_stage_has_heading(&s, "Hot functions by self time|1/2");
    pane_stage_end(&s);
}

static void
test_pane_hot_says_why_it_is_empty(void **state)
{
    struct pane_stage s;

    (void)state;
    pane_stage_start(&s, &pane_hot_ops);
    PANE_STAGE_SHOWS(&s, 60, 2, " (the program is starting)\n");
    pane_stage_refresh(&s);
    PANE_STAGE_SHOWS(&s, 60, 2, " (no line that the filters let through ran yet)\n");
    pane_stage_act(&s, ACTIONS_DOWN);
    pane_stage_act(&s, ACTIONS_SORT);
    pane_stage_end(&s);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pane_hot_orders_functions_and_lines),
        cmocka_unit_test(test_pane_hot_shows_how_long_calls_took),
        cmocka_unit_test(test_pane_hot_offers_only_orders_that_were_recorded),
        cmocka_unit_test(test_pane_hot_stands_still_after_a_move),
        cmocka_unit_test(test_pane_hot_goes_to_the_source),
        cmocka_unit_test(test_pane_hot_finds_names_and_places),
        cmocka_unit_test(test_pane_hot_says_why_it_is_empty),
    };

    return cmocka_run_group_tests_name("pane_hot", tests, NULL, NULL);
}

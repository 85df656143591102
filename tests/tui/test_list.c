#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tui/list.h"

/* A table of ids. */
struct table {
    uint64_t ids[100];
    size_t n;
};

static uint64_t
id_at(const void *data, size_t row)
{
    const struct table *t = data;

    return t->ids[row];
}

static struct table
numbers(size_t n)
{
    struct table t = {.n = n};

    for (size_t i = 0; i < n; i++)
        t.ids[i] = 100 + i;
    return t;
}

static void
test_list_selects_the_first_row_of_a_new_table(void **state)
{
    struct table t = numbers(3);
    struct list l;

    (void)state;
    list_init(&l);
    assert_true(l.id == LIST_NONE);
    list_set(&l, t.n, id_at, &t);
    assert_int_equal(l.id, 100);
    assert_int_equal(l.row, 0);
}

static void
test_list_keeps_the_selected_id_when_rows_come_and_go(void **state)
{
    struct table t = numbers(5), sorted = {{104, 90, 103, 102, 91, 101, 100}, 7};
    struct list l;

    (void)state;
    list_init(&l);
    list_set(&l, t.n, id_at, &t);
    assert_true(list_select_id(&l, 101, id_at, &t));
    list_set(&l, sorted.n, id_at, &sorted);
    assert_int_equal(l.id, 101);
    assert_int_equal(l.row, 5);
}

static void
test_list_keeps_the_selected_row_where_it_is_on_the_screen(void **state)
{
    struct table t = numbers(50), more = {.n = 70};
    struct list l;

    (void)state;
    list_init(&l);
    list_set(&l, t.n, id_at, &t);
    list_select_row(&l, 25, id_at, &t);
    list_fit(&l, 10);
    list_move(&l, ACTIONS_UP, id_at, &t);
    list_fit(&l, 10);
    assert_int_equal(l.row - l.top, 8);
    for (size_t i = 0; i < 70; i++) /* twenty new ones in front */
        more.ids[i] = i < 20 ? i : 100 + i - 20;
    list_set(&l, more.n, id_at, &more);
    list_fit(&l, 10);
    assert_int_equal(l.id, 124);
    assert_int_equal(l.row - l.top, 8);
}

static void
test_list_stays_on_the_row_when_the_id_is_gone(void **state)
{
    struct table t = numbers(5), less = {{100, 101, 103}, 3}, one = {{100}, 1};
    struct list l;

    (void)state;
    list_init(&l);
    list_set(&l, t.n, id_at, &t);
    list_select_row(&l, 2, id_at, &t);
    list_set(&l, less.n, id_at, &less);
    assert_int_equal(l.id, 103);
    list_set(&l, one.n, id_at, &one);
    assert_int_equal(l.id, 100);
}

static void
test_list_finds_its_id_again_after_the_table_was_empty(void **state)
{
    struct table t = numbers(5);
    struct list l;

    (void)state;
    list_init(&l);
    list_set(&l, t.n, id_at, &t);
    list_select_row(&l, 3, id_at, &t);
    list_set(&l, 0, id_at, &t);
    assert_int_equal(list_end(&l), 0);
    list_move(&l, ACTIONS_DOWN, id_at, &t); /* nothing to move on */
    list_set(&l, t.n, id_at, &t);
    assert_int_equal(l.id, 103);
}

static void
test_list_moves_and_stops_at_both_ends(void **state)
{
    static const struct {
        enum actions_id action;
        size_t row;
    } steps[] = {
        {ACTIONS_UP, 0},         {ACTIONS_DOWN, 1},     {ACTIONS_PAGE_DOWN, 10},
        {ACTIONS_HALF_DOWN, 15}, {ACTIONS_HALF_UP, 10}, {ACTIONS_PAGE_UP, 1},
        {ACTIONS_PAGE_UP, 0},    {ACTIONS_LAST, 49},    {ACTIONS_PAGE_DOWN, 49},
        {ACTIONS_FIRST, 0},
    };
    struct table t = numbers(50);
    struct list l;

    (void)state;
    list_init(&l);
    list_set(&l, t.n, id_at, &t);
    list_fit(&l, 10);
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        assert_true(list_move(&l, steps[i].action, id_at, &t));
        list_fit(&l, 10);
        assert_int_equal(l.row, steps[i].row);
        assert_int_equal(l.id, 100 + steps[i].row);
        assert_in_range(l.row, l.top, list_end(&l) - 1);
    }
    assert_false(list_move(&l, ACTIONS_ENTER, id_at, &t));
}

static void
test_list_follows_a_growing_table_until_moved(void **state)
{
    struct table t = numbers(10);
    struct list l;

    (void)state;
    list_init(&l);
    l.can_follow = true;
    list_set(&l, 5, id_at, &t);
    list_move(&l, ACTIONS_LAST, id_at, &t);
    list_set(&l, 8, id_at, &t);
    assert_int_equal(l.id, 107);
    list_move(&l, ACTIONS_UP, id_at, &t);
    list_set(&l, 10, id_at, &t);
    assert_int_equal(l.id, 106);
}

static void
test_list_fills_the_screen_when_it_shrinks(void **state)
{
    struct table t = numbers(20);
    struct list l;
    char where[LIST_WHERE_MAX];

    (void)state;
    list_init(&l);
    list_set(&l, t.n, id_at, &t);
    list_move(&l, ACTIONS_LAST, id_at, &t);
    list_fit(&l, 10);
    assert_int_equal(l.top, 10);
    list_fit(&l, 15);
    assert_int_equal(l.top, 5);
    list_where(&l, where);
    assert_string_equal(where, "20/20");
    list_fit(&l, 0);
    assert_int_equal(list_end(&l) - l.top, 1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_list_selects_the_first_row_of_a_new_table),
        cmocka_unit_test(test_list_keeps_the_selected_id_when_rows_come_and_go),
        cmocka_unit_test(test_list_keeps_the_selected_row_where_it_is_on_the_screen),
        cmocka_unit_test(test_list_stays_on_the_row_when_the_id_is_gone),
        cmocka_unit_test(test_list_finds_its_id_again_after_the_table_was_empty),
        cmocka_unit_test(test_list_moves_and_stops_at_both_ends),
        cmocka_unit_test(test_list_follows_a_growing_table_until_moved),
        cmocka_unit_test(test_list_fills_the_screen_when_it_shrinks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

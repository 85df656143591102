#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tui/layout.h"

static struct layout
make(int rows, int cols, const char *present, char focus, const char *recent)
{
    struct layout_wish wish = {rows, cols, present, focus, false, recent};
    struct layout l;

    layout_make(&l, &wish);
    return l;
}

/* No two panes share a cell, and every cell between first and last line has one. */
static void
assert_tiled(const struct layout *l, int rows, int cols)
{
    char *owner = calloc((size_t)rows * (size_t)cols, 1);
    int last = l->message_row < l->keys_row ? l->message_row : l->keys_row;

    assert_non_null(owner);
    for (int i = 0; i < l->n; i++) {
        const struct layout_place *p = &l->places[i];

        assert_true(p->rows >= 3 && p->cols >= 3);
        for (int row = p->row; row < p->row + p->rows; row++) {
            for (int col = p->col; col < p->col + p->cols; col++) {
                assert_in_range(row, 1, last - 1);
                assert_in_range(col, 0, cols - 1);
                assert_int_equal(owner[row * cols + col], 0);
                owner[row * cols + col] = p->digit;
            }
        }
    }
    for (int row = 1; row < last; row++) {
        for (int col = 0; col < cols; col++)
            assert_int_not_equal(owner[row * cols + col], 0);
    }
    free(owner);
}

static void
test_layout_tiles_every_size(void **state)
{
    static const char *const presents[] = {"12345", "123456789", "25", "1", "345"};

    (void)state;
    for (int rows = LAYOUT_MIN_ROWS; rows <= 100; rows += 1 + rows / 9) {
        for (int cols = LAYOUT_MIN_COLS; cols <= 300; cols += 1 + cols / 13) {
            for (size_t i = 0; i < sizeof(presents) / sizeof(presents[0]); i++) {
                struct layout l =
                    make(rows, cols, presents[i], presents[i][0], presents[i]);

                assert_false(l.too_small);
                assert_tiled(&l, rows, cols);
            }
        }
    }
}

static void
test_layout_stacks_three_below_100_columns(void **state)
{
    struct layout l = make(24, 80, "12345", '1', "1");

    (void)state;
    assert_int_equal(l.n, 3);
    assert_int_equal(l.places[0].digit, '1');
    assert_int_equal(l.places[1].digit, '2');
    assert_int_equal(l.places[2].digit, '5');
    assert_int_equal(l.places[0].cols, 80);
    assert_int_equal(l.places[2].row + l.places[2].rows, 23);
}

static void
test_layout_brings_up_the_pane_that_had_the_keys_last(void **state)
{
    struct layout l = make(24, 80, "12345", '1', "132");

    (void)state;
    assert_non_null(layout_find(&l, '3'));
    assert_null(layout_find(&l, '5'));
    l = make(24, 80, "12345", '4', "4132");
    assert_non_null(layout_find(&l, '4'));
    assert_null(layout_find(&l, '3'));
}

static void
test_layout_gives_the_focused_slot_more_room(void **state)
{
    struct layout away = make(24, 80, "12345", '1', "1");
    struct layout there = make(24, 80, "12345", '5', "51");

    (void)state;
    assert_true(layout_find(&there, '5')->rows > layout_find(&away, '5')->rows);
}

static void
test_layout_shows_all_five_in_two_and_three_columns(void **state)
{
    struct layout two = make(40, 120, "12345", '1', "1");
    struct layout three = make(60, 200, "12345", '1', "1");

    (void)state;
    assert_int_equal(two.n, 5);
    assert_int_equal(layout_find(&two, '2')->col, 60);
    assert_int_equal(layout_find(&two, '5')->cols, 120);
    assert_int_equal(three.n, 5);
    assert_true(layout_find(&three, '3')->col > layout_find(&three, '2')->col);
    assert_int_equal(layout_find(&three, '5')->cols, layout_find(&three, '3')->col);
    assert_int_equal(two.message_row, two.keys_row - 1);
}

static void
test_layout_zoom_shows_one(void **state)
{
    struct layout_wish wish = {24, 80, "12345", '4', true, "4"};
    struct layout l;

    (void)state;
    layout_make(&l, &wish);
    assert_int_equal(l.n, 1);
    assert_int_equal(l.places[0].digit, '4');
    assert_int_equal(l.places[0].rows, 22);
    assert_int_equal(l.places[0].cols, 80);
}

static void
test_layout_says_when_there_is_no_room(void **state)
{
    static const int sizes[][2] = {{11, 80}, {24, 59}, {1, 1}, {0, 0}};

    (void)state;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct layout l = make(sizes[i][0], sizes[i][1], "12345", '1', "1");

        assert_true(l.too_small);
        assert_int_equal(l.n, 0);
    }
}

static void
test_layout_next_goes_around(void **state)
{
    struct layout l = make(40, 120, "12345", '1', "1");

    (void)state;
    assert_int_equal(layout_next(&l, '1', 1), '2');
    assert_int_equal(layout_next(&l, '5', 1), '1');
    assert_int_equal(layout_next(&l, '1', -1), '5');
    assert_int_equal(layout_next(&l, '9', 1), '1'); /* one that is not there */
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_layout_tiles_every_size),
        cmocka_unit_test(test_layout_stacks_three_below_100_columns),
        cmocka_unit_test(test_layout_brings_up_the_pane_that_had_the_keys_last),
        cmocka_unit_test(test_layout_gives_the_focused_slot_more_room),
        cmocka_unit_test(test_layout_shows_all_five_in_two_and_three_columns),
        cmocka_unit_test(test_layout_zoom_shows_one),
        cmocka_unit_test(test_layout_says_when_there_is_no_room),
        cmocka_unit_test(test_layout_next_goes_around),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

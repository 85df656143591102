#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "tui/grid.h"

static struct grid grid;

static int
setup(void **state)
{
    (void)state;
    grid_resize(&grid, 4, 12);
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    grid_release(&grid);
    return 0;
}

static void
assert_row(int row, const char *want)
{
    struct buf text = {0};

    grid_row_text(&grid, row, &text);
    assert_string_equal(buf_str(&text), want);
    buf_release(&text);
}

static void
test_grid_put_returns_the_column_behind(void **state)
{
    struct grid_part whole = grid_whole(&grid);

    (void)state;
    assert_int_equal(grid_put(&whole, 0, 2, THEME_TEXT, "abc"), 5);
    assert_int_equal(grid_put(&whole, 1, 0, THEME_TEXT, "日本"), 4);
    assert_row(0, "  abc");
    assert_row(1, "日本");
    assert_int_equal(grid_at(&whole, 1, 0)->width, 2);
    assert_int_equal(grid_at(&whole, 1, 1)->width, 0);
}

static void
test_grid_clips_at_every_edge(void **state)
{
    struct grid_part whole = grid_whole(&grid);
    struct grid_part part = grid_part(&whole, 1, 4, 2, 5);

    (void)state;
    assert_int_equal(grid_put(&part, 0, -2, THEME_TEXT, "abcdefghij"), 8);
    grid_put(&part, -1, 0, THEME_TEXT, "above");
    grid_put(&part, 2, 0, THEME_TEXT, "below");
    assert_row(0, "");
    assert_row(1, "    cdefg");
    assert_row(3, "");
    assert_null(grid_at(&part, 0, 5));
    assert_null(grid_at(&part, -1, 0));
}

static void
test_grid_leaves_no_half_of_a_wide_character(void **state)
{
    struct grid_part whole = grid_whole(&grid);
    struct grid_part part = grid_part(&whole, 0, 0, 4, 5);

    (void)state;
    grid_put(&whole, 0, 0, THEME_TEXT, "日本語");
    grid_put(&whole, 0, 1, THEME_TEXT, "x");
    assert_row(0, " x本語");
    grid_put(&whole, 1, 0, THEME_TEXT, "日本語");
    grid_put(&whole, 1, 2, THEME_TEXT, "x");
    assert_row(1, "日x 語");
    grid_put(&part, 2, 0, THEME_TEXT,
             "日本語"); /* the third would reach over the edge */
    assert_row(2, "日本");
}

static void
test_grid_keeps_combining_marks_with_their_base(void **state)
{
    struct grid_part whole = grid_whole(&grid);

    (void)state;
    assert_int_equal(grid_put(&whole, 0, 0, THEME_TEXT, "e\u0301a\u0300\u0301"), 2);
    assert_row(0, "e\u0301a\u0300\u0301");
    grid_put(&whole, 1, 0, THEME_TEXT,
             "o\u0300\u0301\u0302\u0303\u0304\u0305\u0306x"); /* more than fit */
    assert_row(1, "o\u0300\u0301\u0302\u0303x");
}

static void
test_grid_shows_no_control_character(void **state)
{
    struct grid_part whole = grid_whole(&grid);

    (void)state;
    grid_put(&whole, 0, 0, THEME_TEXT, "a\033[2Jb\xff");
    assert_row(0, "a?[2Jb?");
}

static void
test_grid_field_aligns_and_cuts(void **state)
{
    struct grid_part whole = grid_whole(&grid);
    struct grid_field right = {1, 5, GRID_RIGHT, THEME_TEXT, glyphs_get(true)};
    struct grid_field left = {7, 4, GRID_LEFT, THEME_TEXT, glyphs_get(true)};

    (void)state;
    grid_put(&whole, 0, 0, THEME_TEXT, "............");
    assert_int_equal(grid_put_field(&whole, 0, &right, "12"), 6);
    assert_int_equal(grid_put_field(&whole, 0, &left, "abcdef"), 11);
    assert_row(0, ".   12.abc~.");
}

static void
test_grid_back_lies_under_text_and_stays(void **state)
{
    struct grid_part whole = grid_whole(&grid);

    (void)state;
    grid_put(&whole, 0, 0, THEME_ERROR, "bad");
    grid_back(&whole, 0, 0, 20, THEME_SELECTED);
    grid_put(&whole, 0, 4, THEME_RAN, "x");
    assert_int_equal(grid_at(&whole, 0, 0)->style, THEME_ERROR);
    assert_int_equal(grid_at(&whole, 0, 4)->style, THEME_RAN);
    assert_int_equal(grid_at(&whole, 0, 4)->back, THEME_SELECTED);
    assert_int_equal(grid_at(&whole, 0, 11)->back, THEME_SELECTED);
    assert_int_equal(grid_at(&whole, 1, 0)->back, THEME_TEXT);
}

static void
test_grid_box_is_closed(void **state)
{
    struct grid_part whole = grid_whole(&grid);
    struct grid_part one = grid_part(&whole, 0, 0, 1, 1);

    (void)state;
    grid_box(&whole, &glyphs_get(true)->focus, THEME_FOCUS);
    assert_row(0, "+==========+");
    assert_row(1, "|          |");
    assert_row(3, "+==========+");
    grid_clear(&whole);
    grid_box(&one, &glyphs_get(true)->plain, THEME_BORDER); /* too small for one */
    assert_row(0, "");
}

static void
test_grid_copy_is_equal_until_changed(void **state)
{
    struct grid_part whole = grid_whole(&grid);
    struct grid other = {0};
    struct grid_part there;

    (void)state;
    grid_put(&whole, 0, 0, THEME_TEXT, "same");
    assert_false(grid_is_equal(&grid, &other));
    grid_copy(&other, &grid);
    assert_true(grid_is_equal(&grid, &other));
    there = grid_whole(&other);
    grid_back(&there, 3, 11, 1, THEME_NOW);
    assert_false(grid_is_equal(&grid, &other));
    grid_release(&other);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_grid_put_returns_the_column_behind, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_grid_clips_at_every_edge, setup, teardown),
        cmocka_unit_test_setup_teardown(test_grid_leaves_no_half_of_a_wide_character,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_grid_keeps_combining_marks_with_their_base,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_grid_shows_no_control_character, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_grid_field_aligns_and_cuts, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_grid_back_lies_under_text_and_stays, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_grid_box_is_closed, setup, teardown),
        cmocka_unit_test_setup_teardown(test_grid_copy_is_equal_until_changed, setup,
                                        teardown),
    };

    setlocale(LC_ALL, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}

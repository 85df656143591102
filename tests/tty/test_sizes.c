/* The screen in all its sizes: whole boxes, nothing cut, and a notice where there is no
 * room; also when the size changes under it, again and again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "tests/harness/stage.h"

/* Whether at least `*n` closed boxes with a digit are there, the Source among them. */
static bool
has_boxes(struct display *display, void *n)
{
    struct box box;

    return box_count(display) >= *(int *)n && box_find(display, '2', &box);
}

/* Boxes side by side fill the width: the rightmost border is in the last column. */
static void
check_drawn(struct stage *s, int n_boxes)
{
    struct display *display = stage_display(s);
    struct box box;
    int right = 0;

    STAGE_UNTIL(s, has_boxes, &n_boxes);
    for (char digit = '1'; digit <= '9'; digit++)
        if (box_find(display, digit, &box) && box.right > right)
            right = box.right;
    STAGE_CHECK(s, right == display_cols(display) - 1);
    STAGE_CHECK(s, strstr(display_row(display, 0), "hanoi.py") != NULL);
    STAGE_CHECK(s, strstr(display_row(display, display_rows(display) - 1), "? help") !=
                       NULL);
}

static void
draws(int cols, int rows, int n_boxes)
{
    struct stage *s = stage_new(STAGE_LIST("hanoi.py"));

    stage_start(s, cols, rows, STAGE_LIST("hanoi.py"));
    STAGE_SEE(s, "EXIT 0");
    check_drawn(s, n_boxes);
    assert_int_equal(STAGE_QUIT(s), 0);
    stage_free(s);
}

static void
test_sizes_80x24(void **state)
{
    (void)state;
    draws(80, 24, 3);
}

static void
test_sizes_120x40(void **state)
{
    (void)state;
    draws(120, 40, 5);
}

static void
test_sizes_200x60(void **state)
{
    (void)state;
    draws(200, 60, 5);
}

static void
test_sizes_ascii(void **state)
{
    struct stage *s = stage_new(STAGE_LIST("hanoi.py"));
    struct display_cell cell;

    (void)state;
    stage_start(s, 80, 24, STAGE_LIST("--ascii", "hanoi.py"));
    STAGE_SEE(s, "EXIT 0");
    check_drawn(s, 3);
    for (int row = 0; row < 24; row++) {
        for (int col = 0; col < 80; col++) {
            display_cell(stage_display(s), row, col, &cell);
            STAGE_CHECK(s, cell.point < 0x80);
        }
    }
    assert_int_equal(STAGE_QUIT(s), 0);
    stage_free(s);
}

static void
test_sizes_no_color(void **state)
{
    struct stage *s = stage_new(STAGE_LIST("hanoi.py"));
    struct display_cell cell;

    (void)state;
    stage_start_setup(s, &(struct terminal_setup){.argv = STAGE_LIST("hanoi.py"),
                                                  .env = STAGE_LIST("NO_COLOR=1"),
                                                  .cols = 80,
                                                  .rows = 24});
    STAGE_SEE(s, "EXIT 0");
    check_drawn(s, 3);
    for (int row = 0; row < 24; row++) {
        for (int col = 0; col < 80; col++) {
            display_cell(stage_display(s), row, col, &cell);
            STAGE_CHECK(s, cell.fg == DISPLAY_DEFAULT && cell.bg == DISPLAY_DEFAULT);
        }
    }
    assert_int_equal(STAGE_QUIT(s), 0);
    stage_free(s);
}

static bool
is_notice(struct display *display, void *arg)
{
    (void)arg;
    return box_count(display) == 0 && display_find(display, 0, "60x12", NULL, NULL);
}

static void
test_sizes_too_small(void **state)
{
    struct stage *s = stage_new(STAGE_LIST("hanoi.py"));

    (void)state;
    stage_start(s, 40, 10, STAGE_LIST("hanoi.py"));
    STAGE_UNTIL(s, is_notice, NULL);
    terminal_resize(stage_terminal(s), 24, 80);
    check_drawn(s, 3);
    STAGE_SEE(s, "EXIT 0");
    assert_int_equal(STAGE_QUIT(s), 0);
    stage_free(s);
}

/* While the program runs: up, down to the notice, and back. */
static void
test_sizes_change(void **state)
{
    static const struct {
        int cols, rows, n_boxes;
    } sizes[] = {{200, 60, 5}, {40, 10, 0}, {80, 24, 3}, {120, 40, 5}, {61, 13, 2}};
    struct stage *s = stage_new(STAGE_LIST("endless.py"));

    (void)state;
    stage_start(s, 80, 24, STAGE_LIST("endless.py"));
    STAGE_SEE(s, "turning");
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        int n = sizes[i].n_boxes;

        terminal_resize(stage_terminal(s), sizes[i].rows, sizes[i].cols);
        if (n == 0)
            STAGE_UNTIL(s, is_notice, NULL);
        else
            STAGE_UNTIL(s, has_boxes, &n);
    }
    stage_type(s, "Q");
    (void)STAGE_EXIT(s);
    stage_free(s);
}

static void
test_sizes_storm(void **state)
{
    struct stage *s = stage_new(STAGE_LIST("endless.py"));
    int n = 3;

    (void)state;
    stage_start(s, 80, 24, STAGE_LIST("endless.py"));
    STAGE_SEE(s, "turning");
    for (int i = 0; i < 150; i++)
        terminal_resize(stage_terminal(s), 2 + i * 7 % 70, 2 + i * 13 % 210);
    terminal_resize(stage_terminal(s), 24, 80);
    STAGE_UNTIL(s, has_boxes, &n);
    stage_type(s, "Q");
    (void)STAGE_EXIT(s);
    stage_free(s);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sizes_80x24),    cmocka_unit_test(test_sizes_120x40),
        cmocka_unit_test(test_sizes_200x60),   cmocka_unit_test(test_sizes_ascii),
        cmocka_unit_test(test_sizes_no_color), cmocka_unit_test(test_sizes_too_small),
        cmocka_unit_test(test_sizes_change),   cmocka_unit_test(test_sizes_storm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tui/vt.h"

static void
feed(struct vt *t, const char *text)
{
    vt_feed(t, text, strlen(text));
}

static void
assert_line(const struct vt *t, size_t line, const char *want)
{
    struct buf text = {0};

    vt_line_text(t, line, &text);
    assert_string_equal(buf_str(&text), want);
    buf_release(&text);
}

static void
test_vt_shows_what_is_printed(void **state)
{
    struct vt *t = vt_new(4, 20, 100);

    (void)state;
    feed(t, "one\r\ntwo\r\033[Kthree\tx");
    assert_line(t, 0, "one");
    assert_line(t, 1, "three   x");
    assert_int_equal(vt_rows_used(t), 2);
    vt_free(t);
}

static void
test_vt_keeps_what_scrolls_off(void **state)
{
    struct vt *t = vt_new(3, 10, 100);

    (void)state;
    for (int i = 0; i < 10; i++) {
        char line[16];

        snprintf(line, sizeof(line), "line %d\r\n", i);
        feed(t, line);
    }
    assert_int_equal(vt_first(t), 0);
    assert_int_equal(vt_top(t), 8);
    assert_line(t, 0, "line 0");
    assert_line(t, 9, "line 9");
    vt_free(t);
}

static void
test_vt_forgets_the_oldest_lines(void **state)
{
    struct vt *t = vt_new(2, 10, 5);

    (void)state;
    for (int i = 0; i < 20; i++)
        feed(t, i % 2 ? "odd\r\n" : "even\r\n");
    assert_int_equal(vt_top(t), 19);
    assert_int_equal(vt_first(t), 14);
    assert_line(t, 13, "");
    assert_line(t, 14, "even");
    vt_free(t);
}

static void
test_vt_takes_lines_back_when_it_grows(void **state)
{
    struct vt *t = vt_new(2, 10, 100);

    (void)state;
    feed(t, "a\r\nb\r\nc\r\nd");
    assert_int_equal(vt_top(t), 2);
    assert_true(vt_resize(t, 4, 12));
    assert_int_equal(vt_top(t), 0);
    assert_line(t, 0, "a");
    assert_line(t, 3, "d");
    assert_false(vt_resize(t, 4, 12));
    vt_free(t);
}

static void
test_vt_draws_colours_and_attributes(void **state)
{
    struct vt *t = vt_new(2, 10, 10);
    struct grid grid = {0};
    struct grid_part part;
    const struct grid_cell *cell;

    (void)state;
    grid_resize(&grid, 2, 10);
    part = grid_whole(&grid);
    feed(t, "\033[1;31ma\033[0;48;5;208mb\033[0;38;2;255;0;0mc");
    vt_draw(t, &part, 0);
    cell = grid_at(&part, 0, 0);
    assert_int_equal(cell->style, THEME_PROGRAM);
    assert_int_equal(cell->attrs, THEME_BOLD);
    assert_in_range(cell->fg, 1, 9); /* bold may brighten */
    assert_int_equal(grid_at(&part, 0, 1)->bg, 208);
    assert_int_equal(grid_at(&part, 0, 2)->fg, 196);
    assert_int_equal(grid_at(&part, 0, 3)->fg, -1);
    grid_release(&grid);
    vt_free(t);
}

static void
test_vt_cuts_a_wide_character_at_the_edge(void **state)
{
    struct vt *t = vt_new(2, 10, 10);
    struct grid grid = {0};
    struct grid_part part;
    struct buf text = {0};

    (void)state;
    grid_resize(&grid, 1, 3);
    part = grid_whole(&grid);
    feed(t, "日本");
    vt_draw(t, &part, 0);
    grid_row_text(&grid, 0, &text);
    assert_string_equal(buf_str(&text), "日");
    assert_int_equal(grid_at(&part, 0, 2)->width, 1);
    buf_release(&text);
    grid_release(&grid);
    vt_free(t);
}

static void
test_vt_knows_a_full_screen_program(void **state)
{
    struct vt *t = vt_new(4, 20, 10);
    int row, col;

    (void)state;
    feed(t, "before\r\n\033[?1049h\033[?25l\033[2;3Hfull");
    assert_true(vt_is_full_screen(t));
    assert_false(vt_cursor(t, &row, &col));
    assert_line(t, vt_top(t) + 1, "  full");
    feed(t, "\033[?1049l\033[?25h");
    assert_false(vt_is_full_screen(t));
    assert_true(vt_cursor(t, &row, &col));
    assert_line(t, vt_top(t), "before");
    vt_free(t);
}

static void
assert_sends(struct vt *t, keys_code key, const char *want)
{
    struct buf out = {0};

    vt_key(t, key, &out);
    assert_string_equal(buf_str(&out), want);
    buf_release(&out);
}

static void
test_vt_turns_keys_into_bytes(void **state)
{
    struct vt *t = vt_new(4, 20, 10);

    (void)state;
    assert_sends(t, 'a', "a");
    assert_sends(t, 0xe9, "é");
    assert_sends(t, KEYS_ENTER, "\r");
    assert_sends(t, KEYS_BACKSPACE, "\x7f");
    assert_sends(t, KEYS_CTRL_OF('c'), "\x03");
    assert_sends(t, KEYS_ESC, "\033");
    assert_sends(t, KEYS_ALT | 'x', "\033x");
    assert_sends(t, KEYS_UP, "\033[A");
    feed(t, "\033[?1h"); /* a program that wants its keypad so */
    assert_sends(t, KEYS_UP, "\033OA");
    assert_sends(t, KEYS_F1, "\033OP");
    vt_free(t);
}

static void
test_vt_answers_no_question(void **state)
{
    struct vt *t = vt_new(4, 20, 10);

    (void)state;
    feed(t, "\033[6n\033[c\033P$qm\033\\\033[>c");
    assert_sends(t, 'x', "x"); /* nothing was waiting to be sent */
    vt_free(t);
}

static void
test_vt_brackets_a_paste_where_asked_for(void **state)
{
    struct vt *t = vt_new(4, 20, 10);
    struct buf out = {0};

    (void)state;
    vt_paste(t, true, &out);
    assert_int_equal(out.len, 0);
    feed(t, "\033[?2004h");
    vt_paste(t, true, &out);
    vt_paste(t, false, &out);
    assert_string_equal(buf_str(&out), "\033[200~\033[201~");
    buf_release(&out);
    vt_free(t);
}

static void
test_vt_is_never_too_small(void **state)
{
    struct vt *t = vt_new(0, 0, 0);

    (void)state;
    assert_int_equal(vt_rows(t), VT_MIN);
    assert_int_equal(vt_cols(t), VT_MIN);
    feed(t, "日本語\r\n\r\n\r\nxyz");
    vt_resize(t, 1, 1);
    feed(t, "日本語");
    vt_free(t);
}

/* Shrinking scrolled the cursor off the top, and a place saved on a larger screen was
 * believed: found by fuzzing. */
static void
test_vt_keeps_the_cursor_on_the_screen(void **state)
{
    struct vt *t = vt_new(24, 80, 10);
    int row, col;

    (void)state;
    feed(t, "\033[24;70Hx\0337\033[1;20H");
    vt_resize(t, 2, 52);
    vt_cursor(t, &row, &col);
    assert_in_range(row, 0, 1);
    feed(t, "\0338y");
    vt_cursor(t, &row, &col);
    assert_in_range(row, 0, 1);
    assert_in_range(col, 0, 51);
    vt_resize(t, 24, 80);
    feed(t, "\033[15;20r\033[15;1H");
    vt_resize(t, 5, 80);
    feed(t, "a\r\nb\r\n\033[2Lc\r\n\r\nd");
    vt_cursor(t, &row, &col);
    assert_in_range(row, 0, 4);
    vt_free(t);
}

/* Random output, sizes and drawings: nothing may break (run it with sanitizers). */
static void
test_vt_survives_anything(void **state)
{
    static const char start[] = "\033[;?0123456789HJKLMPSTXmhlrABCD\r\n日x\t ";
    unsigned seed = 99;
    struct vt *t = vt_new(24, 80, 50);
    struct grid grid = {0};
    struct grid_part part;

    (void)state;
    print_message("seed %u\n", seed);
    grid_resize(&grid, 30, 90);
    part = grid_whole(&grid);
    for (int i = 0; i < 100000; i++) {
        char byte;

        seed = seed * 1103515245u + 12345u;
        byte = start[(seed >> 16) % (sizeof(start) - 1)];
        vt_feed(t, &byte, 1);
        if (i % 400 == 0)
            vt_resize(t, (int)(seed >> 20) % 40, (int)(seed >> 12) % 120);
        if (i % 1000 == 0)
            vt_draw(t, &part, vt_first(t));
    }
    grid_release(&grid);
    vt_free(t);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vt_shows_what_is_printed),
        cmocka_unit_test(test_vt_keeps_what_scrolls_off),
        cmocka_unit_test(test_vt_forgets_the_oldest_lines),
        cmocka_unit_test(test_vt_takes_lines_back_when_it_grows),
        cmocka_unit_test(test_vt_draws_colours_and_attributes),
        cmocka_unit_test(test_vt_cuts_a_wide_character_at_the_edge),
        cmocka_unit_test(test_vt_knows_a_full_screen_program),
        cmocka_unit_test(test_vt_turns_keys_into_bytes),
        cmocka_unit_test(test_vt_answers_no_question),
        cmocka_unit_test(test_vt_brackets_a_paste_where_asked_for),
        cmocka_unit_test(test_vt_is_never_too_small),
        cmocka_unit_test(test_vt_keeps_the_cursor_on_the_screen),
        cmocka_unit_test(test_vt_survives_anything),
    };

    setlocale(LC_ALL, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tui/prompt.h"

static struct prompt prompt;

static int
teardown(void **state)
{
    (void)state;
    prompt_release(&prompt);
    return 0;
}

/* Types text, with a few letters for keys that are not one: < > left and right, ^
 * start, $ end, ~ backspace, @ up, # down. */
static void
type(const char *text)
{
    static const struct {
        char letter;
        keys_code key;
    } special[] = {{'<', KEYS_LEFT}, {'>', KEYS_RIGHT},     {'^', KEYS_HOME},
                   {'$', KEYS_END},  {'~', KEYS_BACKSPACE}, {'@', KEYS_UP},
                   {'#', KEYS_DOWN}};

    for (; *text != '\0'; text++) {
        keys_code key = (keys_code)*text;

        for (size_t i = 0; i < sizeof(special) / sizeof(special[0]); i++)
            key = special[i].letter == *text ? special[i].key : key;
        prompt_key(&prompt, key);
    }
}

static void
test_prompt_edits_in_the_middle(void **state)
{
    (void)state;
    prompt_open(&prompt, ":", "");
    type("bak<<r$~~eak");
    assert_string_equal(prompt_text(&prompt), "break");
    type("^x>~y");
    assert_string_equal(prompt_text(&prompt), "xyreak");
}

static void
test_prompt_cuts_words_and_ends(void **state)
{
    (void)state;
    prompt_open(&prompt, ":", "open a/b.py  ");
    prompt_key(&prompt, KEYS_CTRL_OF('w'));
    assert_string_equal(prompt_text(&prompt), "open ");
    type("x y<<");
    prompt_key(&prompt, KEYS_CTRL_OF('k'));
    assert_string_equal(prompt_text(&prompt), "open x");
    prompt_key(&prompt, KEYS_CTRL_OF('u'));
    assert_string_equal(prompt_text(&prompt), "");
}

static void
test_prompt_treats_a_character_with_its_marks_as_one(void **state)
{
    (void)state;
    prompt_open(&prompt, "/", "");
    prompt_key(&prompt, 'e');
    prompt_key(&prompt, 0x301); /* a combining acute */
    prompt_key(&prompt, 0x65e5);
    assert_string_equal(prompt_text(&prompt), "e\u0301日");
    type("~");
    assert_string_equal(prompt_text(&prompt), "e\u0301");
    type("~");
    assert_string_equal(prompt_text(&prompt), "");
}

static void
test_prompt_remembers_lines(void **state)
{
    (void)state;
    prompt_open(&prompt, ":", "");
    type("one\r");
    prompt_open(&prompt, ":", "");
    type("two\r");
    prompt_open(&prompt, ":", "");
    type("two\r"); /* not twice in a row */
    prompt_open(&prompt, ":", "");
    type("draft@");
    assert_string_equal(prompt_text(&prompt), "two");
    type("@@@");
    assert_string_equal(prompt_text(&prompt), "one");
    type("###");
    assert_string_equal(prompt_text(&prompt), "draft");
}

static void
test_prompt_answers_with_what_a_key_did(void **state)
{
    (void)state;
    prompt_open(&prompt, ":", "");
    assert_int_equal(prompt_key(&prompt, 'a'), PROMPT_CHANGED);
    assert_int_equal(prompt_key(&prompt, KEYS_F1), PROMPT_SAME);
    assert_int_equal(prompt_key(&prompt, KEYS_TAB), PROMPT_COMPLETE);
    assert_int_equal(prompt_key(&prompt, KEYS_ESC), PROMPT_CANCEL);
    assert_int_equal(prompt_key(&prompt, KEYS_ENTER), PROMPT_DONE);
    prompt_open(&prompt, ":", "");
    assert_int_equal(prompt_key(&prompt, KEYS_BACKSPACE), PROMPT_CANCEL);
}

static void
test_prompt_scrolls_to_its_cursor(void **state)
{
    struct grid grid = {0};
    struct grid_part part;
    struct buf text = {0};

    (void)state;
    grid_resize(&grid, 1, 10);
    part = grid_whole(&grid);
    prompt_open(&prompt, "/", "abcdefghijklmnop");
    assert_int_equal(prompt_draw(&prompt, &part), 9);
    grid_row_text(&grid, 0, &text);
    assert_string_equal(buf_str(&text), "/ijklmnop");
    buf_clear(&text);
    type("^");
    assert_int_equal(prompt_draw(&prompt, &part), 1);
    grid_row_text(&grid, 0, &text);
    assert_string_equal(buf_str(&text), "/abcdefghi");
    buf_release(&text);
    grid_release(&grid);
}

static void
test_prompt_survives_random_keys(void **state)
{
    static const keys_code keys[] = {
        'a',         ' ',        0xe9,      0x301,      0x65e5,
        KEYS_LEFT,   KEYS_RIGHT, KEYS_HOME, KEYS_END,   KEYS_BACKSPACE,
        KEYS_DELETE, KEYS_UP,    KEYS_DOWN, KEYS_ENTER, 1,
        2,           4,          5,         6,          11,
        14,          16,         21,        23};
    unsigned seed = 20240607;
    struct grid grid = {0};
    struct grid_part part;

    (void)state;
    print_message("seed %u\n", seed);
    grid_resize(&grid, 1, 20);
    part = grid_whole(&grid);
    prompt_open(&prompt, ":", "");
    for (int i = 0; i < 20000; i++) {
        seed = seed * 1103515245u + 12345u;
        prompt_key(&prompt, keys[(seed >> 16) % (sizeof(keys) / sizeof(keys[0]))]);
        assert_in_range(prompt.at, 0, prompt.text.len);
        assert_in_range(prompt_draw(&prompt, &part), 0, 19);
    }
    grid_release(&grid);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_prompt_edits_in_the_middle, teardown),
        cmocka_unit_test_teardown(test_prompt_cuts_words_and_ends, teardown),
        cmocka_unit_test_teardown(test_prompt_treats_a_character_with_its_marks_as_one,
                                  teardown),
        cmocka_unit_test_teardown(test_prompt_remembers_lines, teardown),
        cmocka_unit_test_teardown(test_prompt_answers_with_what_a_key_did, teardown),
        cmocka_unit_test_teardown(test_prompt_scrolls_to_its_cursor, teardown),
        cmocka_unit_test_teardown(test_prompt_survives_random_keys, teardown),
    };

    setlocale(LC_ALL, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}

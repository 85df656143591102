#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tui/command.h"

static void
assert_reads(const char *text, enum command_id id, const char *name, const char *arg)
{
    struct command c;
    struct err err = {""};

    assert_true(command_parse(text, &c, &err));
    assert_int_equal(c.row->id, id);
    assert_string_equal(c.row->name, name);
    assert_string_equal(c.arg, arg);
}

static void
assert_refuses(const char *text, const char *why)
{
    struct command c;
    struct err err = {""};

    assert_false(command_parse(text, &c, &err));
    assert_string_equal(err.text, why);
}

static void
test_command_reads_names_and_arguments(void **state)
{
    (void)state;
    assert_reads("break app.py:12", COMMAND_BREAK, "break", "app.py:12");
    assert_reads("  :w   cov dir/  ", COMMAND_WRITE, "w", "cov dir/");
    assert_reads("w", COMMAND_WRITE, "w", "");
    assert_reads("filter -json.*", COMMAND_FILTER, "filter", "-json.*");
    assert_reads("q!", COMMAND_ACTION, "q!", "");
    assert_reads("417", COMMAND_LINE, "LINE", "417");
}

static void
test_command_reads_short_names(void **state)
{
    (void)state;
    assert_reads("b 3", COMMAND_BREAK, "break", "3");
    assert_reads("q", COMMAND_ACTION, "q", "");
    assert_reads("s", COMMAND_STEPS, "step", "");
    assert_reads("sa x", COMMAND_SAVE, "save", "x");
}

static void
test_command_says_what_is_wrong(void **state)
{
    (void)state;
    assert_refuses("braek 3", "no command is called 'braek' (break?)");
    assert_refuses("fly", "no command is called 'fly'; :help lists them");
    assert_refuses("", "no command; :help lists them");
    assert_refuses("run fast", ":run takes no argument");
    assert_refuses("save", "usage: :save FILE");
    assert_refuses("break", "usage: :break [FILE:]LINE");
}

static void
test_command_completes_as_far_as_it_is_clear(void **state)
{
    static const char *const pairs[][2] = {
        {"br", "break"}, {"sa", "save"}, {"s", "s"}, {"xyz", "xyz"}, {"he", "help"}};

    (void)state;
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        struct buf out = {0};

        command_complete(pairs[i][0], &out);
        assert_string_equal(buf_str(&out), pairs[i][1]);
        buf_release(&out);
    }
}

static void
test_command_place_takes_the_last_colon(void **state)
{
    struct command_place place;
    struct err err;

    (void)state;
    assert_true(command_place("a:b.py:7", &place, &err));
    assert_string_equal(place.path, "a:b.py");
    assert_int_equal(place.line, 7);
    assert_true(command_place("12", &place, &err));
    assert_string_equal(place.path, "");
    assert_int_equal(place.line, 12);
}

static void
test_command_place_refuses_what_is_none(void **state)
{
    static const char *const texts[] = {
        "",   "a.py",   "a.py:",   "a.py:x",
        ":3", "a.py:0", "a.py:-1", "a.py:99999999999999999999"};
    struct command_place place;
    struct err err;

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        err.text[0] = '\0';
        assert_false(command_place(texts[i], &place, &err));
        assert_true(err.text[0] != '\0');
    }
}

static void
test_command_number_is_one_when_left_out(void **state)
{
    uint32_t n = 0;

    (void)state;
    assert_true(command_number("", &n, NULL));
    assert_int_equal(n, 1);
    assert_true(command_number("12", &n, NULL));
    assert_int_equal(n, 12);
    assert_false(command_number("0", &n, NULL));
    assert_false(command_number("1x", &n, NULL));
    assert_false(command_number("4294967296", &n, NULL));
}

static void
test_command_takes_text_of_any_length(void **state)
{
    char *text = malloc(100001);
    struct command c;
    struct err err;

    (void)state;
    memset(text, 'x', 100000);
    text[100000] = '\0';
    assert_false(command_parse(text, &c, &err));
    memcpy(text, "open ", 5);
    assert_true(command_parse(text, &c, &err));
    assert_true(strlen(c.arg) < sizeof(c.arg));
    free(text);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_command_reads_names_and_arguments),
        cmocka_unit_test(test_command_reads_short_names),
        cmocka_unit_test(test_command_says_what_is_wrong),
        cmocka_unit_test(test_command_completes_as_far_as_it_is_clear),
        cmocka_unit_test(test_command_place_takes_the_last_colon),
        cmocka_unit_test(test_command_place_refuses_what_is_none),
        cmocka_unit_test(test_command_number_is_one_when_left_out),
        cmocka_unit_test(test_command_takes_text_of_any_length),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

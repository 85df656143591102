#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tui/keys.h"

static void
assert_key(const char *name, keys_code want)
{
    keys_code code = KEYS_NONE;

    assert_true(keys_parse(name, strlen(name), &code));
    assert_int_equal(code, want);
}

static void
test_keys_have_names_for_all_kinds(void **state)
{
    (void)state;
    assert_key("s", 's');
    assert_key("S", 'S');
    assert_key(":", ':');
    assert_key("-", '-');
    assert_key("é", 0xe9);
    assert_key("Space", ' ');
    assert_key("space", ' ');
    assert_key("Tab", KEYS_TAB);
    assert_key("PageDown", KEYS_PAGE_DOWN);
    assert_key("F1", KEYS_F1);
    assert_key("F12", KEYS_F12);
    assert_key("Ctrl-]", 0x1d);
    assert_key("ctrl-c", 3);
    assert_key("Ctrl-Up", KEYS_CTRL | KEYS_UP);
    assert_key("Shift-F11", KEYS_SHIFT | (KEYS_F1 + 10));
    assert_key("Shift-Tab", KEYS_SHIFT | KEYS_TAB);
    assert_key("Alt-x", KEYS_ALT | 'x');
    assert_key("Alt-Ctrl-x", KEYS_ALT | 24);
}

static void
test_keys_refuse_what_no_terminal_sends(void **state)
{
    static const char *const names[] = {"",      "F0",         "F13",     "F01",
                                        "Ctrl-", "Ctrl-1",     "Shift-a", "Spac",
                                        "ab",    "Ctrl-Space", "\xff",    "\x01"};
    keys_code code;

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        assert_false(keys_parse(names[i], strlen(names[i]), &code));
}

static void
test_keys_name_reads_back(void **state)
{
    static const char *const names[] = {"q",     "Space",     "Ctrl-C", "F10",
                                        "Enter", "Shift-Tab", "Alt-x",  "Ctrl-PgUp",
                                        "é",     "Ctrl-]",    "Esc",    "Shift-F11"};
    char name[KEYS_NAME_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        keys_code code;

        assert_true(keys_parse(names[i], strlen(names[i]), &code));
        keys_name(code, name);
        assert_string_equal(name, names[i]);
    }
}

static void
test_keys_defaults_do_not_clash(void **state)
{
    struct keys *k = keys_new();

    (void)state;
    /* keys_check() asks only about what the user bound: bind all as they are. */
    for (enum actions_id id = 1; id < ACTIONS_N; id++)
        assert_true(keys_bind(k, actions_get(id)->name, actions_get(id)->keys,
                              "default", NULL));
    assert_true(keys_check(k, NULL));
    assert_int_equal(keys_find(k, 's'), ACTIONS_INTO);
    assert_int_equal(keys_find(k, KEYS_F1 + 9), ACTIONS_OVER);
    assert_int_equal(keys_find(k, '~'), ACTIONS_NONE);
    keys_free(k);
}

static void
test_keys_can_be_bound_anew(void **state)
{
    struct keys *k = keys_new();
    char name[KEYS_NAME_MAX];

    (void)state;
    assert_true(keys_bind(k, "step_over", "o F2", "x.yml:1", NULL));
    assert_true(keys_bind(k, "sort", "", "x.yml:2", NULL));
    assert_true(keys_check(k, NULL));
    assert_int_equal(keys_find(k, 'o'), ACTIONS_OVER);
    assert_int_equal(keys_find(k, 'n'), ACTIONS_NONE);
    keys_of(k, ACTIONS_OVER, name);
    assert_string_equal(name, "o");
    keys_of(k, ACTIONS_SORT, name);
    assert_string_equal(name, "");
    keys_free(k);
}

static void
test_keys_clash_names_the_line_and_both_actions(void **state)
{
    struct keys *k = keys_new();
    struct err err;

    (void)state;
    assert_true(keys_bind(k, "step_over", "n q", "ttrace.yml:12:3", &err));
    assert_false(keys_check(k, &err));
    assert_string_equal(err.text, "ttrace.yml:12:3: key 'q' means quit already, so it "
                                  "cannot mean step_over");
    keys_free(k);
}

static void
test_keys_bind_says_what_is_wrong(void **state)
{
    struct keys *k = keys_new();
    struct err err;

    (void)state;
    assert_false(keys_bind(k, "step_ovr", "n", "x", &err));
    assert_string_equal(err.text, "no action is called 'step_ovr' (step_over?)");
    assert_false(keys_bind(k, "step_over", "n Hyper-x", "x", &err));
    assert_string_equal(err.text, "no key is called 'Hyper-x'");
    assert_int_equal(keys_find(k, 'n'), ACTIONS_OVER); /* as it was */
    assert_false(keys_bind(k, "step_over", "a b c d e f g h i", "x", &err));
    keys_free(k);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keys_have_names_for_all_kinds),
        cmocka_unit_test(test_keys_refuse_what_no_terminal_sends),
        cmocka_unit_test(test_keys_name_reads_back),
        cmocka_unit_test(test_keys_defaults_do_not_clash),
        cmocka_unit_test(test_keys_can_be_bound_anew),
        cmocka_unit_test(test_keys_clash_names_the_line_and_both_actions),
        cmocka_unit_test(test_keys_bind_says_what_is_wrong),
    };

    setlocale(LC_ALL, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}

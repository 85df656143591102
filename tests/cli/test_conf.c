#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cli/conf.h"

static void
assert_refused(enum conf_id id, const char *key, const char *text, const char *want)
{
    struct err err = {""};

    assert_false(conf_check(id, key, text, &err));
    assert_string_equal(err.text, want);
}

static void
test_conf_defaults_pass_their_own_checks(void **state)
{
    (void)state;
    for (enum conf_id id = 0; id < CONF_N; id++) {
        const struct conf_setting *s = conf_setting(id);
        struct err err = {""};

        if (*s->fallback && !conf_check(id, NULL, s->fallback, &err))
            fail_msg("%s: %s", s->name, err.text);
    }
}

static void
test_conf_rows_are_whole(void **state)
{
    (void)state;
    for (enum conf_id id = 0; id < CONF_N; id++) {
        const struct conf_setting *s = conf_setting(id);
        struct buf wants = {0};
        enum conf_id found;

        assert_true(conf_find(s->name, &found));
        assert_int_equal(found, id);
        assert_true(s->places & CONF_USER);
        assert_non_null(s->help);
        assert_true(s->type != CONF_CHOICE || s->choices || s->choice);
        assert_true(s->type != CONF_INT || s->min < s->max);
        conf_describe(id, &wants);
        assert_true(wants.len > 0);
        buf_release(&wants);
    }
}

static void
test_conf_project_may_filter_and_style_only(void **state)
{
    (void)state;
    for (enum conf_id id = 0; id < CONF_N; id++) {
        const char *name = conf_setting(id)->name;

        assert_int_equal(!!(conf_setting(id)->places & CONF_PROJECT),
                         strncmp(name, "filters.", 8) == 0 ||
                             strncmp(name, "ui.", 3) == 0);
    }
}

static void
test_conf_checks_types(void **state)
{
    (void)state;
    assert_true(conf_check(CONF_FPS, NULL, "1", NULL));
    assert_true(conf_check(CONF_FPS, NULL, "60", NULL));
    assert_refused(CONF_FPS, NULL, "0",
                   "'ui.fps' takes a number from 1 to 60, not '0'");
    assert_refused(CONF_FPS, NULL, "61",
                   "'ui.fps' takes a number from 1 to 60, not '61'");
    assert_refused(CONF_FPS, NULL, "4294967297",
                   "'ui.fps' takes a number from 1 to 60, not '4294967297'");
    assert_refused(CONF_FPS, NULL, "+2",
                   "'ui.fps' takes a number from 1 to 60, not '+2'");
    assert_refused(CONF_ASCII, NULL, "yes",
                   "'ui.ascii' takes true or false, not 'yes'");
    assert_refused(CONF_EXIT, NULL, "aks",
                   "'exit' takes one of ask, terminate, kill, detach, not 'aks'");
    assert_refused(CONF_SAVE_DIR, NULL, "", "'save.dir' takes a word, not ''");
    assert_refused(CONF_SAVE_DIR, NULL, "a\033[2J",
                   "'save.dir' has a control character");
}

static void
test_conf_checks_what_words_mean(void **state)
{
    struct err err = {""};

    (void)state;
    assert_true(conf_check(CONF_INCLUDE, NULL, "orders.*:load", NULL));
    assert_false(conf_check(CONF_INCLUDE, NULL, "a..b", &err));
    assert_non_null(strstr(err.text, "a..b"));
    assert_true(conf_check(CONF_THEME, NULL, "light", NULL));
    assert_false(conf_check(CONF_THEME, NULL, "no-theme", NULL));
    assert_true(conf_check(CONF_KEYS, "step_over", "F10", NULL));
    assert_true(conf_check(CONF_KEYS, "step_over", "", NULL));
    assert_false(conf_check(CONF_KEYS, "step_over", "F99", &err));
    assert_non_null(strstr(err.text, "F99"));
    assert_false(conf_check(CONF_KEYS, "step_ovre", "F10", &err));
    assert_non_null(strstr(err.text, "step_over?"));
}

static void
test_conf_nearer_place_wins(void **state)
{
    struct conf c;

    (void)state;
    conf_init(&c);
    assert_int_equal(conf_int(&c, CONF_FPS), 20);
    assert_false(conf_is_on(&c, CONF_ASCII));
    assert_string_equal(conf_value(&c, CONF_FPS)->origin, "default");
    conf_add(&c, CONF_FPS, NULL, "30", "far");
    conf_add(&c, CONF_FPS, NULL, "7", "near");
    assert_int_equal(conf_int(&c, CONF_FPS), 7);
    assert_int_equal(conf_value(&c, CONF_FPS)->n, 1);
    assert_string_equal(conf_value(&c, CONF_FPS)->origin, "near");

    conf_take_over(&c, CONF_EXCLUDE, NULL, "far");
    conf_add(&c, CONF_EXCLUDE, NULL, "a", "far");
    conf_add(&c, CONF_EXCLUDE, NULL, "b", "far");
    assert_int_equal(conf_value(&c, CONF_EXCLUDE)->n, 2);
    conf_take_over(&c, CONF_EXCLUDE, NULL, "near");
    assert_int_equal(conf_value(&c, CONF_EXCLUDE)->n, 0);
    assert_string_equal(conf_value(&c, CONF_EXCLUDE)->origin, "near");
    conf_release(&c);
}

static void
test_conf_nearer_map_wins_by_key(void **state)
{
    const struct conf_value *v;
    struct conf c;

    (void)state;
    conf_init(&c);
    v = conf_value(&c, CONF_KEYS);
    conf_add(&c, CONF_KEYS, "quit", "a", "far");
    conf_add(&c, CONF_KEYS, "zoom", "b", "far");
    conf_add(&c, CONF_KEYS, "quit", "c", "far");
    conf_take_over(&c, CONF_KEYS, "quit", "near");
    assert_false(conf_has_key(&c, CONF_KEYS, "quit"));
    assert_true(conf_has_key(&c, CONF_KEYS, "zoom"));
    conf_add(&c, CONF_KEYS, "quit", "d", "near");
    assert_int_equal(v->n, 2);
    assert_string_equal(v->items[0].key, "zoom");
    assert_string_equal(v->items[1].text, "d");
    conf_release(&c);
}

static void
test_conf_option_adds_to_files_but_not_to_defaults(void **state)
{
    const struct conf_value *v;
    struct conf c;

    (void)state;
    conf_init(&c);
    v = conf_value(&c, CONF_INCLUDE);
    conf_add_option(&c, CONF_INCLUDE, "json", "--include");
    conf_add_option(&c, CONF_INCLUDE, "re", "--include");
    assert_int_equal(v->n, 2);
    assert_string_equal(v->items[0].text, "json");
    conf_take_over(&c, CONF_INCLUDE, NULL, "file");
    conf_add(&c, CONF_INCLUDE, NULL, "orders.*", "file:1:1");
    conf_add_option(&c, CONF_INCLUDE, "json", "--include");
    assert_int_equal(v->n, 2);
    assert_string_equal(v->items[0].text, "orders.*");
    conf_release(&c);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_conf_defaults_pass_their_own_checks),
        cmocka_unit_test(test_conf_rows_are_whole),
        cmocka_unit_test(test_conf_project_may_filter_and_style_only),
        cmocka_unit_test(test_conf_checks_types),
        cmocka_unit_test(test_conf_checks_what_words_mean),
        cmocka_unit_test(test_conf_nearer_place_wins),
        cmocka_unit_test(test_conf_nearer_map_wins_by_key),
        cmocka_unit_test(test_conf_option_adds_to_files_but_not_to_defaults),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "session/scope.h"

#define STDLIB "/usr/lib/python3.11"

static const struct scope_subject mine = {"/home/me/shop/cart.py", "shop.cart",
                                          "Cart.add"};
static const struct scope_subject script = {"work.py", "__main__", "<module>"};
static const struct scope_subject json_decoder = {STDLIB "/json/decoder.py",
                                                  "json.decoder", "JSONDecoder.decode"};
static const struct scope_subject requests = {STDLIB "/site-packages/requests/api.py",
                                              "requests.api", "get"};
static const struct scope_subject yaml = {
    "/usr/lib/python3/dist-packages/yaml/__init__.py", "yaml", "load"};
static const struct scope_subject frozen = {"<frozen importlib._bootstrap>",
                                            "importlib._bootstrap", "_find_and_load"};
static const struct scope_subject string = {"<string>", "shop.cart", "<lambda>"};

/* A scope with rules given as "+include" and "-exclude" words, parted by blanks. */
static struct scope *
scope_of(const char *rules)
{
    struct scope *s = scope_new(STDLIB "/");
    char word[256];
    int n;

    for (; sscanf(rules, " %255s%n", word, &n) == 1; rules += n) {
        struct err err = {""};

        if (!scope_add(s, word + 1, word[0] == '+', &err))
            fail_msg("%s", err.text);
    }
    return s;
}

static void
assert_wants(const char *rules, const struct scope_subject *what, bool want)
{
    struct scope *s = scope_of(rules);

    if (scope_wants(s, what, NULL) != want)
        fail_msg("'%s' should %swant %s", rules, want ? "" : "not ", what->path);
    /* A file may only be skipped when none of its code is wanted. */
    if (want && scope_skips_file(s, what->path, what->module))
        fail_msg("'%s' should not skip %s", rules, what->path);
    scope_free(s);
}

static void
test_scope_decides(void **state)
{
    static const struct {
        const char *rules;
        const struct scope_subject *what;
        bool wanted;
    } cases[] = {
        /* without rules, and by sort */
        {"", &mine, true},
        {"", &script, true},
        {"", &json_decoder, false},
        {"", &requests, false},
        {"", &yaml, false},
        {"", &frozen, false},
        {"", &string, false},
        {"+mine", &mine, true},
        {"+stdlib", &json_decoder, true},
        {"+stdlib", &requests, false},
        {"+stdlib", &frozen, false},
        {"+stdlib", &mine, false},
        {"+site-packages", &requests, true},
        {"+site-packages", &yaml, true},
        {"+generated", &frozen, false},
        {"+generated", &string, true},
        {"+generated", &mine, false},
        {"+all", &mine, true},
        {"+all", &frozen, false},
        {"+all", &requests, true},
        {"+all -site-packages", &requests, false},
        {"+all -mine", &mine, false},
        {"+stdlib -all", &json_decoder, false},

        /* modules */
        {"+json", &json_decoder, true},
        {"+json.*", &json_decoder, true},
        {"+json.decoder", &json_decoder, true},
        {"+json.decode", &json_decoder, false},
        {"+jso", &json_decoder, false},
        {"+jso?", &json_decoder, true},
        {"+js*", &json_decoder, true},
        {"+*.decoder", &json_decoder, true},
        {"+[a-j]son", &json_decoder, true},
        {"+[!j]son", &json_decoder, false},
        {"+decoder", &json_decoder, false},
        {"+yaml", &yaml, true},
        {"+yaml.*", &yaml, false},
        {"-shop", &mine, false},
        {"-shopping", &mine, true},
        {"+shop.cart", &string, true},
        {"-__main__", &script, false},

        /* functions */
        {"-shop.cart:Cart.add", &mine, false},
        {"-shop:Cart.add", &mine, false},
        {"-shop.cart:Cart", &mine, false},
        {"-shop.cart:Car", &mine, true},
        {"-shop.cart:add", &mine, true},
        {"-shop.cart:*.add", &mine, false},
        {"-*:Cart.*", &mine, false},
        {"-json:Cart.add", &mine, true},
        {"-*:<lambda>", &string, false},
        {"+all -*:<lambda>", &string, false},
        {"+json:*decode*", &json_decoder, true},

        /* files */
        {"-cart.py", &mine, false},
        {"-art.py", &mine, true},
        {"-*art.py", &mine, false},
        {"-shop/cart.py", &mine, false},
        {"-shop/*.py", &mine, false},
        {"-me/*.py", &mine, true},
        {"-me/**.py", &mine, false},
        {"-me/**/cart.py", &mine, false},
        {"-shop/**/cart.py", &mine, false},
        {"-hop/**/cart.py", &mine, true},
        {"-/home/me/shop/cart.py", &mine, false},
        {"-/home/**", &mine, false},
        {"-/home/*", &mine, true},
        {"-/home/*/shop/c?rt.py", &mine, false},
        {"-/home?me/shop/cart.py", &mine, true},
        {"-/home[/]me/shop/cart.py", &mine, true},
        {"-/me/shop/cart.py", &mine, true},
        {"-shop/", &mine, false},
        {"-me/", &mine, false},
        {"-hop/", &mine, true},
        {"-./work.py", &script, false},
        {"-work.py", &script, false},
        {"+work.py", &mine, false},
        {"+work.py", &script, true},
        {"+/usr/**", &json_decoder, true},
        {"+**/*", &frozen, false},

        /* together */
        {"+mine +json -shop", &json_decoder, true},
        {"+mine +json -shop", &mine, false},
        {"+mine +json -shop", &script, true},
        {"-json", &script, true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_wants(cases[i].rules, cases[i].what, cases[i].wanted);
}

static void
test_scope_skips_files_it_cannot_want(void **state)
{
    static const struct {
        const char *rules;
        const struct scope_subject *what;
        bool skips;
    } cases[] = {
        {"", &mine, false},
        {"", &json_decoder, true},
        {"+json", &mine, true},
        {"+json", &json_decoder, false},
        {"+json:no_such_function", &json_decoder, false}, /* it might be there */
        {"+yaml:load", &json_decoder, true},
        {"-shop.cart", &mine, true},
        {"-shop.cart:Cart.add", &mine, false},
        {"-shop/", &mine, true},
        {"+stdlib -json", &json_decoder, true},
    };
    struct scope *s = scope_of("+json");

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct scope *one = scope_of(cases[i].rules);

        if (scope_skips_file(one, cases[i].what->path, cases[i].what->module) !=
            cases[i].skips)
            fail_msg("'%s' and %s", cases[i].rules, cases[i].what->path);
        scope_free(one);
    }
    /* A module that is not known yet may turn out to be the one. */
    assert_false(scope_skips_file(s, "/home/me/x.py", ""));
    scope_free(s);
    s = scope_of("-json");
    assert_false(scope_skips_file(s, "/home/me/x.py", ""));
    scope_free(s);
}

static void
test_scope_says_which_rule_decided(void **state)
{
    struct scope *s = scope_of("-json -shop.cart");
    uint32_t rule;

    (void)state;
    assert_true(scope_wants(s, &script, &rule));
    assert_int_equal(rule, SCOPE_DEFAULT);
    assert_false(scope_wants(s, &mine, &rule));
    assert_int_equal(rule, 1);
    assert_false(scope_wants(s, &json_decoder, &rule));
    assert_int_equal(rule, 0);
    assert_false(scope_wants(s, &yaml, &rule));
    assert_int_equal(rule, SCOPE_DEFAULT);
    assert_true(scope_add(s, "stdlib", true, NULL));
    assert_true(scope_add(s, "all", true, NULL));
    assert_true(scope_wants(s, &yaml, &rule));
    assert_int_equal(rule, 3);
    scope_free(s);
}

static void
test_scope_remove_keeps_the_numbers(void **state)
{
    struct scope *s = scope_of("-shop -json -shop +mine -work.py");
    uint32_t rule;

    (void)state;
    assert_true(scope_remove(s, "shop"));
    assert_false(scope_wants(s, &mine, &rule));
    assert_int_equal(rule, 0);
    assert_true(scope_remove(s, "shop"));
    assert_true(scope_wants(s, &mine, &rule));
    assert_int_equal(rule, 3);
    assert_false(scope_wants(s, &script, &rule));
    assert_int_equal(rule, 4);
    assert_false(scope_remove(s, "shop"));
    assert_false(scope_remove(s, "mine")); /* an include rule */
    assert_true(scope_add(s, "shop", false, NULL));
    assert_false(scope_wants(s, &mine, &rule));
    assert_int_equal(rule, 5);
    scope_free(s);
}

static void
test_scope_knows_what_is_included(void **state)
{
    struct scope *s = scope_of("-json");
    struct err err = {""};

    (void)state;
    assert_false(scope_has_includes(s));
    assert_true(scope_includes(s, "mine"));
    assert_false(scope_includes(s, "json"));
    assert_true(scope_add(s, "json", true, &err));
    assert_true(scope_has_includes(s));
    assert_true(scope_includes(s, "json"));
    assert_false(scope_includes(s, "mine"));
    assert_true(scope_is_rule("shop.cart:Cart", &err));
    assert_false(scope_is_rule("no rule", &err));
    assert_non_null(strstr(err.text, "no rule"));
    scope_free(s);
}

static void
test_scope_refuses_words_that_are_no_rules(void **state)
{
    static const struct {
        const char *word, *why;
    } cases[] = {
        {"", "empty"},
        {":", "before the ':'"},
        {":f", "before the ':'"},
        {"json:", "behind the ':'"},
        {"work.py:main", "not a file"},
        {"a b", "neither a module nor a file"},
        {"mine,stdlib", "neither a module nor a file"},
        {"json;", "neither a module nor a file"},
        {"<string>", "neither a module nor a file"},
        {"a..b", "empty part"},
        {".a", "empty part"},
        {"a.", "empty part"},
        {"a:b:c", "qualified name"},
        {"./", "current folder"},
        {"..", "empty part"},
        {"../", "current folder"},
        {"a\nb", "control character at byte 2"},
        {"/\x1b[2J", "control character at byte 2"},
        {"x\x7f", "control character at byte 2"},
    };
    struct scope *s = scope_new(STDLIB);

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct err err = {""};

        if (scope_add(s, cases[i].word, false, &err))
            fail_msg("'%s' was taken", cases[i].word);
        if (!strstr(err.text, cases[i].why))
            fail_msg("'%s' does not say '%s'", err.text, cases[i].why);
        for (const char *p = err.text; *p; p++)
            assert_true((unsigned char)*p >= 0x20);
    }
    assert_true(scope_wants(s, &mine, NULL));
    scope_free(s);
}

static void
test_scope_takes_unusual_names(void **state)
{
    static const struct scope_subject almost_site = {"/x/my-site-packages/y.py", "y",
                                                     "f"};
    static const struct scope_subject was_site = {"/x/site-packages.old/y.py", "y",
                                                  "f"};
    static const struct scope_subject almost_stdlib = {STDLIB "-x/y.py", "y", "f"};
    static const struct scope_subject umlaut = {"/x/na\u00efve m.py", "na\u00efve",
                                                "f"};
    static const struct scope_subject unknown = {"/x/y.py", "", "f"};
    static const struct scope_subject no_path = {"", "m", "f"};

    (void)state;
    assert_wants("", &almost_site, true);
    assert_wants("", &was_site, true);
    assert_wants("", &almost_stdlib, true);
    assert_wants("-na\u00efve", &umlaut, false);
    assert_wants("", &unknown, true);
    assert_wants("-y", &unknown, true);
    assert_wants("-*", &unknown, false);
    assert_wants("", &no_path, false);
    assert_wants("+generated", &no_path, true);
}

static void
test_scope_without_a_standard_library(void **state)
{
    struct scope *s = scope_new("");

    (void)state;
    assert_true(scope_wants(s, &json_decoder, NULL));
    assert_false(scope_wants(s, &requests, NULL));
    scope_free(s);
    scope_free(NULL);
}

/* Many stars against a text that almost matches: must not take for ever. */
static void
test_scope_globs_take_bounded_time(void **state)
{
    struct scope *s = scope_of("-**a**a**a**a**a**a**a**a**a**a*b*b*b*b*b*b*b*b/c.py "
                               "-*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b");
    char path[4096], module[2048];
    struct scope_subject what = {path, module, "f"};

    (void)state;
    memset(path, 'a', sizeof(path) - 1);
    path[sizeof(path) - 1] = '\0';
    memset(module, 'a', sizeof(module) - 1);
    module[sizeof(module) - 1] = '\0';
    for (size_t i = 100; i < sizeof(path) - 1; i += 100)
        path[i] = '/';
    assert_true(scope_wants(s, &what, NULL));
    scope_free(s);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scope_decides),
        cmocka_unit_test(test_scope_skips_files_it_cannot_want),
        cmocka_unit_test(test_scope_says_which_rule_decided),
        cmocka_unit_test(test_scope_remove_keeps_the_numbers),
        cmocka_unit_test(test_scope_knows_what_is_included),
        cmocka_unit_test(test_scope_refuses_words_that_are_no_rules),
        cmocka_unit_test(test_scope_takes_unusual_names),
        cmocka_unit_test(test_scope_without_a_standard_library),
        cmocka_unit_test(test_scope_globs_take_bounded_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "cli/ignore.h"
#include "session/scope.h"

static char *
join(struct texts *rules)
{
    struct buf out = {0};

    for (size_t i = 0; i < rules->n; i++)
        buf_printf(&out, "%s%s", i ? " " : "", rules->items[i]);
    texts_release(rules);
    return buf_take(&out);
}

static void
assert_modules(const char *names, const char *want)
{
    struct texts rules = {0};
    char *got;

    ignore_modules(names, &rules);
    got = join(&rules);
    assert_string_equal(got, want);
    free(got);
}

static void
assert_dirs(const char *dirs, const char *script, const char *want)
{
    struct texts rules = {0};
    struct python none = {0};
    struct err err = {""};
    char *got;

    if (!ignore_dirs(dirs, script, &none, &rules, &err))
        fail_msg("%s", err.text);
    got = join(&rules);
    assert_string_equal(got, want);
    free(got);
}

static void
test_ignore_modules_go_by_the_file_name(void **state)
{
    (void)state;
    assert_modules("json", "json.py");
    assert_modules(" a , b,,c ", "a.py b.py c.py");
    assert_modules("pkg.mod", "pkg.mod.py");
    assert_modules("", "");
    assert_modules("a/b", "");
}

static void
test_ignore_dirs_are_made_plain(void **state)
{
    (void)state;
    setenv("HOME", "/home/me", 1);
    setenv("PLACE", "/srv/x", 1);
    unsetenv("NONE");
    assert_dirs("/usr/lib", NULL, "/usr/lib/**");
    assert_dirs("/usr//lib/./a/../b/:/opt/", NULL, "/usr/lib/b/** /opt/**");
    assert_dirs("~/lib:$PLACE/a:${PLACE}b:~", NULL,
                "/home/me/lib/** /srv/x/a/** /srv/xb/** /home/me/**");
    assert_dirs("/a/$NONE:/a/${NONE}", NULL, "/a/$NONE/** /a/${NONE}/**");
    assert_dirs("/../../a", NULL, "/a/**");
    assert_dirs("/", NULL, "");
    assert_dirs("", NULL, "");
}

static void
test_ignore_relative_dir_is_the_programs_own(void **state)
{
    (void)state;
    assert_dirs("tests", "tests/a.py", "tests/a.py");
    assert_dirs("tests", "other/a.py", "");
    assert_dirs("tests", "tests.py", "");
    assert_dirs("tests/../tests", "tests/a.py", "tests/a.py");
    assert_dirs(".", "./a.py", "./a.py");
    assert_dirs("tests", NULL, "");
}

/* A path with the signs of globs in it is one path. */
static void
test_ignore_rules_are_no_patterns(void **state)
{
    struct texts rules = {0};
    struct python none = {0};
    struct scope *scope = scope_new("/usr/lib/python3.11");
    struct scope_subject inside = {"/a[1]/x*y/m.py", "m", "f"};
    struct scope_subject outside = {"/a1/xzy/m.py", "m", "f"};
    struct err err = {""};

    (void)state;
    assert_true(ignore_dirs("/a[1]/x*y", NULL, &none, &rules, &err));
    assert_true(scope_add(scope, "all", true, &err));
    assert_true(scope_wants(scope, &inside, NULL));
    assert_true(scope_add(scope, rules.items[0], false, &err));
    assert_false(scope_wants(scope, &inside, NULL));
    assert_true(scope_wants(scope, &outside, NULL));
    scope_free(scope);
    texts_release(&rules);
}

static void
test_ignore_prefix_is_asked_for(void **state)
{
    struct texts rules = {0};
    struct python python;
    struct err err = {""};
    const char *wanted = getenv("PYTHON");
    char *stdlib, *got;
    char want[1024];

    (void)state;
    if (!python_find(&python, wanted && *wanted ? wanted : "python3", &err))
        fail_msg("%s", err.text);
    stdlib = python_path(&python, "stdlib", &err);
    assert_non_null(stdlib);
    unsetenv("prefix");
    assert_true(ignore_dirs("$prefix:$prefix/x", NULL, &python, &rules, &err));
    snprintf(want, sizeof(want), "%s/** %s/x/**", stdlib, stdlib);
    got = join(&rules);
    assert_string_equal(got, want);
    free(got);
    /* An environment variable of that name wins, as in trace. */
    setenv("prefix", "/mine", 1);
    assert_true(ignore_dirs("$prefix", NULL, &python, &rules, &err));
    got = join(&rules);
    assert_string_equal(got, "/mine/**");
    free(got);
    free(stdlib);
    python_release(&python);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ignore_modules_go_by_the_file_name),
        cmocka_unit_test(test_ignore_dirs_are_made_plain),
        cmocka_unit_test(test_ignore_relative_dir_is_the_programs_own),
        cmocka_unit_test(test_ignore_rules_are_no_patterns),
        cmocka_unit_test(test_ignore_prefix_is_asked_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

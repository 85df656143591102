#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/file.h"
#include "cli/python.h"
#include "tests/base/scratch.h"

static const char binary[] = "\177ELF: never run";

/* An executable file in the scratch folder. */
static void
make(const char *name, const char *text)
{
    assert_true(file_write(scratch_path(name), text, strlen(text), NULL));
    assert_int_equal(chmod(scratch_path(name), 0755), 0);
}

static void
link_to(const char *name, const char *target)
{
    assert_int_equal(symlink(target, scratch_path(name)), 0);
}

static void
assert_found(const char *wanted, const char *exe, const char *version)
{
    struct python p;
    struct err err = {""};

    if (!python_find(&p, wanted, &err))
        fail_msg("%s", err.text);
    assert_string_equal(p.exe, exe);
    assert_string_equal(p.version, version);
    python_release(&p);
}

static void
assert_not_found(const char *wanted, const char *why)
{
    struct python p;
    struct err err = {""};

    assert_false(python_find(&p, wanted, &err));
    if (!strstr(err.text, why))
        fail_msg("wanted: %s\ngot: %s", why, err.text);
    python_release(&p);
}

static int
set_up(void **state)
{
    unsetenv("VIRTUAL_ENV");
    setenv("PATH", scratch_dir, 1);
    return scratch_clear(state);
}

static void
test_python_version_is_in_the_name_where_links_end(void **state)
{
    (void)state;
    make("python3.17", binary);
    link_to("python", "python3.17");
    link_to("python3", "python");
    assert_found(NULL, scratch_path("python3"), "3.17");
    assert_found("python3.17", scratch_path("python3.17"), "3.17");
    assert_found(scratch_path("python"), scratch_path("python"), "3.17");
}

static void
test_python_first_on_path_is_taken(void **state)
{
    char path[2048];

    (void)state;
    assert_int_equal(mkdir(scratch_path("far"), 0755), 0);
    make("far/python3.18", binary);
    link_to("far/python3", "python3.18");
    make("python3.17", binary);
    link_to("python3", "python3.17");
    snprintf(path, sizeof(path), "/nowhere:%s:%s", scratch_path("far"), scratch_dir);
    setenv("PATH", path, 1);
    assert_found(NULL, scratch_path("far/python3"), "3.18");
    chmod(scratch_path("far/python3.18"), 0644);
    assert_found(NULL, scratch_path("python3"), "3.17");
    unlink(scratch_path("far/python3"));
    assert_int_equal(mkdir(scratch_path("far/python3"), 0755), 0);
    assert_found(NULL, scratch_path("python3"), "3.17");
    rmdir(scratch_path("far/python3"));
    unlink(scratch_path("far/python3.18"));
}

static void
test_python_of_the_virtual_environment_comes_first(void **state)
{
    (void)state;
    make("python3.17", binary);
    link_to("python3", "python3.17");
    make("python3.18", binary);
    assert_int_equal(mkdir(scratch_path("bin"), 0755), 0);
    link_to("bin/python", "../python3.18");
    setenv("VIRTUAL_ENV", scratch_dir, 1);
    assert_found(NULL, scratch_path("bin/python"), "3.18");
    assert_found("python3", scratch_path("python3"), "3.17");
    unlink(scratch_path("bin/python"));
    assert_found(NULL, scratch_path("python3"), "3.17");
    setenv("VIRTUAL_ENV", "", 1);
    assert_found(NULL, scratch_path("python3"), "3.17");
}

static void
test_python_copied_into_an_environment_is_known_by_its_cfg(void **state)
{
    static const struct {
        const char *cfg, *version;
    } table[] = {
        {"home = /usr/bin\nversion = 3.17.2\n", "3.17"},
        {"version_info = 3.18.0.final.0\nhome=/x\n", "3.18"},
        {"version=3.19.1", "3.19"},
    };

    (void)state;
    assert_int_equal(mkdir(scratch_path("bin"), 0755), 0);
    make("bin/python", binary);
    setenv("VIRTUAL_ENV", scratch_dir, 1);
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        make("pyvenv.cfg", table[i].cfg);
        assert_found(NULL, scratch_path("bin/python"), table[i].version);
    }
    unlink(scratch_path("bin/python"));
}

static void
test_python_behind_a_wrapper_is_asked(void **state)
{
    (void)state;
    /* The name of a wrapper says nothing. */
    make("python3.17", "#!/bin/sh\n[ \"$1$2$3\" = -I-S-c ] || exit 1\n"
                       "printf 'cpython\\n3.18\\n/opt/bin/python3\\n'\n");
    assert_found("python3.17", "/opt/bin/python3", "3.18");
    make("python3", "#!/bin/sh\nprintf 'pypy\\n3.10\\n/opt/bin/pypy\\n'\n");
    assert_not_found(NULL, "this is pypy; ttrace needs CPython");
    make("python3", "#!/bin/sh\necho hello\n");
    assert_not_found(NULL, "not an answer of Python's");
    make("python3", "#!/bin/sh\nexit 3\n");
    assert_not_found(NULL, "python3: it does not run");
}

static void
test_python_that_is_not_there_is_named(void **state)
{
    (void)state;
    assert_not_found(NULL, "no python3 on PATH");
    assert_not_found("python9", "--python python9: no such program on PATH");
    assert_not_found("./python9", "--python ./python9: no such program");
    assert_not_found(scratch_dir, "no such program");
    unsetenv("PATH");
    assert_not_found(NULL, "no python3 on PATH");
}

static void
test_python_path_becomes_absolute(void **state)
{
    char *before = getcwd(NULL, 0);
    char *here;

    (void)state;
    make("python3.17", binary);
    assert_int_equal(chdir(scratch_dir), 0);
    here = getcwd(NULL, 0); /* /tmp may be a link */
    assert_true(strlen(here) + 12 < 512);
    setenv("PATH", "", 1);
    {
        char want[600];

        snprintf(want, sizeof(want), "%s/python3.17", here);
        assert_found("./python3.17", want, "3.17");
        assert_found("././python3.17", want, "3.17");
        assert_found("python3.17", want, "3.17");
    }
    assert_int_equal(chdir(before), 0);
    free(before);
    free(here);
}

/* The interpreter the tests run with says the same of itself as its name does. */
static void
test_python_real_one_is_found_and_asked(void **state)
{
    const char *wanted = getenv("PYTHON");
    struct python p;
    struct err err = {""};
    char *release;

    (void)state;
    setenv("PATH", "/usr/local/bin:/usr/bin:/bin", 1);
    if (!python_find(&p, wanted && *wanted ? wanted : "python3", &err))
        fail_msg("%s", err.text);
    assert_memory_equal(p.version, "3.", 2);
    release = python_release_of(&p, &err);
    if (!release)
        fail_msg("%s", err.text);
    assert_memory_equal(release, p.version, strlen(p.version));
    free(release);
    python_release(&p);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, scratch_clear)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_python_version_is_in_the_name_where_links_end),
        TEST(test_python_first_on_path_is_taken),
        TEST(test_python_of_the_virtual_environment_comes_first),
        TEST(test_python_copied_into_an_environment_is_known_by_its_cfg),
        TEST(test_python_behind_a_wrapper_is_asked),
        TEST(test_python_that_is_not_there_is_named),
        TEST(test_python_path_becomes_absolute),
        TEST(test_python_real_one_is_found_and_asked),
    };

    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}

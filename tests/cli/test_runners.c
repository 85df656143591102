#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/file.h"
#include "cli/runners.h"
#include "tests/base/scratch.h"

static char exe[] = "/opt/python3.17";
static char version[] = "3.17";
static const struct python python = {exe, version};

static void
make(const char *name, const char *text)
{
    assert_true(file_write(scratch_path(name), text, strlen(text), NULL));
    assert_int_equal(chmod(scratch_path(name), 0755), 0);
}

static void
test_runners_get_the_one_of_the_version(void **state)
{
    char *path;
    struct err err = {""};

    (void)state;
    make("ttrace-runner-3.1", "");
    make("ttrace-runner-3.17", "");
    make("ttrace-runner-3.17t", "");
    assert_true(runners_get(scratch_dir, &python, &path, &err));
    assert_string_equal(path, scratch_path("ttrace-runner-3.17"));
    free(path);
}

static void
test_runners_lie_in_libexec_too(void **state)
{
    char own[600], want[700];
    char *path;
    struct err err = {""};

    (void)state;
    assert_int_equal(mkdir(scratch_path("bin"), 0755), 0);
    assert_true(file_make_dir(scratch_path("libexec/ttrace"), NULL));
    make("libexec/ttrace/ttrace-runner-3.17", "");
    snprintf(own, sizeof(own), "%s/bin", scratch_dir);
    snprintf(want, sizeof(want), "%s/../libexec/ttrace/ttrace-runner-3.17", own);
    assert_true(runners_get(own, &python, &path, &err));
    assert_string_equal(path, want);
    free(path);
    unlink(scratch_path("libexec/ttrace/ttrace-runner-3.17"));
    rmdir(scratch_path("libexec/ttrace"));
}

static void
test_runners_missing_one_can_be_built(void **state)
{
    char *path;
    struct err err = {""};

    (void)state;
    assert_false(runners_get(scratch_dir, &python, &path, &err));
    assert_string_equal(err.text,
                        "/opt/python3.17 is Python 3.17, and there is no runner for "
                        "that; to build it: make PYTHON=/opt/python3.17");
    make("ttrace-runner-3.11", "");
    make("ttrace-runner-3.9", "");
    make("ttrace-runner", "");
    make("ttrace-runner-x", "");
    assert_false(runners_get(scratch_dir, &python, &path, &err));
    assert_string_equal(err.text,
                        "/opt/python3.17 is Python 3.17, and there is no runner for "
                        "that (there are some for 3.9, 3.11); to build it: make "
                        "PYTHON=/opt/python3.17");
    chmod(scratch_path("ttrace-runner-3.11"), 0644);
    assert_false(runners_get(scratch_dir, &python, &path, &err));
    assert_non_null(strstr(err.text, "some for 3.9)"));
}

static void
test_runners_answer_for_themselves(void **state)
{
    struct err err = {""};
    char *answer;

    (void)state;
    make("ttrace-runner-3.17", "#!/bin/sh\necho \"3.17.2 bytecode $1\"; echo more\n");
    answer = runners_ask(scratch_path("ttrace-runner-3.17"), &err);
    assert_non_null(answer);
    assert_string_equal(answer, "3.17.2 bytecode --version");
    free(answer);
    make("ttrace-runner-3.17", "#!/bin/sh\nexit 1\n");
    assert_null(runners_ask(scratch_path("ttrace-runner-3.17"), &err));
    assert_non_null(strstr(err.text, "does not run"));
}

static void
test_runners_own_dir_is_that_of_this_program(void **state)
{
    struct err err = {""};
    char *dir;
    char *self = realpath("/proc/self/exe", NULL);

    (void)state;
    assert_true(runners_own_dir(&dir, &err));
    assert_memory_equal(self, dir, strlen(dir));
    assert_string_equal(self + strlen(dir), "/test_runners");
    free(self);
    free(dir);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_clear, scratch_clear)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_runners_get_the_one_of_the_version),
        TEST(test_runners_lie_in_libexec_too),
        TEST(test_runners_missing_one_can_be_built),
        TEST(test_runners_answer_for_themselves),
        TEST(test_runners_own_dir_is_that_of_this_program),
    };

    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}

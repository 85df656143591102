#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/buf.h"
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

/* A runner that says it is for 3.17.2. */
#define RUNNER "#!/bin/sh\necho 3.17.2 bytecode\necho /opt\n"

/* An interpreter of another prefix, which has to be asked for its release. */
static struct python
make_python(const char *release)
{
    static char at[700];
    struct buf text = {0};

    buf_printf(&text, "#!/bin/sh\nprintf %s\n", release);
    make("python3.17", buf_str(&text));
    buf_release(&text);
    snprintf(at, sizeof(at), "%s", scratch_path("python3.17"));
    return (struct python){at, python.version};
}

static void
test_runners_get_the_one_of_the_version(void **state)
{
    struct python found = make_python("3.17.2");
    char *path;
    struct err err = {""};

    (void)state;
    make("ttrace-runner-3.1", RUNNER);
    make("ttrace-runner-3.17", RUNNER);
    make("ttrace-runner-3.17t", RUNNER);
    assert_true(runners_get(scratch_dir, &found, &path, &err));
    assert_string_equal(path, scratch_path("ttrace-runner-3.17"));
    free(path);
}

static void
test_runners_of_another_release_do_not_fit(void **state)
{
    struct python found = make_python("3.17.9");
    char *path;
    struct err err = {""};

    (void)state;
    make("ttrace-runner-3.17", RUNNER);
    assert_false(runners_get(scratch_dir, &found, &path, &err));
    assert_non_null(strstr(err.text, "is Python 3.17.9, and the runner is for 3.17.2"));
    assert_non_null(strstr(err.text, "make PYTHON="));
    unlink(scratch_path("ttrace-runner-3.17"));
}

static void
test_runners_need_a_new_python(void **state)
{
    char at[] = "/opt/python3.9", old_version[] = "3.9", *path;
    struct python old = {at, old_version};
    struct err err = {""};

    (void)state;
    assert_false(runners_get(scratch_dir, &old, &path, &err));
    assert_string_equal(err.text,
                        "/opt/python3.9 is Python 3.9; 3.11 or a newer one is needed");
}

static void
test_runners_lie_in_libexec_too(void **state)
{
    struct python found = make_python("3.17.2");
    char own[600], want[700];
    char *path;
    struct err err = {""};

    (void)state;
    assert_int_equal(mkdir(scratch_path("bin"), 0755), 0);
    assert_true(file_make_dir(scratch_path("libexec/ttrace"), NULL));
    make("libexec/ttrace/ttrace-runner-3.17", RUNNER);
    snprintf(own, sizeof(own), "%s/bin", scratch_dir);
    snprintf(want, sizeof(want), "%s/../libexec/ttrace/ttrace-runner-3.17", own);
    assert_true(runners_get(own, &found, &path, &err));
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
    make("ttrace-runner-3.17", "#!/bin/sh\necho \"3.17.2 bytecode $1\"; echo /opt\n");
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
        TEST(test_runners_of_another_release_do_not_fit),
        TEST(test_runners_need_a_new_python),
        TEST(test_runners_lie_in_libexec_too),
        TEST(test_runners_missing_one_can_be_built),
        TEST(test_runners_answer_for_themselves),
        TEST(test_runners_own_dir_is_that_of_this_program),
    };

    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/xalloc.h"
#include "cli/folder.h"
#include "tests/base/scratch.h"

static void
assert_made_under(const char *base)
{
    struct err err = {""};
    struct stat st;
    char *path;

    if (!folder_make(&path, NULL, &err))
        fail_msg("%s", err.text);
    assert_memory_equal(path, base, strlen(base));
    assert_int_equal(path[strlen(base)], '/');
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0700);
    folder_remove(path);
    assert_int_equal(stat(path, &st), -1);
    free(path);
}

static void
test_folder_lies_where_the_user_wants_it(void **state)
{
    const char *run = scratch_path("run"), *tmp = scratch_path("tmp");

    (void)state;
    mkdir(run, 0700);
    mkdir(tmp, 0700);
    setenv("XDG_RUNTIME_DIR", run, 1);
    setenv("TMPDIR", tmp, 1);
    assert_made_under(run);
    setenv("XDG_RUNTIME_DIR", scratch_path("none"), 1);
    assert_made_under(tmp);
    setenv("XDG_RUNTIME_DIR", "run", 1); /* not absolute */
    assert_made_under(tmp);
    unsetenv("XDG_RUNTIME_DIR");
    assert_made_under(tmp);
}

static void
test_folder_names_cannot_be_guessed(void **state)
{
    char *a, *b;

    (void)state;
    setenv("TMPDIR", scratch_dir, 1);
    assert_true(folder_make(&a, NULL, NULL));
    assert_true(folder_make(&b, NULL, NULL));
    assert_string_not_equal(a, b);
    folder_remove(a);
    folder_remove(b);
    free(a);
    free(b);
}

static void
test_folder_goes_with_its_files_but_follows_no_link(void **state)
{
    const char *kept = scratch_path("kept");
    char *path, *file, *link;
    struct stat st;

    (void)state;
    setenv("TMPDIR", scratch_dir, 1);
    mkdir(kept, 0700);
    assert_true(file_write(scratch_path("kept/file"), "x", 1, NULL));
    assert_true(folder_make(&path, NULL, NULL));
    file = xalloc_printf("%s/session", path);
    link = xalloc_printf("%s/link", path);
    assert_true(file_write(file, "x", 1, NULL));
    assert_int_equal(symlink(kept, link), 0);
    folder_remove(link); /* a link is no folder */
    assert_int_equal(lstat(link, &st), 0);
    folder_remove(path);
    assert_int_equal(lstat(path, &st), -1);
    assert_int_equal(stat(scratch_path("kept/file"), &st), 0);
    unlink(scratch_path("kept/file"));
    folder_remove(path); /* gone already */
    free(path);
    free(file);
    free(link);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_clear, scratch_clear)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_folder_lies_where_the_user_wants_it),
        TEST(test_folder_names_cannot_be_guessed),
        TEST(test_folder_goes_with_its_files_but_follows_no_link),
    };

    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}

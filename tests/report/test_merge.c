#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "report/merge.h"
#include "tests/harness/session_build.h"

static void
start(struct session_build *b, const char *cwd)
{
    session_build_start(b, "3.11.2");
    writer_header(b->writer)->cwd = session_build_string(b, cwd);
}

static void
test_merge_knows_a_file_by_its_absolute_path(void **state)
{
    struct session_build b[2];
    struct reader *readers[2];
    struct merge m;

    (void)state;
    start(&b[0], "/srv/www");
    start(&b[1], "/elsewhere");
    session_build_file(&b[0], "./a/../main.py", "");
    session_build_file(&b[0], "../../../top.py", "");
    session_build_file(&b[0], "<string>", NULL);
    session_build_file(&b[1], "/top.py", "");
    session_build_file(&b[1], "/srv//www/main.py", "");
    session_build_file(&b[1], "own/main.py", "");
    session_build_file(&b[1], "<string>", NULL);
    readers[0] = session_build_read(&b[0]);
    readers[1] = session_build_read(&b[1]);
    merge_make(&m, readers, 2);
    assert_int_equal(m.n, 4);
    assert_string_equal(m.files[0].path, "/srv/www/main.py");
    assert_int_equal(m.files[0].n, 2);
    assert_ptr_equal(m.files[0].parts[0].reader, readers[0]);
    assert_ptr_equal(m.files[0].parts[1].reader, readers[1]);
    assert_int_equal(m.files[0].parts[1].file, 1);
    assert_string_equal(m.files[1].path, "/top.py");
    assert_int_equal(m.files[1].n, 2);
    assert_string_equal(m.files[2].path, "<string>");
    assert_int_equal(m.files[2].n, 2);
    assert_string_equal(m.files[3].path, "/elsewhere/own/main.py");
    assert_int_equal(m.files[3].n, 1);
    merge_release(&m);
    session_build_end(&b[0]);
    session_build_end(&b[1]);
}

/* As for `trace`, to which they are two files. */
static void
test_merge_leaves_the_files_of_one_session_apart(void **state)
{
    struct session_build b;
    struct merge m;
    struct reader *reader;

    (void)state;
    start(&b, "/srv");
    session_build_file(&b, "./main.py", "");
    session_build_file(&b, "/srv/main.py", "");
    reader = session_build_read(&b);
    merge_make(&m, &reader, 1);
    assert_int_equal(m.n, 2);
    merge_release(&m);
    session_build_end(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_merge_knows_a_file_by_its_absolute_path),
        cmocka_unit_test(test_merge_leaves_the_files_of_one_session_apart),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

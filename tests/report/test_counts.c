/* The pickle is compared byte for byte; that Python reads it as what it means is shown
 * in tests/compat. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "report/counts.h"
#include "tests/harness/session_build.h"

static void
assert_pickle(struct session_build *b, enum calls_what what, const char *want,
              size_t len)
{
    struct reader *readers[] = {session_build_read(b)};
    struct calls calls = {0};
    struct merge m;
    struct buf out = {0};

    calls_add(&calls, readers[0], what, NULL);
    calls_sort(&calls);
    merge_make(&m, readers, 1);
    counts_pickle(&m, &calls, &out);
    assert_int_equal(out.len, len);
    assert_memory_equal(out.data, want, len);
    merge_release(&m);
    calls_release(&calls);
    buf_release(&out);
}

#define PICKLE(b, what, text) assert_pickle(b, what, text, sizeof(text) - 1)

static void
test_counts_has_hits_by_file_and_line(void **state)
{
    struct session_build b;
    codes_id code;

    (void)state;
    session_build_start(&b, "3.11.2");
    code = session_build_code(&b, session_build_file(&b, "./a", NULL), "<module>", 1);
    session_build_line(&b, code, 1, 1, 0);
    session_build_line(&b, code, 2, 0, 0);
    session_build_line(&b, code, 300, 65536, 0);
    session_build_line(&b, code, 70000, 256, 0);
    session_build_line(&b, code, 70001, 1ull << 40, 0);
    PICKLE(&b, CALLS_FUNCTIONS,
           "(}("
           "(X\3\0\0\0./ar\0\0\0\0K\1tK\1"
           "(j\0\0\0\0M\x2c\1tJ\0\0\1\0"
           "(j\0\0\0\0J\x70\x11\1\0tM\0\1"
           "(j\0\0\0\0J\x71\x11\1\0tL1099511627776L\n"
           "u}(u}(ut.");
    session_build_end(&b);
}

static void
test_counts_has_functions_and_pairs(void **state)
{
    struct session_build b;
    codes_id f, g;
    files_id a;
    nodes_id n;

    (void)state;
    session_build_start(&b, "3.11.2");
    a = session_build_file(&b, "./a", NULL);
    f = session_build_code(&b, a, "f", 0);
    g = session_build_code(&b, a, "g", 0);
    session_build_node(&b, 0, f, 1, 0);
    n = session_build_node(&b, 0, g, 0, 0);
    session_build_node(&b, n, f, 1, 0);
    PICKLE(&b, CALLS_FILED,
           "(}(u}("
           "(X\3\0\0\0./aX\1\0\0\0aX\1\0\0\0ftr\0\0\0\0K\1"
           "u}("
           "((X\3\0\0\0./aX\1\0\0\0aX\1\0\0\0gtr\1\0\0\0j\0\0\0\0tK\1"
           "ut.");
    session_build_end(&b);
}

/* Bytes of a path that are no UTF-8 are lone surrogates to Python. */
static void
test_counts_writes_any_path(void **state)
{
    struct session_build b;
    codes_id code;

    (void)state;
    session_build_start(&b, "3.11.2");
    code =
        session_build_code(&b, session_build_file(&b, "./\xff", NULL), "<module>", 1);
    session_build_line(&b, code, 1, 1, 0);
    PICKLE(&b, CALLS_FUNCTIONS, "(}((X\5\0\0\0./\xed\xb3\xbfr\0\0\0\0K\1tK\1u}(u}(ut.");
    session_build_end(&b);
}

static void
test_counts_goes_through_links_and_says_why_not(void **state)
{
    struct reader *readers[1];
    struct calls calls = {0};
    struct session_build b;
    struct merge m;
    struct err err;
    struct stat st;
    char path[300], link[300], want[400];

    (void)state;
    session_build_start(&b, "3.11.2");
    readers[0] = session_build_read(&b);
    merge_make(&m, readers, 1);
    snprintf(path, sizeof(path), "%s/counts", b.dir);
    snprintf(link, sizeof(link), "%s/link", b.dir);
    assert_true(file_write(path, "old", 3, NULL));
    assert_int_equal(symlink("counts", link), 0);
    assert_true(counts_write(link, &m, &calls, &err));
    assert_int_equal(lstat(link, &st), 0);
    assert_true(S_ISLNK(st.st_mode));
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_size, 12);
    assert_true(counts_write("/dev/null", &m, &calls, &err));
    assert_false(counts_write(b.dir, &m, &calls, &err));
    snprintf(want, sizeof(want), "[Errno 21] Is a directory: '%s'", b.dir);
    assert_string_equal(err.text, want);
    snprintf(path, sizeof(path), "%s/none/counts", b.dir);
    assert_false(counts_write(path, &m, &calls, &err));
    snprintf(want, sizeof(want), "[Errno 2] No such file or directory: '%s'", path);
    assert_string_equal(err.text, want);
    merge_release(&m);
    session_build_end(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counts_has_hits_by_file_and_line),
        cmocka_unit_test(test_counts_has_functions_and_pairs),
        cmocka_unit_test(test_counts_writes_any_path),
        cmocka_unit_test(test_counts_goes_through_links_and_says_why_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/wrap.h"

static void
assert_wraps(const char *text, size_t at, const char *indent, size_t cols,
             const char *want)
{
    struct buf out = {0};

    wrap_add(&out, text, at, indent, cols);
    assert_string_equal(buf_str(&out), want);
    buf_release(&out);
}

static void
test_wrap_fills_lines_up_to_the_width(void **state)
{
    (void)state;
    assert_wraps("aa bb cc", 0, "", 8, "aa bb cc");
    assert_wraps("aa bb cc", 0, "", 7, "aa bb\ncc");
    assert_wraps("aa bb cc", 3, "", 8, "aa bb\ncc");
    assert_wraps("aa bb cc", 0, "  ", 5, "aa bb\n  cc");
    assert_wraps("  aa   bb  ", 0, "", 80, "aa bb");
    assert_wraps("", 0, "", 80, "");
}

static void
test_wrap_leaves_long_words_whole(void **state)
{
    (void)state;
    assert_wraps("a bbbbbbbb c", 0, "", 4, "a\nbbbbbbbb\nc");
    assert_wraps("bbbbbbbb", 10, "", 4, "bbbbbbbb");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wrap_fills_lines_up_to_the_width),
        cmocka_unit_test(test_wrap_leaves_long_words_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"

static void
test_buf_is_empty_when_zeroed(void **state)
{
    struct buf b = {0};
    char *taken;

    (void)state;
    assert_string_equal(buf_str(&b), "");
    buf_clear(&b);
    taken = buf_take(&b);
    assert_string_equal(taken, "");
    free(taken);
    buf_release(&b);
}

static void
test_buf_appends_and_ends_in_nul(void **state)
{
    struct buf b = {0};

    (void)state;
    buf_add(&b, "a\0b", 3);
    buf_add_char(&b, 'c');
    buf_add_str(&b, "de");
    buf_printf(&b, "%03d", 7);
    buf_add(&b, NULL, 0);
    assert_int_equal(b.len, 9);
    assert_memory_equal(b.data, "a\0bcde007", 10);
    buf_release(&b);
    assert_null(b.data);
}

static void
test_buf_grows(void **state)
{
    struct buf b = {0};

    (void)state;
    for (int i = 0; i < 100000; i++)
        buf_printf(&b, "%d,", i % 10);
    assert_int_equal(b.len, 200000);
    for (size_t i = 0; i < b.len; i += 2)
        assert_int_equal(b.data[i], '0' + (int)(i / 2 % 10));
    buf_release(&b);
}

static void
test_buf_clear_keeps_the_memory(void **state)
{
    struct buf b = {0};
    const char *data;

    (void)state;
    buf_add_str(&b, "some text");
    data = b.data;
    buf_clear(&b);
    assert_int_equal(b.len, 0);
    assert_string_equal(buf_str(&b), "");
    buf_add_str(&b, "other");
    assert_ptr_equal(b.data, data);
    assert_string_equal(buf_str(&b), "other");
    buf_release(&b);
}

static void
test_buf_take_hands_the_text_over(void **state)
{
    struct buf b = {0};
    char *taken;

    (void)state;
    buf_add_str(&b, "mine");
    taken = buf_take(&b);
    buf_add_str(&b, "yours");
    assert_string_equal(taken, "mine");
    assert_string_equal(buf_str(&b), "yours");
    free(taken);
    buf_release(&b);
}

static void
test_buf_goes_through_lines(void **state)
{
    const char *at = "one\n\nlast", *line;
    struct buf seen = {0};
    size_t len;

    (void)state;
    while ((line = buf_line(&at, &len)))
        buf_printf(&seen, "[%.*s]", (int)len, line);
    assert_string_equal(buf_str(&seen), "[one][][last]");
    assert_null(buf_line(&at, &len));
    buf_release(&seen);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_buf_is_empty_when_zeroed),
        cmocka_unit_test(test_buf_appends_and_ends_in_nul),
        cmocka_unit_test(test_buf_grows),
        cmocka_unit_test(test_buf_clear_keeps_the_memory),
        cmocka_unit_test(test_buf_take_hands_the_text_over),
        cmocka_unit_test(test_buf_goes_through_lines),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

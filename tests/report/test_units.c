#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "report/units.h"

static void
assert_time(uint64_t max_ns, uint64_t ns, const char *want)
{
    struct buf out = {0};

    units_time(&out, units_scale(max_ns), ns);
    assert_string_equal(buf_str(&out), want);
    assert_true(out.len <= UNITS_TIME_COLS);
    buf_release(&out);
}

#define SECONDS(n) ((uint64_t)((n)*1e9))

static void
test_units_suit_the_largest_of_a_column(void **state)
{
    (void)state;
    assert_time(0, 0, "0.0 us");
    assert_time(99000, 1234, "1.2 us");
    assert_time(310000, 310000, "0.31 ms");
    assert_time(310000, 12000, "0.01 ms");
    assert_time(SECONDS(0.25), SECONDS(0.0123), "12.3 ms");
    assert_time(SECONDS(12.4), SECONDS(12.4), "12.40 s");
    assert_time(SECONDS(12.4), SECONDS(0.3), "0.30 s");
    assert_time(SECONDS(1234), SECONDS(1234), "1234.0 s");
    assert_time(SECONDS(99999), SECONDS(99999), "99999.0 s");
    assert_time(SECONDS(180000), SECONDS(180000), "50.00 h");
    assert_time(UINT64_MAX, UINT64_MAX, "5124096 h");
}

static void
test_units_show_no_time_as_none(void **state)
{
    (void)state;
    assert_time(SECONDS(12), SECONDS(0.001), "1.00 ms");
    assert_time(SECONDS(12), 500, "0.5 us");
    assert_time(SECONDS(12), SECONDS(0.006), "0.01 s");
}

static void
assert_count(uint64_t n, int cols, const char *want)
{
    struct buf out = {0};

    units_count(&out, n, cols);
    assert_string_equal(buf_str(&out), want);
    assert_true(out.len <= (size_t)cols);
    buf_release(&out);
}

static void
test_units_count_exactly_where_it_fits(void **state)
{
    (void)state;
    assert_count(0, 6, "0");
    assert_count(123456, 6, "123456");
    assert_count(1234567, 7, "1234567");
    assert_count(1234567, 6, "1.23 M");
    assert_count(12345678, 6, "12.3 M");
    assert_count(999499999, 6, "999 M");
    assert_count(999600000, 6, "1.00 G");
    assert_count(9995000000, 6, "10.0 G");
    assert_count(UINT64_MAX, 6, "18.4 E");
    assert_count(UINT64_MAX, 20, "18446744073709551615");
}

static void
assert_share(uint64_t part, uint64_t whole, const char *want)
{
    struct buf out = {0};

    units_share(&out, part, whole);
    assert_string_equal(buf_str(&out), want);
    assert_true(out.len <= UNITS_SHARE_COLS);
    buf_release(&out);
}

static void
test_units_share_tells_little_from_nothing(void **state)
{
    (void)state;
    assert_share(0, 100, "0 %");
    assert_share(1, 1000, "<1 %");
    assert_share(66, 100, "66 %");
    assert_share(100, 100, "100 %");
    assert_share(5, 0, "0 %");
    assert_share(7, 5, "100 %");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_units_suit_the_largest_of_a_column),
        cmocka_unit_test(test_units_show_no_time_as_none),
        cmocka_unit_test(test_units_count_exactly_where_it_fits),
        cmocka_unit_test(test_units_share_tells_little_from_nothing),
    };

    return cmocka_run_group_tests_name("units", tests, NULL, NULL);
}

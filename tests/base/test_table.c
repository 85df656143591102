#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/table.h"

static void
test_table_empty_has_nothing(void **state)
{
    struct table t = {0};

    (void)state;
    assert_int_equal(table_get(&t, 0), 0);
    assert_int_equal(table_get(&t, UINT64_MAX), 0);
    table_release(&t);
}

/* Keys as they come: pairs of small numbers, and addresses. */
static uint64_t
key_of(uint32_t i)
{
    return i % 2 ? table_pair(i / 7, i % 7) : 0x7f0000000000u + (uint64_t)i * 32;
}

static void
test_table_finds_what_was_set(void **state)
{
    const uint32_t n = 100000;
    struct table t = {0};

    (void)state;
    for (uint32_t i = 0; i < n; i++) {
        assert_int_equal(table_get(&t, key_of(i)), 0);
        assert_true(table_reserve(&t));
        table_set(&t, key_of(i), i + 1);
    }
    assert_int_equal(t.n_keys, n);
    assert_true(t.size >= 2 * (size_t)n);
    for (uint32_t i = 0; i < n; i++)
        assert_int_equal(table_get(&t, key_of(i)), i + 1);
    assert_int_equal(table_get(&t, key_of(n)), 0);
    table_release(&t);
    assert_int_equal(table_get(&t, key_of(0)), 0);
}

static void
test_table_number_of_a_key_changes(void **state)
{
    struct table t = {0};

    (void)state;
    for (uint32_t i = 1; i < 1000; i++) {
        assert_true(table_reserve(&t));
        table_set(&t, 0, i);
    }
    assert_int_equal(table_get(&t, 0), 999);
    assert_int_equal(t.n_keys, 1);
    assert_int_equal(t.size, 64);
    table_release(&t);
}

/* Both halves count. */
static void
test_table_pair_is_a_key(void **state)
{
    (void)state;
    assert_true(table_pair(1, 2) == 0x100000002u);
    assert_true(table_pair(UINT32_MAX, 0) == 0xffffffff00000000u);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table_empty_has_nothing),
        cmocka_unit_test(test_table_finds_what_was_set),
        cmocka_unit_test(test_table_number_of_a_key_changes),
        cmocka_unit_test(test_table_pair_is_a_key),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

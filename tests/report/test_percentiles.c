/* Percentiles of calls whose durations are known, written by the runner's own rule. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "report/percentiles.h"
#include "tests/harness/session_build.h"

enum { N_CALLS = 1000 };

/* As format.h describes it. */
static uint32_t
bucket_of(uint64_t ticks)
{
    uint32_t power = 3;

    if (ticks < FORMAT_TIMING_STEPS)
        return (uint32_t)ticks;
    while (ticks >> power >= 2)
        power++;
    return (power - 2) * FORMAT_TIMING_STEPS +
           (uint32_t)((ticks >> (power - 3)) - FORMAT_TIMING_STEPS);
}

static void
add_calls(struct session_build *b, codes_id code, const uint64_t *ticks)
{
    struct format_timing *t;
    void *place;

    writer_add(b->writer, FORMAT_TIMINGS, 1, &place);
    t = place;
    t->code = code;
    atomic_init(&t->min_ticks, UINT64_MAX);
    for (int i = 0; i < N_CALLS; i++) {
        if (ticks[i] < reader_load(&t->min_ticks))
            atomic_init(&t->min_ticks, ticks[i]);
        if (ticks[i] > reader_load(&t->max_ticks))
            atomic_init(&t->max_ticks, ticks[i]);
        atomic_init(&t->calls[bucket_of(ticks[i])],
                    reader_load32(&t->calls[bucket_of(ticks[i])]) + 1);
    }
    writer_publish(b->writer, FORMAT_TIMINGS);
}

/* Near the call of that rank, or between it and one beside it. */
static void
assert_near(uint64_t seen, const uint64_t *wanted)
{
    assert_in_range(seen, wanted[-2] - wanted[-2] / 16, wanted[1] + wanted[1] / 16 + 1);
}

static struct percentiles_row
row_of(const uint64_t *ticks)
{
    struct percentiles p = {0};
    struct percentiles_row row;
    struct session_build b;
    struct spent spent;
    struct totals *t;
    codes_id code;

    session_build_start(&b, "3.11.2");
    session_build_file(&b, "a.py", "x\n");
    session_build_code(&b, 0, "other", 1);
    code = session_build_code(&b, 0, "f", 2);
    add_calls(&b, code, ticks);
    session_build_read(&b);
    spent_init(&spent, b.reader);
    spent_update(&spent, 0);
    t = totals_new(b.reader, &spent);
    totals_update(t);
    percentiles_update(&p, b.reader);
    assert_false(percentiles_get(&p, b.reader, t, 0, &row));
    assert_false(percentiles_get(&p, b.reader, t, 77, &row));
    assert_true(percentiles_get(&p, b.reader, t, code, &row));
    assert_int_equal(percentiles_longest(&p, b.reader, t, 0), 0);
    assert_int_equal(percentiles_longest(&p, b.reader, t, 77), 0);
    assert_int_equal(percentiles_longest(&p, b.reader, t, code), row.max_ticks);
    percentiles_release(&p);
    totals_free(t);
    spent_release(&spent);
    session_build_end(&b);
    return row;
}

static int
compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

static void
test_percentiles_are_near_the_true_ones(void **state)
{
    uint64_t ticks[N_CALLS];
    unsigned seed = 3;
    struct percentiles_row row;

    (void)state;
    for (int round = 0; round < 50; round++) {
        for (int i = 0; i < N_CALLS; i++) {
            ticks[i] = (uint64_t)rand_r(&seed) << round % 13;
            ticks[i] >>= rand_r(&seed) % 20;
        }
        row = row_of(ticks);
        qsort(ticks, N_CALLS, sizeof(ticks[0]), compare);
        assert_int_equal(row.calls, N_CALLS);
        assert_int_equal(row.min_ticks, ticks[0]);
        assert_int_equal(row.max_ticks, ticks[N_CALLS - 1]);
        assert_near(row.p50_ticks, &ticks[N_CALLS / 2]);
        assert_near(row.p95_ticks, &ticks[N_CALLS * 95 / 100]);
        assert_near(row.p99_ticks, &ticks[N_CALLS * 99 / 100]);
    }
}

static void
test_percentiles_of_equal_calls_are_that_time(void **state)
{
    uint64_t ticks[N_CALLS];
    struct percentiles_row row;

    (void)state;
    for (int i = 0; i < N_CALLS; i++)
        ticks[i] = 12345;
    row = row_of(ticks);
    assert_int_equal(row.p50_ticks, 12345);
    assert_int_equal(row.p99_ticks, 12345);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_percentiles_are_near_the_true_ones),
        cmocka_unit_test(test_percentiles_of_equal_calls_are_that_time),
    };

    return cmocka_run_group_tests_name("percentiles", tests, NULL, NULL);
}

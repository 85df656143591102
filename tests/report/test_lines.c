#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "report/lines.h"
#include "tests/harness/session_build.h"

static void
assert_best_first(const struct lines *l, enum lines_order order)
{
    for (size_t i = 1; i < l->n; i++) {
        const struct lines_row *a = &l->rows[i - 1], *b = &l->rows[i];

        if (order == LINES_BY_SELF)
            assert_true(a->self_ticks >= b->self_ticks);
        else
            assert_true(a->hits >= b->hits);
    }
}

/* More lines than the table has rows: it holds the best of them. */
static void
test_lines_are_the_best_of_many(void **state)
{
    struct session_build b;
    struct lines *l = calloc(1, sizeof(*l));
    struct spent spent;
    unsigned seed = (unsigned)time(NULL);
    uint64_t hits = 0;
    codes_id code;

    (void)state;
    print_message("seed %u\n", seed);
    srand(seed);
    session_build_start(&b, "3.11.2");
    code = session_build_code(&b, session_build_file(&b, "a.py", "x\n"), "f", 1);
    for (uint32_t i = 1; i <= 3 * LINES_MAX; i++) {
        uint64_t n = (uint64_t)rand() % 1000;

        session_build_line(&b, code, i, n, i <= LINES_MAX ? 1000000 + i : i);
        hits += n;
    }
    session_build_exit(&b, 0);
    session_build_read(&b);
    spent_init(&spent, b.reader);
    spent_update(&spent, 0);
    lines_build(l, b.reader, &spent, LINES_BY_SELF);
    assert_int_equal(l->n, LINES_MAX);
    assert_best_first(l, LINES_BY_SELF);
    assert_int_equal(l->all_hits, hits);
    /* Those that never ran are not among them. */
    assert_true(l->rows[LINES_MAX - 1].hits > 0);
    assert_true(l->rows[0].self_ticks > 1000000);
    lines_build(l, b.reader, &spent, LINES_BY_HITS);
    assert_best_first(l, LINES_BY_HITS);
    spent_release(&spent);
    session_build_end(&b);
    free(l);
}

static void
test_lines_are_none_when_nothing_ran(void **state)
{
    struct session_build b;
    struct lines *l = calloc(1, sizeof(*l));
    struct spent spent;

    (void)state;
    session_build_start(&b, "3.11.2");
    spent_init(&spent, b.reader);
    spent_update(&spent, 0);
    lines_build(l, b.reader, &spent, LINES_BY_SELF);
    assert_int_equal(l->n, 0);
    spent_release(&spent);
    session_build_end(&b);
    free(l);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines_are_the_best_of_many),
        cmocka_unit_test(test_lines_are_none_when_nothing_ran),
    };

    return cmocka_run_group_tests_name("lines", tests, NULL, NULL);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "report/functions.h"
#include "tests/harness/session_build.h"

enum { MAIN_ROOT = 1 };

static void
add_longest(struct session_build *b, codes_id code, uint64_t ticks)
{
    struct format_timing *timing;
    void *place;

    writer_add(b->writer, FORMAT_TIMINGS, 1, &place);
    timing = place;
    timing->code = code;
    atomic_init(&timing->max_ticks, ticks);
    atomic_init(&timing->calls[40], 1);
    writer_publish(b->writer, FORMAT_TIMINGS);
}

/* main calls walk, which calls itself through step; log is called from both. */
static void
make_program(struct session_build *b)
{
    files_id file;
    codes_id main_code, walk, step, log;
    nodes_id n;

    session_build_start(b, "3.11.2");
    file = session_build_file(b, "a.py", "x\n");
    main_code = session_build_code(b, file, "main", 1);
    walk = session_build_code(b, file, "walk", 2);
    step = session_build_code(b, file, "step", 3);
    log = session_build_code(b, file, "log", 4);
    session_build_code(b, file, "never", 5);
    n = session_build_node(b, MAIN_ROOT, main_code, 1, 10);
    session_build_node(b, n, log, 5, 3);
    n = session_build_node(b, n, walk, 1, 20);
    n = session_build_node(b, n, step, 1, 40);
    n = session_build_node(b, n, walk, 2, 100);
    session_build_node(b, n, log, 9, 6);
    add_longest(b, step, 500);
    add_longest(b, log, 70);
    session_build_line(b, walk, 2, 50, 0);
    session_build_line(b, log, 4, 14, 0);
    session_build_exit(b, 0);
    session_build_read(b);
}

static void
assert_order(const struct session_build *b, const struct totals *t,
             enum functions_order order, const char *want)
{
    struct percentiles p = {0};
    struct functions_source from = {b->reader, t, &p};
    struct functions f = {0};
    struct buf out = {0};

    percentiles_update(&p, b->reader);
    functions_build(&f, &from, order);
    for (size_t i = 0; i < f.n; i++) {
        const struct format_code *code = reader_code(b->reader, f.rows[i]);
        const struct totals_code *c = totals_code(t, f.rows[i]);

        buf_printf(&out, "%s %u/%u/%u/%u ",
                   reader_string(b->reader, code->qualname, NULL), (unsigned)c->calls,
                   (unsigned)c->hits, (unsigned)c->self_ticks,
                   (unsigned)c->total_ticks);
    }
    assert_string_equal(buf_str(&out), want);
    buf_release(&out);
    functions_release(&f);
    percentiles_release(&p);
}

static void
test_functions_add_up_and_sort(void **state)
{
    struct session_build b;
    struct spent spent;
    struct totals *t;

    (void)state;
    make_program(&b);
    spent_init(&spent, b.reader);
    spent_update(&spent, 0);
    t = totals_new(b.reader, &spent);
    assert_true(totals_update(t));
    assert_false(totals_update(t));
    assert_int_equal(totals_all_ticks(t), 179);
    assert_order(&b, t, FUNCTIONS_BY_SELF,
                 "walk 3/50/120/166 step 1/0/40/146 main 1/0/10/179 log 14/14/9/9 ");
    assert_order(&b, t, FUNCTIONS_BY_TOTAL,
                 "main 1/0/10/179 walk 3/50/120/166 step 1/0/40/146 log 14/14/9/9 ");
    assert_order(&b, t, FUNCTIONS_BY_CALLS,
                 "log 14/14/9/9 walk 3/50/120/166 main 1/0/10/179 step 1/0/40/146 ");
    assert_order(&b, t, FUNCTIONS_BY_LONGEST,
                 "step 1/0/40/146 log 14/14/9/9 main 1/0/10/179 walk 3/50/120/166 ");
    assert_order(&b, t, FUNCTIONS_BY_NAME,
                 "log 14/14/9/9 main 1/0/10/179 step 1/0/40/146 walk 3/50/120/166 ");
    totals_free(t);
    spent_release(&spent);
    session_build_end(&b);
}

static void
test_functions_go_by_hits_without_times(void **state)
{
    struct session_build b;
    struct spent spent;
    struct totals *t;

    (void)state;
    session_build_start(&b, "3.11.2");
    writer_header(b.writer)->mode = FORMAT_MODE_LINES;
    session_build_file(&b, "a.py", "x\n");
    session_build_line(&b, session_build_code(&b, 0, "rare", 1), 1, 2, 0);
    session_build_line(&b, session_build_code(&b, 0, "often", 2), 2, 9, 0);
    session_build_read(&b);
    spent_init(&spent, b.reader);
    spent_update(&spent, 0);
    t = totals_new(b.reader, &spent);
    totals_update(t);
    assert_order(&b, t, FUNCTIONS_BY_SELF, "often 0/9/0/0 rare 0/2/0/0 ");
    totals_free(t);
    spent_release(&spent);
    session_build_end(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_functions_add_up_and_sort),
        cmocka_unit_test(test_functions_go_by_hits_without_times),
    };

    return cmocka_run_group_tests_name("functions", tests, NULL, NULL);
}

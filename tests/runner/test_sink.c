/* The sink, fed with events by hand: no interpreter runs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runner/sink.h"
#include "runner/timings.h"

static char folder[] = "/tmp/test_sink_XXXXXX";
static struct writer *writer;
static struct format_line *lines;
static int frames[64]; /* whose addresses are identities */

static void
name_thread(char *out, size_t size)
{
    snprintf(out, size, "tester");
}

static const void *task; /* that the tester runs */

static bool
name_task(const void **identity, char *out, size_t size)
{
    *identity = task;
    snprintf(out, size, "task %d", task ? *(const int *)task : 0);
    return task != NULL;
}

static void
path_of(char *out, size_t size, const char *name)
{
    snprintf(out, size, "%s/%s", folder, name);
}

static int
set_up(void **state)
{
    struct sink_options options = {
        .mode = FORMAT_MODE_LINES | FORMAT_MODE_TIMES | FORMAT_MODE_TREE,
        .log = FORMAT_LOG_RING,
        .thread_name = name_thread,
        .current_task = name_task,
    };
    struct err err = {""};
    char path[256];
    void *place;

    (void)state;
    if (!mkdtemp(folder))
        return -1;
    path_of(path, sizeof(path), "s");
    if (!writer_open(&writer, path, &err))
        return -1;
    options.writer = writer;
    if (!sink_start(&options, &err))
        return -1;
    writer_add(writer, FORMAT_LINES, 10, &place);
    lines = place;
    return 0;
}

static int
tear_down(void **state)
{
    char command[300];

    (void)state;
    snprintf(command, sizeof(command), "rm -rf '%s'", folder);
    return system(command);
}

static uint64_t
value(const _Atomic uint64_t *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

static struct format_node *
node_of(const struct sink_thread *t)
{
    return writer_record(writer, FORMAT_NODES, t->node_id);
}

/* Lets at least `n` ticks pass. */
static void
spin(uint64_t n)
{
    uint64_t start = sink_ticks();

    while (sink_ticks() - start < n)
        continue;
}

static void
test_sink_counts_lines_and_books_time_on_the_one_before(void **state)
{
    struct sink_thread *t = sink_thread();
    uint64_t hits = value(&lines[0].hits), self;

    (void)state;
    assert_non_null(t);
    sink_line(t, &lines[0], 0, sink_ticks());
    self = value(&lines[0].self_ticks);
    spin(10000);
    sink_line(t, &lines[1], 1, sink_ticks());
    assert_int_equal(value(&lines[0].hits), hits + 1);
    assert_true(value(&lines[0].self_ticks) >= self + 10000);
    assert_int_equal(atomic_load(&t->shared->line), 1);
}

static void
test_sink_goes_on_with_the_caller_after_a_call(void **state)
{
    struct sink_thread *t = sink_thread();
    nodes_id before = t->node_id;
    uint64_t self, below;

    (void)state;
    sink_line(t, &lines[2], 2, sink_ticks());
    below = value(&lines[2].below_ticks);
    sink_enter(t, 7, &frames[0]);
    assert_int_equal(node_of(t)->code, 7);
    assert_int_equal(node_of(t)->parent, before);
    sink_line(t, &lines[3], 3, sink_ticks());
    spin(20000);
    self = value(&lines[2].self_ticks);
    sink_leave(t, 7, &frames[0]);
    assert_int_equal(t->node_id, before);
    assert_ptr_equal(t->line, &lines[2]);
    assert_int_equal(value(&lines[2].self_ticks), self);
    assert_true(value(&lines[2].below_ticks) >= below + 20000);
}

static void
test_sink_has_one_node_per_caller_and_code(void **state)
{
    struct sink_thread *t = sink_thread();
    uint32_t n = writer_count(writer, FORMAT_NODES);
    nodes_id first;

    (void)state;
    sink_enter(t, 20, &frames[0]);
    first = t->node_id;
    sink_leave(t, 20, &frames[0]);
    for (codes_id c = 21; c < 40; c++) {
        sink_enter(t, c, &frames[0]);
        sink_leave(t, c, &frames[0]);
    }
    sink_enter(t, 20, &frames[0]);
    assert_int_equal(t->node_id, first);
    assert_int_equal(value(&node_of(t)->calls), 2);
    sink_leave(t, 20, &frames[0]);
    assert_int_equal(writer_count(writer, FORMAT_NODES), n + 20);
}

static void
test_sink_counts_recursion_once_below_a_line(void **state)
{
    struct sink_thread *t = sink_thread();
    uint64_t start, took, self, total;

    (void)state;
    start = sink_ticks();
    sink_line(t, &lines[4], 4, start);
    self = value(&lines[4].self_ticks);
    for (int i = 0; i < 30; i++) {
        sink_enter(t, 8, &frames[i]);
        sink_line(t, &lines[4], 4, sink_ticks());
        spin(1000);
    }
    for (int i = 30; i-- > 0;)
        sink_leave(t, 8, &frames[i]);
    took = sink_ticks() - start;
    total = value(&lines[4].self_ticks) - self + value(&lines[4].below_ticks);
    assert_true(total <= took);
    assert_true(total >= 30000);
}

static void
test_sink_goes_on_within_the_line_of_a_yield(void **state)
{
    struct sink_thread *t = sink_thread();
    uint64_t self;

    (void)state;
    sink_line(t, &lines[2], 2, sink_ticks());
    sink_enter(t, 9, &frames[0]);
    sink_line(t, &lines[3], 3, sink_ticks());
    sink_yield(t, 9, &frames[0]);
    sink_resume(t, 9, &frames[0]);
    self = value(&lines[3].self_ticks);
    spin(10000);
    assert_ptr_equal(t->line, &lines[3]);
    sink_leave(t, 9, &frames[0]);
    assert_true(value(&lines[3].self_ticks) >= self + 10000);
    assert_ptr_equal(t->line, &lines[2]);
}

static void
test_sink_finds_its_frame_when_ends_were_missed(void **state)
{
    struct sink_thread *t = sink_thread();
    uint32_t depth = t->depth;

    (void)state;
    sink_enter(t, 9, &frames[0]);
    sink_enter(t, 10, &frames[1]);
    sink_enter(t, 11, &frames[2]);
    sink_leave(t, 9, &frames[0]);
    assert_int_equal(t->depth, depth);
    sink_leave(t, 10, &frames[1]); /* long gone: no effect */
    assert_int_equal(t->depth, depth);
}

static void
test_sink_takes_a_caught_throw_for_a_resume(void **state)
{
    struct sink_thread *t = sink_thread();
    uint32_t depth = t->depth;
    struct format_node *node;

    (void)state;
    sink_enter(t, 12, &frames[0]);
    node = node_of(t);
    sink_yield(t, 12, &frames[0]);
    sink_catch(t, 12, &frames[0]);
    assert_int_equal(t->depth, depth + 1);
    assert_int_equal(value(&node->resumes), 1);
    sink_catch(t, 12, &frames[0]); /* a second exception: it runs already */
    assert_int_equal(value(&node->resumes), 1);
    sink_unwind(t, 12, &frames[0], true);
    assert_int_equal(t->depth, depth);
    assert_int_equal(value(&node->raised), 1);
    sink_unwind(t, 12, &frames[0], true); /* thrown into while suspended, not caught */
    assert_int_equal(t->depth, depth);
    assert_int_equal(value(&node->resumes), 2);
}

static void
test_sink_keeps_a_generator_at_the_node_where_it_began(void **state)
{
    struct sink_thread *t = sink_thread();
    struct format_node *node, *other;
    uint64_t start;

    (void)state;
    sink_enter(t, 13, &frames[0]);
    sink_enter(t, 14, &frames[1]);
    node = node_of(t);
    start = sink_ticks();
    sink_yield(t, 14, &frames[1]);
    spin(20000);
    sink_enter(t, 15, &frames[2]);
    other = node_of(t);
    sink_resume(t, 14, &frames[1]);
    assert_in_range(value(&node->suspended_ticks), 20000, sink_ticks() - start);
    assert_ptr_equal(node_of(t), node);
    sink_leave(t, 14, &frames[1]);
    assert_ptr_equal(node_of(t), other);
    sink_leave(t, 15, &frames[2]);
    sink_leave(t, 13, &frames[0]);
    assert_int_equal(value(&node->calls), 1);
    assert_int_equal(value(&node->resumes), 1);
}

static const struct format_timing *
timing_of(codes_id code)
{
    for (uint32_t i = 0; i < writer_count(writer, FORMAT_TIMINGS); i++) {
        const struct format_timing *timing = writer_record(writer, FORMAT_TIMINGS, i);

        if (timing->code == code)
            return timing;
    }
    return NULL;
}

/* The bucket that format.h describes, found the slow way. */
static uint32_t
bucket_of(uint64_t ticks)
{
    uint32_t power = 3, step;

    if (ticks < 8)
        return (uint32_t)ticks;
    while (ticks >> power >= 2)
        power++;
    step = (uint32_t)((ticks - (1ull << power)) / (1ull << (power - 3)));
    return (power - 2) * 8 + step < 352 ? (power - 2) * 8 + step : 351;
}

static void
test_sink_sorts_calls_by_how_long_they_took(void **state)
{
    struct sink_thread *t = sink_thread();
    const struct format_timing *timing;
    uint64_t start, least, most;

    (void)state;
    for (uint64_t ticks = 1; ticks < 1ull << 50; ticks += ticks / 5 + 1)
        assert_int_equal(timings_bucket(ticks), bucket_of(ticks));
    start = sink_ticks();
    sink_enter(t, 16, &frames[0]);
    spin(100000);
    sink_yield(t, 16, &frames[0]); /* not the end of the call */
    assert_null(timing_of(16));
    sink_resume(t, 16, &frames[0]);
    sink_leave(t, 16, &frames[0]);
    most = sink_ticks() - start;
    sink_enter(t, 16, &frames[0]);
    sink_leave(t, 16, &frames[0]);
    timing = timing_of(16);
    assert_non_null(timing);
    least = value(&timing->min_ticks);
    assert_true(least < 100000);
    assert_in_range(value(&timing->max_ticks), 100000, most);
    assert_int_equal(timing->calls[bucket_of(least)], 1);
    assert_int_equal(timing->calls[bucket_of(value(&timing->max_ticks))], 1);
}

static struct format_task *
last_task(void)
{
    return writer_record(writer, FORMAT_TASKS, writer_count(writer, FORMAT_TASKS) - 1);
}

static void
test_sink_knows_a_task_by_its_outermost_coroutine(void **state)
{
    static const int one = 1, two = 2;
    struct sink_thread *t = sink_thread();
    uint32_t n = writer_count(writer, FORMAT_TASKS);
    struct format_task *first, *second;

    (void)state;
    task = &one;
    sink_enter_coroutine(t, 17, &frames[0]);
    assert_int_equal(writer_count(writer, FORMAT_TASKS), n + 1);
    first = last_task();
    assert_int_equal(first->state, FORMAT_TASK_RUNS);
    sink_line(t, &lines[8], 8, sink_ticks());
    sink_enter_coroutine(t, 18, &frames[1]);
    sink_line(t, &lines[9], 9, sink_ticks());
    spin(30000);
    sink_yield(t, 18, &frames[1]);
    sink_yield(t, 17, &frames[0]);
    assert_int_equal(first->state, FORMAT_TASK_WAITS);
    assert_int_equal(first->line, 9);
    assert_true(value(&first->ran_ticks) >= 30000);
    task = &two;
    sink_enter_coroutine(t, 17, &frames[2]);
    second = last_task();
    assert_ptr_not_equal(first, second);
    spin(50000);
    sink_leave(t, 17, &frames[2]);
    assert_int_equal(second->state, FORMAT_TASK_ENDED);
    task = &one;
    sink_resume(t, 17, &frames[0]);
    sink_resume(t, 18, &frames[1]);
    assert_int_equal(first->state, FORMAT_TASK_RUNS);
    assert_true(value(&first->awaited_ticks) >= 50000);
    sink_leave(t, 18, &frames[1]);
    sink_unwind(t, 17, &frames[0], true);
    assert_int_equal(first->state, FORMAT_TASK_ENDED);
    assert_int_equal(value(&first->runs), 2);
    assert_int_equal(writer_count(writer, FORMAT_TASKS), n + 2);
    task = NULL;
    sink_enter_coroutine(t, 17, &frames[0]); /* driven by hand */
    sink_leave(t, 17, &frames[0]);
    assert_int_equal(writer_count(writer, FORMAT_TASKS), n + 2);
}

static void
test_sink_takes_a_close_that_nobody_noticed_for_nothing(void **state)
{
    struct sink_thread *t = sink_thread();
    nodes_id before = t->node_id;
    uint32_t n = writer_count(writer, FORMAT_NODES);
    struct format_node *node;

    (void)state;
    sink_enter(t, 19, &frames[0]);
    node = node_of(t);
    sink_yield(t, 19, &frames[0]);
    sink_unwind(t, 19, &frames[0], false);
    assert_int_equal(value(&node->resumes), 0);
    assert_int_equal(writer_count(writer, FORMAT_NODES), n + 1);
    assert_int_equal(t->node_id, before);
    sink_enter(t, 19, &frames[0]);
    sink_yield(t, 19, &frames[0]);
    sink_catch(t, 19, &frames[0]);
    sink_unwind(t, 19, &frames[0], false);
    assert_int_equal(value(&node->resumes), 1);
    assert_int_equal(value(&node->raised), 0);
    assert_int_equal(t->node_id, before);
}

static void
test_sink_lets_an_eager_task_run_on_top_of_another(void **state)
{
    static const int one = 1, two = 2;
    struct sink_thread *t = sink_thread();
    uint32_t n = writer_count(writer, FORMAT_TASKS);
    struct format_task *first, *second;

    (void)state;
    task = &one;
    sink_enter_task(t, 17, &frames[0]);
    first = last_task();
    sink_enter_task(t, 18, &frames[1]); /* awaited, by code that is not specialised */
    assert_int_equal(writer_count(writer, FORMAT_TASKS), n + 1);
    task = &two;
    sink_enter_task(t, 17, &frames[2]);
    assert_int_equal(writer_count(writer, FORMAT_TASKS), n + 2);
    second = last_task();
    sink_yield(t, 17, &frames[2]);
    assert_int_equal(second->state, FORMAT_TASK_WAITS);
    assert_int_equal(first->state, FORMAT_TASK_RUNS);
    task = &one;
    sink_leave(t, 18, &frames[1]);
    assert_int_equal(first->state, FORMAT_TASK_RUNS);
    sink_leave(t, 17, &frames[0]);
    assert_int_equal(first->state, FORMAT_TASK_ENDED);
    task = &two;
    sink_resume(t, 17, &frames[2]);
    assert_int_equal(second->state, FORMAT_TASK_RUNS);
    sink_leave(t, 17, &frames[2]);
    assert_int_equal(second->state, FORMAT_TASK_ENDED);
    assert_int_equal(value(&second->runs), 2);
    assert_int_equal(writer_count(writer, FORMAT_TASKS), n + 2);
    task = NULL;
}

static void
test_sink_stands_still_during_a_stop(void **state)
{
    struct sink_thread *t = sink_thread();
    uint64_t before, self;

    (void)state;
    sink_line(t, &lines[5], 5, sink_ticks());
    before = sink_ticks();
    sink_stop_begin(t);
    self = value(&lines[5].self_ticks);
    spin(1000000);
    sink_stop_end();
    assert_true(sink_ticks() - before < 500000);
    sink_line(t, &lines[6], 6, sink_ticks());
    assert_true(value(&lines[5].self_ticks) - self < 500000);
}

static void
test_sink_goes_on_in_a_child_with_counters_of_its_own(void **state)
{
    struct sink_thread *t = sink_thread();
    uint64_t before;
    int status;
    pid_t pid;

    (void)state;
    sink_line(t, &lines[7], 7, sink_ticks());
    before = value(&lines[7].hits);
    pid = fork();
    if (pid == 0) {
        char path[256];

        path_of(path, sizeof(path), "child");
        if (!writer_fork(writer, path, NULL))
            _exit(2);
        sink_after_fork();
        if (value(&lines[7].hits) != 0)
            _exit(3);
        sink_line(t, &lines[7], 7, sink_ticks());
        _exit(value(&lines[7].hits) == 1 ? 0 : 4);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    assert_int_equal(value(&lines[7].hits), before);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sink_counts_lines_and_books_time_on_the_one_before),
        cmocka_unit_test(test_sink_goes_on_with_the_caller_after_a_call),
        cmocka_unit_test(test_sink_has_one_node_per_caller_and_code),
        cmocka_unit_test(test_sink_counts_recursion_once_below_a_line),
        cmocka_unit_test(test_sink_goes_on_within_the_line_of_a_yield),
        cmocka_unit_test(test_sink_finds_its_frame_when_ends_were_missed),
        cmocka_unit_test(test_sink_takes_a_caught_throw_for_a_resume),
        cmocka_unit_test(test_sink_keeps_a_generator_at_the_node_where_it_began),
        cmocka_unit_test(test_sink_sorts_calls_by_how_long_they_took),
        cmocka_unit_test(test_sink_knows_a_task_by_its_outermost_coroutine),
        cmocka_unit_test(test_sink_lets_an_eager_task_run_on_top_of_another),
        cmocka_unit_test(test_sink_takes_a_close_that_nobody_noticed_for_nothing),
        cmocka_unit_test(test_sink_stands_still_during_a_stop),
        cmocka_unit_test(test_sink_goes_on_in_a_child_with_counters_of_its_own),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}

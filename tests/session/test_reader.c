#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mono.h"
#include "tests/session/sample.h"

static void
check_sample(const struct reader *r)
{
    const struct format_stop *stop = reader_stop(r, 0);
    uint32_t n;

    assert_string_equal(reader_string(r, reader_header(r)->command, NULL), "shop.py\n");
    assert_string_equal(reader_string(r, reader_file(r, 0)->module, NULL), "__main__");
    assert_string_equal(reader_string(r, reader_code(r, 0)->qualname, NULL),
                        "Cart.add");
    assert_int_equal(reader_load(&reader_line(r, 2)->hits), 30);
    assert_int_equal(reader_node(r, 2)->parent, 1);
    assert_int_equal(reader_thread(r, 0)->root, 1);
    assert_string_equal(reader_string(r, reader_rule(r, 0)->text, NULL),
                        "site-packages");
    assert_non_null(stop);
    assert_int_equal(reader_frame(r, stop->first_frame)->line, 3);
    assert_string_equal(reader_string(r, reader_value(r, 0)->text, NULL), "42");
    assert_non_null(reader_lines(r, 0, &n));
    assert_int_equal(n, 3);
}

static void
test_reader_reads_every_record(void **state)
{
    struct writer *w = sample_open("s");
    struct reader *r = sample_read("s", READER_LIVE);

    (void)state;
    check_sample(r);
    reader_close(r);
    writer_close(w);
    r = sample_read("s", READER_COPY);
    assert_int_equal(unlink(scratch_path("s")), 0);
    assert_false(reader_refresh(r));
    check_sample(r);
    reader_close(r);
}

static void
test_reader_answers_bad_ids_with_nothing(void **state)
{
    struct writer *w = sample_open("s");
    struct reader *r = sample_read("s", READER_LIVE);
    static const uint32_t bad[] = {1000, 1u << 30, FORMAT_NONE};
    uint32_t n = 1;
    size_t len = 1;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_null(reader_file(r, bad[i]));
        assert_null(reader_code(r, bad[i]));
        assert_null(reader_line(r, bad[i]));
        assert_null(reader_node(r, bad[i]));
        assert_null(reader_thread(r, bad[i]));
        assert_null(reader_stop(r, bad[i]));
        assert_null(reader_frame(r, bad[i]));
        assert_null(reader_value(r, bad[i]));
        assert_null(reader_rule(r, bad[i]));
        assert_null(reader_lines(r, bad[i], &n));
        assert_int_equal(n, 0);
        assert_int_equal(reader_find_line(r, bad[i], 1), FORMAT_NONE);
        assert_string_equal(reader_string(r, bad[i], &len), "");
        assert_int_equal(len, 0);
    }
    assert_string_equal(reader_string(r, 9, &len), ""); /* no multiple of four */
    assert_int_equal(reader_find_line(r, 0, 4), FORMAT_NONE);
    assert_int_equal(reader_find_line(r, 0, 0), FORMAT_NONE);
    reader_close(r);
    writer_close(w);
}

/* As records come in any order, at many moments. */
static void
test_reader_keeps_lines_sorted(void **state)
{
    enum { N = 5000 };
    struct writer *w = sample_open("s");
    struct reader *r = sample_read("s", READER_LIVE);
    unsigned seed = (unsigned)(getenv("SEED") ? atoi(getenv("SEED")) : 7);

    (void)state;
    print_message("seed %u\n", seed);
    srand(seed);
    ((struct format_file *)sample_add(w, FORMAT_FILES))->module = 0;
    for (uint32_t i = 0; i < N; i++) {
        /* Each line from 4 to N + 3 once, in an order that jumps. */
        uint32_t line = (uint32_t)((uint64_t)i * 2741 % N) + 4;

        sample_line(w, line % 2, line, line);
        if (rand() % 50 == 0) {
            assert_true(reader_refresh(r));
            assert_int_not_equal(reader_find_line(r, line % 2, line), FORMAT_NONE);
        }
    }
    reader_refresh(r);
    for (files_id file = 0; file < 2; file++) {
        uint32_t n, last = 0;
        const lines_id *ids = reader_lines(r, file, &n);

        assert_int_equal(n, N / 2 + (file == 0 ? 3 : 0));
        for (uint32_t i = 0; i < n; i++) {
            uint32_t line = reader_line(r, ids[i])->line;

            assert_true(line > last);
            assert_int_equal(reader_find_line(r, file, line), ids[i]);
            assert_int_equal(reader_find_line(r, !file, line), FORMAT_NONE);
            last = line;
        }
    }
    reader_close(r);
    writer_close(w);
}

static void
test_reader_refuses_nodes_that_are_no_tree(void **state)
{
    struct writer *w = sample_open("s");
    struct reader *r;

    (void)state;
    sample_node(w, 3, 1);           /* its own parent */
    sample_node(w, 5, 1);           /* node 4's comes later */
    sample_node(w, 4, 1);           /* node 5's does not */
    sample_node(w, FORMAT_NONE, 1); /* a second process */
    r = sample_read("s", READER_LIVE);
    assert_int_equal(reader_count(r, FORMAT_NODES), 7);
    assert_non_null(reader_node(r, 0));
    assert_non_null(reader_node(r, 2));
    assert_null(reader_node(r, 3));
    assert_null(reader_node(r, 4));
    assert_non_null(reader_node(r, 5));
    assert_null(reader_node(r, 6));
    reader_close(r);
    writer_close(w);
}

static void
test_reader_refuses_stops_without_their_frames(void **state)
{
    static const uint32_t bad[][2] = {
        {0, 2}, {1, 1}, {FORMAT_NONE, 2}, {2, FORMAT_NONE}};
    struct writer *w = sample_open("s");
    struct reader *r;

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct format_stop *stop = sample_add(w, FORMAT_STOPS);

        stop->first_frame = bad[i][0];
        stop->n_frames = bad[i][1];
    }
    ((struct format_stop *)sample_add(w, FORMAT_STOPS))->first_frame = FORMAT_NONE;
    r = sample_read("s", READER_LIVE);
    assert_non_null(reader_stop(r, 0));
    for (uint32_t i = 1; i <= 4; i++)
        assert_null(reader_stop(r, i));
    assert_non_null(reader_stop(r, 5)); /* has no frames */
    reader_close(r);
    writer_close(w);
}

/* Time */

static void
test_reader_time_of_a_session_that_is_over(void **state)
{
    struct writer *w = sample_open("s");
    struct format_header *h = writer_header(w);
    struct reader *r;

    (void)state;
    h->paused_ticks = 1000;
    h->state = FORMAT_EXITED;
    r = sample_read("s", READER_LIVE);
    assert_int_equal(reader_now(r), 4000);
    assert_int_equal(reader_ns(r, 0), 0);
    assert_int_equal(reader_ns(r, 4000), 2000000);
    assert_int_equal(reader_ns(r, UINT64_MAX), UINT64_MAX);
    reader_close(r);
    h->state = FORMAT_RUNNING;
    r = sample_read("s", READER_COPY);
    assert_int_equal(reader_now(r), 4000);
    reader_close(r);
    h->last_ticks = 2000; /* killed; a thread knew better */
    r = sample_read("s", READER_COPY);
    assert_int_equal(reader_now(r), 3000);
    reader_close(r);
    writer_close(w);
}

static void
test_reader_time_of_a_killed_process(void **state)
{
    struct writer *w = sample_open("s");
    struct format_header *h = writer_header(w);
    pid_t pid = fork();
    struct reader *r;

    (void)state;
    if (pid == 0)
        _exit(0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    h->pid = (uint32_t)pid;
    h->state = FORMAT_RUNNING;
    r = sample_read("s", READER_LIVE);
    assert_int_equal(reader_now(r), 5000);
    reader_close(r);
    writer_close(w);
}

/* Nobody noted the clocks for it a second time: those of this process do. */
static void
test_reader_time_of_one_that_was_never_noted(void **state)
{
    struct writer *w = sample_open("s");
    struct format_header *h = writer_header(w);
    bool tsc = mono_has_tsc();
    struct reader *r;
    mono_ns began;

    (void)state;
    h->start_mono_ns = mono_clock();
    h->start_ticks = mono_ticks(tsc);
    h->last_ticks = h->last_mono_ns = 0;
    began = mono_clock();
    while (mono_clock() < began + 20000000)
        ;
    r = sample_read("s", READER_COPY);
    assert_in_range(reader_ns(r, mono_ticks(tsc) - h->start_ticks), 20000000,
                    2000000000);
    reader_close(r);
    writer_close(w);
}

static void
test_reader_ends_in_several_ways(void **state)
{
    static const struct {
        enum format_state state;
        bool ended;
    } ways[] = {{FORMAT_RUNNING, false},
                {FORMAT_PAUSED, false},
                {FORMAT_EXITED, true},
                {FORMAT_REPLACED, true},
                {FORMAT_STARTING, false}};
    struct writer *w = sample_open("s");
    struct reader *r;

    (void)state;
    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
        writer_header(w)->state = ways[i].state;
        r = sample_read("s", READER_LIVE);
        assert_int_equal(reader_has_ended(r), ways[i].ended);
        assert_int_equal(reader_is_over(r),
                         ways[i].ended); /* the process is this one */
        reader_close(r);
    }
    r = sample_read("s", READER_COPY);
    assert_true(reader_is_over(r));
    reader_close(r);
    writer_close(w);
}

static void
test_reader_time_of_a_running_session(void **state)
{
    struct writer *w = sample_open("s");
    struct format_header *h = writer_header(w);
    bool tsc = mono_has_tsc();
    struct reader *r;
    uint64_t first, before;
    mono_ns began;

    (void)state;
    h->start_mono_ns = mono_clock();
    h->start_ticks = mono_ticks(tsc);
    h->paused_ticks = 1000;
    h->state = FORMAT_RUNNING;
    r = sample_read("s", READER_LIVE);
    began = mono_clock();
    while (mono_clock() < began + 20000000)
        ;
    reader_refresh(r);
    first = reader_now(r);
    assert_in_range(first, h->start_ticks - 1000, mono_ticks(tsc) - 1000);
    /* The rate is right to a percent. */
    assert_in_range(reader_ns(r, first + 1000 - h->start_ticks), 19800000, 1000000000);
    before = reader_now(r);
    assert_int_equal(before, first);
    reader_refresh(r);
    assert_true(reader_now(r) > first);

    h->stop_ticks = h->start_ticks + 5000;
    h->state = FORMAT_PAUSED;
    reader_refresh(r);
    assert_int_equal(reader_now(r), h->start_ticks + 4000);
    reader_close(r);
    writer_close(w);
}

static void
test_reader_time_without_clocks_is_ticks(void **state)
{
    struct writer *w = sample_open("s");
    struct format_header *h = writer_header(w);
    struct reader *r;

    (void)state;
    h->start_mono_ns = 0;
    h->last_mono_ns = 0;
    h->start_ticks = 0;
    h->last_ticks = 0;
    r = sample_read("s", READER_LIVE);
    assert_int_equal(reader_ns(r, 12345), 12345);
    assert_int_equal(reader_now(r), 3000);
    reader_close(r);
    writer_close(w);
}

/* For ThreadSanitizer: both sides on one mapping. */

static _Atomic int writing;

static void *
write_much(void *arg)
{
    struct writer *w = arg;

    for (uint32_t i = 0; i < 20000; i++) {
        char text[32];
        int n = snprintf(text, sizeof(text), "text %u", i);
        struct format_value *value;
        void *place;

        writer_string(w, text, (size_t)n);
        sample_line(w, 0, i + 4, i);
        writer_add(w, FORMAT_VALUES, 1, &place);
        value = place;
        value->name = writer_string(w, text, (size_t)n);
        writer_publish(w, FORMAT_VALUES);
        sample_node(w, i, i);
        atomic_store_explicit(&writer_header(w)->last_ticks, i, memory_order_relaxed);
    }
    atomic_store_explicit(&writing, 0, memory_order_release);
    return NULL;
}

static void
test_reader_reads_while_a_thread_writes(void **state)
{
    struct writer *w = sample_open("s");
    const struct format_entry *last =
        &writer_header(w)->sections[FORMAT_N_SECTIONS - 1];
    struct reader *r;
    pthread_t thread;
    uint32_t n_texts = 0;

    (void)state;
    assert_true(
        reader_open_memory(&r, writer_header(w), last->offset + last->reserve, NULL));
    atomic_store_explicit(&writing, 1, memory_order_relaxed);
    assert_int_equal(pthread_create(&thread, NULL, write_much, w), 0);
    while (atomic_load_explicit(&writing, memory_order_acquire)) {
        uint32_t n;

        reader_refresh(r);
        n = reader_count(r, FORMAT_VALUES);
        for (; n_texts < n; n_texts++) {
            char text[32] = "total";

            if (n_texts > 0)
                snprintf(text, sizeof(text), "text %u", n_texts - 1);
            assert_string_equal(reader_string(r, reader_value(r, n_texts)->name, NULL),
                                text);
        }
        n = reader_count(r, FORMAT_LINES);
        assert_int_equal(reader_line(r, n - 1)->line, n);
        assert_int_equal(reader_find_line(r, 0, n), n - 1);
        n = reader_count(r, FORMAT_NODES);
        assert_non_null(reader_node(r, n - 1));
    }
    assert_int_equal(pthread_join(thread, NULL), 0);
    reader_refresh(r);
    assert_int_equal(reader_count(r, FORMAT_VALUES), 20001);
    reader_close(r);
    writer_close(w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_reader_reads_every_record, scratch_clear),
        cmocka_unit_test_teardown(test_reader_answers_bad_ids_with_nothing,
                                  scratch_clear),
        cmocka_unit_test_teardown(test_reader_keeps_lines_sorted, scratch_clear),
        cmocka_unit_test_teardown(test_reader_refuses_nodes_that_are_no_tree,
                                  scratch_clear),
        cmocka_unit_test_teardown(test_reader_refuses_stops_without_their_frames,
                                  scratch_clear),
        cmocka_unit_test_teardown(test_reader_time_of_a_session_that_is_over,
                                  scratch_clear),
        cmocka_unit_test_teardown(test_reader_time_of_a_killed_process, scratch_clear),
        cmocka_unit_test_teardown(test_reader_time_of_a_running_session, scratch_clear),
        cmocka_unit_test_teardown(test_reader_time_of_one_that_was_never_noted,
                                  scratch_clear),
        cmocka_unit_test_teardown(test_reader_ends_in_several_ways, scratch_clear),
        cmocka_unit_test_teardown(test_reader_time_without_clocks_is_ticks,
                                  scratch_clear),
        cmocka_unit_test_teardown(test_reader_reads_while_a_thread_writes,
                                  scratch_clear),
    };

    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}

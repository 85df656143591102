#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/session/child.h"
#include "tests/session/sample.h"

static void
add(_Atomic uint64_t *counter, uint64_t n)
{
    atomic_store_explicit(counter, reader_load(counter) + n, memory_order_relaxed);
}

static void
test_writer_shows_what_is_published(void **state)
{
    struct writer *w = sample_new("s");
    struct reader *r;
    void *place;

    (void)state;
    assert_true(reader_open(&r, scratch_path("s"), READER_LIVE, NULL));
    assert_int_equal(writer_add(w, FORMAT_LINES, 3, &place), 0);
    ((struct format_line *)place)[2].line = 77;
    assert_int_equal(writer_count(w, FORMAT_LINES), 3);
    assert_false(reader_refresh(r));
    assert_int_equal(reader_count(r, FORMAT_LINES), 0);
    assert_null(reader_line(r, 0));
    writer_publish(w, FORMAT_LINES);
    assert_true(reader_refresh(r));
    assert_int_equal(reader_count(r, FORMAT_LINES), 3);
    assert_int_equal(reader_line(r, 2)->line, 77);
    assert_int_equal(reader_line(r, 1)->line, 0);
    assert_null(reader_line(r, 3));
    reader_close(r);
    writer_close(w);
}

/* Many steps of growth: every record is zeroed, none moves, none overlaps another. */
static void
test_writer_grows_without_moving(void **state)
{
    enum { N = 300000 };
    struct writer *w = sample_new("s");
    struct format_line *first = NULL;
    struct reader *r;

    (void)state;
    for (uint32_t i = 0; i < N; i++) {
        void *line, *node;

        assert_int_equal(writer_add(w, FORMAT_LINES, 1, &line), i);
        assert_int_equal(writer_add(w, FORMAT_NODES, 1, &node), i);
        first = first ? first : line;
        assert_ptr_equal(line, first + i);
        assert_ptr_equal(line, writer_record(w, FORMAT_LINES, i));
        assert_int_equal(((struct format_line *)line)->line, 0);
        assert_int_equal(((struct format_node *)node)->depth, 0);
        ((struct format_line *)line)->line = i;
        ((struct format_node *)node)->depth = ~i;
    }
    writer_publish(w, FORMAT_LINES);
    writer_publish(w, FORMAT_NODES);
    assert_int_equal(writer_header(w)->n_dropped, 0);
    writer_close(w);
    r = sample_read("s", READER_COPY);
    assert_int_equal(reader_count(r, FORMAT_NODES), N);
    for (uint32_t i = 0; i < N; i++)
        assert_int_equal(reader_line(r, i)->line, i);
    reader_close(r);
}

static void
test_writer_drops_and_counts_behind_the_limit(void **state)
{
    uint64_t limits[FORMAT_N_SECTIONS] = {64, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
    struct writer *w;

    (void)state;
    assert_true(writer_open_limited(&w, scratch_path("s"), limits, NULL));
    for (unsigned s = FORMAT_FILES; s < FORMAT_N_SECTIONS; s++) {
        uint64_t before = writer_header(w)->n_dropped;
        void *place;

        assert_int_equal(writer_add(w, s, (uint32_t)limits[s] + 1, &place),
                         FORMAT_NONE);
        assert_null(place);
        assert_int_equal(writer_header(w)->n_dropped - before, limits[s] + 1);
        assert_int_equal(writer_add(w, s, (uint32_t)limits[s], NULL), 0);
        assert_int_equal(writer_add(w, s, 1, NULL), FORMAT_NONE);
        assert_int_equal(writer_count(w, s), limits[s]);
    }
    writer_close(w);
}

static void
test_writer_drops_strings_behind_the_limit(void **state)
{
    uint64_t limits[FORMAT_N_SECTIONS] = {64, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    struct writer *w;
    struct reader *r;
    strings_id kept;
    size_t len;

    (void)state;
    assert_true(writer_open_limited(&w, scratch_path("s"), limits, NULL));
    kept = sample_string(w, "sixteen bytes...");
    assert_int_not_equal(kept, 0);
    assert_int_equal(sample_string(w, "and thirty-two bytes, too many.."), 0);
    assert_int_equal(writer_header(w)->n_dropped, 1);
    assert_int_equal(sample_string(w, "sixteen bytes..."), kept);
    assert_int_not_equal(sample_string(w, "eleven byte"), 0);
    assert_int_equal(writer_header(w)->n_dropped, 1);
    writer_close(w);
    r = sample_read("s", READER_COPY);
    assert_string_equal(reader_string(r, kept, &len), "sixteen bytes...");
    assert_int_equal(len, 16);
    reader_close(r);
}

static void
test_writer_interns_strings(void **state)
{
    enum { N = 20000 };
    static strings_id ids[N];
    struct writer *w = sample_new("s");
    struct reader *r;
    char text[64];
    size_t len;

    (void)state;
    assert_int_equal(writer_string(w, "", 0), 0);
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < N; i++) {
            int n = snprintf(text, sizeof(text), "name %d%*s", i, i % 30, "");
            strings_id id = writer_string(w, text, (size_t)n);

            assert_int_equal(id % 4, 0);
            if (round == 0)
                ids[i] = id;
            assert_int_equal(id, ids[i]);
        }
    }
    writer_close(w);
    r = sample_read("s", READER_COPY);
    for (int i = 0; i < N; i++) {
        snprintf(text, sizeof(text), "name %d%*s", i, i % 30, "");
        assert_string_equal(reader_string(r, ids[i], &len), text);
        assert_int_equal(len, strlen(text));
    }
    reader_close(r);
}

static void
test_writer_strings_are_bytes(void **state)
{
    struct writer *w = sample_new("s");
    strings_id a = writer_string(w, "a\0b", 3);
    strings_id b = writer_string(w, "a\0c", 3);
    strings_id c = writer_string(w, "a", 1);
    struct reader *r = sample_read("s", READER_COPY);
    size_t len;

    (void)state;
    assert_true(a != b && b != c && a != c);
    assert_memory_equal(reader_string(r, a, &len), "a\0b", 4);
    assert_int_equal(len, 3);
    assert_memory_equal(reader_string(r, b, &len), "a\0c", 4);
    reader_close(r);
    writer_close(w);
}

static void
test_writer_cuts_huge_strings(void **state)
{
    struct writer *w = sample_new("s");
    size_t len = WRITER_STRING_MAX + 10;
    char *huge = calloc(1, len);
    strings_id id;
    uint32_t kept;

    (void)state;
    assert_non_null(huge);
    memset(huge, 'x', len);
    id = writer_string(w, huge, len);
    assert_int_not_equal(id, 0);
    memcpy(&kept, writer_record(w, FORMAT_STRINGS, id), sizeof(kept));
    assert_int_equal(kept, WRITER_STRING_MAX);
    assert_int_equal(writer_string(w, huge, len + 0), id);
    free(huge);
    writer_close(w);
}

/* fork */

static struct writer *forked;
static struct format_line *forked_line;
static struct format_node *forked_node;
static strings_id forked_string;

static bool
is_reset(void)
{
    struct format_node *node = writer_record(forked, FORMAT_NODES, 1);

    return reader_load(&forked_line->hits) == 0 && reader_load(&node->calls) == 0 &&
           node->last_child_used == 0 && writer_count(forked, FORMAT_STOPS) == 0 &&
           writer_count(forked, FORMAT_VALUES) == 0 &&
           writer_header(forked)->pid == (uint32_t)getpid() &&
           writer_header(forked)->stop == 0;
}

static bool
count_in_child(void)
{
    if (!writer_fork(forked, scratch_path("child"), NULL) || !is_reset())
        return false;
    add(&forked_line->hits, 5);
    if (sample_string(forked, "Cart.add") != forked_string)
        return false;
    for (uint32_t i = 0; i < 50000; i++) {
        if (!sample_node(forked, 2, i))
            return false;
    }
    sample_stop(forked);
    return true;
}

static void
fill_forked(void)
{
    forked = sample_new("parent");
    sample_fill(forked);
    forked_line = writer_record(forked, FORMAT_LINES, 1);
    forked_node = writer_record(forked, FORMAT_NODES, 1);
    forked_string = sample_string(forked, "Cart.add");
}

static void
test_writer_fork_gives_the_child_its_own(void **state)
{
    struct reader *r;

    (void)state;
    fill_forked();
    assert_int_equal(child_run(count_in_child), 0);
    add(&forked_line->hits, 1);
    assert_int_equal(reader_load(&forked_line->hits), 21);
    assert_int_equal(writer_header(forked)->pid, (uint32_t)getpid());
    writer_close(forked);

    r = sample_read("parent", READER_COPY);
    assert_int_equal(reader_count(r, FORMAT_NODES), 3);
    assert_int_equal(reader_count(r, FORMAT_STOPS), 1);
    assert_int_equal(reader_load(&reader_line(r, 1)->hits), 21);
    reader_close(r);
    r = sample_read("child", READER_COPY);
    assert_int_equal(reader_count(r, FORMAT_NODES), 50003);
    assert_int_equal(reader_count(r, FORMAT_STOPS), 1);
    assert_int_equal(reader_load(&reader_line(r, 1)->hits), 5);
    assert_int_equal(reader_load(&reader_line(r, 2)->hits), 0);
    assert_string_equal(reader_string(r, reader_file(r, 0)->path, NULL), "shop.py");
    assert_int_equal(reader_header(r)->parent_pid, (uint32_t)getpid());
    assert_int_not_equal(reader_header(r)->pid, (uint32_t)getpid());
    reader_close(r);
}

static bool
forget(void)
{
    void *place;

    writer_forget(forked);
    add(&forked_line->hits, 1000);
    return reader_load(&forked_line->hits) == 1020 &&
           writer_add(forked, FORMAT_NODES, 1, &place) == FORMAT_NONE &&
           !writer_fork(forked, scratch_path("grandchild"), NULL);
}

static void
test_writer_forget_leaves_the_parent_alone(void **state)
{
    (void)state;
    fill_forked();
    assert_int_equal(child_run(forget), 0);
    assert_int_equal(reader_load(&forked_line->hits), 20);
    assert_int_equal(scratch_count(0), 1);
    assert_non_null(sample_node(forked, 0, 1));
    writer_close(forked);
}

static bool
fail_to_fork(void)
{
    void *place;

    if (writer_fork(forked, scratch_path("none/child"), NULL))
        return false;
    if (reader_load(&forked_line->hits) != 20)
        return false;
    add(&forked_line->hits, 1000);
    return writer_add(forked, FORMAT_NODES, 1, &place) == FORMAT_NONE &&
           sample_string(forked, "a new one") == 0 &&
           sample_string(forked, "Cart.add") == forked_string &&
           !writer_fork(forked, scratch_path("grandchild"), NULL);
}

static void
test_writer_failed_fork_leaves_the_parent_alone(void **state)
{
    (void)state;
    fill_forked();
    assert_int_equal(child_run(fail_to_fork), 0);
    assert_int_equal(reader_load(&forked_line->hits), 20);
    assert_int_equal(writer_header(forked)->n_dropped, 0);
    assert_int_equal(scratch_count(0), 1);
    assert_non_null(sample_node(forked, 0, 1));
    writer_close(forked);
}

/* What the parent does between the fork and the copy must not end up in the child. */
static bool
fork_late(void)
{
    char go;

    if (read(0, &go, 1) != 1 || !writer_fork(forked, scratch_path("child"), NULL))
        return false;
    for (uint32_t i = 0; i < writer_count(forked, FORMAT_NODES); i++) {
        struct format_node *n = writer_record(forked, FORMAT_NODES, i);

        if (n->last_child_used >= 3)
            return false;
    }
    return is_reset() && sample_node(forked, 0, 0) &&
           writer_count(forked, FORMAT_NODES) == 4;
}

static void
test_writer_fork_ignores_what_the_parent_does_later(void **state)
{
    int ends[2], status;
    pid_t pid;

    (void)state;
    fill_forked();
    assert_int_equal(pipe(ends), 0);
    pid = fork();
    if (pid == 0) {
        dup2(ends[0], 0);
        _exit(fork_late() ? 0 : 1);
    }
    for (uint32_t i = 0; i < 100; i++) {
        sample_node(forked, 2, 1);
        forked_node->last_child_used = 3 + i;
    }
    assert_int_equal(write(ends[1], "g", 1), 1);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    close(ends[0]);
    close(ends[1]);
    writer_close(forked);
}

/* kill -9 */

static void
test_writer_loses_nothing_to_sigkill(void **state)
{
    _Atomic uint64_t *told =
        mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    struct reader *r;
    pid_t pid = fork();

    (void)state;
    if (pid == 0) {
        struct writer *w = sample_new("s");

        for (;;) {
            struct format_line *line =
                sample_line(w, 0, writer_count(w, FORMAT_LINES), 0);

            for (int i = 0; line && i < 1000; i++) {
                add(&line->hits, 1);
                add(told, 1);
            }
        }
    }
    while (reader_load(told) < 200000)
        sched_yield();
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    r = sample_read("s", READER_COPY);
    {
        uint64_t hits = 0;

        for (uint32_t i = 0; i < reader_count(r, FORMAT_LINES); i++)
            hits += reader_load(&reader_line(r, i)->hits);
        assert_in_range(hits, reader_load(told), reader_load(told) + 1);
    }
    reader_close(r);
    munmap(told, 4096);
}

static void
test_writer_takes_back_what_was_not_published(void **state)
{
    struct writer *w = sample_new("back");
    struct format_line *line;
    void *place;

    (void)state;
    assert_int_equal(writer_add(w, FORMAT_LINES, 3, &place), 0);
    line = place;
    writer_publish(w, FORMAT_LINES);
    assert_int_equal(writer_add(w, FORMAT_LINES, 5, &place), 3);
    atomic_init(&line[4].hits, 7);
    writer_take_back(w, FORMAT_LINES, 5);
    assert_int_equal(writer_count(w, FORMAT_LINES), 3);
    assert_int_equal(writer_add(w, FORMAT_LINES, 2, NULL), 3);
    assert_int_equal(reader_load(&line[4].hits), 0);
    writer_close(w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_writer_shows_what_is_published, scratch_clear),
        cmocka_unit_test_teardown(test_writer_grows_without_moving, scratch_clear),
        cmocka_unit_test_teardown(test_writer_drops_and_counts_behind_the_limit,
                                  scratch_clear),
        cmocka_unit_test_teardown(test_writer_drops_strings_behind_the_limit,
                                  scratch_clear),
        cmocka_unit_test_teardown(test_writer_interns_strings, scratch_clear),
        cmocka_unit_test_teardown(test_writer_strings_are_bytes, scratch_clear),
        cmocka_unit_test_teardown(test_writer_cuts_huge_strings, scratch_clear),
        cmocka_unit_test_teardown(test_writer_fork_gives_the_child_its_own,
                                  scratch_clear),
        cmocka_unit_test_teardown(test_writer_failed_fork_leaves_the_parent_alone,
                                  scratch_clear),
        cmocka_unit_test_teardown(test_writer_forget_leaves_the_parent_alone,
                                  scratch_clear),
        cmocka_unit_test_teardown(test_writer_fork_ignores_what_the_parent_does_later,
                                  scratch_clear),
        cmocka_unit_test_teardown(test_writer_loses_nothing_to_sigkill, scratch_clear),
        cmocka_unit_test_teardown(test_writer_takes_back_what_was_not_published,
                                  scratch_clear),
    };

    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}

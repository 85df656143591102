#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "session/packer.h"
#include "tests/session/sample.h"

/* Sessions with places, seen through the reader. Lines 0, 1, 2 have 10, 20, 30 hits of
 * their own; FIRST is the first place that is added here. */

enum { FIRST = 2 };

static struct format_place *
add_place(struct writer *w, lines_id line, uint64_t hits,
          const struct format_term *terms, uint32_t n_terms)
{
    struct format_place *place = NULL;
    void *copy, *at;

    if (n_terms) {
        writer_add(w, FORMAT_TERMS, n_terms, &copy);
        memcpy(copy, terms, n_terms * sizeof(*terms));
        writer_publish(w, FORMAT_TERMS);
    }
    assert_int_not_equal(writer_add(w, FORMAT_PLACES, 1, &at), FORMAT_NONE);
    place = at;
    place->line = line;
    place->n_terms = n_terms;
    atomic_store(&place->hits, hits);
    writer_publish(w, FORMAT_PLACES);
    return place;
}

/* Line 0 was hit 7 times more, of which 2 raised; line 1 follows; line 2 is as often as
 * both together, but once. */
static struct format_place *
add_places(struct writer *w)
{
    const struct format_term second[] = {{FIRST, 1}, {FIRST + 1, -1}};
    const struct format_term third[] = {{FIRST, 1}, {FIRST + 2, 1}, {FIRST + 3, -1}};
    struct format_place *first = add_place(w, 0, 7, NULL, 0);

    add_place(w, FORMAT_NONE, 2, NULL, 0);
    add_place(w, 1, 0, second, 2);
    add_place(w, FORMAT_NONE, 1, NULL, 0);
    add_place(w, 2, 0, third, 3);
    return first;
}

static void
assert_hits(const struct reader *r, uint64_t a, uint64_t b, uint64_t c)
{
    assert_int_equal(reader_load(&reader_line(r, 0)->hits), a);
    assert_int_equal(reader_load(&reader_line(r, 1)->hits), b);
    assert_int_equal(reader_load(&reader_line(r, 2)->hits), c);
}

static void
test_sums_are_in_the_hits_of_a_copy_once(void **state)
{
    struct writer *w = sample_open("s");
    struct reader *r;

    (void)state;
    add_places(w);
    r = sample_read("s", READER_COPY);
    assert_hits(r, 17, 25, 41);
    reader_refresh(r);
    assert_hits(r, 17, 25, 41);
    assert_int_equal(reader_count(r, FORMAT_PLACES), 0);
    reader_close(r);
    writer_close(w);
}

static void
test_sums_are_in_the_hits_of_a_live_session_at_each_refresh(void **state)
{
    struct writer *w = sample_open("s");
    struct reader *r = sample_read("s", READER_LIVE);
    const struct format_line *line;
    struct format_place *first;

    (void)state;
    assert_hits(r, 10, 20, 30);
    first = add_places(w);
    reader_refresh(r);
    assert_hits(r, 17, 25, 41);
    line = reader_line(r, 0);
    atomic_store(&first->hits, 8);
    sample_line(w, 0, 9, 90);
    reader_refresh(r);
    assert_hits(r, 18, 26, 43);
    assert_ptr_equal(line, reader_line(r, 0));
    assert_int_equal(reader_load(&reader_line(r, 3)->hits), 90);
    reader_close(r);
    writer_close(w);
}

static void
test_sums_are_in_a_packed_session(void **state)
{
    struct writer *w = sample_open("s");
    struct reader *r = sample_read("s", READER_LIVE);
    struct err err = {""};

    (void)state;
    add_places(w);
    reader_refresh(r);
    assert_true(packer_save(r, scratch_path("packed"), &err));
    reader_close(r);
    r = sample_read("packed", READER_COPY);
    assert_hits(r, 17, 25, 41);
    reader_close(r);
    writer_close(w);
}

static void
test_sums_start_anew_in_a_child(void **state)
{
    struct writer *w = sample_open("s");
    struct format_place *first = add_places(w);
    struct reader *r;
    struct err err = {""};

    (void)state;
    assert_true(writer_fork(w, scratch_path("child"), &err));
    atomic_store(&first->hits, 3);
    r = sample_read("child", READER_COPY);
    assert_hits(r, 3, 3, 6);
    reader_close(r);
    r = sample_read("s", READER_COPY);
    assert_hits(r, 17, 25, 41);
    reader_close(r);
    writer_close(w);
}

/* An exception was counted, and what it came from not yet. */
static void
test_sums_below_zero_add_nothing(void **state)
{
    const struct format_term terms[] = {{FIRST, -1}};
    struct writer *w = sample_open("s");
    struct reader *r;

    (void)state;
    add_place(w, FORMAT_NONE, 5, NULL, 0);
    add_place(w, 0, 3, terms, 1);
    r = sample_read("s", READER_COPY);
    assert_hits(r, 10, 20, 30);
    reader_close(r);
    writer_close(w);
}

static void
test_sums_believe_nothing(void **state)
{
    const struct format_term wild[] = {
        {FIRST + 1, 1}, {77, 1}, {UINT32_MAX, 1}, {FIRST, INT32_MIN}};
    struct writer *w = sample_open("s");
    struct reader *r;

    (void)state;
    add_place(w, 4711, 7, NULL, 0);
    add_place(w, 1, 9, wild, 4); /* itself, later ones, none; -7 */
    add_place(w, 2, UINT64_MAX, NULL, 0);
    add_place(w, 0, 4, NULL, 0);
    add_place(w, 0, 50, NULL, 0)->n_terms = UINT32_MAX;
    add_place(w, 0, 60, NULL, 0);
    r = sample_read("s", READER_COPY);
    assert_hits(r, 14, 22, 30);
    reader_close(r);
    writer_close(w);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_sums_are_in_the_hits_of_a_copy_once,
                                  scratch_clear),
        cmocka_unit_test_teardown(
            test_sums_are_in_the_hits_of_a_live_session_at_each_refresh, scratch_clear),
        cmocka_unit_test_teardown(test_sums_are_in_a_packed_session, scratch_clear),
        cmocka_unit_test_teardown(test_sums_start_anew_in_a_child, scratch_clear),
        cmocka_unit_test_teardown(test_sums_below_zero_add_nothing, scratch_clear),
        cmocka_unit_test_teardown(test_sums_believe_nothing, scratch_clear),
    };

    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "session/family.h"
#include "tests/session/sample.h"

/* A session of that name, with `hits` on its first line. */
static void
make(const char *name, uint64_t hits)
{
    struct writer *w = sample_open(name);

    atomic_store(&((struct format_line *)writer_record(w, FORMAT_LINES, 0))->hits,
                 hits);
    writer_close(w);
}

static void
make_file(const char *name, const char *text)
{
    FILE *f = fopen(scratch_path(name), "w");

    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static void
test_family_find_takes_sessions_of_that_name(void **state)
{
    struct family f;

    (void)state;
    make("run", 1);
    make("run.200", 1);
    make("run.30", 1);
    make("run.30-2", 1);
    make("run.30-", 1);
    make("run.x", 1);
    make("runs.40", 1);
    make("run.", 1);
    make_file("run.50", "no session");
    family_find(&f, scratch_path("run"));
    assert_int_equal(f.n, 3);
    assert_string_equal(f.paths[0], scratch_path("run.30"));
    assert_string_equal(f.paths[1], scratch_path("run.30-2"));
    assert_string_equal(f.paths[2], scratch_path("run.200"));
    assert_int_equal(family_pid(f.paths[1], scratch_path("run")), 30);
    family_release(&f);
}

static void
test_family_find_of_no_folder(void **state)
{
    struct family f;

    (void)state;
    family_find(&f, scratch_path("none/run"));
    assert_int_equal(f.n, 0);
    family_release(&f);
}

static void
test_family_names_are_free_ones(void **state)
{
    struct buf name = {0};

    (void)state;
    writer_add_name(&name, scratch_path("run"), 77);
    assert_string_equal(buf_str(&name), scratch_path("run.77"));
    make("run.77", 1);
    buf_clear(&name);
    writer_add_name(&name, scratch_path("run"), 77);
    assert_string_equal(buf_str(&name), scratch_path("run.77-2"));
    make("run.77-2", 1);
    buf_clear(&name);
    writer_add_name(&name, scratch_path("run"), 77);
    assert_string_equal(buf_str(&name), scratch_path("run.77-3"));
    buf_release(&name);
}

static uint64_t
first_hits(const struct reader *r)
{
    return reader_load(&reader_line(r, 0)->hits);
}

static void
test_family_open_leaves_out_what_is_broken(void **state)
{
    struct family_readers f;
    struct err err;

    (void)state;
    make("run", 1);
    make("run.1", 2);
    make_file("run.2", FORMAT_MAGIC "and nothing more");
    make("run.3", 3);
    assert_true(family_open(&f, scratch_path("run"), READER_COPY, &err));
    assert_int_equal(f.n, 3);
    assert_int_equal(first_hits(f.at[0]), 1);
    assert_int_equal(first_hits(f.at[1]), 2);
    assert_int_equal(first_hits(f.at[2]), 3);
    family_close(&f);
    assert_false(family_open(&f, scratch_path("none"), READER_COPY, &err));
    family_close(&f);
}

static void
save(const char *from, const char *to)
{
    struct reader *r = sample_read(from, READER_COPY);
    struct err err = {""};

    assert_true(family_save(r, scratch_path(from), scratch_path(to), &err));
    reader_close(r);
}

static uint64_t
hits_in(const char *name)
{
    struct reader *r = sample_read(name, READER_COPY);
    uint64_t hits = first_hits(r);

    reader_close(r);
    return hits;
}

static void
test_family_save_replaces_an_older_family(void **state)
{
    (void)state;
    make("old", 9);
    make("old.5", 9);
    make("old.6", 9);
    make_file("old.7", "somebody's notes");
    make("run", 1);
    make("run.6", 2);
    save("run", "old");
    assert_int_equal(hits_in("old"), 1);
    assert_int_equal(access(scratch_path("old.5"), F_OK), -1);
    assert_int_equal(hits_in("old.6"), 2);
    assert_int_equal(access(scratch_path("old.7"), F_OK), 0);
}

static void
test_family_save_over_itself_keeps_all(void **state)
{
    (void)state;
    make("run", 1);
    make("run.6", 2);
    save("run", "run");
    assert_int_equal(hits_in("run"), 1);
    assert_int_equal(hits_in("run.6"), 2);
    assert_int_equal(scratch_count(0), 2);
}

static void
test_family_missed_tells_each_reason_once(void **state)
{
    struct buf out = {0};

    (void)state;
    family_add_missed(&out, scratch_path("run"));
    assert_string_equal(buf_str(&out), "");
    make_file("run.missed", "one\ntwo\none\n\x1b[2Jthree");
    family_add_missed(&out, scratch_path("run"));
    assert_string_equal(buf_str(&out), "one\ntwo\n^[[2Jthree\n");
    buf_release(&out);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_family_find_takes_sessions_of_that_name,
                                  scratch_clear),
        cmocka_unit_test_teardown(test_family_find_of_no_folder, scratch_clear),
        cmocka_unit_test_teardown(test_family_names_are_free_ones, scratch_clear),
        cmocka_unit_test_teardown(test_family_open_leaves_out_what_is_broken,
                                  scratch_clear),
        cmocka_unit_test_teardown(test_family_save_replaces_an_older_family,
                                  scratch_clear),
        cmocka_unit_test_teardown(test_family_save_over_itself_keeps_all,
                                  scratch_clear),
        cmocka_unit_test_teardown(test_family_missed_tells_each_reason_once,
                                  scratch_clear),
    };

    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}

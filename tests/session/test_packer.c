#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mono.h"
#include "session/packer.h"
#include "tests/session/sample.h"
#include "tests/session/walk.h"

static void
save(const struct reader *r, const char *name)
{
    struct err err = {""};

    if (!packer_save(r, scratch_path(name), &err))
        fail_msg("%s", err.text);
}

static void
assert_same_records(struct reader *a, struct reader *b)
{
    for (unsigned s = 0; s < FORMAT_N_SECTIONS; s++) {
        size_t a_size, b_size;
        const void *a_bytes = reader_bytes(a, s, &a_size);
        const void *b_bytes = reader_bytes(b, s, &b_size);

        assert_int_equal(reader_count(a, s), reader_count(b, s));
        assert_true(reader_count(a, s) > 0 || s == FORMAT_TERMS || s == FORMAT_PLACES);
        assert_int_equal(a_size, b_size);
        assert_memory_equal(a_bytes, b_bytes, a_size);
    }
    assert_int_equal(walk_all(a), walk_all(b));
}

static void
test_packer_saves_every_record(void **state)
{
    struct writer *w = sample_open("live");
    struct reader *live, *packed, *again;
    struct stat st;

    (void)state;
    for (uint32_t i = 0; i < 10000; i++)
        sample_line(w, 0, i + 4, i);
    writer_header(w)->state = FORMAT_EXITED;
    live = sample_read("live", READER_LIVE);
    save(live, "packed");
    packed = sample_read("packed", READER_COPY);
    assert_same_records(live, packed);
    assert_int_equal(stat(scratch_path("packed"), &st), 0);
    assert_in_range(st.st_size, 480000, 600000);
    assert_int_equal(st.st_mode & 07777, 0600);
    save(packed, "again");
    again = sample_read("again", READER_COPY);
    assert_same_records(packed, again);
    reader_close(again);
    again = sample_read("again", READER_LIVE); /* the same bytes, mapped */
    assert_same_records(packed, again);
    reader_close(again);
    reader_close(packed);
    reader_close(live);
    writer_close(w);
}

static void
test_packer_saves_what_the_reader_saw(void **state)
{
    struct writer *w = sample_open("live");
    struct reader *live = sample_read("live", READER_LIVE);
    struct reader *packed;

    (void)state;
    sample_line(w, 0, 99, 1);
    save(live, "packed");
    packed = sample_read("packed", READER_COPY);
    assert_int_equal(reader_count(packed, FORMAT_LINES), 3);
    reader_close(packed);
    reader_refresh(live);
    save(live, "packed"); /* over the old one */
    packed = sample_read("packed", READER_COPY);
    assert_int_equal(reader_count(packed, FORMAT_LINES), 4);
    reader_close(packed);
    reader_close(live);
    writer_close(w);
}

static void
test_packer_keeps_the_time_of_a_running_session(void **state)
{
    struct writer *w = sample_open("live");
    struct format_header *h = writer_header(w);
    struct reader *live, *packed;
    mono_ns began = mono_clock();

    (void)state;
    h->start_mono_ns = began;
    h->start_ticks = mono_ticks(mono_has_tsc());
    h->last_mono_ns = h->start_mono_ns;
    h->last_ticks = h->start_ticks;
    h->paused_ticks = 500;
    h->state = FORMAT_RUNNING;
    while (mono_clock() < began + 5000000)
        ;
    live = sample_read("live", READER_LIVE);
    save(live, "packed");
    packed = sample_read("packed", READER_COPY);
    assert_int_equal(reader_now(packed), reader_now(live));
    assert_in_range(reader_ns(packed, 1000000000),
                    reader_ns(live, 1000000000) * 99 / 100,
                    reader_ns(live, 1000000000) * 101 / 100);
    reader_close(packed);
    reader_close(live);
    writer_close(w);
}

/* A file that is there already stays as it is when saving fails. */

static bool
save_with_limit(void)
{
    struct rlimit limit = {4000, 4000};
    struct reader *r;
    struct err err = {""};

    signal(SIGXFSZ, SIG_IGN);
    return reader_open(&r, scratch_path("live"), READER_LIVE, NULL) &&
           setrlimit(RLIMIT_FSIZE, &limit) == 0 &&
           !packer_save(r, scratch_path("packed"), &err) && strstr(err.text, "packed");
}

static void
test_packer_failing_leaves_the_old_one(void **state)
{
    struct writer *w = sample_open("live");
    struct reader *r = sample_read("live", READER_LIVE);
    int status;
    pid_t pid;

    (void)state;
    save(r, "packed");
    pid = fork();
    if (pid == 0)
        _exit(save_with_limit() ? 0 : 1);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    assert_int_equal(scratch_count(0), 2);
    reader_close(r);
    r = sample_read("packed", READER_COPY);
    assert_int_equal(reader_count(r, FORMAT_LINES), 3);
    reader_close(r);
    writer_close(w);
}

static void
test_packer_follows_no_link(void **state)
{
    struct writer *w = sample_open("live");
    struct reader *r = sample_read("live", READER_LIVE);
    struct err err = {""};

    (void)state;
    assert_int_equal(symlink(scratch_path("elsewhere"), scratch_path("packed")), 0);
    assert_false(packer_save(r, scratch_path("packed"), &err));
    assert_non_null(strstr(err.text, "symbolic link"));
    assert_int_equal(scratch_count(0), 2);
    reader_close(r);
    writer_close(w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_packer_saves_every_record, scratch_clear),
        cmocka_unit_test_teardown(test_packer_saves_what_the_reader_saw, scratch_clear),
        cmocka_unit_test_teardown(test_packer_keeps_the_time_of_a_running_session,
                                  scratch_clear),
        cmocka_unit_test_teardown(test_packer_failing_leaves_the_old_one,
                                  scratch_clear),
        cmocka_unit_test_teardown(test_packer_follows_no_link, scratch_clear),
    };

    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/xalloc.h"
#include "cli/folder.h"
#include "cli/keeper.h"
#include "session/reader.h"
#include "session/writer.h"
#include "tests/base/scratch.h"

/* A run that is over and left a session. */
static void
make_run(struct launch *l)
{
    struct writer *w;

    *l = (struct launch){.control_fd = -1, .pty_fd = -1};
    assert_true(folder_make(&l->folder, NULL, NULL));
    l->session = xalloc_printf("%s/session", l->folder);
    assert_true(writer_open(&w, l->session, NULL));
    writer_close(w);
}

static void
test_keeper_saves_a_recording(void **state)
{
    struct launch l;
    struct reader *r;
    struct err err = {""};

    (void)state;
    make_run(&l);
    if (!keeper_save(&l, scratch_path("a.ttrace"), &err))
        fail_msg("%s", err.text);
    launch_end(&l);
    assert_int_equal(scratch_count(0), 1);
    assert_true(reader_open(&r, scratch_path("a.ttrace"), READER_COPY, &err));
    reader_close(r);
}

static void
test_keeper_failure_loses_nothing(void **state)
{
    struct launch l;
    struct stat st;
    struct err err = {""};
    char *session, *folder;

    (void)state;
    make_run(&l);
    session = xalloc_copy(l.session);
    folder = xalloc_copy(l.folder);
    assert_false(keeper_save(&l, scratch_path("none/a.ttrace"), &err));
    assert_non_null(strstr(err.text, session));
    launch_end(&l);
    assert_int_equal(stat(session, &st), 0);
    folder_remove(folder);
    assert_int_equal(stat(folder, &st), -1);
    free(session);
    free(folder);
}

static void
test_keeper_says_when_nothing_was_recorded(void **state)
{
    struct launch l;
    struct err err = {""};

    (void)state;
    make_run(&l);
    unlink(l.session);
    assert_false(keeper_save(&l, "a.ttrace", &err));
    assert_string_equal(err.text, "a.ttrace: nothing was recorded");
    launch_end(&l);
    assert_int_equal(scratch_count(0), 0);
}

static void
test_keeper_check_finds_out_beforehand(void **state)
{
    struct err err = {""};

    (void)state;
    assert_true(keeper_check(scratch_path("a.ttrace"), &err));
    assert_true(file_write(scratch_path("a.ttrace"), "", 0, NULL));
    assert_true(keeper_check(scratch_path("a.ttrace"), &err));
    assert_true(keeper_check("a.ttrace", &err));
    assert_false(keeper_check(scratch_path("none/a.ttrace"), &err));
    assert_non_null(strstr(err.text, "none/a.ttrace: No such file"));
    assert_false(keeper_check(scratch_dir, &err));
    assert_int_equal(symlink("a.ttrace", scratch_path("link")), 0);
    assert_false(keeper_check(scratch_path("link"), &err));
    assert_non_null(strstr(err.text, "a symbolic link"));
    assert_true(file_write(scratch_path("app.py"), "print()\n", 8, NULL));
    assert_false(keeper_check(scratch_path("app.py"), &err));
    assert_non_null(strstr(err.text, "no recording, so it is not written over"));
}

static int
set_up(void **state)
{
    setenv("TMPDIR", scratch_dir, 1);
    unsetenv("XDG_RUNTIME_DIR");
    return scratch_clear(state);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, scratch_clear)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_keeper_saves_a_recording),
        TEST(test_keeper_failure_loses_nothing),
        TEST(test_keeper_says_when_nothing_was_recorded),
        TEST(test_keeper_check_finds_out_beforehand),
    };

    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}

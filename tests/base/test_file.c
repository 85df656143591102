#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "tests/base/scratch.h"

static void
assert_holds(const char *path, const char *want)
{
    struct buf b = {0};
    struct err err = {""};

    if (!file_read(path, 1 << 20, &b, &err))
        fail_msg("%s", err.text);
    assert_string_equal(buf_str(&b), want);
    buf_release(&b);
}

static mode_t
mode_of(const char *path)
{
    struct stat st;

    assert_int_equal(lstat(path, &st), 0);
    return st.st_mode & 07777;
}

static void
test_file_reads_what_was_written(void **state)
{
    const char *path = scratch_path("a");
    char bytes[200000];
    struct buf b = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (char)(i * 7);
    assert_true(file_write(path, bytes, sizeof(bytes), NULL));
    buf_add_str(&b, "before");
    assert_true(file_read(path, sizeof(bytes), &b, NULL));
    assert_int_equal(b.len, 6 + sizeof(bytes));
    assert_memory_equal(b.data, "before", 6);
    assert_memory_equal(b.data + 6, bytes, sizeof(bytes));
    buf_release(&b);
    assert_true(file_write(path, "", 0, NULL));
    assert_holds(path, "");
}

static void
test_file_read_keeps_the_limit(void **state)
{
    const char *path = scratch_path("a");
    struct buf b = {0};
    struct err err = {""};

    (void)state;
    assert_true(file_write(path, "12345", 5, NULL));
    buf_add_str(&b, "x");
    assert_false(file_read(path, 4, &b, &err));
    assert_non_null(strstr(err.text, "larger than 4 bytes"));
    assert_string_equal(buf_str(&b), "x");
    assert_true(file_read(path, 5, &b, &err));
    assert_string_equal(buf_str(&b), "x12345");
    buf_release(&b);
}

/* The size of such a file is said to be 0. */
static void
test_file_reads_proc(void **state)
{
    struct buf b = {0};

    (void)state;
    assert_true(file_read("/proc/self/status", 1 << 20, &b, NULL));
    assert_non_null(strstr(buf_str(&b), "Pid:"));
    buf_clear(&b);
    assert_false(file_read("/proc/self/status", 10, &b, NULL));
    assert_int_equal(b.len, 0);
    buf_release(&b);
}

static void
test_file_read_refuses_what_is_no_file(void **state)
{
    const char *fifo = scratch_path("fifo");
    struct buf b = {0};
    struct err err = {""};

    (void)state;
    assert_int_equal(mkfifo(fifo, 0600), 0);
    alarm(20); /* would otherwise wait for ever */
    assert_false(file_read(fifo, 100, &b, &err));
    alarm(0);
    assert_non_null(strstr(err.text, "fifo: is a FIFO, not a file"));
    assert_false(file_read(scratch_dir, 100, &b, &err));
    assert_non_null(strstr(err.text, "is a folder"));
    assert_false(file_read("/dev/zero", 100, &b, &err));
    assert_non_null(strstr(err.text, "is a device"));
    assert_false(file_read(scratch_path("none"), 100, &b, &err));
    assert_non_null(strstr(err.text, strerror(ENOENT)));
    assert_null(b.data);
}

static void
test_file_write_refuses_what_is_no_file(void **state)
{
    const char *link = scratch_path("link");
    const char *target = scratch_path("target");
    const char *fifo = scratch_path("fifo");
    struct err err = {""};

    (void)state;
    assert_true(file_write(target, "old", 3, NULL));
    assert_int_equal(symlink(target, link), 0);
    assert_int_equal(mkfifo(fifo, 0600), 0);
    assert_false(file_write(link, "new", 3, &err));
    assert_non_null(strstr(err.text, "link: is a symbolic link"));
    assert_holds(target, "old");
    alarm(20);
    assert_false(file_write(fifo, "new", 3, &err));
    alarm(0);
    assert_non_null(strstr(err.text, "is a FIFO"));
    assert_false(file_write("/dev/null", "new", 3, &err));
    assert_non_null(strstr(err.text, "is a device"));
    assert_false(file_write(scratch_dir, "new", 3, &err));
    assert_non_null(strstr(err.text, "is a folder"));
    assert_false(file_write(scratch_path("none/a"), "new", 3, &err));
    assert_non_null(strstr(err.text, strerror(ENOENT)));
    assert_false(file_write(scratch_path("none/"), "new", 3, &err));
    assert_int_equal(scratch_count(0), 3); /* no drafts are left */
}

static void
test_file_write_keeps_modes(void **state)
{
    const char *path = scratch_path("a");
    mode_t old = umask(027);

    (void)state;
    assert_true(file_write(path, "1", 1, NULL));
    assert_int_equal(mode_of(path), 0640);
    assert_int_equal(chmod(path, 0604), 0);
    assert_true(file_write(path, "2", 1, NULL));
    assert_int_equal(mode_of(path), 0604);
    umask(old);
}

/* Runs `body` in a child that may write at most `limit` bytes to a file; true if it
 * returned true. */
static bool
with_file_limit(rlim_t limit, bool (*body)(void))
{
    pid_t pid = fork();
    int status;

    if (pid == 0) {
        struct rlimit r = {limit, limit};

        signal(SIGXFSZ, SIG_IGN);
        _exit(setrlimit(RLIMIT_FSIZE, &r) == 0 && body() ? 0 : 1);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status == 0;
}

static bool
write_much(void)
{
    static char much[100000];
    struct err err = {""};

    return !file_write(scratch_path("a"), much, sizeof(much), &err) &&
           strstr(err.text, strerror(EFBIG));
}

static void
test_file_failing_write_leaves_the_old_one(void **state)
{
    (void)state;
    assert_true(file_write(scratch_path("a"), "old", 3, NULL));
    assert_true(with_file_limit(5000, write_much));
    assert_holds(scratch_path("a"), "old");
    assert_int_equal(scratch_count(0), 1);
}

static void
test_file_abandoned_draft_leaves_the_old_one(void **state)
{
    const char *path = scratch_path("a");
    struct file_draft d;

    (void)state;
    assert_true(file_write(path, "old", 3, NULL));
    assert_true(file_begin(&d, path, 0600, NULL));
    assert_true(file_add(&d, "ne", 2, NULL));
    file_abandon(&d);
    assert_holds(path, "old");
    assert_int_equal(scratch_count(0), 1);
    assert_true(file_begin(&d, path, 0600, NULL));
    assert_true(file_add(&d, "ne", 2, NULL));
    assert_true(file_add(&d, "w", 1, NULL));
    assert_holds(path, "old");
    assert_true(file_commit(&d, NULL));
    assert_holds(path, "new");
    assert_int_equal(scratch_count(0), 1);
}

static void
test_file_writes_beside_a_long_name(void **state)
{
    char name[256];
    const char *path;

    (void)state;
    memset(name, 'n', 255);
    name[255] = '\0';
    path = scratch_path(name);
    assert_true(file_write(path, "x", 1, NULL));
    assert_holds(path, "x");
}

static void
test_file_writes_in_the_current_folder(void **state)
{
    char old[4096];

    (void)state;
    assert_non_null(getcwd(old, sizeof(old)));
    assert_int_equal(chdir(scratch_dir), 0);
    assert_true(file_write("plain", "x", 1, NULL));
    assert_int_equal(chdir(old), 0);
    assert_holds(scratch_path("plain"), "x");
}

static void
test_file_makes_folders(void **state)
{
    struct err err = {""};
    struct stat st;

    (void)state;
    assert_true(file_make_dir(scratch_path("d/e//f/"), &err));
    assert_int_equal(stat(scratch_path("d/e/f"), &st), 0);
    assert_true(S_ISDIR(st.st_mode));
    assert_true(file_make_dir(scratch_path("d/e/f"), &err));
    assert_true(file_make_dir("/", &err));
    assert_true(file_write(scratch_path("a"), "x", 1, NULL));
    assert_false(file_make_dir(scratch_path("a"), &err));
    assert_non_null(strstr(err.text, "not a folder"));
    assert_false(file_make_dir(scratch_path("a/b"), &err));
    assert_non_null(strstr(err.text, strerror(ENOTDIR)));
    assert_int_equal(rmdir(scratch_path("d/e/f")), 0);
    assert_int_equal(rmdir(scratch_path("d/e")), 0);
}

static void
assert_splits(const char *path, const char *folder, const char *name)
{
    char *got = file_folder(path);

    assert_string_equal(got, folder);
    assert_string_equal(file_name(path), name);
    free(got);
}

static void
test_file_splits_paths(void **state)
{
    (void)state;
    assert_splits("a.py", ".", "a.py");
    assert_splits("", ".", "");
    assert_splits("/a.py", "/", "a.py");
    assert_splits("b/c/a.py", "b/c/", "a.py");
    assert_splits("../b/", "../b/", "");
}

static void
test_file_moves_descriptors_up(void **state)
{
    struct rlimit all, few;
    int fds[2], high;
    char got;

    (void)state;
    assert_int_equal(pipe(fds), 0);
    high = file_move_up(fds[0]);
    assert_true(high >= 240);
    assert_int_equal(fcntl(high, F_GETFD), FD_CLOEXEC);
    assert_int_equal(fcntl(fds[0], F_GETFD), -1);
    assert_int_equal(write(fds[1], "x", 1), 1);
    assert_int_equal(read(high, &got, 1), 1);
    assert_int_equal(file_move_up(-1), -1);

    assert_int_equal(getrlimit(RLIMIT_NOFILE, &all), 0);
    few = (struct rlimit){64, all.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
    assert_int_equal(file_move_up(fds[1]), fds[1]);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &all), 0);
    assert_int_equal(write(fds[1], "y", 1), 1);
    close(fds[1]);
    close(high);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_file_reads_what_was_written, scratch_clear),
        cmocka_unit_test_teardown(test_file_read_keeps_the_limit, scratch_clear),
        cmocka_unit_test(test_file_reads_proc),
        cmocka_unit_test_teardown(test_file_read_refuses_what_is_no_file,
                                  scratch_clear),
        cmocka_unit_test_teardown(test_file_write_refuses_what_is_no_file,
                                  scratch_clear),
        cmocka_unit_test_teardown(test_file_write_keeps_modes, scratch_clear),
        cmocka_unit_test_teardown(test_file_failing_write_leaves_the_old_one,
                                  scratch_clear),
        cmocka_unit_test_teardown(test_file_abandoned_draft_leaves_the_old_one,
                                  scratch_clear),
        cmocka_unit_test_teardown(test_file_writes_beside_a_long_name, scratch_clear),
        cmocka_unit_test_teardown(test_file_writes_in_the_current_folder,
                                  scratch_clear),
        cmocka_unit_test_teardown(test_file_makes_folders, scratch_clear),
        cmocka_unit_test(test_file_splits_paths),
        cmocka_unit_test(test_file_moves_descriptors_up),
    };

    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/session/child.h"
#include "tests/session/sample.h"

/* The store is tested through the writer, as it is used. */

static void
test_store_makes_a_private_small_file(void **state)
{
    mode_t old = umask(0);
    struct writer *w = sample_new("s");
    struct stat st;

    (void)state;
    umask(old);
    assert_int_equal(stat(scratch_path("s"), &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_true(st.st_blocks * 512 < 256 * 1024);
    assert_int_equal(writer_header(w)->pid, (uint32_t)getpid());
    writer_close(w);
}

static void
test_store_refuses_what_is_there(void **state)
{
    struct writer *w = sample_new("s");
    struct err err = {""};

    (void)state;
    assert_int_equal(symlink(scratch_path("t"), scratch_path("link")), 0);
    writer_close(w);
    assert_false(writer_open(&w, scratch_path("s"), &err));
    assert_non_null(strstr(err.text, strerror(EEXIST)));
    assert_null(w);
    assert_false(writer_open(&w, scratch_path("link"), &err));
    assert_false(writer_open(&w, scratch_path("none/s"), &err));
    assert_non_null(strstr(err.text, strerror(ENOENT)));
    assert_int_equal(scratch_count(0), 2);
}

/* A limit on the size of files */

static bool
set_file_limit(rlim_t limit)
{
    struct rlimit r = {limit, limit};

    signal(SIGXFSZ, SIG_DFL); /* deadly if it comes */
    return setrlimit(RLIMIT_FSIZE, &r) == 0;
}

static bool
write_with_limit(void)
{
    struct writer *w;

    if (!set_file_limit(100 << 20) || !writer_open(&w, scratch_path("s"), NULL))
        return false;
    for (uint32_t i = 0; i < 20000; i++) {
        if (!sample_line(w, 0, i, i))
            return false;
    }
    return sample_string(w, "text") != 0;
}

static bool
fail_with_limit(void)
{
    struct writer *w;
    struct err err = {""};

    return set_file_limit(10000) && !writer_open(&w, scratch_path("s"), &err) &&
           strstr(err.text, strerror(EFBIG));
}

static void
test_store_lives_with_a_file_limit(void **state)
{
    struct reader *r;

    (void)state;
    assert_int_equal(child_run(write_with_limit), 0);
    r = sample_read("s", READER_COPY);
    assert_int_equal(reader_count(r, FORMAT_LINES), 20000);
    reader_close(r);
}

static void
test_store_says_that_a_file_limit_is_too_low(void **state)
{
    (void)state;
    assert_int_equal(child_run(fail_with_limit), 0);
    assert_int_equal(scratch_count(0), 0);
}

/* A full disk: a small one of our own, where the kernel lets us have it */

#define NO_DISK 77

static bool
put(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool ok = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

    close(fd);
    return ok;
}

static void
mount_small_disk(void)
{
    char uids[32], gids[32];

    snprintf(uids, sizeof(uids), "0 %u 1", (unsigned)getuid());
    snprintf(gids, sizeof(gids), "0 %u 1", (unsigned)getgid());
    if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0 ||
        !put("/proc/self/setgroups", "deny") || !put("/proc/self/uid_map", uids) ||
        !put("/proc/self/gid_map", gids) ||
        mount("tmpfs", scratch_dir, "tmpfs", 0, "size=1m,mode=700") < 0)
        _exit(NO_DISK);
}

static void
expect_in_small_disk(bool (*body)(void))
{
    int status = child_run(body);

    if (WIFEXITED(status) && WEXITSTATUS(status) == NO_DISK)
        skip();
    assert_int_equal(status, 0);
}

/* All records there are can still be written to, and are there for a reader. */
static bool
fill_the_disk(void)
{
    struct writer *w;
    struct reader *r;
    uint32_t n = 0;

    mount_small_disk();
    if (!writer_open(&w, scratch_path("s"), NULL))
        return false;
    while (sample_line(w, 0, n + 1, n))
        n++;
    for (uint32_t i = 0; i < n; i++)
        ((struct format_line *)writer_record(w, FORMAT_LINES, i))->hits = i + 1;
    if (n < 10000 || writer_header(w)->n_dropped != 1 || sample_node(w, 0, 0) ||
        !reader_open(&r, scratch_path("s"), READER_COPY, NULL))
        return false;
    return reader_count(r, FORMAT_LINES) == n &&
           reader_load(&reader_line(r, n - 1)->hits) == n;
}

static bool
find_room_again(void)
{
    struct writer *w;
    uint32_t n = 0;
    int fd;

    mount_small_disk();
    fd = open(scratch_path("ballast"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (posix_fallocate(fd, 0, 512 << 10) != 0 ||
        !writer_open(&w, scratch_path("s"), NULL))
        return false;
    while (sample_line(w, 0, n, 0))
        n++;
    if (ftruncate(fd, 0) < 0)
        return false;
    for (uint32_t i = 0; i < 5000 && !sample_line(w, 0, n, 0); i++)
        ;
    return writer_count(w, FORMAT_LINES) == n + 1 && sample_line(w, 0, n + 1, 0);
}

static bool
open_on_a_full_disk(void)
{
    struct writer *w;
    struct err err = {""};
    int fd;

    mount_small_disk();
    fd = open(scratch_path("ballast"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    return posix_fallocate(fd, 0, (1 << 20) - 4096) == 0 &&
           !writer_open(&w, scratch_path("s"), &err) && err.text[0] &&
           scratch_count(0) == 1;
}

static void
test_store_full_disk_drops(void **state)
{
    (void)state;
    expect_in_small_disk(fill_the_disk);
}

static void
test_store_full_disk_is_tried_again(void **state)
{
    (void)state;
    expect_in_small_disk(find_room_again);
}

static void
test_store_needs_some_room_to_start(void **state)
{
    (void)state;
    expect_in_small_disk(open_on_a_full_disk);
}

/* A program that closes descriptors it did not open */

static bool
close_them_all(void)
{
    struct writer *w;
    struct stat st;
    int theirs[16];

    if (!writer_open(&w, scratch_path("s"), NULL))
        return false;
    for (int fd = 3; fd < 64; fd++)
        close(fd);
    for (int i = 0; i < 16; i++)
        theirs[i] = open(scratch_path("theirs"), O_RDWR | O_CREAT, 0600);
    if (chdir("/") < 0)
        return false;
    for (uint32_t i = 0; i < 20000; i++) {
        if (!sample_line(w, 0, i, i))
            return false;
    }
    writer_close(w);
    return fstat(theirs[0], &st) == 0 && st.st_size == 0 && st.st_blocks == 0;
}

static void
test_store_survives_closed_descriptors(void **state)
{
    struct reader *r;

    (void)state;
    assert_int_equal(child_run(close_them_all), 0);
    r = sample_read("s", READER_COPY);
    assert_int_equal(reader_count(r, FORMAT_LINES), 20000);
    reader_close(r);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_store_makes_a_private_small_file, scratch_clear),
        cmocka_unit_test_teardown(test_store_refuses_what_is_there, scratch_clear),
        cmocka_unit_test_teardown(test_store_lives_with_a_file_limit, scratch_clear),
        cmocka_unit_test_teardown(test_store_says_that_a_file_limit_is_too_low,
                                  scratch_clear),
        cmocka_unit_test_teardown(test_store_full_disk_drops, scratch_clear),
        cmocka_unit_test_teardown(test_store_full_disk_is_tried_again, scratch_clear),
        cmocka_unit_test_teardown(test_store_needs_some_room_to_start, scratch_clear),
        cmocka_unit_test_teardown(test_store_survives_closed_descriptors,
                                  scratch_clear),
    };

    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}

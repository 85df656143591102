#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "cli/conf_files.h"

/* A folder with home/ and, below it, project/sub/; removed after each test. */
static char root[512];

static const char *
path_of(const char *name)
{
    static char paths[16][1024];
    static unsigned next;
    char *path = paths[next++ % 16];

    snprintf(path, sizeof(paths[0]), "%s/%s", root, name);
    return path;
}

static int
set_up(void **state)
{
    const char *tmp = getenv("TMPDIR");

    (void)state;
    umask(022);
    snprintf(root, sizeof(root), "%s/ttrace-test-XXXXXX", tmp ? tmp : "/tmp");
    if (!mkdtemp(root) || !file_make_dir(path_of("home/project/sub"), NULL))
        return -1;
    setenv("HOME", path_of("home"), 1);
    unsetenv("XDG_CONFIG_HOME");
    return 0;
}

static int
tear_down(void **state)
{
    char command[600];

    (void)state;
    snprintf(command, sizeof(command), "rm -rf '%s'", root);
    return system(command);
}

static void
write_file(const char *name, const char *text)
{
    assert_true(file_write(path_of(name), text, strlen(text), NULL));
}

/* What the project's rules are worth: the fps that hold, read from sub/. */
static int
load(struct buf *notes)
{
    struct conf c;
    struct err err = {""};
    int fps;

    conf_init(&c);
    if (!conf_files_load(&c, path_of("home/project/sub"), notes, &err))
        fail_msg("%s", err.text);
    fps = conf_int(&c, CONF_FPS);
    conf_release(&c);
    return fps;
}

static void
assert_loads(int want)
{
    struct buf notes = {0};

    assert_int_equal(load(&notes), want);
    assert_string_equal(buf_str(&notes), "");
    buf_release(&notes);
}

static void
assert_left_alone(const char *why)
{
    struct buf notes = {0};

    assert_int_equal(load(&notes), 20);
    if (!strstr(buf_str(&notes), why))
        fail_msg("wanted: %s\ngot: %s", why, buf_str(&notes));
    buf_release(&notes);
}

static void
test_conf_files_nearer_file_wins(void **state)
{
    (void)state;
    assert_loads(20);
    assert_true(file_make_dir(path_of("home/.config/ttrace"), NULL));
    write_file("home/.config/ttrace/config.yaml", "ui: {fps: 1}\n");
    assert_loads(1);
    write_file("home/project/.ttrace.yaml", "ui: {fps: 2}\n");
    assert_loads(2);
    write_file("home/project/sub/.ttrace.yaml", "ui: {fps: 3}\n");
    assert_loads(3);
    /* The nearest is the only one of its kind. */
    write_file("home/project/sub/.ttrace.yaml", "ui: {ascii: true}\n");
    assert_loads(1);
}

static void
test_conf_files_xdg_says_where_the_users_file_is(void **state)
{
    (void)state;
    assert_true(file_make_dir(path_of("xdg/ttrace"), NULL));
    write_file("xdg/ttrace/config.yaml", "ui: {fps: 4}\n");
    setenv("XDG_CONFIG_HOME", path_of("xdg"), 1);
    assert_loads(4);
    setenv("XDG_CONFIG_HOME", "relative", 1);
    assert_loads(20);
}

static void
test_conf_files_search_ends_at_a_border(void **state)
{
    (void)state;
    write_file(".ttrace.yaml", "ui: {fps: 5}\n"); /* above the home folder */
    assert_loads(20);
    write_file("home/.ttrace.yaml", "ui: {fps: 6}\n");
    assert_loads(6);
    write_file("home/project/pyproject.toml", "");
    assert_loads(20);
    write_file("home/project/.ttrace.yaml", "ui: {fps: 7}\n");
    assert_loads(7);
    assert_true(file_make_dir(path_of("home/project/sub/.git"), NULL));
    assert_loads(20);
}

static void
test_conf_files_errors_have_the_file_and_the_place(void **state)
{
    struct buf notes = {0};
    struct err err = {""};
    struct conf c;
    char want[1200];

    (void)state;
    write_file("home/project/.ttrace.yaml", "ui:\n  fsp: 1\n");
    conf_init(&c);
    assert_false(conf_files_load(&c, path_of("home/project"), &notes, &err));
    snprintf(want, sizeof(want),
             "%s/home/project/.ttrace.yaml:2:3: unknown key 'fsp' in ui; did you mean "
             "'fps'?",
             root);
    assert_string_equal(err.text, want);
    conf_release(&c);
    buf_release(&notes);
}

static void
test_conf_files_leaves_alone_what_others_can_write(void **state)
{
    const char *file = path_of("home/project/.ttrace.yaml");
    const char *folder = path_of("home/project");

    (void)state;
    write_file("home/project/.ttrace.yaml", "ui: {fps: 8}\n");
    assert_loads(8);
    chmod(file, 0664);
    assert_left_alone("others can write to it");
    chmod(file, 0646);
    assert_left_alone("others can write to it");
    chmod(file, 0644);
    chmod(folder, 0777);
    assert_left_alone("others can write to its folder");
    chmod(folder, 01777);
    assert_left_alone("others can write to its folder");
    chmod(folder, 0755);
    assert_loads(8);
}

static void
test_conf_files_leaves_alone_what_is_somebody_elses(void **state)
{
    const char *file = path_of("home/project/.ttrace.yaml");

    (void)state;
    if (geteuid() != 0)
        skip();
    write_file("home/project/.ttrace.yaml", "ui: {fps: 8}\n");
    assert_int_equal(chown(file, 12345, (gid_t)-1), 0);
    assert_left_alone("it belongs to user 12345");
    assert_int_equal(chown(file, 0, (gid_t)-1), 0);
    assert_int_equal(chown(path_of("home/project"), 12345, (gid_t)-1), 0);
    assert_left_alone("its folder belongs to user 12345");
}

static void
test_conf_files_follows_no_link_and_waits_for_no_fifo(void **state)
{
    const char *file = path_of("home/project/.ttrace.yaml");

    (void)state;
    write_file("home/real.yaml", "ui: {fps: 9}\n");
    assert_int_equal(symlink(path_of("home/real.yaml"), file), 0);
    assert_left_alone("it is a symbolic link");
    unlink(file);
    assert_int_equal(mkfifo(file, 0600), 0);
    assert_left_alone("it is no regular file");
    unlink(file);
    assert_int_equal(mkdir(file, 0700), 0);
    assert_left_alone("it is no regular file");
}

static void
test_conf_files_size_has_a_limit(void **state)
{
    struct buf text = {0}, notes = {0};
    struct err err = {""};
    struct conf c;

    (void)state;
    while (text.len < 200000)
        buf_add_str(&text, "# more\n");
    write_file("home/project/.ttrace.yaml", text.data);
    conf_init(&c);
    assert_false(conf_files_load(&c, path_of("home/project"), &notes, &err));
    assert_non_null(strstr(err.text, ".ttrace.yaml: larger than 64 KiB"));
    conf_release(&c);
    buf_release(&text);
    buf_release(&notes);
}

static void
test_conf_files_named_file_must_be_there(void **state)
{
    struct err err = {""};
    struct conf c;

    (void)state;
    conf_init(&c);
    assert_false(conf_files_load_one(&c, path_of("none.yaml"), &err));
    assert_non_null(strstr(err.text, "none.yaml"));
    write_file("one.yaml", "exit: kill\n");
    assert_true(conf_files_load_one(&c, path_of("one.yaml"), &err));
    assert_string_equal(conf_text(&c, CONF_EXIT), "kill");
    conf_release(&c);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_conf_files_nearer_file_wins),
        TEST(test_conf_files_xdg_says_where_the_users_file_is),
        TEST(test_conf_files_search_ends_at_a_border),
        TEST(test_conf_files_errors_have_the_file_and_the_place),
        TEST(test_conf_files_leaves_alone_what_others_can_write),
        TEST(test_conf_files_leaves_alone_what_is_somebody_elses),
        TEST(test_conf_files_follows_no_link_and_waits_for_no_fifo),
        TEST(test_conf_files_size_has_a_limit),
        TEST(test_conf_files_named_file_must_be_there),
    };

    setlocale(LC_ALL, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}

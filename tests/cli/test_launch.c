/* The runner is a shell script here, which writes down what it sees. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/xalloc.h"
#include "cli/launch.h"
#include "session/control.h"
#include "tests/base/scratch.h"

/* A plan whose runner is this script. $OUT is where it should write to. */
static void
make_plan(struct plan *plan, const char *script)
{
    char *text = xalloc_printf("#!/bin/sh\n%s\n", script);
    const char *path = scratch_path("runner");

    assert_true(file_write(path, text, strlen(text), NULL));
    assert_int_equal(chmod(path, 0755), 0);
    setenv("OUT", scratch_path("out"), 1);
    setenv("DIR", scratch_dir, 1);
    *plan = (struct plan){.runner = xalloc_copy(path)};
    plan->python.exe = xalloc_copy("/opt/python3");
    texts_add(&plan->options, "--mode=full");
    free(text);
}

static void
start(struct launch *l, const struct plan *plan, enum launch_how how)
{
    struct texts program = {0};
    struct err err = {""};

    texts_add(&program, "-u");
    texts_add(&program, "a b.py");
    if (!launch_start(l, plan, &program, how, NULL, &err))
        fail_msg("%s", err.text);
    texts_release(&program);
}

static int
wait_for(pid_t pid)
{
    int status;

    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

/* Runs the script to its end and returns what it wrote to $OUT. */
static char *
run(const char *script, enum launch_how how)
{
    struct launch l;
    struct plan plan;
    struct buf out = {0};

    make_plan(&plan, script);
    start(&l, &plan, how);
    assert_int_equal(wait_for(l.pid), 0);
    launch_end(&l);
    plan_release(&plan);
    assert_true(file_read(scratch_path("out"), 1 << 16, &out, NULL));
    return buf_take(&out);
}

static void
test_launch_tells_the_runner_what_to_do(void **state)
{
    struct launch l;
    struct plan plan;
    struct buf out = {0};
    char *want;

    (void)state;
    make_plan(&plan, "printf '%s\\n' \"$@\" >$OUT");
    start(&l, &plan, LAUNCH_PLAIN);
    assert_int_equal(wait_for(l.pid), 0);
    assert_true(file_read(scratch_path("out"), 1 << 16, &out, NULL));
    want = xalloc_printf("--session=%s\n--control=", l.session);
    assert_memory_equal(out.data, want, strlen(want));
    assert_string_equal(strstr(out.data, "\n--exe"),
                        "\n--exe=/opt/python3\n--mode=full\n--\n-u\na b.py\n");
    free(want);
    buf_release(&out);
    launch_end(&l);
    plan_release(&plan);
}

static void
test_launch_folder_is_private_and_goes_away(void **state)
{
    struct launch l;
    struct plan plan;
    struct stat st;
    char *folder;

    (void)state;
    make_plan(&plan, "f=${1#--session=}; echo x >$f; echo y >$f.123");
    start(&l, &plan, LAUNCH_PLAIN);
    assert_int_equal(wait_for(l.pid), 0);
    folder = xalloc_copy(l.folder);
    assert_memory_equal(folder, scratch_dir, strlen(scratch_dir));
    assert_int_equal(stat(folder, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0700);
    assert_int_equal(access(l.session, F_OK), 0);
    launch_end(&l);
    assert_int_equal(stat(folder, &st), -1);
    free(folder);
    plan_release(&plan);
}

static void
test_launch_that_fails_leaves_nothing(void **state)
{
    struct launch l;
    struct plan plan;
    struct texts program = {0};
    struct err err = {""};
    char *want;

    (void)state;
    make_plan(&plan, "");
    unlink(plan.runner);
    assert_false(launch_start(&l, &plan, &program, LAUNCH_PLAIN, NULL, &err));
    want = xalloc_printf("cannot start %s: No such file or directory", plan.runner);
    assert_string_equal(err.text, want);
    assert_int_equal(scratch_count(0), 0);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    free(want);
    plan_release(&plan);
}

static void
test_launch_child_has_the_channel_and_no_more(void **state)
{
    char *out = run(
        "n=${2#--control=}; readlink /proc/$$/fd/$n >$OUT\n"
        "for f in /proc/$$/fd/*; do [ ${f##*/} -lt 3 ] || readlink $f; done >$DIR/fds\n"
        "grep -c socket: $DIR/fds >>$OUT; grep -c ptmx $DIR/fds >>$OUT\n"
        "grep SigBlk /proc/self/status >>$OUT",
        LAUNCH_PLAIN);
    char *rest = NULL;

    (void)state;
    assert_memory_equal(strtok_r(out, "\n", &rest), "socket:", 7);
    assert_string_equal(strtok_r(NULL, "\n", &rest), "1");
    assert_string_equal(strtok_r(NULL, "\n", &rest), "0");
    assert_string_equal(strtok_r(NULL, "\n", &rest), "SigBlk:\t0000000000000000");
    free(out);
}

static void
test_launch_channel_ends_with_the_runner(void **state)
{
    struct control_msg msg;
    struct launch l;
    struct plan plan;

    (void)state;
    make_plan(&plan, "read line <$DIR/go");
    assert_int_equal(mkfifo(scratch_path("go"), 0600), 0);
    start(&l, &plan, LAUNCH_PLAIN);
    assert_int_equal(control_recv(l.control_fd, &msg), 0); /* does not block */
    kill(l.pid, SIGKILL);
    assert_int_equal(launch_exit_status(wait_for(l.pid)), 137);
    assert_int_equal(control_recv(l.control_fd, &msg), -1);
    launch_end(&l);
    plan_release(&plan);
}

static void
test_launch_exit_status_is_a_shells(void **state)
{
    static const struct {
        const char *script;
        int status;
    } table[] = {{"exit 0", 0}, {"exit 7", 7}, {"kill -TERM $$", 143}};

    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct launch l;
        struct plan plan;

        make_plan(&plan, table[i].script);
        start(&l, &plan, LAUNCH_PLAIN);
        assert_int_equal(launch_exit_status(wait_for(l.pid)), table[i].status);
        launch_end(&l);
        plan_release(&plan);
    }
}

/* Terminals */

struct pair {
    int master;
    int saved; /* what was standard input */
    char name[64];
};

/* Makes a terminal the standard input of this process. */
static void
sit_at_terminal(struct pair *p)
{
    int slave;

    p->master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    assert_true(p->master >= 0 && !grantpt(p->master) && !unlockpt(p->master));
    assert_int_equal(ptsname_r(p->master, p->name, sizeof(p->name)), 0);
    slave = open(p->name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    p->saved = fcntl(0, F_DUPFD_CLOEXEC, 3);
    assert_true(slave >= 0 && p->saved >= 0);
    assert_int_equal(dup2(slave, 0), 0);
    close(slave);
}

static void
leave_terminal(struct pair *p)
{
    dup2(p->saved, 0);
    close(p->saved);
    close(p->master);
}

static void
test_launch_gives_a_terminal_for_a_terminal(void **state)
{
    struct pair pair;
    char *out, *rest = NULL, *line;
    char want[80];

    (void)state;
    setenv("TERM", "vt52", 1);
    setenv("COLUMNS", "7", 1);
    sit_at_terminal(&pair);
    /* The output is not a terminal and stays what it is. */
    out = run("tty >$OUT; : </dev/tty && ps -o tty= -p $$ >>$OUT; "
              "echo $TERM $COLUMNS >>$OUT; ps -o sid= -p $$ >>$OUT; echo $$ >>$OUT",
              LAUNCH_SCREEN);
    leave_terminal(&pair);
    line = strtok_r(out, "\n", &rest);
    assert_memory_equal(line, "/dev/pts/", 9);
    assert_string_not_equal(line, pair.name);
    snprintf(want, sizeof(want), "%s", line + strlen("/dev/"));
    line = strtok_r(NULL, "\n", &rest);
    assert_string_equal(line, want); /* it controls the session */
    assert_string_equal(strtok_r(NULL, "\n", &rest), "xterm-256color");
    line = strtok_r(NULL, "\n", &rest);
    assert_int_equal(strtol(line, NULL, 10),
                     strtol(strtok_r(NULL, "\n", &rest), NULL, 10));
    unsetenv("COLUMNS");
    free(out);
}

static void
test_launch_without_a_terminal_makes_none(void **state)
{
    struct launch l;
    struct plan plan;
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    int saved[3];

    (void)state;
    for (int fd = 0; fd <= 2; fd++) {
        saved[fd] = fcntl(fd, F_DUPFD_CLOEXEC, 3);
        dup2(null, fd);
    }
    setenv("TERM", "vt52", 1);
    make_plan(&plan, "(: </dev/tty) 2>/dev/null || echo none $TERM >$OUT");
    start(&l, &plan, LAUNCH_SCREEN);
    for (int fd = 0; fd <= 2; fd++) {
        dup2(saved[fd], fd);
        close(saved[fd]);
    }
    close(null);
    assert_int_equal(l.pty_fd, -1);
    assert_int_equal(wait_for(l.pid), 0);
    launch_end(&l);
    plan_release(&plan);
    {
        struct buf out = {0};

        assert_true(file_read(scratch_path("out"), 100, &out, NULL));
        assert_string_equal(buf_str(&out), "none vt52\n");
        buf_release(&out);
    }
}

static void
test_launch_kept_terminal_outlives_us(void **state)
{
    struct pair pair;
    struct launch l;
    struct plan plan;
    int go;

    (void)state;
    assert_int_equal(mkfifo(scratch_path("go"), 0600), 0);
    make_plan(&plan, "read line <$DIR/go; echo to the terminal >&0 && echo ok >$OUT");
    sit_at_terminal(&pair);
    start(&l, &plan, LAUNCH_SCREEN);
    leave_terminal(&pair);
    launch_keep_terminal(&l);
    go = open(scratch_path("go"), O_WRONLY | O_CLOEXEC);
    {
        pid_t pid = l.pid;

        launch_end(&l);
        assert_int_equal(write(go, "\n", 1), 1);
        close(go);
        assert_int_equal(wait_for(pid), 0);
    }
    assert_int_equal(access(scratch_path("out"), F_OK), 0);
    plan_release(&plan);
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
        TEST(test_launch_tells_the_runner_what_to_do),
        TEST(test_launch_folder_is_private_and_goes_away),
        TEST(test_launch_that_fails_leaves_nothing),
        TEST(test_launch_child_has_the_channel_and_no_more),
        TEST(test_launch_channel_ends_with_the_runner),
        TEST(test_launch_exit_status_is_a_shells),
        TEST(test_launch_gives_a_terminal_for_a_terminal),
        TEST(test_launch_without_a_terminal_makes_none),
        TEST(test_launch_kept_terminal_outlives_us),
    };

    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}

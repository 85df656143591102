/* However it ends - the program, or ttrace itself - nothing that was counted is lost,
 * the terminal is as it was, and nothing goes on in the background. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/mono.h"
#include "tests/harness/stage.h"

/* Runs ends.py so that it ends in this way: the screen stays, says `how`, and has all
 * counts; ttrace then exits with `status`. */
static void
ends(const char *way, const char *how, int status)
{
    struct stage *s = stage_new(STAGE_LIST("ends.py"));

    stage_start(s, 120, 40, STAGE_LIST("ends.py", way));
    STAGE_SEE(s, how);
    STAGE_SEE(s, "counted 10");
    stage_type(s, "2z");
    STAGE_HITS(s, "done += 1", 10);
    STAGE_HITS(s, "for i in range", 11);
    STAGE_HITS(s, "print(\"counted\"", 1);
    STAGE_HITS(s, "sys.exit(7)", strcmp(way, "status") == 0 ? 1 : BOX_NOT_RUN);
    assert_int_equal(STAGE_QUIT(s), status);
    stage_free(s);
}

static void
test_endings_status(void **state)
{
    (void)state;
    ends("status", "EXIT 7", 7);
}

static void
test_endings_os_exit(void **state)
{
    (void)state;
    ends("exit", "EXIT 3", 3);
}

static void
test_endings_killed(void **state)
{
    (void)state;
    ends("kill", "SIGKILL", 128 + SIGKILL);
}

static void
test_endings_segfault(void **state)
{
    (void)state;
    ends("segfault", "SIGSEGV", 128 + SIGSEGV);
}

static void
test_endings_interrupt(void **state)
{
    (void)state;
    ends("interrupt", "KeyboardInterrupt", 128 + SIGINT);
}

/* The process id that pid.py wrote. */
static pid_t
pid_of_program(struct stage *s)
{
    char *text;
    pid_t pid;

    STAGE_SEE(s, "waiting");
    text = stage_read(s, "pid");
    assert_non_null(text);
    pid = (pid_t)atoi(text);
    free(text);
    assert_true(pid > 1);
    return pid;
}

/* Whether the process is gone within `ms`; the terminal is read meanwhile. */
static bool
is_gone(struct stage *s, pid_t pid, int ms)
{
    mono_ns end = mono_clock() + (mono_ns)ms * 1000000u;

    while (kill(pid, 0) == 0 && mono_clock() < end)
        terminal_watch(stage_terminal(s), 20);
    return kill(pid, 0) < 0 && errno == ESRCH;
}

static void
test_endings_sigterm(void **state)
{
    struct stage *s = stage_new(STAGE_LIST("pid.py"));
    pid_t pid;

    (void)state;
    stage_start(s, 80, 24, STAGE_LIST("pid.py"));
    pid = pid_of_program(s);
    kill(terminal_pid(stage_terminal(s)), SIGTERM);
    (void)STAGE_EXIT(s);
    STAGE_CHECK(s, is_gone(s, pid, 5000));
    stage_free(s);
}

static void
test_endings_hang_up(void **state)
{
    struct stage *s = stage_new(STAGE_LIST("pid.py"));
    pid_t pid;

    (void)state;
    stage_start(s, 80, 24, STAGE_LIST("pid.py"));
    pid = pid_of_program(s);
    terminal_hang_up(stage_terminal(s));
    assert_true(terminal_wait_exit(stage_terminal(s), NULL, 10000));
    assert_true(is_gone(s, pid, 5000));
    stage_free(s);
}

static void
test_endings_front_end_killed(void **state)
{
    struct stage *s = stage_new(STAGE_LIST("pid.py"));
    pid_t pid;

    (void)state;
    stage_start(s, 80, 24, STAGE_LIST("pid.py"));
    pid = pid_of_program(s);
    kill(terminal_pid(stage_terminal(s)), SIGKILL);
    assert_true(is_gone(s, pid, 8000));
    stage_free(s);
}

/* The runner is killed from outside while the program is in the middle of its work. */
static void
test_endings_runner_killed(void **state)
{
    struct stage *s = stage_new(STAGE_LIST("pid.py"));
    pid_t pid;

    (void)state;
    stage_start(s, 80, 24, STAGE_LIST("pid.py"));
    pid = pid_of_program(s);
    kill(pid, SIGKILL);
    STAGE_SEE(s, "SIGKILL");
    STAGE_HITS(s, "os.rename", 1);
    assert_int_equal(STAGE_QUIT(s), 128 + SIGKILL);
    stage_free(s);
}

/* Quitting asks; each answer does what it says. */
static void
test_endings_quit_kills(void **state)
{
    struct stage *s = stage_new(STAGE_LIST("pid.py"));
    pid_t pid;

    (void)state;
    stage_start(s, 80, 24, STAGE_LIST("pid.py"));
    pid = pid_of_program(s);
    stage_type(s, "q");
    STAGE_SEE(s, "[k]ill");
    stage_type(s, "k");
    assert_int_equal(STAGE_EXIT(s), 128 + SIGKILL);
    assert_true(is_gone(s, pid, 2000));
    stage_free(s);
}

static void
test_endings_quit_cancelled(void **state)
{
    struct stage *s = stage_new(STAGE_LIST("pid.py"));
    pid_t pid;

    (void)state;
    stage_start(s, 80, 24, STAGE_LIST("pid.py"));
    pid = pid_of_program(s);
    stage_type(s, "q");
    STAGE_SEE(s, "[c]ancel");
    stage_type(s, "c");
    STAGE_GONE(s, "[c]ancel");
    assert_int_equal(kill(pid, 0), 0);
    stage_type(s, "Q");
    (void)STAGE_EXIT(s);
    assert_true(is_gone(s, pid, 5000));
    stage_free(s);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_endings_status),
        cmocka_unit_test(test_endings_os_exit),
        cmocka_unit_test(test_endings_killed),
        cmocka_unit_test(test_endings_segfault),
        cmocka_unit_test(test_endings_interrupt),
        cmocka_unit_test(test_endings_sigterm),
        cmocka_unit_test(test_endings_hang_up),
        cmocka_unit_test(test_endings_front_end_killed),
        cmocka_unit_test(test_endings_runner_killed),
        cmocka_unit_test(test_endings_quit_kills),
        cmocka_unit_test(test_endings_quit_cancelled),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

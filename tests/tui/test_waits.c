#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tui/waits.h"

/* A process whose standard input is a new terminal, or /dev/null. */
static pid_t
start(int *master, bool on_terminal)
{
    pid_t pid = forkpty(master, NULL, NULL, NULL);
    char byte;

    assert_true(pid >= 0);
    if (pid != 0)
        return pid;
    if (!on_terminal) {
        dup2(open("/dev/null", O_RDONLY), STDIN_FILENO);
        for (;;)
            pause();
    }
    while (read(STDIN_FILENO, &byte, 1) >= 0)
        continue;
    _exit(0);
}

/* The kernel may not tell: then the answer is no, and there is nothing to test. */
static bool
can_be_told(void)
{
    return access("/proc/self/syscall", R_OK) == 0;
}

static bool
comes_to_wait(pid_t pid)
{
    for (int i = 0; i < 2000; i++) {
        if (waits_for_input(pid))
            return true;
        poll(NULL, 0, 1); /* until it is there; two seconds at most */
    }
    return false;
}

static void
end_program(pid_t pid, int master)
{
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    close(master);
}

static void
test_waits_sees_a_program_that_reads(void **state)
{
    int master;
    pid_t pid;

    (void)state;
    if (!can_be_told())
        skip();
    pid = start(&master, true);
    assert_true(comes_to_wait(pid));
    end_program(pid, master);
}

static void
test_waits_sees_nothing_in_other_programs(void **state)
{
    int master;
    pid_t pid = start(&master, false);

    (void)state;
    for (int i = 0; i < 50; i++)
        assert_false(waits_for_input(pid));
    end_program(pid, master);
    assert_false(waits_for_input(pid)); /* it is gone */
    assert_false(waits_for_input(getpid()));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_waits_sees_a_program_that_reads),
        cmocka_unit_test(test_waits_sees_nothing_in_other_programs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

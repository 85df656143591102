#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/proc.h"

static void
test_proc_is_alive_until_it_ends(void **state)
{
    siginfo_t info;
    int ends[2];
    pid_t pid;

    (void)state;
    assert_int_equal(pipe(ends), 0);
    pid = fork();
    if (pid == 0) {
        close(ends[1]);
        _exit(read(ends[0], &info, 1) != 0);
    }
    assert_true(proc_is_alive(pid));
    close(ends[1]);
    close(ends[0]);
    /* Until it is waited for it is a zombie. */
    assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
    assert_false(proc_is_alive(pid));
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    assert_false(proc_is_alive(pid));
}

static void
test_proc_is_alive_of_no_process(void **state)
{
    (void)state;
    assert_true(proc_is_alive(getpid()));
    assert_false(proc_is_alive(0));
    assert_false(proc_is_alive(-1));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_proc_is_alive_until_it_ends),
        cmocka_unit_test(test_proc_is_alive_of_no_process),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

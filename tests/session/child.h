/* Runs a piece of a test in a process of its own. */
#ifndef TESTS_SESSION_CHILD_H
#define TESTS_SESSION_CHILD_H

#include <stdbool.h>
#include <sys/wait.h>
#include <unistd.h>

/* Runs `body` in a child and returns what waitpid() said of it: 0 if it returned true.
 */
static inline int
child_run(bool (*body)(void))
{
    pid_t pid = fork();
    int status;

    if (pid == 0)
        _exit(body() ? 0 : 1);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

#endif

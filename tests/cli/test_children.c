#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "base/mono.h"
#include "base/xalloc.h"
#include "cli/children.h"
#include "tests/session/sample.h"

/* A process that sleeps, and its session. */
static pid_t
start(void)
{
    pid_t pid = fork();
    struct buf name = {0};

    if (pid == 0) {
        pause();
        _exit(0);
    }
    writer_add_name(&name, "run", pid);
    writer_close(sample_open(buf_str(&name)));
    buf_release(&name);
    return pid;
}

static void
end(pid_t pid)
{
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

static void
assert_described(const char *want)
{
    struct buf out = {0};

    children_describe(scratch_path("run"), &out);
    assert_string_equal(buf_str(&out), want);
    buf_release(&out);
}

static void
test_children_still_running_are_named(void **state)
{
    pid_t first, second;
    char want[128];

    (void)state;
    writer_close(sample_open("run"));
    assert_described("");
    first = start();
    snprintf(want, sizeof(want), "1 process still runs (%d), counted up to now\n",
             (int)first);
    assert_described(want);
    second = start();
    snprintf(want, sizeof(want), "2 processes still run (%d, %d), counted up to now\n",
             (int)(first < second ? first : second),
             (int)(first < second ? second : first));
    assert_described(want);
    end(first);
    end(second);
    assert_described("");
}

static void
test_children_not_watched_are_told(void **state)
{
    FILE *f = fopen(scratch_path("run.missed"), "w");

    (void)state;
    fputs("no runner for this\nno runner for this\nno room\n", f);
    fclose(f);
    assert_described("not every process was watched: no runner for this\n"
                     "not every process was watched: no room\n");
}

static void
test_children_settle_waits_a_moment_only(void **state)
{
    pid_t pid = start();
    mono_ns began = mono_clock();

    (void)state;
    children_settle(scratch_path("run"));
    assert_in_range(mono_clock() - began, 150000000u, 5000000000u);
    end(pid);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_children_still_running_are_named, scratch_clear),
        cmocka_unit_test_teardown(test_children_not_watched_are_told, scratch_clear),
        cmocka_unit_test_teardown(test_children_settle_waits_a_moment_only,
                                  scratch_clear),
    };

    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}

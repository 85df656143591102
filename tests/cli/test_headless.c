/* The runner is a shell script here; runs of real programs are in tests/compat and
 * tests/tty. */
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
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/xalloc.h"
#include "cli/headless.h"
#include "cli/launch.h"
#include "tests/base/scratch.h"
#include "tests/harness/session_build.h"

static void
make_plan(struct plan *plan, const char *script)
{
    char *text = xalloc_printf("#!/bin/sh\n%s\n", script);
    const char *path = scratch_path("runner");

    assert_true(file_write(path, text, strlen(text), NULL));
    assert_int_equal(chmod(path, 0755), 0);
    setenv("DIR", scratch_dir, 1);
    *plan = (struct plan){.runner = xalloc_copy(path)};
    plan->python.exe = xalloc_copy("/opt/python3");
    free(text);
}

static int
run(const char *script, bool *ok)
{
    struct argv a = {.action = ARGV_TRACE, .engine = "auto"};
    struct plan plan;
    struct err err = {""};
    int wait_status = -1;

    make_plan(&plan, script);
    *ok = headless_run(&a, &plan, &wait_status, &err);
    plan_release(&plan);
    return launch_exit_status(wait_status);
}

static void
test_headless_status_is_the_programs(void **state)
{
    bool ok;

    (void)state;
    assert_int_equal(run("exit 5", &ok), 5);
    assert_true(ok);
    assert_int_equal(run("kill -INT $$", &ok), 128 + SIGINT);
    assert_true(ok);
}

static void
test_headless_broken_session_is_an_error(void **state)
{
    bool ok;

    (void)state;
    assert_int_equal(run("echo nonsense >${1#--session=}; exit 5", &ok), 5);
    assert_false(ok);
}

/* What is said on stderr about a run whose session names this engine. */
static char *
said_of(const char *engine)
{
    struct session_build b;
    struct format_header *h;
    int before = dup(STDERR_FILENO);
    int said = open(scratch_path("said"), O_CREAT | O_TRUNC | O_WRONLY, 0600);
    struct buf text = {0};
    bool ok;

    session_build_start(&b, "3.17.2");
    h = writer_header(b.writer);
    h->engine = session_build_string(&b, engine);
    h->engine_why = session_build_string(&b, "for a reason");
    session_build_exit(&b, 0);
    setenv("MADE", b.dir, 1);
    dup2(said, STDERR_FILENO);
    run("cp --sparse=always $MADE/session ${1#--session=}", &ok);
    dup2(before, STDERR_FILENO);
    close(before);
    close(said);
    session_build_end(&b);
    assert_true(ok);
    assert_true(file_read(scratch_path("said"), 1000, &text, NULL));
    return buf_take(&text);
}

static void
test_headless_names_the_slower_engine(void **state)
{
    char *text;

    (void)state;
    text = said_of("monitoring");
    assert_string_equal(
        text, "ttrace: counted by sys.monitoring, which is slower: for a reason\n");
    free(text);
    text = said_of("bytecode");
    assert_string_equal(text, "");
    free(text);
}

/* The script says by a FIFO that it is ready, then waits for the signal. It does so in
 * small steps: a shell that reads does not hear of a signal that came just before. */
static void
test_headless_hands_signals_on(void **state)
{
    static const int signals[] = {SIGTERM, SIGHUP, SIGINT};
    const char script[] = "for s in TERM HUP INT; do trap \"exit 4\" $s; done\n"
                          "echo >$DIR/ready\n"
                          "while :; do sleep 0.02; done";

    (void)state;
    assert_int_equal(mkfifo(scratch_path("ready"), 0600), 0);
    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
        pid_t pid = fork();
        int ready, status;
        char byte;

        assert_true(pid >= 0);
        if (pid == 0) {
            bool ok;
            int got;

            setsid(); /* the runner's job is not that of this test */
            got = run(script, &ok);
            _exit(ok ? got : 99);
        }
        ready = open(scratch_path("ready"), O_RDONLY);
        assert_int_equal(read(ready, &byte, 1), 1);
        close(ready);
        kill(pid, signals[i]);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 4);
    }
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
        TEST(test_headless_status_is_the_programs),
        TEST(test_headless_broken_session_is_an_error),
        TEST(test_headless_names_the_slower_engine),
        TEST(test_headless_hands_signals_on),
    };

    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}

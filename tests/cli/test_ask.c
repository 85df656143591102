#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mono.h"
#include "cli/ask.h"

static bool
ask(const char *command, int timeout_ms, struct buf *out, struct err *err)
{
    char line[128];
    char sh[] = "/bin/sh", c[] = "-c";
    char *argv[] = {sh, c, line, NULL};

    assert_true(strlen(command) < sizeof(line));
    strcpy(line, command);
    return ask_program(argv, timeout_ms, out, err);
}

static void
test_ask_reads_the_whole_answer(void **state)
{
    struct buf out = {0};
    struct err err = {""};

    (void)state;
    if (!ask("echo one; cat; echo two", 5000, &out, &err))
        fail_msg("%s", err.text);
    assert_string_equal(buf_str(&out), "one\ntwo\n");
    buf_release(&out);
}

static void
test_ask_failure_of_the_program_is_one(void **state)
{
    struct buf out = {0};
    struct err err = {""};
    char none[] = "/nowhere/none";
    char *argv[] = {none, NULL};

    (void)state;
    assert_false(ask("echo one; exit 1", 5000, &out, &err));
    assert_string_equal(err.text, "/bin/sh: it does not run");
    assert_false(ask("kill -9 $$", 5000, &out, &err));
    assert_false(ask_program(argv, 5000, &out, &err));
    assert_non_null(strstr(err.text, "/nowhere/none: No such file"));
    buf_release(&out);
}

static void
test_ask_waits_no_longer_than_told(void **state)
{
    struct buf out = {0};
    struct err err = {""};
    mono_ns began = mono_clock();

    (void)state;
    assert_false(ask("exec sleep 60", 100, &out, &err));
    assert_non_null(strstr(err.text, "no answer"));
    assert_true(mono_clock() - began < 30000000000u);
    buf_release(&out);
}

static void
test_ask_reads_no_endless_answer(void **state)
{
    struct buf out = {0};
    struct err err = {""};

    (void)state;
    assert_false(ask("while :; do echo more; done", 20000, &out, &err));
    assert_string_equal(err.text, "/bin/sh: too long an answer");
    assert_true(out.len <= ASK_SIZE_MAX + 512);
    buf_release(&out);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ask_reads_the_whole_answer),
        cmocka_unit_test(test_ask_failure_of_the_program_is_one),
        cmocka_unit_test(test_ask_waits_no_longer_than_told),
        cmocka_unit_test(test_ask_reads_no_endless_answer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

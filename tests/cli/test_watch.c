#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/file.h"
#include "cli/watch.h"
#include "session/format.h"
#include "tests/base/scratch.h"

static void
make(const char *name, const char *text)
{
    assert_true(file_write(scratch_path(name), text, strlen(text), NULL));
}

static void
test_watch_knows_a_recording(void **state)
{
    (void)state;
    assert_true(watch_is_recording("x.ttrace")); /* whether it is there or not */
    assert_false(watch_is_recording(".ttrace"));
    assert_false(watch_is_recording("ttrace"));
    assert_false(watch_is_recording(scratch_path("none")));
    make("a", FORMAT_MAGIC "and more");
    assert_true(watch_is_recording(scratch_path("a")));
    make("b", "ttrace\nand more");
    assert_false(watch_is_recording(scratch_path("b")));
    make("c", "ttr");
    assert_false(watch_is_recording(scratch_path("c")));
    assert_false(watch_is_recording(scratch_dir));
}

static void
test_watch_does_not_wait_for_a_fifo(void **state)
{
    (void)state;
    assert_int_equal(mkfifo(scratch_path("fifo"), 0600), 0);
    assert_false(watch_is_recording(scratch_path("fifo")));
}

static void
test_watch_key_cannot_mean_two_things(void **state)
{
    struct conf c;
    struct err err = {""};

    (void)state;
    conf_init(&c);
    assert_true(watch_check(&c, &err));
    conf_add(&c, CONF_KEYS, "zoom", "Alt-z", "x.yaml:1:2");
    conf_add(&c, CONF_KEYS, "zoom", "F12", "x.yaml:1:2");
    assert_true(watch_check(&c, &err));
    conf_add(&c, CONF_KEYS, "redraw", "F12", "x.yaml:3:4");
    assert_false(watch_check(&c, &err));
    assert_non_null(strstr(err.text, "x.yaml:"));
    assert_non_null(strstr(err.text, "F12"));
    conf_release(&c);
}

static void
test_watch_needs_a_terminal_that_can_draw(void **state)
{
    struct err err = {""};

    (void)state;
    setenv("TERM", "dumb", 1);
    assert_false(watch_is_possible(&err));
    assert_string_equal(err.text, "TERM is dumb");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_clear, scratch_clear)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_watch_knows_a_recording),
        TEST(test_watch_does_not_wait_for_a_fifo),
        TEST(test_watch_key_cannot_mean_two_things),
        TEST(test_watch_needs_a_terminal_that_can_draw),
    };

    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}

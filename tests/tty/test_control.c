/* Stepping, breakpoints and pause, with the keys a user has for them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/harness/stage.h"

/* hanoi.py, stopped by a breakpoint given on the command line. */
static struct stage *
stopped_at(const char *place, int line)
{
    struct stage *s = stage_new(STAGE_LIST("hanoi.py"));

    stage_start(s, 120, 40, STAGE_LIST("--break", place, "hanoi.py"));
    STAGE_SEE(s, "PAUSED");
    STAGE_AT(s, line);
    return s;
}

static void
run_to_end(struct stage *s)
{
    stage_type(s, "c");
    STAGE_SEE(s, "EXIT 0");
    STAGE_SEE(s, "moves 11");
    assert_int_equal(STAGE_QUIT(s), 0);
    stage_free(s);
}

static void
test_control_into_goes_down(void **state)
{
    struct stage *s = stopped_at("hanoi.py:15", 15);

    (void)state;
    stage_type(s, "s");
    STAGE_AT(s, 3);
    stage_type(s, "s");
    STAGE_AT(s, 4);
    stage_type(s, "2:clear<Enter>");
    run_to_end(s);
}

static void
test_control_over_stays(void **state)
{
    struct stage *s = stopped_at("hanoi.py:15", 15);

    (void)state;
    stage_type(s, "n");
    STAGE_AT(s, 14);
    stage_type(s, "n");
    STAGE_AT(s, 15);
    stage_type(s, ":clear<Enter>");
    stage_type(s, "n");
    STAGE_AT(s, 14);
    run_to_end(s);
}

static void
test_control_out_returns(void **state)
{
    struct stage *s = stopped_at("hanoi.py:5", 5);

    (void)state;
    stage_type(s, ":clear<Enter>f");
    STAGE_AT(s, 14); /* the next line of its caller */
    run_to_end(s);
}

/* From the last line of the program, stepping ends it. */
static void
test_control_over_the_end(void **state)
{
    struct stage *s = stopped_at("hanoi.py:16", 16);

    (void)state;
    stage_type(s, "nn");
    STAGE_SEE(s, "EXIT 0");
    assert_int_equal(STAGE_QUIT(s), 0);
    stage_free(s);
}

static void
test_control_run_to_cursor(void **state)
{
    struct stage *s = stopped_at("hanoi.py:13", 13);

    (void)state;
    stage_type(s, ":until 9<Enter>");
    STAGE_AT(s, 9);
    run_to_end(s);
}

static void
test_control_breakpoint_moves_to_code(void **state)
{
    struct stage *s = stopped_at("hanoi.py:17", 19); /* 17 and 18 are blank */

    (void)state;
    run_to_end(s);
}

/* While it waits in C code, the screen says what it is waiting for. */
static void
test_control_pause_in_c_code(void **state)
{
    struct stage *s = stage_new(STAGE_LIST("sleepy.py"));

    (void)state;
    stage_start(s, 120, 40, STAGE_LIST("sleepy.py"));
    STAGE_SEE(s, "asleep");
    stage_type(s, " ");
    STAGE_SEE(s, "PAUSING");
    STAGE_SEE(s, "PAUSED");
    STAGE_AT(s, 6);
    stage_type(s, "c");
    STAGE_SEE(s, "EXIT 0");
    assert_int_equal(STAGE_QUIT(s), 0);
    stage_free(s);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_control_into_goes_down),
        cmocka_unit_test(test_control_over_stays),
        cmocka_unit_test(test_control_out_returns),
        cmocka_unit_test(test_control_over_the_end),
        cmocka_unit_test(test_control_run_to_cursor),
        cmocka_unit_test(test_control_breakpoint_moves_to_code),
        cmocka_unit_test(test_control_pause_in_c_code),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

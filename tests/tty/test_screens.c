/* Whole screens, compared with those in tests/screens; GENERATE=1 writes them anew, and
 * the commit says why. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/harness/golden.h"
#include "tests/harness/stage.h"

/* hanoi.py, run to its end. */
static struct stage *
ended(int cols, int rows, const char *option)
{
    struct stage *s = stage_new(STAGE_LIST("hanoi.py"));

    stage_start(s, cols, rows, STAGE_LIST(option, "hanoi.py"));
    STAGE_SEE(s, "EXIT 0");
    STAGE_SEE(s, "moves 11");
    return s;
}

static void
quit(struct stage *s, int status)
{
    assert_int_equal(STAGE_QUIT(s), status);
    stage_free(s);
}

static void
test_screens_start(void **state)
{
    struct stage *s = stage_new(STAGE_LIST("hanoi.py"));

    (void)state;
    stage_start(s, 80, 24, STAGE_LIST("--pause", "hanoi.py"));
    STAGE_SEE(s, "PAUSED");
    GOLDEN_CHECK(s, "start");
    stage_type(s, "c");
    STAGE_SEE(s, "EXIT 0");
    quit(s, 0);
}

static void
test_screens_end(void **state)
{
    struct stage *s = ended(80, 24, "--no-config");

    (void)state;
    GOLDEN_CHECK(s, "end");
    quit(s, 0);
}

static void
test_screens_end_ascii(void **state)
{
    struct stage *s = ended(80, 24, "--ascii");

    (void)state;
    GOLDEN_CHECK(s, "end-ascii");
    quit(s, 0);
}

static void
test_screens_source(void **state)
{
    struct stage *s = ended(100, 24, "--no-config");

    (void)state;
    stage_type(s, "2zg");
    GOLDEN_CHECK(s, "source");
    quit(s, 0);
}

static void
test_screens_help(void **state)
{
    struct stage *s = ended(80, 24, "--no-config");

    (void)state;
    stage_type(s, "?");
    GOLDEN_CHECK(s, "help");
    stage_type(s, "<Esc>");
    quit(s, 0);
}

static void
test_screens_stop(void **state)
{
    struct stage *s = stage_new(STAGE_LIST("hanoi.py"));

    (void)state;
    stage_start(s, 80, 24, STAGE_LIST("--break", "hanoi.py:9", "hanoi.py"));
    STAGE_SEE(s, "PAUSED");
    STAGE_AT(s, 9);
    stage_type(s, "3");
    GOLDEN_CHECK(s, "stop");
    stage_type(s, ":clear<Enter>c");
    STAGE_SEE(s, "EXIT 0");
    quit(s, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_screens_start),     cmocka_unit_test(test_screens_end),
        cmocka_unit_test(test_screens_end_ascii), cmocka_unit_test(test_screens_source),
        cmocka_unit_test(test_screens_help),      cmocka_unit_test(test_screens_stop),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

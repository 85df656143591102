/* What a user does in the first hour, with real keys on the real program: a first look,
 * a crash, a program that asks, one that is too fast to see, and filters. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "tests/harness/stage.h"

/* Recursion and a loop, 80x24: pause at the start, step, break, run to the end, save.
 */
static void
test_scenarios_first_look(void **state)
{
    static const int steps[] = {2, 12, 19, 13, 14, 15, 3};
    struct stage *s = stage_new(STAGE_LIST("hanoi.py"));
    long before;

    (void)state;
    stage_start(s, 80, 24, STAGE_LIST("--pause", "hanoi.py"));
    STAGE_SEE(s, "PAUSED");
    STAGE_AT(s, 1);
    STAGE_CHECK(s,
                strncmp(display_row(stage_display(s), 23), " s step  n over", 15) == 0);

    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        stage_type(s, "s");
        STAGE_AT(s, steps[i]);
    }
    STAGE_SEE_IN(s, '1', "<module>");
    STAGE_SEE_IN(s, '1', "main");
    STAGE_SEE_IN(s, '1', "move");
    stage_type(s, "f");
    STAGE_AT(s, 14);

    stage_type(s, "2gjjjjbc");
    STAGE_AT(s, 5);
    before = box_hits(stage_display(s), "if source == target");
    for (long i = 1; i <= 4; i++) {
        stage_type(s, "c");
        STAGE_HITS(s, "if source == target", before + i);
        STAGE_AT(s, 5);
    }
    stage_type(s, "bc");
    STAGE_SEE(s, "EXIT 0");
    STAGE_SEE(s, "moves 11");

    stage_type(s, "z"); /* the source on the whole screen */
    STAGE_HITS(s, "if n == 0", 26);
    STAGE_HITS(s, "return 0", 15);
    STAGE_HITS(s, "if source == target", 11);
    STAGE_HITS(s, "raise ValueError", BOX_NOT_RUN);
    STAGE_HITS(s, "return left + 1", 11);
    STAGE_HITS(s, "for height in", 5);
    STAGE_HITS(s, "print(\"moves\"", 1);
    stage_type(s, "z");

    stage_type(s, "Sc<Enter>");
    STAGE_SEE(s, "cov");
    STAGE_SEE(s, "wrote");
    stage_same_cover(s, "cov/hanoi.cover", "hanoi.py", NULL);
    assert_int_equal(STAGE_QUIT(s), 0);
    stage_free(s);
}

/* An uncaught exception, 80x24: how it ended, where, and what the values were. */
static void
test_scenarios_crash(void **state)
{
    struct stage *s = stage_new(STAGE_LIST("crash.py"));

    (void)state;
    stage_start(s, 80, 24, STAGE_LIST("crash.py"));
    STAGE_SEE(s, "EXIT 1");
    STAGE_SEE(s, "ZeroDivisionError");
    STAGE_SEE(s, "share:3");
    STAGE_AT(s, 3);
    stage_type(s, "5");
    STAGE_SEE(s, "by zero"); /* the rest depends on the version */
    stage_type(s, "3");
    STAGE_SEE_IN(s, '3', "people");
    STAGE_SEE_IN(s, '3', "120");
    stage_type(s, "u");
    STAGE_SEE_IN(s, '3', "'milk'");
    STAGE_SEE_IN(s, '3', "{'tea': 30, 'cake': 40}");
    stage_type(s, "2z");
    STAGE_HITS(s, "return total // people", 3);
    STAGE_HITS(s, "name, people", 3);
    STAGE_HITS(s, "return shares", BOX_NOT_RUN);
    STAGE_HITS(s, "never printed", BOX_NOT_RUN);
    assert_int_equal(STAGE_QUIT(s), 1);
    stage_free(s);
}

/* A program that reads the keyboard, 80x24. */
static void
test_scenarios_asks(void **state)
{
    struct stage *s = stage_new(STAGE_LIST("greet.py"));

    (void)state;
    stage_start(s, 80, 24, STAGE_LIST("greet.py"));
    STAGE_SEE(s, "name?");
    stage_type(s, "i");
    STAGE_SEE(s, "INPUT");
    stage_type(s, "Ann<Enter>");
    STAGE_SEE(s, "age?");
    stage_type(s, "41<Enter>");
    STAGE_SEE(s, "hello Ann, in ten years you will be 51");
    stage_type(s, "<C-]>");
    STAGE_SEE(s, "EXIT 0");
    stage_type(s, "Sc<Enter>");
    STAGE_SEE(s, "wrote");
    stage_same_cover(s, "cov/greet.cover", "greet.py", "Ann\n41\n");
    assert_int_equal(STAGE_QUIT(s), 0);
    stage_free(s);
}

/* Redirected streams pass by untouched, and the screen comes up all the same. */
static void
test_scenarios_redirected(void **state)
{
    struct stage *s = stage_new(STAGE_LIST("greet.py"));
    char *input, *output, *text;

    (void)state;
    stage_write(s, "in.txt", "Ann\n41\n");
    input = stage_path(s, "in.txt");
    output = stage_path(s, "out.txt");
    stage_start_setup(s, &(struct terminal_setup){.argv = STAGE_LIST("greet.py"),
                                                  .cols = 80,
                                                  .rows = 24,
                                                  .input = input,
                                                  .output = output});
    STAGE_SEE(s, "EXIT 0");
    STAGE_SEE_IN(s, '2', "def ask"); /* a screen is there */
    assert_int_equal(STAGE_QUIT(s), 0);
    text = stage_read(s, "out.txt");
    assert_string_equal(text, "name? age? hello Ann, in ten years you will be 51\n");
    free(text);
    free(input);
    free(output);
    stage_free(s);
}

struct growth {
    const char *text;
    long above;
};

static bool
has_grown(struct display *display, void *arg)
{
    const struct growth *g = arg;

    return box_hits(display, g->text) > g->above;
}

/* The counts grow while it runs, stand still while it is paused, and nothing at all is
 * drawn then; 120x40. */
static void
test_scenarios_grows(void **state)
{
    struct stage *s = stage_new(STAGE_LIST("endless.py"));
    struct growth growth = {.text = "n = turn(n)"};
    uint64_t n_bytes;

    (void)state;
    stage_start(s, 120, 40, STAGE_LIST("endless.py"));
    STAGE_SEE(s, "turning");
    STAGE_UNTIL(s, has_grown, &growth);
    growth.above = box_hits(stage_display(s), growth.text);
    STAGE_UNTIL(s, has_grown, &growth);

    stage_type(s, " ");
    STAGE_SEE(s, "PAUSED");
    growth.above = box_hits(stage_display(s), growth.text);
    n_bytes = terminal_n_bytes(stage_terminal(s));
    terminal_watch(stage_terminal(s), 400);
    assert_int_equal(box_hits(stage_display(s), growth.text), growth.above);
    assert_int_equal(terminal_n_bytes(stage_terminal(s)), n_bytes);

    stage_type(s, " ");
    STAGE_UNTIL(s, has_grown, &growth);
    stage_type(s, "q");
    STAGE_SEE(s, "erminate"); /* what is to become of the program? */
    stage_type(s, "t");
    assert_int_equal(STAGE_EXIT(s), 128 + 15);
    stage_free(s);
}

/* Too fast to see, 120x40: the counts are exact all the same. */
static void
test_scenarios_fast(void **state)
{
    struct stage *s = stage_new(STAGE_LIST("busy.py"));

    (void)state;
    stage_start(s, 120, 40, STAGE_LIST("busy.py"));
    STAGE_SEE(s, "EXIT 0");
    STAGE_SEE(s, "odd 100000");
    STAGE_HITS(s, "if i == 123_456", 200000);
    STAGE_HITS(s, "time.sleep", 1);
    STAGE_HITS(s, "for i in range", 200001);
    STAGE_HITS(s, "odd += step", 200000);
    stage_type(s, "Sc<Enter>");
    STAGE_SEE(s, "wrote");
    stage_same_cover(s, "cov/busy.cover", "busy.py", NULL);
    assert_int_equal(STAGE_QUIT(s), 0);
    stage_free(s);
}

/* Only one's own code, 80x24: the library is left out, and one key hides more. */
static void
test_scenarios_filters(void **state)
{
    struct stage *s = stage_new(STAGE_LIST("render.py"));
    struct box calls;

    (void)state;
    stage_start(s, 80, 24, STAGE_LIST("render.py"));
    STAGE_SEE(s, "EXIT 0");
    STAGE_SEE_IN(s, '1', "render");
    calls = STAGE_BOX(s, '1');
    STAGE_CHECK(s, box_has(stage_display(s), &calls, "<module>", NULL));
    STAGE_CHECK(s, !box_has(stage_display(s), &calls, "JSONEncoder", NULL));
    stage_type(s, "1Gx");
    STAGE_SEE(s, "hid");
    stage_type(s, "U");
    assert_int_equal(STAGE_QUIT(s), 0);
    stage_free(s);
}

/* With the library let in, its functions are in the tree. */
static void
test_scenarios_everything(void **state)
{
    struct stage *s = stage_new(STAGE_LIST("render.py"));

    (void)state;
    stage_start(s, 120, 40, STAGE_LIST("--include=all", "render.py"));
    STAGE_SEE(s, "EXIT 0");
    stage_type(s, "1/dumps<Enter>");
    STAGE_SEE_IN(s, '1', "dumps");
    assert_int_equal(STAGE_QUIT(s), 0);
    stage_free(s);
}

/* A run that was kept can be looked at again, without running anything. */
static void
test_scenarios_recording(void **state)
{
    struct stage *s = stage_new(STAGE_LIST("hanoi.py"));

    (void)state;
    stage_start(s, 80, 24, STAGE_LIST("-o", "kept.ttrace", "hanoi.py"));
    STAGE_SEE(s, "EXIT 0");
    assert_int_equal(STAGE_QUIT(s), 0);
    stage_write(s, "hanoi.py", "raise SystemExit('must not run')\n");
    stage_start(s, 80, 24, STAGE_LIST("kept.ttrace"));
    STAGE_SEE(s, "move");
    stage_type(s, "2z");
    STAGE_HITS(s, "if n == 0", 26);
    STAGE_HITS(s, "raise ValueError", BOX_NOT_RUN);
    assert_int_equal(STAGE_QUIT(s), 0);
    stage_free(s);
}

static void
see_a_child(struct stage *s)
{
    STAGE_SEE(s, "4 processes");
    stage_type(s, "P");
    STAGE_SEE(s, "Processes");
    STAGE_SEE(s, "fork");
    stage_type(s, "j<Enter>");
    STAGE_SEE(s, "process ");
    stage_type(s, "2");
    STAGE_HITS(s, "return n ** 3", 6);
}

/* Three children of fork(), 120x40: each can be looked at, live and later, and the
 * counts of all together are saved. */
static void
test_scenarios_children(void **state)
{
    struct stage *s = stage_new(STAGE_LIST("family.py"));
    char *cover;

    (void)state;
    stage_start(s, 120, 40, STAGE_LIST("-o", "kept.ttrace", "family.py"));
    STAGE_SEE(s, "EXIT 0");
    STAGE_SEE(s, "all are back");
    see_a_child(s);
    STAGE_SEE(s, "ENDED"); /* os._exit() tells nobody how */
    stage_type(s, " ");
    STAGE_SEE(s, "is only watched");
    stage_type(s, "<Backspace>");
    STAGE_SEE(s, "EXIT 0");
    STAGE_HITS(s, "return n ** 3", BOX_NOT_RUN);
    stage_type(s, "Sc<Enter>");
    STAGE_SEE(s, "wrote");
    cover = stage_read(s, "cov/family.cover");
    STAGE_CHECK(s, cover != NULL && strstr(cover, "   18:     return n ** 3\n"));
    free(cover);
    assert_int_equal(STAGE_QUIT(s), 0);

    stage_start(s, 120, 40, STAGE_LIST("kept.ttrace"));
    STAGE_SEE(s, "SAVED");
    see_a_child(s);
    stage_type(s, "<Backspace>");
    STAGE_HITS(s, "os.wait()", 3);
    assert_int_equal(STAGE_QUIT(s), 0);
    stage_free(s);
}

/* A mistake in the settings is said before the program starts, with its place. */
static void
test_scenarios_settings_error(void **state)
{
    struct stage *s = stage_new(STAGE_LIST("render.py"));

    (void)state;
    stage_write(s, ".ttrace.yaml", "filters:\n  exlude: [json]\n");
    stage_start(s, 120, 24, STAGE_LIST("render.py"));
    STAGE_SEE(s, ".ttrace.yaml:2:3");
    STAGE_SEE(s, "exlude");
    STAGE_SEE(s, "exclude");
    assert_int_equal(STAGE_EXIT(s), 2);
    assert_false(display_find(stage_display(s), 0, "numbers", NULL, NULL));
    stage_free(s);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scenarios_first_look),
        cmocka_unit_test(test_scenarios_crash),
        cmocka_unit_test(test_scenarios_asks),
        cmocka_unit_test(test_scenarios_redirected),
        cmocka_unit_test(test_scenarios_grows),
        cmocka_unit_test(test_scenarios_fast),
        cmocka_unit_test(test_scenarios_filters),
        cmocka_unit_test(test_scenarios_everything),
        cmocka_unit_test(test_scenarios_recording),
        cmocka_unit_test(test_scenarios_children),
        cmocka_unit_test(test_scenarios_settings_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

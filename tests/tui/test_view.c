#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/harness/session_build.h"
#include "tui/view.h"

static struct session_build b;
static struct view view;
static codes_id module, function;
static nodes_id module_node, function_node;

/* A module that calls a function: nodes under the main thread's root. */
static int
setup(void **state)
{
    files_id file;

    (void)state;
    session_build_start(&b, "3.11.2");
    file = session_build_file(&b, "/home/me/pkg/m.py", "def f():\n    pass\nf()\n");
    module = session_build_code(&b, file, "<module>", 1);
    function = session_build_code(&b, file, "f", 1);
    session_build_line(&b, module, 1, 1, 0);
    session_build_line(&b, function, 2, 1, 0);
    session_build_line(&b, module, 3, 1, 0);
    module_node = session_build_node(&b, 1, module, 1, 0);
    function_node = session_build_node(&b, module_node, function, 1, 0);
    view_init(&view, glyphs_get(true));
    view.reader = session_build_read(&b);
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    view_release(&view);
    session_build_end(&b);
    return 0;
}

static void
test_view_has_no_cursor_at_first(void **state)
{
    struct view empty;

    (void)state;
    view_init(&empty, glyphs_get(true));
    assert_int_equal(empty.file, FORMAT_NONE);
    assert_null(view_frame(&empty));
    assert_int_equal(view_find_file(&empty, "m.py"), FORMAT_NONE);
    assert_string_equal(view_path(&empty, 0), "");
    view_select_line(&empty, 0, 1); /* nothing to select from */
    assert_int_equal(empty.file, FORMAT_NONE);
    view_release(&empty);
}

static void
test_view_moves_everything_with_the_cursor(void **state)
{
    unsigned before = view.n_selects;

    (void)state;
    view_select_node(&view, function_node);
    assert_int_equal(view.code, function);
    assert_int_equal(view.line, 1);
    assert_int_equal(view.thread, 0);
    view_select_line(&view, view.file, 3);
    assert_int_equal(view.code, module);
    view_select_code(&view, function);
    assert_int_equal(view.line, 1);
    assert_int_equal(view.n_selects, before + 3);
}

static void
test_view_bears_ids_that_are_not_there(void **state)
{
    (void)state;
    view_select_node(&view, 12345);
    view_select_code(&view, 12345);
    view_select_line(&view, 12345, 7);
    assert_int_equal(view.code, FORMAT_NONE);
    view_select_thread(&view, 12345);
    view_select_frame(&view, 12345, 0);
    assert_null(view_frame(&view));
}

static void
test_view_finds_the_node_of_a_frame(void **state)
{
    (void)state;
    atomic_store(&session_build_thread(&b, 0)->node, function_node);
    session_build_stop(&b, function, 2, NULL, 0);
    session_build_read(&b);
    view_select_frame(&view, 0, 0);
    assert_int_equal(view.node, function_node);
    assert_int_equal(view.line, 2);
    assert_int_equal(view_frame(&view)->line, 2);
    view_select_frame(&view, 0, 99); /* no further than the outermost */
    assert_int_equal(view.frame, 0);
}

static void
test_view_finds_the_node_of_a_frame_that_was_left(void **state)
{
    struct format_stop *stop;

    (void)state;
    session_build_stop(&b, function, 2, NULL, 0);
    session_build_stop(&b, module, 3, NULL, 0);
    stop = writer_record(b.writer, FORMAT_STOPS, 0);
    stop->n_frames = 2; /* both frames; the thread is back at its root */
    session_build_read(&b);
    view_select_frame(&view, 0, 0);
    assert_int_equal(view.node, function_node);
    view_select_frame(&view, 0, 1);
    assert_int_equal(view.node, module_node);
}

static void
test_view_finds_files_by_the_end_of_their_path(void **state)
{
    (void)state;
    assert_int_equal(view_find_file(&view, "/home/me/pkg/m.py"),
                     view_find_file(&view, "m.py"));
    assert_int_equal(view_find_file(&view, "pkg/m.py"), 0);
    assert_int_equal(view_find_file(&view, "g/m.py"), FORMAT_NONE);
    assert_int_equal(view_find_file(&view, ".py"), FORMAT_NONE);
    assert_int_equal(view_find_file(&view, ""), FORMAT_NONE);
}

static void
test_view_keeps_breakpoints_once_each(void **state)
{
    (void)state;
    view_add_break(&view, "pkg/m.py", 2)->state = VIEW_BREAK_SET;
    assert_int_equal(view_add_break(&view, "pkg/m.py", 2)->state, VIEW_BREAK_SET);
    view_add_break(&view, "pkg/m.py", 3);
    assert_int_equal(view.n_breaks, 2);
    assert_non_null(view_find_break(&view, 0, 2));
    assert_null(view_find_break(&view, 0, 1));
    assert_true(view_remove_break(&view, "pkg/m.py", 2));
    assert_false(view_remove_break(&view, "pkg/m.py", 2));
    assert_null(view_find_break(&view, 0, 2));
    assert_non_null(view_find_break(&view, 0, 3));
}

static void
test_view_gives_hidden_rules_back(void **state)
{
    char *rule;

    (void)state;
    view_add_hidden(&view, "a");
    view_add_hidden(&view, "b");
    view_add_hidden(&view, "c");
    assert_null(view_remove_hidden(&view, "x"));
    rule = view_remove_hidden(&view, "b");
    assert_string_equal(rule, "b");
    free(rule);
    rule = view_take_hidden(&view);
    assert_string_equal(rule, "c");
    free(rule);
    rule = view_take_hidden(&view);
    assert_string_equal(rule, "a");
    free(rule);
    assert_null(view_take_hidden(&view));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_view_has_no_cursor_at_first),
        TEST(test_view_moves_everything_with_the_cursor),
        TEST(test_view_bears_ids_that_are_not_there),
        TEST(test_view_finds_the_node_of_a_frame),
        TEST(test_view_finds_the_node_of_a_frame_that_was_left),
        TEST(test_view_finds_files_by_the_end_of_their_path),
        TEST(test_view_keeps_breakpoints_once_each),
        TEST(test_view_gives_hidden_rules_back),
    };

    setlocale(LC_ALL, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}

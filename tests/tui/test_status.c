#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/harness/session_build.h"
#include "tui/status.h"

#define SECOND 1000000000u

static struct session_build b;
static struct view view;
static struct status status;
static struct format_line *line;

static int
setup(void **state)
{
    struct format_header *h;
    files_id file;
    codes_id code;

    (void)state;
    session_build_start(&b, "3.11.2");
    h = writer_header(b.writer);
    h->line_cost_ticks = 100;
    h->engine = session_build_string(&b, "bytecode");
    atomic_store(&h->last_ticks, 1000000);
    session_build_exit(&b, 0); /* so that its time stands still */
    file = session_build_file(&b, "m.py", "x\n");
    code = session_build_code(&b, file, "f", 1);
    line =
        writer_record(b.writer, FORMAT_LINES, session_build_line(&b, code, 1, 1000, 0));
    view_init(&view, glyphs_get(true));
    view.reader = session_build_read(&b);
    view.mode = VIEW_RUN;
    status_init(&status, "orders/app.py");
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    status_release(&status);
    view_release(&view);
    session_build_end(&b);
    return 0;
}

/* The line on a screen of so many columns, with RUN and a detail. */
static void
draw(int cols, const char *detail, struct buf *out)
{
    struct banner banner = {.style = THEME_GOOD};
    struct grid grid = {0};
    struct grid_part part;

    grid_resize(&grid, 1, cols);
    part = grid_whole(&grid);
    buf_add_str(&banner.word, "RUN");
    buf_add_str(&banner.detail, detail);
    status_draw(&status, &view, &banner, &part);
    buf_clear(out);
    grid_row_text(&grid, 0, out);
    banner_release(&banner);
    grid_release(&grid);
}

static void
test_status_counts_lines_in_a_second(void **state)
{
    (void)state;
    assert_true(status_update(&status, &view, 10 * (mono_ns)SECOND));
    assert_int_equal(status.hits, 1000);
    atomic_store(&line->hits, 5000);
    assert_false(
        status_update(&status, &view, 10 * (mono_ns)SECOND + 1)); /* too soon */
    assert_true(status_update(&status, &view, 12 * (mono_ns)SECOND));
    assert_int_equal(status.hits_per_s, 2000);
    assert_false(status_update(&status, &view, 13 * (mono_ns)SECOND));
    assert_int_equal(status.hits_per_s, 0);
}

static void
test_status_says_what_watching_costs(void **state)
{
    struct format_header *h = writer_header(b.writer);

    (void)state;
    /* Half of the time went into probes. */
    h->start_ticks = reader_now(view.reader) - 200000;
    status_update(&status, &view, SECOND);
    assert_true(status.slow > 1.9 && status.slow < 2.1);
    h->start_ticks = reader_now(view.reader) - 50000; /* cannot be: nothing is said */
    status_update(&status, &view, 2 * (mono_ns)SECOND);
    assert_true(status.slow == 1);
}

static void
test_status_leaves_out_what_matters_least(void **state)
{
    struct buf text = {0};

    (void)state;
    draw(200, "", &text);
    assert_non_null(strstr(buf_str(&text), " orders/app.py  RUN"));
    assert_non_null(strstr(buf_str(&text), "py 3.11"));
    assert_non_null(strstr(buf_str(&text), "bytecode"));
    draw(45, "", &text);
    assert_non_null(strstr(buf_str(&text), "py 3.11"));
    assert_null(strstr(buf_str(&text), "bytecode"));
    draw(30, "", &text);
    assert_null(strstr(buf_str(&text), "py 3.11"));
    assert_non_null(strstr(buf_str(&text), "RUN"));
    buf_release(&text);
}

static void
test_status_keeps_the_mode_when_the_name_is_long(void **state)
{
    struct buf text = {0};

    (void)state;
    status_release(&status);
    status_init(&status, "a/very/long/path/to/some/script/that/has/a/name.py");
    draw(60, "waits in ask:4 - press i", &text);
    assert_non_null(strstr(buf_str(&text), "name.py  RUN  waits in ask:4 - press i"));
    buf_release(&text);
}

static void
test_status_names_the_process_that_is_shown(void **state)
{
    struct buf text = {0};

    (void)state;
    view.n_processes = 3;
    draw(120, "", &text);
    assert_non_null(strstr(buf_str(&text), " orders/app.py  RUN"));
    assert_non_null(strstr(buf_str(&text), "3 processes"));
    view.child = 4711;
    draw(120, "", &text);
    assert_non_null(strstr(buf_str(&text), " orders/app.py > process 4711  RUN"));
    buf_release(&text);
}

static void
test_status_works_before_there_is_a_session(void **state)
{
    struct buf text = {0};

    (void)state;
    view.reader = NULL;
    assert_false(status_update(&status, &view, SECOND));
    draw(80, "", &text);
    assert_string_equal(buf_str(&text), " orders/app.py  RUN");
    buf_release(&text);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_status_counts_lines_in_a_second),
        TEST(test_status_says_what_watching_costs),
        TEST(test_status_leaves_out_what_matters_least),
        TEST(test_status_keeps_the_mode_when_the_name_is_long),
        TEST(test_status_names_the_process_that_is_shown),
        TEST(test_status_works_before_there_is_a_session),
    };

    setlocale(LC_ALL, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/session/sample.h"
#include "tui/processes.h"

#define SECOND 1000000000u
#define COLS 80

static struct processes p;
static mono_ns now;

/* A session of a process that is over, called as the run's one with `suffix` behind. */
static struct writer *
make(const char *suffix, uint32_t pid, uint32_t parent, const char *command)
{
    static uint64_t n_made;
    char name[64];
    struct writer *w;
    struct format_header *h;

    snprintf(name, sizeof(name), "run%s", suffix);
    w = sample_open(name);
    h = writer_header(w);
    h->pid = pid;
    h->parent_pid = parent;
    h->start_unix_ns = ++n_made;
    h->command = sample_string(w, command);
    h->exit_status = 0;
    h->state = FORMAT_EXITED;
    return w;
}

static int
setup(void **state)
{
    (void)state;
    now = 10 * (mono_ns)SECOND;
    return scratch_make(state);
}

static int
teardown(void **state)
{
    processes_release(&p);
    return scratch_remove(state);
}

static bool
look(bool numbers)
{
    now += SECOND;
    return processes_look(&p, now, numbers);
}

static void
start(void)
{
    static char path[600];

    snprintf(path, sizeof(path), "%s", scratch_path("run"));
    processes_init(&p, path, READER_LIVE);
}

static void
assert_row(size_t row, uint32_t pid, int depth)
{
    assert_true(row < p.n);
    assert_int_equal(p.rows[row].pid, pid);
    assert_int_equal(p.rows[row].depth, depth);
}

/* In the order of their ids, as in a recording, and yet each below its parent. */
static void
test_processes_stand_below_their_parents(void **state)
{
    (void)state;
    writer_close(make("", 500, 0, "app.py\n"));
    writer_close(make(".700", 700, 500, "app.py\n"));
    writer_close(make(".900", 900, 700, "app.py\n"));
    writer_close(make(".600", 600, 500, "app.py\n"));
    writer_close(make(".500", 500, 500, "other.py\n"));
    writer_close(make(".800", 800, 500, "more.py\n"));
    start();
    assert_true(look(false));
    assert_int_equal(p.n, 6);
    assert_row(0, 500, 0);
    assert_row(1, 700, 1);
    assert_row(2, 900, 2);
    assert_row(3, 600, 1);
    assert_row(4, 500, 1); /* exec() made another program of it, */
    assert_row(5, 800, 2); /* which this one came from */
    assert_string_equal(processes_find(&p, 500)->what, "other.py");
    assert_null(processes_find(&p, 501));
    assert_false(look(false));
}

static void
test_processes_come_as_they_are_made(void **state)
{
    struct writer *w;

    (void)state;
    start();
    assert_false(look(false));
    writer_close(make("", 500, 0, "app.py\n"));
    assert_false(processes_look(&p, now, false)); /* twice a second at most */
    look(false);
    assert_int_equal(p.n, 1);
    w = make(".600", 600, 500, "app.py\n");
    writer_header(w)->state = FORMAT_STARTING;
    writer_header(w)->pid = (uint32_t)getpid();
    look(false);
    assert_int_equal(p.n, 1); /* it does not know yet what runs */
    writer_header(w)->state = FORMAT_RUNNING;
    assert_true(look(false));
    assert_int_equal(p.n, 2);
    assert_int_equal(p.rows[1].hits, 60);
    sample_line(w, 0, 4, 5);
    assert_true(look(true));
    assert_int_equal(p.rows[1].hits, 65);
    writer_header(w)->state = FORMAT_EXITED;
    look(true);
    assert_false(look(true));
    writer_close(w);
}

static void
assert_draws(struct grid *g, int row, const char *want)
{
    struct buf text = {0};

    grid_row_text(g, row, &text);
    if (strstr(buf_str(&text), want) == NULL)
        fail_msg("'%s' is not in '%s'", want, buf_str(&text));
    buf_release(&text);
}

static void
test_processes_draw_what_they_do(void **state)
{
    struct grid g = {0};
    struct grid_part whole;
    struct writer *w = make(".600", 600, 500, "app.py\n");
    FILE *missed;

    (void)state;
    writer_header(w)->exit_status = 3;
    writer_close(w);
    w = make("", 500, 0, "app.py\n--fast\n\x1b[2J\n");
    writer_header(w)->state = FORMAT_REPLACED;
    writer_header(w)->start_unix_ns = 0;
    writer_close(w);
    w = make(".700", 700, 500, "-c\npass\n");
    writer_header(w)->state = FORMAT_RUNNING; /* of no living process */
    writer_header(w)->pid = 0x3fffffff;
    writer_close(w);
    missed = fopen(scratch_path("run.missed"), "w");
    fputs("too old\n", missed);
    fclose(missed);
    start();
    look(true);
    grid_resize(&g, 24, COLS);
    whole = grid_whole(&g);
    processes_draw(&p, glyphs_get(true), NULL, &whole);
    assert_draws(&g, 2, "Processes");
    assert_draws(&g, 3, "pid  state        hits       time  what runs");
    assert_draws(&g, 4, "500  EXEC           60");
    assert_draws(&g, 4, "app.py --fast ^[[2J");
    assert_draws(&g, 5, "600  EXIT 3         60");
    assert_draws(&g, 6, "ENDED          60");
    assert_draws(&g, 6, "-c pass");
    assert_draws(&g, 7, "not watched: too old");
    grid_release(&g);
}

static void
test_processes_of_a_fork_are_called_so(void **state)
{
    struct grid g = {0};
    struct grid_part whole;

    (void)state;
    writer_close(make("", 500, 0, "app.py\n"));
    writer_close(make(".600", 600, 500, "app.py\n"));
    start();
    look(true);
    grid_resize(&g, 24, COLS);
    whole = grid_whole(&g);
    processes_draw(&p, glyphs_get(true), NULL, &whole);
    assert_draws(&g, 4, "app.py");
    assert_draws(&g, 5, "fork");
    grid_release(&g);
}

static void
test_processes_keys_choose(void **state)
{
    (void)state;
    writer_close(make("", 500, 0, "app.py\n"));
    writer_close(make(".600", 600, 500, "app.py\n"));
    start();
    look(true);
    processes_open(&p, NULL);
    assert_int_equal(processes_chosen(&p)->pid, 500);
    assert_int_equal(processes_key(&p, KEYS_DOWN), PROCESSES_STAYS);
    assert_int_equal(processes_key(&p, 'x'), PROCESSES_STAYS);
    assert_int_equal(processes_key(&p, KEYS_ENTER), PROCESSES_SHOW);
    assert_int_equal(processes_chosen(&p)->pid, 600);
    processes_open(&p, scratch_path("run.600"));
    assert_int_equal(processes_chosen(&p)->pid, 600);
    assert_int_equal(processes_key(&p, 'k'), PROCESSES_STAYS);
    assert_int_equal(processes_chosen(&p)->pid, 500);
    assert_int_equal(processes_key(&p, KEYS_ESC), PROCESSES_CLOSED);
}

static void
test_processes_without_a_session(void **state)
{
    (void)state;
    processes_init(&p, NULL, READER_LIVE);
    assert_false(look(true));
    processes_open(&p, NULL);
    assert_int_equal(processes_key(&p, KEYS_ENTER), PROCESSES_CLOSED);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_processes_stand_below_their_parents),
        TEST(test_processes_come_as_they_are_made),
        TEST(test_processes_draw_what_they_do),
        TEST(test_processes_of_a_fork_are_called_so),
        TEST(test_processes_keys_choose),
        TEST(test_processes_without_a_session),
    };

    setlocale(LC_ALL, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}

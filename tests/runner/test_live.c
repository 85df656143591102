/* Filters that change while the program runs: what was loaded without probes gets them,
 * over the control channel of a real runner. */
#include "tests/runner/run.h"

#include "runner/bytecode.h"

/* What is left out as a whole file when it is loaded, and wanted later: a function, a
 * method, a closure made before and one made afterwards, a generator's and a class
 * body's. `tick` makes room between the two. */
static const char loaded_unwanted[] =
    "def plain(n, more=2):\n"
    "    return n + more\n"
    "class Box:\n"
    "    def get(self):\n"
    "        return plain(1)\n"
    "def outer(n):\n"
    "    def inner():\n"
    "        return n\n"
    "    return inner\n"
    "old = outer(1)\n"
    "before = plain, plain.__code__, plain.__defaults__, hash(plain.__code__)\n"
    "def again():\n"
    "    code = plain.__code__\n"
    "    assert before == (plain, code, plain.__defaults__, hash(code))\n"
    "    assert plain.__code__ is before[1] and code.co_consts[0] is None\n"
    "    return plain(1) + Box().get() + old() + outer(2)()\n"
    "def ticks(tick):\n"
    "    while not tick():\n"
    "        again()\n";

static void
write_module(const char *name, const char *text)
{
    char path[160];
    FILE *f;

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    assert_int_equal(fclose(f), 0);
}

/* Hits of a line of the file whose path ends in `name`; 0 if it is not known. */
static uint64_t
hits_in(struct run *r, const char *name, uint32_t line)
{
    const struct format_line *l;
    const char *path;

    reader_refresh(r->reader);
    for (lines_id id = 0; (l = reader_line(r->reader, id)); id++) {
        path = reader_string(r->reader, reader_file(r->reader, l->file)->path, NULL);
        if (l->line == line && strstr(path, name))
            return reader_load(&l->hits);
    }
    return 0;
}

static void
stop_on(struct run *r, uint32_t line)
{
    assert_true(control_send(r->fd, CONTROL_UNTIL, line, strrchr(r->script, '/') + 1));
    expect(r, CONTROL_STOPPED);
}

/* Monitoring asks each function when it is called; it does not know how many will. */
static void
assert_found(struct run *r, uint32_t least, uint32_t most)
{
    bool asks = !bytecode_is_known() || strcmp(engine, "--engine=monitoring") == 0;
    uint32_t n = expect(r, CONTROL_INCLUDED);

    if (asks)
        assert_int_equal(n, 0);
    else
        assert_in_range(n, least, most);
}

static const char uses_other[] = "import sys\n"
                                 "sys.path.insert(0, __file__.rpartition('/')[0])\n"
                                 "import other\n"
                                 "n = 0\n"
                                 "def tick():\n"
                                 "    global n\n"
                                 "    n += 1\n"
                                 "    return False\n"
                                 "other.ticks(tick)\n";

/* The rule takes code in that was loaded without probes: nothing is counted before, and
 * every call afterwards; what ran at that moment, ticks(), is not. */
static void
assert_comes_to_life(const char *option, const char *rule)
{
    static const uint32_t lines[] = {2, 5, 7, 8, 9, 13, 14, 15, 16};
    struct run r;

    write_module("other.py", loaded_unwanted);
    start(&r, uses_other, option);
    assert_true(control_send(r.fd, CONTROL_PAUSE, 0, NULL));
    expect(&r, CONTROL_STOPPED);
    stop_on(&r, 7);
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
        assert_int_equal(hits_in(&r, "/other.py", lines[i]), 0);
    assert_true(control_send(r.fd, CONTROL_INCLUDE, 0, rule));
    assert_found(&r, 6, 6);
    stop_on(&r, 7);
    stop_on(&r, 7);
    assert_int_equal(hits_in(&r, "/other.py", 2), 4);
    assert_int_equal(hits_in(&r, "/other.py", 5), 2);
    assert_int_equal(hits_in(&r, "/other.py", 7), 2);
    assert_int_equal(hits_in(&r, "/other.py", 8), 4);
    assert_int_equal(hits_in(&r, "/other.py", 16), 2);
    assert_int_equal(hits_in(&r, "/other.py", 19), 0);
    assert_true(control_send(r.fd, CONTROL_EXCLUDE, 0, rule));
    stop_on(&r, 7);
    assert_in_range(hits_in(&r, "/other.py", 2), 4, 4);
    assert_true(control_send(r.fd, CONTROL_INCLUDE, 0, rule));
    assert_int_equal(expect(&r, CONTROL_INCLUDED), 0);
    stop_on(&r, 7);
    assert_int_equal(hits_in(&r, "/other.py", 2), 6);
    kill(r.pid, SIGKILL);
    finish(&r);
}

static void
test_live_finds_what_was_loaded_while_its_file_was_left_out(void **state)
{
    (void)state;
    assert_comes_to_life("--exclude=other.py", "other.py");
}

static void
test_live_finds_functions_that_were_left_out_one_by_one(void **state)
{
    (void)state;
    assert_comes_to_life("--exclude=other:*", "other:*");
}

/* A rule that takes in what was never included leaves in what was. */
static void
test_live_includes_what_was_never_included(void **state)
{
    (void)state;
    assert_comes_to_life("--include=prog*.py", "other");
}

static void
test_live_includes_the_standard_library(void **state)
{
    struct run r;

    (void)state;
    start(&r,
          "import textwrap\n"
          "def go():\n"
          "    return textwrap.dedent(' a')\n"
          "go()\n"
          "while go():\n"
          "    pass\n",
          "--pause");
    expect(&r, CONTROL_STOPPED);
    stop_on(&r, 4);
    assert_true(control_send(r.fd, CONTROL_INCLUDE, 0, "stdlib"));
    assert_found(&r, 100, 1000000);
    for (int i = 0; i < 3; i++)
        stop_on(&r, 3);
    reader_refresh(r.reader);
    for (codes_id id = 0;; id++) {
        const struct format_code *c = reader_code(r.reader, id);

        assert_non_null(c);
        if (strcmp(reader_string(r.reader, c->qualname, NULL), "dedent"))
            continue;
        /* The first line of its text that is no part of the docstring. */
        assert_in_range(hits_in(&r, "/textwrap.py", c->first_line + 15), 2, 2);
        break;
    }
    kill(r.pid, SIGKILL);
    finish(&r);
}

/* The outer function runs and has probes: what it defines from now on gets them, too.
 */
static void
test_live_reaches_what_a_running_function_defines(void **state)
{
    struct run r;

    (void)state;
    start(&r,
          "def outer():\n"
          "    while True:\n"
          "        def inner(n):\n"
          "            return n\n"
          "        inner(1)\n"
          "outer()\n",
          "--exclude=__main__:outer.<locals>.inner");
    assert_true(control_send(r.fd, CONTROL_PAUSE, 0, NULL));
    expect(&r, CONTROL_STOPPED);
    stop_on(&r, 5);
    assert_true(
        control_send(r.fd, CONTROL_INCLUDE, 0, "__main__:outer.<locals>.inner"));
    assert_found(&r, 1, 1);
    assert_int_equal(hits_in(&r, "/prog", 4), 0);
    for (uint64_t i = 1; i < 4; i++) {
        stop_on(&r, 5);
        assert_int_equal(hits_in(&r, "/prog", 4), i);
    }
    kill(r.pid, SIGKILL);
    finish(&r);
}

static void
test_live_works_by_monitoring(void **state)
{
    if (PY_VERSION_HEX < 0x030c0000)
        skip();
    engine = "--engine=monitoring";
    test_live_finds_what_was_loaded_while_its_file_was_left_out(state);
    test_live_finds_functions_that_were_left_out_one_by_one(state);
    test_live_includes_what_was_never_included(state);
    test_live_includes_the_standard_library(state);
    test_live_reaches_what_a_running_function_defines(state);
    engine = "--engine=auto";
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_live_finds_what_was_loaded_while_its_file_was_left_out),
        cmocka_unit_test(test_live_finds_functions_that_were_left_out_one_by_one),
        cmocka_unit_test(test_live_includes_what_was_never_included),
        cmocka_unit_test(test_live_includes_the_standard_library),
        cmocka_unit_test(test_live_reaches_what_a_running_function_defines),
        cmocka_unit_test(test_live_works_by_monitoring),
    };

    return cmocka_run_group_tests(tests, run_set_up, run_tear_down);
}

/* Pause, step, breakpoints and filters, over the control channel of a real runner. */
#include "tests/runner/run.h"

static const char *
local(struct run *r, const char *name)
{
    uint32_t index = reader_load32(&reader_header(r->reader)->stop) - 1;
    const struct format_stop *stop = reader_stop(r->reader, index);
    const struct format_frame *f = reader_frame(r->reader, stop->first_frame);
    const struct format_value *v;

    for (uint32_t i = 0; i < f->n_values; i++) {
        v = reader_value(r->reader, f->first_value + i);
        if (strcmp(reader_string(r->reader, v->name, NULL), name) == 0)
            return reader_string(r->reader, v->text, NULL);
    }
    return NULL;
}

static uint64_t
hits(struct run *r, uint32_t line)
{
    lines_id id;

    reader_refresh(r->reader);
    id = reader_find_line(r->reader, 0, line);
    assert_int_not_equal(id, FORMAT_NONE);
    return reader_load(&reader_line(r->reader, id)->hits);
}

static const char stepping[] = "def add(a, b):\n"
                               "    c = a + b\n"
                               "    return c\n"
                               "\n"
                               "x = add(1, 2)\n"
                               "y = add(x, 4)\n"
                               "z = x + y\n";

static void
test_gate_steps_into_over_and_out(void **state)
{
    struct run r;

    (void)state;
    start(&r, stepping, "--pause");
    expect(&r, CONTROL_STOPPED);
    assert_int_equal(line_after(&r, CONTROL_OVER), 5);
    assert_int_equal(line_after(&r, CONTROL_INTO), 2);
    assert_string_equal(local(&r, "a"), "1");
    assert_string_equal(local(&r, "b"), "2");
    assert_int_equal(line_after(&r, CONTROL_OVER), 3);
    assert_string_equal(local(&r, "c"), "3");
    assert_int_equal(line_after(&r, CONTROL_OUT), 6);
    assert_string_equal(local(&r, "add()"), "3");
    assert_int_equal(line_after(&r, CONTROL_OVER), 7);
    assert_string_equal(local(&r, "add()"), "7");
    assert_string_equal(local(&r, "y"), "7");
    assert_true(control_send(r.fd, CONTROL_RUN, 0, NULL));
    assert_int_equal(finish(&r), 0);
}

static const char returning[] = "def none():\n"
                                "    pass\n"
                                "def const():\n"
                                "    return 'word'\n"
                                "def deep(n):\n"
                                "    return [n] + deep(n - 1) if n else []\n"
                                "none()\n"
                                "const()\n"
                                "deep(3)\n"
                                "len('x')\n"
                                "pass\n";

static void
test_gate_shows_what_a_function_returned(void **state)
{
    struct run r;

    (void)state;
    start(&r, returning, "--pause");
    expect(&r, CONTROL_STOPPED);
    while (line_after(&r, CONTROL_OVER) != 8)
        continue;
    assert_string_equal(local(&r, "none()"), "None");
    assert_int_equal(line_after(&r, CONTROL_OVER), 9);
    assert_string_equal(local(&r, "const()"), "'word'");
    assert_int_equal(line_after(&r, CONTROL_OVER), 10);
    assert_string_equal(local(&r, "deep()"), "[3, 2, 1]");
    assert_int_equal(line_after(&r, CONTROL_OVER), 11);
    assert_null(local(&r, "deep()"));
    assert_true(control_send(r.fd, CONTROL_RUN, 0, NULL));
    assert_int_equal(finish(&r), 0);
}

static void
test_gate_steps_by_monitoring(void **state)
{
    if (PY_VERSION_HEX < 0x030c0000)
        skip();
    engine = "--engine=monitoring";
    test_gate_steps_into_over_and_out(state);
    test_gate_shows_what_a_function_returned(state);
    engine = "--engine=auto";
}

static const char looping[] = "import time\n"
                              "def work(n):\n"
                              "    return n * 2\n"
                              "def main():\n"
                              "    global done\n"
                              "    n = 0\n"
                              "    while not done:\n"
                              "        work(n)\n"
                              "        n += 1\n"
                              "        if n > 300_000_000: done = True\n"
                              "done = False\n"
                              "main()\n";

static void
test_gate_breaks_each_time_a_line_begins(void **state)
{
    struct run r;

    (void)state;
    start(&r, looping, "--pause");
    expect(&r, CONTROL_STOPPED);
    assert_true(control_send(r.fd, CONTROL_BREAK, 3, strrchr(r.script, '/') + 1));
    expect(&r, CONTROL_BROKEN_AT);
    for (int i = 1; i <= 5; i++) {
        assert_int_equal(line_after(&r, CONTROL_RUN), 3);
        assert_int_equal(hits(&r, 3), i);
    }
    assert_string_equal(local(&r, "n"), "4");
    assert_true(control_send(r.fd, CONTROL_CLEAR, 3, strrchr(r.script, '/') + 1));
    assert_true(control_send(r.fd, CONTROL_RUN, 0, NULL));
    expect(&r, CONTROL_RUNNING);
    kill(r.pid, SIGKILL);
    assert_true(WIFSIGNALED(finish(&r)));
}

static void
test_gate_pauses_a_program_that_runs(void **state)
{
    struct run r;
    uint64_t stood;
    uint32_t line;

    (void)state;
    start(&r, looping, "--mode=full");
    line = line_after(&r, CONTROL_PAUSE);
    assert_true(line >= 1 && line <= 12);
    assert_int_equal(reader_load32(&reader_header(r.reader)->state), FORMAT_PAUSED);
    stood = hits(&r, 9);
    assert_int_equal(hits(&r, 9), stood);
    assert_true(control_send(r.fd, CONTROL_RUN, 0, NULL));
    expect(&r, CONTROL_RUNNING);
    assert_true(control_send(r.fd, CONTROL_PAUSE, 0, NULL));
    expect(&r, CONTROL_STOPPED);
    kill(r.pid, SIGKILL);
    finish(&r);
}

static void
test_gate_mutes_what_is_filtered_out_and_unmutes_it(void **state)
{
    struct run r;
    uint64_t before;

    (void)state;
    start(&r, looping, "--break=prog.py:1");
    assert_true(control_send(r.fd, CONTROL_UNTIL, 9, strrchr(r.script, '/') + 1));
    line_after(&r, CONTROL_PAUSE);
    assert_true(control_send(r.fd, CONTROL_EXCLUDE, 0, "__main__:work"));
    before = hits(&r, 3);
    assert_true(control_send(r.fd, CONTROL_UNTIL, 9, strrchr(r.script, '/') + 1));
    expect(&r, CONTROL_STOPPED);
    assert_true(control_send(r.fd, CONTROL_UNTIL, 9, strrchr(r.script, '/') + 1));
    expect(&r, CONTROL_STOPPED);
    assert_true(hits(&r, 3) <= before + 1); /* it may have stood inside */
    before = hits(&r, 3);
    assert_true(control_send(r.fd, CONTROL_INCLUDE, 0, "__main__:work"));
    assert_true(control_send(r.fd, CONTROL_UNTIL, 9, strrchr(r.script, '/') + 1));
    expect(&r, CONTROL_STOPPED);
    assert_int_equal(hits(&r, 3), before + 1);
    kill(r.pid, SIGKILL);
    finish(&r);
}

/* With every line muted no probe comes by to take a message. */
static void
test_gate_takes_filters_back_where_nothing_is_watched(void **state)
{
    struct run r;
    uint64_t before;

    (void)state;
    start(&r, looping, "--mode=full");
    line_after(&r, CONTROL_PAUSE);
    assert_true(control_send(r.fd, CONTROL_EXCLUDE, 0, "__main__"));
    assert_true(control_send(r.fd, CONTROL_RUN, 0, NULL));
    expect(&r, CONTROL_RUNNING);
    assert_true(control_send(r.fd, CONTROL_INCLUDE, 0, "no rule"));
    expect(&r, CONTROL_REFUSED);
    before = hits(&r, 8);
    assert_true(control_send(r.fd, CONTROL_INCLUDE, 0, "__main__"));
    assert_true(control_send(r.fd, CONTROL_PAUSE, 0, NULL));
    expect(&r, CONTROL_STOPPED);
    assert_true(hits(&r, 8) >= before);
    kill(r.pid, SIGKILL);
    finish(&r);
}

static void
test_gate_refuses_a_filter_that_is_none(void **state)
{
    static const char *const rules[] = {"no rule", "mine"}; /* included already */
    struct control_msg msg;
    struct run r;

    (void)state;
    start(&r, stepping, "--pause");
    expect(&r, CONTROL_STOPPED);
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        assert_true(control_send(r.fd, CONTROL_INCLUDE, 0, rules[i]));
        assert_int_equal(control_recv(r.fd, &msg), 1);
        assert_int_equal(msg.type, CONTROL_REFUSED);
        assert_non_null(strstr(msg.text, rules[i]));
    }
    assert_true(control_send(r.fd, CONTROL_RUN, 0, NULL));
    assert_int_equal(finish(&r), 0);
}

static void
test_gate_ends_the_program_with_its_front_end(void **state)
{
    struct run r;
    int status;

    (void)state;
    start(&r, looping, "--mode=full");
    shutdown(r.fd, SHUT_RDWR);
    status = finish(&r);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGTERM);
}

static void
test_gate_lets_a_detached_program_go_on(void **state)
{
    struct run r;

    (void)state;
    start(&r, stepping, "--pause");
    expect(&r, CONTROL_STOPPED);
    assert_true(control_send(r.fd, CONTROL_DETACH, 0, NULL));
    shutdown(r.fd, SHUT_RDWR);
    assert_int_equal(finish(&r), 0);
}

static void
test_gate_forgets_what_was_asked_for_when_it_is_detached(void **state)
{
    struct run r;

    (void)state;
    start(&r, stepping, "--pause");
    expect(&r, CONTROL_STOPPED);
    assert_true(control_send(r.fd, CONTROL_BREAK, 7, strrchr(r.script, '/') + 1));
    assert_true(control_send(r.fd, CONTROL_RUN, 0, NULL));
    assert_true(control_send(r.fd, CONTROL_PAUSE, 0, NULL));
    assert_true(control_send(r.fd, CONTROL_DETACH, 0, NULL));
    shutdown(r.fd, SHUT_RDWR);
    assert_int_equal(finish(&r), 0);
}

static void
test_gate_leaves_a_program_alone_that_closes_every_descriptor(void **state)
{
    struct run r;

    (void)state;
    start(&r,
          "import os, socket, time\n"
          "os.closerange(3, 600)\n"
          "pairs = [socket.socketpair() for i in range(150)]\n"
          "for a, b in pairs: a.sendall(b'x' * 16)\n"
          "time.sleep(0.5)\n"
          "for a, b in pairs: assert b.recv(16) == b'x' * 16\n",
          "--mode=full");
    assert_int_equal(finish(&r), 0);
}

static void
test_gate_has_the_status_of_sys_exit(void **state)
{
    const struct format_header *h;
    struct run r;
    int status;

    (void)state;
    start(&r, "import sys\nsys.exit(3)\n", "--mode=full");
    assert_int_equal(waitpid(r.pid, &status, 0), r.pid);
    assert_int_equal(WEXITSTATUS(status), 3);
    h = reader_header(r.reader);
    assert_int_equal(reader_load32(&h->state), FORMAT_EXITED);
    assert_int_equal(h->exit_status, 3);
    assert_int_equal(reader_count(r.reader, FORMAT_STOPS), 0);
    reader_close(r.reader);
    close(r.fd);
}

static void
test_gate_keeps_the_frames_of_an_uncaught_exception(void **state)
{
    const struct format_stop *stop;
    struct run r;
    int status;

    (void)state;
    start(&r,
          "def load(rows):\n"
          "    out = {}\n"
          "    for k, v in rows:\n"
          "        out[k] = 100 // v\n"
          "import sys, os\n"
          "sys.stderr = open(os.devnull, 'w')\n"
          "load([('a', 4), ('c', 0)])\n",
          "--mode=full");
    assert_int_equal(waitpid(r.pid, &status, 0), r.pid);
    assert_int_equal(WEXITSTATUS(status), 1);
    reader_refresh(r.reader);
    assert_int_equal(reader_count(r.reader, FORMAT_STOPS), 1);
    stop = reader_stop(r.reader, 0);
    assert_int_equal(stop->reason, FORMAT_STOP_RAISED);
    assert_non_null(
        strstr(reader_string(r.reader, stop->text, NULL), "ZeroDivisionError: "));
    assert_int_equal(reader_frame(r.reader, stop->first_frame)->line, 4);
    assert_string_equal(local(&r, "out"), "{'a': 25}");
    assert_string_equal(local(&r, "v"), "0");
    reader_close(r.reader);
    close(r.fd);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gate_steps_into_over_and_out),
        cmocka_unit_test(test_gate_shows_what_a_function_returned),
        cmocka_unit_test(test_gate_steps_by_monitoring),
        cmocka_unit_test(test_gate_breaks_each_time_a_line_begins),
        cmocka_unit_test(test_gate_pauses_a_program_that_runs),
        cmocka_unit_test(test_gate_mutes_what_is_filtered_out_and_unmutes_it),
        cmocka_unit_test(test_gate_takes_filters_back_where_nothing_is_watched),
        cmocka_unit_test(test_gate_refuses_a_filter_that_is_none),
        cmocka_unit_test(test_gate_ends_the_program_with_its_front_end),
        cmocka_unit_test(test_gate_lets_a_detached_program_go_on),
        cmocka_unit_test(test_gate_forgets_what_was_asked_for_when_it_is_detached),
        cmocka_unit_test(test_gate_leaves_a_program_alone_that_closes_every_descriptor),
        cmocka_unit_test(test_gate_has_the_status_of_sys_exit),
        cmocka_unit_test(test_gate_keeps_the_frames_of_an_uncaught_exception),
    };

    return cmocka_run_group_tests(tests, run_set_up, run_tear_down);
}

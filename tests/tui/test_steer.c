#include <locale.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "session/control.h"
#include "tests/harness/session_build.h"
#include "tui/banner.h"
#include "tui/points.h"
#include "tui/steer.h"

/* A view and its reins; the test is the runner at the other end. */
static struct {
    struct session_build b;
    struct view view;
    struct steer steer;
    int runner;
    char said[256];
} s;

static void
say(void *data, const char *text)
{
    (void)data;
    snprintf(s.said, sizeof(s.said), "%s", text);
}

static const struct view_host host = {.say = say};

static int
setup(void **state)
{
    int ends[2];

    (void)state;
    memset(&s, 0, sizeof(s));
    session_build_start(&s.b, "3.11.2");
    assert_true(control_pair(ends, NULL));
    s.runner = ends[1];
    view_init(&s.view, glyphs_get(true));
    s.view.host = &host;
    steer_init(&s.steer, &s.view, ends[0], 0);
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    if (s.steer.wire.fd >= 0)
        close(s.steer.wire.fd);
    if (s.runner >= 0)
        close(s.runner);
    view_release(&s.view);
    session_build_end(&s.b);
    return 0;
}

/* A file with one function of three lines: 2, 4 and 5. */
static codes_id
add_function(void)
{
    files_id file = session_build_file(&s.b, "m.py", "#\nx\n\ny\nz\n");
    codes_id code = session_build_code(&s.b, file, "f", 2);

    session_build_line(&s.b, code, 2, 1, 0);
    session_build_line(&s.b, code, 4, 1, 0);
    session_build_line(&s.b, code, 5, 1, 0);
    s.view.reader = session_build_read(&s.b);
    return code;
}

static void
look(void)
{
    s.view.reader = session_build_read(&s.b);
    steer_look(&s.steer);
}

static void
stop_at(codes_id code, uint32_t line)
{
    session_build_stop(&s.b, code, line, NULL, 0);
    look();
}

/* The next message at the runner's end. */
static void
assert_told(enum control_type type, uint32_t number, const char *text)
{
    struct control_msg msg;

    assert_int_equal(control_recv(s.runner, &msg), 1);
    assert_int_equal(msg.type, type);
    assert_int_equal(msg.number, number);
    assert_string_equal(msg.text, text);
}

static void
assert_told_nothing(void)
{
    char byte;

    assert_int_equal(recv(s.runner, &byte, 1, MSG_DONTWAIT), -1);
}

static void
assert_banner(const char *word, const char *detail)
{
    struct banner banner = {0};

    banner_describe(&s.steer, &banner);
    assert_string_equal(buf_str(&banner.word), word);
    assert_string_equal(buf_str(&banner.detail), detail);
    banner_release(&banner);
}

static void
test_steer_begins_before_there_is_a_session(void **state)
{
    (void)state;
    steer_look(&s.steer);
    assert_int_equal(s.view.mode, VIEW_STARTING);
    assert_banner("STARTING", "");
    steer_pause(&s.steer);
    assert_string_equal(s.said, "the program has not begun yet");
    assert_false(s.steer.ready);
    control_send(s.runner, CONTROL_READY, 0, NULL);
    assert_true(steer_receive(&s.steer));
    assert_true(s.steer.ready);
}

static void
test_steer_shows_where_the_program_stopped(void **state)
{
    codes_id code = add_function();

    (void)state;
    look();
    assert_int_equal(s.view.mode, VIEW_RUN);
    stop_at(code, 4);
    assert_int_equal(s.view.mode, VIEW_PAUSED);
    assert_int_equal(s.view.line, 4);
    assert_int_equal(s.view.now_line, 4);
    assert_int_equal(s.view.stop, 0);
    assert_banner("PAUSED", "f:4  depth 1  breakpoint");
}

static void
test_steer_forgets_the_place_when_the_program_goes_on(void **state)
{
    codes_id code = add_function();

    (void)state;
    stop_at(code, 4);
    atomic_store(&writer_header(s.b.writer)->state, FORMAT_RUNNING);
    look();
    assert_int_equal(s.view.mode, VIEW_RUN);
    assert_int_equal(s.view.now_line, 0);
    assert_int_equal(s.view.line, 4); /* the cursor stays */
}

static void
test_steer_steps_one_at_a_time(void **state)
{
    codes_id code = add_function();

    (void)state;
    stop_at(code, 2);
    steer_step(&s.steer, CONTROL_INTO, 1);
    steer_step(&s.steer, CONTROL_OVER, 1); /* before the first has stopped */
    steer_run(&s.steer);
    assert_told(CONTROL_INTO, 0, "");
    assert_told_nothing();
    stop_at(code, 4);
    assert_told(CONTROL_OVER, 0, "");
    assert_told_nothing();
    stop_at(code, 5);
    assert_told(CONTROL_RUN, 0, "");
}

static void
test_steer_repeats_a_step(void **state)
{
    codes_id code = add_function();

    (void)state;
    stop_at(code, 2);
    steer_step(&s.steer, CONTROL_OVER, 3);
    for (int i = 0; i < 3; i++) {
        struct format_stop *stop;

        assert_told(CONTROL_OVER, 0, "");
        session_build_stop(&s.b, code, 4, NULL, 0);
        stop = writer_record(s.b.writer, FORMAT_STOPS, (uint32_t)i + 1);
        stop->reason = FORMAT_STOP_STEP;
        look();
    }
    assert_told_nothing();
}

static void
test_steer_repeats_no_further_than_a_breakpoint(void **state)
{
    codes_id code = add_function();
    struct format_stop *stop;

    (void)state;
    stop_at(code, 2);
    steer_step(&s.steer, CONTROL_OVER, 3);
    assert_told(CONTROL_OVER, 0, "");
    session_build_stop(&s.b, code, 4, NULL, 0);
    stop = writer_record(s.b.writer, FORMAT_STOPS, 1);
    stop->reason = FORMAT_STOP_BREAK;
    look();
    assert_told_nothing();
    assert_banner("PAUSED", "f:4  depth 1  breakpoint");
}

static void
test_steer_steps_only_where_the_program_stands(void **state)
{
    (void)state;
    add_function();
    look();
    steer_step(&s.steer, CONTROL_INTO, 1);
    assert_string_equal(s.said, "the program runs; pause it first");
    assert_told_nothing();
    steer_pause_or_run(&s.steer);
    assert_told(CONTROL_PAUSE, 0, "");
}

static void
test_steer_sets_breakpoints_where_a_line_can_run(void **state)
{
    codes_id code = add_function();
    files_id file = reader_code(s.view.reader, code)->file;
    const char *path = view_path(&s.view, file);

    (void)state;
    look();
    points_toggle(&s.steer.wire, file, 3);
    assert_told(CONTROL_BREAK, 4, path);
    assert_non_null(view_find_break(&s.view, file, 4));
    points_toggle(&s.steer.wire, file, 4);
    assert_told(CONTROL_CLEAR, 4, path);
    assert_null(view_find_break(&s.view, file, 4));
    points_toggle(&s.steer.wire, file, 6);
    assert_string_equal(s.said, "no line from here on can run");
}

static void
test_steer_confirms_breakpoints(void **state)
{
    codes_id code = add_function();
    files_id file = reader_code(s.view.reader, code)->file;

    (void)state;
    look();
    points_set(&s.steer.wire, "m.py", 2);
    assert_int_equal(view_find_break(&s.view, file, 2)->state, VIEW_BREAK_PENDING);
    control_send(s.runner, CONTROL_BROKEN_AT, 2, view_path(&s.view, file));
    steer_receive(&s.steer);
    assert_int_equal(view_find_break(&s.view, file, 2)->state, VIEW_BREAK_SET);
}

static void
test_steer_moves_a_breakpoint_when_its_file_is_loaded(void **state)
{
    files_id file;

    (void)state;
    s.view.reader = session_build_read(&s.b);
    look();
    points_set(&s.steer.wire, "m.py", 3);
    assert_told(CONTROL_BREAK, 3, "m.py");
    file = reader_code(s.view.reader, add_function())->file;
    look();
    assert_told(CONTROL_CLEAR, 3, "m.py");
    assert_told(CONTROL_BREAK, 4, "m.py");
    assert_int_equal(view_find_break(&s.view, file, 4)->state, VIEW_BREAK_SET);
}

static void
test_steer_hides_and_takes_back(void **state)
{
    (void)state;
    look();
    steer_hide(&s.steer, "json.*");
    steer_hide(&s.steer, "m:f");
    assert_told(CONTROL_EXCLUDE, 0, "json.*");
    assert_told(CONTROL_EXCLUDE, 0, "m:f");
    steer_unhide(&s.steer, NULL);
    assert_told(CONTROL_INCLUDE, 0, "m:f");
    steer_unhide(&s.steer, "json.*");
    assert_told(CONTROL_INCLUDE, 0, "json.*");
    steer_unhide(&s.steer, NULL);
    assert_string_equal(s.said, "nothing was hidden here");
}

static void
test_steer_includes_what_was_never_hidden(void **state)
{
    (void)state;
    look();
    steer_unhide(&s.steer, "xml");
    assert_told(CONTROL_INCLUDE, 0, "xml");
    assert_string_equal(s.said, "filter: +xml   :filter -RULE leaves it out again");
    control_send(s.runner, CONTROL_INCLUDED, 12, "xml");
    assert_true(steer_receive(&s.steer));
    assert_string_equal(s.said,
                        "filter: +xml   12 functions more, from their next call on");
    steer_hide(&s.steer, "xml");
    assert_told(CONTROL_EXCLUDE, 0, "xml");
    steer_unhide(&s.steer, NULL);
    assert_told(CONTROL_INCLUDE, 0, "xml");
}

static void
test_steer_passes_on_why_something_cannot_be(void **state)
{
    (void)state;
    control_send(s.runner, CONTROL_REFUSED, 0, "rule 'a b': no word");
    assert_true(steer_receive(&s.steer));
    assert_string_equal(s.said, "rule 'a b': no word");
}

static void
end_with(int wait_status)
{
    s.steer.wire.is_over = true;
    s.steer.wait_status = wait_status;
    look();
}

static void
raise_at(codes_id code, uint32_t line)
{
    struct format_stop *stop;

    session_build_stop(&s.b, code, line, NULL, 0);
    stop = writer_record(s.b.writer, FORMAT_STOPS,
                         writer_count(s.b.writer, FORMAT_STOPS) - 1);
    stop->reason = FORMAT_STOP_RAISED;
    stop->text = session_build_string(&s.b, "ValueError: no\nway");
    session_build_exit(&s.b, 1);
}

static void
test_steer_goes_to_the_line_that_raised(void **state)
{
    codes_id code = add_function();

    (void)state;
    look();
    raise_at(code, 5);
    end_with(1 << 8);
    assert_int_equal(s.view.mode, VIEW_EXIT);
    assert_int_equal(s.view.now_line, 5);
    assert_banner("EXIT 1", "ValueError  f:5");
}

static void
test_steer_goes_nowhere_when_the_program_ended_well(void **state)
{
    codes_id code = add_function();

    (void)state;
    look();
    raise_at(code, 5); /* somewhere, and somebody caught it after all */
    end_with(0);
    assert_int_equal(s.view.now_line, 0);
    assert_banner("EXIT 0", "");
}

static void
test_steer_names_the_signal_that_killed(void **state)
{
    (void)state;
    end_with(SIGSEGV);
    assert_banner("SIGSEGV", "");
    steer_run(&s.steer);
    assert_string_equal(s.said, "the program is over");
}

static void
test_steer_knows_when_nobody_listens(void **state)
{
    (void)state;
    look();
    close(s.runner);
    s.runner = -1;
    assert_true(steer_receive(&s.steer));
    assert_int_equal(s.steer.wire.fd, -1);
    steer_pause(&s.steer);
    assert_string_equal(s.said, "the program cannot be reached any more");
}

static void
test_steer_leaves_a_recording_alone(void **state)
{
    codes_id code = add_function();

    (void)state;
    raise_at(code, 4);
    close(s.steer.wire.fd);
    steer_init(&s.steer, &s.view, -1, 0);
    look();
    assert_int_equal(s.view.mode, VIEW_SAVED);
    assert_int_equal(s.view.now_line, 4);
    assert_banner("SAVED", "exit 1  ValueError  f:4");
    steer_run(&s.steer);
    assert_string_equal(s.said, "a recording: there is no program to steer");
}

/* A process of its own that waits for ever, in a group of its own. */
static pid_t
start_process(void)
{
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
        setpgid(0, 0);
        for (;;)
            pause();
    }
    setpgid(pid, pid);
    return pid;
}

static void
wait_without_reaping(pid_t pid)
{
    siginfo_t info;

    assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
}

static void
test_steer_ends_a_program_and_takes_its_status(void **state)
{
    pid_t pid = start_process();

    (void)state;
    s.steer.pid = pid;
    assert_false(steer_reap(&s.steer));
    assert_true(steer_is_alive(&s.steer));
    steer_end(&s.steer, STEER_TERMINATE);
    assert_true(s.steer.kill_at > 0);
    wait_without_reaping(pid);
    assert_true(steer_reap(&s.steer));
    assert_false(steer_reap(&s.steer));
    assert_false(steer_is_alive(&s.steer));
    assert_int_equal(WTERMSIG(s.steer.wait_status), SIGTERM);
    assert_int_equal(s.steer.kill_at, 0);
}

static void
test_steer_kills_what_does_not_end(void **state)
{
    pid_t pid = start_process();

    (void)state;
    s.steer.pid = pid;
    s.steer.kill_at = 1000;
    steer_tick(&s.steer, 999);
    assert_int_equal(s.steer.kill_at, 1000);
    steer_tick(&s.steer, 1000);
    wait_without_reaping(pid);
    assert_true(steer_reap(&s.steer));
    assert_int_equal(WTERMSIG(s.steer.wait_status), SIGKILL);
}

static void
test_steer_detaches(void **state)
{
    (void)state;
    look();
    steer_detach(&s.steer);
    assert_told(CONTROL_DETACH, 0, "");
    assert_true(s.steer.detached);
    assert_false(steer_is_alive(&s.steer));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_steer_begins_before_there_is_a_session),
        TEST(test_steer_shows_where_the_program_stopped),
        TEST(test_steer_forgets_the_place_when_the_program_goes_on),
        TEST(test_steer_steps_one_at_a_time),
        TEST(test_steer_repeats_a_step),
        TEST(test_steer_repeats_no_further_than_a_breakpoint),
        TEST(test_steer_steps_only_where_the_program_stands),
        TEST(test_steer_sets_breakpoints_where_a_line_can_run),
        TEST(test_steer_confirms_breakpoints),
        TEST(test_steer_moves_a_breakpoint_when_its_file_is_loaded),
        TEST(test_steer_hides_and_takes_back),
        TEST(test_steer_includes_what_was_never_hidden),
        TEST(test_steer_passes_on_why_something_cannot_be),
        TEST(test_steer_goes_to_the_line_that_raised),
        TEST(test_steer_goes_nowhere_when_the_program_ended_well),
        TEST(test_steer_names_the_signal_that_killed),
        TEST(test_steer_knows_when_nobody_listens),
        TEST(test_steer_leaves_a_recording_alone),
        TEST(test_steer_ends_a_program_and_takes_its_status),
        TEST(test_steer_kills_what_does_not_end),
        TEST(test_steer_detaches),
    };

    setlocale(LC_ALL, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}

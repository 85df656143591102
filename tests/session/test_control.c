#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "session/control.h"

static int ends[2];

static int
open_pair(void **state)
{
    (void)state;
    return control_pair(ends, NULL) ? 0 : -1;
}

static int
close_pair(void **state)
{
    (void)state;
    close(ends[0]);
    close(ends[1]);
    return 0;
}

static void
test_control_keeps_message_boundaries(void **state)
{
    struct control_msg msg;

    (void)state;
    assert_true(control_send(ends[0], CONTROL_BREAK, 12, "shop.py"));
    assert_true(control_send(ends[0], CONTROL_PAUSE, 0, NULL));
    assert_true(control_send(ends[1], CONTROL_READY, 0, ""));
    assert_int_equal(control_recv(ends[1], &msg), 1);
    assert_int_equal(msg.type, CONTROL_BREAK);
    assert_int_equal(msg.number, 12);
    assert_string_equal(msg.text, "shop.py");
    assert_int_equal(control_recv(ends[1], &msg), 1);
    assert_int_equal(msg.type, CONTROL_PAUSE);
    assert_string_equal(msg.text, "");
    assert_int_equal(control_recv(ends[0], &msg), 1);
    assert_int_equal(msg.type, CONTROL_READY);
}

static void
test_control_takes_the_longest_text(void **state)
{
    char text[CONTROL_TEXT_MAX + 1];
    struct control_msg msg;

    (void)state;
    memset(text, 'x', sizeof(text));
    text[CONTROL_TEXT_MAX] = '\0';
    assert_false(control_send(ends[0], CONTROL_REFUSED, 0, text));
    text[CONTROL_TEXT_MAX - 1] = '\0';
    assert_true(control_send(ends[0], CONTROL_REFUSED, 0, text));
    assert_int_equal(control_recv(ends[1], &msg), 1);
    assert_string_equal(msg.text, text);
}

static void
test_control_waits_for_nothing_when_asked_not_to(void **state)
{
    struct control_msg msg;

    (void)state;
    assert_int_equal(fcntl(ends[1], F_SETFL, O_NONBLOCK), 0);
    assert_int_equal(control_recv(ends[1], &msg), 0);
    assert_true(control_send(ends[0], CONTROL_RUN, 0, NULL));
    assert_int_equal(control_recv(ends[1], &msg), 1);
    assert_int_equal(control_recv(ends[1], &msg), 0);
}

static void
test_control_sees_that_the_other_side_is_gone(void **state)
{
    struct control_msg msg;

    (void)state;
    signal(SIGPIPE, SIG_DFL); /* deadly if it comes */
    assert_true(control_send(ends[0], CONTROL_RUN, 0, NULL));
    close(ends[0]);
    assert_int_equal(control_recv(ends[1], &msg), 1); /* what was sent before counts */
    assert_int_equal(control_recv(ends[1], &msg), -1);
    assert_false(control_send(ends[1], CONTROL_READY, 0, NULL));
}

static void
test_control_refuses_what_is_no_message(void **state)
{
    struct control_msg msg;

    (void)state;
    assert_int_equal(send(ends[0], "abc", 3, 0), 3);
    assert_int_equal(control_recv(ends[1], &msg), -1);
}

static void
test_control_ends_are_closed_on_exec(void **state)
{
    (void)state;
    assert_true(fcntl(ends[0], F_GETFD) & FD_CLOEXEC);
    assert_true(fcntl(ends[1], F_GETFD) & FD_CLOEXEC);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, open_pair, close_pair)
    const struct CMUnitTest tests[] = {
        TEST(test_control_keeps_message_boundaries),
        TEST(test_control_takes_the_longest_text),
        TEST(test_control_waits_for_nothing_when_asked_not_to),
        TEST(test_control_sees_that_the_other_side_is_gone),
        TEST(test_control_refuses_what_is_no_message),
        TEST(test_control_ends_are_closed_on_exec),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

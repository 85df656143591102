#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "session/control.h"
#include "tests/harness/session_build.h"
#include "tui/banner.h"
#include "tui/dialog.h"
#include "tui/vt.h"

#define ROWS 24
#define COLS 80

/* A screen without a terminal, over a session made by hand; the test is the runner. */
static struct {
    struct session_build b;
    struct view view;
    struct steer steer;
    struct screen screen;
    struct desk desk;
    struct keys *keys;
    char folder[300];
    char session[300];
    int runner;
    codes_id code;
} s;

static int
setup(void **state)
{
    struct desk_options options = {
        .save_dir = s.folder, .script = "m.py", .session = s.session};
    files_id file;
    int ends[2];

    (void)state;
    memset(&s, 0, sizeof(s));
    session_build_start(&s.b, "3.11.2");
    file = session_build_file(&s.b, "m.py", "def f():\n    a = 1\n    b = 2\n\nf()\n");
    s.code = session_build_code(&s.b, file, "f", 1);
    for (uint32_t line = 1; line <= 5; line += line == 3 ? 2 : 1)
        session_build_line(&s.b, s.code, line, line, 1000);
    assert_true(control_pair(ends, NULL));
    s.runner = ends[1];
    s.keys = keys_new();
    snprintf(s.folder, sizeof(s.folder), "%s/cov", s.b.dir);
    snprintf(s.session, sizeof(s.session), "%s/session", s.b.dir);
    view_init(&s.view, glyphs_get(true));
    s.view.host = &desk_host;
    s.view.host_data = &s.desk;
    s.view.reader = s.view.main = session_build_read(&s.b);
    steer_init(&s.steer, &s.view, ends[0], 0);
    screen_init(&s.screen, &s.view, s.keys);
    desk_init(&s.desk, &s.screen, &s.steer, &options);
    screen_arrange(&s.screen, ROWS, COLS);
    steer_look(&s.steer);
    view_select_line(&s.view, file, 1);
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    screen_release(&s.screen);
    desk_release(&s.desk);
    vt_free(s.view.terminal);
    view_release(&s.view);
    keys_free(s.keys);
    if (s.steer.wire.fd >= 0)
        close(s.steer.wire.fd);
    close(s.runner);
    session_build_end(&s.b);
    return 0;
}

/* Keys, one for each character; \r is Enter, \033 Esc. */
static void
type(const char *text)
{
    for (; *text != '\0'; text++)
        dialog_key(&s.desk, (keys_code)(unsigned char)*text);
}

static void
assert_says(const char *want)
{
    assert_string_equal(buf_str(&s.desk.message), want);
}

static void
assert_told(enum control_type type, uint32_t number)
{
    struct control_msg msg;

    assert_int_equal(control_recv(s.runner, &msg), 1);
    assert_int_equal(msg.type, type);
    assert_int_equal(msg.number, number);
}

/* Draws it all, and looks for text in a row (counted from below if negative). */
static void
assert_row_has(int row, const char *want)
{
    struct buf text = {0};

    screen_refresh(&s.screen);
    screen_draw(&s.screen);
    screen_draw_keys(&s.screen);
    dialog_draw(&s.desk);
    grid_row_text(&s.screen.grid, row < 0 ? ROWS + row : row, &text);
    if (strstr(buf_str(&text), want) == NULL)
        fail_msg("'%s' is not in '%s'", want, buf_str(&text));
    buf_release(&text);
}

static void
stop_at(uint32_t line)
{
    session_build_stop(&s.b, s.code, line, NULL, 0);
    session_build_read(&s.b);
    steer_look(&s.steer);
}

static void
end_program(int wait_status)
{
    session_build_exit(&s.b, wait_status >> 8);
    s.steer.wire.is_over = true;
    s.steer.wait_status = wait_status;
    steer_look(&s.steer);
}

static void
test_dialog_draws_panes_and_keys(void **state)
{
    (void)state;
    assert_row_has(1, "+= 1 Calls =");
    assert_row_has(9, "+- 2 m.py -");
    assert_row_has(-1, " Space pause");
    assert_row_has(-1, "? help  q quit");
    stop_at(2);
    assert_row_has(-1, " s step  n over  f out  c run");
    end_program(0);
    assert_row_has(-1, " S save");
}

static void
test_dialog_changes_the_focus(void **state)
{
    (void)state;
    type("2");
    assert_int_equal(s.screen.focus, '2');
    type("\t");
    assert_int_equal(s.screen.focus, '5');
    type("\t");
    assert_int_equal(s.screen.focus, '1');
    type("3");
    assert_non_null(layout_find(&s.screen.layout, '3'));
    assert_null(layout_find(&s.screen.layout, '5'));
    type("z");
    assert_int_equal(s.screen.layout.n, 1);
    type("z8");
    assert_says("8 means nothing here; ? shows the keys");
}

static void
test_dialog_steers_the_program(void **state)
{
    (void)state;
    type(" ");
    assert_told(CONTROL_PAUSE, 0);
    stop_at(2);
    type("n");
    assert_told(CONTROL_OVER, 0);
    stop_at(3);
    type("c");
    assert_told(CONTROL_RUN, 0);
}

static void
test_dialog_sets_a_breakpoint_by_key_and_by_command(void **state)
{
    (void)state;
    screen_refresh(&s.screen);
    type("2jb");
    assert_told(CONTROL_BREAK, 2);
    type(":break 4\r");
    assert_told(CONTROL_BREAK, 5);
    type(":clear 5\r");
    assert_told(CONTROL_CLEAR, 5);
    type(":br m.py:3\r");
    assert_told(CONTROL_BREAK, 3);
    type(":clear\r");
    assert_told(CONTROL_CLEAR, 3);
    assert_told(CONTROL_CLEAR, 2);
    assert_int_equal(s.view.n_breaks, 0);
}

static void
test_dialog_says_what_a_command_wants(void **state)
{
    (void)state;
    type(":braek 3\r");
    assert_says("no command is called 'braek' (break?)");
    type(":open nowhere.py\r");
    assert_says("nowhere.py: no such file was loaded");
    type(":set rw\r");
    assert_says("nothing is called 'rw' here (raw?)");
    type(":filter json\r");
    assert_says("usage: :filter -RULE or +RULE");
    type(":step x\r");
    assert_says("x: not a number from 1 on");
}

static void
test_dialog_filters_by_command(void **state)
{
    (void)state;
    type(":filter -json.*\r");
    assert_told(CONTROL_EXCLUDE, 0);
    assert_says("filter: -json.*   U takes it back");
    type("U");
    assert_told(CONTROL_INCLUDE, 0);
}

static void
test_dialog_goes_to_a_line_and_back(void **state)
{
    (void)state;
    type(":3\r");
    assert_int_equal(s.view.line, 3);
    type(":open m.py:5\r");
    assert_int_equal(s.view.line, 5);
    assert_int_equal(s.screen.focus, '2');
    dialog_key(&s.desk, KEYS_BACKSPACE);
    assert_int_equal(s.view.line, 3);
    dialog_key(&s.desk, KEYS_BACKSPACE);
    assert_int_equal(s.view.line, 1);
    dialog_key(&s.desk, KEYS_BACKSPACE);
    assert_says("no place was left behind");
}

static void
test_dialog_searches_while_typing(void **state)
{
    (void)state;
    screen_refresh(&s.screen);
    type("2/b =");
    assert_row_has(-1, "find in Source: b =");
    assert_row_has(-1, "1 of 1");
    assert_int_equal(s.view.line, 3);
    type("\r");
    assert_says("find in Source: b =   1 of 1");
    type("/nothing");
    assert_row_has(-1, "not found");
    type("\033");
    assert_int_equal(s.view.line, 3);
}

static void
test_dialog_asks_before_it_leaves_a_running_program(void **state)
{
    (void)state;
    type("q");
    assert_row_has(-1, "Program still runs:  [t]erminate  [k]ill  [l]et it run "
                       "untraced  [c]ancel");
    type("xc");
    assert_int_equal(s.desk.layer, DESK_PANES);
    assert_false(s.desk.quit);
    type("ql");
    assert_told(CONTROL_DETACH, 0);
    assert_true(s.desk.quit);
}

static void
test_dialog_offers_to_save_before_it_leaves(void **state)
{
    (void)state;
    end_program(0);
    type("q");
    assert_row_has(-1, "[s]ave .cover  [q]uit  [c]ancel");
    type("c");
    assert_false(s.desk.quit);
    type("qq");
    assert_true(s.desk.quit);
}

static void
test_dialog_saves_counts(void **state)
{
    char want[400], path[400];

    (void)state;
    type("Sc\r");
    snprintf(want, sizeof(want), "wrote %s/m.cover", s.folder);
    assert_says(want);
    assert_true(s.desk.saved);
    end_program(0);
    type("q"); /* nothing to ask: it is saved */
    assert_true(s.desk.quit);
    snprintf(path, sizeof(path), "%s/m.cover", s.folder);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(s.folder), 0);
}

static void
test_dialog_says_why_it_cannot_save(void **state)
{
    (void)state;
    type(":save /dev/null/x\r");
    assert_non_null(strstr(buf_str(&s.desk.message), "/dev/null"));
    assert_false(s.desk.saved);
}

static void
test_dialog_gives_the_keyboard_to_the_program(void **state)
{
    (void)state;
    type("i");
    assert_says("the program's input is redirected, it reads no keys from here");
    s.view.terminal = vt_new(5, 40, 10);
    type("iqS\r");
    assert_true(s.view.typing);
    assert_int_equal(s.screen.focus, '5');
    assert_string_equal(buf_str(&s.desk.to_program), "qS\r");
    assert_row_has(-1, "Ctrl-] back to the panes");
    dialog_key(&s.desk, KEYS_CTRL_OF(']'));
    assert_false(s.view.typing);
    type("q");
    assert_int_equal(s.desk.layer, DESK_MENU);
}

static void
test_dialog_takes_no_keys_from_a_paste(void **state)
{
    (void)state;
    dialog_key(&s.desk, KEYS_PASTE_BEGIN);
    type("Qq:q!\r");
    dialog_key(&s.desk, KEYS_PASTE_END);
    assert_false(s.desk.quit);
    assert_false(s.desk.leaving);
    type(":");
    dialog_key(&s.desk, KEYS_PASTE_BEGIN);
    type("open a\rb");
    dialog_key(&s.desk, KEYS_PASTE_END);
    assert_int_equal(s.desk.layer, DESK_COMMAND);
    assert_string_equal(prompt_text(&s.desk.command), "open ab");
}

static void
test_dialog_helps(void **state)
{
    (void)state;
    type("?");
    assert_row_has(2, " Help ");
    type("breakpoint on");
    assert_row_has(3, "The program");
    assert_row_has(4, "b F9");
    dialog_key(&s.desk, KEYS_ESC);
    assert_int_equal(s.desk.layer, DESK_PANES);
    type("?zoom\r"); /* Enter does it */
    assert_true(s.screen.zoom);
    type("?run to a line\r"); /* a command is typed on */
    assert_string_equal(prompt_text(&s.desk.command), "until ");
}

/* The session of a child that has ended, with one line that ran seven times. */
static void
make_child(uint32_t pid)
{
    char path[320];
    struct writer *w;
    struct format_header *h;
    struct format_file *file;
    struct format_line *line;
    void *place;

    snprintf(path, sizeof(path), "%s.%u", s.session, pid);
    assert_true(writer_open(&w, path, NULL));
    h = writer_header(w);
    h->pid = pid;
    h->state = FORMAT_EXITED;
    h->exit_status = 4;
    h->command = writer_string(w, "child.py\n", 9);
    writer_add(w, FORMAT_FILES, 1, &place);
    file = place;
    file->path = writer_string(w, "child.py", 8);
    file->source = writer_string(w, "pass\n", 5);
    file->flags = FORMAT_FILE_SOURCE | FORMAT_FILE_MAIN;
    writer_publish(w, FORMAT_FILES);
    writer_add(w, FORMAT_LINES, 1, &place);
    line = place;
    line->line = 1;
    line->hits = 7;
    writer_publish(w, FORMAT_LINES);
    writer_close(w);
}

static void
test_dialog_shows_another_process(void **state)
{
    struct banner banner = {.style = THEME_GOOD};
    struct control_msg msg;

    (void)state;
    make_child(77);
    processes_look(&s.desk.processes, 1, true);
    stop_at(2);
    type("P");
    assert_int_equal(s.desk.layer, DESK_PROCESSES);
    assert_row_has(2, " Processes ");
    assert_row_has(5, "77  EXIT 4          7");
    dialog_key(&s.desk, KEYS_DOWN);
    type("\r");
    assert_int_equal(s.desk.layer, DESK_PANES);
    assert_int_equal(s.view.child, 77);
    assert_ptr_not_equal(s.view.reader, s.view.main);
    steer_look(&s.steer);
    assert_int_equal(s.view.mode, VIEW_EXIT);
    banner_describe(&s.steer, &banner);
    assert_string_equal(buf_str(&banner.word), "EXIT 4");
    view_select_line(&s.view, 0, 1);
    type("2z");
    assert_row_has(2, "pass");
    type("z");
    assert_row_has(-1, "P processes  Backspace back");
    banner_release(&banner);

    type("s");
    assert_says("process 77 is only watched; Backspace leads to the program itself");
    type(":break 1\r");
    assert_says("process 77 is only watched; Backspace leads to the program itself");
    assert_true(recv(s.runner, &msg, sizeof(msg), MSG_DONTWAIT) < 0);

    dialog_key(&s.desk, KEYS_BACKSPACE);
    assert_int_equal(s.view.child, 0);
    steer_look(&s.steer);
    assert_int_equal(s.view.mode, VIEW_PAUSED);
    assert_int_equal(s.view.line, 2);
    type("s");
    assert_told(CONTROL_INTO, 0);
}

static void
test_dialog_shows_a_process_by_command(void **state)
{
    (void)state;
    make_child(77);
    processes_look(&s.desk.processes, 1, false);
    type(":process 78\r");
    assert_says("no process 78 is known");
    type(":process 77\r");
    assert_int_equal(s.view.child, 77);
    type(":process 77\r");
    assert_int_equal(s.view.child, 77);
    type(":process\r");
    assert_int_equal(s.desk.layer, DESK_PROCESSES);
}

static void
test_dialog_says_what_a_key_does_not_mean(void **state)
{
    (void)state;
    type("~");
    assert_says("~ means nothing here; ? shows the keys");
    dialog_key(&s.desk, KEYS_ALT | 'q');
    assert_says("Alt-q means nothing here; ? shows the keys");
}

/* Random keys, stops and sizes: nothing may break (run it with sanitizers). */
static void
test_dialog_survives_random_keys(void **state)
{
    static const keys_code keys[] = {'s',
                                     'n',
                                     'f',
                                     'c',
                                     ' ',
                                     'b',
                                     'u',
                                     'd',
                                     'r',
                                     'x',
                                     'X',
                                     'U',
                                     'o',
                                     '-',
                                     'T',
                                     'z',
                                     'S',
                                     '/',
                                     ':',
                                     '?',
                                     'i',
                                     'P',
                                     '1',
                                     '2',
                                     '3',
                                     '4',
                                     '5',
                                     'j',
                                     'k',
                                     'g',
                                     'G',
                                     'h',
                                     'l',
                                     KEYS_TAB,
                                     KEYS_ENTER,
                                     KEYS_ESC,
                                     KEYS_ESC,
                                     KEYS_BACKSPACE,
                                     KEYS_UP,
                                     KEYS_DOWN,
                                     KEYS_LEFT,
                                     KEYS_RIGHT,
                                     KEYS_PAGE_UP,
                                     KEYS_PAGE_DOWN,
                                     KEYS_F1,
                                     KEYS_F1 + 2,
                                     KEYS_CTRL_OF(']'),
                                     KEYS_PASTE_BEGIN,
                                     KEYS_PASTE_END,
                                     0x65e5};
    unsigned seed = 4711;
    struct control_msg msg;

    (void)state;
    print_message("seed %u\n", seed);
    s.view.terminal = vt_new(5, 40, 10);
    make_child(77);
    for (int i = 0; i < 5000; i++) {
        keys_code key;

        seed = seed * 1103515245u + 12345u;
        key = keys[(seed >> 16) % (sizeof(keys) / sizeof(keys[0]))];
        if (s.desk.layer == DESK_FOLDER || s.desk.layer == DESK_FILE)
            key = KEYS_ESC; /* not all over the disk */
        dialog_key(&s.desk, key);
        if (i % 50 == 0)
            stop_at(1 + (seed >> 20) % 5);
        processes_look(&s.desk.processes, (mono_ns)(i + 1) * 200000000u, i % 2 == 0);
        if (i % 70 == 0)
            screen_arrange(&s.screen, (int)(seed >> 18) % 70, (int)(seed >> 10) % 220);
        while (recv(s.runner, &msg, sizeof(msg), MSG_DONTWAIT) > 0)
            continue;
        screen_refresh(&s.screen);
        screen_draw(&s.screen);
        if (!s.screen.layout.too_small)
            screen_draw_keys(&s.screen);
        dialog_draw(&s.desk);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_dialog_draws_panes_and_keys),
        TEST(test_dialog_changes_the_focus),
        TEST(test_dialog_steers_the_program),
        TEST(test_dialog_sets_a_breakpoint_by_key_and_by_command),
        TEST(test_dialog_says_what_a_command_wants),
        TEST(test_dialog_filters_by_command),
        TEST(test_dialog_goes_to_a_line_and_back),
        TEST(test_dialog_searches_while_typing),
        TEST(test_dialog_asks_before_it_leaves_a_running_program),
        TEST(test_dialog_offers_to_save_before_it_leaves),
        TEST(test_dialog_saves_counts),
        TEST(test_dialog_says_why_it_cannot_save),
        TEST(test_dialog_gives_the_keyboard_to_the_program),
        TEST(test_dialog_takes_no_keys_from_a_paste),
        TEST(test_dialog_helps),
        TEST(test_dialog_shows_another_process),
        TEST(test_dialog_shows_a_process_by_command),
        TEST(test_dialog_says_what_a_key_does_not_mean),
        TEST(test_dialog_survives_random_keys),
    };

    setlocale(LC_ALL, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}

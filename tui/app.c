/* The loop. It sleeps in poll() until a key, a message, output or a signal comes, or
 * until the next frame is due; frames are due only while the program runs or something
 * has changed. Nothing here waits for the program, and the program never waits for us
 * but to write output, which is read before anything is drawn. */
#include "tui/app.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "base/mono.h"
#include "tui/banner.h"
#include "tui/desk.h"
#include "tui/dialog.h"
#include "tui/glyphs.h"
#include "tui/screen.h"
#include "tui/signals.h"
#include "tui/status.h"
#include "tui/steer.h"
#include "tui/theme.h"
#include "tui/tty.h"
#include "tui/vt.h"

#define NS_PER_MS 1000000u
#define SETTLE_NS (30 * NS_PER_MS) /* a step is given so long before it is drawn */
#define INPUT_NS (100 * NS_PER_MS) /* between two looks whether it waits for input */
#define DRAIN_NS (5 * NS_PER_MS)   /* spent on output before the next frame */
#define LAST_OUTPUT_NS (200 * NS_PER_MS) /* after the end, for children that print */
#define TO_PROGRAM_MAX 65536 /* bytes typed ahead of a program that reads none */
#define FALLBACK_ROWS 24
#define FALLBACK_COLS 80

struct app {
    const struct app_program *program;
    const struct app_options *options;
    struct keys *own_keys; /* the default ones, when no others were given */
    struct view view;
    struct steer steer;
    struct screen screen;
    struct desk desk;
    struct status status;
    struct banner banner;
    mono_ns frame_ns;   /* between two frames */
    mono_ns next_frame; /* the earliest time for one */
    mono_ns next_look;  /* at whether the program waits for input */
    mono_ns pty_until;  /* when output after the end is given up; 0: read on */
    bool pty_open;
    bool pty_idle;  /* nobody has the other end open: look again later */
    bool dirty;     /* something is to be drawn */
    bool signalled; /* SIGTERM or SIGHUP */
};

void
app_options_init(struct app_options *o)
{
    *o = (struct app_options){.theme = "default",
                              .fps = 20,
                              .scrollback = 10000,
                              .save_dir = "cov",
                              .quit = APP_QUIT_ASK};
}

/* The session. */

static void
take_reader(struct app *a, struct reader *r)
{
    a->view.reader = a->view.main = r;
    a->dirty = true;
    reader_refresh(r);
}

/* The runner's file. One that died early may have made it without saying so. */
static void
open_live(struct app *a)
{
    struct reader *r;
    struct err err;

    if (a->view.reader != NULL || a->steer.wire.is_recording ||
        (!a->steer.ready && !a->steer.wire.is_over))
        return;
    a->steer.ready = false;
    if (reader_open(&r, a->program->session_path, READER_LIVE, &err))
        take_reader(a, r);
    else if (!a->steer.wire.is_over)
        view_say(&a->view, "%s", err.text);
}

static bool
open_recording(struct app *a, struct err *err)
{
    struct reader *r;

    if (!a->steer.wire.is_recording)
        return true;
    if (!reader_open(&r, a->program->session_path, READER_COPY, err))
        return false;
    take_reader(a, r);
    return true;
}

/* Before anything else is selected: the script's own file. */
static void
select_main(struct app *a)
{
    const struct view *v = &a->view;
    uint32_t n = v->reader != NULL ? reader_count(v->reader, FORMAT_FILES) : 0;

    if (v->file != FORMAT_NONE)
        return;
    for (files_id id = 0; id < n; id++) {
        const struct format_file *f = reader_file(v->reader, id);

        if (f != NULL && (f->flags & FORMAT_FILE_MAIN) != 0) {
            view_select_line(&a->view, id, 1);
            return;
        }
    }
}

/* The program's terminal. */

static void
open_terminal(struct app *a)
{
    int fd = a->program->pty_fd;
    size_t lines = a->options->scrollback > 0 ? (size_t)a->options->scrollback : 1;

    if (fd < 0)
        return;
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    a->view.terminal = vt_new(FALLBACK_ROWS, FALLBACK_COLS, lines);
    a->pty_open = true;
}

/* The pane has drawn, and so made the terminal its size: the program is told. */
static void
tell_size(const struct app *a)
{
    struct winsize now, size = {0};

    if (!a->pty_open)
        return;
    size.ws_row = (unsigned short)vt_rows(a->view.terminal);
    size.ws_col = (unsigned short)vt_cols(a->view.terminal);
    if (ioctl(a->program->pty_fd, TIOCGWINSZ, &now) == 0 &&
        (now.ws_row != size.ws_row || now.ws_col != size.ws_col))
        ioctl(a->program->pty_fd, TIOCSWINSZ, &size);
}

/* Reads what the program printed, for a while. EIO says that nobody has the other end
 * open just now, not that nobody ever will: the program may have closed it for a while.
 */
static void
read_output(struct app *a)
{
    mono_ns until = mono_clock() + DRAIN_NS;
    char bytes[16384];
    ssize_t n;

    do {
        n = read(a->program->pty_fd, bytes, sizeof(bytes));
        if (n > 0) {
            vt_feed(a->view.terminal, bytes, (size_t)n);
            a->dirty = true;
        }
    } while ((n > 0 || (n < 0 && errno == EINTR)) && mono_clock() < until);
    a->pty_idle = n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR);
    if (a->pty_idle && a->steer.wire.is_over)
        a->pty_open = false;
}

static void
write_input(struct app *a)
{
    struct buf *out = &a->desk.to_program;
    ssize_t n = write(a->program->pty_fd, out->data, out->len);

    if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
        if (out->len > TO_PROGRAM_MAX) {
            buf_clear(out);
            view_say(&a->view, "the program reads nothing: what was typed is dropped");
        }
        return;
    }
    if (n < 0 || (size_t)n == out->len) {
        buf_clear(out);
        return;
    }
    memmove(out->data, out->data + n, out->len - (size_t)n + 1);
    out->len -= (size_t)n;
}

/* Signals. */

static void
suspend(struct app *a)
{
    tty_suspend();
    steer_suspend(&a->steer, true);
    signals_stop_self();
    steer_suspend(&a->steer, false);
    tty_resume();
    screen_arrange(&a->screen, tty_rows(), tty_cols());
    a->dirty = true;
}

static void
on_signals(struct app *a, unsigned bits)
{
    if ((bits & SIGNALS_RESIZE) != 0) {
        tty_resize();
        screen_arrange(&a->screen, tty_rows(), tty_cols());
        a->dirty = true;
    }
    if ((bits & SIGNALS_CONTINUE) != 0) { /* after a SIGSTOP from elsewhere */
        tty_resume();
        a->dirty = true;
    }
    if ((bits & SIGNALS_INTERRUPT) != 0)
        steer_pause(&a->steer);
    if ((bits & SIGNALS_SUSPEND) != 0)
        a->desk.suspend = true;
    if ((bits & SIGNALS_END) != 0)
        a->signalled = true;
}

/* One turn of the loop. */

static bool
is_running(const struct app *a)
{
    return a->view.mode == VIEW_STARTING || a->view.mode == VIEW_RUN ||
           a->view.mode == VIEW_PAUSING || a->view.mode == VIEW_INPUT ||
           processes_is_any_alive(&a->desk.processes);
}

static mono_ns
sooner(mono_ns a, mono_ns b)
{
    return a < b ? a : b;
}

/* Until something is to be done by itself; -1: for ever. */
static int
wait_ms(const struct app *a, mono_ns now)
{
    mono_ns until = UINT64_MAX;

    if (a->dirty || is_running(a))
        until = a->next_frame;
    if (a->steer.kill_at != 0)
        until = sooner(until, a->steer.kill_at);
    if (a->pty_until != 0)
        until = sooner(until, a->pty_until);
    if (until == UINT64_MAX)
        return -1;
    return until <= now ? 0 : (int)((until - now + NS_PER_MS - 1) / NS_PER_MS);
}

/* After the end, output is read until nobody is left who could print, or for a while.
 */
static void
end_output(struct app *a, mono_ns now)
{
    if (a->steer.wire.is_over && a->pty_open && a->pty_until == 0)
        a->pty_until = now + LAST_OUTPUT_NS;
    else if (a->pty_until != 0 && now >= a->pty_until)
        a->pty_open = false;
    if (!a->pty_open)
        a->pty_until = 0;
}

static void
read_keys(struct app *a)
{
    keys_code key;

    while (tty_read(&key)) {
        bool was_paused = a->view.mode == VIEW_PAUSED;

        dialog_key(&a->desk, key);
        a->dirty = true;
        /* A step is over in no time: the picture between would only flicker. */
        if (was_paused && a->next_frame < mono_clock() + SETTLE_NS)
            a->next_frame = mono_clock() + SETTLE_NS;
    }
}

enum { TTY, SIGNALS, CONTROL, PTY, N_FDS };

static void
wait_for_events(struct app *a, struct pollfd fds[N_FDS])
{
    bool writes = a->desk.to_program.len > 0;
    bool pty = a->pty_open && (!a->pty_idle || writes);

    fds[TTY] = (struct pollfd){tty_fd(), POLLIN, 0};
    fds[SIGNALS] = (struct pollfd){signals_fd(), POLLIN, 0};
    fds[CONTROL] = (struct pollfd){a->steer.wire.fd, POLLIN, 0};
    fds[PTY] = (struct pollfd){pty ? a->program->pty_fd : -1,
                               (short)(POLLIN | (writes ? POLLOUT : 0)), 0};
    if (poll(fds, N_FDS, wait_ms(a, mono_clock())) < 0) {
        for (int i = 0; i < N_FDS; i++)
            fds[i].revents = 0;
    }
}

static void
take_events(struct app *a, const struct pollfd fds[N_FDS])
{
    if (fds[SIGNALS].revents != 0)
        on_signals(a, signals_take());
    if ((fds[TTY].revents & (POLLHUP | POLLERR | POLLNVAL)) != 0)
        a->signalled = true; /* the terminal is gone */
    else if (fds[TTY].revents != 0)
        read_keys(a);
    if (a->pty_open && (fds[PTY].revents & POLLOUT) != 0)
        write_input(a);
    if (a->pty_open && (fds[PTY].revents != 0 || a->pty_idle))
        read_output(a);
    if (steer_receive(&a->steer)) {
        a->dirty = true;
        open_live(a);
    }
    if (steer_reap(&a->steer)) {
        processes_hurry(&a->desk.processes);
        a->dirty = true;
        open_live(a);
    }
}

/* Takes in what the session has; true when a frame is to be drawn. */
static bool
look(struct app *a, mono_ns now)
{
    bool changed = a->dirty;

    if (a->view.reader != NULL)
        reader_refresh(a->view.reader);
    if (now >= a->next_look) {
        a->next_look = now + INPUT_NS;
        changed |= steer_look_for_input(&a->steer);
    }
    changed |= processes_look(&a->desk.processes, now,
                              a->desk.layer == DESK_PROCESSES || a->steer.wire.is_over);
    a->view.n_processes = a->desk.processes.n;
    changed |= steer_look(&a->steer);
    select_main(a);
    changed |= status_update(&a->status, &a->view, now);
    changed |= screen_refresh(&a->screen);
    return changed || is_running(a);
}

static void
draw(struct app *a)
{
    struct grid_part title;
    struct dialog_cursor cursor;
    struct grid_part inside;
    const struct screen_pane *terminal = screen_terminal(&a->screen);
    int row, col;

    a->screen.covered = a->desk.layer == DESK_HELP || a->desk.layer == DESK_PROCESSES;
    screen_draw(&a->screen);
    banner_describe(&a->steer, &a->banner);
    title = screen_title(&a->screen);
    status_draw(&a->status, &a->view, &a->banner, &title);
    if (!a->screen.layout.too_small)
        screen_draw_keys(&a->screen);
    cursor = dialog_draw(&a->desk);
    if (a->view.typing && terminal != NULL && a->view.terminal != NULL) {
        inside = screen_inside(&a->screen, terminal->ops->digit);
        if (vt_cursor(a->view.terminal, &row, &col) && row < inside.rows &&
            col < inside.cols)
            cursor = (struct dialog_cursor){inside.row + row, inside.col + col};
    }
    tty_show(&a->screen.grid, cursor.row, cursor.col);
    tell_size(a);
}

static void
frame(struct app *a)
{
    mono_ns now = mono_clock(), spent;

    if (a->desk.redraw)
        tty_redraw();
    a->desk.redraw = false;
    if (look(a, now))
        draw(a);
    a->dirty = false;
    /* On a slow line frames take long: then there are fewer of them. */
    spent = mono_clock() - now;
    a->next_frame = now + (2 * spent > a->frame_ns ? 2 * spent : a->frame_ns);
}

static void
turn(struct app *a)
{
    struct pollfd fds[N_FDS];
    mono_ns now;

    wait_for_events(a, fds);
    take_events(a, fds);
    now = mono_clock();
    steer_tick(&a->steer, now);
    end_output(a, now);
    if (a->desk.suspend) {
        a->desk.suspend = false;
        suspend(a);
    }
    if (a->desk.leaving && a->steer.wire.is_over)
        a->desk.quit = true;
    if (!a->desk.quit && !a->signalled && now >= a->next_frame &&
        (a->dirty || is_running(a)))
        frame(a);
}

/* The whole. */

/* Ends a program nobody looks at any more: the terminal is gone, or never came. */
static void
end_program(struct app *a)
{
    const struct timespec tick = {0, 10 * NS_PER_MS};

    if (!steer_is_alive(&a->steer) || a->program->pid <= 0)
        return;
    steer_end(&a->steer, STEER_TERMINATE);
    while (!steer_reap(&a->steer)) {
        if (a->pty_open)
            read_output(a); /* or it could not end for want of somebody to read */
        steer_receive(&a->steer);
        steer_tick(&a->steer, mono_clock());
        nanosleep(&tick, NULL);
    }
}

static void
add_breaks(struct app *a)
{
    for (size_t i = 0; i < a->options->n_breaks; i++)
        view_add_break(&a->view, a->options->breaks[i].path,
                       a->options->breaks[i].line);
}

static void
init_desk(struct app *a)
{
    static const enum desk_quit quits[] = {
        [APP_QUIT_ASK] = DESK_QUIT_ASK,
        [APP_QUIT_TERMINATE] = DESK_QUIT_TERMINATE,
        [APP_QUIT_KILL] = DESK_QUIT_KILL,
        [APP_QUIT_DETACH] = DESK_QUIT_DETACH,
    };
    struct desk_options options = {.save_dir = a->options->save_dir,
                                   .script = a->program->script,
                                   .session = a->program->session_path,
                                   .quit = quits[a->options->quit]};

    if (options.script == NULL)
        options.script = "";
    desk_init(&a->desk, &a->screen, &a->steer, &options);
}

static void
init(struct app *a)
{
    const struct keys *keys = a->options->keys;
    int fps = a->options->fps < 1 ? 1 : a->options->fps > 60 ? 60 : a->options->fps;

    if (keys == NULL)
        keys = a->own_keys = keys_new();
    view_init(&a->view, glyphs_get((a->options->flags & APP_ASCII) != 0));
    a->view.options = (a->options->flags & APP_RAW_TIMES) != 0 ? VIEW_RAW_TIMES : 0;
    a->view.host = &desk_host;
    a->view.host_data = &a->desk;
    steer_init(&a->steer, &a->view, a->program->control_fd, a->program->pid);
    screen_init(&a->screen, &a->view, keys);
    init_desk(a);
    a->desk.saved = (a->options->flags & APP_KEPT) != 0;
    status_init(&a->status, a->program->script);
    a->frame_ns = 1000u * NS_PER_MS / (mono_ns)fps;
    a->dirty = true;
    add_breaks(a);
    open_terminal(a);
}

static void
release(struct app *a)
{
    screen_release(&a->screen);
    desk_release(&a->desk);
    status_release(&a->status);
    banner_release(&a->banner);
    vt_free(a->view.terminal);
    if (a->view.main != NULL)
        reader_close(a->view.main);
    view_release(&a->view);
    keys_free(a->own_keys);
}

static bool
open_screen(struct app *a, struct err *err)
{
    struct tty_options options = {.theme = theme_find(a->options->theme),
                                  .mono = (a->options->flags & APP_MONO) != 0};

    if (options.theme == NULL)
        return err_set(err, "no theme is called '%s'", a->options->theme);
    if (!tty_open(&options, err))
        return false;
    if (!signals_open(err)) {
        tty_close();
        return false;
    }
    screen_arrange(&a->screen, tty_rows(), tty_cols());
    return true;
}

static void
set_result(const struct app *a, struct app_result *result)
{
    *result = (struct app_result){.end = APP_END_NONE};
    if (a->steer.detached)
        result->end = APP_END_DETACHED;
    else if (a->steer.wire.is_over)
        result->end = APP_END_PROGRAM;
    result->wait_status = a->steer.wait_status;
}

bool
app_run(const struct app_program *program, const struct app_options *options,
        struct app_result *result, struct err *err)
{
    struct app a = {.program = program, .options = options};
    bool ok;

    init(&a);
    ok = open_recording(&a, err) && open_screen(&a, err);
    if (ok) {
        while (!a.desk.quit && !a.signalled)
            turn(&a);
        tty_close();
    }
    end_program(&a);
    set_result(&a, result);
    release(&a);
    if (ok)
        signals_close(); /* last: shells send SIGHUP twice */
    return ok;
}

#include "tui/steer.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "tui/points.h"
#include "tui/waits.h"

#define GRACE_NS 3000000000u /* between asking the program to end and killing it */

void
steer_init(struct steer *s, struct view *view, int control_fd, pid_t pid)
{
    *s = (struct steer){.view = view,
                        .wire = {.view = view,
                                 .fd = control_fd,
                                 .is_recording = pid == 0 && control_fd < 0},
                        .pid = pid};
    if (control_fd >= 0)
        fcntl(control_fd, F_SETFL, fcntl(control_fd, F_GETFL) | O_NONBLOCK);
}

bool
steer_is_alive(const struct steer *s)
{
    return !s->wire.is_recording && !s->wire.is_over && !s->detached;
}

/* Messages. */

static void
take(struct steer *s, const struct control_msg *msg)
{
    if (msg->type == CONTROL_READY)
        s->ready = true;
    else if (msg->type == CONTROL_BROKEN_AT)
        points_note_set(&s->wire, msg);
    else if (msg->type == CONTROL_REFUSED)
        view_say(s->view, "%s", msg->text);
    else if (msg->type == CONTROL_INCLUDED && msg->number > 0)
        view_say(s->view, "filter: +%s   %u functions more, from their next call on",
                 msg->text, msg->number);
}

bool
steer_receive(struct steer *s)
{
    struct control_msg msg;
    bool came = false;
    int got;

    while (s->wire.fd >= 0 && (got = control_recv(s->wire.fd, &msg)) != 0) {
        came = true;
        if (got < 0)
            s->wire.fd = -1; /* it is over, or closed all it had open */
        else
            take(s, &msg);
    }
    return came;
}

/* Looking. */

/* The latest snapshot of an exception in the main thread, or in any. */
uint32_t
steer_raised(const struct reader *r)
{
    uint32_t found = FORMAT_NONE;

    for (uint32_t i = reader_count(r, FORMAT_STOPS); i-- > 0;) {
        const struct format_stop *stop = reader_stop(r, i);

        if (stop == NULL || stop->reason != FORMAT_STOP_RAISED)
            continue;
        if (stop->thread == 0)
            return i;
        found = found == FORMAT_NONE ? i : found;
    }
    return found;
}

/* The innermost frame that was traced: an exception may come from below. */
uint32_t
steer_own_frame(const struct reader *r, const struct format_stop *stop)
{
    for (uint32_t i = 0; i < stop->n_frames; i++) {
        const struct format_frame *f = reader_frame(r, stop->first_frame + i);

        if (f != NULL && f->code != FORMAT_NONE)
            return i;
    }
    return 0;
}

static void
stand_at(struct view *v, uint32_t id)
{
    const struct format_stop *stop = reader_stop(v->reader, id);

    if (stop == NULL)
        return;
    view_select_frame(v, id, steer_own_frame(v->reader, stop));
    v->now_file = v->file;
    v->now_line = v->line;
    v->now_node = v->node;
}

static void
stand_nowhere(struct view *v)
{
    v->now_file = FORMAT_NONE;
    v->now_line = 0;
    v->now_node = FORMAT_NONE;
    v->stop = FORMAT_NONE;
    v->n_selects++;
}

/* Whether the program is known to have failed. */
static bool
has_failed(const struct steer *s)
{
    const struct format_header *h = reader_header(s->view->reader);

    if (s->wire.is_over && s->view->child == 0)
        return s->wait_status != 0;
    return !reader_has_ended(s->view->reader) ||
           atomic_load_explicit(&h->exit_status, memory_order_relaxed) != 0;
}

static enum view_mode
mode_of(const struct steer *s)
{
    static const enum view_mode modes[] = {
        [FORMAT_STARTING] = VIEW_STARTING, [FORMAT_RUNNING] = VIEW_RUN,
        [FORMAT_PAUSING] = VIEW_PAUSING,   [FORMAT_PAUSED] = VIEW_PAUSED,
        [FORMAT_EXITED] = VIEW_RUN, /* its threads may still be at work */
        [FORMAT_REPLACED] = VIEW_RUN,
    };
    uint32_t state;

    if (s->wire.is_recording)
        return VIEW_SAVED;
    if (s->view->child != 0)
        return reader_is_over(s->view->reader) ? VIEW_EXIT : VIEW_RUN;
    if (s->wire.is_over)
        return VIEW_EXIT;
    if (s->view->reader == NULL)
        return VIEW_STARTING;
    state = reader_load32(&reader_header(s->view->reader)->state);
    if (state > FORMAT_REPLACED)
        return VIEW_RUN;
    if (modes[state] == VIEW_RUN && (s->view->typing || s->waits))
        return VIEW_INPUT;
    return modes[state];
}

static void
enter_mode(struct steer *s, enum view_mode mode)
{
    struct view *v = s->view;
    bool stood = v->now_line != 0;

    v->mode = mode;
    if (mode == VIEW_EXIT || mode == VIEW_SAVED) {
        uint32_t raised = v->reader != NULL ? steer_raised(v->reader) : FORMAT_NONE;

        if (stood)
            stand_nowhere(v);
        if (raised != FORMAT_NONE && has_failed(s))
            stand_at(v, raised);
        s->view->typing = false;
    } else if (mode != VIEW_PAUSED && stood) {
        stand_nowhere(v);
    }
}

/* Tells the program to go on. */
static void
move(struct steer *s, enum control_type type)
{
    s->moving = wire_send(&s->wire, type, 0, NULL);
}

/* What is to be done at a stop, if keys came faster than stops. */
static void
move_again(struct steer *s, const struct format_stop *stop)
{
    if (stop->reason != FORMAT_STOP_STEP)
        s->n_again = 0; /* a breakpoint on the way, a pause */
    if (s->n_again > 0) {
        s->n_again--;
        move(s, s->again);
    } else if (s->n_moves > 0) {
        enum control_type next = s->moves[0];

        s->n_moves--;
        memmove(s->moves, s->moves + 1, s->n_moves * sizeof(s->moves[0]));
        move(s, next);
    }
}

/* The program has stopped once more. */
static void
enter_stop(struct steer *s, uint32_t id)
{
    const struct format_stop *stop = reader_stop(s->view->reader, id);

    s->view->typing = false;
    s->moving = false;
    s->view->mode = VIEW_PAUSED;
    stand_at(s->view, id);
    if (stop != NULL)
        move_again(s, stop);
}

bool
steer_look(struct steer *s)
{
    struct reader *r = s->view->reader;
    enum view_mode mode = mode_of(s), before = s->view->mode;
    uint32_t n_stops = r != NULL ? reader_load32(&reader_header(r)->stop) : 0;
    uint32_t n_files = r != NULL ? reader_count(r, FORMAT_FILES) : 0;
    bool stopped = mode == VIEW_PAUSED &&
                   (n_stops != s->n_stops_seen || before != VIEW_PAUSED) &&
                   n_stops > 0 && n_stops <= reader_count(r, FORMAT_STOPS);

    if (n_files != s->n_files_seen) {
        s->n_files_seen = n_files;
        points_settle(&s->wire);
    }
    if (mode == VIEW_PAUSED && !stopped)
        return false; /* as before, or its stop is not published yet */
    if (stopped) {
        s->n_stops_seen = n_stops;
        enter_stop(s, n_stops - 1);
        return true;
    }
    if (mode == before)
        return false;
    enter_mode(s, mode);
    return true;
}

void
steer_look_again(struct steer *s)
{
    s->n_stops_seen = 0;
    s->n_files_seen = 0;
}

bool
steer_look_for_input(struct steer *s)
{
    bool waits = steer_is_alive(s) && s->view->terminal != NULL && s->pid > 0 &&
                 (s->view->mode == VIEW_RUN || s->view->mode == VIEW_INPUT) &&
                 waits_for_input(s->pid);
    bool changed = waits != s->waits;

    s->waits = waits;
    return changed;
}

/* The process. */

bool
steer_reap(struct steer *s)
{
    pid_t pid;

    if (s->pid <= 0 || s->wire.is_over)
        return false;
    do
        pid = waitpid(s->pid, &s->wait_status, WNOHANG);
    while (pid < 0 && errno == EINTR);
    if (pid == 0)
        return false;
    if (pid < 0)
        s->wait_status = 0; /* somebody else waited for it */
    s->wire.is_over = true;
    s->waits = false;
    s->kill_at = 0;
    return true;
}

static void
kill_group(const struct steer *s, int signal)
{
    if (s->pid > 0 && !s->wire.is_over && kill(-s->pid, signal) != 0)
        kill(s->pid, signal);
}

void
steer_end(struct steer *s, enum steer_end how)
{
    if (!steer_is_alive(s))
        return;
    if (how == STEER_KILL) {
        kill_group(s, SIGKILL);
        return;
    }
    /* A handler of the program's own runs only if the program does. */
    if (s->wire.fd >= 0) {
        for (size_t i = 0; i < s->view->n_breaks; i++)
            control_send(s->wire.fd, CONTROL_CLEAR, s->view->breaks[i].line,
                         s->view->breaks[i].path);
        control_send(s->wire.fd, CONTROL_RUN, 0, NULL);
    }
    kill_group(s, SIGTERM);
    kill_group(s, SIGCONT);
    s->kill_at = mono_clock() + GRACE_NS;
}

void
steer_tick(struct steer *s, mono_ns now)
{
    if (s->kill_at != 0 && now >= s->kill_at) {
        s->kill_at = 0;
        kill_group(s, SIGKILL);
    }
}

void
steer_detach(struct steer *s)
{
    if (steer_is_alive(s) && wire_send(&s->wire, CONTROL_DETACH, 0, NULL))
        s->detached = true;
}

void
steer_suspend(struct steer *s, bool suspended)
{
    kill_group(s, suspended ? SIGSTOP : SIGCONT);
}

/* What keys ask for. */

/* Keys may come faster than the program stops: they wait for their turn. */
static bool
waits_for_turn(struct steer *s, enum control_type type)
{
    if (!s->moving || s->view->mode != VIEW_PAUSED)
        return false;
    if (s->n_moves < STEER_MOVES)
        s->moves[s->n_moves++] = type;
    return true;
}

void
steer_step(struct steer *s, enum control_type type, uint32_t times)
{
    if (wire_is_elsewhere(&s->wire) || waits_for_turn(s, type))
        return;
    if (steer_is_alive(s) && s->view->mode != VIEW_PAUSED) {
        view_say(s->view, "the program runs; pause it first");
        return;
    }
    move(s, type);
    s->again = type;
    s->n_again = s->moving ? times - 1 : 0;
}

void
steer_run(struct steer *s)
{
    if (wire_is_elsewhere(&s->wire) || waits_for_turn(s, CONTROL_RUN))
        return;
    s->n_again = 0;
    move(s, CONTROL_RUN);
}

void
steer_pause(struct steer *s)
{
    if (wire_is_elsewhere(&s->wire))
        return;
    s->n_again = 0;
    s->n_moves = 0;
    if (s->view->mode == VIEW_STARTING && steer_is_alive(s))
        view_say(s->view, "the program has not begun yet");
    else
        wire_send(&s->wire, CONTROL_PAUSE, 0, NULL);
}

void
steer_pause_or_run(struct steer *s)
{
    if (s->view->mode == VIEW_PAUSED || s->view->mode == VIEW_PAUSING)
        steer_run(s);
    else
        steer_pause(s);
}

void
steer_until(struct steer *s, const char *path, uint32_t line)
{
    files_id file = view_find_file(s->view, path);
    uint32_t at = points_line(s->view, file, line);

    if (wire_is_elsewhere(&s->wire))
        return;
    if (steer_is_alive(s) && s->view->mode != VIEW_PAUSED)
        view_say(s->view, "the program runs; pause it first");
    else if (at == 0)
        view_say(s->view, "%s:%u: no line from there on can run", path, line);
    else
        s->moving = wire_send(&s->wire, CONTROL_UNTIL, at, view_path(s->view, file));
}

void
steer_hide(struct steer *s, const char *rule)
{
    if (wire_send(&s->wire, CONTROL_EXCLUDE, 0, rule)) {
        view_add_hidden(s->view, rule);
        view_say(s->view, "filter: -%s   U takes it back", rule);
    }
}

void
steer_unhide(struct steer *s, const char *rule)
{
    const char *what;
    char *taken;

    if (wire_is_elsewhere(&s->wire))
        return;
    taken =
        rule != NULL ? view_remove_hidden(s->view, rule) : view_take_hidden(s->view);
    what = taken != NULL ? taken : rule;
    if (what == NULL)
        view_say(s->view, "nothing was hidden here");
    else if (wire_send(&s->wire, CONTROL_INCLUDE, 0, what))
        view_say(s->view,
                 taken != NULL ? "filter: %s is back"
                               : "filter: +%s   :filter -RULE leaves it out again",
                 what);
    free(taken);
}

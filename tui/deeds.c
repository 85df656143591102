#include "tui/deeds.h"

#include <stdlib.h>

#include "base/xalloc.h"
#include "tui/leave.h"
#include "tui/points.h"

static void
change_frame(struct desk *d, int step)
{
    const struct view *v = d->view;
    const struct format_stop *stop =
        v->reader != NULL ? reader_stop(v->reader, v->stop) : NULL;

    if (stop == NULL)
        desk_say(d, "no frames: the program does not stand still");
    else if (step < 0 && v->frame == 0)
        desk_say(d, "this is the innermost frame");
    else if (step > 0 && v->frame + 1 >= stop->n_frames)
        desk_say(d, "this is the outermost frame");
    else
        view_select_frame(d->view, v->stop, v->frame + (uint32_t)step);
}

static void
to_present(struct desk *d)
{
    struct view *v = d->view;

    if (v->now_line != 0 &&
        (v->frame != 0 || v->line != v->now_line || v->file != v->now_file))
        view_select_frame(v, v->stop, 0);
}

static void
find_again(struct desk *d, enum pane_find how)
{
    if (prompt_text(&d->find)[0] == '\0') {
        desk_say(d, "nothing was searched for yet");
        return;
    }
    desk_find(d, how);
    desk_say_found(d);
}

static void
open_find(struct desk *d)
{
    const struct screen_pane *p = screen_focused(d->screen);
    char *label;

    if (p->ops->find == NULL) {
        desk_say(d, "there is nothing to search here");
        return;
    }
    label = xalloc_printf("find in %s: ", p->ops->title);
    prompt_open(&d->find, label, "");
    d->found = (struct pane_found){0, 0};
    d->layer = DESK_FIND;
    free(label);
}

static void
step_into(struct desk *d)
{
    steer_step(d->steer, CONTROL_INTO, 1);
}

static void
step_over(struct desk *d)
{
    steer_step(d->steer, CONTROL_OVER, 1);
}

static void
step_out(struct desk *d)
{
    steer_step(d->steer, CONTROL_OUT, 1);
}

static void
run(struct desk *d)
{
    steer_run(d->steer);
}

static void
pause_or_run(struct desk *d)
{
    steer_pause_or_run(d->steer);
}

static void
break_in(struct desk *d)
{
    if (d->view->mode != VIEW_PAUSED)
        steer_pause(d->steer);
}

static void
run_to_cursor(struct desk *d)
{
    steer_until(d->steer, view_path(d->view, d->view->file), d->view->line);
}

static void
toggle_break(struct desk *d)
{
    points_toggle(&d->steer->wire, d->view->file, d->view->line);
}

static void
give_keyboard(struct desk *d)
{
    const struct screen_pane *p = screen_terminal(d->screen);

    if (d->view->terminal == NULL || p == NULL)
        desk_say(d, "the program's input is redirected, it reads no keys from here");
    else if (!steer_is_alive(d->steer))
        desk_say(d, "the program is over, nobody reads");
    else if (d->view->mode == VIEW_PAUSED && !d->steer->moving)
        desk_say(d, "the program stands still and reads nothing; c runs it");
    else {
        screen_focus(d->screen, p->ops->digit);
        d->view->typing = true;
    }
}

static void
frame_up(struct desk *d)
{
    change_frame(d, 1);
}

static void
frame_down(struct desk *d)
{
    change_frame(d, -1);
}

static void
toggle_option(struct desk *d, unsigned option, const char *on, const char *off)
{
    d->view->options ^= option;
    d->view->n_selects++;
    desk_say(d, (d->view->options & option) != 0 ? on : off);
}

static void
toggle_raw(struct desk *d)
{
    toggle_option(d, VIEW_RAW_TIMES, "times with the tracer's own cost in them",
                  "times less the tracer's own cost");
}

static void
toggle_hidden(struct desk *d)
{
    toggle_option(d, VIEW_SHOW_HIDDEN,
                  "what was hidden while it ran is shown; what never was watched left "
                  "no trace",
                  "what the filters hide is hidden");
}

static void
find_next(struct desk *d)
{
    find_again(d, PANE_FIND_NEXT);
}

static void
find_prev(struct desk *d)
{
    find_again(d, PANE_FIND_PREV);
}

static void
unhide(struct desk *d)
{
    steer_unhide(d->steer, NULL);
}

static void
next_pane(struct desk *d)
{
    screen_focus_next(d->screen, 1);
}

static void
prev_pane(struct desk *d)
{
    screen_focus_next(d->screen, -1);
}

static void
zoom(struct desk *d)
{
    screen_toggle_zoom(d->screen);
}

static void
open_command(struct desk *d)
{
    prompt_open(&d->command, ":", "");
    d->layer = DESK_COMMAND;
}

static void
open_help(struct desk *d)
{
    help_open(&d->help, d->keys);
    d->layer = DESK_HELP;
}

static void
open_processes(struct desk *d)
{
    processes_open(&d->processes, d->shown);
    d->layer = DESK_PROCESSES;
}

static void
redraw(struct desk *d)
{
    d->redraw = true;
}

static void
suspend(struct desk *d)
{
    d->suspend = true;
}

/* What the screen does with an action that the focused pane does not take. */
static void (*const on_action[ACTIONS_N])(struct desk *d) = {
    [ACTIONS_INTO] = step_into,
    [ACTIONS_OVER] = step_over,
    [ACTIONS_OUT] = step_out,
    [ACTIONS_RUN] = run,
    [ACTIONS_PAUSE] = pause_or_run,
    [ACTIONS_BREAK_IN] = break_in,
    [ACTIONS_UNTIL] = run_to_cursor,
    [ACTIONS_BREAK] = toggle_break,
    [ACTIONS_INPUT] = give_keyboard,
    [ACTIONS_FRAME_UP] = frame_up,
    [ACTIONS_FRAME_DOWN] = frame_down,
    [ACTIONS_PRESENT] = to_present,
    [ACTIONS_BACK] = desk_go_back,
    [ACTIONS_PROCESSES] = open_processes,
    [ACTIONS_RAW_TIMES] = toggle_raw,
    [ACTIONS_FIND] = open_find,
    [ACTIONS_FIND_NEXT] = find_next,
    [ACTIONS_FIND_PREV] = find_prev,
    [ACTIONS_SHOW_HIDDEN] = toggle_hidden,
    [ACTIONS_UNHIDE] = unhide,
    [ACTIONS_NEXT_PANE] = next_pane,
    [ACTIONS_PREV_PANE] = prev_pane,
    [ACTIONS_ZOOM] = zoom,
    [ACTIONS_COMMAND] = open_command,
    [ACTIONS_SAVE] = leave_save,
    [ACTIONS_HELP] = open_help,
    [ACTIONS_REDRAW] = redraw,
    [ACTIONS_SUSPEND] = suspend,
    [ACTIONS_QUIT] = leave_quit,
    [ACTIONS_QUIT_NOW] = leave_quit_now,
};

/* The focused pane is asked first. */
void
deeds_do(struct desk *d, enum actions_id action)
{
    const struct screen_pane *p = screen_focused(d->screen);
    files_id file = d->view->file;
    uint32_t line = d->view->line;
    unsigned answer;

    if (action >= ACTIONS_PANE_1 && action <= ACTIONS_PANE_5) {
        screen_focus(d->screen, (char)('1' + (action - ACTIONS_PANE_1)));
        return;
    }
    if (action == ACTIONS_PRESENT)
        to_present(d);
    answer = p->ops->action(p->self, d->view, action);
    if ((answer & PANE_RELAYOUT) != 0)
        screen_arrange(d->screen, d->screen->grid.rows, d->screen->grid.cols);
    if ((answer & PANE_QUIT) != 0)
        leave_quit(d);
    if (action == ACTIONS_ENTER && (file != d->view->file || line != d->view->line))
        desk_leave_place(d, file, line);
    if (answer != PANE_IGNORED)
        return;
    if (on_action[action] != NULL)
        on_action[action](d);
    else {
        char *text =
            xalloc_printf("%s: nothing to do here", actions_get(action)->label);

        desk_say(d, text);
        free(text);
    }
}

#include "tui/orders.h"

#include <stdio.h>
#include <string.h>

#include "base/nearest.h"
#include "tui/command.h"
#include "tui/deeds.h"
#include "tui/leave.h"
#include "tui/points.h"

static void
go_to(struct desk *d, files_id file, uint32_t line)
{
    desk_leave_place(d, d->view->file, d->view->line);
    view_select_line(d->view, file, line);
}

/* The place an argument names; with a line alone, in the file that is shown. */
static bool
read_place(struct desk *d, const char *arg, struct command_place *place)
{
    struct err err;

    if (!command_place(arg, place, &err)) {
        desk_say(d, err.text);
        return false;
    }
    if (place->path[0] == '\0')
        snprintf(place->path, sizeof(place->path), "%s",
                 view_path(d->view, d->view->file));
    if (place->path[0] == '\0')
        desk_say(d, "no file is shown; say FILE:LINE");
    return place->path[0] != '\0';
}

static void
command_break(struct desk *d, const struct command *c)
{
    struct command_place place;

    if (read_place(d, c->arg, &place))
        points_set(&d->steer->wire, place.path, place.line);
}

static void
command_clear(struct desk *d, const struct command *c)
{
    struct command_place place;

    if (c->arg[0] == '\0')
        points_clear_all(&d->steer->wire);
    else if (read_place(d, c->arg, &place))
        points_clear(&d->steer->wire, place.path, place.line);
}

static void
command_until(struct desk *d, const struct command *c)
{
    struct command_place place;

    if (read_place(d, c->arg, &place))
        steer_until(d->steer, place.path, place.line);
}

static void
command_open(struct desk *d, const struct command *c)
{
    struct command_place place;
    files_id file;

    if (!command_place(c->arg, &place, NULL) || place.path[0] == '\0') {
        snprintf(place.path, sizeof(place.path), "%s", c->arg);
        place.line = 1;
    }
    file = view_find_file(d->view, place.path);
    if (file == FORMAT_NONE) {
        view_say(d->view, "%s: no such file was loaded", place.path);
        return;
    }
    go_to(d, file, place.line);
    screen_focus(d->screen, pane_source_ops.digit);
}

static void
command_line(struct desk *d, const struct command *c)
{
    struct err err;
    uint32_t line;

    if (!command_number(c->arg, &line, &err))
        desk_say(d, err.text);
    else if (d->view->file == FORMAT_NONE)
        desk_say(d, "no file is shown");
    else
        go_to(d, d->view->file, line);
}

static void
command_filter(struct desk *d, const struct command *c)
{
    if (c->arg[1] != '\0' && c->arg[0] == '-')
        steer_hide(d->steer, c->arg + 1);
    else if (c->arg[1] != '\0' && c->arg[0] == '+')
        steer_unhide(d->steer, c->arg + 1);
    else
        desk_say(d, "usage: :filter -RULE or +RULE");
}

static void
command_write(struct desk *d, const struct command *c)
{
    leave_write_cover(d, c->arg[0] != '\0' ? c->arg : d->options.save_dir);
}

static void
command_save(struct desk *d, const struct command *c)
{
    leave_write_session(d, c->arg);
}

static void
command_set(struct desk *d, const struct command *c)
{
    static const struct {
        const char *name;
        unsigned option;
        enum actions_id toggle;
    } options[] = {
        {"raw", VIEW_RAW_TIMES, ACTIONS_RAW_TIMES},
        {"hidden", VIEW_SHOW_HIDDEN, ACTIONS_SHOW_HIDDEN},
    };
    char name[32] = "", value[32] = "";
    struct nearest near = {.typed = name};

    sscanf(c->arg, "%31s %31s", name, value);
    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
        bool is_on = (d->view->options & options[i].option) != 0;

        nearest_try(&near, options[i].name);
        if (strcmp(options[i].name, name) != 0)
            continue;
        if (value[0] != '\0' && strcmp(value, "on") != 0 && strcmp(value, "off") != 0)
            view_say(d->view, ":set %s: on or off, not '%s'", name, value);
        else if (value[0] == '\0' || is_on != (strcmp(value, "on") == 0))
            deeds_do(d, options[i].toggle);
        return;
    }
    view_say(d->view, "nothing is called '%s' here (%s?)", name,
             near.best != NULL ? near.best : "raw, hidden");
}

static void
command_process(struct desk *d, const struct command *c)
{
    const struct processes_row *row;
    struct err err;
    uint32_t pid;

    if (c->arg[0] == '\0') {
        deeds_do(d, ACTIONS_PROCESSES);
    } else if (!command_number(c->arg, &pid, &err)) {
        desk_say(d, err.text);
    } else {
        row = processes_find(&d->processes, pid);
        if (row != NULL)
            desk_show_process(d, row);
        else
            view_say(d->view, "no process %u is known", pid);
    }
}

static void
command_action(struct desk *d, const struct command *c)
{
    if (c->row->action == ACTIONS_PAUSE)
        steer_pause(d->steer); /* the key also takes it back */
    else
        deeds_do(d, c->row->action);
}

static void
command_steps(struct desk *d, const struct command *c)
{
    static const enum control_type types[ACTIONS_N] = {[ACTIONS_INTO] = CONTROL_INTO,
                                                       [ACTIONS_OVER] = CONTROL_OVER,
                                                       [ACTIONS_OUT] = CONTROL_OUT};
    struct err err;
    uint32_t times;

    if (command_number(c->arg, &times, &err))
        steer_step(d->steer, types[c->row->action], times);
    else
        desk_say(d, err.text);
}

static void (*const on_command[])(struct desk *d, const struct command *c) = {
    [COMMAND_ACTION] = command_action, [COMMAND_STEPS] = command_steps,
    [COMMAND_BREAK] = command_break,   [COMMAND_CLEAR] = command_clear,
    [COMMAND_UNTIL] = command_until,   [COMMAND_OPEN] = command_open,
    [COMMAND_FILTER] = command_filter, [COMMAND_WRITE] = command_write,
    [COMMAND_SAVE] = command_save,     [COMMAND_SET] = command_set,
    [COMMAND_LINE] = command_line,     [COMMAND_PROCESS] = command_process,
};

void
orders_do(struct desk *d, const char *text)
{
    struct command c;
    struct err err;

    if (text[0] == '\0')
        return;
    if (command_parse(text, &c, &err)) {
        on_command[c.row->id](d, &c);
        return;
    }
    desk_say(d, err.text);
}

#include "tui/desk.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "base/xalloc.h"
#include "tui/points.h"

void
desk_init(struct desk *d, struct screen *screen, struct steer *steer,
          const struct desk_options *options)
{
    *d = (struct desk){.screen = screen,
                       .steer = steer,
                       .view = screen->view,
                       .keys = screen->keys,
                       .options = *options};
    processes_init(&d->processes, options->session,
                   steer->wire.is_recording ? READER_COPY : READER_LIVE);
}

void
desk_release(struct desk *d)
{
    prompt_release(&d->command);
    prompt_release(&d->find);
    prompt_release(&d->folder);
    prompt_release(&d->file);
    help_release(&d->help);
    processes_release(&d->processes);
    if (d->shown != NULL)
        reader_close(d->view->reader);
    free(d->shown);
    buf_release(&d->message);
    buf_release(&d->to_program);
}

void
desk_say(struct desk *d, const char *text)
{
    buf_clear(&d->message);
    utf8_show(&d->message, text, strlen(text), 0);
}

void
desk_ask(struct desk *d, const struct menu *menu)
{
    d->menu = menu;
    d->layer = DESK_MENU;
}

/* Processes. */

/* Shows the session of a child, or with NULL the program's own. */
static void
show_session(struct desk *d, const char *path, uint32_t pid)
{
    struct reader *reader = d->view->main, *before = d->view->reader;
    struct err err;

    if (path != NULL && !reader_open(&reader, path, d->processes.how, &err)) {
        desk_say(d, err.text);
        return;
    }
    view_show(d->view, reader, path != NULL ? pid : 0);
    screen_restart(d->screen);
    steer_look_again(d->steer);
    if (d->shown != NULL)
        reader_close(before);
    free(d->shown);
    d->shown = xalloc_copy(path);
    d->n_places = 0;
    d->found = (struct pane_found){0, 0};
}

void
desk_show_process(struct desk *d, const struct processes_row *row)
{
    bool is_main = strcmp(row->path, d->options.session) == 0;
    const char *shown = d->shown != NULL ? d->shown : d->options.session;

    if (strcmp(row->path, shown) != 0)
        show_session(d, is_main ? NULL : row->path, row->pid);
}

/* Places. */

void
desk_leave_place(struct desk *d, files_id file, uint32_t line)
{
    if (file == FORMAT_NONE)
        return;
    if (d->n_places == DESK_PLACES) {
        d->n_places--;
        memmove(d->places, d->places + 1, (size_t)d->n_places * sizeof(d->places[0]));
    }
    d->places[d->n_places++] = (struct desk_place){file, line};
}

void
desk_go_back(struct desk *d)
{
    if (d->n_places == 0 && d->shown != NULL) {
        show_session(d, NULL, 0);
        return;
    }
    if (d->n_places == 0) {
        desk_say(d, "no place was left behind");
        return;
    }
    d->n_places--;
    view_select_line(d->view, d->places[d->n_places].file, d->places[d->n_places].line);
}

/* Searching. */

void
desk_find(struct desk *d, enum pane_find how)
{
    const struct screen_pane *p = screen_focused(d->screen);

    if (p->ops->find == NULL)
        return;
    d->found = p->ops->find(p->self, d->view, prompt_text(&d->find), how);
}

void
desk_say_found(struct desk *d)
{
    const struct screen_pane *p = screen_focused(d->screen);
    struct buf text = {0};

    buf_printf(&text, "find in %s: %s   ", p->ops->title, prompt_text(&d->find));
    if (d->found.n == 0)
        buf_add_str(&text, "not found");
    else
        buf_printf(&text, "%zu of %zu", d->found.at, d->found.n);
    desk_say(d, buf_str(&text));
    buf_release(&text);
}

/* What panes ask for. */

static void
host_toggle_break(void *data, files_id file, uint32_t line)
{
    struct desk *d = data;

    points_toggle(&d->steer->wire, file, line);
}

static void
host_hide(void *data, const char *rule)
{
    struct desk *d = data;

    steer_hide(d->steer, rule);
}

static void
host_unhide(void *data)
{
    struct desk *d = data;

    steer_unhide(d->steer, NULL);
}

static void
host_focus(void *data, char digit)
{
    struct desk *d = data;

    screen_focus(d->screen, digit);
}

static void
host_say(void *data, const char *text)
{
    desk_say(data, text);
}

const struct view_host desk_host = {
    .toggle_break = host_toggle_break,
    .hide = host_hide,
    .unhide = host_unhide,
    .focus = host_focus,
    .say = host_say,
};

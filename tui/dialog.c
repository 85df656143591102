#include "tui/dialog.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "tui/command.h"
#include "tui/deeds.h"
#include "tui/leave.h"
#include "tui/orders.h"
#include "tui/vt.h"

#define LEAVE_INPUT KEYS_CTRL_OF(']')

static void
on_panes_key(struct desk *d, keys_code key)
{
    enum actions_id action = keys_find(d->keys, key);
    char name[KEYS_NAME_MAX];

    buf_clear(&d->message);
    if (action != ACTIONS_NONE) {
        deeds_do(d, action);
        return;
    }
    keys_name(key, name);
    view_say(d->view, "%s means nothing here; ? shows the keys", name);
}

static void
on_command_key(struct desk *d, keys_code key)
{
    enum prompt_answer answer = prompt_key(&d->command, key);
    struct buf completed = {0};

    if (answer == PROMPT_COMPLETE) {
        command_complete(prompt_text(&d->command), &completed);
        prompt_set(&d->command, buf_str(&completed));
        buf_release(&completed);
    } else if (answer == PROMPT_CANCEL) {
        d->layer = DESK_PANES;
    } else if (answer == PROMPT_DONE) {
        d->layer = DESK_PANES;
        orders_do(d, prompt_text(&d->command));
    }
}

static void
on_find_key(struct desk *d, keys_code key)
{
    enum prompt_answer answer = prompt_key(&d->find, key);

    if (answer == PROMPT_CHANGED) {
        desk_find(d, PANE_FIND_FIRST);
    } else if (answer == PROMPT_CANCEL) {
        prompt_set(&d->find, "");
        desk_find(d, PANE_FIND_FIRST);
        d->layer = DESK_PANES;
    } else if (answer == PROMPT_DONE) {
        d->layer = DESK_PANES;
        if (prompt_text(&d->find)[0] != '\0')
            desk_say_found(d);
    }
}

static void
on_folder_key(struct desk *d, keys_code key)
{
    enum prompt_answer answer = prompt_key(&d->folder, key);

    if (answer == PROMPT_CANCEL || answer == PROMPT_DONE)
        d->layer = DESK_PANES;
    if (answer == PROMPT_DONE)
        leave_write_cover(
            d, prompt_text(&d->folder)[0] != '\0' ? prompt_text(&d->folder) : ".");
}

static void
on_file_key(struct desk *d, keys_code key)
{
    enum prompt_answer answer = prompt_key(&d->file, key);

    if (answer == PROMPT_CANCEL || answer == PROMPT_DONE)
        d->layer = DESK_PANES;
    if (answer == PROMPT_DONE)
        leave_write_session(d, prompt_text(&d->file));
}

static void
on_menu_key(struct desk *d, keys_code key)
{
    int answer = menu_key(d->menu, key);

    if (answer != MENU_WAIT)
        leave_answer(d, answer);
}

static void
on_help_key(struct desk *d, keys_code key)
{
    enum help_answer answer = help_key(&d->help, key);
    const struct help_row *row = help_chosen(&d->help);
    char *text;

    if (answer != HELP_STAYS)
        d->layer = DESK_PANES;
    if (answer == HELP_ACTION) {
        deeds_do(d, row->action->id);
    } else if (answer == HELP_COMMAND) {
        text = xalloc_printf("%s%s", row->command->name,
                             row->command->usage[0] != '\0' ? " " : "");
        prompt_open(&d->command, ":", text);
        d->layer = DESK_COMMAND;
        free(text);
    }
}

static void
on_processes_key(struct desk *d, keys_code key)
{
    enum processes_answer answer = processes_key(&d->processes, key);

    if (answer != PROCESSES_STAYS)
        d->layer = DESK_PANES;
    if (answer == PROCESSES_SHOW)
        desk_show_process(d, processes_chosen(&d->processes));
}

static void (*const on_key[])(struct desk *d, keys_code key) = {
    [DESK_PANES] = on_panes_key, [DESK_COMMAND] = on_command_key,
    [DESK_FIND] = on_find_key,   [DESK_FOLDER] = on_folder_key,
    [DESK_FILE] = on_file_key,   [DESK_MENU] = on_menu_key,
    [DESK_HELP] = on_help_key,   [DESK_PROCESSES] = on_processes_key,
};

static void
on_typed_key(struct desk *d, keys_code key)
{
    bool paste = key == KEYS_PASTE_BEGIN || key == KEYS_PASTE_END;

    if (key == LEAVE_INPUT && !d->pasting)
        d->view->typing = false;
    else if (paste)
        vt_paste(d->view->terminal, key == KEYS_PASTE_BEGIN, &d->to_program);
    else
        vt_key(d->view->terminal, key, &d->to_program);
}

/* Pasted text is text: it goes into a line that is typed, and nothing in it is a key.
 */
static void
on_pasted_key(struct desk *d, keys_code key)
{
    bool is_line = d->layer >= DESK_COMMAND && d->layer <= DESK_FILE;

    if (is_line && key >= KEYS_SPACE && key < KEYS_UP)
        on_key[d->layer](d, key);
    else if (!is_line)
        desk_say(d, "pasted text is no keys; i types to the program, : a command");
}

void
dialog_key(struct desk *d, keys_code key)
{
    bool paste = key == KEYS_PASTE_BEGIN || key == KEYS_PASTE_END;

    if (paste)
        d->pasting = key == KEYS_PASTE_BEGIN;
    if (d->view->typing)
        on_typed_key(d, key);
    else if (!paste && d->pasting)
        on_pasted_key(d, key);
    else if (!paste)
        on_key[d->layer](d, key);
}

/* Drawing. */

static struct dialog_cursor
draw_prompt(struct desk *d, const struct prompt *p)
{
    struct grid_part line = screen_message(d->screen);
    struct grid_part field = grid_part(&line, 0, 1, 1, line.cols - 2);

    grid_clear(&line);
    return (struct dialog_cursor){d->screen->layout.message_row,
                                  1 + prompt_draw(p, &field)};
}

static void
draw_found(struct desk *d)
{
    struct grid_part line = screen_message(d->screen);
    char text[64];

    if (prompt_text(&d->find)[0] == '\0')
        return;
    if (d->found.n == 0)
        snprintf(text, sizeof(text), " not found");
    else
        snprintf(text, sizeof(text), " %zu of %zu", d->found.at, d->found.n);
    grid_put(&line, 0, line.cols - 1 - (int)strlen(text), THEME_MUTED, text);
}

static void
draw_message(struct desk *d)
{
    struct grid_part line = screen_message(d->screen);
    struct grid_field field = {1, line.cols - 2, GRID_LEFT, THEME_WAIT,
                               d->view->glyphs};

    if (d->message.len == 0)
        return;
    grid_clear(&line);
    grid_put_field(&line, 0, &field, buf_str(&d->message));
}

struct dialog_cursor
dialog_draw(struct desk *d)
{
    struct dialog_cursor none = {-1, -1}, cursor;
    struct grid_part line = screen_message(d->screen);
    struct grid_part whole = grid_whole(&d->screen->grid);

    if (d->screen->layout.too_small && d->layer != DESK_MENU)
        return none;
    switch (d->layer) {
    case DESK_COMMAND:
        return draw_prompt(d, &d->command);
    case DESK_FIND:
        cursor = draw_prompt(d, &d->find);
        draw_found(d);
        return cursor;
    case DESK_FOLDER:
        return draw_prompt(d, &d->folder);
    case DESK_FILE:
        return draw_prompt(d, &d->file);
    case DESK_MENU:
        menu_draw(d->menu, &line);
        return none;
    case DESK_HELP:
        help_draw(&d->help, d->view->glyphs, &whole);
        return none;
    case DESK_PROCESSES:
        processes_draw(&d->processes, d->view->glyphs, d->shown, &whole);
        return none;
    default:
        draw_message(d);
        return none;
    }
}

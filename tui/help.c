#include "tui/help.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "base/xalloc.h"
#include "tui/command.h"

#define KEYS_COLS 18
#define NAME_COLS 16
#define POPUP_COLS 84
#define TYPED_MAX 40

static uint64_t
id_at(const void *table, size_t row)
{
    (void)table;
    return row;
}

/* Rows. */

static void
add_row(struct help *h, struct help_row row)
{
    h->rows = xalloc_grow(h->rows, &h->cap, h->n + 1, sizeof(*h->rows));
    h->rows[h->n++] = row;
}

static bool
is_wanted(const struct help *h, const char *name, const char *text, const char *keys)
{
    const char *typed = buf_str(&h->typed);

    return strcasestr(name, typed) != NULL || strcasestr(text, typed) != NULL ||
           strcmp(keys, typed) == 0;
}

/* Actions come in the order of their groups: a title goes in front of each first one.
 */
static void
add_action(void *data, const struct actions_row *row)
{
    struct help *h = data;
    const char *title = actions_group_title(row->group);
    const struct help_row *last = h->n > 0 ? &h->rows[h->n - 1] : NULL;

    if (!is_wanted(h, row->name, row->help, keys_all_of(h->keys, row->id)))
        return;
    if (last == NULL || last->action == NULL || last->action->group != row->group)
        add_row(h, (struct help_row){.title = title});
    add_row(h, (struct help_row){.action = row});
}

static void
add_command(void *data, const struct command_row *row)
{
    struct help *h = data;
    const struct help_row *last = h->n > 0 ? &h->rows[h->n - 1] : NULL;

    if (!is_wanted(h, row->name, row->help, ""))
        return;
    if (last == NULL || last->command == NULL)
        add_row(h, (struct help_row){.title = "Commands"});
    add_row(h, (struct help_row){.command = row});
}

static bool
is_title(const struct help *h, size_t row)
{
    return row < h->n && h->rows[row].title != NULL;
}

/* The selection stands on no title: on the row below it, or above when moving up. */
static void
leave_title(struct help *h, bool up)
{
    size_t row = h->list.row;

    if (!is_title(h, row))
        return;
    list_select_row(&h->list, up && row > 0 ? row - 1 : row + 1, id_at, NULL);
}

static void
rebuild(struct help *h)
{
    h->n = 0;
    actions_each(add_action, h);
    command_each(add_command, h);
    list_init(&h->list);
    list_set(&h->list, h->n, id_at, NULL);
    leave_title(h, false);
}

void
help_open(struct help *h, const struct keys *keys)
{
    h->keys = keys;
    buf_clear(&h->typed);
    rebuild(h);
}

void
help_release(struct help *h)
{
    buf_release(&h->typed);
    free(h->rows);
    *h = (struct help){0};
}

/* Keys. */

static enum actions_id
move_of(keys_code key)
{
    static const struct {
        keys_code key;
        enum actions_id action;
    } moves[] = {
        {KEYS_UP, ACTIONS_UP},           {KEYS_DOWN, ACTIONS_DOWN},
        {KEYS_PAGE_UP, ACTIONS_PAGE_UP}, {KEYS_PAGE_DOWN, ACTIONS_PAGE_DOWN},
        {KEYS_HOME, ACTIONS_FIRST},      {KEYS_END, ACTIONS_LAST},
    };

    for (size_t i = 0; i < sizeof(moves) / sizeof(moves[0]); i++) {
        if (moves[i].key == key)
            return moves[i].action;
    }
    return ACTIONS_NONE;
}

static void
erase_last(struct buf *typed)
{
    while (typed->len > 0) {
        bool lead = (typed->data[--typed->len] & 0xc0) != 0x80;

        typed->data[typed->len] = '\0';
        if (lead)
            return;
    }
}

enum help_answer
help_key(struct help *h, keys_code key)
{
    enum actions_id move = move_of(key);
    const struct help_row *row = help_chosen(h);

    if (move != ACTIONS_NONE) {
        list_move(&h->list, move, id_at, NULL);
        leave_title(h, move == ACTIONS_UP || move == ACTIONS_PAGE_UP);
    } else if (key == KEYS_ESC || key == KEYS_F1 || key == KEYS_CTRL_OF('c') ||
               (h->typed.len == 0 && (key == 'q' || key == '?'))) {
        return HELP_CLOSED;
    } else if (key == KEYS_ENTER) {
        return row == NULL ? HELP_STAYS : row->action ? HELP_ACTION : HELP_COMMAND;
    } else if (key == KEYS_BACKSPACE) {
        erase_last(&h->typed);
        rebuild(h);
    } else if (key >= KEYS_SPACE && key < KEYS_UP && h->typed.len < TYPED_MAX) {
        utf8_add(&h->typed, key);
        rebuild(h);
    }
    return HELP_STAYS;
}

const struct help_row *
help_chosen(const struct help *h)
{
    if (h->list.row >= h->n || is_title(h, h->list.row))
        return NULL;
    return &h->rows[h->list.row];
}

/* Drawing. */

static void
draw_row(const struct help *h, const struct glyphs *glyphs,
         const struct grid_part *part, int at, size_t index)
{
    const struct help_row *row = &h->rows[index];
    const char *keys, *text;
    struct buf usage = {0};
    struct grid_field left = {1, KEYS_COLS, GRID_LEFT, THEME_KEY, glyphs};
    struct grid_field right = {KEYS_COLS + 3, part->cols - KEYS_COLS - 4, GRID_LEFT,
                               THEME_TEXT, glyphs};

    if (row->title != NULL) {
        grid_put(part, at, 1, THEME_HEADING, row->title);
        return;
    }
    if (row->action != NULL) {
        keys = keys_all_of(h->keys, row->action->id);
        text = row->action->help;
    } else {
        buf_printf(&usage, ":%s %s", row->command->name, row->command->usage);
        keys = buf_str(&usage);
        text = row->command->help;
        left.cols += NAME_COLS - 2;
        right.col += NAME_COLS - 2;
        right.cols -= NAME_COLS - 2;
    }
    grid_put_field(part, at, &left, keys);
    grid_put_field(part, at, &right, text);
    if (index == h->list.row)
        grid_back(part, at, 0, part->cols, THEME_SELECTED);
    buf_release(&usage);
}

static void
draw_border(const struct help *h, const struct glyphs *glyphs,
            const struct grid_part *popup)
{
    char where[LIST_WHERE_MAX];
    int col;

    grid_box(popup, &glyphs->focus, THEME_FOCUS);
    col = grid_put(popup, 0, 2, THEME_FOCUS, " Help ");
    if (h->typed.len > 0)
        grid_printf(popup, 0, col, THEME_KEY, " %s ", buf_str(&h->typed));
    else
        grid_put(popup, 0, col, THEME_MUTED, " type to find ");
    list_where(&h->list, where);
    grid_printf(popup, 0, popup->cols - 4 - (int)strlen(where), THEME_MUTED, " %s ",
                where);
    grid_put(popup, popup->rows - 1, 2, THEME_MUTED, " Enter does it   Esc closes ");
}

void
help_draw(struct help *h, const struct glyphs *glyphs, const struct grid_part *part)
{
    int cols = part->cols - 4 < POPUP_COLS ? part->cols - 4 : POPUP_COLS;
    int rows = part->rows - 4;
    struct grid_part popup =
        grid_part(part, 2, (part->cols - cols) / 2, rows < 3 ? 3 : rows, cols);
    struct grid_part inside = grid_part(&popup, 1, 1, popup.rows - 2, popup.cols - 2);

    grid_clear(&popup);
    draw_border(h, glyphs, &popup);
    list_fit(&h->list, inside.rows);
    if (h->n == 0)
        grid_put(&inside, 0, 1, THEME_MUTED, "no key and no command is about that");
    for (size_t row = h->list.top; row < list_end(&h->list); row++)
        draw_row(h, glyphs, &inside, (int)(row - h->list.top), row);
}

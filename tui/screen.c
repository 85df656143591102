#include "tui/screen.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "base/xalloc.h"

/* Panes. */

void
screen_init(struct screen *s, struct view *view, const struct keys *keys)
{
    size_t n;
    const struct pane_ops *const *table = pane_table(&n);

    *s = (struct screen){.view = view, .keys = keys, .focus = '2'};
    for (size_t i = 0; i < n && i < SCREEN_PANES; i++) {
        s->panes[i].ops = table[i];
        s->panes[i].self = xalloc_array(1, table[i]->size);
        table[i]->init(s->panes[i].self, view);
        s->n++;
    }
    screen_focus(s, s->panes[0].ops->digit);
}

void
screen_release(struct screen *s)
{
    for (size_t i = 0; i < s->n; i++) {
        s->panes[i].ops->release(s->panes[i].self);
        free(s->panes[i].self);
    }
    grid_release(&s->grid);
    *s = (struct screen){0};
}

void
screen_restart(struct screen *s)
{
    for (size_t i = 0; i < s->n; i++) {
        s->panes[i].ops->release(s->panes[i].self);
        memset(s->panes[i].self, 0, s->panes[i].ops->size);
        s->panes[i].ops->init(s->panes[i].self, s->view);
    }
}

static struct screen_pane *
find_pane(struct screen *s, char digit)
{
    for (size_t i = 0; i < s->n; i++) {
        if (s->panes[i].ops->digit == digit)
            return &s->panes[i];
    }
    return NULL;
}

struct screen_pane *
screen_focused(struct screen *s)
{
    return find_pane(s, s->focus);
}

struct screen_pane *
screen_terminal(struct screen *s)
{
    for (size_t i = 0; i < s->n; i++) {
        if ((s->panes[i].ops->flags & PANE_TERMINAL) != 0)
            return &s->panes[i];
    }
    return NULL;
}

/* Places. */

void
screen_arrange(struct screen *s, int rows, int cols)
{
    char present[SCREEN_PANES + 1] = {0};
    struct layout_wish wish = {.rows = rows,
                               .cols = cols,
                               .present = present,
                               .focus = s->focus,
                               .zoom = s->zoom,
                               .recent = s->recent};

    for (size_t i = 0; i < s->n; i++)
        present[i] = s->panes[i].ops->digit;
    layout_make(&s->layout, &wish);
    grid_resize(&s->grid, rows, cols);
}

bool
screen_focus(struct screen *s, char digit)
{
    char *at = strchr(s->recent, digit);
    size_t before = at != NULL ? (size_t)(at - s->recent) : strlen(s->recent);

    if (find_pane(s, digit) == NULL)
        return false;
    memmove(s->recent + 1, s->recent, before);
    s->recent[0] = digit;
    s->focus = digit;
    screen_arrange(s, s->grid.rows, s->grid.cols);
    return true;
}

void
screen_focus_next(struct screen *s, int step)
{
    bool zoom = s->zoom;

    /* Zoomed, Tab goes through the panes that would be there. */
    s->zoom = false;
    screen_arrange(s, s->grid.rows, s->grid.cols);
    s->zoom = zoom;
    screen_focus(s, layout_next(&s->layout, s->focus, step));
}

void
screen_toggle_zoom(struct screen *s)
{
    s->zoom = !s->zoom;
    screen_arrange(s, s->grid.rows, s->grid.cols);
}

struct grid_part
screen_inside(struct screen *s, char digit)
{
    const struct layout_place *at = layout_find(&s->layout, digit);
    struct grid_part whole = grid_whole(&s->grid);

    if (at == NULL || at->rows < 3 || at->cols < 3)
        return grid_part(&whole, 0, 0, 0, 0);
    return grid_part(&whole, at->row + 1, at->col + 1, at->rows - 2, at->cols - 2);
}

struct grid_part
screen_title(struct screen *s)
{
    struct grid_part whole = grid_whole(&s->grid);

    return grid_part(&whole, 0, 0, 1, s->grid.cols);
}

struct grid_part
screen_message(struct screen *s)
{
    struct grid_part whole = grid_whole(&s->grid);

    return grid_part(&whole, s->layout.message_row, 0, 1, s->grid.cols);
}

/* Drawing. */

bool
screen_refresh(struct screen *s)
{
    bool changed = false;

    for (size_t i = 0; i < s->n; i++) {
        const struct screen_pane *p = &s->panes[i];

        if (layout_find(&s->layout, p->ops->digit) != NULL)
            changed |= p->ops->refresh(p->self, s->view);
    }
    return changed;
}

/* The border's text: the pane's digit and name at the left, its note at the right. */
static void
draw_heading(struct screen *s, const struct screen_pane *p, const struct grid_part *box,
             bool focused)
{
    struct buf title = {0}, note = {0}, cut = {0};
    enum theme_style style = focused ? THEME_FOCUS : THEME_TEXT;
    int room = box->cols - 4, note_cols, col;

    p->ops->heading(p->self, s->view, &title, &note);
    note_cols = note.len > 0 ? utf8_width(buf_str(&note)) + 2 : 0;
    col = grid_printf(box, 0, 2, style, " %c ", p->ops->digit);
    if (note_cols > room - 12)
        note_cols = 0;
    utf8_fit(&cut, title.len > 0 ? buf_str(&title) : p->ops->title,
             room - note_cols - 4, UTF8_CUT_MIDDLE, s->view->glyphs->ascii);
    col = grid_put(box, 0, col, style, buf_str(&cut));
    grid_put(box, 0, col, style, " ");
    if (note_cols > 0)
        grid_printf(box, 0, box->cols - 2 - note_cols,
                    focused ? THEME_TEXT : THEME_MUTED, " %s ", buf_str(&note));
    buf_release(&title);
    buf_release(&note);
    buf_release(&cut);
}

static void
draw_pane(struct screen *s, const struct screen_pane *p, const struct layout_place *at)
{
    const struct glyphs *glyphs = s->view->glyphs;
    bool focused = p->ops->digit == s->focus && !s->covered;
    struct grid_part whole = grid_whole(&s->grid);
    struct grid_part box = grid_part(&whole, at->row, at->col, at->rows, at->cols);
    struct grid_part inside = screen_inside(s, at->digit);

    grid_box(&box, focused ? &glyphs->focus : &glyphs->plain,
             focused ? THEME_FOCUS : THEME_BORDER);
    draw_heading(s, p, &box, focused);
    if (inside.rows > 0 && inside.cols > 0)
        p->ops->draw(p->self, s->view, &inside, focused);
}

static void
draw_too_small(struct screen *s)
{
    struct grid_part whole = grid_whole(&s->grid);

    grid_printf(&whole, s->grid.rows / 2, 0, THEME_WAIT,
                "needs %dx%d, has %dx%d; tracing goes on", LAYOUT_MIN_COLS,
                LAYOUT_MIN_ROWS, s->grid.cols, s->grid.rows);
}

void
screen_draw(struct screen *s)
{
    grid_resize(&s->grid, s->grid.rows, s->grid.cols);
    if (s->layout.too_small) {
        draw_too_small(s);
        return;
    }
    for (int i = 0; i < s->layout.n; i++) {
        const struct screen_pane *p = find_pane(s, s->layout.places[i].digit);

        if (p != NULL)
            draw_pane(s, p, &s->layout.places[i]);
    }
}

/* The line of keys. */

static const enum actions_id paused_keys[] = {ACTIONS_INTO, ACTIONS_OVER, ACTIONS_OUT,
                                              ACTIONS_RUN, ACTIONS_NONE};
static const enum actions_id running_keys[] = {ACTIONS_PAUSE, ACTIONS_NONE};
static const enum actions_id ended_keys[] = {ACTIONS_SAVE, ACTIONS_NONE};
static const enum actions_id child_keys[] = {ACTIONS_PROCESSES, ACTIONS_BACK,
                                             ACTIONS_NONE};
static const enum actions_id parent_keys[] = {ACTIONS_PROCESSES, ACTIONS_NONE};
static const enum actions_id general_keys[] = {ACTIONS_NEXT_PANE, ACTIONS_ZOOM,
                                               ACTIONS_FIND,      ACTIONS_COMMAND,
                                               ACTIONS_SAVE,      ACTIONS_NONE};
static const enum actions_id last_keys[] = {ACTIONS_HELP, ACTIONS_QUIT, ACTIONS_NONE};

static const enum actions_id *
mode_keys(enum view_mode mode)
{
    if (mode == VIEW_PAUSED)
        return paused_keys;
    return mode == VIEW_EXIT || mode == VIEW_SAVED ? ended_keys : running_keys;
}

/* A line of keys in the making. */
struct key_line {
    const struct keys *keys;
    const struct grid_part *part;
    int col;
    int room;              /* keys are never cut: one that does not fit is left out */
    bool is_over;          /* the program: nothing can be asked of it */
    bool shown[ACTIONS_N]; /* each only once */
};

static void
draw_key(struct key_line *l, enum actions_id id)
{
    const struct actions_row *row = actions_get(id);
    char name[KEYS_NAME_MAX];
    int width;

    if (l->is_over && row->group == ACTIONS_GROUP_PROGRAM)
        return;
    keys_of(l->keys, id, name);
    width = utf8_width(name) + 1 + utf8_width(row->label);
    if (name[0] == '\0' || l->shown[id] || l->col + width > l->room)
        return;
    l->shown[id] = true;
    l->col = grid_put(l->part, 0, l->col, THEME_KEY, name);
    l->col = grid_put(l->part, 0, l->col + 1, THEME_MUTED, row->label) + 2;
}

static void
draw_keys(struct key_line *l, const enum actions_id *ids)
{
    for (; ids != NULL && *ids != ACTIONS_NONE; ids++)
        draw_key(l, *ids);
}

/* The columns the keys would take. */
static int
keys_width(const struct keys *keys, const enum actions_id *ids)
{
    struct grid none = {0};
    struct grid_part nowhere = grid_whole(&none);
    struct key_line l = {.keys = keys, .part = &nowhere, .room = INT_MAX / 2};

    draw_keys(&l, ids);
    return l.col;
}

void
screen_draw_keys(struct screen *s)
{
    struct grid_part whole = grid_whole(&s->grid);
    struct grid_part line = grid_part(&whole, s->layout.keys_row, 0, 1, s->grid.cols);
    struct key_line l = {.keys = s->keys, .part = &line, .col = 1};
    const struct screen_pane *p = screen_focused(s);

    grid_clear(&line);
    if (s->covered)
        return;
    if (s->view->typing) {
        grid_put(&line, 0, grid_put(&line, 0, 1, THEME_KEY, "Ctrl-]") + 1, THEME_MUTED,
                 "back to the panes; all other keys are the program's");
        return;
    }
    l.is_over = s->view->mode == VIEW_EXIT || s->view->mode == VIEW_SAVED ||
                s->view->child != 0;
    l.room = line.cols - keys_width(s->keys, last_keys);
    draw_keys(&l, s->view->child != 0 ? child_keys : mode_keys(s->view->mode));
    draw_keys(&l, s->view->n_processes > 1 ? parent_keys : NULL);
    draw_keys(&l, p != NULL ? p->ops->keys : NULL);
    draw_keys(&l, general_keys);
    l.room = line.cols;
    draw_keys(&l, last_keys);
}

/* What the program prints: its terminal, and the lines that scrolled off it. */
#include "tui/pane.h"

#include "tui/finder.h"
#include "tui/vt.h"

struct output {
    bool scrolled;      /* else the end is shown */
    size_t top;         /* the first line shown, while scrolled */
    int rows;           /* shown at the last draw */
    unsigned long seen; /* changes of the terminal drawn */
    bool ended;         /* the program: nothing more will come */
    struct finder finder;
    size_t found; /* the line a search selected, */
    bool is_found;
};

/* Behind the last line of text; while the program runs, behind the cursor's. */
static size_t
end_of(const struct output *o, const struct vt *t)
{
    size_t end = vt_top(t) + (size_t)vt_rows_used(t);
    struct buf last = {0};

    if (!o->ended || end == 0)
        return end;
    vt_line_text(t, end - 1, &last);
    end -= last.len == 0;
    buf_release(&last);
    return end;
}

/* The first line to show. */
static size_t
first_line(const struct output *o, const struct vt *t)
{
    size_t first = vt_first(t), end = end_of(o, t);
    size_t bottom = vt_top(t);

    /* More rows than the terminal has lines to fill: show what scrolled off, too. */
    if (!vt_is_full_screen(t) && end < bottom + (size_t)o->rows)
        bottom = end > (size_t)o->rows ? end - (size_t)o->rows : 0;
    if (bottom < first)
        bottom = first;
    if (!o->scrolled || o->top >= bottom)
        return bottom;
    return o->top < first ? first : o->top;
}

static void
init(void *self, struct view *view)
{
    struct output *o = self;

    (void)view;
    o->rows = 1;
}

static void
release(void *self)
{
    (void)self; /* the terminal is the app's */
}

static bool
refresh(void *self, struct view *view)
{
    struct output *o = self;
    bool changed = view->terminal != NULL && vt_n_changes(view->terminal) != o->seen;

    o->ended = view->mode == VIEW_EXIT;
    if (changed)
        o->seen = vt_n_changes(view->terminal);
    return changed;
}

static bool
is_empty(const struct vt *t)
{
    struct buf text = {0};
    bool empty = vt_top(t) == vt_first(t) && vt_rows_used(t) <= 1;

    if (empty)
        vt_line_text(t, vt_top(t), &text);
    empty = empty && text.len == 0;
    buf_release(&text);
    return empty;
}

static void
mark_found(const struct output *o, const struct vt *t, const struct grid_part *part,
           size_t first)
{
    if (o->is_found && o->found >= first && o->found < first + (size_t)part->rows &&
        o->found < vt_top(t) + (size_t)vt_rows(t))
        grid_back(part, (int)(o->found - first), 0, part->cols, THEME_SELECTED);
}

static void
draw(void *self, struct view *view, const struct grid_part *part, bool focused)
{
    struct output *o = self;
    struct vt *t = view->terminal;
    size_t first;

    (void)focused;
    if (t == NULL) {
        grid_put(part, 0, 1, THEME_MUTED,
                 view->mode == VIEW_SAVED
                     ? "a recording keeps no output"
                     : "the program's output is not shown here: it is redirected");
        return;
    }
    o->rows = part->rows;
    vt_resize(t, part->rows, part->cols);
    o->seen = vt_n_changes(t);
    if (is_empty(t)) {
        grid_put(part, 0, 1, THEME_MUTED, "nothing printed yet");
        return;
    }
    first = first_line(o, t);
    vt_draw(t, part, first);
    mark_found(o, t, part, first);
}

static void
heading(void *self, struct view *view, struct buf *title, struct buf *note)
{
    const struct output *o = self;
    const struct vt *t = view->terminal;

    (void)title;
    if (t == NULL)
        return;
    if (o->scrolled && first_line(o, t) < vt_top(t))
        buf_printf(note, "line %zu of %zu", first_line(o, t) + 1, end_of(o, t));
    else if (view->typing)
        buf_add_str(note, "Ctrl-] leaves");
    else if (vt_is_full_screen(t))
        buf_add_str(note, "full-screen program: z");
    else if (view->mode == VIEW_RUN || view->mode == VIEW_INPUT)
        buf_add_str(note, "i: type to the program");
}

/* Rows an action scrolls by. */
static size_t
distance(const struct output *o, enum actions_id action)
{
    size_t page = o->rows > 1 ? (size_t)o->rows - 1 : 1;

    if (action == ACTIONS_UP || action == ACTIONS_DOWN)
        return 1;
    if (action == ACTIONS_HALF_UP || action == ACTIONS_HALF_DOWN)
        return (page + 1) / 2;
    return action == ACTIONS_PAGE_UP || action == ACTIONS_PAGE_DOWN ? page : SIZE_MAX;
}

static bool
is_up(enum actions_id action)
{
    return action == ACTIONS_UP || action == ACTIONS_HALF_UP ||
           action == ACTIONS_PAGE_UP || action == ACTIONS_FIRST;
}

static bool
is_down(enum actions_id action)
{
    return action == ACTIONS_DOWN || action == ACTIONS_HALF_DOWN ||
           action == ACTIONS_PAGE_DOWN || action == ACTIONS_LAST;
}

static unsigned
on_action(void *self, struct view *view, enum actions_id action)
{
    struct output *o = self;
    const struct vt *t = view->terminal;
    size_t by = distance(o, action), top, first;

    if (t == NULL || (!is_up(action) && !is_down(action) && action != ACTIONS_PRESENT))
        return PANE_IGNORED;
    finder_end(&o->finder);
    o->is_found = false;
    top = first_line(o, t);
    first = vt_first(t);
    if (is_up(action)) {
        o->top = top - first > by ? top - by : first;
        o->scrolled = o->top < vt_top(t);
    } else {
        o->top = action == ACTIONS_PRESENT || by > vt_top(t) ? SIZE_MAX : top + by;
        o->scrolled = o->top < vt_top(t);
    }
    return PANE_HANDLED | PANE_REDRAW;
}

struct searched {
    const struct vt *terminal;
};

static void
line_text(void *data, size_t row, struct buf *out)
{
    const struct searched *s = data;

    vt_line_text(s->terminal, vt_first(s->terminal) + row, out);
}

static struct pane_found
find(void *self, struct view *view, const char *text, enum pane_find how)
{
    struct output *o = self;
    const struct vt *t = view->terminal;
    struct searched searched = {t};
    struct finder_rows rows = {.text = line_text, .data = &searched};
    struct pane_found found = {0, 0};
    size_t first;

    if (t == NULL)
        return found;
    first = vt_first(t);
    rows.n = end_of(o, t) - first;
    rows.row = (o->is_found ? o->found : first_line(o, t)) - first;
    found = finder_find(&o->finder, &rows, text, how);
    o->is_found = found.n > 0;
    o->found = first + rows.row;
    o->top = o->found > (size_t)o->rows / 2 ? o->found - (size_t)o->rows / 2 : 0;
    o->scrolled = o->top < vt_top(t);
    return found;
}

static const enum actions_id keys[] = {ACTIONS_INPUT, ACTIONS_LAST, ACTIONS_FIND,
                                       ACTIONS_NONE};

const struct pane_ops pane_output_ops = {
    .name = "output",
    .title = "Output",
    .digit = '5',
    .flags = PANE_TERMINAL,
    .size = sizeof(struct output),
    .keys = keys,
    .init = init,
    .release = release,
    .refresh = refresh,
    .draw = draw,
    .heading = heading,
    .action = on_action,
    .find = find,
};

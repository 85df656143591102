/* The names of a frame and what they held when the program stopped. Nothing here asks
 * the program: the runner wrote the values down, in its own way, at the stop. */
#include <string.h>

#include "base/utf8.h"
#include "session/reader.h"
#include "tui/finder.h"
#include "tui/list.h"
#include "tui/pane.h"

enum { NAME_MAX_COLS = 24, SCROLL = 8 };

struct values {
    struct list list;
    struct finder finder;
    int left; /* columns scrolled away */
    const struct reader *reader;
    const struct format_frame *frame; /* NULL: there is nothing to show */
};

static void
init(void *self, struct view *view)
{
    struct values *v = self;

    (void)view;
    list_init(&v->list);
}

static void
release(void *self)
{
    (void)self;
}

/* Values are of the moment: once the program goes on they are shown no longer. */
static const struct format_frame *
current_frame(const struct view *view)
{
    if (!view->reader || !view->now_line)
        return NULL;
    return view_frame(view);
}

static const struct format_value *
value_at(const struct values *v, size_t row)
{
    return reader_value(v->reader, v->frame->first_value + (uint32_t)row);
}

/* A name keeps its row while the program is stepped through a function. */
static uint64_t
id_at(const void *table, size_t row)
{
    const struct values *v = table;
    const struct format_value *value = value_at(v, row);

    return value ? value->name : LIST_NONE;
}

static bool
refresh(void *self, struct view *view)
{
    struct values *v = self;
    const struct format_frame *before = v->frame;

    v->reader = view->reader;
    v->frame = current_frame(view);
    list_set(&v->list, v->frame ? v->frame->n_values : 0, id_at, v);
    return v->frame != before;
}

static const char *
why_empty(const struct view *view, const struct values *v)
{
    if (v->frame)
        return "(this frame has no names)";
    switch (view->mode) {
    case VIEW_STARTING:
        return "(the program is starting)";
    case VIEW_RUN:
    case VIEW_INPUT:
        return "(the program runs: Space pauses it)";
    case VIEW_PAUSING:
        return "(pausing)";
    case VIEW_PAUSED:
        return "(nothing is known about this frame)";
    case VIEW_EXIT:
    case VIEW_SAVED:
        break;
    }
    return "(the program ended by itself: its values are gone)";
}

static int
name_cols(const struct values *v, int cols)
{
    struct buf name = {0};
    int widest = 4, width;

    for (size_t i = v->list.top; i < list_end(&v->list); i++) {
        const struct format_value *value = value_at(v, i);
        const char *text;
        size_t len;

        if (!value)
            continue;
        text = reader_string(v->reader, value->name, &len);
        buf_clear(&name);
        utf8_show(&name, text, len, 0);
        width = utf8_width(buf_str(&name));
        widest = width > widest ? width : widest;
    }
    buf_release(&name);
    if (widest > cols / 3)
        widest = cols / 3;
    return widest < NAME_MAX_COLS ? widest : NAME_MAX_COLS;
}

static void
add_value(const struct values *v, const struct format_value *value, struct buf *out)
{
    size_t len;
    const char *text = reader_string(v->reader, value->text, &len);

    utf8_show(out, text, len, 0);
}

static void
draw_row(const struct values *v, const struct view *view, const struct grid_part *part,
         int at, const struct format_value *value)
{
    int cols = name_cols(v, part->cols);
    bool changed = value->flags & FORMAT_VALUE_CHANGED;
    unsigned quiet = value->flags & (FORMAT_VALUE_OPAQUE | FORMAT_VALUE_MASKED);
    struct grid_part rest;
    struct buf text = {0}, fitted = {0};
    const char *name;
    size_t len;

    if (changed)
        grid_put(part, at, 0, THEME_CHANGED, "*");
    name = reader_string(v->reader, value->name, &len);
    utf8_show(&text, name, len, 0);
    utf8_fit(&fitted, buf_str(&text), cols, UTF8_CUT_MIDDLE, view->glyphs->ascii);
    grid_put(part, at, 2, THEME_TEXT, buf_str(&fitted));
    buf_clear(&text);
    add_value(v, value, &text);
    rest = grid_part(part, at, cols + 4, 1, part->cols - cols - 4);
    if (v->left) {
        grid_put(&rest, 0, -v->left, THEME_TEXT, buf_str(&text));
    } else {
        struct grid_field field = {.cols = rest.cols,
                                   .style = quiet     ? THEME_MUTED
                                            : changed ? THEME_CHANGED
                                                      : THEME_TEXT,
                                   .glyphs = view->glyphs};

        grid_put_field(&rest, 0, &field, buf_str(&text));
    }
    buf_release(&text);
    buf_release(&fitted);
}

static void
draw(void *self, struct view *view, const struct grid_part *part, bool focused)
{
    struct values *v = self;

    if (!v->list.n) {
        grid_put(part, 0, 1, THEME_MUTED, why_empty(view, v));
        return;
    }
    list_fit(&v->list, part->rows);
    for (size_t i = v->list.top; i < list_end(&v->list); i++) {
        const struct format_value *value = value_at(v, i);
        int at = (int)(i - v->list.top);

        if (value)
            draw_row(v, view, part, at, value);
        if (i == v->list.row && focused)
            grid_back(part, at, 0, part->cols, THEME_SELECTED);
    }
}

static void
heading(void *self, struct view *view, struct buf *title, struct buf *note)
{
    struct values *v = self;
    const struct format_stop *stop;
    const char *name;
    size_t len;

    if (!v->frame)
        return;
    stop = reader_stop(view->reader, view->stop);
    name = reader_string(view->reader, v->frame->qualname, &len);
    buf_add_str(title, "Values  ");
    utf8_show(title, name, len, 0);
    buf_printf(title, ":%u", v->frame->line);
    if (stop && stop->n_frames > 1)
        buf_printf(note, "frame %u/%u  u d", view->frame + 1, stop->n_frames);
}

static unsigned
action(void *self, struct view *view, enum actions_id id)
{
    struct values *v = self;

    (void)view;
    finder_end(&v->finder);
    if (!v->frame)
        return PANE_IGNORED;
    if (list_move(&v->list, id, id_at, v))
        return PANE_HANDLED | PANE_REDRAW;
    switch (id) {
    case ACTIONS_LEFT:
        v->left = v->left > SCROLL ? v->left - SCROLL : 0;
        return PANE_HANDLED | PANE_REDRAW;
    case ACTIONS_RIGHT:
        v->left += SCROLL;
        return PANE_HANDLED | PANE_REDRAW;
    default:
        return PANE_IGNORED;
    }
}

static void
row_text(void *data, size_t at, struct buf *out)
{
    const struct values *v = data;
    const struct format_value *value = value_at(v, at);
    const char *name;
    size_t len;

    if (!value)
        return;
    name = reader_string(v->reader, value->name, &len);
    utf8_show(out, name, len, 0);
    buf_add_char(out, ' ');
    add_value(v, value, out);
}

static struct pane_found
find(void *self, struct view *view, const char *text, enum pane_find how)
{
    struct values *v = self;
    struct finder_rows rows = {
        .n = v->list.n, .row = v->list.row, .text = row_text, .data = v};
    struct pane_found found = finder_find(&v->finder, &rows, text, how);

    (void)view;
    if (rows.n)
        list_select_row(&v->list, rows.row, id_at, v);
    return found;
}

static const enum actions_id keys[] = {ACTIONS_FRAME_UP, ACTIONS_FRAME_DOWN,
                                       ACTIONS_RIGHT, ACTIONS_FIND, ACTIONS_NONE};

const struct pane_ops pane_values_ops = {
    .name = "values",
    .title = "Values",
    .digit = '3',
    .size = sizeof(struct values),
    .keys = keys,
    .init = init,
    .release = release,
    .refresh = refresh,
    .draw = draw,
    .heading = heading,
    .action = action,
    .find = find,
};

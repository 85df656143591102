/* Where the time goes: functions or lines, the most expensive first. Once the user has
 * moved, the order stands still for a while, so that nothing changes under his hands;
 * the numbers go on. */
#include <stdlib.h>

#include "base/utf8.h"
#include "base/xalloc.h"
#include "report/functions.h"
#include "report/lines.h"
#include "report/spent.h"
#include "report/totals.h"
#include "tui/column.h"
#include "tui/finder.h"
#include "tui/list.h"
#include "tui/pane.h"
#include "tui/place.h"

enum {
    STILL_REFRESHES = 40, /* two seconds at 20 frames a second */
    COUNT_COLS = 9,
    TIME_COLS = UNITS_TIME_COLS + 1,
    SHARE_COLS = UNITS_SHARE_COLS + 1,
    HEADING_ROWS = 4
};

static const struct order {
    const char *text; /* for the border */
    bool is_lines;
    bool wants_times; /* says nothing without */
    bool wants_calls;
    enum functions_order functions;
    enum lines_order lines;
} orders[] = {
    {"functions by self time", false, true, false, FUNCTIONS_BY_SELF, 0},
    {"functions by total time", false, true, false, FUNCTIONS_BY_TOTAL, 0},
    {"functions by calls", false, false, true, FUNCTIONS_BY_CALLS, 0},
    {"functions by longest call", false, true, true, FUNCTIONS_BY_LONGEST, 0},
    {"functions by name", false, false, false, FUNCTIONS_BY_NAME, 0},
    {"lines by self time", true, true, false, 0, LINES_BY_SELF},
    {"lines by hits", true, false, false, 0, LINES_BY_HITS},
};

enum { N_ORDERS = sizeof(orders) / sizeof(orders[0]) };

struct hot {
    const struct reader *reader;
    struct spent spent;
    struct totals *totals;
    struct percentiles percentiles;
    struct functions functions;
    struct lines *lines;
    struct list list;
    struct finder finder;
    unsigned order; /* index of orders */
    unsigned still; /* refreshes until the order may change again */
    bool has_order;
    bool has_moved; /* the user has chosen a row; until then it is the first */
    struct units_scale scale;
};

static void
init(void *self, struct view *view)
{
    struct hot *h = self;

    (void)view;
    list_init(&h->list);
    h->lines = XALLOC_NEW(struct lines);
}

static void
drop_tables(struct hot *h)
{
    totals_free(h->totals);
    spent_release(&h->spent);
    percentiles_release(&h->percentiles);
    functions_release(&h->functions);
    h->totals = NULL;
    h->reader = NULL;
}

static void
release(void *self)
{
    struct hot *h = self;

    drop_tables(h);
    free(h->lines);
    h->lines = NULL;
}

static const struct order *
order_of(const struct hot *h)
{
    return &orders[h->order];
}

static unsigned
mode_of(const struct hot *h)
{
    return reader_header(h->reader)->mode;
}

static bool
is_possible(const struct hot *h, const struct order *o)
{
    return (!o->wants_times || mode_of(h) & FORMAT_MODE_TIMES) &&
           (!o->wants_calls || mode_of(h) & FORMAT_MODE_TREE);
}

static void
next_order(struct hot *h)
{
    do
        h->order = (h->order + 1) % N_ORDERS;
    while (!is_possible(h, order_of(h)));
    h->still = 0;
}

static void
make_tables(struct hot *h, const struct reader *r)
{
    drop_tables(h);
    h->reader = r;
    spent_init(&h->spent, r);
    h->totals = totals_new(r, &h->spent);
    if (!is_possible(h, order_of(h)))
        next_order(h);
}

static uint64_t
id_at(const void *table, size_t row)
{
    const struct hot *h = table;

    return order_of(h)->is_lines ? h->lines->rows[row].line : h->functions.rows[row];
}

static size_t
n_rows(const struct hot *h)
{
    return order_of(h)->is_lines ? h->lines->n : h->functions.n;
}

/* What the time column shows of a function. */
static uint64_t
ticks_of(const struct hot *h, codes_id id)
{
    const struct totals_code *sums = totals_code(h->totals, id);

    switch (order_of(h)->functions) {
    case FUNCTIONS_BY_TOTAL:
        return sums->total_ticks;
    case FUNCTIONS_BY_LONGEST:
        return percentiles_longest(&h->percentiles, h->reader, h->totals, id);
    default:
        return sums->self_ticks;
    }
}

static uint64_t
largest(const struct hot *h)
{
    uint64_t most = 0, ticks;

    if (order_of(h)->is_lines) {
        for (size_t i = 0; i < h->lines->n; i++)
            if (h->lines->rows[i].self_ticks > most)
                most = h->lines->rows[i].self_ticks;
        return most;
    }
    for (size_t i = 0; i < h->functions.n; i++) {
        ticks = ticks_of(h, h->functions.rows[i]);
        most = ticks > most ? ticks : most;
    }
    return most;
}

static void
build(struct hot *h)
{
    const struct order *o = order_of(h);
    struct functions_source from = {h->reader, h->totals, &h->percentiles};

    if (o->is_lines)
        lines_build(h->lines, h->reader, &h->spent, o->lines);
    else
        functions_build(&h->functions, &from, o->functions);
    list_set(&h->list, n_rows(h), id_at, h);
    if (!h->has_moved)
        list_select_row(&h->list, 0, id_at, h);
}

static bool
refresh(void *self, struct view *view)
{
    struct hot *h = self;
    bool changed;

    if (!view->reader)
        return false;
    if (view->reader != h->reader)
        make_tables(h, view->reader);
    spent_update(&h->spent, view->options & VIEW_RAW_TIMES ? SPENT_RAW : 0);
    changed = totals_update(h->totals);
    percentiles_update(&h->percentiles, h->reader);
    if (h->still)
        h->still--;
    else if (changed || !h->has_order || h->list.n != n_rows(h))
        build(h);
    h->has_order = !h->still;
    h->scale = units_scale(reader_ns(h->reader, largest(h)));
    return changed;
}

/* Rows. */

struct row { /* what is shown of a function or a line */
    struct buf name;
    struct buf place;
    uint64_t count; /* calls, or hits */
    uint64_t ticks;
    struct percentiles_row calls; /* how long they took */
    bool is_hidden;
};

static void
release_row(struct row *row)
{
    buf_release(&row->name);
    buf_release(&row->place);
}

static void
take_function(const struct hot *h, codes_id id, struct row *row)
{
    const struct format_code *code = reader_code(h->reader, id);
    const struct totals_code *sums = totals_code(h->totals, id);

    if (!code)
        return;
    place_add_name(h->reader, id, &row->name);
    place_add(h->reader, code->file, code->first_line, &row->place);
    row->count = mode_of(h) & FORMAT_MODE_TREE ? sums->calls : sums->hits;
    row->ticks = ticks_of(h, id);
    percentiles_get(&h->percentiles, h->reader, h->totals, id, &row->calls);
    row->is_hidden = reader_load32(&code->flags) & FORMAT_CODE_HIDDEN;
}

/* A line's name is the function it is in. */
static void
take_line(const struct hot *h, const struct lines_row *from, struct row *row)
{
    const struct format_line *line = reader_line(h->reader, from->line);
    const struct format_code *code = line ? reader_code(h->reader, line->code) : NULL;

    if (!line)
        return;
    place_add_name(h->reader, line->code, &row->name);
    place_add(h->reader, line->file, line->line, &row->place);
    row->count = reader_load(&line->hits);
    row->ticks = spent_line(&h->spent, from->line, line);
    row->is_hidden = code && reader_load32(&code->flags) & FORMAT_CODE_HIDDEN;
}

static struct row
make_row(const struct hot *h, size_t at)
{
    struct row row = {0};

    if (order_of(h)->is_lines)
        take_line(h, &h->lines->rows[at], &row);
    else
        take_function(h, h->functions.rows[at], &row);
    return row;
}

/* Drawing. */

struct columns {
    int name;
    int place;
    int count;
    int time;
    int share;
    int calls; /* how long they took: four columns of this width, or 0 */
};

static struct columns
fit_columns(const struct hot *h, int cols)
{
    bool has_times = mode_of(h) & FORMAT_MODE_TIMES;
    struct columns c = {.name = cols, .count = cols >= 24 ? COUNT_COLS : 0};

    if (has_times && cols >= 34)
        c.time = TIME_COLS;
    if (cols >= 44)
        c.share = SHARE_COLS;
    if (has_times && cols >= 110 && !order_of(h)->is_lines)
        c.calls = TIME_COLS;
    c.name -= c.count + c.time + c.share + 4 * c.calls;
    if (c.name >= 30) {
        c.place = c.name / 2;
        c.name -= c.place;
    }
    return c;
}

static void
draw_headings(const struct hot *h, const struct grid_part *part)
{
    const struct order *o = order_of(h);
    struct columns c = fit_columns(h, part->cols);
    bool has_calls = !o->is_lines && mode_of(h) & FORMAT_MODE_TREE;
    const char *time = "self";
    struct column col = {part, 0, c.name + c.place};

    if (!o->is_lines && o->functions == FUNCTIONS_BY_TOTAL)
        time = "total";
    else if (!o->is_lines && o->functions == FUNCTIONS_BY_LONGEST)
        time = "longest";
    grid_put(part, 0, 1, THEME_HEADING, o->is_lines ? "line of" : "function");
    if (c.place)
        grid_put(part, 0, c.name, THEME_HEADING, "where");
    column_text(&col, c.count, THEME_HEADING, has_calls ? "calls" : "hits");
    column_text(&col, c.time, THEME_HEADING, time);
    column_text(&col, c.share, THEME_HEADING, "share");
    column_text(&col, c.calls, THEME_HEADING, "p50");
    column_text(&col, c.calls, THEME_HEADING, "p95");
    column_text(&col, c.calls, THEME_HEADING, "p99");
    column_text(&col, c.calls, THEME_HEADING, "max");
}

static void
put_fitted(const struct view *view, const struct grid_part *part, int row, int col,
           int cols, enum theme_style style, const char *text, enum utf8_cut cut)
{
    struct buf fitted = {0};

    utf8_fit(&fitted, text, cols, cut, view->glyphs->ascii);
    grid_put(part, row, col, style, buf_str(&fitted));
    buf_release(&fitted);
}

/* What a row is a share of; 0: a share of it would say nothing. */
static uint64_t
whole(const struct hot *h, bool of_time)
{
    if (order_of(h)->is_lines)
        return of_time ? h->lines->all_ticks : h->lines->all_hits;
    if (order_of(h)->functions == FUNCTIONS_BY_LONGEST)
        return 0;
    return of_time ? totals_all_ticks(h->totals) : 0;
}

/* Of microseconds and of seconds in one column: each in the unit that suits it. */
static void
draw_calls(const struct hot *h, struct column *col, int cols,
           const struct percentiles_row *calls)
{
    const uint64_t ticks[] = {calls->p50_ticks, calls->p95_ticks, calls->p99_ticks,
                              calls->max_ticks};

    for (size_t i = 0; calls->calls && i < sizeof(ticks) / sizeof(ticks[0]); i++) {
        struct buf text = {0};

        units_time_alone(&text, reader_ns(h->reader, ticks[i]));
        column_text(col, cols, THEME_TEXT, buf_str(&text));
        buf_release(&text);
    }
}

static void
draw_row(const struct hot *h, const struct view *view, const struct grid_part *part,
         int at, const struct row *row)
{
    struct columns c = fit_columns(h, part->cols);
    bool has_times = mode_of(h) & FORMAT_MODE_TIMES;
    uint64_t all = whole(h, has_times);
    uint64_t share = has_times ? row->ticks : row->count;
    enum theme_style heat = theme_heat(all ? (double)share / (double)all : 0);
    struct column col = {part, at, c.name + c.place};
    struct buf text = {0};

    put_fitted(view, part, at, 1, c.name - 2,
               row->is_hidden ? THEME_HIDDEN : THEME_TEXT, buf_str(&row->name),
               UTF8_CUT_MIDDLE);
    if (c.place)
        put_fitted(view, part, at, c.name, c.place - 1, THEME_MUTED,
                   buf_str(&row->place), UTF8_CUT_START);
    column_count(&col, c.count, THEME_TEXT, row->count);
    column_time(&col, c.time, heat,
                (struct column_time){h->scale, reader_ns(h->reader, row->ticks)});
    if (all)
        units_share(&text, share, all);
    column_text(&col, c.share, THEME_TEXT, buf_str(&text));
    draw_calls(h, &col, c.calls, &row->calls);
    buf_release(&text);
}

static void
draw(void *self, struct view *view, const struct grid_part *part, bool focused)
{
    struct hot *h = self;
    bool has_headings = part->rows >= HEADING_ROWS;
    struct grid_part body = grid_part(part, has_headings, 0, part->rows, part->cols);

    if (!h->reader || !h->list.n) {
        grid_put(part, 0, 1, THEME_MUTED,
                 !h->reader ? "(the program is starting)"
                 : view->mode == VIEW_RUN
                     ? "(no line that the filters let through ran yet)"
                     : "(no line that the filters let through ran)");
        return;
    }
    if (has_headings)
        draw_headings(h, part);
    list_fit(&h->list, body.rows);
    for (size_t i = h->list.top; i < list_end(&h->list); i++) {
        struct row row = make_row(h, i);
        int at = (int)(i - h->list.top);

        draw_row(h, view, &body, at, &row);
        release_row(&row);
        if (i == h->list.row)
            grid_back(&body, at, 0, body.cols, focused ? THEME_SELECTED : THEME_MARKED);
    }
}

static void
heading(void *self, struct view *view, struct buf *title, struct buf *note)
{
    struct hot *h = self;
    char where[LIST_WHERE_MAX];

    (void)view;
    if (!h->reader)
        return;
    buf_printf(title, "Hot %s", order_of(h)->text);
    list_where(&h->list, where);
    buf_add_str(note, where);
}

/* Actions. */

static unsigned
chosen(struct hot *h, struct view *view)
{
    const struct format_line *line;

    h->still = STILL_REFRESHES;
    h->has_moved = true;
    if (h->list.id == LIST_NONE || !h->list.n)
        return PANE_HANDLED;
    if (order_of(h)->is_lines) {
        line = reader_line(h->reader, (lines_id)h->list.id);
        if (line)
            view_select_line(view, line->file, line->line);
    } else {
        view_select_code(view, (codes_id)h->list.id);
    }
    return PANE_HANDLED | PANE_REDRAW;
}

static unsigned
sort(struct hot *h)
{
    bool was_lines = order_of(h)->is_lines;

    next_order(h);
    if (order_of(h)->is_lines != was_lines)
        list_init(&h->list);
    build(h);
    list_select_row(&h->list, 0, id_at, h);
    return PANE_HANDLED | PANE_REDRAW;
}

static unsigned
toggle_break(const struct hot *h, struct view *view)
{
    const struct format_line *line;

    if (h->list.id == LIST_NONE)
        return PANE_IGNORED;
    if (!order_of(h)->is_lines) {
        view_toggle_break_in(view, (codes_id)h->list.id);
        return PANE_HANDLED;
    }
    line = reader_line(h->reader, (lines_id)h->list.id);
    if (line)
        view_toggle_break(view, line->file, line->line);
    return PANE_HANDLED;
}

static unsigned
action(void *self, struct view *view, enum actions_id id)
{
    struct hot *h = self;

    if (!h->reader)
        return PANE_IGNORED;
    finder_end(&h->finder);
    if (list_move(&h->list, id, id_at, h))
        return chosen(h, view);
    switch (id) {
    case ACTIONS_SORT:
        return sort(h);
    case ACTIONS_ENTER:
        chosen(h, view);
        view_focus(view, pane_source_ops.digit);
        return PANE_HANDLED | PANE_REDRAW;
    case ACTIONS_BREAK:
        return toggle_break(h, view);
    default:
        return PANE_IGNORED;
    }
}

static void
row_text(void *data, size_t at, struct buf *out)
{
    struct row row = make_row(data, at);

    buf_printf(out, "%s %s", buf_str(&row.name), buf_str(&row.place));
    release_row(&row);
}

static struct pane_found
find(void *self, struct view *view, const char *text, enum pane_find how)
{
    struct hot *h = self;
    struct finder_rows rows = {
        .n = h->list.n, .row = h->list.row, .text = row_text, .data = h};
    struct pane_found found = finder_find(&h->finder, &rows, text, how);

    if (rows.n && rows.row != h->list.row) {
        list_select_row(&h->list, rows.row, id_at, h);
        chosen(h, view);
    }
    return found;
}

static const enum actions_id keys[] = {ACTIONS_SORT, ACTIONS_ENTER, ACTIONS_BREAK,
                                       ACTIONS_FIND, ACTIONS_NONE};

const struct pane_ops pane_hot_ops = {
    .name = "hot",
    .title = "Hot",
    .digit = '4',
    .size = sizeof(struct hot),
    .keys = keys,
    .init = init,
    .release = release,
    .refresh = refresh,
    .draw = draw,
    .heading = heading,
    .action = action,
    .find = find,
};

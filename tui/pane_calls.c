/* The call tree. While it follows, the selected row is the one the program is in; a
 * move, an opened row or a search end that, ACTIONS_PRESENT begins it again. */
#include <stdlib.h>

#include "base/utf8.h"
#include "base/xalloc.h"
#include "report/spent.h"
#include "report/totals.h"
#include "report/tree.h"
#include "tui/column.h"
#include "tui/finder.h"
#include "tui/list.h"
#include "tui/pane.h"
#include "tui/place.h"

enum {
    CALLS_COLS = 9,
    TIME_COLS = UNITS_TIME_COLS + 1,
    NOW_COLS = 7,
    INDENT = 2,
    SIGN_COLS = 2,
    HEADING_ROWS = 4 /* a pane with fewer rows has no line of headings */
};

struct calls {
    const struct reader *reader; /* what the tables are made from */
    struct spent spent;
    struct totals *totals;
    struct tree *tree;
    struct list list;
    struct finder finder;
    bool follow;
    bool all_closed;
    unsigned n_selects; /* of the view, as far as they were followed */
    struct units_scale total_scale;
    struct units_scale self_scale;
};

static void
init(void *self, struct view *view)
{
    struct calls *c = self;

    (void)view;
    list_init(&c->list);
    c->follow = true;
}

static void
drop_tables(struct calls *c)
{
    tree_free(c->tree);
    totals_free(c->totals);
    spent_release(&c->spent);
    c->tree = NULL;
    c->totals = NULL;
    c->reader = NULL;
}

static void
release(void *self)
{
    drop_tables(self);
}

static void
make_tables(struct calls *c, const struct reader *r)
{
    drop_tables(c);
    c->reader = r;
    spent_init(&c->spent, r);
    c->totals = totals_new(r, &c->spent);
    c->tree = tree_new(r, c->totals);
}

static uint64_t
id_at(const void *table, size_t row)
{
    return tree_at(table, row);
}

/* The selection goes to the row that shows the node, and takes the place on the screen
 * along. */
static bool
go_to(struct calls *c, nodes_id node, bool keep_place)
{
    size_t row;

    if (!tree_find(c->tree, node, &row))
        return false;
    if (keep_place) {
        if (row > c->list.row)
            c->list.top += row - c->list.row;
        else
            c->list.top -=
                c->list.row - row < c->list.top ? c->list.row - row : c->list.top;
    }
    c->list.n = tree_n_rows(c->tree);
    list_select_row(&c->list, row, id_at, c->tree);
    return true;
}

/* Where the program is: where it stands, else where its first live thread runs. */
static nodes_id
running_node(const struct view *view)
{
    uint32_t n = reader_count(view->reader, FORMAT_THREADS);

    if (view->now_node != FORMAT_NONE || view->mode == VIEW_EXIT ||
        view->mode == VIEW_SAVED)
        return view->now_node;
    for (threads_id i = 0; i < n; i++) {
        const struct format_thread *t = reader_thread(view->reader, i);

        if (t && reader_load32(&t->state) == FORMAT_THREAD_RUNS)
            return reader_load32(&t->node);
    }
    return FORMAT_NONE;
}

static void
select_row(struct calls *c, const struct view *view)
{
    uint64_t before = c->list.id;

    if (before != LIST_NONE)
        go_to(c, (nodes_id)before, true);
    list_set(&c->list, tree_n_rows(c->tree), id_at, c->tree);
    if (c->n_selects != view->n_selects) {
        c->n_selects = view->n_selects;
        c->follow |= view->now_node != FORMAT_NONE && view->node == view->now_node;
        go_to(c, view->node, false);
    } else if (c->follow) {
        go_to(c, running_node(view), false);
    }
}

static uint64_t
largest_self(const struct calls *c)
{
    uint32_t n = reader_count(c->reader, FORMAT_CODES);
    uint64_t most = 0;

    for (codes_id i = 0; i < n; i++) {
        uint64_t ticks = totals_code(c->totals, i)->self_ticks;

        most = ticks > most ? ticks : most;
    }
    return most;
}

static bool
refresh(void *self, struct view *view)
{
    struct calls *c = self;
    struct list before = c->list;
    bool changed;

    if (!view->reader)
        return false;
    if (view->reader != c->reader)
        make_tables(c, view->reader);
    spent_update(&c->spent, view->options & VIEW_RAW_TIMES ? SPENT_RAW : 0);
    changed = totals_update(c->totals);
    changed |= tree_update(c->tree, view->options & VIEW_SHOW_HIDDEN);
    select_row(c, view);
    c->total_scale = units_scale(reader_ns(view->reader, totals_all_ticks(c->totals)));
    c->self_scale = units_scale(reader_ns(view->reader, largest_self(c)));
    return changed || before.row != c->list.row || before.n != c->list.n;
}

/* Text of a row. */

static void
add_name(const struct reader *r, const struct tree_row *row, struct buf *out)
{
    const struct format_thread *thread = reader_thread(r, row->thread);
    const char *name;
    size_t len;

    if (!(row->flags & TREE_THREAD)) {
        place_add_name(r, row->code, out);
        return;
    }
    name = reader_string(r, thread ? thread->name : 0, &len);
    buf_add_str(out, "thread ");
    utf8_show(out, name, len, 0);
    if (row->flags & TREE_ENDED)
        buf_add_str(out, ", ended");
}

/* How often, behind the name: calls, and the times a generator went on. */
static void
add_times(const struct tree_row *row, const struct glyphs *g, struct buf *out)
{
    if (row->calls > 1) {
        buf_printf(out, " %s", g->times);
        units_count(out, row->calls, CALLS_COLS);
    }
    if (row->resumes) {
        buf_add_str(out, " ~");
        units_count(out, row->resumes, CALLS_COLS);
    }
}

/* Drawing. */

struct columns { /* how wide; 0: not there */
    int name;
    int calls;
    int total;
    int self;
    int now;
};

static struct columns
fit_columns(int cols)
{
    struct columns c = {.name = cols};

    if (cols >= 30)
        c.calls = CALLS_COLS;
    if (cols >= 40)
        c.total = TIME_COLS;
    if (cols >= 52)
        c.self = TIME_COLS;
    if (cols >= 70)
        c.now = NOW_COLS;
    c.name -= c.calls + c.total + c.self + c.now;
    return c;
}

static void
draw_headings(const struct grid_part *part, const struct columns *cols)
{
    struct column c = {part, 0, cols->name};

    grid_put(part, 0, 2, THEME_HEADING, "function");
    column_text(&c, cols->calls, THEME_HEADING, "calls");
    column_text(&c, cols->total, THEME_HEADING, "total");
    column_text(&c, cols->self, THEME_HEADING, "self");
}

static const char *
fold_sign(const struct tree_row *row, const struct glyphs *g)
{
    return row->flags & TREE_FOLDED ? g->folded
           : row->flags & TREE_OPEN ? g->open
                                    : " ";
}

/* The sign in the first column, the indented name, and how often. */
static void
draw_name(const struct calls *c, const struct view *view, const struct grid_part *part,
          int at, const struct tree_row *row)
{
    const struct glyphs *g = view->glyphs;
    enum theme_style style = row->flags & TREE_HIDDEN ? THEME_HIDDEN : THEME_TEXT;
    struct buf name = {0}, times = {0}, fitted = {0};
    int most = part->cols / 2 / INDENT * INDENT;
    int indent =
        row->depth < (unsigned)(most / INDENT) ? (int)row->depth * INDENT : most;
    int room;

    if (row->flags & TREE_RUNS)
        grid_put(part, at, 0, THEME_WAIT, g->now);
    else if (row->raised)
        grid_put(part, at, 0, THEME_ERROR, "!");
    if (indent == most && row->depth > (unsigned)(most / INDENT))
        grid_put(part, at, SIGN_COLS, THEME_MUTED, g->ellipsis);
    grid_put(part, at, SIGN_COLS + indent, THEME_MUTED, fold_sign(row, g));
    add_name(c->reader, row, &name);
    add_times(row, g, &times);
    room = part->cols - 2 * SIGN_COLS - indent - utf8_width(buf_str(&times)) - 1;
    utf8_fit(&fitted, buf_str(&name), room > 4 ? room : 4, UTF8_CUT_MIDDLE, g->ascii);
    indent = grid_put(part, at, 2 * SIGN_COLS + indent, style, buf_str(&fitted));
    grid_put(part, at, indent, THEME_MUTED, buf_str(&times));
    buf_release(&name);
    buf_release(&times);
    buf_release(&fitted);
}

static void
draw_row(const struct calls *c, const struct view *view, const struct grid_part *part,
         int at, const struct tree_row *row)
{
    struct columns cols = fit_columns(part->cols);
    uint64_t all = totals_all_ticks(c->totals);
    double share = all ? (double)row->self_ticks / (double)all : 0;
    struct grid_part name = grid_part(part, 0, 0, part->rows, cols.name);
    struct column col = {part, at, cols.name};

    draw_name(c, view, &name, at, row);
    if (row->flags & TREE_THREAD)
        column_text(&col, cols.calls, THEME_TEXT, "");
    else
        column_count(&col, cols.calls, THEME_TEXT, row->calls);
    column_time(
        &col, cols.total, THEME_TEXT,
        (struct column_time){c->total_scale, reader_ns(c->reader, row->total_ticks)});
    column_time(
        &col, cols.self, theme_heat(share),
        (struct column_time){c->self_scale, reader_ns(c->reader, row->self_ticks)});
    if (cols.now && row->flags & TREE_RUNS)
        grid_put(part, at, col.col + 1, THEME_WAIT, "<- now");
}

/* The rule that left out the most, when it left nothing. */
static const struct format_rule *
strictest_rule(const struct reader *r)
{
    uint32_t n = reader_count(r, FORMAT_RULES);
    const struct format_rule *rule, *found = NULL;

    for (uint32_t i = 0; i < n; i++) {
        rule = reader_rule(r, i);
        if (!rule || rule->include || reader_load32(&rule->off))
            continue;
        if (!found || reader_load(&rule->n_codes) > reader_load(&found->n_codes))
            found = rule;
    }
    return found && reader_load(&found->n_codes) ? found : NULL;
}

static void
say_why_empty(const struct view *view, struct buf *out)
{
    const struct reader *r = view->reader;
    const struct format_rule *rule = r ? strictest_rule(r) : NULL;
    const char *text;
    size_t len;

    if (!r) {
        buf_add_str(out, "(the program is starting)");
    } else if (!(reader_header(r)->mode & FORMAT_MODE_TREE)) {
        buf_add_str(out, "(only lines are counted: no calls were recorded)");
    } else if (rule) {
        text = reader_string(r, rule->text, &len);
        buf_add_str(out, "(everything so far is hidden by the rule ");
        utf8_show(out, text, len, 0);
        buf_add_str(out, ")");
    } else if (view->mode == VIEW_EXIT || view->mode == VIEW_SAVED) {
        buf_add_str(out, "(no function that the filters let through was called)");
    } else {
        buf_add_str(out, "(nothing was called yet)");
    }
}

static void
draw(void *self, struct view *view, const struct grid_part *part, bool focused)
{
    struct calls *c = self;
    bool has_headings = part->rows >= HEADING_ROWS;
    struct columns cols = fit_columns(part->cols);
    struct grid_part body = grid_part(part, has_headings, 0, part->rows, part->cols);
    struct buf why = {0};
    struct tree_row row;

    if (!c->tree || !tree_n_rows(c->tree)) {
        say_why_empty(view, &why);
        grid_put(part, 0, 1, THEME_MUTED, buf_str(&why));
        buf_release(&why);
        return;
    }
    if (has_headings)
        draw_headings(part, &cols);
    list_fit(&c->list, body.rows);
    for (size_t i = c->list.top; i < list_end(&c->list); i++) {
        int at = (int)(i - c->list.top);

        if (!tree_rows(c->tree, i, 1, &row))
            break;
        draw_row(c, view, &body, at, &row);
        if (i == c->list.row)
            grid_back(&body, at, 0, body.cols, focused ? THEME_SELECTED : THEME_MARKED);
    }
}

static void
heading(void *self, struct view *view, struct buf *title, struct buf *note)
{
    struct calls *c = self;
    uint64_t n_hidden;
    char where[LIST_WHERE_MAX];

    (void)title;
    if (!c->tree)
        return;
    n_hidden = reader_load(&reader_header(c->reader)->n_hidden_codes);
    if (n_hidden && !(view->options & VIEW_SHOW_HIDDEN))
        buf_printf(note, "%llu hidden  ", (unsigned long long)n_hidden);
    list_where(&c->list, where);
    buf_add_str(note, where);
    if (c->follow && view->mode != VIEW_EXIT && view->mode != VIEW_SAVED)
        buf_add_str(note, " follow");
}

/* Actions. */

static nodes_id
selected(const struct calls *c)
{
    return c->list.id == LIST_NONE ? FORMAT_NONE : (nodes_id)c->list.id;
}

/* The user chose a row: everyone else follows. */
static unsigned
chosen(struct calls *c, struct view *view)
{
    c->follow = false;
    view_select_node(view, selected(c));
    c->n_selects = view->n_selects;
    return PANE_HANDLED | PANE_REDRAW;
}

/* Rows came or went by the user's hand; the selected one stays. */
static unsigned
refolded(struct calls *c)
{
    c->follow = false;
    go_to(c, selected(c), false);
    return PANE_HANDLED | PANE_REDRAW;
}

static unsigned
to_the_right(struct calls *c, struct view *view)
{
    if (tree_open(c->tree, selected(c)))
        return refolded(c);
    list_move(&c->list, ACTIONS_DOWN, id_at, c->tree);
    return chosen(c, view);
}

static unsigned
to_the_left(struct calls *c, struct view *view)
{
    if (tree_close(c->tree, selected(c)))
        return refolded(c);
    if (go_to(c, tree_parent(c->tree, selected(c)), false))
        return chosen(c, view);
    return PANE_HANDLED;
}

static unsigned
enter(struct calls *c, struct view *view)
{
    if (tree_open(c->tree, selected(c)) || tree_close(c->tree, selected(c)))
        return refolded(c);
    chosen(c, view);
    view_focus(view, pane_source_ops.digit);
    return PANE_HANDLED | PANE_REDRAW;
}

static unsigned
fold_all(struct calls *c)
{
    c->all_closed = !c->all_closed;
    if (c->all_closed)
        tree_close_all(c->tree);
    else
        tree_open_all(c->tree);
    return refolded(c);
}

static codes_id
selected_code(const struct calls *c)
{
    return selected(c) < totals_n_nodes(c->totals)
               ? totals_node_code(c->totals, selected(c))
               : FORMAT_NONE;
}

static unsigned
hide(struct calls *c, struct view *view)
{
    const struct format_code *code = reader_code(c->reader, selected_code(c));
    const struct format_file *file = code ? reader_file(c->reader, code->file) : NULL;
    const char *module = file ? reader_string(c->reader, file->module, NULL) : "";
    bool is_module = code && reader_load32(&code->flags) & FORMAT_CODE_MODULE;
    char *rule;

    if (!code) {
        view_say(view, "a thread cannot be hidden, only functions");
        return PANE_HANDLED;
    }
    if (is_module)
        rule =
            xalloc_copy(*module ? module : reader_string(c->reader, file->path, NULL));
    else
        rule = xalloc_printf("%s:%s", *module ? module : "*",
                             reader_string(c->reader, code->qualname, NULL));
    view_hide(view, rule);
    free(rule);
    return PANE_HANDLED;
}

static unsigned
toggle_break(struct calls *c, struct view *view)
{
    if (!reader_code(c->reader, selected_code(c)))
        return PANE_IGNORED;
    view_toggle_break_in(view, selected_code(c));
    return PANE_HANDLED;
}

static unsigned
action(void *self, struct view *view, enum actions_id id)
{
    struct calls *c = self;

    if (!c->tree)
        return PANE_IGNORED;
    finder_end(&c->finder);
    if (list_move(&c->list, id, id_at, c->tree))
        return chosen(c, view);
    switch (id) {
    case ACTIONS_RIGHT:
        return to_the_right(c, view);
    case ACTIONS_LEFT:
        return to_the_left(c, view);
    case ACTIONS_ENTER:
        return enter(c, view);
    case ACTIONS_FOLD_ALL:
        return fold_all(c);
    case ACTIONS_HIDE:
        return hide(c, view);
    case ACTIONS_BREAK:
        return toggle_break(c, view);
    case ACTIONS_PRESENT:
        c->follow = true;
        return PANE_HANDLED | PANE_REDRAW;
    default:
        return PANE_IGNORED;
    }
}

static void
row_text(void *data, size_t at, struct buf *out)
{
    const struct calls *c = data;
    struct tree_row row;

    if (tree_rows(c->tree, at, 1, &row))
        add_name(c->reader, &row, out);
}

static struct pane_found
find(void *self, struct view *view, const char *text, enum pane_find how)
{
    struct calls *c = self;
    struct finder_rows rows = {.row = c->list.row, .text = row_text, .data = c};
    struct pane_found found = {0, 0};

    if (!c->tree)
        return found;
    rows.n = tree_n_rows(c->tree);
    found = finder_find(&c->finder, &rows, text, how);
    if (rows.row != c->list.row) {
        list_select_row(&c->list, rows.row, id_at, c->tree);
        chosen(c, view);
    }
    return found;
}

static const enum actions_id keys[] = {ACTIONS_BREAK, ACTIONS_HIDE,     ACTIONS_FIND,
                                       ACTIONS_ENTER, ACTIONS_FOLD_ALL, ACTIONS_NONE};

const struct pane_ops pane_calls_ops = {
    .name = "calls",
    .title = "Calls",
    .digit = '1',
    .size = sizeof(struct calls),
    .keys = keys,
    .init = init,
    .release = release,
    .refresh = refresh,
    .draw = draw,
    .heading = heading,
    .action = action,
    .find = find,
};

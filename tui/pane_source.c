/* The source, with what each line cost so far. The cursor is the view's: a row chosen
 * in another pane brings its line here. While the program runs and nobody has moved,
 * the pane goes along with it, but not into every file that it touches for a moment. */
#include <string.h>

#include "base/utf8.h"
#include "report/source.h"
#include "report/spent.h"
#include "tui/code.h"
#include "tui/column.h"
#include "tui/finder.h"
#include "tui/list.h"
#include "tui/pane.h"
#include "tui/place.h"

enum {
    STAY_REFRESHES = 10, /* the program must stay in another file that long */
    READ_LINES = 20000,  /* words of so many lines are read in a frame */
    SCROLL = 8,
    CONTEXT = 3, /* lines seen above and below the selected one */
    HITS_COLS = 8,
    TIME_COLS = UNITS_TIME_COLS + 1,
    ARROW_COLS = 3,
    VALUES_COLS = 12 /* the least worth beginning with */
};

struct pane {
    const struct reader *reader;
    struct spent spent;
    struct source *source; /* NULL: no file yet */
    struct list list;      /* row + 1 is the line */
    struct finder finder;
    struct buf needle; /* what was searched for */
    bool follow;
    unsigned n_selects; /* of the view, as far as they were followed */
    unsigned away;      /* refreshes that the program was in another file */
    uint32_t now_line;  /* where the program is in this file; 0: elsewhere */
    int left;           /* columns scrolled away */
    struct source_count count;
    struct units_scale scale;
    uint64_t now;
};

static void
init(void *self, struct view *view)
{
    struct pane *p = self;

    (void)view;
    list_init(&p->list);
    p->follow = true;
}

static void
release(void *self)
{
    struct pane *p = self;

    source_free(p->source);
    spent_release(&p->spent);
    buf_release(&p->needle);
    p->source = NULL;
}

static uint64_t
id_at(const void *table, size_t row)
{
    (void)table;
    return row + 1;
}

static files_id
file_of(const struct pane *p)
{
    return p->source ? source_file(p->source) : FORMAT_NONE;
}

static void
show_file(struct pane *p, files_id file)
{
    if (file == file_of(p) || !reader_file(p->reader, file))
        return;
    source_free(p->source);
    p->source = source_new(p->reader, file);
    list_init(&p->list);
    list_set(&p->list, source_n_lines(p->source), id_at, p);
    p->left = 0;
    p->away = 0;
    p->scale = (struct units_scale){0};
    finder_end(&p->finder);
}

static void
show_line(struct pane *p, files_id file, uint32_t line)
{
    show_file(p, file);
    if (p->source && line >= 1)
        list_select_row(&p->list, line - 1, id_at, p);
}

/* The line that the first live thread is on. */
static const struct format_line *
running_line(const struct reader *r)
{
    uint32_t n = reader_count(r, FORMAT_THREADS);

    for (threads_id i = 0; i < n; i++) {
        const struct format_thread *t = reader_thread(r, i);

        if (t && reader_load32(&t->state) == FORMAT_THREAD_RUNS)
            return reader_line(r, reader_load32(&t->line));
    }
    return NULL;
}

static bool
is_running(const struct view *view)
{
    return view->mode == VIEW_RUN || view->mode == VIEW_PAUSING ||
           view->mode == VIEW_INPUT;
}

static files_id
main_file(const struct reader *r)
{
    uint32_t n = reader_count(r, FORMAT_FILES);

    for (files_id i = 0; i < n; i++)
        if (reader_file(r, i)->flags & FORMAT_FILE_MAIN)
            return i;
    return n ? 0 : FORMAT_NONE;
}

static void
follow_program(struct pane *p, const struct view *view)
{
    const struct format_line *line = is_running(view) ? running_line(p->reader) : NULL;

    if (view->now_line) {
        show_line(p, view->now_file, view->now_line);
    } else if (line && line->file == file_of(p)) {
        p->away = 0;
        list_select_row(&p->list, line->line - 1, id_at, p);
    } else if (line && ++p->away > STAY_REFRESHES) {
        show_line(p, line->file, line->line);
    }
}

static void
find_now_line(struct pane *p, const struct view *view)
{
    const struct format_line *line = is_running(view) ? running_line(p->reader) : NULL;

    p->now_line = 0;
    if (view->now_line && view->now_file == file_of(p))
        p->now_line = view->now_line;
    else if (line && line->file == file_of(p))
        p->now_line = line->line;
}

static void
place_cursor(struct pane *p, struct view *view)
{
    if (!p->source)
        show_file(p, main_file(p->reader));
    if (p->n_selects != view->n_selects) {
        p->n_selects = view->n_selects;
        p->follow |= view->now_line && view->line == view->now_line &&
                     view->file == view->now_file;
        show_line(p, view->file, view->line);
    } else if (p->follow) {
        follow_program(p, view);
    }
    find_now_line(p, view);
}

static bool
take_numbers(struct pane *p)
{
    uint64_t before = p->now;

    p->now = reader_now(p->reader);
    if (!p->source)
        return false;
    p->count = source_count(p->source, &p->spent);
    p->scale = units_scale(reader_ns(p->reader, p->count.most_ticks));
    return p->now != before;
}

static bool
refresh(void *self, struct view *view)
{
    struct pane *p = self;
    uint32_t now_line = p->now_line;
    size_t row = p->list.row;
    files_id file = file_of(p);
    bool changed;

    if (!view->reader)
        return false;
    if (view->reader != p->reader) {
        release(p);
        p->reader = view->reader;
        spent_init(&p->spent, p->reader);
    }
    spent_update(&p->spent, view->options & VIEW_RAW_TIMES ? SPENT_RAW : 0);
    place_cursor(p, view);
    changed = take_numbers(p);
    if (p->source)
        changed |= source_read(p->source, READ_LINES);
    return changed || now_line != p->now_line || row != p->list.row ||
           file != file_of(p);
}

/* Drawing. */

struct columns {
    int hits; /* how wide; 0: not there */
    int time;
    int mark;   /* where the heat and the breakpoint stand, */
    int number; /* the number of the line, */
    int number_cols;
    int arrow;
    int text;
};

static struct columns
fit_columns(const struct pane *p, int cols)
{
    bool has_times = reader_header(p->reader)->mode & FORMAT_MODE_TIMES;
    struct columns c = {.number_cols = 1};

    for (uint32_t n = source_n_lines(p->source); n >= 10; n /= 10)
        c.number_cols++;
    c.hits = cols >= 40 ? HITS_COLS : 0;
    c.time = has_times && cols >= 56 ? TIME_COLS : 0;
    c.mark = c.hits + c.time + 1;
    c.number = c.mark + 3;
    c.arrow = c.number + c.number_cols + 1;
    c.text = c.arrow + ARROW_COLS;
    return c;
}

static double
share_of(const struct pane *p, const struct source_line *l)
{
    if (p->count.most_ticks)
        return (double)l->self_ticks / (double)p->count.most_ticks;
    return p->count.most_hits ? (double)l->hits / (double)p->count.most_hits : 0;
}

static void
draw_numbers(const struct pane *p, const struct view *view,
             const struct grid_part *part, int at, const struct source_line *l)
{
    struct columns c = fit_columns(p, part->cols);
    struct column col = {part, at, 0};
    double share = share_of(p, l);

    if (l->flags & SOURCE_MISSED) {
        column_text(&col, c.hits, THEME_NOT_RUN, ">>>>>>");
        if (!c.hits)
            grid_put(part, at, c.mark, THEME_NOT_RUN, ">");
    }
    if (!l->hits)
        return;
    column_count(&col, c.hits, THEME_RAN, l->hits);
    column_time(&col, c.time, theme_heat(share),
                (struct column_time){p->scale, reader_ns(p->reader, l->self_ticks)});
    grid_put(part, at, c.mark, theme_heat(share), glyphs_heat(view->glyphs, share));
}

static void
draw_gutter(const struct pane *p, const struct view *view, const struct grid_part *part,
            int at, uint32_t line)
{
    struct columns c = fit_columns(p, part->cols);
    struct source_line l = source_line(p->source, &p->spent, line);
    const struct view_break *stop = view_find_break(view, file_of(p), line);

    draw_numbers(p, view, part, at, &l);
    if (stop)
        grid_put(part, at, c.mark + 1, THEME_BREAK,
                 stop->state == VIEW_BREAK_SET ? "B" : "b");
    grid_printf(part, at, c.number, THEME_MUTED, "%*u", c.number_cols, line);
    if (line == p->now_line)
        grid_put(part, at, c.arrow, THEME_WAIT, "->");
}

static void
mark_matches(const struct pane *p, const struct grid_part *part, int at, uint32_t line)
{
    const char *needle = buf_str(&p->needle), *hit;
    struct buf copy = {0};
    size_t len;
    const char *text = source_text(p->source, line, &len);

    if (!*needle)
        return;
    buf_add(&copy, text, len);
    for (hit = buf_str(&copy); (hit = finder_at(hit, needle)); hit += p->needle.len) {
        size_t before = (size_t)(hit - copy.data);
        int from = code_width(copy.data, before) - p->left;
        int to = code_width(copy.data, before + p->needle.len) - p->left;

        if (from >= part->cols)
            break;
        for (int col = from < 0 ? 0 : from; col < to; col++)
            grid_back(part, at, col, 1, THEME_MATCH);
    }
    buf_release(&copy);
}

/* The values of the names on the line, when the program stands there. */
static void
add_values(struct pane *p, const struct format_frame *frame, uint32_t line,
           struct buf *out)
{
    const struct lexer_line *words = source_words(p->source, line);
    size_t len, name_len, text_len;
    const char *text = source_text(p->source, line, &len);

    for (uint32_t i = 0; i < frame->n_values; i++) {
        const struct format_value *v = reader_value(p->reader, frame->first_value + i);
        const char *name = v ? reader_string(p->reader, v->name, &name_len) : "";

        for (size_t k = 0; v && k < words->n; k++) {
            const struct lexer_span *w = &words->spans[k];

            if (w->kind == LEXER_STRING || w->kind == LEXER_COMMENT ||
                w->len != name_len || memcmp(text + w->at, name, name_len) != 0)
                continue;
            buf_add_str(out, out->len ? "  " : "");
            buf_add_str(out, v->flags & FORMAT_VALUE_CHANGED ? "*" : "");
            utf8_show(out, name, name_len, 0);
            buf_add_char(out, '=');
            name = reader_string(p->reader, v->text, &text_len);
            utf8_show(out, name, text_len, 0);
            break;
        }
    }
}

static void
draw_values(struct pane *p, const struct view *view, const struct grid_part *part,
            int at, int col, uint32_t line)
{
    const struct format_frame *frame = view->now_line ? view_frame(view) : NULL;
    struct grid_field field = {.col = col + 3,
                               .cols = part->cols - col - 3,
                               .style = THEME_CHANGED,
                               .glyphs = view->glyphs};
    struct buf text = {0};

    if (!frame || view->file != file_of(p) || frame->line != line ||
        field.cols < VALUES_COLS)
        return;
    add_values(p, frame, line, &text);
    if (text.len)
        grid_put_field(part, at, &field, buf_str(&text));
    buf_release(&text);
}

static void
draw_line(struct pane *p, const struct view *view, const struct grid_part *part, int at,
          uint32_t line)
{
    int text_at = fit_columns(p, part->cols).text;
    struct grid_part text =
        grid_part(part, 0, text_at, part->rows, part->cols - text_at);
    int end;

    draw_gutter(p, view, part, at, line);
    end = code_put(&text, at, p->left, p->source, line);
    draw_values(p, view, &text, at, end, line);
    if (line == p->now_line)
        grid_back(part, at, 0, part->cols, THEME_NOW);
    mark_matches(p, &text, at, line);
}

static void
draw_empty(const struct pane *p, const struct view *view, const struct grid_part *part)
{
    const char *why = "(the program is starting)";

    if (p->source && !source_has_text(p->source))
        why = "(the session has no source of this file)";
    else if (p->source)
        why = "(this file is empty)";
    else if (view->reader)
        why = "(no file that the filters let through was loaded yet)";
    grid_put(part, 0, 1, THEME_MUTED, why);
}

/* Leaves some lines around the selected one, where there are any. */
static void
keep_context(struct list *l)
{
    size_t rows = (size_t)l->rows;
    size_t margin = rows / 4 < CONTEXT ? rows / 4 : CONTEXT;

    if (l->row < l->top + margin)
        l->top = l->row > margin ? l->row - margin : 0;
    if (l->row + margin >= l->top + rows)
        l->top = l->row + margin + 1 - rows;
    if (l->n > rows && l->top > l->n - rows)
        l->top = l->n - rows;
    if (l->n <= rows)
        l->top = 0;
}

static void
draw(void *self, struct view *view, const struct grid_part *part, bool focused)
{
    struct pane *p = self;

    if (!p->source || !p->list.n) {
        draw_empty(p, view, part);
        return;
    }
    list_fit(&p->list, part->rows);
    keep_context(&p->list);
    for (size_t i = p->list.top; i < list_end(&p->list); i++) {
        int at = (int)(i - p->list.top);

        if (i == p->list.row)
            grid_back(part, at, 0, part->cols, focused ? THEME_SELECTED : THEME_MARKED);
        draw_line(p, view, part, at, (uint32_t)i + 1);
    }
}

static void
heading(void *self, struct view *view, struct buf *title, struct buf *note)
{
    struct pane *p = self;

    (void)view;
    if (!p->source)
        return;
    place_add_file(p->reader, file_of(p), title);
    if (p->count.n_lines)
        buf_printf(note, "%u/%u lines %u%%", p->count.n_run, p->count.n_lines,
                   (unsigned)(100ull * p->count.n_run / p->count.n_lines));
}

/* Actions. */

static unsigned
chosen(struct pane *p, struct view *view)
{
    p->follow = false;
    if (p->source && p->list.n)
        view_select_line(view, file_of(p), (uint32_t)p->list.row + 1);
    p->n_selects = view->n_selects;
    return PANE_HANDLED | PANE_REDRAW;
}

static unsigned
scroll(struct pane *p, int by)
{
    p->left = p->left + by > 0 ? p->left + by : 0;
    return PANE_HANDLED | PANE_REDRAW;
}

static unsigned
follow_again(struct pane *p, struct view *view)
{
    p->follow = true;
    p->left = 0;
    p->away = STAY_REFRESHES;
    follow_program(p, view);
    return PANE_HANDLED | PANE_REDRAW;
}

static unsigned
action(void *self, struct view *view, enum actions_id id)
{
    struct pane *p = self;

    if (!p->source)
        return PANE_IGNORED;
    finder_end(&p->finder);
    if (list_move(&p->list, id, id_at, p))
        return chosen(p, view);
    switch (id) {
    case ACTIONS_LEFT:
        return scroll(p, -SCROLL);
    case ACTIONS_RIGHT:
        return scroll(p, SCROLL);
    case ACTIONS_BREAK:
        view_toggle_break(view, file_of(p), (uint32_t)p->list.row + 1);
        return PANE_HANDLED;
    case ACTIONS_PRESENT:
        return follow_again(p, view);
    default:
        return PANE_IGNORED;
    }
}

static void
row_text(void *data, size_t at, struct buf *out)
{
    const struct pane *p = data;
    size_t len;
    const char *text = source_text(p->source, (uint32_t)at + 1, &len);

    buf_add(out, text, len);
}

static struct pane_found
find(void *self, struct view *view, const char *text, enum pane_find how)
{
    struct pane *p = self;
    struct finder_rows rows = {
        .n = p->list.n, .row = p->list.row, .text = row_text, .data = p};
    struct pane_found found = {0, 0};

    if (!p->source)
        return found;
    buf_clear(&p->needle);
    buf_add_str(&p->needle, text);
    found = finder_find(&p->finder, &rows, text, how);
    if (rows.n && rows.row != p->list.row) {
        list_select_row(&p->list, rows.row, id_at, p);
        chosen(p, view);
    }
    return found;
}

static const enum actions_id keys[] = {ACTIONS_BREAK, ACTIONS_UNTIL, ACTIONS_FIND,
                                       ACTIONS_PRESENT, ACTIONS_NONE};

const struct pane_ops pane_source_ops = {
    .name = "source",
    .title = "Source",
    .digit = '2',
    .size = sizeof(struct pane),
    .keys = keys,
    .init = init,
    .release = release,
    .refresh = refresh,
    .draw = draw,
    .heading = heading,
    .action = action,
    .find = find,
};

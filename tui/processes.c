#include "tui/processes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "base/xalloc.h"
#include "report/units.h"
#include "session/family.h"

#define LOOK_NS 500000000u
#define POPUP_COLS 100
#define INDENT 2
#define DEPTH_MAX 8 /* deeper ones stand as if they were so deep */

void
processes_init(struct processes *p, const char *path, enum reader_how how)
{
    *p = (struct processes){.path = path, .how = how};
    list_init(&p->list);
}

static void
release_row(struct processes_row *row)
{
    free(row->path);
    free(row->what);
}

void
processes_release(struct processes *p)
{
    for (size_t i = 0; i < p->n; i++)
        release_row(&p->rows[i]);
    free(p->rows);
    buf_release(&p->missed);
    *p = (struct processes){0};
}

/* What a session says */

static uint64_t
count_hits(const struct reader *r)
{
    uint32_t n = reader_count(r, FORMAT_LINES);
    uint64_t sum = 0;

    for (lines_id id = 0; id < n; id++)
        sum += reader_load(&reader_line(r, id)->hits);
    return sum;
}

static void
read_numbers(struct processes_row *row, const struct reader *r)
{
    const struct format_header *h = reader_header(r);
    uint64_t now = reader_now(r);

    row->is_over = reader_is_over(r);
    row->state = reader_load32(&h->state);
    row->status = atomic_load_explicit(&h->exit_status, memory_order_relaxed);
    row->hits = count_hits(r);
    row->ns = now > h->start_ticks ? reader_ns(r, now - h->start_ticks) : 0;
}

/* "app.py --fast": the words of the command on one line. */
static char *
command_of(const struct reader *r)
{
    size_t len;
    const char *text = reader_string(r, reader_header(r)->command, &len);
    struct buf words = {0}, shown = {0};

    for (size_t i = 0; i < len; i++)
        if (text[i] != '\n' || i + 1 < len)
            buf_add_char(&words, text[i] == '\n' ? ' ' : text[i]);
    utf8_show(&shown, buf_str(&words), words.len, 0);
    if (shown.len == 0)
        buf_add_str(&shown, "python");
    buf_release(&words);
    return buf_take(&shown);
}

/* What runs there once its session says so; it does from when it has begun on. */
static void
read_row(struct processes_row *row, enum reader_how how)
{
    struct reader *r;
    struct err ignored;

    if (!reader_open(&r, row->path, how, &ignored))
        return;
    row->pid = reader_header(r)->pid;
    row->parent = reader_header(r)->parent_pid;
    row->start = reader_header(r)->start_unix_ns;
    read_numbers(row, r);
    if (!row->is_known && (row->state != FORMAT_STARTING || row->is_over)) {
        row->what = command_of(r);
        row->is_known = true;
    }
    reader_close(r);
}

/* Rows */

static size_t
find_path(const struct processes *p, const char *path)
{
    size_t i = 0;

    while (i < p->n && strcmp(p->rows[i].path, path) != 0)
        i++;
    return i;
}

/* The row of the process that another one came from, under which it stands. A process
 * that became another program has several, and is its own parent. */
static size_t
find_parent(const struct processes *p, const struct processes_row *row)
{
    size_t found = 0;

    for (size_t i = 0; i < p->n; i++) {
        const struct processes_row *r = &p->rows[i];

        if (r->pid == row->parent && r->start <= row->start &&
            (p->rows[found].pid != row->parent || r->start > p->rows[found].start))
            found = i;
    }
    return found;
}

/* Puts a row behind its parent and all that came from that before it. */
static void
insert(struct processes *p, struct processes_row *row)
{
    size_t at = p->n;

    if (p->n > 0) {
        size_t parent = find_parent(p, row);

        row->depth = p->rows[parent].depth + 1;
        for (at = parent + 1; at < p->n && p->rows[at].depth >= row->depth; at++)
            if (p->rows[at].depth == row->depth && p->rows[at].start > row->start)
                break;
    }
    row->id = p->n_found++;
    p->rows = xalloc_grow(p->rows, &p->cap, p->n + 1, sizeof(*p->rows));
    memmove(p->rows + at + 1, p->rows + at, (p->n - at) * sizeof(*p->rows));
    p->rows[at] = *row;
    p->n++;
}

static bool
add_path(struct processes *p, const char *path)
{
    struct processes_row row = {.path = xalloc_copy(path)};

    read_row(&row, p->how);
    if (row.is_known)
        insert(p, &row);
    else
        release_row(&row);
    return row.is_known;
}

static bool
look_for_sessions(struct processes *p)
{
    struct family f;
    bool changed = false;

    if (p->n == 0 && !add_path(p, p->path))
        return false;
    family_find(&f, p->path);
    for (size_t i = 0; i < f.n; i++)
        if (find_path(p, f.paths[i]) == p->n)
            changed |= add_path(p, f.paths[i]);
    family_release(&f);
    return changed;
}

static bool
look_at_numbers(struct processes *p)
{
    bool changed = false;

    for (size_t i = 0; i < p->n; i++) {
        changed |= !p->rows[i].is_over;
        if (!p->rows[i].is_over)
            read_row(&p->rows[i], p->how);
    }
    buf_clear(&p->missed);
    family_add_missed(&p->missed, p->path);
    return changed;
}

static uint64_t
id_at(const void *table, size_t row)
{
    return ((const struct processes_row *)table)[row].id;
}

bool
processes_look(struct processes *p, mono_ns now, bool numbers)
{
    bool changed;

    if (p->path == NULL || (p->looked_at != 0 && now - p->looked_at < LOOK_NS))
        return false;
    p->looked_at = now;
    changed = look_for_sessions(p);
    if (numbers)
        changed |= look_at_numbers(p);
    list_set(&p->list, p->n, id_at, p->rows);
    return changed;
}

void
processes_hurry(struct processes *p)
{
    p->looked_at = 0;
}

bool
processes_is_any_alive(const struct processes *p)
{
    for (size_t i = 1; i < p->n; i++)
        if (!p->rows[i].is_over)
            return true;
    return false;
}

const struct processes_row *
processes_find(const struct processes *p, uint32_t pid)
{
    const struct processes_row *found = NULL;

    for (size_t i = 0; i < p->n; i++)
        if (p->rows[i].pid == pid && (found == NULL || p->rows[i].id > found->id))
            found = &p->rows[i];
    return found;
}

/* Keys */

void
processes_open(struct processes *p, const char *shown)
{
    size_t row = find_path(p, shown != NULL ? shown : p->path);

    processes_hurry(p);
    list_select_row(&p->list, row < p->n ? row : 0, id_at, p->rows);
}

enum processes_answer
processes_key(struct processes *p, keys_code key)
{
    static const struct {
        keys_code key;
        enum actions_id action;
    } moves[] = {
        {KEYS_UP, ACTIONS_UP},           {'k', ACTIONS_UP},
        {KEYS_DOWN, ACTIONS_DOWN},       {'j', ACTIONS_DOWN},
        {KEYS_PAGE_UP, ACTIONS_PAGE_UP}, {KEYS_PAGE_DOWN, ACTIONS_PAGE_DOWN},
        {KEYS_HOME, ACTIONS_FIRST},      {KEYS_END, ACTIONS_LAST},
    };

    for (size_t i = 0; i < sizeof(moves) / sizeof(moves[0]); i++)
        if (moves[i].key == key)
            list_move(&p->list, moves[i].action, id_at, p->rows);
    if (key == KEYS_ENTER)
        return processes_chosen(p) != NULL ? PROCESSES_SHOW : PROCESSES_CLOSED;
    if (key == KEYS_ESC || key == 'q' || key == 'P' || key == KEYS_CTRL_OF('c'))
        return PROCESSES_CLOSED;
    return PROCESSES_STAYS;
}

const struct processes_row *
processes_chosen(const struct processes *p)
{
    return p->list.row < p->n ? &p->rows[p->list.row] : NULL;
}

/* Drawing */

enum { PID_COLS = 8, STATE_COLS = 8, HITS_COLS = 9, TIME_COLS = 9, GAP = 2 };

static void
add_state(const struct processes_row *row, struct buf *out)
{
    if (row->state == FORMAT_EXITED)
        buf_printf(out, "EXIT %d", row->status);
    else if (row->state == FORMAT_REPLACED)
        buf_add_str(out, "EXEC");
    else if (row->is_over)
        buf_add_str(out, "ENDED");
    else
        buf_add_str(out, row->state == FORMAT_PAUSED ? "PAUSED" : "RUN");
}

/* A forked process runs what its parent does. */
static const char *
what_of(const struct processes *p, const struct processes_row *row)
{
    for (size_t i = 0; i < p->n; i++)
        if (p->rows[i].pid == row->parent && row->parent != row->pid &&
            p->rows[i].id != row->id && strcmp(p->rows[i].what, row->what) == 0)
            return "fork";
    return row->what;
}

static enum theme_style
style_of(const struct processes_row *row)
{
    if (!row->is_over)
        return THEME_GOOD;
    return row->state == FORMAT_EXITED && row->status != 0 ? THEME_ERROR : THEME_MUTED;
}

static void
draw_row(const struct processes *p, const struct grid_part *part, int at, size_t index,
         const struct glyphs *glyphs)
{
    const struct processes_row *row = &p->rows[index];
    struct grid_field field = {1, PID_COLS, GRID_RIGHT, THEME_TEXT, glyphs};
    int depth = row->depth < DEPTH_MAX ? row->depth : DEPTH_MAX;
    struct buf text = {0};

    buf_printf(&text, "%u", row->pid);
    field.col = grid_put_field(part, at, &field, buf_str(&text)) + GAP;
    buf_clear(&text);
    add_state(row, &text);
    field.cols = STATE_COLS;
    field.align = GRID_LEFT;
    field.style = style_of(row);
    field.col = grid_put_field(part, at, &field, buf_str(&text));
    buf_clear(&text);
    units_count(&text, row->hits, HITS_COLS);
    field.cols = HITS_COLS;
    field.align = GRID_RIGHT;
    field.style = THEME_TEXT;
    field.col = grid_put_field(part, at, &field, buf_str(&text)) + GAP;
    buf_clear(&text);
    units_time_alone(&text, row->ns);
    field.cols = TIME_COLS;
    field.col = grid_put_field(part, at, &field, buf_str(&text)) + GAP + depth * INDENT;
    field.cols = part->cols - field.col - 1;
    field.align = GRID_LEFT;
    if (field.cols > 0)
        grid_put_field(part, at, &field, what_of(p, row));
    buf_release(&text);
}

static void
draw_heading(const struct grid_part *part)
{
    grid_printf(part, 0, 1, THEME_HEADING, "%*s%*s%-*s%*s%*s%*s%*s%s", PID_COLS, "pid",
                GAP, "", STATE_COLS, "state", HITS_COLS, "hits", GAP, "", TIME_COLS,
                "time", GAP, "", "what runs");
}

static void
draw_border(const struct processes *p, const struct glyphs *glyphs,
            const struct grid_part *popup)
{
    char where[LIST_WHERE_MAX];

    grid_box(popup, &glyphs->focus, THEME_FOCUS);
    grid_put(popup, 0, 2, THEME_FOCUS, " Processes ");
    list_where(&p->list, where);
    grid_printf(popup, 0, popup->cols - 4 - (int)strlen(where), THEME_MUTED, " %s ",
                where);
    grid_put(popup, popup->rows - 1, 2, THEME_MUTED, " Enter shows it   Esc closes ");
}

/* In the last row: the first reason. */
static void
draw_missed(const struct processes *p, const struct glyphs *glyphs,
            const struct grid_part *part)
{
    struct grid_field field = {1, part->cols - 2, GRID_LEFT, THEME_WAIT, glyphs};
    struct buf text = {0};

    buf_printf(&text, "not watched: %.*s", (int)strcspn(buf_str(&p->missed), "\n"),
               buf_str(&p->missed));
    grid_put_field(part, part->rows - 1, &field, buf_str(&text));
    buf_release(&text);
}

void
processes_draw(struct processes *p, const struct glyphs *glyphs, const char *shown,
               const struct grid_part *part)
{
    int cols = part->cols - 4 < POPUP_COLS ? part->cols - 4 : POPUP_COLS;
    int room = part->rows - 4 < 6 ? 6 : part->rows - 4;
    int n_missed = p->missed.len > 0;
    int frame = 3 + n_missed; /* rows that are no process */
    int rows =
        (int)(p->n < (size_t)(room - frame) ? p->n : (size_t)(room - frame)) + frame;
    struct grid_part popup = grid_part(part, 2, (part->cols - cols) / 2,
                                       rows > frame ? rows : frame + 1, cols);
    struct grid_part inside = grid_part(&popup, 1, 1, popup.rows - 2, popup.cols - 2);
    struct grid_part body =
        grid_part(&inside, 1, 0, inside.rows - 1 - n_missed, inside.cols);

    grid_clear(&popup);
    draw_border(p, glyphs, &popup);
    draw_heading(&inside);
    if (n_missed)
        draw_missed(p, glyphs, &inside);
    list_fit(&p->list, body.rows);
    if (p->n == 0)
        grid_put(&body, 0, 1, THEME_MUTED, "nothing was recorded yet");
    for (size_t row = p->list.top; row < list_end(&p->list); row++) {
        int at = (int)(row - p->list.top);

        draw_row(p, &body, at, row, glyphs);
        if (shown != NULL && strcmp(p->rows[row].path, shown) == 0)
            grid_put(&body, at, 0, THEME_KEY, glyphs->now);
        if (row == p->list.row)
            grid_back(&body, at, 0, body.cols, THEME_SELECTED);
    }
}

#include "tui/vt.h"

#include <stdlib.h>
#include <string.h>
#include <vterm.h>
#include <wchar.h>

#include "base/utf8.h"
#include "base/xalloc.h"
#include "tui/guard.h"

#define CELLS_MAX 1000 /* rows and columns it has at most */

/* libvterm's sign for the right half of a wide character. */
#define UNSEEN ((uint32_t)-1)

struct line {                /* one that scrolled off */
    struct grid_cell *cells; /* without the blanks at its end */
    int n;
};

struct vt {
    VTerm *term;
    VTermScreen *screen;
    struct guard guard;
    struct buf guarded; /* scratch */
    int rows;
    int cols;
    int cursor_row;
    int cursor_col;
    bool cursor_shown;
    bool full_screen;
    unsigned long n_changes;
    struct line *ring; /* the lines first ... top - 1, each at its number % size */
    size_t ring_size;
    size_t first;
    size_t top;
};

/* Cells. */

/* The nearest colour of the 6x6x6 cube; libvterm knows true colours, we show 256. */
static int16_t
cube_color(uint8_t red, uint8_t green, uint8_t blue)
{
    const uint8_t parts[] = {red, green, blue};
    int index = 0;

    for (int i = 0; i < 3; i++)
        index = index * 6 + (parts[i] < 48    ? 0
                             : parts[i] < 115 ? 1
                                              : (parts[i] - 35) / 40);
    return (int16_t)(16 + index);
}

static int16_t
color_of(const VTermColor *color)
{
    if (VTERM_COLOR_IS_DEFAULT_FG(color) || VTERM_COLOR_IS_DEFAULT_BG(color))
        return -1;
    if (VTERM_COLOR_IS_INDEXED(color))
        return color->indexed.idx;
    return cube_color(color->rgb.red, color->rgb.green, color->rgb.blue);
}

static uint8_t
attrs_of(const VTermScreenCellAttrs *attrs)
{
    return (uint8_t)((attrs->bold ? THEME_BOLD : 0) |
                     (attrs->italic ? THEME_ITALIC : 0) |
                     (attrs->underline ? THEME_UNDERLINE : 0) |
                     (attrs->reverse ? THEME_REVERSE : 0));
}

/* Columns a cell takes here, 0 for the right half of a wide character. Where libvterm
 * and libc differ about a width, the character cannot be shown in its place. */
static bool
has_our_width(uint32_t point, int width)
{
    return point == 0 || wcwidth((wchar_t)point) == width;
}

static struct grid_cell
from_vterm(const VTermScreenCell *cell)
{
    struct grid_cell out = {.width = cell->width == 2 ? 2 : 1, .style = THEME_PROGRAM};

    out.fg = color_of(&cell->fg);
    out.bg = color_of(&cell->bg);
    out.attrs = attrs_of(&cell->attrs);
    if (cell->chars[0] == UNSEEN) {
        out.width = 0;
        return out;
    }
    for (int i = 0; i < GRID_POINTS && cell->chars[i] != 0; i++)
        out.points[i] = cell->chars[i];
    if (!has_our_width(out.points[0], out.width)) {
        memset(out.points, 0, sizeof(out.points));
        out.points[0] = '?';
        out.width = 1; /* the right half, if any, is drawn as a blank */
    }
    return out;
}

static VTermScreenCell
to_vterm(const struct grid_cell *cell)
{
    VTermScreenCell out = {.width = cell->width == 2 ? 2 : 1};

    for (int i = 0; i < GRID_POINTS; i++)
        out.chars[i] = cell->points[i];
    out.attrs.bold = (cell->attrs & THEME_BOLD) != 0;
    out.attrs.italic = (cell->attrs & THEME_ITALIC) != 0;
    out.attrs.underline = (cell->attrs & THEME_UNDERLINE) != 0;
    out.attrs.reverse = (cell->attrs & THEME_REVERSE) != 0;
    vterm_color_indexed(&out.fg, (uint8_t)(cell->fg < 0 ? 7 : cell->fg));
    vterm_color_indexed(&out.bg, (uint8_t)(cell->bg < 0 ? 0 : cell->bg));
    out.fg.type |= cell->fg < 0 ? VTERM_COLOR_DEFAULT_FG : 0;
    out.bg.type |= cell->bg < 0 ? VTERM_COLOR_DEFAULT_BG : 0;
    return out;
}

static bool
is_blank(const struct grid_cell *cell)
{
    return cell->points[0] == 0 && cell->width == 1 && cell->bg < 0 && cell->attrs == 0;
}

/* What libvterm tells. */

static struct line *
line_at(const struct vt *t, size_t number)
{
    return &t->ring[number % t->ring_size];
}

static int
on_push(int cols, const VTermScreenCell *cells, void *user)
{
    struct vt *t = user;
    struct line *line = line_at(t, t->top);
    int n = 0;

    free(line->cells);
    line->cells = xalloc_array((size_t)cols, sizeof(*line->cells));
    for (int i = 0; i < cols; i++) {
        line->cells[i] = from_vterm(&cells[i]);
        n = is_blank(&line->cells[i]) ? n : i + 1;
    }
    line->n = n;
    if (n == 0) {
        free(line->cells);
        line->cells = NULL;
    } else if (n < cols) {
        struct grid_cell *less = xalloc_array((size_t)n, sizeof(*less));

        memcpy(less, line->cells, (size_t)n * sizeof(*less));
        free(line->cells);
        line->cells = less;
    }
    t->top++;
    if (t->top - t->first > t->ring_size)
        t->first++;
    return 1;
}

static int
on_pop(int cols, VTermScreenCell *cells, void *user)
{
    static const struct grid_cell blank = {.width = 1, .fg = -1, .bg = -1};
    struct vt *t = user;
    struct line *line;

    if (t->top == t->first)
        return 0;
    line = line_at(t, --t->top);
    for (int i = 0; i < cols; i++) {
        const struct grid_cell *cell = i < line->n ? &line->cells[i] : &blank;

        /* libvterm steps by widths: none may be 0, none may reach over the edge. */
        if (cell->width == 0 || (cell->width == 2 && i + 1 >= cols))
            cell = &blank;
        cells[i] = to_vterm(cell);
    }
    free(line->cells);
    *line = (struct line){0};
    return 1;
}

static int
on_cursor(VTermPos pos, VTermPos old, int visible, void *user)
{
    struct vt *t = user;

    (void)old;
    (void)visible; /* comes as a property, too */
    t->cursor_row = pos.row;
    t->cursor_col = pos.col;
    return 1;
}

static int
on_property(VTermProp prop, VTermValue *value, void *user)
{
    struct vt *t = user;

    if (prop == VTERM_PROP_CURSORVISIBLE)
        t->cursor_shown = value->boolean;
    else if (prop == VTERM_PROP_ALTSCREEN)
        t->full_screen = value->boolean;
    return 1;
}

/* The terminal. */

static int
limited(int size)
{
    return size < VT_MIN ? VT_MIN : size > CELLS_MAX ? CELLS_MAX : size;
}

struct vt *
vt_new(int rows, int cols, size_t scrollback)
{
    static const VTermScreenCallbacks callbacks = {.movecursor = on_cursor,
                                                   .settermprop = on_property,
                                                   .sb_pushline = on_push,
                                                   .sb_popline = on_pop};
    struct vt *t = XALLOC_NEW(struct vt);

    t->rows = limited(rows);
    t->cols = limited(cols);
    t->ring_size = scrollback > 0 ? scrollback : 1;
    t->ring = xalloc_array(t->ring_size, sizeof(*t->ring));
    t->cursor_shown = true;
    t->term = vterm_new(t->rows, t->cols);
    if (t->term == NULL)
        xalloc_die("out of memory");
    vterm_set_utf8(t->term, 1);
    t->screen = vterm_obtain_screen(t->term);
    vterm_screen_set_callbacks(t->screen, &callbacks, t);
    vterm_screen_enable_altscreen(t->screen, 1);
    vterm_screen_reset(t->screen, 1);
    return t;
}

void
vt_free(struct vt *t)
{
    if (t == NULL)
        return;
    vterm_free(t->term);
    for (size_t i = 0; i < t->ring_size; i++)
        free(t->ring[i].cells);
    free(t->ring);
    buf_release(&t->guarded);
    free(t);
}

bool
vt_resize(struct vt *t, int rows, int cols)
{
    rows = limited(rows);
    cols = limited(cols);
    if (rows == t->rows && cols == t->cols)
        return false;
    t->rows = rows;
    t->cols = cols;
    t->n_changes++;
    vterm_set_size(t->term, rows, cols);
    /* libvterm may leave the cursor above the screen and the scroll region below it:
     * setting the region anew makes it look at both. */
    vterm_input_write(t->term, "\033[r", 3);
    return true;
}

int
vt_rows(const struct vt *t)
{
    return t->rows;
}

int
vt_cols(const struct vt *t)
{
    return t->cols;
}

/* Takes what libvterm has to send into `out`; NULL drops it. */
static void
take_output(struct vt *t, struct buf *out)
{
    char bytes[64];
    size_t n;

    while ((n = vterm_output_read(t->term, bytes, sizeof(bytes))) > 0) {
        if (out != NULL)
            buf_add(out, bytes, n);
    }
}

void
vt_feed(struct vt *t, const char *bytes, size_t len)
{
    buf_clear(&t->guarded);
    guard_feed(&t->guard, bytes, len, &t->guarded);
    if (t->guarded.len > 0)
        vterm_input_write(t->term, t->guarded.data, t->guarded.len);
    take_output(t, NULL); /* the guard lets no query through */
    t->n_changes++;
}

unsigned long
vt_n_changes(const struct vt *t)
{
    return t->n_changes;
}

/* What is to be seen. */

size_t
vt_first(const struct vt *t)
{
    return t->first;
}

size_t
vt_top(const struct vt *t)
{
    return t->top;
}

/* The cell of a line, which may have scrolled off; blank beyond its end. */
static struct grid_cell
cell_at(const struct vt *t, size_t line, int col)
{
    struct grid_cell blank = {.width = 1, .style = THEME_PROGRAM, .fg = -1, .bg = -1};
    VTermScreenCell cell;
    VTermPos pos;

    if (line < t->first || line >= t->top + (size_t)t->rows)
        return blank;
    if (line < t->top) {
        const struct line *kept = line_at(t, line);

        return col < kept->n ? kept->cells[col] : blank;
    }
    pos.row = (int)(line - t->top);
    pos.col = col;
    if (col >= t->cols || !vterm_screen_get_cell(t->screen, pos, &cell))
        return blank;
    return from_vterm(&cell);
}

static void
draw_line(const struct vt *t, const struct grid_part *part, int row, size_t line)
{
    bool covered = false; /* by a wide character to the left */

    for (int col = 0; col < part->cols; col++) {
        struct grid_cell cell = cell_at(t, line, col);

        if (cell.width == 0 && !covered)
            cell.width = 1;
        if (cell.width == 2 &&
            (col + 1 >= part->cols || cell_at(t, line, col + 1).width != 0)) {
            memset(cell.points, 0, sizeof(cell.points)); /* no room for its half */
            cell.width = 1;
        }
        covered = cell.width == 2;
        *grid_at(part, row, col) = cell;
    }
}

void
vt_draw(const struct vt *t, const struct grid_part *part, size_t first)
{
    for (int row = 0; row < part->rows; row++) {
        if (first + (size_t)row < t->top + (size_t)t->rows)
            draw_line(t, part, row, first + (size_t)row);
    }
}

void
vt_line_text(const struct vt *t, size_t line, struct buf *out)
{
    int n = line < t->top && line >= t->first ? line_at(t, line)->n : t->cols;
    size_t end = out->len;

    for (int col = 0; col < n; col++) {
        struct grid_cell cell = cell_at(t, line, col);

        if (cell.width == 0)
            continue;
        if (cell.points[0] == 0) {
            buf_add_char(out, ' ');
            continue;
        }
        for (int i = 0; i < GRID_POINTS && cell.points[i] != 0; i++)
            utf8_add(out, cell.points[i]);
        end = out->len;
    }
    if (out->data != NULL) {
        out->len = end;
        out->data[end] = '\0';
    }
}

int
vt_rows_used(const struct vt *t)
{
    VTermPos pos = {t->rows - 1, 0};

    while (pos.row > t->cursor_row && vterm_screen_is_eol(t->screen, pos))
        pos.row--;
    return pos.row + 1;
}

bool
vt_cursor(const struct vt *t, int *row, int *col)
{
    *row = t->cursor_row;
    *col = t->cursor_col;
    return t->cursor_shown;
}

bool
vt_is_full_screen(const struct vt *t)
{
    return t->full_screen;
}

/* Keys. */

static VTermKey
special_key(keys_code code)
{
    static const struct {
        keys_code code;
        VTermKey key;
    } table[] = {
        {KEYS_UP, VTERM_KEY_UP},          {KEYS_DOWN, VTERM_KEY_DOWN},
        {KEYS_LEFT, VTERM_KEY_LEFT},      {KEYS_RIGHT, VTERM_KEY_RIGHT},
        {KEYS_HOME, VTERM_KEY_HOME},      {KEYS_END, VTERM_KEY_END},
        {KEYS_PAGE_UP, VTERM_KEY_PAGEUP}, {KEYS_PAGE_DOWN, VTERM_KEY_PAGEDOWN},
        {KEYS_INSERT, VTERM_KEY_INS},     {KEYS_DELETE, VTERM_KEY_DEL},
        {KEYS_TAB, VTERM_KEY_TAB},
    };

    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        if (table[i].code == code)
            return table[i].key;
    }
    if (code >= KEYS_F1 && code <= KEYS_F12)
        return (VTermKey)VTERM_KEY_FUNCTION((int)(code - KEYS_F1) + 1);
    return VTERM_KEY_NONE;
}

void
vt_key(struct vt *t, keys_code key, struct buf *out)
{
    keys_code bits = key & (KEYS_SHIFT | KEYS_CTRL | KEYS_ALT);
    keys_code code = key & ~bits;
    int mods = ((bits & KEYS_SHIFT) != 0 ? VTERM_MOD_SHIFT : 0) |
               ((bits & KEYS_CTRL) != 0 ? VTERM_MOD_CTRL : 0) |
               ((bits & KEYS_ALT) != 0 ? VTERM_MOD_ALT : 0);
    bool plain = code < KEYS_UP && (bits & KEYS_SHIFT) == 0;

    if (plain) {
        if ((bits & KEYS_ALT) != 0)
            buf_add_char(out, '\033');
        utf8_add(out, code);
    } else if (special_key(code) != VTERM_KEY_NONE) {
        vterm_keyboard_key(t->term, special_key(code), (VTermModifier)mods);
        take_output(t, out);
    }
}

void
vt_paste(struct vt *t, bool begin, struct buf *out)
{
    if (begin)
        vterm_keyboard_start_paste(t->term);
    else
        vterm_keyboard_end_paste(t->term);
    take_output(t, out);
}

#include "tests/harness/display.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <vterm.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "base/xalloc.h"

struct display {
    VTerm *vt;
    VTermScreen *cells;
    int rows, cols;
    bool alternate, cursor_visible;
    VTermPos cursor;
    char tail[4]; /* the beginning of a character whose rest has not come yet */
    size_t tail_len;
    struct buf row;
};

static int
on_property(VTermProp prop, VTermValue *value, void *arg)
{
    struct display *s = arg;

    if (prop == VTERM_PROP_ALTSCREEN)
        s->alternate = value->boolean;
    else if (prop == VTERM_PROP_CURSORVISIBLE)
        s->cursor_visible = value->boolean;
    return 1;
}

static int
on_cursor(VTermPos pos, VTermPos old, int visible, void *arg)
{
    (void)old;
    (void)visible;
    ((struct display *)arg)->cursor = pos;
    return 1;
}

static const VTermScreenCallbacks callbacks = {
    .settermprop = on_property,
    .movecursor = on_cursor,
};

struct display *
display_new(int rows, int cols)
{
    struct display *s = XALLOC_NEW(struct display);

    s->rows = rows;
    s->cols = cols;
    s->cursor_visible = true;
    s->vt = vterm_new(rows, cols);
    vterm_set_utf8(s->vt, 1);
    s->cells = vterm_obtain_screen(s->vt);
    vterm_screen_set_callbacks(s->cells, &callbacks, s);
    vterm_screen_enable_altscreen(s->cells, 1);
    vterm_screen_reset(s->cells, 1);
    return s;
}

void
display_free(struct display *s)
{
    if (!s)
        return;
    vterm_free(s->vt);
    buf_release(&s->row);
    free(s);
}

void
display_resize(struct display *s, int rows, int cols)
{
    s->rows = rows;
    s->cols = cols;
    vterm_set_size(s->vt, rows, cols);
}

int
display_rows(const struct display *s)
{
    return s->rows;
}

int
display_cols(const struct display *s)
{
    return s->cols;
}

/* How many bytes at the end of `s` begin a character that is not complete. */
static size_t
partial_tail(const char *s, size_t len)
{
    for (size_t back = 1; back <= 3 && back <= len; back++) {
        unsigned char c = (unsigned char)s[len - back];
        size_t whole = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc0 ? 2 : 1;

        if (c >= 0xc0)
            return whole > back ? back : 0;
        if (c < 0x80)
            return 0;
    }
    return 0;
}

static void
feed_whole(struct display *s, const char *bytes, size_t len)
{
    size_t keep = partial_tail(bytes, len);

    vterm_input_write(s->vt, bytes, len - keep);
    memcpy(s->tail, bytes + len - keep, keep);
    s->tail_len = keep;
}

/* Hands whole characters only to libvterm: 0.1.4 writes past its buffer when text
 * follows a character that came in two pieces. */
void
display_feed(struct display *s, const char *bytes, size_t len)
{
    struct buf joined = {0};

    if (s->tail_len == 0) {
        feed_whole(s, bytes, len);
        return;
    }
    buf_add(&joined, s->tail, s->tail_len);
    buf_add(&joined, bytes, len);
    feed_whole(s, joined.data, joined.len);
    buf_release(&joined);
}

static const struct {
    const char *name;
    VTermKey key;
} named_keys[] = {
    {"Enter", VTERM_KEY_ENTER}, {"Tab", VTERM_KEY_TAB},
    {"Esc", VTERM_KEY_ESCAPE},  {"Backspace", VTERM_KEY_BACKSPACE},
    {"Up", VTERM_KEY_UP},       {"Down", VTERM_KEY_DOWN},
    {"Left", VTERM_KEY_LEFT},   {"Right", VTERM_KEY_RIGHT},
    {"Home", VTERM_KEY_HOME},   {"End", VTERM_KEY_END},
    {"PgUp", VTERM_KEY_PAGEUP}, {"PgDn", VTERM_KEY_PAGEDOWN},
};

/* Presses the key called `name` (without the brackets); false: there is none. */
static bool
press(struct display *s, const char *name)
{
    VTermModifier mod = VTERM_MOD_NONE;
    int number;

    if (strncmp(name, "C-", 2) == 0 && name[2]) {
        mod = VTERM_MOD_CTRL;
        name += 2;
    } else if (strncmp(name, "S-", 2) == 0 && name[2]) {
        mod = VTERM_MOD_SHIFT;
        name += 2;
    }
    for (size_t i = 0; i < sizeof(named_keys) / sizeof(named_keys[0]); i++) {
        if (strcmp(named_keys[i].name, name) == 0) {
            vterm_keyboard_key(s->vt, named_keys[i].key, mod);
            return true;
        }
    }
    if (name[0] == 'F' && (number = atoi(name + 1)) > 0)
        vterm_keyboard_key(s->vt, (VTermKey)VTERM_KEY_FUNCTION(number), mod);
    else if (strcmp(name, "lt") == 0)
        vterm_keyboard_unichar(s->vt, '<', mod);
    else if (mod && !name[1])
        vterm_keyboard_unichar(s->vt, (uint32_t)(unsigned char)name[0], mod);
    else
        return false;
    return true;
}

size_t
display_press(struct display *s, const char *keys)
{
    const char *end = *keys == '<' ? strchr(keys, '>') : NULL;
    int32_t point;
    size_t taken;

    if (end) {
        char *name = xalloc_copy_n(keys + 1, (size_t)(end - keys) - 1);
        bool known = press(s, name);

        free(name);
        if (known)
            return (size_t)(end - keys) + 1;
    }
    taken = utf8_decode(keys, strlen(keys), &point);
    assert(point >= 0);
    vterm_keyboard_unichar(s->vt, (uint32_t)point, VTERM_MOD_NONE);
    return taken;
}

size_t
display_take_output(struct display *s, char *out, size_t size)
{
    return vterm_output_read(s->vt, out, size);
}

static int
color_number(const VTermColor *c, bool is_default)
{
    if (is_default)
        return DISPLAY_DEFAULT;
    if (VTERM_COLOR_IS_INDEXED(c))
        return c->indexed.idx;
    return DISPLAY_RGB | c->rgb.red << 16 | c->rgb.green << 8 | c->rgb.blue;
}

void
display_cell(const struct display *s, int row, int col, struct display_cell *cell)
{
    VTermPos pos = {.row = row, .col = col};
    VTermScreenCell c;
    struct buf text = {0};

    *cell =
        (struct display_cell){.width = 1, .fg = DISPLAY_DEFAULT, .bg = DISPLAY_DEFAULT};
    if (!vterm_screen_get_cell(s->cells, pos, &c))
        return;
    for (int i = 0; i < VTERM_MAX_CHARS_PER_CELL && c.chars[i]; i++)
        if (c.chars[i] != UINT32_MAX && text.len < sizeof(cell->text) - 5)
            utf8_add(&text, c.chars[i]);
    strcpy(cell->text, buf_str(&text));
    buf_release(&text);
    cell->point = c.chars[0] == UINT32_MAX ? 0 : c.chars[0];
    cell->width = c.width;
    cell->fg = color_number(&c.fg, VTERM_COLOR_IS_DEFAULT_FG(&c.fg));
    cell->bg = color_number(&c.bg, VTERM_COLOR_IS_DEFAULT_BG(&c.bg));
    cell->bold = c.attrs.bold;
    cell->underline = c.attrs.underline != 0;
    cell->italic = c.attrs.italic;
    cell->reverse = c.attrs.reverse;
    /* A blank shows neither its colour nor its weight, and versions of curses differ in
     * what they leave there. */
    if (cell->point <= ' ' && !cell->reverse && !cell->underline) {
        cell->fg = DISPLAY_DEFAULT;
        cell->bold = cell->italic = false;
    }
}

bool
display_same_style(const struct display_cell *a, const struct display_cell *b)
{
    return a->fg == b->fg && a->bg == b->bg && a->bold == b->bold &&
           a->underline == b->underline && a->italic == b->italic &&
           a->reverse == b->reverse;
}

const char *
display_part(struct display *s, int row, int from, int to)
{
    struct display_cell cell;
    size_t end = 0;

    buf_clear(&s->row);
    for (int col = from; col<to; col += cell.width> 1 ? cell.width : 1) {
        display_cell(s, row, col, &cell);
        buf_add_str(&s->row, cell.point ? cell.text : " ");
        if (cell.point > ' ')
            end = s->row.len;
    }
    if (s->row.data)
        s->row.data[end] = '\0';
    return buf_str(&s->row);
}

const char *
display_row(struct display *s, int row)
{
    return display_part(s, row, 0, s->cols);
}

/* The column of the cell whose text begins `offset` bytes into the row. */
static int
column_at(const struct display *s, int row, size_t offset)
{
    struct display_cell cell;
    size_t at = 0;
    int col = 0;

    while (col < s->cols && at < offset) {
        display_cell(s, row, col, &cell);
        at += cell.point ? strlen(cell.text) : 1;
        col += cell.width > 1 ? cell.width : 1;
    }
    return col;
}

bool
display_find(struct display *s, int from, const char *text, int *row, int *col)
{
    for (int r = from; r < s->rows; r++) {
        const char *line = display_row(s, r);
        const char *at = strstr(line, text);

        if (!at)
            continue;
        if (row)
            *row = r;
        if (col)
            *col = column_at(s, r, (size_t)(at - line));
        return true;
    }
    return false;
}

bool
display_is_alternate(const struct display *s)
{
    return s->alternate;
}

bool
display_has_cursor(const struct display *s, int *row, int *col)
{
    if (row)
        *row = s->cursor.row;
    if (col)
        *col = s->cursor.col;
    return s->cursor_visible;
}

static void
print_color(FILE *out, const char *name, int color)
{
    if (color == DISPLAY_DEFAULT)
        fprintf(out, " %s=-", name);
    else if (color & DISPLAY_RGB)
        fprintf(out, " %s=#%06x", name, (unsigned)(color & 0xffffff));
    else
        fprintf(out, " %s=%d", name, color);
}

static void
dump_row_styles(const struct display *s, int row, FILE *out)
{
    static const struct display_cell plain = {.fg = DISPLAY_DEFAULT,
                                              .bg = DISPLAY_DEFAULT};

    for (int col = 0; col < s->cols;) {
        struct display_cell cell, next;
        int first = col;

        display_cell(s, row, col, &cell);
        do {
            col++;
            display_cell(s, row, col, &next);
        } while (col < s->cols && display_same_style(&cell, &next));
        if (display_same_style(&cell, &plain))
            continue;
        fprintf(out, "@%d,%d-%d", row, first, col - 1);
        print_color(out, "fg", cell.fg);
        print_color(out, "bg", cell.bg);
        fprintf(out, "%s%s%s%s\n", cell.bold ? " bold" : "",
                cell.underline ? " underline" : "", cell.italic ? " italic" : "",
                cell.reverse ? " reverse" : "");
    }
}

void
display_dump(struct display *s, FILE *out)
{
    fprintf(out, "%dx%d\n", s->cols, s->rows);
    for (int row = 0; row < s->rows; row++)
        fprintf(out, "|%s\n", display_row(s, row));
}

void
display_dump_styles(const struct display *s, FILE *out)
{
    for (int row = 0; row < s->rows; row++)
        dump_row_styles(s, row, out);
}

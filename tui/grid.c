#include "tui/grid.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "base/utf8.h"
#include "base/xalloc.h"

static const struct grid_cell blank = {.width = 1, .fg = -1, .bg = -1};

void
grid_resize(struct grid *g, int rows, int cols)
{
    size_t n = (size_t)rows * (size_t)cols;

    if (g->cells == NULL || rows != g->rows || cols != g->cols) {
        free(g->cells);
        g->cells = xalloc_array(n > 0 ? n : 1, sizeof(*g->cells));
        g->rows = rows;
        g->cols = cols;
    }
    for (size_t i = 0; i < n; i++)
        g->cells[i] = blank;
}

void
grid_release(struct grid *g)
{
    free(g->cells);
    *g = (struct grid){0};
}

bool
grid_is_equal(const struct grid *a, const struct grid *b)
{
    if (a->rows != b->rows || a->cols != b->cols)
        return false;
    /* A cell has no padding, so its bytes are its value. */
    static_assert(sizeof(struct grid_cell) == 4 * GRID_POINTS + 8, "cell has padding");
    return a->rows == 0 || a->cols == 0 ||
           memcmp(a->cells, b->cells,
                  (size_t)a->rows * (size_t)a->cols * sizeof(*a->cells)) == 0;
}

void
grid_copy(struct grid *to, const struct grid *from)
{
    grid_resize(to, from->rows, from->cols);
    if (from->rows > 0 && from->cols > 0)
        memcpy(to->cells, from->cells,
               (size_t)from->rows * (size_t)from->cols * sizeof(*to->cells));
}

struct grid_part
grid_whole(struct grid *g)
{
    return (struct grid_part){g, 0, 0, g->rows, g->cols};
}

static int
clamp(int value, int low, int high)
{
    return value < low ? low : value > high ? high : value;
}

struct grid_part
grid_part(const struct grid_part *in, int row, int col, int rows, int cols)
{
    int first_row = clamp(row, 0, in->rows), first_col = clamp(col, 0, in->cols);
    int end_row = clamp(row + rows, first_row, in->rows);
    int end_col = clamp(col + cols, first_col, in->cols);

    return (struct grid_part){in->grid, in->row + first_row, in->col + first_col,
                              end_row - first_row, end_col - first_col};
}

struct grid_cell *
grid_at(const struct grid_part *part, int row, int col)
{
    if (row < 0 || col < 0 || row >= part->rows || col >= part->cols)
        return NULL;
    return &part->grid->cells[(part->row + row) * part->grid->cols + part->col + col];
}

/* Blanks what a new character would leave of a wide one: the half to the left of its
 * first column, and the half to the right of its last. */
static void
split_wide(const struct grid_part *part, int row, int col, int width)
{
    struct grid_cell *at = grid_at(part, row, col);
    struct grid_cell *left = grid_at(part, row, col - 1);
    struct grid_cell *last = grid_at(part, row, col + width - 1);
    struct grid_cell *right = grid_at(part, row, col + width);

    if (at->width == 0 && left != NULL) {
        memset(left->points, 0, sizeof(left->points));
        left->width = 1;
    }
    if (last->width == 2 && right != NULL) {
        memset(right->points, 0, sizeof(right->points));
        right->width = 1;
    }
}

/* Puts a character of `width` 1 or 2 that lies wholly inside the part. */
static struct grid_cell *
put_point(const struct grid_part *part, int row, int col, enum theme_style style,
          uint32_t point, int width)
{
    struct grid_cell *cell = grid_at(part, row, col);
    uint8_t back = cell->back;

    split_wide(part, row, col, width);
    *cell = blank;
    cell->points[0] = point == ' ' ? 0 : point;
    cell->width = (uint8_t)width;
    cell->style = (uint8_t)style;
    cell->back = back;
    if (width == 2) {
        struct grid_cell *second = grid_at(part, row, col + 1);

        *second = blank;
        second->width = 0;
        second->style = (uint8_t)style;
        second->back = back;
    }
    return cell;
}

static void
add_mark(struct grid_cell *cell, uint32_t point)
{
    for (int i = 1; i < GRID_POINTS; i++) {
        if (cell->points[i] == 0) {
            cell->points[i] = point;
            return;
        }
    }
}

int
grid_put(const struct grid_part *part, int row, int col, enum theme_style style,
         const char *text)
{
    size_t len = strlen(text);
    struct grid_cell *last = NULL;

    for (size_t at = 0; at < len;) {
        int32_t point;
        int width;

        at += utf8_decode(text + at, len - at, &point);
        width = point < 0 ? -1 : wcwidth((wchar_t)point);
        if (width == 0) {
            if (last != NULL)
                add_mark(last, (uint32_t)point);
            continue;
        }
        if (width < 0) { /* only text that nobody passed through utf8_show() */
            point = '?';
            width = 1;
        }
        last = NULL;
        if (row >= 0 && row < part->rows && col >= 0 && col + width <= part->cols)
            last = put_point(part, row, col, style, (uint32_t)point, width);
        col += width;
    }
    return col;
}

int
grid_printf(const struct grid_part *part, int row, int col, enum theme_style style,
            const char *fmt, ...)
{
    char text[512];
    va_list args;

    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    return grid_put(part, row, col, style, text);
}

int
grid_put_field(const struct grid_part *part, int row, const struct grid_field *field,
               const char *text)
{
    struct buf fitted = {0};
    int width, col = field->col;

    if (field->cols <= 0)
        return col;
    utf8_fit(&fitted, text, field->cols, UTF8_CUT_END,
             field->glyphs != NULL && field->glyphs->ascii);
    width = utf8_width(buf_str(&fitted));
    grid_repeat(part, row, col, field->cols, field->style, " ");
    if (field->align == GRID_RIGHT)
        col += field->cols - width;
    grid_put(part, row, col, field->style, buf_str(&fitted));
    buf_release(&fitted);
    return field->col + field->cols;
}

void
grid_repeat(const struct grid_part *part, int row, int col, int cols,
            enum theme_style style, const char *text)
{
    for (int i = 0; i < cols && col + i < part->cols; i++)
        grid_put(part, row, col + i, style, text);
}

void
grid_clear(const struct grid_part *part)
{
    for (int row = 0; row < part->rows; row++) {
        for (int col = 0; col < part->cols; col++) {
            split_wide(part, row, col, 1);
            *grid_at(part, row, col) = blank;
        }
    }
}

void
grid_back(const struct grid_part *part, int row, int col, int cols,
          enum theme_style back)
{
    for (int i = 0; i < cols; i++) {
        struct grid_cell *cell = grid_at(part, row, col + i);

        if (cell != NULL)
            cell->back = (uint8_t)back;
    }
}

void
grid_box(const struct grid_part *part, const struct glyphs_box *box,
         enum theme_style style)
{
    int bottom = part->rows - 1, right = part->cols - 1;

    if (bottom < 1 || right < 1)
        return;
    grid_repeat(part, 0, 1, right - 1, style, box->horizontal);
    grid_repeat(part, bottom, 1, right - 1, style, box->horizontal);
    for (int row = 1; row < bottom; row++) {
        grid_put(part, row, 0, style, box->vertical);
        grid_put(part, row, right, style, box->vertical);
    }
    grid_put(part, 0, 0, style, box->top_left);
    grid_put(part, 0, right, style, box->top_right);
    grid_put(part, bottom, 0, style, box->bottom_left);
    grid_put(part, bottom, right, style, box->bottom_right);
}

void
grid_row_text(const struct grid *g, int row, struct buf *out)
{
    size_t start = out->len, end = start;

    for (int col = 0; col < g->cols; col++) {
        const struct grid_cell *cell = &g->cells[row * g->cols + col];

        if (cell->width == 0)
            continue;
        if (cell->points[0] == 0) {
            buf_add_char(out, ' ');
            continue;
        }
        for (int i = 0; i < GRID_POINTS && cell->points[i] != 0; i++)
            utf8_add(out, cell->points[i]);
        end = out->len;
    }
    if (out->data != NULL) {
        out->len = end;
        out->data[end] = '\0';
    }
}

/* The screen as cells: whoever has something to show writes text and styles here, and
 * tty.c brings the difference to the terminal. Everything is clipped; nothing fails. */
#ifndef TUI_GRID_H
#define TUI_GRID_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "tui/glyphs.h"
#include "tui/theme.h"

#define GRID_POINTS 5 /* a character and its combining marks, as in curses */

struct grid_cell {
    uint32_t points[GRID_POINTS]; /* code points, 0 behind the last; blank: all 0 */
    uint8_t width;                /* columns; 0: covered by the wide one to its left */
    uint8_t style;                /* enum theme_style */
    uint8_t back;                 /* enum theme_style of the background */
    uint8_t attrs;                /* THEME_PROGRAM only: enum theme_attr */
    int16_t fg;                   /* THEME_PROGRAM only: palette, or -1 */
    int16_t bg;
};

struct grid {
    int rows;
    int cols;
    struct grid_cell *cells; /* rows * cols, row by row */
};

/* A rectangle of a grid. Rows and columns given to the functions below count from its
 * corner, and nothing outside it is touched. Passed by value or kept: it owns nothing.
 */
struct grid_part {
    struct grid *grid;
    int row;
    int col;
    int rows;
    int cols;
};

/* Makes the grid that big and blank. Zeroed memory is an empty grid. */
void grid_resize(struct grid *g, int rows, int cols);
void grid_release(struct grid *g);
bool grid_is_equal(const struct grid *a, const struct grid *b);
void grid_copy(struct grid *to, const struct grid *from);

/* The whole grid, and a part of a part (cut down to what lies inside). */
struct grid_part grid_whole(struct grid *g);
struct grid_part grid_part(const struct grid_part *in, int row, int col, int rows,
                           int cols);

/* The cell, or NULL when there is none there. */
struct grid_cell *grid_at(const struct grid_part *part, int row, int col);

/* Writes shown text (what utf8_show() made, or our own) and returns the column behind
 * it, also where it was clipped. */
int grid_put(const struct grid_part *part, int row, int col, enum theme_style style,
             const char *text);
int grid_printf(const struct grid_part *part, int row, int col, enum theme_style style,
                const char *fmt, ...) ATTR_PRINTF(5, 6);

/* Writes shown text into a field of `cols` columns, cut with an ellipsis where it does
 * not fit, and blanks the rest of the field. Returns the column behind the field. */
enum grid_align { GRID_LEFT, GRID_RIGHT };
struct grid_field {
    int col;
    int cols;
    enum grid_align align;
    enum theme_style style;
    const struct glyphs *glyphs; /* for the ellipsis */
};
int grid_put_field(const struct grid_part *part, int row,
                   const struct grid_field *field, const char *text);

/* One character, `cols` times. */
void grid_repeat(const struct grid_part *part, int row, int col, int cols,
                 enum theme_style style, const char *text);

/* Makes the part blank. */
void grid_clear(const struct grid_part *part);

/* Lays a background (THEME_SELECTED, ...) under `cols` columns of what is there. */
void grid_back(const struct grid_part *part, int row, int col, int cols,
               enum theme_style back);

/* A box along the inside of the part's edges. */
void grid_box(const struct grid_part *part, const struct glyphs_box *box,
              enum theme_style style);

/* Appends a row's text without the blanks at its end: for tests. */
void grid_row_text(const struct grid *g, int row, struct buf *out);

#endif

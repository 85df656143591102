/* The program's own terminal: what it prints, as a grid of cells with what scrolled off
 * its top, and the bytes that keys mean to it. */
#ifndef TUI_VT_H
#define TUI_VT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "tui/grid.h"
#include "tui/keys.h"

#define VT_MIN 2 /* rows and columns it has at least */

struct vt;

/* Keeps `scrollback` lines above the screen. */
struct vt *vt_new(int rows, int cols, size_t scrollback);
void vt_free(struct vt *t);

/* Another size; what is below VT_MIN becomes VT_MIN. True if it was another one. */
bool vt_resize(struct vt *t, int rows, int cols);
int vt_rows(const struct vt *t);
int vt_cols(const struct vt *t);

/* The program printed something: any bytes, in any pieces. */
void vt_feed(struct vt *t, const char *bytes, size_t len);

/* Grows with every vt_feed() and vt_resize(). */
unsigned long vt_n_changes(const struct vt *t);

/* Lines are numbered since the start of the program. Those from vt_first() up to
 * vt_top() have scrolled off, the screen's begin at vt_top(). */
size_t vt_first(const struct vt *t);
size_t vt_top(const struct vt *t);

/* Draws lines from `first` on, one a row, as far as there are any. */
void vt_draw(const struct vt *t, const struct grid_part *part, size_t first);

/* Appends the text of a line without the blanks at its end. */
void vt_line_text(const struct vt *t, size_t line, struct buf *out);

/* Lines on the screen up to the last that is not blank or has the cursor. */
int vt_rows_used(const struct vt *t);

/* Where the cursor is on the screen; false when the program hides it. */
bool vt_cursor(const struct vt *t, int *row, int *col);

/* Whether the program has switched to the screen of full-screen programs. */
bool vt_is_full_screen(const struct vt *t);

/* Appends what the program is to read for a key, and for pasted text. */
void vt_key(struct vt *t, keys_code key, struct buf *out);
void vt_paste(struct vt *t, bool begin, struct buf *out);

#endif

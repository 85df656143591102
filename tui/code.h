/* A line of Python on the screen: its colours, its tabs, and the part of it that can be
 * seen when the pane is scrolled sideways. */
#ifndef TUI_CODE_H
#define TUI_CODE_H

#include <stdint.h>

#include "report/source.h"
#include "tui/grid.h"

/* Writes the line into the part's row, without its first `left` columns. Returns the
 * column behind what was written. */
int code_put(const struct grid_part *part, int row, int left, struct source *s,
             uint32_t line);

/* Columns that the first bytes of a line take. */
int code_width(const char *text, size_t len);

#endif

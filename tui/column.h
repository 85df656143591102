/* Columns of a row: each call writes into the next one, flush right, and goes on behind
 * it. A column of no width is left out. */
#ifndef TUI_COLUMN_H
#define TUI_COLUMN_H

#include <stdint.h>

#include "report/units.h"
#include "tui/grid.h"

struct column {
    const struct grid_part *part;
    int row;
    int col; /* where the next column begins */
};

void column_text(struct column *c, int cols, enum theme_style style, const char *text);
void column_count(struct column *c, int cols, enum theme_style style, uint64_t n);

struct column_time {
    struct units_scale scale;
    uint64_t ns;
};
void column_time(struct column *c, int cols, enum theme_style style,
                 struct column_time time);

#endif

#include "tui/column.h"

void
column_text(struct column *c, int cols, enum theme_style style, const char *text)
{
    struct grid_field field = {
        .col = c->col, .cols = cols, .align = GRID_RIGHT, .style = style};

    c->col = grid_put_field(c->part, c->row, &field, text);
}

void
column_count(struct column *c, int cols, enum theme_style style, uint64_t n)
{
    struct buf text = {0};

    if (cols <= 0)
        return;
    units_count(&text, n, cols - 1);
    column_text(c, cols, style, buf_str(&text));
    buf_release(&text);
}

void
column_time(struct column *c, int cols, enum theme_style style, struct column_time time)
{
    struct buf text = {0};

    if (cols <= 0)
        return;
    units_time(&text, time.scale, time.ns);
    column_text(c, cols, style, buf_str(&text));
    buf_release(&text);
}

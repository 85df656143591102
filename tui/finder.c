#include "tui/finder.h"

#include <ctype.h>
#include <string.h>

const char *
finder_at(const char *text, const char *word)
{
    for (const char *c = word; *c; c++)
        if (isupper((unsigned char)*c))
            return strstr(text, word);
    return strcasestr(text, word);
}

/* How far a search has to go from `start` to a row: once around at most. The row itself
 * is where a search begins, and the last one to go on to. */
static size_t
distance(const struct finder_rows *rows, size_t start, size_t row, enum pane_find how)
{
    size_t ahead = (row + rows->n - start) % rows->n;

    if (ahead == 0)
        return how == PANE_FIND_FIRST ? 0 : rows->n;
    return how == PANE_FIND_PREV ? rows->n - ahead : ahead;
}

struct pane_found
finder_find(struct finder *f, struct finder_rows *rows, const char *word,
            enum pane_find how)
{
    struct pane_found found = {0, 0};
    struct buf text = {0};
    size_t start, far, best = 0;

    if (how == PANE_FIND_FIRST && !f->is_on)
        *f = (struct finder){true, rows->row};
    if (how == PANE_FIND_FIRST)
        rows->row = f->origin < rows->n ? f->origin : 0;
    start = rows->row;
    for (size_t row = 0; row < rows->n && *word; row++) {
        buf_clear(&text);
        rows->text(rows->data, row, &text);
        if (!finder_at(buf_str(&text), word))
            continue;
        found.n++;
        far = distance(rows, start, row, how);
        if (found.at && far >= best)
            continue;
        best = far;
        found.at = found.n;
        rows->row = row;
    }
    buf_release(&text);
    return found;
}

void
finder_end(struct finder *f)
{
    f->is_on = false;
}

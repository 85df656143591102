/* The search in a pane: through rows of text, from where it began, around the end. */
#ifndef TUI_FINDER_H
#define TUI_FINDER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "tui/pane.h"

/* Zeroed memory is no search. */
struct finder {
    bool is_on;
    size_t origin; /* the row where it began */
};

struct finder_rows {
    size_t n;
    size_t row; /* the selected one; the search moves it */
    /* Appends the text of a row. */
    void (*text)(void *data, size_t row, struct buf *out);
    void *data;
};

/* Where `text` holds `word`, NULL if it does not; case matters if `word` has capitals.
 */
const char *finder_at(const char *text, const char *word);

struct pane_found finder_find(struct finder *f, struct finder_rows *rows,
                              const char *word, enum pane_find how);

/* The user did something else: the next search begins where the selection is then. */
void finder_end(struct finder *f);

#endif

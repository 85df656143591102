/* A pane: one file that exports one struct pane_ops, and one row in pane.c. It draws
 * into its part of a grid from report tables and the shared view; it knows neither
 * curses nor the control channel nor other panes. */
#ifndef TUI_PANE_H
#define TUI_PANE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "tui/actions.h"
#include "tui/grid.h"
#include "tui/view.h"

/* What an action led to; several may be set. */
enum pane_answer {
    PANE_IGNORED = 0, /* not for this pane: the app may say so */
    PANE_HANDLED = 1,
    PANE_REDRAW = 2,   /* this pane looks different now */
    PANE_RELAYOUT = 4, /* the panes need other places */
    PANE_QUIT = 8,
};

enum pane_flag {
    PANE_TERMINAL = 1, /* shows the program's terminal: `i` goes here */
};

enum pane_find {
    PANE_FIND_FIRST, /* from where the search began: called for every letter typed;
                        with "" the selection goes back there */
    PANE_FIND_NEXT,
    PANE_FIND_PREV,
};

struct pane_found {
    size_t at; /* which of them is selected, from 1; 0: none */
    size_t n;
};

struct pane_ops {
    const char *name;  /* for `:layout` and the YAML: "calls" */
    const char *title; /* on the border: "Calls" */
    char digit;        /* the key that goes there: '1' */
    unsigned flags;    /* enum pane_flag */
    size_t size;       /* of its state: zeroed memory, the `self` below */

    /* Actions for the bottom line while it has the keys, the most useful first;
     * ACTIONS_NONE ends them. */
    const enum actions_id *keys;

    void (*init)(void *self, struct view *view);
    void (*release)(void *self);

    /* The session may hold more, or the cursor have moved, since the last call: takes
     * what the pane needs for drawing. Called once a frame for panes that are on the
     * screen, at most as often as the program changes something. `view->reader` may
     * still be NULL. True: there is something new to draw. */
    bool (*refresh)(void *self, struct view *view);

    /* Draws into the inside of its border, which is blank. `part` may be as small as
     * 1x1. An empty pane says why it is empty. */
    void (*draw)(void *self, struct view *view, const struct grid_part *part,
                 bool focused);

    /* Text for the border; both are empty. Without a `title` the name of the pane
     * stands there. */
    void (*heading)(void *self, struct view *view, struct buf *title, struct buf *note);

    /* Answers an action with enum pane_answer. */
    unsigned (*action)(void *self, struct view *view, enum actions_id action);

    /* Searches the pane's text (case matters if `text` has capitals) and selects what
     * is found. NULL: there is nothing to search. */
    struct pane_found (*find)(void *self, struct view *view, const char *text,
                              enum pane_find how);
};

/* All panes there are, by digit; `*n` of them. */
const struct pane_ops *const *pane_table(size_t *n);

extern const struct pane_ops pane_calls_ops;
extern const struct pane_ops pane_source_ops;
extern const struct pane_ops pane_values_ops;
extern const struct pane_ops pane_hot_ops;
extern const struct pane_ops pane_output_ops;

#endif

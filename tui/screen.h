/* The screen as a whole: the panes in their places, which of them has the keys, and the
 * lines above and below. */
#ifndef TUI_SCREEN_H
#define TUI_SCREEN_H

#include <stdbool.h>
#include <stddef.h>

#include "tui/grid.h"
#include "tui/keys.h"
#include "tui/layout.h"
#include "tui/pane.h"
#include "tui/view.h"

#define SCREEN_PANES 9

struct screen_pane {
    const struct pane_ops *ops;
    void *self;
};

struct screen {
    struct view *view;
    const struct keys *keys;
    struct screen_pane panes[SCREEN_PANES];
    size_t n;
    struct grid grid;
    struct layout layout;
    char focus;                    /* the digit of the pane that has the keys */
    char recent[SCREEN_PANES + 1]; /* digits, the latest focus first */
    bool zoom;
    bool covered; /* a popup has the keys */
};

void screen_init(struct screen *s, struct view *view, const struct keys *keys);
void screen_release(struct screen *s);

/* The view shows another process: the panes begin anew. */
void screen_restart(struct screen *s);

/* Another size, or another arrangement of the panes. */
void screen_arrange(struct screen *s, int rows, int cols);

/* Lets the panes on the screen take what is new. True if any has to be drawn. */
bool screen_refresh(struct screen *s);

/* Draws the panes into the grid; the first line and the message line stay blank. */
void screen_draw(struct screen *s);

/* The parts of the grid that others draw into: the first line, the message line. */
struct grid_part screen_title(struct screen *s);
struct grid_part screen_message(struct screen *s);

/* The last line: the keys of the focused pane, the most useful first. */
void screen_draw_keys(struct screen *s);

/* Gives the keys to a pane, and brings it up. False: there is none with this digit. */
bool screen_focus(struct screen *s, char digit);
void screen_focus_next(struct screen *s, int step);
void screen_toggle_zoom(struct screen *s);

struct screen_pane *screen_focused(struct screen *s);

/* The pane that shows the program's terminal, NULL if none does; its part of the grid,
 * without the border, empty when it is not on the screen. */
struct screen_pane *screen_terminal(struct screen *s);
struct grid_part screen_inside(struct screen *s, char digit);

#endif

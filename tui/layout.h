/* Where the panes stand on a screen of a given size: stacked below 100 columns, in two
 * columns below 160, in three from there on. Pure arithmetic on digits; it knows no
 * pane. */
#ifndef TUI_LAYOUT_H
#define TUI_LAYOUT_H

#include <stdbool.h>

#define LAYOUT_MIN_COLS 60
#define LAYOUT_MIN_ROWS 12
#define LAYOUT_PANES 9

struct layout_wish {
    int rows;
    int cols;
    const char *present; /* digits of the panes there are: "12345" */
    char focus;          /* the one that has the keys */
    bool zoom;           /* it alone */
    const char *recent;  /* digits in the order of their last focus, the latest first */
};

struct layout_place {
    char digit;
    int row;
    int col;
    int rows; /* with the border */
    int cols;
};

struct layout {
    struct layout_place places[LAYOUT_PANES]; /* in the order Tab goes through them */
    int n;
    bool too_small;  /* no panes: one line says so */
    int message_row; /* for questions, searches, messages; may be the keys' row */
    int keys_row;
};

void layout_make(struct layout *l, const struct layout_wish *wish);

/* The pane's place, NULL when it is not on the screen. */
const struct layout_place *layout_find(const struct layout *l, char digit);

/* The pane behind (or, with -1, before) a digit in Tab's order, around the end. */
char layout_next(const struct layout *l, char digit, int step);

#endif

/* How things look, by what they mean: a theme turns a style into colours. */
#ifndef TUI_THEME_H
#define TUI_THEME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a cell means. Every one has a sign or a word beside its colour. */
enum theme_style {
    THEME_TEXT,    /* what has no better style */
    THEME_MUTED,   /* what matters less: paths, units, hints */
    THEME_TITLE,   /* the first line of the screen */
    THEME_HEADING, /* names of columns */
    THEME_BORDER,
    THEME_FOCUS, /* the border of the pane that has the keys */
    THEME_KEY,   /* a key's name, where keys are listed */
    THEME_GOOD,  /* RUN, EXIT 0 */
    THEME_WAIT,  /* PAUSED, PAUSING, INPUT */
    THEME_ERROR, /* exceptions, EXIT 1, refusals */
    THEME_RAN,   /* counts of what ran */
    THEME_NOT_RUN,
    THEME_HEAT_1, /* coolest */
    THEME_HEAT_2,
    THEME_HEAT_3,
    THEME_HEAT_4,
    THEME_BREAK,   /* a breakpoint's sign */
    THEME_CHANGED, /* a value that is not what it was */
    THEME_HIDDEN,  /* shown although a filter hides it */
    THEME_KEYWORD, /* Python: if, def, ... */
    THEME_NAME,    /* what a def or class defines, decorators */
    THEME_STRING,
    THEME_NUMBER,
    THEME_COMMENT,
    THEME_PROGRAM, /* the program's own output, in its own colours */
    /* Backgrounds: for grid_back() */
    THEME_NOW,      /* the line the program stands on */
    THEME_SELECTED, /* the selected row, in the pane that has the keys */
    THEME_MARKED,   /* the selected row elsewhere */
    THEME_MATCH,    /* found by a search */
    THEME_N
};

enum theme_attr {
    THEME_BOLD = 1,
    THEME_DIM = 2,
    THEME_ITALIC = 4,
    THEME_UNDERLINE = 8,
    THEME_REVERSE = 16,
};

/* Colours are numbers of the terminal's palette, or -1 for the terminal's own. */
struct theme_look {
    int16_t fg;
    int16_t bg;
    uint8_t attrs; /* enum theme_attr */
};

struct theme; /* a row of the table of themes */

/* The theme of that name, NULL if there is none. */
const struct theme *theme_find(const char *name);

/* The names, one after the other; NULL behind the last. */
const char *theme_name(size_t index);

/* The look of text of `style` on `back` (THEME_TEXT: no background of its own), on a
 * terminal with `n_colors` (0: mono, 8 or 16, 256). */
struct theme_look theme_get(const struct theme *t, enum theme_style style,
                            enum theme_style back, int n_colors);

/* The style for a share between 0 and 1 of the time or the hits. */
enum theme_style theme_heat(double share);

#endif

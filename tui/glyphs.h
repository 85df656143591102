/* The signs that are not letters: one set in Unicode, one in ASCII. Each is one column
 * wide. */
#ifndef TUI_GLYPHS_H
#define TUI_GLYPHS_H

#include <stdbool.h>

#define GLYPHS_HEAT_STEPS 8

struct glyphs_box {
    const char *horizontal;
    const char *vertical;
    const char *top_left;
    const char *top_right;
    const char *bottom_left;
    const char *bottom_right;
};

struct glyphs {
    struct glyphs_box plain;
    struct glyphs_box focus;
    const char *folded;                  /* a closed row of a tree */
    const char *open;                    /* an open one */
    const char *now;                     /* where the program stands */
    const char *times;                   /* x, between a name and its count */
    const char *arrow;                   /* -> */
    const char *ellipsis;                /* something was cut here */
    const char *dot;                     /* between words of a line */
    const char *heat[GLYPHS_HEAT_STEPS]; /* from blank to full */
    bool ascii;                          /* for utf8_fit() */
};

/* The set to draw with: ASCII when asked for, or when the locale gives one of the
 * Unicode signs another width than one column. */
const struct glyphs *glyphs_get(bool ascii);

/* The heat bar for a share between 0 and 1; what is above 0 is never blank. */
const char *glyphs_heat(const struct glyphs *g, double share);

#endif

/* A pane on a screen, found by its digit: a box with " 2 ..." on its upper border. */
#ifndef HARNESS_BOX_H
#define HARNESS_BOX_H

#include <stdbool.h>

#include "tests/harness/display.h"

struct box {
    int top, left, bottom, right; /* of the border itself */
    bool focused;                 /* its border is the double one */
};

/* False: no such pane on the screen, or its border is not closed. */
bool box_find(struct display *s, char digit, struct box *box);

/* How many closed boxes with a digit there are. */
int box_count(struct display *s);

/* The row within the pane that has `text`; false: none. */
bool box_has(struct display *s, const struct box *box, const char *text, int *row);

/* The text of a row within the pane, without the border. Borrowed until the next call
 * that reads the screen. */
const char *box_row(struct display *s, const struct box *box, int row);

/* In the Source pane: the hits of the line whose source has `text`. BOX_NOT_RUN for
 * ">>>>>>", BOX_BLANK where no count stands, BOX_ABSENT if the line is not shown. */
enum { BOX_NOT_RUN = -1, BOX_BLANK = -2, BOX_ABSENT = -3 };
long box_hits(struct display *s, const char *text);

#endif

/* What the program does, in words: for the first line of the screen. */
#ifndef TUI_BANNER_H
#define TUI_BANNER_H

#include "base/buf.h"
#include "tui/steer.h"
#include "tui/theme.h"

struct banner {
    struct buf word;   /* RUN, PAUSED, EXIT 1, ... */
    struct buf detail; /* where, why */
    enum theme_style style;
};

/* Zeroed memory is an empty one; it may be described over and over. */
void banner_describe(const struct steer *s, struct banner *text);
void banner_release(struct banner *text);

#endif

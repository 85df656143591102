/* The conversation with the user: keys become actions, commands and answers, and the
 * message line says what came of them. */
#ifndef TUI_DIALOG_H
#define TUI_DIALOG_H

#include "tui/desk.h"
#include "tui/keys.h"

void dialog_key(struct desk *d, keys_code key);

/* Draws the message line, and the popup over the panes. The cursor's place, or -1. */
struct dialog_cursor {
    int row;
    int col;
};
struct dialog_cursor dialog_draw(struct desk *d);

#endif

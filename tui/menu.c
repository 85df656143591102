#include "tui/menu.h"

#include <string.h>

int
menu_key(const struct menu *m, keys_code key)
{
    if (key == KEYS_ESC)
        return MENU_CANCEL;
    for (const struct menu_choice *c = m->choices; c->label != NULL; c++) {
        if ((keys_code)c->key == key)
            return c->answer;
    }
    return MENU_WAIT;
}

/* Draws a label with its key marked. */
static int
draw_label(const struct grid_part *part, int col, const char *label)
{
    const char *open = strchr(label, '['), *close = strchr(label, ']');
    char piece[64];

    if (open == NULL || close == NULL || strlen(label) >= sizeof(piece))
        return grid_put(part, 0, col, THEME_TEXT, label);
    memcpy(piece, label, (size_t)(open - label));
    piece[open - label] = '\0';
    col = grid_put(part, 0, col, THEME_TEXT, piece);
    memcpy(piece, open, (size_t)(close - open + 1));
    piece[close - open + 1] = '\0';
    col = grid_put(part, 0, col, THEME_KEY, piece);
    return grid_put(part, 0, col, THEME_TEXT, close + 1);
}

void
menu_draw(const struct menu *m, const struct grid_part *part)
{
    int col;

    grid_clear(part);
    col = grid_put(part, 0, 1, THEME_WAIT, m->question);
    for (const struct menu_choice *c = m->choices; c->label != NULL; c++)
        col = draw_label(part, col + 2, c->label);
}

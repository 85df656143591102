/* A question in one line, answered by one key: "Quit? [y]es [n]o". */
#ifndef TUI_MENU_H
#define TUI_MENU_H

#include "tui/grid.h"
#include "tui/keys.h"

struct menu_choice {
    char key;
    const char *label; /* "[y]es"; the key stands in brackets */
    int answer;        /* >= 0 */
};

struct menu {
    const char *question;
    const struct menu_choice *choices; /* an entry without a label ends them */
};

#define MENU_WAIT (-1)   /* not one of its keys */
#define MENU_CANCEL (-2) /* Esc */

int menu_key(const struct menu *m, keys_code key);
void menu_draw(const struct menu *m, const struct grid_part *part);

#endif

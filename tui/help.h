/* The popup of keys and commands: letters narrow it down, Enter does what is selected.
 */
#ifndef TUI_HELP_H
#define TUI_HELP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "tui/actions.h"
#include "tui/grid.h"
#include "tui/keys.h"
#include "tui/list.h"

struct command_row;

struct help_row {
    const char *title; /* of a group; the other two are NULL then */
    const struct actions_row *action;
    const struct command_row *command;
};

struct help {
    const struct keys *keys;
    struct buf typed; /* what narrows it down */
    struct help_row *rows;
    size_t n;
    size_t cap;
    struct list list;
};

enum help_answer {
    HELP_STAYS,
    HELP_CLOSED,
    HELP_ACTION,  /* the selected row's is to be done */
    HELP_COMMAND, /* the selected row's is to be typed on */
};

/* Zeroed memory is a popup that was never opened. */
void help_open(struct help *h, const struct keys *keys);
void help_release(struct help *h);

enum help_answer help_key(struct help *h, keys_code key);

/* The row that was chosen. */
const struct help_row *help_chosen(const struct help *h);

/* Draws it over the middle of the part. */
void help_draw(struct help *h, const struct glyphs *glyphs,
               const struct grid_part *part);

#endif

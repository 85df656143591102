/* What keys can do: the one table behind key dispatch, the bottom line, the help popup,
 * `keys:` in the YAML and the README's list. */
#ifndef TUI_ACTIONS_H
#define TUI_ACTIONS_H

#include <stddef.h>

enum actions_id {
    ACTIONS_NONE,
    /* run the program */
    ACTIONS_INTO,
    ACTIONS_OVER,
    ACTIONS_OUT,
    ACTIONS_RUN,
    ACTIONS_PAUSE,    /* pause, or run when paused */
    ACTIONS_BREAK_IN, /* pause, whatever it does */
    ACTIONS_UNTIL,    /* run to the cursor */
    ACTIONS_BREAK,    /* breakpoint here, or away with it */
    ACTIONS_INPUT,    /* give the program the keyboard */
    /* look */
    ACTIONS_FRAME_UP,   /* towards the caller */
    ACTIONS_FRAME_DOWN, /* towards where the program stands */
    ACTIONS_PRESENT,    /* back to where the program stands, and follow it */
    ACTIONS_ENTER,      /* go deeper: source of a function, ... */
    ACTIONS_BACK,       /* back to the place before */
    ACTIONS_PROCESSES,  /* the program and those that came from it */
    ACTIONS_SORT,       /* sort by the next column */
    ACTIONS_FOLD_ALL,
    ACTIONS_RAW_TIMES, /* times with the probes' own cost in them */
    ACTIONS_FIND,
    ACTIONS_FIND_NEXT,
    ACTIONS_FIND_PREV,
    /* filter */
    ACTIONS_HIDE,        /* the selected function, from now on */
    ACTIONS_SHOW_HIDDEN, /* rows the rules hide, and back */
    ACTIONS_UNHIDE,      /* undo the latest hide */
    /* move */
    ACTIONS_UP,
    ACTIONS_DOWN,
    ACTIONS_LEFT, /* close in trees, scroll elsewhere */
    ACTIONS_RIGHT,
    ACTIONS_PAGE_UP,
    ACTIONS_PAGE_DOWN,
    ACTIONS_HALF_UP,
    ACTIONS_HALF_DOWN,
    ACTIONS_FIRST,
    ACTIONS_LAST,
    /* panes */
    ACTIONS_NEXT_PANE,
    ACTIONS_PREV_PANE,
    ACTIONS_PANE_1, /* five in a row */
    ACTIONS_PANE_2,
    ACTIONS_PANE_3,
    ACTIONS_PANE_4,
    ACTIONS_PANE_5,
    ACTIONS_ZOOM,
    /* the rest */
    ACTIONS_COMMAND,
    ACTIONS_SAVE,
    ACTIONS_HELP,
    ACTIONS_REDRAW,
    ACTIONS_SUSPEND,
    ACTIONS_QUIT,
    ACTIONS_QUIT_NOW,
    ACTIONS_N
};

enum actions_group {
    ACTIONS_GROUP_PROGRAM,
    ACTIONS_GROUP_LOOK,
    ACTIONS_GROUP_FILTER,
    ACTIONS_GROUP_MOVE,
    ACTIONS_GROUP_PANES,
    ACTIONS_GROUP_GENERAL,
    ACTIONS_N_GROUPS
};

struct actions_row {
    enum actions_id id;
    enum actions_group group;
    const char *name;  /* in `keys:` of the YAML: "step_over" */
    const char *keys;  /* default keys, with blanks between: "n F10" */
    const char *label; /* a word for the bottom line: "over" */
    const char *help;  /* one line */
};

const struct actions_row *actions_get(enum actions_id id);

/* The action of that name, NULL if there is none. */
const struct actions_row *actions_find(const char *name);

const char *actions_group_title(enum actions_group group);

/* Calls `row` for every action, in the order of the help. */
void actions_each(void (*row)(void *data, const struct actions_row *row), void *data);

#endif

/* All that lies between the keys and the program: the panes, the program's reins, the
 * lines that are typed, and what is to be said to the user. */
#ifndef TUI_DESK_H
#define TUI_DESK_H

#include <stdbool.h>

#include "base/buf.h"
#include "tui/help.h"
#include "tui/menu.h"
#include "tui/processes.h"
#include "tui/prompt.h"
#include "tui/screen.h"
#include "tui/steer.h"

#define DESK_PLACES 50

/* What the keys go to. */
enum desk_layer {
    DESK_PANES,
    DESK_COMMAND, /* the `:` line */
    DESK_FIND,    /* the `/` line */
    DESK_FOLDER,  /* where .cover files are to go */
    DESK_FILE,    /* where the session is to go */
    DESK_MENU,
    DESK_HELP,
    DESK_PROCESSES,
};

/* What becomes of a program that still runs when the user leaves. */
enum desk_quit { DESK_QUIT_ASK, DESK_QUIT_TERMINATE, DESK_QUIT_KILL, DESK_QUIT_DETACH };

/* Strings are borrowed. */
struct desk_options {
    const char *save_dir; /* for .cover files */
    const char *script;   /* what runs */
    const char *session;  /* where its session is; NULL: nowhere */
    enum desk_quit quit;
};

struct desk {
    struct screen *screen;
    struct steer *steer;
    struct view *view;
    const struct keys *keys;
    struct desk_options options;

    enum desk_layer layer;
    struct prompt command;
    struct prompt find;
    struct prompt folder;
    struct prompt file;
    const struct menu *menu;
    struct help help;
    struct processes processes;
    char *shown; /* the session of the child that is shown; NULL: the program's */
    struct buf message;
    struct pane_found found;
    struct buf to_program; /* bytes for its terminal */

    struct desk_place { /* looked at before a jump, the latest last */
        files_id file;
        uint32_t line;
    } places[DESK_PLACES];
    int n_places;

    bool pasting;
    bool saved;   /* what is here was written somewhere */
    bool leaving; /* quits as soon as the program has ended */
    /* For the app to do, and to take back. */
    bool quit;
    bool redraw;
    bool suspend;
};

void desk_init(struct desk *d, struct screen *screen, struct steer *steer,
               const struct desk_options *options);
void desk_release(struct desk *d);

/* A sentence for the message line, which may hold foreign text; it stays until the next
 * key. */
void desk_say(struct desk *d, const char *text);

/* A question; the answer is one of the menu's. */
void desk_ask(struct desk *d, const struct menu *menu);

/* Notes a place that is about to be left, and goes to the latest that was. */
void desk_leave_place(struct desk *d, files_id file, uint32_t line);
void desk_go_back(struct desk *d);

/* Shows a process in all panes: one of the program's children, or itself. */
void desk_show_process(struct desk *d, const struct processes_row *row);

/* Searches in the focused pane for what the `/` line holds, and says what was found. */
void desk_find(struct desk *d, enum pane_find how);
void desk_say_found(struct desk *d);

/* The requests of the panes; the data is the desk. */
extern const struct view_host desk_host;

#endif

/* What the panes of a screen share: the session, the one cursor, the breakpoints, and a
 * way to ask for what only the app can do. A pane reads the fields, changes the
 * selection through the functions here, and asks through the requests. */
#ifndef TUI_VIEW_H
#define TUI_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "session/reader.h"
#include "tui/glyphs.h"

struct vt;

/* The word at the left of the first line. */
enum view_mode {
    VIEW_STARTING,
    VIEW_RUN,
    VIEW_PAUSING,
    VIEW_PAUSED,
    VIEW_INPUT, /* runs, and waits for someone to type, or has the keyboard */
    VIEW_EXIT,  /* the program is over */
    VIEW_SAVED, /* a recording */
};

enum view_option {
    VIEW_RAW_TIMES = 1,   /* times with the cost of the probes in them */
    VIEW_SHOW_HIDDEN = 2, /* rows that rules hide are shown, muted */
};

enum view_break_state {
    VIEW_BREAK_PENDING, /* asked for; the runner has not set it yet */
    VIEW_BREAK_SET,
};

struct view_break {
    char *path; /* co_filename, or what the user typed when no such file is loaded */
    uint32_t line;
    enum view_break_state state;
};

/* What panes ask for. All of them return at once; what comes of it shows in the view.
 */
struct view_host {
    /* Sets a breakpoint on the first line at or behind `line` that can run, or takes
     * away the one that is there. */
    void (*toggle_break)(void *data, files_id file, uint32_t line);
    /* Hides by a rule (session/scope.h) from now on; takes the latest rule back. */
    void (*hide)(void *data, const char *rule);
    void (*unhide)(void *data);
    /* Gives the keys to the pane with that digit, and opens it. */
    void (*focus)(void *data, char digit);
    /* A sentence for the message line; it may hold foreign text. */
    void (*say)(void *data, const char *text);
};

struct view {
    struct reader *reader; /* of the process that is shown; NULL before the session can
                              be opened */
    struct reader *main;   /* of the program itself, which alone can be steered */
    uint32_t child;        /* the process that is shown in its place; 0: none */
    size_t n_processes;
    const struct glyphs *glyphs;
    struct vt *terminal; /* the program's own; NULL when its streams pass us by */
    enum view_mode mode;
    bool typing;      /* the keys go to the program, not to us */
    unsigned options; /* enum view_option */

    /* The cursor. Ids are FORMAT_NONE, the line 0, when nothing is selected. */
    files_id file;
    uint32_t line;
    codes_id code;
    nodes_id node;
    threads_id thread;
    uint32_t stop;      /* the stop that is looked at */
    uint32_t frame;     /* of this stop, counted from its first: 0 is the innermost */
    unsigned n_selects; /* grows with every change of the above */

    /* Where the program stands while it is paused or when an exception ended it: the
     * innermost frame of the latest stop that holds. Else FORMAT_NONE and 0. */
    files_id now_file;
    uint32_t now_line;
    nodes_id now_node;

    struct view_break *breaks;
    size_t n_breaks;
    size_t breaks_cap;

    char **hidden; /* exclude rules added from the screen, the latest last */
    size_t n_hidden;
    size_t hidden_cap;

    const struct view_host *host;
    void *host_data;
};

void view_init(struct view *v, const struct glyphs *glyphs);
void view_release(struct view *v);

/* Shows another process: `child` is its id, or 0 for the program itself. Nothing is
 * selected then. The reader before stays the caller's. */
void view_show(struct view *v, struct reader *reader, uint32_t child);

/* Moves the cursor. The other fields follow where they can: a line's code, a node's or
 * code's file and first line, a frame's code, line and node. */
void view_select_line(struct view *v, files_id file, uint32_t line);
void view_select_code(struct view *v, codes_id code);
void view_select_node(struct view *v, nodes_id node);
void view_select_thread(struct view *v, threads_id thread);
void view_select_frame(struct view *v, uint32_t stop, uint32_t frame);

/* The frame under the cursor: NULL unless the cursor is in a stop. */
const struct format_frame *view_frame(const struct view *v);

/* The file of that co_filename; FORMAT_NONE if none is loaded. A `path` with fewer
 * folders than the file's matches its end. */
files_id view_find_file(const struct view *v, const char *path);

/* A file's co_filename as the session has it; "" if there is no such file. */
const char *view_path(const struct view *v, files_id file);

/* The breakpoint on a line, NULL if there is none. */
const struct view_break *view_find_break(const struct view *v, files_id file,
                                         uint32_t line);

/* For the app: keep the two lists. */
struct view_break *view_add_break(struct view *v, const char *path, uint32_t line);
bool view_remove_break(struct view *v, const char *path, uint32_t line);
void view_add_hidden(struct view *v, const char *rule);
char *view_take_hidden(struct view *v); /* the latest; NULL if none */
char *view_remove_hidden(struct view *v, const char *rule); /* NULL if none */

/* The requests. */
void view_toggle_break(struct view *v, files_id file, uint32_t line);
void view_toggle_break_in(struct view *v, codes_id code); /* where its body begins */
void view_hide(struct view *v, const char *rule);
void view_unhide(struct view *v);
void view_focus(struct view *v, char digit);
void view_say(struct view *v, const char *fmt, ...) ATTR_PRINTF(2, 3);

#endif

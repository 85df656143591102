#include "tui/actions.h"

#include <string.h>

#define N_ROWS (sizeof(rows) / sizeof(rows[0]))

static const struct actions_row rows[] = {
#define PROGRAM ACTIONS_GROUP_PROGRAM
    {ACTIONS_INTO, PROGRAM, "step_into", "s F11", "step",
     "to the next line, in whatever function it is"},
    {ACTIONS_OVER, PROGRAM, "step_over", "n F10", "over",
     "to the next line of this function; calls run through"},
    {ACTIONS_OUT, PROGRAM, "step_out", "f Shift-F11", "out",
     "until this function has returned"},
    {ACTIONS_RUN, PROGRAM, "run", "c F5", "run",
     "until a breakpoint, a pause or the end"},
    {ACTIONS_PAUSE, PROGRAM, "pause", "Space F6", "pause",
     "pause at the next line; when paused, run on"},
    {ACTIONS_BREAK_IN, PROGRAM, "break_in", "Ctrl-C", "break in",
     "pause the program at its next line"},
    {ACTIONS_UNTIL, PROGRAM, "run_to_cursor", "r F7", "to cursor",
     "until the selected line of the source"},
    {ACTIONS_BREAK, PROGRAM, "breakpoint", "b F9", "break",
     "breakpoint on the selected line; again takes it away"},
    {ACTIONS_INPUT, PROGRAM, "input", "i", "type",
     "give the program the keyboard; Ctrl-] takes it back"},
#undef PROGRAM
#define LOOK ACTIONS_GROUP_LOOK
    {ACTIONS_FRAME_UP, LOOK, "frame_up", "u", "caller", "to the caller's frame"},
    {ACTIONS_FRAME_DOWN, LOOK, "frame_down", "d", "callee",
     "to the frame that was called"},
    {ACTIONS_PRESENT, LOOK, "present", "Esc", "now",
     "back to where the program stands; ends a search"},
    {ACTIONS_ENTER, LOOK, "enter", "Enter", "open", "go deeper: open what is selected"},
    {ACTIONS_BACK, LOOK, "back", "Backspace Ctrl-O", "back",
     "to the place looked at before; to the program itself"},
    {ACTIONS_PROCESSES, LOOK, "processes", "P", "processes",
     "the program's processes; Enter shows one"},
    {ACTIONS_SORT, LOOK, "sort", "o", "order", "sort by the next column"},
    {ACTIONS_FOLD_ALL, LOOK, "fold_all", "-", "fold",
     "close all rows of a tree, or open all"},
    {ACTIONS_RAW_TIMES, LOOK, "raw_times", "T", "raw times",
     "times with the tracer's own cost in them, and back"},
    {ACTIONS_FIND, LOOK, "find", "/", "find", "search in this pane"},
    {ACTIONS_FIND_NEXT, LOOK, "find_next", "F3 Ctrl-N", "next match",
     "to the next match"},
    {ACTIONS_FIND_PREV, LOOK, "find_previous", "Shift-F3 Ctrl-P", "previous match",
     "to the match before"},
#undef LOOK
#define FILTER ACTIONS_GROUP_FILTER
    {ACTIONS_HIDE, FILTER, "hide", "x", "hide",
     "leave the selected function out from now on"},
    {ACTIONS_SHOW_HIDDEN, FILTER, "show_hidden", "X", "hidden",
     "show what the filters hide, and back"},
    {ACTIONS_UNHIDE, FILTER, "undo_hide", "U", "undo", "take the latest hide back"},
#undef FILTER
#define MOVE ACTIONS_GROUP_MOVE
    {ACTIONS_UP, MOVE, "up", "Up k", "up", "one row up"},
    {ACTIONS_DOWN, MOVE, "down", "Down j", "down", "one row down"},
    {ACTIONS_LEFT, MOVE, "left", "Left h", "close",
     "close a row of a tree; elsewhere, scroll to the left"},
    {ACTIONS_RIGHT, MOVE, "right", "Right l", "open",
     "open a row of a tree; elsewhere, scroll to the right"},
    {ACTIONS_PAGE_UP, MOVE, "page_up", "PgUp Ctrl-B", "page up", "one page up"},
    {ACTIONS_PAGE_DOWN, MOVE, "page_down", "PgDn Ctrl-F", "page down", "one page down"},
    {ACTIONS_HALF_UP, MOVE, "half_page_up", "Ctrl-U", "half up", "half a page up"},
    {ACTIONS_HALF_DOWN, MOVE, "half_page_down", "Ctrl-D", "half down",
     "half a page down"},
    {ACTIONS_FIRST, MOVE, "first", "Home g", "first", "to the first row"},
    {ACTIONS_LAST, MOVE, "last", "End G", "last",
     "to the last row; a list that grows is followed"},
#undef MOVE
#define PANES ACTIONS_GROUP_PANES
    {ACTIONS_NEXT_PANE, PANES, "next_pane", "Tab", "pane", "to the next pane"},
    {ACTIONS_PREV_PANE, PANES, "previous_pane", "Shift-Tab", "pane back",
     "to the pane before"},
    {ACTIONS_PANE_1, PANES, "pane_1", "1", "calls", "the call tree"},
    {ACTIONS_PANE_2, PANES, "pane_2", "2", "source", "the source"},
    {ACTIONS_PANE_3, PANES, "pane_3", "3", "values",
     "the values of the selected frame"},
    {ACTIONS_PANE_4, PANES, "pane_4", "4", "hot", "where the time goes"},
    {ACTIONS_PANE_5, PANES, "pane_5", "5", "output", "what the program prints"},
    {ACTIONS_ZOOM, PANES, "zoom", "z", "zoom",
     "this pane on the whole screen, and back"},
#undef PANES
#define GENERAL ACTIONS_GROUP_GENERAL
    {ACTIONS_COMMAND, GENERAL, "command", ":", "cmd",
     "type a command; :help lists them"},
    {ACTIONS_SAVE, GENERAL, "save", "S", "save",
     "save the counts as .cover files, or the session"},
    {ACTIONS_HELP, GENERAL, "help", "? F1", "help", "these keys"},
    {ACTIONS_REDRAW, GENERAL, "redraw", "Ctrl-L", "redraw", "draw the screen anew"},
    {ACTIONS_SUSPEND, GENERAL, "suspend", "Ctrl-Z", "suspend",
     "back to the shell; the program stops, too, until fg"},
    {ACTIONS_QUIT, GENERAL, "quit", "q", "quit",
     "leave; asks first where something would be lost"},
    {ACTIONS_QUIT_NOW, GENERAL, "quit_now", "Q", "quit now",
     "leave at once; a running program is ended"},
#undef GENERAL
};

static const char *const group_titles[ACTIONS_N_GROUPS] = {
    [ACTIONS_GROUP_PROGRAM] = "The program", [ACTIONS_GROUP_LOOK] = "Looking",
    [ACTIONS_GROUP_FILTER] = "Filters",      [ACTIONS_GROUP_MOVE] = "Moving",
    [ACTIONS_GROUP_PANES] = "Panes",         [ACTIONS_GROUP_GENERAL] = "General",
};

const struct actions_row *
actions_get(enum actions_id id)
{
    /* The table is in the order of the ids; a test holds it to that. */
    return &rows[id - 1];
}

const struct actions_row *
actions_find(const char *name)
{
    for (size_t i = 0; i < N_ROWS; i++) {
        if (strcmp(rows[i].name, name) == 0)
            return &rows[i];
    }
    return NULL;
}

const char *
actions_group_title(enum actions_group group)
{
    return group_titles[group];
}

void
actions_each(void (*row)(void *data, const struct actions_row *row), void *data)
{
    for (size_t i = 0; i < N_ROWS; i++)
        row(data, &rows[i]);
}

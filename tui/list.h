/* A list of any length of which only the visible rows are built. The selection belongs
 * to an id, not to a row: when the table behind the list changes, the selected thing
 * stays selected, and stays on its row of the screen. */
#ifndef TUI_LIST_H
#define TUI_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tui/actions.h"

#define LIST_NONE UINT64_MAX /* nothing is selected */

/* The id of a row of the table. */
typedef uint64_t (*list_id_at)(const void *table, size_t row);

struct list {
    uint64_t id;     /* what is selected, LIST_NONE if nothing */
    size_t row;      /* the row it is on */
    size_t top;      /* the first visible row */
    size_t n;        /* rows of the table */
    int rows;        /* visible at the last list_fit() */
    bool can_follow; /* rows are added at the end: ACTIONS_LAST begins to follow */
    bool follow;     /* the last row stays selected while rows are added */
};

void list_init(struct list *l);

/* The table is now another one with `n` rows: finds the selection again. If its id is
 * gone, the row it was on (or the last one) is selected. */
void list_set(struct list *l, size_t n, list_id_at id_at, const void *table);

/* Selects a row, or the row with an id (false: there is none). */
void list_select_row(struct list *l, size_t row, list_id_at id_at, const void *table);
bool list_select_id(struct list *l, uint64_t id, list_id_at id_at, const void *table);

/* Moves for ACTIONS_UP, ACTIONS_PAGE_DOWN, ... False: not an action that moves. Moving
 * ends `follow`, ACTIONS_LAST begins it where the list can. */
bool list_move(struct list *l, enum actions_id action, list_id_at id_at,
               const void *table);

/* Before drawing into `rows` rows: scrolls so that the selection can be seen. Rows
 * l->top ... up to list_end(l) are to be drawn. */
void list_fit(struct list *l, int rows);
size_t list_end(const struct list *l);

/* "8/120" or "": for the border of a pane. `text` has room for LIST_WHERE_MAX. */
#define LIST_WHERE_MAX 48
void list_where(const struct list *l, char *text);

#endif

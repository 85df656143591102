/* A pane on a grid, over a session made by hand: for tests of single panes. */
#ifndef HARNESS_PANE_STAGE_H
#define HARNESS_PANE_STAGE_H

#include "tests/harness/session_build.h"
#include "tui/pane.h"
#include "tui/view.h"

struct pane_stage {
    struct session_build b;
    struct view view;
    const struct pane_ops *ops;
    void *self;
    struct grid grid;
    char asked[128]; /* the latest request to the app: "break 0:3", "hide m:f", ... */
};

/* A stage in ASCII with a session that holds nothing yet. */
void pane_stage_start(struct pane_stage *s, const struct pane_ops *ops);
void pane_stage_end(struct pane_stage *s);

/* Refreshes reader and pane; what the pane's refresh() said. */
bool pane_stage_refresh(struct pane_stage *s);

/* Draws, focused, and compares: each row without blanks at its end and with a newline;
 * empty rows at the end are left out. */
#define PANE_STAGE_SHOWS(s, cols, rows, want) \
    pane_stage_shows(s, cols, rows, want, __FILE__, __LINE__)
void pane_stage_shows(struct pane_stage *s, int cols, int rows, const char *want,
                      const char *file, int line);

/* The border's "title|note". */
void pane_stage_has_heading(struct pane_stage *s, const char *want);

/* An action, and a refresh behind it. */
unsigned pane_stage_act(struct pane_stage *s, enum actions_id action);

/* The style of a cell of the latest drawing, and its background. */
enum theme_style pane_stage_style(const struct pane_stage *s, int row, int col);
enum theme_style pane_stage_back(const struct pane_stage *s, int row, int col);

#endif

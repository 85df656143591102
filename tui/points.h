/* Breakpoints: keeps the view's list and the runner's in step. */
#ifndef TUI_POINTS_H
#define TUI_POINTS_H

#include <stdint.h>

#include "session/control.h"
#include "tui/view.h"
#include "tui/wire.h"

/* The first line of the file at or behind `line` that can run; 0 if there is none. */
uint32_t points_line(const struct view *v, files_id file, uint32_t line);

/* Sets one on that line. A file that is not loaded yet is set as it was typed. */
void points_set(struct wire *w, const char *path, uint32_t line);
void points_toggle(struct wire *w, files_id file, uint32_t line);
void points_clear(struct wire *w, const char *path, uint32_t line);
void points_clear_all(struct wire *w);

/* When files were loaded: those set before their file was there go to their line. */
void points_settle(struct wire *w);

/* The runner's CONTROL_BROKEN_AT. */
void points_note_set(struct wire *w, const struct control_msg *msg);

#endif

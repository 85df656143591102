/* Saving, and the ways out. */
#ifndef TUI_LEAVE_H
#define TUI_LEAVE_H

#include <stdbool.h>

#include "tui/desk.h"

/* Asks what to save: .cover files or the session. */
void leave_save(struct desk *d);

/* Writes, and says what was written or why nothing was. */
bool leave_write_cover(struct desk *d, const char *dir);
void leave_write_session(struct desk *d, const char *path);

/* Leaves, after a question where a program still runs or nothing was saved. */
void leave_quit(struct desk *d);

/* Leaves without a question. */
void leave_quit_now(struct desk *d);

/* The answer to a question of the above. */
void leave_answer(struct desk *d, int answer);

#endif

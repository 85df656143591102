/* What the actions do. */
#ifndef TUI_DEEDS_H
#define TUI_DEEDS_H

#include "tui/actions.h"
#include "tui/desk.h"

/* Does an action: the focused pane is asked first, then it is the screen's. */
void deeds_do(struct desk *d, enum actions_id action);

#endif

/* What the commands do. */
#ifndef TUI_ORDERS_H
#define TUI_ORDERS_H

#include "tui/desk.h"

/* Does what was typed behind the colon, or says why not. */
void orders_do(struct desk *d, const char *text);

#endif

/* The way to the program: sends, or says through the view why it cannot. */
#ifndef TUI_WIRE_H
#define TUI_WIRE_H

#include <stdbool.h>
#include <stdint.h>

#include "session/control.h"
#include "tui/view.h"

struct wire {
    struct view *view;
    int fd;            /* -1: nobody listens any more */
    bool is_recording; /* there is no program */
    bool is_over;      /* it has ended */
};

/* False, and said, when the program cannot be told. */
bool wire_send(struct wire *w, enum control_type type, uint32_t number,
               const char *text);

/* Whether another process is shown, which nobody can tell anything; says so. */
bool wire_is_elsewhere(const struct wire *w);

/* Whether it could be told. */
bool wire_is_up(const struct wire *w);

#endif

/* The first line of the screen: what runs, what it does, how fast, and what watching it
 * costs. */
#ifndef TUI_STATUS_H
#define TUI_STATUS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/mono.h"
#include "tui/banner.h"
#include "tui/grid.h"
#include "tui/view.h"

struct status {
    mono_ns counted_at; /* of this process's clock */
    uint64_t hits;      /* of all lines, then */
    uint64_t hits_per_s;
    double slow; /* times the program's own speed; 1 while unknown */
    char *script;
    const struct reader *reader; /* that was counted in */
};

/* `script` (copied) is what runs, as the user called it. */
void status_init(struct status *s, const char *script);
void status_release(struct status *s);

/* After reader_refresh(). Counts at most twice a second. True if lines ran since. */
bool status_update(struct status *s, const struct view *v, mono_ns now);

/* Draws into the part's first row. What matters least is left out where there is no
 * room. */
void status_draw(const struct status *s, const struct view *v,
                 const struct banner *text, const struct grid_part *part);

#endif

/* Frames that are suspended: generators at a yield, coroutines at an await. What is
 * known of one is put aside here until it goes on, under the address of its frame. */
#ifndef RUNNER_SUSPENDED_H
#define RUNNER_SUSPENDED_H

#include <stdbool.h>
#include <stdint.h>

#include "session/format.h"

struct suspended {
    const void *frame; /* NULL: free */
    codes_id code;
    nodes_id node; /* where it began */
    uint32_t task; /* as in struct sink_frame */
    uint64_t enter_ticks;
    uint64_t since_ticks;
    struct format_line *line; /* that it stands in, to go on with */
    lines_id line_id;
};

/* Keeps it. What was kept for the same frame before is forgotten: many generators are
 * dropped without an end, and another one gets their place in memory. Without memory
 * nothing is kept. */
void suspended_put(const struct suspended *s);

/* Takes out what was kept for a frame of that code. False: nothing was. */
bool suspended_take(const void *frame, codes_id code, struct suspended *out);

/* Calls back for all that is kept, for changes. */
void suspended_each(void (*each)(struct suspended *s, void *arg), void *arg);

/* Keeps nothing any more. */
void suspended_forget(void);

#endif

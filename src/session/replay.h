/* Reads the event log of a session, oldest event first, and keeps the stacks of all
 * threads as they were at that moment. What was overwritten meanwhile is skipped. */
#ifndef SESSION_REPLAY_H
#define SESSION_REPLAY_H

#include <stdbool.h>
#include <stdint.h>

#include "session/format.h"
#include "session/reader.h"

struct replay_event {
    enum format_event kind; /* none of those that only say thread or time */
    threads_id thread;
    uint64_t ticks;
    uint32_t site; /* lines_id or codes_id, unchecked */
};

struct replay_frame { /* both unchecked */
    codes_id code;
    lines_id line; /* FORMAT_NONE before its first line */
};

struct replay_stack {
    const struct replay_frame
        *frames; /* innermost last; borrowed until the next call */
    uint32_t n;
    uint32_t n_cut; /* further frames around them, which the log left out */
};

struct replay;

/* A replay of what the log has at this moment. Memory does not grow with the log. */
struct replay *replay_new(const struct reader *r);
void replay_free(struct replay *p);

/* The next event; the stacks are then as it left them. False: that was the last. */
bool replay_next(struct replay *p, struct replay_event *out);

/* Goes to the last chunk that began at or before that moment, or to the first. The next
 * event is then the first one in it. */
void replay_seek(struct replay *p, uint64_t ticks);

/* A thread's stack after the latest event. */
struct replay_stack replay_stack(const struct replay *p, threads_id thread);

/* Whether the latest event is one that begins where others were lost: the first of all,
 * unless the log has the whole run. */
bool replay_is_after_gap(const struct replay *p);

#endif

/* Listens to the front-end in a thread of its own, which never takes the GIL: messages
 * go into a queue, for the program's threads to take when they come by. */
#ifndef RUNNER_LISTENER_H
#define RUNNER_LISTENER_H

#include <stdatomic.h>
#include <stdbool.h>

#include "base/err.h"
#include "session/control.h"
#include "session/format.h"

struct listener_msg {
    struct listener_msg *next;
    struct control_msg msg;
};

/* Starts to listen. The descriptor is moved out of the way of the program. `header`
 * gets the clocks now and then, and the state when a pause is asked for. `told` is
 * called by the listening thread after each message. */
bool listener_start(int fd, struct format_header *header, void (*told)(void),
                    struct err *err);

/* Nonzero when there is something to take, or when the gate has set it for its own
 * ends. It orders nothing: what belongs to it is read under a mutex. */
extern _Atomic int listener_armed;

/* The oldest message, the caller's to free. NULL: there is none, or, if `wait`, there
 * will be none any more. */
struct listener_msg *listener_take(bool wait);

/* Sends an answer; does nothing when nobody is there. */
void listener_answer(enum control_type type, uint32_t number, const char *text);

/* Whether a front-end is there, or was and did not say that it goes. */
bool listener_is_on(void);

/* Sets the state of the run in the header. */
void listener_set_state(enum format_state state);

/* Disarms if there is nothing to take. */
void listener_disarm(void);

/* The thread does not live through a fork, and Python 3.12 warns of threads: it stops
 * before, goes on in the parent, and is gone in the child. */
void listener_before_fork(void);
void listener_after_fork_in_parent(void);
void listener_after_fork_in_child(void);

#endif

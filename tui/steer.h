/* The program at the other end: what it does, how it ended, and the messages that make
 * it stop, step and go on. Keeps the mode, the place where the program stands and the
 * breakpoints of the view. */
#ifndef TUI_STEER_H
#define TUI_STEER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/mono.h"
#include "session/control.h"
#include "tui/view.h"
#include "tui/wire.h"

#define STEER_MOVES 64 /* steps asked for faster than the program makes them */

enum steer_end { STEER_TERMINATE, STEER_KILL };

struct steer {
    struct view *view;
    struct wire wire; /* `is_over` when the process was waited for */
    pid_t pid;        /* 0: none */
    bool ready;       /* CONTROL_READY has come: the session can be opened */
    bool detached;    /* it goes on without us */
    int wait_status;
    bool waits;            /* for someone to type */
    uint32_t n_stops_seen; /* the header's `stop` */
    uint32_t n_files_seen;
    bool moving; /* was told to go on, and has not stopped since */
    enum control_type moves[STEER_MOVES]; /* to be told at the next stops */
    size_t n_moves;
    enum control_type again; /* a step that is to be repeated, */
    uint32_t n_again;        /* so many times */
    mono_ns kill_at;         /* when a program that was asked to end is killed; 0 */
};

/* `pid` may be 0, `control_fd` -1. */
void steer_init(struct steer *s, struct view *view, int control_fd, pid_t pid);

/* Takes what the runner sent. True if something came. */
bool steer_receive(struct steer *s);

/* After reader_refresh(), and whenever something else came: what has changed? The
 * view's mode, the place where the program stands, and at a new stop the cursor. True
 * if there is something new to draw. */
bool steer_look(struct steer *s);

/* The view shows another process now: it is looked at anew. */
void steer_look_again(struct steer *s);

/* Waits for the process without blocking: true once, when it is over. */
bool steer_reap(struct steer *s);

/* Kills what was asked to end and did not. Call it at `kill_at`. */
void steer_tick(struct steer *s, mono_ns now);

/* Whether it looks whether the program waits for input; asks the kernel. True if the
 * answer is another one than before. */
bool steer_look_for_input(struct steer *s);

/* What keys ask for. What cannot be is said through the view. */
void steer_step(struct steer *s, enum control_type type, uint32_t times);
void steer_run(struct steer *s);
void steer_pause(struct steer *s);
void steer_pause_or_run(struct steer *s);
void steer_until(struct steer *s, const char *path, uint32_t line);
void steer_hide(struct steer *s, const char *rule);

/* Takes a hide back (NULL: the latest); a rule that hid nothing is included. */
void steer_unhide(struct steer *s, const char *rule);

/* Asks the program to end, or kills it; its process group, too. */
void steer_end(struct steer *s, enum steer_end how);

/* Lets it go on untraced. */
void steer_detach(struct steer *s);

/* The program stands still as a whole while our terminal is suspended. */
void steer_suspend(struct steer *s, bool suspended);

/* Whether there is a program that has not ended. */
bool steer_is_alive(const struct steer *s);

/* The stop that an exception left when it ended the program; FORMAT_NONE if none did.
 * And the innermost of its frames that was traced: exceptions may come from below. */
uint32_t steer_raised(const struct reader *r);
uint32_t steer_own_frame(const struct reader *r, const struct format_stop *stop);

#endif

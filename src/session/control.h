/* The control channel between the front-end and the runner: a socket pair with message
 * boundaries. What is not here goes through the session file. */
#ifndef SESSION_CONTROL_H
#define SESSION_CONTROL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

#define CONTROL_TEXT_MAX 4096u

enum control_type {
    /* from the front-end */
    CONTROL_PAUSE = 1,
    CONTROL_RUN,     /* go on until something else stops it */
    CONTROL_INTO,    /* to the next line, in whatever function */
    CONTROL_OVER,    /* to the next line of this frame, or of its caller */
    CONTROL_OUT,     /* until this frame has returned */
    CONTROL_UNTIL,   /* to line `number` of file `text`, once */
    CONTROL_BREAK,   /* breakpoint on line `number` of file `text` */
    CONTROL_CLEAR,   /* takes it away */
    CONTROL_EXCLUDE, /* rule `text` (session/scope.h): leaves code out from now on */
    CONTROL_INCLUDE, /* takes the exclude rule `text` back; where there is none,
                        includes what `text` takes */
    CONTROL_DETACH,  /* the front-end goes; the program may run on without us */

    /* from the runner */
    CONTROL_READY = 64, /* the session file can be opened */
    CONTROL_STOPPED,    /* `number` is the index of the stop */
    CONTROL_RUNNING,
    CONTROL_BROKEN_AT, /* the breakpoint on file `text` is set on line `number` */
    CONTROL_INCLUDED,  /* by rule `text`; `number` functions that were loaded without
                          being watched will be from their next call on */
    CONTROL_REFUSED,   /* `text` says why the last request cannot be */
};

struct control_msg {
    uint32_t type;
    uint32_t number;
    char text[CONTROL_TEXT_MAX]; /* NUL-terminated after control_recv() */
};

/* A connected pair, close-on-exec, in ends[0] and ends[1]. */
bool control_pair(int ends[2], struct err *err);

/* Sends one message; `text` may be NULL. Never blocks for long and raises no SIGPIPE:
 * false when the other side is gone or `text` is too long. */
bool control_send(int fd, enum control_type type, uint32_t number, const char *text);

/* Receives one. 1: got one; 0: nothing there now (`fd` non-blocking); -1: the other
 * side is gone or sent something that is no message. */
int control_recv(int fd, struct control_msg *msg);

#endif

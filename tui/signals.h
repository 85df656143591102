/* Signals as bytes on a pipe, for the loop to read. */
#ifndef TUI_SIGNALS_H
#define TUI_SIGNALS_H

#include <stdbool.h>

#include "base/err.h"

/* What has come. */
enum signals_bit {
    SIGNALS_RESIZE = 1,
    SIGNALS_CHILD = 2,
    SIGNALS_END = 4,       /* SIGTERM, SIGHUP */
    SIGNALS_INTERRUPT = 8, /* SIGINT */
    SIGNALS_SUSPEND = 16,  /* SIGTSTP */
    SIGNALS_CONTINUE = 32, /* SIGCONT */
};

/* Takes the signals over; call it after tty_open(), since curses wants some, too. */
bool signals_open(struct err *err);

/* Gives them back as they were. */
void signals_close(void);

/* For poll(). */
int signals_fd(void);

/* Those that came since the last call. */
unsigned signals_take(void);

/* Stops this process as SIGTSTP does, until SIGCONT. */
void signals_stop_self(void);

#endif

/* The terminal: keys in, cells out. The only file that knows curses. There is one
 * terminal, so its state is global here and nowhere else. */
#ifndef TUI_TTY_H
#define TUI_TTY_H

#include <stdbool.h>

#include "base/err.h"
#include "tui/grid.h"
#include "tui/keys.h"
#include "tui/theme.h"

struct tty_options {
    const struct theme *theme;
    bool mono; /* no colours, whatever the terminal has */
};

/* Takes the terminal: stdin and stdout, or /dev/tty where one of them is not a
 * terminal. An unset or unknown TERM is taken for an xterm. False: there is no
 * terminal, or it cannot move its cursor. On every way out of the program, a crash
 * included, the terminal gets back what it had. */
bool tty_open(const struct tty_options *options, struct err *err);
void tty_close(void); /* also when it is not open */

/* Where keys come from, for poll(). */
int tty_fd(void);

/* The next key; false when none is waiting. */
bool tty_read(keys_code *key);

/* The size now; asks the kernel, so call tty_resize() after SIGWINCH first. */
int tty_rows(void);
int tty_cols(void);
void tty_resize(void);

/* Shows the grid; only what differs from the last one is sent. The cursor stands at
 * `row` and `col`, or is hidden where `row` is negative. */
void tty_show(const struct grid *g, int row, int col);

/* Sends everything anew with the next tty_show(). */
void tty_redraw(void);

/* Gives the terminal back for a while, and takes it again. */
void tty_suspend(void);
void tty_resume(void);

#endif

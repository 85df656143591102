/* A program on a pseudo-terminal, with the screen a person would see. Tests type keys,
 * wait until something stands on the screen, and read it. Nothing here sleeps: a wait
 * ends when what it waits for is there, and fails at its time limit. */
#ifndef HARNESS_TERMINAL_H
#define HARNESS_TERMINAL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <termios.h>

#include "tests/harness/display.h"

struct terminal;

/* The limit for what should happen at once, on a machine with other work. */
#define TERMINAL_PATIENCE_MS 15000

struct terminal_setup {
    const char *const *argv; /* ends with NULL; argv[0] is looked for in PATH */
    /* "NAME=value" sets, "NAME" unsets; on top of the fixed environment: a colour
     * terminal of UTF-8, no pager, no NO_COLOR. Ends with NULL; may be NULL. */
    const char *const *env;
    const char *dir; /* working directory; NULL: this one */
    int rows, cols;
    const char *input;  /* a file as standard input instead of the terminal; or NULL */
    const char *output; /* a file as standard output (created); or NULL */
};

/* Never NULL: a program that cannot be started says so on the screen and exits 127. */
struct terminal *terminal_open(const struct terminal_setup *setup);

/* Kills the program if it still runs. */
void terminal_close(struct terminal *t);

pid_t terminal_pid(const struct terminal *t);
struct display *terminal_display(const struct terminal *t);

/* Types keys as display_press() reads them. */
void terminal_type(struct terminal *t, const char *keys);

/* Changes the size of the terminal under the program. */
void terminal_resize(struct terminal *t, int rows, int cols);

/* Takes the terminal away, as when its window is closed. */
void terminal_hang_up(struct terminal *t);

/* Waits until `text` stands in one row (or, gone: in none). */
bool terminal_wait(struct terminal *t, const char *text, int limit_ms);
bool terminal_wait_gone(struct terminal *t, const char *text, int limit_ms);

/* Waits until `holds` says so. It is asked again after each piece of output. */
typedef bool (*terminal_condition)(struct display *s, void *arg);
bool terminal_wait_until(struct terminal *t, terminal_condition holds, void *arg,
                         int limit_ms);

/* Waits for the end of the program; `*status` is as waitpid() gives it. */
bool terminal_wait_exit(struct terminal *t, int *status, int limit_ms);

/* Takes in output for `ms` milliseconds, for tests that count what comes. */
void terminal_watch(struct terminal *t, int ms);

/* The terminal's settings; two of them can be compared whole with memcmp(). */
void terminal_settings(const struct terminal *t, struct termios *settings);

uint64_t terminal_n_bytes(const struct terminal *t); /* received so far */

#endif

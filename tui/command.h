/* The commands behind `:`: one table for their names, their help and what they need.
 * Reads the text; the doing is the caller's. */
#ifndef TUI_COMMAND_H
#define TUI_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "tui/actions.h"

enum command_id {
    COMMAND_ACTION, /* does what a key does: `row->action` */
    COMMAND_STEPS,  /* that, and as often as the argument says */
    COMMAND_BREAK,
    COMMAND_CLEAR,
    COMMAND_UNTIL,
    COMMAND_OPEN,
    COMMAND_FILTER,
    COMMAND_WRITE,
    COMMAND_SAVE,
    COMMAND_SET,
    COMMAND_PROCESS,
    COMMAND_LINE, /* a number alone */
};

struct command_row {
    const char *name;
    enum command_id id;
    enum actions_id action;
    const char *usage; /* of its argument; "" takes none, "[...]" may do without */
    const char *help;
};

struct command {
    const struct command_row *row;
    char arg[1024]; /* "" for none */
};

/* Reads a command. A name may be cut short where it stays the only one. False: unknown
 * (`err` has the nearest), or an argument too many or too few. */
bool command_parse(const char *text, struct command *c, struct err *err);

/* Appends to `out` what all commands that begin with `text` have in common; `text`
 * itself when there is none. */
void command_complete(const char *text, struct buf *out);

/* Calls `row` for every command. */
void command_each(void (*row)(void *data, const struct command_row *row), void *data);

/* "FILE:LINE" or "LINE" (`path` is "" then). */
struct command_place {
    char path[1024];
    uint32_t line;
};
bool command_place(const char *arg, struct command_place *place, struct err *err);

/* A number of at least 1; `arg` may be "", which is 1. */
bool command_number(const char *arg, uint32_t *number, struct err *err);

#endif

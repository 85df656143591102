/* The two tables of a code object, as CPython packs them: where each unit of code
 * stands in the source (co_linetable), and which ranges have an exception handler
 * (co_exceptiontable). A unit is two bytes of code. */
#ifndef RUNNER_BYTECODE_TABLES_H
#define RUNNER_BYTECODE_TABLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct bytecode_tables_place {
    int line; /* -1: none */
    int end_line;
    int col; /* in bytes from 0; -1: none */
    int end_col;
};

/* Reads the location table from front to back. */
struct bytecode_tables_places {
    const uint8_t *at, *end;
    int line;
    size_t unit; /* the first one behind what was read */
    struct bytecode_tables_place place;
};

void bytecode_tables_places(struct bytecode_tables_places *it, const uint8_t *table,
                            size_t len, int first_line);

/* Goes on to the entry that holds `unit` and leaves its place in `it->place`; units
 * behind the table's end have none. Ask for rising units. False: the table is broken.
 */
bool bytecode_tables_find_place(struct bytecode_tables_places *it, size_t unit,
                                struct err *err);

struct bytecode_tables_range { /* in units */
    uint32_t first, len, handler;
    uint32_t depth; /* of the stack that the handler starts from */
    bool lasti;     /* whether it gets the place of the raise, too */
};

/* Takes the entry at `*at` and moves on. False: broken. */
bool bytecode_tables_next_range(const uint8_t **at, const uint8_t *end,
                                struct bytecode_tables_range *range, struct err *err);

/* A table that is being written. Zeroed memory is an empty one; the bytes are malloc's.
 */
struct bytecode_tables_out {
    uint8_t *data;
    size_t len, cap;
    bool is_lost; /* there was no memory: what was added then is missing */
};

/* No entry of the location table holds more; more units get more entries. */
#define BYTECODE_TABLES_ENTRY_UNITS 8

/* `*line` is the line of the entry before, at first co_firstlineno. */
void bytecode_tables_add_place(struct bytecode_tables_out *out,
                               const struct bytecode_tables_place *place, size_t units,
                               int *line);
void bytecode_tables_add_range(struct bytecode_tables_out *out,
                               const struct bytecode_tables_range *range);

#endif

/* The table of options. Two forms share it. One is ttrace's own; its short options are
 * those of `python`. The other, begun by an option of `python -m trace` that says what
 * to do (--count), has the short options of `trace`: so -c, -m and -s have two rows
 * each, the one of `python` first. */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

enum options_form {
    OPTIONS_WATCH = 1,
    OPTIONS_TRACE = 2,
    OPTIONS_BOTH = OPTIONS_WATCH | OPTIONS_TRACE
};

enum options_kind {
    OPTIONS_HEADING, /* of a part of the help; no option */
    OPTIONS_ACTION,  /* value: enum argv_action */
    OPTIONS_FLAG,    /* value: enum argv_flag */
    OPTIONS_TEXT,    /* offset: of a const char * in struct argv */
    OPTIONS_WORD,    /* offset: of a struct texts in struct argv */
    OPTIONS_SETTING, /* setting: its name */
    OPTIONS_PASSED,  /* to python, before the script */
    OPTIONS_PROGRAM, /* begins what runs, as for python */
    OPTIONS_TRACED,  /* an option of trace, which the runner's Python reads */
};

struct options_row {
    const char *name; /* the long option, without its dashes, or NULL */
    const char *arg;  /* what its value is called, or "a|b|c"; NULL: it has none */
    const char *help; /* NULL: not in the help */
    const char *setting;
    bool (*check)(const char *arg, const char *text); /* of a value; NULL: any */
    size_t offset;
    unsigned value;
    enum options_kind kind;
    enum options_form form;
    char letter; /* the short option, or 0 */
};

/* All rows, in the order of the help; `*n` of them. */
const struct options_row *options_table(size_t *n);

/* The first row with that letter in one of the forms; NULL if there is none. */
const struct options_row *options_by_letter(char letter, unsigned forms);

/* The row whose name is the `len` bytes at `name`, or the only one whose name begins
 * with them; NULL otherwise: `names`, if not NULL, then gets those it could be. */
const struct options_row *options_by_name(const char *name, size_t len,
                                          struct buf *names);

#endif

/* What is to be done with the counts of a run in the form of `python -m trace`: the
 * runner, whose Python has read the options, writes it into the session's header, and
 * the front-end, which is there however the program ends, does it. As text it is a word
 * for each flag and "name=value" for each other field, a NUL behind each. */
#ifndef SESSION_REQUEST_H
#define SESSION_REQUEST_H

#include <stddef.h>

enum request_flag {
    REQUEST_COUNT = 1, /* lines are counted: write .cover files */
    REQUEST_FUNCTIONS = 2,
    REQUEST_CALLERS = 4,
    REQUEST_MISSING = 8, /* mark lines that could have run */
    REQUEST_SUMMARY = 16,
    REQUEST_QUIET = 32, /* only the counts file is written */
};

struct request {
    unsigned flags;        /* enum request_flag */
    const char *cover_dir; /* NULL: beside each source */
    const char *counts;    /* a file to add and to write; NULL: none */
    const char *tracer;    /* the file that `trace` names as the first caller's */
};

/* The text is borrowed and ends with a NUL; unknown words are passed over. */
struct request request_parse(const char *text, size_t len);

#endif

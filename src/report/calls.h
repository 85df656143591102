/* Who was called, and by whom, in the words of `trace`: a function is its file, its
 * module and its name, and however many code objects have the same three, it is one. */
#ifndef REPORT_CALLS_H
#define REPORT_CALLS_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "session/reader.h"

struct calls_function {
    const char *file; /* co_filename; borrowed from the reader */
    char *module;     /* that file's name without folder and extension */
    char *name;       /* with the class in front, where one was found */
};

struct calls_pair {
    uint32_t caller, callee; /* functions */
};

struct calls { /* zeroed memory has none */
    struct calls_function *functions;
    size_t n_functions, functions_cap;
    uint32_t *called; /* functions that are listed as such, in order */
    size_t n_called, called_cap;
    struct calls_pair *pairs; /* in order */
    size_t n_pairs, pairs_cap;
};

enum calls_what {
    CALLS_FUNCTIONS, /* of all nodes */
    CALLS_PAIRS,     /* of all nodes and those they are below */
    CALLS_FILED, /* what a counts file said: a node at the top is a function, another a
                    pair with the one above it */
};

/* Adds what a session has; the reader must outlive it. A main thread's first call came
 * from `tracer`, which `trace` says of itself. */
void calls_add(struct calls *c, const struct reader *r, enum calls_what what,
               const struct calls_function *tracer);

/* Brings all into order, each once. */
void calls_sort(struct calls *c);
void calls_release(struct calls *c);

/* Appends what --listfuncs and --trackcalls print. */
void calls_print_functions(const struct calls *c, struct buf *out);
void calls_print_pairs(const struct calls *c, struct buf *out);

#endif

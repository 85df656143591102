/* Values as text, read by our own code from the objects of builtin types: no __repr__,
 * no property, no user code runs, and size and depth are bounded. */
#ifndef RUNNER_VALUES_H
#define RUNNER_VALUES_H

#include "runner/py.h"

#include <stdbool.h>
#include <stddef.h>

enum { VALUES_TEXT_MAX = 1000 };

struct values_text {
    char data[VALUES_TEXT_MAX + 1]; /* UTF-8; lone surrogates and controls as escapes */
    size_t len;
    bool cut;    /* not all of it */
    bool opaque; /* the outermost object is of no builtin type: the text is its type */
};

/* Writes the value. Leaves no exception behind. */
void values_write(struct values_text *out, PyObject *value);

/* Whether a variable of this name is not to be shown (password, token, secret, ...). */
bool values_is_secret(const char *name);

#endif

/* Programs that the traced one starts. A Python among them is to be run by a runner,
 * too: it finds how in its environment. The program itself sees nothing of that in
 * os.environ. */
#ifndef RUNNER_FOLLOW_H
#define RUNNER_FOLLOW_H

#include "runner/py.h"

#include <stdbool.h>

#include "session/format.h"

struct follow_options {
    struct format_header *header; /* of the session; marked where the program gives its
                                     place to another */
    const char *words;  /* options for the runners of children, a newline behind each;
                           NULL: nobody is followed */
    const char *python; /* what sys.executable says; NULL: not known */
};

/* To be called first. Takes out of the environment what a parent left there for us. If
 * one of the arguments is --child, returns them with the parent's words in front, else
 * as they are. */
char **follow_take(int *argc, char **argv);

/* Leaves the same for children, now that the interpreter has read its environment. */
void follow_start(const struct follow_options *options);

/* In a child after fork(), whose children come from it. */
void follow_after_fork(void);

/* Becomes the plain interpreter, which this runner does not fit. Returns only if that
 * fails. */
void follow_give_up(const char *python, char **argv);

#endif

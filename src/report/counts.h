/* The counts file of `trace`: a pickle of three dicts, hits by (file, line), functions
 * called, and pairs of caller and callee. It is written here; a Python reads it
 * (runner/counts.c), since what it names has to be compiled, too. */
#ifndef REPORT_COUNTS_H
#define REPORT_COUNTS_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "report/calls.h"
#include "report/merge.h"

/* Appends the pickle; `calls` must be sorted. */
void counts_pickle(const struct merge *m, const struct calls *calls, struct buf *out);

/* Writes it, where there is a file already in its place. `err` gets the sentence in
 * Python's words for what an OSError says. */
bool counts_write(const char *path, const struct merge *m, const struct calls *calls,
                  struct err *err);

#endif

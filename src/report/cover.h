/* .cover files, byte for byte what `python -m trace --count` of the session's Python
 * version writes, and its summary. */
#ifndef REPORT_COVER_H
#define REPORT_COVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "report/source.h"
#include "session/reader.h"

enum cover_flag {
    COVER_MISSING = 1, /* mark the lines that could have run and did not */
    COVER_SUMMARY = 2,
};

struct cover_options {
    const char *dir; /* made if it is not there; NULL: beside each source */
    unsigned flags;  /* enum cover_flag */
};

struct cover_result {
    uint32_t n_written;
    uint32_t n_skipped;
    struct buf summary; /* the table, "" without COVER_SUMMARY */
    struct buf notes;   /* a sentence a line: what was skipped, and why */
};

void cover_result_release(struct cover_result *result);

/* Writes a file for each source that ran in one of the sessions, with the sums of their
 * counts. The first one's names come first. False: nothing can be written at all. A
 * single file that cannot be is noted and skipped. `result` is to be released in any
 * case. */
bool cover_write(struct reader *const *readers, size_t n, const struct cover_options *o,
                 struct cover_result *result, struct err *err);

/* Calls back for each file that such a .cover is written for but whose own body was not
 * seen, since it had been loaded before: not all its lines are known, as COVER_MISSING
 * needs them. */
void cover_each_partial(struct reader *const *readers, size_t n,
                        void (*each)(void *arg, const char *path), void *arg);

/* Appends the bytes of one file's .cover; the source must have been read to its end.
 * Returns what the summary would count. */
struct source_count cover_print(const struct reader *r, const struct source *s,
                                unsigned flags, struct buf *out);

/* Appends the name of a source's .cover, without folder: `trace`'s _fullmodname() of
 * the path by the session's sys.path (NULL: of none), or its _modname() when it goes
 * beside the source.
 */
void cover_name(const struct reader *r, const char *path, bool beside, struct buf *out);

#endif

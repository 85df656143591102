/* The files of several sessions, those of a process and its children, with each file
 * once: a child may know by its absolute path what its parent knows by a relative one.
 */
#ifndef REPORT_MERGE_H
#define REPORT_MERGE_H

#include <stddef.h>

#include "session/reader.h"

struct merge_part {
    const struct reader *reader;
    files_id file;
};

struct merge_file {
    char *path;               /* absolute */
    struct merge_part *parts; /* the first session's in front */
    size_t n;
    size_t cap;
};

struct merge {
    struct merge_file *files; /* those of the first session in their order, then what
                                 the second has besides, ... */
    size_t n;
    size_t cap;
};

/* Takes the files of all sessions. Files of one session stay apart in any case. To be
 * released before the readers are closed. */
void merge_make(struct merge *m, struct reader *const *readers, size_t n);
void merge_release(struct merge *m);

#endif

/* The sessions of one run. A process that came from the one that was started counts
 * into a session of its own, which lies beside the first under its name with the
 * process id behind: "run.ttrace.4711", then "run.ttrace.4711-2" where an id comes
 * again, as it does with exec() (writer_add_name()). */
#ifndef SESSION_FAMILY_H
#define SESSION_FAMILY_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"
#include "session/reader.h"

struct family {
    char **paths; /* in the order of the ids */
    size_t n;
    size_t cap;
};

/* Finds the sessions that lie beside `path`, by their names and first bytes; those of a
 * live run may still be in the making. To be released. */
void family_find(struct family *f, const char *path);
void family_release(struct family *f);

/* The process id in the name of one of them. */
pid_t family_pid(const char *member, const char *path);

/* The first session and the others, opened. A session that cannot be is left out, but
 * for the first: then nothing is open. */
struct family_readers {
    struct reader **at;
    size_t n;
    size_t cap;
};
bool family_open(struct family_readers *f, const char *path, enum reader_how how,
                 struct err *err);
void family_close(struct family_readers *f);

/* Appends a line for each reason why processes of a live run were not watched. The
 * runners leave them beside the sessions ("run.ttrace.missed"). */
void family_add_missed(struct buf *out, const char *path);

/* Saves the session that `reader` has open, and those that lie beside `path`, under the
 * name `to`; what lay beside that before is taken away. False: not all could be saved.
 */
bool family_save(const struct reader *reader, const char *path, const char *to,
                 struct err *err);

#endif

/* Writes a session. One thread at a time may call in (the runner's callers hold the
 * GIL); readers need no lock. Nothing here ends the program: what cannot be written is
 * dropped, and counted in the header. Memory comes from malloc() and may run out, which
 * is a drop, too. */
#ifndef SESSION_WRITER_H
#define SESSION_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"
#include "session/format.h"

struct writer;

/* Creates the file (which must not exist; mode 0600), maps it at its full reserve and
 * fills in what does not depend on the run: magic, sizes, section table. The mapping
 * never moves. False: no such folder, no space, `path` is taken. */
bool writer_open(struct writer **out, const char *path, struct err *err);

/* The same with room for this many records of each section (bytes, for STRINGS). */
bool writer_open_limited(struct writer **out, const char *path,
                         const uint64_t limits[FORMAT_N_SECTIONS], struct err *err);

/* Takes the mapping away and frees the writer. The file stays. Only for tests and for a
 * run that never started: a runner keeps its session mapped until it is gone. */
void writer_close(struct writer *w);

/* The header, to be filled in. */
struct format_header *writer_header(struct writer *w);

/* Makes room for `n` zeroed records side by side and returns the index of the first, or
 * FORMAT_NONE (dropped and counted). `*records`, if not NULL, gets their place, which
 * is theirs for ever. Readers do not see them before writer_publish(). */
uint32_t writer_add(struct writer *w, enum format_section section, uint32_t n,
                    void **records);

/* Shows readers all records added to the section so far. Publish what a record refers
 * to before the record. */
void writer_publish(struct writer *w, enum format_section section);

/* Takes the last `n` records of a section back, which must not have been published, and
 * zeroes them. */
void writer_take_back(struct writer *w, enum format_section section, uint32_t n);

/* The place of a record that was added. `id` must be below what was added. */
void *writer_record(struct writer *w, enum format_section section, uint32_t id);

/* The number of records added to a section, published or not. */
uint32_t writer_count(const struct writer *w, enum format_section section);

/* The id of a string, which is added and published at its first use. 0 where it had to
 * be dropped. At most WRITER_STRING_MAX bytes are kept. */
#define WRITER_STRING_MAX (64u << 20)
strings_id writer_string(struct writer *w, const char *bytes, size_t len);

/* Appends a name that is free for the session of a process that came from the one whose
 * session is `path`: "path.PID", then "path.PID-2", ... (session/family.h). */
void writer_add_name(struct buf *out, const char *path, pid_t pid);

/* In a child after fork(): gives the child a session of its own at `path`, a copy of
 * the parent's with all counters at zero and without its stops, mapped at the same
 * address, so that every pointer into the mapping now means the child's. The clocks,
 * and which thread goes on, are the caller's to set. When that fails, memory that
 * belongs to nobody is mapped there instead and nothing more can be added: the child
 * runs on, untraced, and the parent's session is left alone in any case. */
bool writer_fork(struct writer *w, const char *path, struct err *err);

/* In a child after fork(): the memory that belongs to nobody, and no file. */
void writer_forget(struct writer *w);

#endif

/* Sessions made by hand, for tests of what shows them: a scratch folder with one
 * session in it, a writer that fills it and a reader that sees what was filled in.
 * Ticks are nanoseconds. Everything that fails ends the test. */
#ifndef HARNESS_SESSION_BUILD_H
#define HARNESS_SESSION_BUILD_H

#include <stdbool.h>
#include <stdint.h>

#include "session/reader.h"
#include "session/writer.h"

struct session_build {
    char dir[256]; /* also the program's cwd and its only sys.path entry */
    struct writer *writer;
    struct reader *reader;
};

/* A session that runs, in every mode, under Python `version`: node 0, the thread
 * "MainThread" with node 1. */
void session_build_start(struct session_build *b, const char *version);
void session_build_end(struct session_build *b); /* removes the folder, too */

strings_id session_build_string(struct session_build *b, const char *text);

/* A file with its source (NULL: without); a name without "/" is put into `dir`. */
files_id session_build_file(struct session_build *b, const char *path,
                            const char *source);
files_id session_build_file_n(struct session_build *b, const char *path,
                              const char *source, size_t len);
codes_id session_build_code(struct session_build *b, files_id file, const char *name,
                            uint32_t first_line);
lines_id session_build_line(struct session_build *b, codes_id code, uint32_t line,
                            uint64_t hits, uint64_t self_ns);
nodes_id session_build_node(struct session_build *b, nodes_id parent, codes_id code,
                            uint64_t calls, uint64_t self_ns);

/* The records, to be changed. */
struct format_thread *session_build_thread(struct session_build *b, threads_id id);
struct format_code *session_build_code_of(struct session_build *b, codes_id id);

/* Another thread: its id; its root node follows the last one. */
threads_id session_build_add_thread(struct session_build *b, const char *name);

struct session_build_value {
    const char *name;
    const char *text;
    unsigned flags;
};

/* A stop of the main thread with one frame; the program is paused. */
void session_build_stop(struct session_build *b, codes_id code, uint32_t line,
                        const struct session_build_value *values, uint32_t n);

/* The program ends. */
void session_build_exit(struct session_build *b, int status);

/* The reader, refreshed. */
struct reader *session_build_read(struct session_build *b);

#endif

/* What is run, by which interpreter, from where: the words in the session's header, and
 * the names of threads and tasks. */
#ifndef RUNNER_ORIGIN_H
#define RUNNER_ORIGIN_H

#include "runner/py.h"

#include <stdbool.h>
#include <stddef.h>

#include "session/writer.h"

/* Fills in the header; `argv` are Python's own arguments, up to a NULL. */
void origin_write(struct writer *w, const char *engine, const char *why,
                  char *const *argv);

/* Notes when the process began: now. */
void origin_note_start(struct writer *w);

/* Notes sys.path as it is now: the script's folder comes late, and programs change it.
 */
void origin_note_paths(struct writer *w);

/* The folder of the standard library; "" if the interpreter does not say. */
const char *origin_stdlib(void);

/* The name that the program gave the calling thread, read from threading's own table
 * without running code of it. */
void origin_thread(char *out, size_t size);

/* The task of asyncio that the calling thread runs, and its name; for a task of
 * asyncio's own type, without running code of the program. False: there is none. */
bool origin_task(const void **identity, char *out, size_t size);

#endif

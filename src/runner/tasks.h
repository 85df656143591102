/* The tasks of asyncio, as records of the session. A task is known by its outermost
 * watched coroutine: when that goes on the task runs, when it awaits the task waits. */
#ifndef RUNNER_TASKS_H
#define RUNNER_TASKS_H

#include <stdbool.h>
#include <stddef.h>

#include "session/format.h"
#include "session/writer.h"

#define TASKS_NONE UINT32_MAX
#define TASKS_UNKNOWN                                              \
    (UINT32_MAX - 1) /* a coroutine that may be a task's outermost \
                      */

/* Says which task the calling thread runs: an identity, and the name, NUL-terminated.
 * False: none. */
typedef bool (*tasks_current_fn)(const void **identity, char *name, size_t size);

void tasks_start(struct writer *writer, tasks_current_fn current);

/* In a forked child, whose session has no tasks yet: forgets them. */
void tasks_forget(void);

/* The record of the task that the calling thread runs, of which `code`, at `node`, is
 * the outermost coroutine; TASKS_NONE if there is none, or no room. */
uint32_t tasks_find(codes_id code, nodes_id node, threads_id thread, uint64_t now);

/* A task goes on, waits or ends. */
void tasks_run(uint32_t task, uint64_t now);
void tasks_wait(uint32_t task, uint64_t now);
void tasks_end(uint32_t task, uint64_t now);

/* A coroutine of a task that runs awaits in this line; the innermost one comes first,
 * and that is where the task waits. */
void tasks_note_line(uint32_t task, lines_id line);

#endif

/* Reads a session: live, from the mapping the runner writes to, or saved. The file may
 * come from a stranger: nothing in it is believed before it is checked, and every
 * getter answers with something harmless where the file is wrong. */
#ifndef SESSION_READER_H
#define SESSION_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "session/format.h"

struct reader;

/* Opens a session. A live one (written to by a running program) is mapped and grows
 * under the reader; READER_COPY reads a saved file into private memory instead, so that
 * nobody can change or shrink it afterwards. False: not a session, or one of another
 * version, cut short, or with a broken table; `err` names the file and the offset. */
enum reader_how { READER_LIVE, READER_COPY };
bool reader_open(struct reader **out, const char *path, enum reader_how how,
                 struct err *err);
void reader_close(struct reader *r);

/* The same for bytes that are in memory already and stay there until reader_close(): a
 * writer's mapping, in tests. They are treated as live. `bytes` is aligned for a
 * uint64_t. */
bool reader_open_memory(struct reader **out, const void *bytes, size_t size,
                        struct err *err);

/* Whether `path` is a regular file that begins as a session does. */
bool reader_is_session(const char *path);

/* Takes note of what was published since the last call; all getters below answer for
 * that moment (counters excepted, they are always fresh; but the hits of lines are of
 * that moment, too, where they have to be added up). True if records came. */
bool reader_refresh(struct reader *r);

const struct format_header *reader_header(const struct reader *r);

/* Records seen by the last refresh; none of TERMS and PLACES, which are in the lines'
 * hits already. */
uint32_t reader_count(const struct reader *r, enum format_section section);

/* A record; NULL when `id` is not below the count. Fields of it that are ids must be
 * handed to a getter, which checks them. A node is NULL as well unless its parent comes
 * before it, so that following parents ends; a stop or a frame, unless all its frames
 * or values are there, so that counting through them ends. */
const struct format_file *reader_file(const struct reader *r, files_id id);
const struct format_code *reader_code(const struct reader *r, codes_id id);
const struct format_line *reader_line(const struct reader *r, lines_id id);
const struct format_node *reader_node(const struct reader *r, nodes_id id);
const struct format_thread *reader_thread(const struct reader *r, threads_id id);
const struct format_stop *reader_stop(const struct reader *r, uint32_t id);
const struct format_frame *reader_frame(const struct reader *r, uint32_t id);
const struct format_value *reader_value(const struct reader *r, uint32_t id);
const struct format_rule *reader_rule(const struct reader *r, uint32_t id);
const struct format_timing *reader_timing(const struct reader *r, uint32_t id);
const struct format_task *reader_task(const struct reader *r, uint32_t id);

const struct format_error *reader_error(const struct reader *r, uint32_t id);

/* Copies a chunk of the event log. False: there is no such one, it is being begun anew
 * just now, or its head makes no sense. */
bool reader_chunk(const struct reader *r, uint32_t id, struct format_chunk *out);

/* The same without the words, which are left alone in `out`. */
bool reader_chunk_head(const struct reader *r, uint32_t id, struct format_chunk *out);

/* The records of a section as they lie there, `*size` bytes; none of CHUNKS. */
const void *reader_bytes(const struct reader *r, enum format_section section,
                         size_t *size);

/* The bytes of a string, NUL-terminated; "" for a bad id. They are raw: show them
 * through utf8_show() only. `len` may be NULL. Borrowed until reader_close(). */
const char *reader_string(const struct reader *r, strings_id id, size_t *len);

/* The line records of a file, sorted by line number; `*n` of them. Borrowed until the
 * next reader_refresh(). */
const lines_id *reader_lines(const struct reader *r, files_id file, uint32_t *n);

/* The line record for a line of a file, or FORMAT_NONE. */
lines_id reader_find_line(const struct reader *r, files_id file, uint32_t line);

/* Ticks as nanoseconds, by the header's two clock readings; for a live session, whose
 * second one may be old, by a reading of this process. Where there is none, ticks are
 * nanoseconds. */
uint64_t reader_ns(const struct reader *r, uint64_t ticks);

/* The moment of the last refresh in the session's ticks, which stand still while the
 * program is paused; for a session that is over (it exited, its process is gone, it was
 * opened as a copy), its last moment. */
uint64_t reader_now(const struct reader *r);

/* Whether the program ended by itself or gave its place to another. And whether it is
 * known that nothing will come any more: it has ended so, its process is gone, or this
 * is a copy. */
bool reader_has_ended(const struct reader *r);
bool reader_is_over(const struct reader *r);

static inline uint64_t
reader_load(const _Atomic uint64_t *counter)
{
    /* Counters order nothing: any value that was ever there will do. */
    return atomic_load_explicit(counter, memory_order_relaxed);
}

static inline uint32_t
reader_load32(const _Atomic uint32_t *field)
{
    return atomic_load_explicit(field, memory_order_relaxed);
}

#endif

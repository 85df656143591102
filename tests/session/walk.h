/* Reads all there is in a session through every getter, and follows every reference:
 * for tests with damaged ones. Returns a sum of what was read, so that nothing is left
 * out. */
#ifndef TESTS_SESSION_WALK_H
#define TESTS_SESSION_WALK_H

#include <string.h>

#include "session/reader.h"
#include "session/replay.h"

static inline uint64_t
walk_string(const struct reader *r, strings_id id)
{
    size_t len;
    const char *s = reader_string(r, id, &len);
    uint64_t sum = len;

    for (size_t i = 0; i <= len; i++)
        sum += (unsigned char)s[i];
    return sum;
}

static inline uint64_t
walk_code(const struct reader *r, codes_id id)
{
    const struct format_code *code = reader_code(r, id);
    const struct format_file *file = code ? reader_file(r, code->file) : NULL;

    if (!code)
        return 0;
    return walk_string(r, code->name) + walk_string(r, code->qualname) +
           (file ? walk_string(r, file->path) : 0);
}

static inline uint64_t
walk_files(const struct reader *r)
{
    uint64_t sum = 0;

    for (uint32_t i = 0; i < reader_count(r, FORMAT_FILES); i++) {
        const struct format_file *file = reader_file(r, i);
        uint32_t n;
        const lines_id *ids = reader_lines(r, i, &n);

        sum += walk_string(r, file->path) + walk_string(r, file->source) +
               walk_string(r, file->module);
        for (uint32_t k = 0; k < n; k++) {
            const struct format_line *line = reader_line(r, ids[k]);

            sum += line ? reader_find_line(r, i, line->line) : 0;
        }
    }
    return sum;
}

static inline uint64_t
walk_nodes(const struct reader *r)
{
    uint64_t sum = 0;

    for (uint32_t i = 0; i < reader_count(r, FORMAT_NODES); i++) {
        const struct format_node *node = reader_node(r, i);

        sum += node ? walk_code(r, node->code) : 0;
        for (unsigned up = 0; node && up < 64; up++) {
            sum += reader_load(&node->calls);
            node = reader_node(r, node->parent);
        }
    }
    return sum;
}

static inline uint64_t
walk_frame(const struct reader *r, uint32_t id)
{
    const struct format_frame *frame = reader_frame(r, id);
    uint64_t sum = 0;

    if (!frame)
        return 0;
    for (uint32_t i = 0; i < frame->n_values; i++) {
        const struct format_value *value = reader_value(r, frame->first_value + i);

        sum += walk_string(r, value->name) + walk_string(r, value->text) +
               walk_string(r, value->type);
    }
    return sum + walk_code(r, frame->code) + walk_string(r, frame->path);
}

static inline uint64_t
walk_rest(const struct reader *r)
{
    uint64_t sum = 0;

    for (uint32_t i = 0; i < reader_count(r, FORMAT_THREADS); i++) {
        const struct format_thread *thread = reader_thread(r, i);

        sum += walk_string(r, thread->name) + (reader_node(r, thread->root) != NULL);
    }
    for (uint32_t i = 0; i < reader_count(r, FORMAT_STOPS); i++) {
        const struct format_stop *stop = reader_stop(r, i);

        for (uint32_t k = 0; stop && k < stop->n_frames; k++)
            sum += walk_frame(r, stop->first_frame + k);
    }
    for (uint32_t i = 0; i < reader_count(r, FORMAT_RULES); i++)
        sum += walk_string(r, reader_rule(r, i)->text);
    return sum;
}

static inline uint64_t
walk_log(const struct reader *r)
{
    struct replay *p = replay_new(r);
    struct replay_event e;
    uint64_t sum = 0;

    while (replay_next(p, &e)) {
        struct replay_stack s = replay_stack(p, e.thread);

        sum += e.ticks + s.n + s.n_cut + (s.n ? s.frames[s.n - 1].line : 0);
    }
    replay_seek(p, sum);
    sum += replay_next(p, &e);
    replay_free(p);
    for (uint32_t i = 0; i < reader_count(r, FORMAT_TIMINGS); i++)
        sum += walk_code(r, reader_timing(r, i)->code);
    for (uint32_t i = 0; i < reader_count(r, FORMAT_TASKS); i++)
        sum += walk_string(r, reader_task(r, i)->name);
    for (uint32_t i = 0; i < reader_count(r, FORMAT_ERRORS); i++)
        sum += walk_string(r, reader_error(r, i)->text) +
               (reader_line(r, reader_error(r, i)->raised) != NULL);
    return sum;
}

static inline uint64_t
walk_all(struct reader *r)
{
    const struct format_header *h = reader_header(r);
    uint64_t sum =
        walk_string(r, h->command) + walk_string(r, reader_load32(&h->paths));

    reader_refresh(r);
    for (uint32_t i = 0; i < reader_count(r, FORMAT_CODES); i++)
        sum += walk_code(r, i);
    return sum + walk_files(r) + walk_nodes(r) + walk_rest(r) + walk_log(r) +
           reader_ns(r, reader_now(r)) + reader_ns(r, UINT64_MAX);
}

#endif

/* A small session with a record of every sort, and how tests make and open it. Include
 * cmocka first. */
#ifndef TESTS_SESSION_SAMPLE_H
#define TESTS_SESSION_SAMPLE_H

#include <string.h>

#include "session/reader.h"
#include "session/writer.h"
#include "tests/base/scratch.h"

static inline strings_id
sample_string(struct writer *w, const char *s)
{
    return writer_string(w, s, strlen(s));
}

/* Adds and publishes a zeroed record. */
static inline void *
sample_add(struct writer *w, enum format_section section)
{
    void *record;

    if (writer_add(w, section, 1, &record) == FORMAT_NONE)
        return NULL;
    writer_publish(w, section);
    return record;
}

/* These two are filled in before a reader on another thread sees them. */
static inline struct format_line *
sample_line(struct writer *w, files_id file, uint32_t line, uint64_t hits)
{
    struct format_line *l;
    void *place;

    if (writer_add(w, FORMAT_LINES, 1, &place) == FORMAT_NONE)
        return NULL;
    l = place;
    l->file = file;
    l->line = line;
    atomic_store_explicit(&l->hits, hits, memory_order_relaxed);
    writer_publish(w, FORMAT_LINES);
    return l;
}

static inline struct format_node *
sample_node(struct writer *w, nodes_id parent, uint64_t calls)
{
    struct format_node *n;
    void *place;

    if (writer_add(w, FORMAT_NODES, 1, &place) == FORMAT_NONE)
        return NULL;
    n = place;
    n->parent = parent;
    n->thread = FORMAT_NONE;
    n->code = parent == FORMAT_NONE ? FORMAT_NONE : 0;
    atomic_store_explicit(&n->calls, calls, memory_order_relaxed);
    writer_publish(w, FORMAT_NODES);
    return n;
}

static inline void
sample_stop(struct writer *w)
{
    struct format_value *value = sample_add(w, FORMAT_VALUES);
    struct format_frame *frame = sample_add(w, FORMAT_FRAMES);
    struct format_stop *stop = sample_add(w, FORMAT_STOPS);

    value->name = sample_string(w, "total");
    value->text = sample_string(w, "42");
    value->type = sample_string(w, "int");
    frame->path = sample_string(w, "shop.py");
    frame->qualname = sample_string(w, "Cart.add");
    frame->line = 3;
    frame->n_values = 1;
    stop->reason = FORMAT_STOP_BREAK;
    stop->n_frames = 1;
    stop->text = sample_string(w, "");
    stop->ticks = 900;
}

/* A call of code 0 that took 1000 ticks, a task, and the log of both. */
static inline void
sample_log(struct writer *w)
{
    struct format_timing *timing = sample_add(w, FORMAT_TIMINGS);
    struct format_task *task = sample_add(w, FORMAT_TASKS);
    struct format_error *error = sample_add(w, FORMAT_ERRORS);
    struct format_chunk *chunk = sample_add(w, FORMAT_CHUNKS);

    atomic_init(&timing->min_ticks, 1000);
    atomic_init(&timing->max_ticks, 1000);
    atomic_init(&timing->calls[63], 1);
    task->name = sample_string(w, "Task-1");
    error->type = sample_string(w, "KeyError");
    error->handled = FORMAT_NONE;
    atomic_init(&chunk->ticks, 2000);
    atomic_init(&chunk->words[0], (uint64_t)FORMAT_EVENT_ENTER << 60);
    atomic_init(&chunk->words[1], (uint64_t)FORMAT_EVENT_LEAVE << 60 | 1000ull << 32);
    atomic_init(&chunk->n_words, 2);
    atomic_init(&chunk->number, 1);
}

/* Two places of no line, the second with the first one's value. */
static inline void
sample_places(struct writer *w)
{
    struct format_term *term = sample_add(w, FORMAT_TERMS);
    struct format_place *place;

    term->place = 0;
    term->sign = 1;
    for (uint32_t i = 0; i < 2; i++) {
        place = sample_add(w, FORMAT_PLACES);
        place->line = FORMAT_NONE;
        place->n_terms = i;
        atomic_store_explicit(&place->hits, 5 * (1 - i), memory_order_relaxed);
    }
}

/* File 0 has lines 1, 2, 3; nodes 0 to 2 are a chain. */
static inline void
sample_fill(struct writer *w)
{
    struct format_header *h = writer_header(w);
    struct format_file *file = sample_add(w, FORMAT_FILES);
    struct format_code *code = sample_add(w, FORMAT_CODES);
    struct format_thread *thread;
    struct format_rule *rule;

    h->command = sample_string(w, "shop.py\n");
    h->start_mono_ns = 5000000;
    h->start_ticks = 1000;
    h->last_mono_ns = 7000000; /* two ticks are a microsecond */
    h->last_ticks = 5000;
    file->path = sample_string(w, "shop.py");
    file->source = sample_string(w, "class Cart:\n    def add(self):\n        pass\n");
    file->module = sample_string(w, "__main__");
    file->flags = FORMAT_FILE_SOURCE | FORMAT_FILE_MAIN;
    code->name = sample_string(w, "add");
    code->qualname = sample_string(w, "Cart.add");
    code->first_line = 2;
    code->parent = FORMAT_NONE;
    for (uint32_t line = 1; line <= 3; line++)
        sample_line(w, 0, line, line * 10);
    for (uint32_t i = 0; i < 3; i++)
        sample_node(w, i ? i - 1 : FORMAT_NONE, i);
    thread = sample_add(w, FORMAT_THREADS);
    thread->name = sample_string(w, "MainThread");
    thread->root = 1;
    thread->line_ticks = 3000;
    rule = sample_add(w, FORMAT_RULES);
    rule->text = sample_string(w, "site-packages");
    sample_places(w);
    sample_stop(w);
    sample_log(w);
}

static inline struct writer *
sample_new(const char *name)
{
    struct writer *w;
    struct err err = {""};

    if (!writer_open(&w, scratch_path(name), &err))
        fail_msg("%s", err.text);
    return w;
}

static inline struct writer *
sample_open(const char *name)
{
    struct writer *w = sample_new(name);

    sample_fill(w);
    return w;
}

static inline struct reader *
sample_read(const char *name, enum reader_how how)
{
    struct reader *r;
    struct err err = {""};

    if (!reader_open(&r, scratch_path(name), how, &err))
        fail_msg("%s", err.text);
    return r;
}

#endif

#include "tests/harness/session_build.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

strings_id
session_build_string(struct session_build *b, const char *text)
{
    return writer_string(b->writer, text, strlen(text));
}

static void *
add(struct session_build *b, enum format_section section, uint32_t *id)
{
    void *record = NULL;

    *id = writer_add(b->writer, section, 1, &record);
    assert_int_not_equal(*id, FORMAT_NONE);
    return record;
}

void
session_build_start(struct session_build *b, const char *version)
{
    const char *tmp = getenv("TMPDIR");
    struct format_header *h;
    char path[300];
    struct err err;

    *b = (struct session_build){0};
    snprintf(b->dir, sizeof(b->dir), "%s/ttrace-report-XXXXXX", tmp ? tmp : "/tmp");
    assert_non_null(mkdtemp(b->dir));
    snprintf(path, sizeof(path), "%s/session", b->dir);
    if (!writer_open(&b->writer, path, &err))
        fail_msg("%s", err.text);
    h = writer_header(b->writer);
    h->mode = FORMAT_MODE_LINES | FORMAT_MODE_TIMES | FORMAT_MODE_TREE;
    h->python = session_build_string(b, version);
    h->cwd = session_build_string(b, b->dir);
    snprintf(path, sizeof(path), "%s\n", b->dir);
    h->paths = session_build_string(b, path);
    atomic_store(&h->state, FORMAT_RUNNING);
    session_build_node(b, FORMAT_NONE, FORMAT_NONE, 0, 0);
    session_build_add_thread(b, "MainThread");
    snprintf(path, sizeof(path), "%s/session", b->dir);
    if (!reader_open(&b->reader, path, READER_LIVE, &err))
        fail_msg("%s", err.text);
}

void
session_build_end(struct session_build *b)
{
    char command[300];

    reader_close(b->reader);
    writer_close(b->writer);
    snprintf(command, sizeof(command), "rm -r '%s'", b->dir);
    assert_int_equal(system(command), 0);
}

files_id
session_build_file_n(struct session_build *b, const char *path, const char *source,
                     size_t len)
{
    char full[300];
    uint32_t id;
    struct format_file *file = add(b, FORMAT_FILES, &id);

    snprintf(full, sizeof(full), "%s/%s", b->dir, path);
    file->path = session_build_string(b, strpbrk(path, "/<") ? path : full);
    if (source) {
        file->source = writer_string(b->writer, source, len);
        file->flags |= FORMAT_FILE_SOURCE;
    }
    if (id == 0)
        file->flags |= FORMAT_FILE_MAIN;
    writer_publish(b->writer, FORMAT_FILES);
    return id;
}

files_id
session_build_file(struct session_build *b, const char *path, const char *source)
{
    return session_build_file_n(b, path, source, source ? strlen(source) : 0);
}

codes_id
session_build_code(struct session_build *b, files_id file, const char *name,
                   uint32_t first_line)
{
    uint32_t id;
    struct format_code *code = add(b, FORMAT_CODES, &id);

    code->file = file;
    code->name = code->qualname = session_build_string(b, name);
    code->first_line = first_line;
    code->parent = FORMAT_NONE;
    if (!strcmp(name, "<module>"))
        atomic_store(&code->flags, FORMAT_CODE_MODULE);
    writer_publish(b->writer, FORMAT_CODES);
    return id;
}

lines_id
session_build_line(struct session_build *b, codes_id code, uint32_t number,
                   uint64_t hits, uint64_t self_ns)
{
    uint32_t id;
    struct format_line *line = add(b, FORMAT_LINES, &id);

    line->file = session_build_code_of(b, code)->file;
    line->line = number;
    line->code = code;
    atomic_store(&line->hits, hits);
    atomic_store(&line->self_ticks, self_ns);
    writer_publish(b->writer, FORMAT_LINES);
    return id;
}

nodes_id
session_build_node(struct session_build *b, nodes_id parent, codes_id code,
                   uint64_t calls, uint64_t self_ns)
{
    uint32_t id;
    struct format_node *node = add(b, FORMAT_NODES, &id);
    const struct format_node *up =
        parent == FORMAT_NONE ? NULL : writer_record(b->writer, FORMAT_NODES, parent);

    node->parent = parent;
    node->code = code;
    node->thread = up ? up->thread : FORMAT_NONE;
    node->depth = up ? up->depth + 1 : 0;
    atomic_store(&node->calls, calls);
    atomic_store(&node->self_ticks, self_ns);
    writer_publish(b->writer, FORMAT_NODES);
    return id;
}

threads_id
session_build_add_thread(struct session_build *b, const char *name)
{
    uint32_t id;
    struct format_thread *thread = add(b, FORMAT_THREADS, &id);
    struct format_node *root;

    thread->name = session_build_string(b, name);
    thread->root = session_build_node(b, 0, FORMAT_NONE, 0, 0);
    root = writer_record(b->writer, FORMAT_NODES, thread->root);
    root->thread = id;
    atomic_store(&thread->node, thread->root);
    atomic_store(&thread->line, FORMAT_NONE);
    writer_publish(b->writer, FORMAT_THREADS);
    return id;
}

struct format_thread *
session_build_thread(struct session_build *b, threads_id id)
{
    return writer_record(b->writer, FORMAT_THREADS, id);
}

struct format_code *
session_build_code_of(struct session_build *b, codes_id id)
{
    return writer_record(b->writer, FORMAT_CODES, id);
}

void
session_build_stop(struct session_build *b, codes_id code, uint32_t line,
                   const struct session_build_value *values, uint32_t n)
{
    struct format_header *h = writer_header(b->writer);
    const struct format_code *c = session_build_code_of(b, code);
    const struct format_file *file = writer_record(b->writer, FORMAT_FILES, c->file);
    uint32_t id, frame_id, value_id;
    struct format_stop *stop;
    struct format_frame *frame = add(b, FORMAT_FRAMES, &frame_id);

    frame->code = code;
    frame->line = line;
    frame->path = file->path;
    frame->qualname = c->qualname;
    frame->n_values = n;
    for (uint32_t i = 0; i < n; i++) {
        struct format_value *v = add(b, FORMAT_VALUES, &value_id);

        if (i == 0)
            frame->first_value = value_id;
        v->name = session_build_string(b, values[i].name);
        v->text = session_build_string(b, values[i].text);
        v->flags = values[i].flags;
    }
    writer_publish(b->writer, FORMAT_VALUES);
    writer_publish(b->writer, FORMAT_FRAMES);
    stop = add(b, FORMAT_STOPS, &id);
    stop->reason = FORMAT_STOP_BREAK;
    stop->first_frame = frame_id;
    stop->n_frames = 1;
    writer_publish(b->writer, FORMAT_STOPS);
    atomic_store(&h->stop, id + 1);
    atomic_store(&h->state, FORMAT_PAUSED);
}

void
session_build_exit(struct session_build *b, int status)
{
    struct format_header *h = writer_header(b->writer);

    atomic_store(&session_build_thread(b, 0)->state, FORMAT_THREAD_ENDED);
    atomic_store(&h->exit_status, status);
    atomic_store(&h->state, FORMAT_EXITED);
}

struct reader *
session_build_read(struct session_build *b)
{
    reader_refresh(b->reader);
    return b->reader;
}

#include "runner/tasks.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST = 64, NAME_MAX_BYTES = 256 };

/* Identity of a task -> its record; open addressing, at most half full. Identities are
 * addresses and come again: what has another name is another task. */
struct known {
    const void *identity;
    uint32_t task;
};
static struct known *known;
static uint32_t known_size, n_known;

static struct writer *writer;
static tasks_current_fn current;

void
tasks_start(struct writer *w, tasks_current_fn f)
{
    writer = w;
    current = f;
}

void
tasks_forget(void)
{
    free(known);
    known = NULL;
    known_size = n_known = 0;
}

static struct known *
slot_of(struct known *table, uint32_t size, const void *identity)
{
    uint32_t i = (uint32_t)((uint64_t)(uintptr_t)identity >> 4) * 0x9e3779b1u;

    for (i &= size - 1; table[i].identity && table[i].identity != identity;)
        i = (i + 1) & (size - 1);
    return &table[i];
}

static bool
grow(void)
{
    uint32_t size = known_size ? known_size * 2 : FIRST;
    struct known *table = calloc(size, sizeof(*table));

    if (!table)
        return false;
    for (uint32_t i = 0; i < known_size; i++)
        if (known[i].identity)
            *slot_of(table, size, known[i].identity) = known[i];
    free(known);
    known = table;
    known_size = size;
    return true;
}

static struct format_task *
record(uint32_t task)
{
    return writer_record(writer, FORMAT_TASKS, task);
}

static void
set(struct format_task *t, enum format_task_state state, uint64_t now)
{
    atomic_store_explicit(&t->state, state, memory_order_relaxed);
    atomic_store_explicit(&t->last_ticks, now, memory_order_relaxed);
}

static uint64_t
since_last(const struct format_task *t, uint64_t now)
{
    return now - atomic_load_explicit(&t->last_ticks, memory_order_relaxed);
}

uint32_t
tasks_find(codes_id code, nodes_id node, threads_id thread, uint64_t now)
{
    char name[NAME_MAX_BYTES];
    const void *identity;
    struct format_task *t;
    struct known *k;
    strings_id text;
    void *place;
    uint32_t id;

    if (!current || !current(&identity, name, sizeof(name)))
        return TASKS_NONE;
    text = writer_string(writer, name, strlen(name));
    if (n_known * 2 >= known_size && !grow())
        return TASKS_NONE;
    k = slot_of(known, known_size, identity);
    if (k->identity && record(k->task)->name == text)
        return k->task;
    id = writer_add(writer, FORMAT_TASKS, 1, &place);
    if (id == FORMAT_NONE)
        return TASKS_NONE;
    t = place;
    t->name = text;
    t->code = code;
    t->node = node;
    t->thread = thread;
    t->start_ticks = now;
    atomic_store_explicit(&t->line, FORMAT_NONE, memory_order_relaxed);
    set(t, FORMAT_TASK_WAITS, now);
    writer_publish(writer, FORMAT_TASKS);
    n_known += !k->identity;
    *k = (struct known){identity, id};
    return id;
}

void
tasks_run(uint32_t task, uint64_t now)
{
    struct format_task *t = record(task);

    if (atomic_load_explicit(&t->state, memory_order_relaxed) == FORMAT_TASK_WAITS)
        format_add(&t->awaited_ticks, since_last(t, now));
    format_add(&t->runs, 1);
    atomic_store_explicit(&t->line, FORMAT_NONE, memory_order_relaxed);
    set(t, FORMAT_TASK_RUNS, now);
}

static void
stop(uint32_t task, enum format_task_state state, uint64_t now)
{
    struct format_task *t = record(task);

    format_add(&t->ran_ticks, since_last(t, now));
    set(t, state, now);
}

void
tasks_wait(uint32_t task, uint64_t now)
{
    stop(task, FORMAT_TASK_WAITS, now);
}

void
tasks_end(uint32_t task, uint64_t now)
{
    stop(task, FORMAT_TASK_ENDED, now);
}

void
tasks_note_line(uint32_t task, lines_id line)
{
    struct format_task *t = record(task);

    if (atomic_load_explicit(&t->line, memory_order_relaxed) == FORMAT_NONE)
        atomic_store_explicit(&t->line, line, memory_order_relaxed);
}

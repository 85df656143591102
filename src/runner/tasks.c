#include "runner/tasks.h"

#include <stdint.h>
#include <string.h>

#include "base/table.h"

enum { NAME_MAX_BYTES = 256 };

/* Identity of a task -> its record + 1. Identities are addresses and come again: what
 * has another name is another task. */
static struct table known;

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
    table_release(&known);
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
    strings_id text;
    uint32_t id, old;
    void *place;

    if (!current || !current(&identity, name, sizeof(name)))
        return TASKS_NONE;
    text = writer_string(writer, name, strlen(name));
    if (!table_reserve(&known))
        return TASKS_NONE;
    old = table_get(&known, (uintptr_t)identity);
    if (old && record(old - 1)->name == text)
        return old - 1;
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
    table_set(&known, (uintptr_t)identity, id + 1);
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

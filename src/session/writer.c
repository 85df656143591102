#include "session/writer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "session/sections.h"
#include "session/store.h"

/* A session's address range is laid out once: the header, then for each section as much
 * room as it may ever need. Blocks are allocated section by section, in steps that
 * double, when the records that need them are added (session/store.h says why before).
 * Since nothing moves, whoever adds a record may keep its address.
 *
 * The section table in the file is for readers. What the writer goes by is its own copy
 * of it: after fork() the parent's table goes on changing under the child. */

#define SECTION_ALIGN 65536u /* the largest page size in use */
#define FIRST_STEP 16384u
#define LAST_STEP (4u << 20)
#define SHRINK_MAX 12u    /* a reserve is halved this often at most */
#define RETRY_AFTER 1024u /* records dropped before a full disk is tried again */
#define FIRST_SLOTS 1024u
#define EMPTY_SLOT UINT32_MAX

struct part {           /* a section */
    uint64_t offset;    /* bytes */
    uint64_t reserve;   /* bytes */
    uint64_t allocated; /* bytes */
    uint32_t record_size;
    uint32_t n_skipped; /* attempts since the disk was found full; 0: it is not */
    uint32_t n_added;
    uint32_t n_published;
};

struct slot { /* of the hash table of strings */
    uint32_t hash;
    strings_id id;
};

struct writer {
    struct store store;
    struct part parts[FORMAT_N_SECTIONS];
    bool sealed; /* memory that belongs to nobody: nothing can be added */
    struct slot *slots;
    uint32_t n_slots; /* a power of two, or 0 */
    uint32_t n_strings;
};

static uint64_t
round_up(uint64_t n, uint64_t unit)
{
    return (n + unit - 1) / unit * unit;
}

/* Sets the parts' places for limits halved `shrink` times; returns the file's size. */
static uint64_t
lay_out(struct writer *w, const uint64_t *limits, unsigned shrink)
{
    uint64_t end = SECTION_ALIGN;

    for (unsigned i = 0; i < FORMAT_N_SECTIONS; i++) {
        uint64_t n = limits[i] >> shrink;

        if (n < 16)
            n = limits[i] < 16 ? limits[i] : 16;
        w->parts[i] = (struct part){.offset = end,
                                    .reserve = n * sections[i].record_size,
                                    .record_size = sections[i].record_size};
        end += round_up(w->parts[i].reserve, SECTION_ALIGN);
    }
    return end;
}

/* A limit on file sizes or on address space makes the session smaller, not impossible.
 */
static bool
map_reserve(struct writer *w, const uint64_t *limits, const char *path, struct err *err)
{
    int error = 0;

    for (unsigned shrink = 0; shrink <= SHRINK_MAX; shrink++) {
        error = store_resize(&w->store, lay_out(w, limits, shrink));
        if (error == 0)
            error = store_map(&w->store, NULL);
        if (error != EFBIG && error != ENOMEM)
            break;
    }
    if (error == 0)
        error =
            store_allocate(&w->store, 0, round_up(FORMAT_HEADER_SIZE, w->store.page));
    return error == 0 || err_sys(err, error, "%s", path);
}

/* Until the version is there a file is not a session. */
static void
fill_header(struct writer *w)
{
    struct format_header *h = writer_header(w);

    h->byte_order = FORMAT_BYTE_ORDER;
    h->header_size = FORMAT_HEADER_SIZE;
    h->n_sections = FORMAT_N_SECTIONS;
    h->pid = (uint32_t)getpid();
    for (unsigned i = 0; i < FORMAT_N_SECTIONS; i++) {
        h->sections[i].offset = w->parts[i].offset;
        h->sections[i].reserve = w->parts[i].reserve;
        h->sections[i].record_size = w->parts[i].record_size;
    }
    h->version = FORMAT_VERSION;
    memcpy(h->magic, FORMAT_MAGIC, sizeof(h->magic));
}

bool
writer_open(struct writer **out, const char *path, struct err *err)
{
    uint64_t limits[FORMAT_N_SECTIONS];

    for (unsigned i = 0; i < FORMAT_N_SECTIONS; i++)
        limits[i] = sections[i].max;
    return writer_open_limited(out, path, limits, err);
}

bool
writer_open_limited(struct writer **out, const char *path,
                    const uint64_t limits[FORMAT_N_SECTIONS], struct err *err)
{
    struct writer *w = calloc(1, sizeof(*w));

    *out = NULL;
    if (!w)
        return err_set(err, "%s: out of memory", path);
    if (!store_create(&w->store, path, err)) {
        free(w);
        return false;
    }
    if (!map_reserve(w, limits, path, err)) {
        store_remove(&w->store);
        writer_close(w);
        return false;
    }
    fill_header(w);
    writer_string(w, "", 0); /* id 0 */
    if (w->parts[FORMAT_STRINGS].n_added == 0) {
        store_remove(&w->store);
        writer_close(w);
        return err_set(err, "%s: no room for a session on this disk", path);
    }
    *out = w;
    return true;
}

void
writer_add_name(struct buf *out, const char *path, pid_t pid)
{
    size_t len = out->len;

    buf_printf(out, "%s.%ld", path, (long)pid);
    for (int i = 2; access(buf_str(out), F_OK) == 0; i++) {
        out->len = len;
        buf_printf(out, "%s.%ld-%d", path, (long)pid, i);
    }
}

void
writer_close(struct writer *w)
{
    if (!w)
        return;
    if (w->store.map)
        munmap(w->store.map, w->store.size);
    store_close(&w->store);
    free(w->slots);
    free(w);
}

struct format_header *
writer_header(struct writer *w)
{
    return (struct format_header *)(void *)w->store.map;
}

/* Allocates blocks until the part has `need` bytes. The step is halved as long as the
 * disk refuses, so that the last room is used, and so that a program with a fast timer,
 * whose signals interrupt the allocation, still gets on. */
static bool
grow(struct writer *w, struct part *p, uint64_t need)
{
    uint64_t page = w->store.page;
    uint64_t end = round_up(p->reserve, page);
    uint64_t step = p->allocated;

    if (step < FIRST_STEP)
        step = FIRST_STEP;
    if (step > LAST_STEP)
        step = LAST_STEP;
    step = round_up(step, page);
    while (p->allocated < need) {
        uint64_t len = end - p->allocated < step ? end - p->allocated : step;
        int error = store_allocate(&w->store, p->offset + p->allocated, len);

        if (error == 0)
            p->allocated += len;
        else if (step > page)
            step = round_up(step / 2, page);
        else if (error != EINTR)
            return false;
    }
    return true;
}

/* Room for `n` records behind those of a part; FORMAT_NONE if there is none. */
static uint32_t
take(struct writer *w, struct part *p, uint32_t n)
{
    uint64_t need = ((uint64_t)p->n_added + n) * p->record_size;
    uint32_t first = p->n_added;

    if (w->sealed || need > p->reserve)
        return FORMAT_NONE;
    if (need > p->allocated) {
        /* Asking a full disk again and again would stall the program. */
        if (p->n_skipped && p->n_skipped++ < RETRY_AFTER)
            return FORMAT_NONE;
        p->n_skipped = !grow(w, p, need);
        if (p->n_skipped)
            return FORMAT_NONE;
    }
    p->n_added += n;
    return first;
}

uint32_t
writer_add(struct writer *w, enum format_section section, uint32_t n, void **records)
{
    uint32_t first = take(w, &w->parts[section], n);

    if (records)
        *records = first == FORMAT_NONE ? NULL : writer_record(w, section, first);
    if (first == FORMAT_NONE)
        format_add(&writer_header(w)->n_dropped, n);
    return first;
}

void
writer_publish(struct writer *w, enum format_section section)
{
    struct part *p = &w->parts[section];

    p->n_published = p->n_added;
    /* Release: whoever sees the count sees the records below it. */
    atomic_store_explicit(&writer_header(w)->sections[section].count, p->n_published,
                          memory_order_release);
}

void
writer_take_back(struct writer *w, enum format_section section, uint32_t n)
{
    struct part *p = &w->parts[section];

    p->n_added -= n;
    memset(writer_record(w, section, p->n_added), 0, (size_t)n * p->record_size);
}

void *
writer_record(struct writer *w, enum format_section section, uint32_t id)
{
    const struct part *p = &w->parts[section];

    return w->store.map + p->offset + (uint64_t)id * p->record_size;
}

uint32_t
writer_count(const struct writer *w, enum format_section section)
{
    return w->parts[section].n_added;
}

static uint32_t
hash_bytes(const char *bytes, size_t len)
{
    const uint64_t factor = 0x9e3779b97f4a7c15u; /* 2^64 by the golden ratio */
    uint64_t h = len * factor;
    uint64_t word;

    for (; len >= sizeof(word); bytes += sizeof(word), len -= sizeof(word)) {
        memcpy(&word, bytes, sizeof(word));
        h = (h ^ word) * factor;
        h ^= h >> 29;
    }
    word = 0;
    memcpy(&word, bytes, len);
    h = (h ^ word) * factor;
    return (uint32_t)(h >> 32);
}

/* The slot that holds the string, or the empty one where it belongs. */
static struct slot *
find_slot(struct writer *w, uint32_t hash, const char *bytes, uint32_t len)
{
    const uint8_t *strings = w->store.map + w->parts[FORMAT_STRINGS].offset;

    for (uint32_t i = hash;; i++) {
        struct slot *slot = &w->slots[i & (w->n_slots - 1)];
        uint32_t its_len;

        if (slot->id == EMPTY_SLOT)
            return slot;
        if (slot->hash != hash)
            continue;
        memcpy(&its_len, strings + slot->id, sizeof(its_len));
        if (its_len == len &&
            memcmp(strings + slot->id + sizeof(its_len), bytes, len) == 0)
            return slot;
    }
}

/* Keeps a quarter of the slots empty. False: no memory for that. */
static bool
make_slot(struct writer *w)
{
    uint32_t n = w->n_slots ? 2 * w->n_slots : FIRST_SLOTS;
    struct slot *slots;

    if (w->n_strings < w->n_slots / 4 * 3)
        return true;
    slots = malloc(n * sizeof(*slots));
    if (!slots)
        return false;
    memset(slots, 0xff, n * sizeof(*slots));
    for (uint32_t i = 0; i < w->n_slots; i++) {
        uint32_t at = w->slots[i].hash;

        if (w->slots[i].id == EMPTY_SLOT)
            continue;
        while (slots[at & (n - 1)].id != EMPTY_SLOT)
            at++;
        slots[at & (n - 1)] = w->slots[i];
    }
    free(w->slots);
    w->slots = slots;
    w->n_slots = n;
    return true;
}

/* Appends a string, laid out as format.h says. */
static strings_id
add_string(struct writer *w, const char *bytes, uint32_t len)
{
    uint32_t size = (uint32_t)round_up(sizeof(len) + len + 1, 4);
    strings_id id = take(w, &w->parts[FORMAT_STRINGS], size);
    uint8_t *at;

    if (id == FORMAT_NONE) {
        format_add(&writer_header(w)->n_dropped, 1);
        return FORMAT_NONE;
    }
    at = writer_record(w, FORMAT_STRINGS, id);
    memcpy(at, &len, sizeof(len));
    memcpy(at + sizeof(len), bytes, len);
    writer_publish(w, FORMAT_STRINGS);
    return id;
}

strings_id
writer_string(struct writer *w, const char *bytes, size_t len)
{
    uint32_t kept = len < WRITER_STRING_MAX ? (uint32_t)len : WRITER_STRING_MAX;
    uint32_t hash = hash_bytes(bytes, kept);
    struct slot *slot = NULL;
    strings_id id;

    /* Without memory for the table the string is there twice: that does no harm. */
    if (make_slot(w)) {
        slot = find_slot(w, hash, bytes, kept);
        if (slot->id != EMPTY_SLOT)
            return slot->id;
    }
    id = add_string(w, bytes, kept);
    if (id == FORMAT_NONE)
        return 0;
    if (slot) {
        *slot = (struct slot){hash, id};
        w->n_strings++;
    }
    return id;
}

/* Forgets the stops, which were the parent's; what is left needs only these blocks. */
static void
trim_parts(struct writer *w)
{
    for (unsigned i = 0; i < FORMAT_N_SECTIONS; i++) {
        struct part *p = &w->parts[i];

        if (sections[i].is_moment)
            p->n_added = p->n_published = 0;
        p->allocated = round_up((uint64_t)p->n_added * p->record_size, w->store.page);
        p->n_skipped = 0;
    }
}

/* Copies header and sections into the child's file. The parent may be counting in what
 * is copied: counters are reset later, and all else was final before the fork, but for
 * the links between nodes. Returns 0 or an errno. */
static int
copy_parts(const struct writer *w, struct store *own)
{
    int error = store_resize(own, w->store.size);

    if (error == 0)
        error = store_allocate(own, 0, round_up(FORMAT_HEADER_SIZE, own->page));
    if (error == 0)
        error = store_write(own, 0, w->store.map, FORMAT_HEADER_SIZE);
    for (unsigned i = 0; i < FORMAT_N_SECTIONS && error == 0; i++) {
        const struct part *p = &w->parts[i];

        error = store_allocate(own, p->offset, p->allocated);
        if (error == 0)
            error = store_write(own, p->offset, w->store.map + p->offset,
                                (uint64_t)p->n_added * p->record_size);
    }
    return error;
}

static void
zero(_Atomic uint64_t *counter)
{
    atomic_store_explicit(counter, 0, memory_order_relaxed);
}

static void
reset_lines(struct writer *w)
{
    for (uint32_t i = 0; i < writer_count(w, FORMAT_LINES); i++) {
        struct format_line *line = writer_record(w, FORMAT_LINES, i);

        zero(&line->hits);
        zero(&line->self_ticks);
        zero(&line->below_ticks);
        zero(&line->calls);
    }
}

static void
reset_places(struct writer *w)
{
    for (uint32_t i = 0; i < writer_count(w, FORMAT_PLACES); i++) {
        struct format_place *place = writer_record(w, FORMAT_PLACES, i);

        zero(&place->hits);
    }
}

/* The parent may have noted a node that it added while they were copied. */
static void
reset_nodes(struct writer *w)
{
    for (uint32_t i = 0; i < writer_count(w, FORMAT_NODES); i++) {
        struct format_node *node = writer_record(w, FORMAT_NODES, i);

        node->last_child_used = 0;
        zero(&node->calls);
        zero(&node->resumes);
        zero(&node->self_ticks);
        zero(&node->suspended_ticks);
        zero(&node->raised);
    }
}

/* Which of them goes on is the caller's to say. Where they were may be a place that the
 * parent made while it was copied. */
static void
reset_threads(struct writer *w)
{
    for (uint32_t i = 0; i < writer_count(w, FORMAT_THREADS); i++) {
        struct format_thread *t = writer_record(w, FORMAT_THREADS, i);

        if (atomic_load_explicit(&t->node, memory_order_relaxed) >=
            writer_count(w, FORMAT_NODES))
            atomic_store_explicit(&t->node, t->root, memory_order_relaxed);
        if (atomic_load_explicit(&t->line, memory_order_relaxed) >=
            writer_count(w, FORMAT_LINES))
            atomic_store_explicit(&t->line, FORMAT_NONE, memory_order_relaxed);
        zero(&t->line_ticks);
        zero(&t->node_ticks);
    }
}

static void
reset_header(struct writer *w)
{
    struct format_header *h = writer_header(w);

    h->parent_pid = h->pid;
    h->pid = (uint32_t)getpid();
    atomic_store_explicit(&h->state, FORMAT_RUNNING, memory_order_relaxed);
    atomic_store_explicit(&h->stop, 0, memory_order_relaxed);
    atomic_store_explicit(&h->n_folded, 0, memory_order_relaxed);
    zero(&h->n_dropped);
    zero(&h->n_lost_events);
    for (unsigned i = 0; i < FORMAT_N_SECTIONS; i++)
        atomic_store_explicit(&h->sections[i].count, w->parts[i].n_published,
                              memory_order_release);
}

static void
seal(struct writer *w)
{
    uint64_t page = w->store.page;

    w->sealed = true;
    store_seal(w->store.map, FORMAT_HEADER_SIZE, w->parts[0].offset, page);
    for (unsigned i = 0; i < FORMAT_N_SECTIONS; i++) {
        const struct part *p = &w->parts[i];
        uint64_t end =
            i + 1 < FORMAT_N_SECTIONS ? w->parts[i + 1].offset : w->store.size;

        store_seal(w->store.map + p->offset, (uint64_t)p->n_added * p->record_size,
                   end - p->offset, page);
    }
}

/* Makes `own` the writer's file. False: it is as it was. */
static bool
move_to(struct writer *w, struct store *own, const char *path, struct err *err)
{
    int error = copy_parts(w, own);

    if (error == 0)
        error = store_map(own, w->store.map);
    if (error)
        return err_sys(err, error, "%s", path);
    store_close(&w->store);
    w->store = *own;
    return true;
}

bool
writer_fork(struct writer *w, const char *path, struct err *err)
{
    struct store own;

    trim_parts(w);
    if (w->sealed)
        return err_set(err, "%s: the parent process has no session", path);
    if (!store_create(&own, path, err)) {
        seal(w);
        return false;
    }
    if (!move_to(w, &own, path, err)) {
        store_remove(&own);
        seal(w);
        return false;
    }
    reset_lines(w);
    reset_places(w);
    reset_nodes(w);
    reset_threads(w);
    reset_header(w);
    return true;
}

void
writer_forget(struct writer *w)
{
    trim_parts(w);
    if (!w->sealed)
        seal(w);
    store_close(&w->store);
}

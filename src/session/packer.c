#include "session/packer.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/xalloc.h"
#include "session/sections.h"

#define ALIGN 64u

/* The last clock readings of a program that still runs are old; the copy's reader has
 * no others. */
static void
note_clocks(struct format_header *h, const struct reader *r)
{
    uint64_t last =
        reader_now(r) + atomic_load_explicit(&h->paused_ticks, memory_order_relaxed);

    if (last <= atomic_load_explicit(&h->last_ticks, memory_order_relaxed) ||
        last < h->start_ticks)
        return;
    atomic_store_explicit(&h->last_ticks, last, memory_order_relaxed);
    atomic_store_explicit(&h->last_mono_ns,
                          h->start_mono_ns + reader_ns(r, last - h->start_ticks),
                          memory_order_relaxed);
}

static void
make_header(struct format_header *h, const struct reader *r)
{
    uint64_t offset = FORMAT_HEADER_SIZE;

    memcpy(h, reader_header(r), sizeof(*h));
    note_clocks(h, r);
    for (unsigned i = 0; i < FORMAT_N_SECTIONS; i++) {
        struct format_entry *e = &h->sections[i];
        uint64_t count = reader_count(r, i);

        e->offset = offset;
        e->reserve = count * sections[i].record_size;
        e->record_size = sections[i].record_size;
        atomic_store_explicit(&e->count, count, memory_order_relaxed);
        offset = (offset + e->reserve + ALIGN - 1) / ALIGN * ALIGN;
    }
}

static bool
add_zeros(struct file_draft *d, size_t len, struct err *err)
{
    static const char zeros[FORMAT_HEADER_SIZE];

    return file_add(d, zeros, len, err);
}

/* A chunk that is being written anew is left empty. */
static bool
add_chunks(struct file_draft *d, const struct reader *r, struct err *err)
{
    struct format_chunk *c = xalloc_array(1, sizeof(*c));
    bool ok = true;

    for (uint32_t i = 0; ok && i < reader_count(r, FORMAT_CHUNKS); i++) {
        if (!reader_chunk(r, i, c))
            memset(c, 0, sizeof(*c));
        ok = file_add(d, c, sizeof(*c), err);
    }
    free(c);
    return ok;
}

static bool
add_section(struct file_draft *d, const struct reader *r, enum format_section section,
            struct err *err)
{
    size_t size;
    const void *bytes;

    if (section == FORMAT_CHUNKS) /* of a size that needs no zeros */
        return add_chunks(d, r, err);
    bytes = reader_bytes(r, section, &size);
    return file_add(d, bytes, size, err) &&
           add_zeros(d, (ALIGN - size % ALIGN) % ALIGN, err);
}

static bool
add_all(struct file_draft *d, const struct reader *r, struct err *err)
{
    union {
        struct format_header header;
        char bytes[FORMAT_HEADER_SIZE];
    } first = {.bytes = {0}};

    make_header(&first.header, r);
    if (!file_add(d, first.bytes, sizeof(first.bytes), err))
        return false;
    for (unsigned i = 0; i < FORMAT_N_SECTIONS; i++)
        if (!add_section(d, r, i, err))
            return false;
    return true;
}

bool
packer_check(const char *path, struct err *err)
{
    struct stat st;

    if (lstat(path, &st) < 0 || (S_ISREG(st.st_mode) && st.st_size == 0))
        return true;
    if (!S_ISREG(st.st_mode))
        return err_set(err, "%s: a %s, so it is not written over", path,
                       S_ISLNK(st.st_mode) ? "symbolic link" : "folder or a device");
    return reader_is_session(path) ||
           err_set(err, "%s: no recording, so it is not written over", path);
}

bool
packer_save(const struct reader *r, const char *path, struct err *err)
{
    struct file_draft d;

    /* A live file may have been cut short since it was opened. */
    if (memcmp(reader_header(r)->magic, FORMAT_MAGIC, sizeof(FORMAT_MAGIC) - 1) != 0)
        return err_set(err, "%s: the session's own file is gone", path);
    if (!packer_check(path, err) || !file_begin(&d, path, 0600, err))
        return false;
    if (add_all(&d, r, err))
        return file_commit(&d, err);
    file_abandon(&d);
    return false;
}

#include "session/image.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "session/sections.h"

/* All that is done with addresses later relies on the section table, so it is checked
 * here, copied into struct image_part, and not looked at again.
 *
 * A live file belongs to the program that is being watched, which may cut it short.
 * Touching a page behind the end is SIGBUS; image_guard() asks for the size and puts
 * zeros over what is gone. A file that is cut between a call and the next one is not
 * guarded against; the writer never does that (files are made, not truncated). A file
 * that somebody else made is copied, and the disk has no say in it later. */

/* The section table */

static uint64_t
round_up(uint64_t n, uint64_t unit)
{
    return (n + unit - 1) / unit * unit;
}

static bool
check_head(const struct format_header *h, const char *name, struct err *err)
{
    if (memcmp(h->magic, FORMAT_MAGIC, sizeof(h->magic)) != 0)
        return err_set(err, "%s: not a session of ttrace (offset 0)", name);
    if (h->byte_order != FORMAT_BYTE_ORDER)
        return err_set(err, "%s: from a machine with another byte order (offset %zu)",
                       name, offsetof(struct format_header, byte_order));
    if (h->version != FORMAT_VERSION)
        return err_set(err, "%s: a session of version %u, this is for version %u", name,
                       h->version, FORMAT_VERSION);
    if (h->header_size != FORMAT_HEADER_SIZE || h->n_sections != FORMAT_N_SECTIONS)
        return err_set(err, "%s: the header is damaged (offset %zu)", name,
                       offsetof(struct format_header, header_size));
    return true;
}

/* The offset of a section's entry, for error messages. */
static size_t
entry_offset(unsigned i)
{
    return offsetof(struct format_header, sections) + i * sizeof(struct format_entry);
}

static bool
check_entry(const struct format_entry *e, unsigned i, uint64_t size, const char *name,
            struct err *err)
{
    uint64_t count = atomic_load_explicit(&e->count, memory_order_acquire);

    if (e->record_size != sections[i].record_size || e->offset % sizeof(uint64_t) ||
        e->offset < FORMAT_HEADER_SIZE)
        return err_set(err, "%s: the entry of section '%s' is damaged (offset %zu)",
                       name, sections[i].name, entry_offset(i));
    if (e->offset > size || e->reserve > size - e->offset)
        return err_set(err,
                       "%s: cut short, section '%s' goes beyond the end of the file"
                       " (offset %llu)",
                       name, sections[i].name, (unsigned long long)size);
    if (count > e->reserve / e->record_size || count > sections[i].max)
        return err_set(err, "%s: section '%s' cannot have %llu records (offset %zu)",
                       name, sections[i].name, (unsigned long long)count,
                       entry_offset(i));
    return true;
}

static bool
are_apart(const struct format_entry *a, const struct format_entry *b)
{
    return a->reserve == 0 || b->reserve == 0 || a->offset >= b->offset + b->reserve ||
           b->offset >= a->offset + a->reserve;
}

/* Checks the header against the file's size and sets the parts by it. */
static bool
take_table(struct image *m, const struct format_header *h, uint64_t size,
           const char *name, struct err *err)
{
    const struct format_entry *e = h->sections;

    if (!check_head(h, name, err))
        return false;
    for (unsigned i = 0; i < FORMAT_N_SECTIONS; i++) {
        uint64_t room = e[i].reserve / sections[i].record_size;

        if (!check_entry(&e[i], i, size, name, err))
            return false;
        for (unsigned j = 0; j < i; j++) {
            if (!are_apart(&e[i], &e[j]))
                return err_set(err, "%s: sections '%s' and '%s' overlap (offset %llu)",
                               name, sections[j].name, sections[i].name,
                               (unsigned long long)e[i].offset);
        }
        m->parts[i].offset = e[i].offset;
        m->parts[i].room = (uint32_t)(room < sections[i].max ? room : sections[i].max);
    }
    return true;
}

/* Opening */

static bool
read_bytes(int fd, uint64_t offset, void *bytes, uint64_t len)
{
    uint8_t *p = bytes;

    while (len > 0) {
        ssize_t n = pread(fd, p, len, (off_t)offset);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        p += n;
        offset += (uint64_t)n;
        len -= (uint64_t)n;
    }
    return true;
}

/* Reads into zeroed memory and leaves it untouched where the file has no blocks: a
 * small file that claims gigabytes takes no more memory than it has on the disk. */
static bool
read_sparse(int fd, uint64_t offset, uint8_t *bytes, uint64_t len)
{
    uint64_t end = offset + len;

    for (uint64_t at = offset; at < end;) {
        off_t data = lseek(fd, (off_t)at, SEEK_DATA);
        off_t hole = data < 0 ? -1 : lseek(fd, data, SEEK_HOLE);
        uint64_t from = at, to = end;

        if (data < 0 && errno == ENXIO)
            break;
        if (hole > 0) {
            from = (uint64_t)data < end ? (uint64_t)data : end;
            to = (uint64_t)hole < end ? (uint64_t)hole : end;
        }
        if (!read_bytes(fd, from, bytes + (from - offset), to - from))
            return false;
        at = to > at ? to : end;
    }
    return true;
}

/* Packs header and sections into memory that is there only where it is written to. */
static bool
load_copy(struct image *m, int fd, const struct format_header *h, const char *name,
          struct err *err)
{
    uint64_t ends[FORMAT_N_SECTIONS], end = FORMAT_HEADER_SIZE;
    uint8_t *at;

    for (unsigned i = 0; i < FORMAT_N_SECTIONS; i++) {
        m->parts[i].room = (uint32_t)h->sections[i].count;
        if (i != FORMAT_CHUNKS)
            end += round_up((uint64_t)m->parts[i].room * sections[i].record_size,
                            sizeof(uint64_t));
        ends[i] = end;
    }
    at = mmap(NULL, end, PROT_READ | PROT_WRITE,
              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (at == MAP_FAILED)
        return err_sys(err, errno, "%s", name);
    m->memory = at;
    m->size = end;
    m->header = memcpy(at, h, sizeof(*h));
    at += FORMAT_HEADER_SIZE;
    for (unsigned i = 0; i < FORMAT_N_SECTIONS; i++) {
        struct image_part *p = &m->parts[i];

        p->at = at;
        if (i != FORMAT_CHUNKS &&
            !read_sparse(fd, p->offset, at,
                         (uint64_t)p->room * sections[i].record_size))
            return err_set(err, "%s: cannot read section '%s' (offset %llu)", name,
                           sections[i].name, (unsigned long long)p->offset);
        at = (uint8_t *)m->memory + ends[i];
    }
    return true;
}

static void
set_places(struct image *m, const uint8_t *bytes)
{
    m->header = (const struct format_header *)(const void *)bytes;
    for (unsigned i = 0; i < FORMAT_N_SECTIONS; i++)
        m->parts[i].at = bytes + m->parts[i].offset;
}

static bool
load_map(struct image *m, int fd, uint64_t size, const char *name, struct err *err)
{
    void *map;

    if (size > SIZE_MAX)
        return err_set(err, "%s: too large to be mapped", name);
    map = mmap(NULL, size, PROT_READ, MAP_SHARED | MAP_NORESERVE, fd, 0);
    if (map == MAP_FAILED)
        return err_sys(err, errno, "%s", name);
    madvise(map, size, MADV_RANDOM); /* as in store_map() */
    m->memory = map;
    m->size = size;
    m->fd = fd;
    set_places(m, map);
    return true;
}

/* Opens a regular file, without waiting for anything, and reads its header. */
static int
open_file(const char *path, struct format_header *h, uint64_t *size, struct err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    struct stat st;

    if (fd < 0 || fstat(fd, &st) < 0)
        err_sys(err, errno, "%s", path);
    else if (!S_ISREG(st.st_mode))
        err_set(err, "%s: not a regular file", path);
    else if (st.st_size < (off_t)FORMAT_HEADER_SIZE)
        err_set(err, "%s: not a session of ttrace, or cut short (offset %llu)", path,
                (unsigned long long)st.st_size);
    else if (!read_bytes(fd, 0, h, sizeof(*h)))
        err_set(err, "%s: cannot read the header (offset 0)", path);
    else {
        *size = (uint64_t)st.st_size;
        return fd;
    }
    if (fd >= 0)
        close(fd);
    return -1;
}

bool
image_map(struct image *m, const char *path, struct err *err)
{
    struct format_header h;
    uint64_t size;
    int fd = open_file(path, &h, &size, err);

    *m = (struct image){.fd = -1};
    if (fd < 0)
        return false;
    if (take_table(m, &h, size, path, err) && load_map(m, fd, size, path, err))
        return true;
    close(fd);
    return false;
}

bool
image_copy(struct image *m, const char *path, struct err *err)
{
    struct format_header h;
    uint64_t size;
    int fd = open_file(path, &h, &size, err);
    bool ok;

    *m = (struct image){.fd = -1, .copied = true};
    if (fd < 0)
        return false;
    ok = take_table(m, &h, size, path, err) && load_copy(m, fd, &h, path, err);
    m->fd = fd;
    if (!ok)
        image_release(m);
    return ok;
}

bool
image_borrow(struct image *m, const void *bytes, size_t size, struct err *err)
{
    *m = (struct image){.fd = -1};
    if (size < FORMAT_HEADER_SIZE)
        return err_set(err, "session: cut short (offset %zu)", size);
    if (!take_table(m, bytes, size, "session", err))
        return false;
    set_places(m, bytes);
    return true;
}

/* Chunks are copied word by word, since they may be written to meanwhile. A copy counts
 * only if the number is the same before and after. Acquire: who has a word of another
 * time finds another number behind it. */

#define CHUNK_HEAD offsetof(struct format_chunk, words)

static bool
is_still(const struct format_chunk *c, const struct format_chunk *copy)
{
    return atomic_load_explicit(&c->number, memory_order_acquire) ==
           atomic_load_explicit(&copy->number, memory_order_relaxed);
}

static bool
copy_head(const struct format_chunk *c, struct format_chunk *out)
{
    /* Acquire: what follows, and the words below the count, are of this number or of a
     * later one. */
    atomic_init(&out->number, atomic_load_explicit(&c->number, memory_order_acquire));
    atomic_init(&out->n_words, atomic_load_explicit(&c->n_words, memory_order_acquire));
    atomic_init(&out->ticks, atomic_load_explicit(&c->ticks, memory_order_acquire));
    atomic_init(&out->n_stack_words,
                atomic_load_explicit(&c->n_stack_words, memory_order_acquire));
    atomic_init(&out->thread, atomic_load_explicit(&c->thread, memory_order_acquire));
    return is_still(c, out);
}

static bool
has_sense(const struct format_chunk *c)
{
    uint32_t n = atomic_load_explicit(&c->n_words, memory_order_relaxed);

    return atomic_load_explicit(&c->number, memory_order_relaxed) != 0 &&
           n <= FORMAT_CHUNK_WORDS &&
           atomic_load_explicit(&c->n_stack_words, memory_order_relaxed) <= n;
}

static bool
copy_chunk(const struct format_chunk *c, struct format_chunk *out)
{
    uint32_t n;

    if (!copy_head(c, out) || !has_sense(out))
        return false;
    n = atomic_load_explicit(&out->n_words, memory_order_relaxed);
    for (uint32_t i = 0; i < n; i++)
        atomic_init(&out->words[i],
                    atomic_load_explicit(&c->words[i], memory_order_acquire));
    return is_still(c, out);
}

static const struct format_chunk *
chunk_of(const struct image *m, uint32_t id)
{
    return (const struct format_chunk *)(const void *)m->parts[FORMAT_CHUNKS].at + id;
}

static bool
read_chunk(const struct image *m, uint32_t id, struct format_chunk *out, size_t size)
{
    uint64_t offset = m->parts[FORMAT_CHUNKS].offset + (uint64_t)id * sizeof(*out);

    return read_bytes(m->fd, offset, out, size) && has_sense(out);
}

bool
image_chunk(const struct image *m, uint32_t id, struct format_chunk *out)
{
    memset(out, 0, sizeof(*out));
    return m->copied ? read_chunk(m, id, out, sizeof(*out))
                     : copy_chunk(chunk_of(m, id), out);
}

bool
image_chunk_head(const struct image *m, uint32_t id, struct format_chunk *out)
{
    return m->copied ? read_chunk(m, id, out, CHUNK_HEAD)
                     : copy_head(chunk_of(m, id), out) && has_sense(out);
}

void
image_release(struct image *m)
{
    if (m->memory)
        munmap(m->memory, m->size);
    if (m->fd >= 0)
        close(m->fd);
    *m = (struct image){.fd = -1};
}

/* Puts zeros over what the file no longer has. */
void
image_guard(struct image *m)
{
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    uint64_t end;
    struct stat st;

    if (m->copied || m->fd < 0 || fstat(m->fd, &st) < 0 ||
        (uint64_t)st.st_size >= m->size)
        return;
    end = round_up((uint64_t)st.st_size, page);
    if (end < m->size)
        mmap((uint8_t *)m->memory + end, m->size - end, PROT_READ,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
}

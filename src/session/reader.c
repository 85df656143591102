#include "session/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mono.h"
#include "base/proc.h"
#include "base/xalloc.h"
#include "session/image.h"
#include "session/sections.h"
#include "session/sums.h"

/* A file is checked in two steps: its section table when it is opened (image.c), and
 * ids whenever they are used: each getter compares with the counts, which are clamped
 * to what the table allows. What lies behind a count is not looked at: it may have no
 * blocks yet, and reading there would allocate some. */

struct file_lines { /* the line records of a file */
    lines_id *ids;
    size_t cap;
    uint32_t n;
    uint32_t n_sorted; /* of them are in order, those behind are new */
};

struct reader {
    struct image image;
    uint32_t counts[FORMAT_N_SECTIONS]; /* records seen */
    struct file_lines *files;
    size_t files_cap;
    uint32_t n_files;
    uint32_t n_lines; /* line records looked at so far */
    /* Lines with the values of places in their hits; NULL where there are none. */
    struct format_line *summed;
    const uint8_t *unsummed; /* the lines as they are in the session */
    bool tsc;
    double ns_per_tick;
    uint64_t now;
};

/* Opening */

/* A reader of the image, or NULL when there is none. */
static bool
start(struct reader **out, bool ok, struct image *m)
{
    *out = NULL;
    if (!ok)
        return false;
    *out = XALLOC_NEW(struct reader);
    (*out)->image = *m;
    (*out)->tsc = mono_has_tsc();
    reader_refresh(*out);
    return true;
}

bool
reader_open(struct reader **out, const char *path, enum reader_how how, struct err *err)
{
    struct image m;
    bool ok = how == READER_LIVE ? image_map(&m, path, err) : image_copy(&m, path, err);

    return start(out, ok, &m);
}

bool
reader_open_memory(struct reader **out, const void *bytes, size_t size, struct err *err)
{
    struct image m;

    return start(out, image_borrow(&m, bytes, size, err), &m);
}

bool
reader_is_session(const char *path)
{
    char head[sizeof(FORMAT_MAGIC) - 1];
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    struct stat st;
    bool is;

    if (fd < 0)
        return false;
    /* Not of a pipe: what is read from it would be gone. */
    is = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
         pread(fd, head, sizeof(head), 0) == sizeof(head) &&
         memcmp(head, FORMAT_MAGIC, sizeof(head)) == 0;
    close(fd);
    return is;
}

void
reader_close(struct reader *r)
{
    if (!r)
        return;
    for (uint32_t i = 0; i < r->n_files; i++)
        free(r->files[i].ids);
    free(r->files);
    free(r->summed);
    image_release(&r->image);
    free(r);
}

/* Lines by file */

static const void *
record(const struct reader *r, enum format_section section, uint32_t id)
{
    return id < r->counts[section]
               ? r->image.parts[section].at + (size_t)id * sections[section].record_size
               : NULL;
}

static uint32_t
line_of(const struct reader *r, lines_id id)
{
    const struct format_line *line = record(r, FORMAT_LINES, id);

    return line ? line->line : 0;
}

static int
compare_keys(const void *a, const void *b)
{
    uint64_t x, y;

    memcpy(&x, a, sizeof(x));
    memcpy(&y, b, sizeof(y));
    return (x > y) - (x < y);
}

/* Sorts the new ids and merges them into the others from the back. The keys are taken
 * out first: sorting needs an order that stays as it is. */
static void
sort_lines(const struct reader *r, struct file_lines *f)
{
    uint32_t n_new = f->n - f->n_sorted;
    uint32_t at = f->n, old = f->n_sorted;
    uint64_t *keys;

    if (n_new == 0)
        return;
    keys = xalloc_array(n_new, sizeof(*keys));
    for (uint32_t i = 0; i < n_new; i++) {
        lines_id id = f->ids[f->n_sorted + i];

        keys[i] = (uint64_t)line_of(r, id) << 32 | id;
    }
    qsort(keys, n_new, sizeof(*keys), compare_keys);
    while (n_new > 0) {
        if (old > 0 && line_of(r, f->ids[old - 1]) > keys[n_new - 1] >> 32)
            f->ids[--at] = f->ids[--old];
        else
            f->ids[--at] = (lines_id)keys[--n_new];
    }
    f->n_sorted = f->n;
    free(keys);
}

static void
index_lines(struct reader *r)
{
    uint32_t n_files = r->counts[FORMAT_FILES];
    uint32_t n_lines = r->counts[FORMAT_LINES];

    if (n_files > r->n_files) {
        r->files = xalloc_grow(r->files, &r->files_cap, n_files, sizeof(*r->files));
        memset(r->files + r->n_files, 0, (n_files - r->n_files) * sizeof(*r->files));
        r->n_files = n_files;
    }
    if (r->n_lines >= n_lines)
        return;
    for (; r->n_lines < n_lines; r->n_lines++) {
        const struct format_line *line = record(r, FORMAT_LINES, r->n_lines);
        files_id id = line->file;
        struct file_lines *f;

        if (id >= r->n_files)
            continue;
        f = &r->files[id];
        f->ids = xalloc_grow(f->ids, &f->cap, f->n + 1u, sizeof(*f->ids));
        f->ids[f->n++] = r->n_lines;
    }
    for (uint32_t i = 0; i < r->n_files; i++)
        sort_lines(r, &r->files[i]);
}

const lines_id *
reader_lines(const struct reader *r, files_id file, uint32_t *n)
{
    *n = file < r->n_files ? r->files[file].n : 0;
    return *n ? r->files[file].ids : NULL;
}

lines_id
reader_find_line(const struct reader *r, files_id file, uint32_t line)
{
    uint32_t n, low = 0, high;
    const lines_id *ids = reader_lines(r, file, &n);

    for (high = n; low < high;) {
        uint32_t middle = low + (high - low) / 2;

        if (line_of(r, ids[middle]) < line)
            low = middle + 1;
        else
            high = middle;
    }
    return low < n && line_of(r, ids[low]) == line ? ids[low] : FORMAT_NONE;
}

/* Time */

bool
reader_has_ended(const struct reader *r)
{
    uint32_t state = reader_load32(&r->image.header->state);

    return state == FORMAT_EXITED || state == FORMAT_REPLACED;
}

bool
reader_is_over(const struct reader *r)
{
    const struct format_header *h = r->image.header;

    return r->image.copied || h->start_mono_ns == 0 || reader_has_ended(r) ||
           (h->pid > 0 && !proc_is_alive((pid_t)h->pid));
}

static uint64_t
less(uint64_t ticks, uint64_t paused)
{
    return ticks > paused ? ticks - paused : 0;
}

/* A program that was killed had no time to note the clocks; its threads had. */
static uint64_t
last_moment(const struct reader *r)
{
    uint64_t last = less(reader_load(&r->image.header->last_ticks),
                         reader_load(&r->image.header->paused_ticks));

    for (uint32_t i = 0; i < r->counts[FORMAT_THREADS]; i++) {
        uint64_t its = reader_load(&reader_thread(r, i)->line_ticks);

        if (its > last)
            last = its;
    }
    return last;
}

/* A process that ended at once, or was killed when nobody noted the clocks for it, has
 * no second reading. That its machine is this one is then the best guess. */
static void
read_clocks(struct reader *r)
{
    const struct format_header *h = r->image.header;
    bool over = reader_is_over(r);
    bool lacks = h->start_mono_ns && reader_load(&h->last_ticks) <= h->start_ticks;
    bool own = !over || lacks;
    uint64_t ticks = own ? mono_ticks(r->tsc) : reader_load(&h->last_ticks);
    uint64_t ns = own ? mono_clock() : reader_load(&h->last_mono_ns);
    uint64_t paused = reader_load(&h->paused_ticks);

    r->ns_per_tick = 1;
    if (ticks > h->start_ticks && ns > h->start_mono_ns)
        r->ns_per_tick =
            (double)(ns - h->start_mono_ns) / (double)(ticks - h->start_ticks);
    if (over)
        r->now = last_moment(r);
    else if (reader_load32(&h->state) == FORMAT_PAUSED)
        r->now = less(reader_load(&h->stop_ticks), paused);
    else
        r->now = less(ticks, paused);
}

uint64_t
reader_ns(const struct reader *r, uint64_t ticks)
{
    double ns = (double)ticks * r->ns_per_tick;

    return ns < 0x1p64 ? (uint64_t)ns : UINT64_MAX;
}

uint64_t
reader_now(const struct reader *r)
{
    return r->now;
}

/* Sums */

/* Puts lines with all their hits in the place of the session's own lines: a picture of
 * this moment, while counters without places are always fresh. It stays where it is. */
static void
sum_lines(struct reader *r)
{
    struct image_part *lines = &r->image.parts[FORMAT_LINES];
    const struct sums sums = {
        .places = (const void *)r->image.parts[FORMAT_PLACES].at,
        .n_places = r->counts[FORMAT_PLACES],
        .terms = (const void *)r->image.parts[FORMAT_TERMS].at,
        .n_terms = r->counts[FORMAT_TERMS],
    };
    uint32_t n = r->counts[FORMAT_LINES];

    if (sums.n_places == 0)
        return;
    if (!r->summed) {
        r->summed = xalloc_array(lines->room, sizeof(*r->summed));
        r->unsummed = lines->at;
        lines->at = (const uint8_t *)r->summed;
    }
    memcpy(r->summed, r->unsummed, n * sizeof(*r->summed));
    sums_add(&sums, r->summed, n);
}

/* Refreshing */

bool
reader_refresh(struct reader *r)
{
    bool came = false;

    image_guard(&r->image);
    /* From the last section to the first: what records refer to was published before
     * them, so a count that is loaded later has it. */
    for (unsigned section = FORMAT_N_SECTIONS; section-- > 0;) {
        /* Acquire: what lies below the count is there, too. */
        uint64_t count = atomic_load_explicit(&r->image.header->sections[section].count,
                                              memory_order_acquire);

        if (count > r->image.parts[section].room)
            count = r->image.parts[section].room;
        if (count <= r->counts[section])
            continue;
        r->counts[section] = (uint32_t)count;
        came = true;
    }
    sum_lines(r);
    index_lines(r);
    read_clocks(r);
    return came;
}

/* Getters */

const struct format_header *
reader_header(const struct reader *r)
{
    return r->image.header;
}

uint32_t
reader_count(const struct reader *r, enum format_section section)
{
    return section == FORMAT_TERMS || section == FORMAT_PLACES ? 0 : r->counts[section];
}

const void *
reader_bytes(const struct reader *r, enum format_section section, size_t *size)
{
    if (section == FORMAT_CHUNKS) {
        *size = 0;
        return "";
    }
    *size = (size_t)reader_count(r, section) * sections[section].record_size;
    return r->image.parts[section].at;
}

const struct format_file *
reader_file(const struct reader *r, files_id id)
{
    return record(r, FORMAT_FILES, id);
}

const struct format_code *
reader_code(const struct reader *r, codes_id id)
{
    return record(r, FORMAT_CODES, id);
}

const struct format_line *
reader_line(const struct reader *r, lines_id id)
{
    return record(r, FORMAT_LINES, id);
}

const struct format_node *
reader_node(const struct reader *r, nodes_id id)
{
    const struct format_node *node = record(r, FORMAT_NODES, id);

    return node && (id == 0 ? node->parent == FORMAT_NONE : node->parent < id) ? node
                                                                               : NULL;
}

const struct format_thread *
reader_thread(const struct reader *r, threads_id id)
{
    return record(r, FORMAT_THREADS, id);
}

/* Whether records first .. first + n - 1 of a section are there. */
static bool
has_range(const struct reader *r, enum format_section section, uint32_t first,
          uint32_t n)
{
    uint32_t count = r->counts[section];

    return n == 0 || (n <= count && first <= count - n);
}

const struct format_stop *
reader_stop(const struct reader *r, uint32_t id)
{
    const struct format_stop *stop = record(r, FORMAT_STOPS, id);

    return stop && has_range(r, FORMAT_FRAMES, stop->first_frame, stop->n_frames)
               ? stop
               : NULL;
}

const struct format_frame *
reader_frame(const struct reader *r, uint32_t id)
{
    const struct format_frame *frame = record(r, FORMAT_FRAMES, id);

    return frame && has_range(r, FORMAT_VALUES, frame->first_value, frame->n_values)
               ? frame
               : NULL;
}

const struct format_value *
reader_value(const struct reader *r, uint32_t id)
{
    return record(r, FORMAT_VALUES, id);
}

const struct format_rule *
reader_rule(const struct reader *r, uint32_t id)
{
    return record(r, FORMAT_RULES, id);
}

const struct format_timing *
reader_timing(const struct reader *r, uint32_t id)
{
    return record(r, FORMAT_TIMINGS, id);
}

const struct format_task *
reader_task(const struct reader *r, uint32_t id)
{
    return record(r, FORMAT_TASKS, id);
}

const struct format_error *
reader_error(const struct reader *r, uint32_t id)
{
    return record(r, FORMAT_ERRORS, id);
}

bool
reader_chunk(const struct reader *r, uint32_t id, struct format_chunk *out)
{
    return id < r->counts[FORMAT_CHUNKS] && image_chunk(&r->image, id, out);
}

bool
reader_chunk_head(const struct reader *r, uint32_t id, struct format_chunk *out)
{
    return id < r->counts[FORMAT_CHUNKS] && image_chunk_head(&r->image, id, out);
}

const char *
reader_string(const struct reader *r, strings_id id, size_t *len)
{
    const uint8_t *strings = r->image.parts[FORMAT_STRINGS].at;
    uint32_t count = r->counts[FORMAT_STRINGS];
    const uint64_t around = sizeof(uint32_t) + 1; /* the length and the NUL */
    const char *text = "";
    uint32_t n = 0;

    if (id % 4 == 0 && id + around <= count) {
        memcpy(&n, strings + id, sizeof(n));
        if (n <= count - id - around && strings[id + sizeof(n) + n] == '\0')
            text = (const char *)strings + id + sizeof(n);
        else
            n = 0;
    }
    if (len)
        *len = n;
    return text;
}

#include "report/merge.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/xalloc.h"

/* Appends the parts of a path: "." and "" are left out, ".." takes one back. */
static void
add_parts(struct buf *out, const char *path)
{
    while (*path) {
        size_t len = strcspn(path, "/");

        if (len == 2 && memcmp(path, "..", 2) == 0) {
            while (out->len > 0 && out->data[--out->len] != '/')
                ;
        } else if (len > 0 && !(len == 1 && path[0] == '.')) {
            buf_add_char(out, '/');
            buf_add(out, path, len);
        }
        path += len + (path[len] == '/');
    }
}

/* As os.path.abspath() gives it. Code that has no file, "<string>", stays as it is. */
static char *
absolute(const struct reader *r, const char *path)
{
    struct buf out = {0};

    if (path[0] == '<')
        return xalloc_copy(path);
    if (path[0] != '/')
        add_parts(&out, reader_string(r, reader_header(r)->cwd, NULL));
    add_parts(&out, path);
    buf_add(&out, "", 0); /* a NUL behind what is left */
    return buf_take(&out);
}

static int
compare(const void *a, const void *b)
{
    const struct merge_file *const *x = a, *const *y = b;
    int order = strcmp((*x)->path, (*y)->path);

    return order ? order : (*x > *y) - (*x < *y);
}

/* The files there are so far, sorted by their paths. */
static struct merge_file **
sort(const struct merge *m)
{
    struct merge_file **sorted = xalloc_array(m->n + 1, sizeof(*sorted));

    for (size_t i = 0; i < m->n; i++)
        sorted[i] = &m->files[i];
    qsort(sorted, m->n, sizeof(*sorted), compare);
    return sorted;
}

/* The first file of that path among `n`; NULL if there is none. */
static struct merge_file *
find(struct merge_file *const *sorted, size_t n, const char *path)
{
    size_t low = 0, high = n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (strcmp(sorted[middle]->path, path) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < n && strcmp(sorted[low]->path, path) == 0 ? sorted[low] : NULL;
}

static void
add_part(struct merge_file *f, const struct reader *r, files_id file)
{
    f->parts = xalloc_grow(f->parts, &f->cap, f->n + 1, sizeof(*f->parts));
    f->parts[f->n++] = (struct merge_part){r, file};
}

/* Room for all files of a session comes first: pointers to the others are in use. */
static void
add_session(struct merge *m, const struct reader *r)
{
    uint32_t n_files = reader_count(r, FORMAT_FILES);
    size_t n_before = m->n;
    struct merge_file **sorted, *found;

    m->files = xalloc_grow(m->files, &m->cap, m->n + n_files + 1, sizeof(*m->files));
    sorted = sort(m);
    for (files_id id = 0; id < n_files; id++) {
        char *path = absolute(r, reader_string(r, reader_file(r, id)->path, NULL));

        found = find(sorted, n_before, path);
        if (found) {
            free(path);
        } else {
            found = &m->files[m->n++];
            *found = (struct merge_file){.path = path};
        }
        add_part(found, r, id);
    }
    free(sorted);
}

void
merge_make(struct merge *m, struct reader *const *readers, size_t n)
{
    *m = (struct merge){0};
    for (size_t i = 0; i < n; i++)
        add_session(m, readers[i]);
}

void
merge_release(struct merge *m)
{
    for (size_t i = 0; i < m->n; i++) {
        free(m->files[i].path);
        free(m->files[i].parts);
    }
    free(m->files);
    *m = (struct merge){0};
}

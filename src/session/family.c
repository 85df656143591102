#include "session/family.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/utf8.h"
#include "base/xalloc.h"
#include "session/packer.h"

#define MISSED_MAX (1u << 20)

/* ".4711" or ".4711-2" */
static bool
is_suffix(const char *text)
{
    size_t len = 1 + strspn(text + 1, "0123456789");

    if (text[0] != '.' || len == 1)
        return false;
    if (text[len] == '\0')
        return true;
    return text[len] == '-' && text[len + 1] != '\0' &&
           text[len + 1 + strspn(text + len + 1, "0123456789")] == '\0';
}

static int
compare(const void *a, const void *b)
{
    const char *const *x = a, *const *y = b;

    return strverscmp(*x, *y);
}

void
family_find(struct family *f, const char *path)
{
    const char *name = file_name(path);
    size_t len = strlen(name);
    char *folder = file_folder(path);
    DIR *dir = opendir(folder);
    struct dirent *entry;

    *f = (struct family){0};
    while (dir && (entry = readdir(dir))) {
        char *found;

        if (strncmp(entry->d_name, name, len) != 0 || !is_suffix(entry->d_name + len))
            continue;
        found = xalloc_printf("%s%s", path, entry->d_name + len);
        if (!reader_is_session(found)) {
            free(found);
            continue;
        }
        f->paths = xalloc_grow(f->paths, &f->cap, f->n + 1, sizeof(*f->paths));
        f->paths[f->n++] = found;
    }
    if (dir)
        closedir(dir);
    if (f->n > 1)
        qsort(f->paths, f->n, sizeof(*f->paths), compare);
    free(folder);
}

void
family_release(struct family *f)
{
    for (size_t i = 0; i < f->n; i++)
        free(f->paths[i]);
    free(f->paths);
    *f = (struct family){0};
}

static const char *
suffix_of(const char *member, const char *path)
{
    return member + strlen(path);
}

pid_t
family_pid(const char *member, const char *path)
{
    return (pid_t)strtol(suffix_of(member, path) + 1, NULL, 10);
}

/* Opening */

static bool
add_reader(struct family_readers *f, const char *path, enum reader_how how,
           struct err *err)
{
    struct reader *reader;

    if (!reader_open(&reader, path, how, err))
        return false;
    f->at = xalloc_grow(f->at, &f->cap, f->n + 1, sizeof(*f->at));
    f->at[f->n++] = reader;
    return true;
}

bool
family_open(struct family_readers *f, const char *path, enum reader_how how,
            struct err *err)
{
    struct family all;
    struct err ignored;

    *f = (struct family_readers){0};
    if (!add_reader(f, path, how, err))
        return false;
    family_find(&all, path);
    for (size_t i = 0; i < all.n; i++)
        add_reader(f, all.paths[i], how, &ignored);
    family_release(&all);
    return true;
}

void
family_close(struct family_readers *f)
{
    for (size_t i = 0; i < f->n; i++)
        reader_close(f->at[i]);
    free(f->at);
    *f = (struct family_readers){0};
}

/* What is missing */

static bool
has_line(const char *text, const char *line, size_t len)
{
    const char *other;
    size_t other_len;

    while ((other = buf_line(&text, &other_len)))
        if (other_len == len && memcmp(other, line, len) == 0)
            return true;
    return false;
}

void
family_add_missed(struct buf *out, const char *path)
{
    char *name = xalloc_printf("%s.missed", path);
    struct buf text = {0}, shown = {0};
    const char *at, *line;
    size_t len;

    if (!file_read(name, MISSED_MAX, &text, NULL))
        buf_clear(&text);
    at = buf_str(&text);
    while ((line = buf_line(&at, &len))) {
        buf_clear(&shown);
        utf8_show(&shown, line, len, 0);
        if (shown.len > 0 && !has_line(buf_str(out), buf_str(&shown), shown.len))
            buf_printf(out, "%s\n", buf_str(&shown));
    }
    buf_release(&text);
    buf_release(&shown);
    free(name);
}

/* Saving */

/* Takes away what lies beside `to` and is no copy of a session beside `path`. */
static void
remove_stale(const struct family *f, const char *path, const char *to)
{
    struct family old;

    family_find(&old, to);
    for (size_t i = 0; i < old.n; i++) {
        const char *suffix = suffix_of(old.paths[i], to);
        bool is_ours = false;

        for (size_t j = 0; j < f->n; j++)
            is_ours |= strcmp(suffix_of(f->paths[j], path), suffix) == 0;
        if (!is_ours)
            unlink(old.paths[i]);
    }
    family_release(&old);
}

static bool
save_member(const char *path, const char *to, struct err *err)
{
    struct reader *reader;
    bool ok;

    if (!reader_open(&reader, path, READER_COPY, err))
        return false;
    ok = packer_save(reader, to, err);
    reader_close(reader);
    return ok;
}

bool
family_save(const struct reader *reader, const char *path, const char *to,
            struct err *err)
{
    struct family f;
    bool ok = packer_save(reader, to, err);

    if (!ok)
        return false;
    family_find(&f, path);
    remove_stale(&f, path, to);
    for (size_t i = 0; i < f.n && ok; i++) {
        char *name = xalloc_printf("%s%s", to, suffix_of(f.paths[i], path));

        ok = save_member(f.paths[i], name, err);
        free(name);
    }
    family_release(&f);
    return ok;
}

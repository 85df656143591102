#include "session/family.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/xalloc.h"
#include "session/packer.h"

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

static const char *
name_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
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
    const char *name = name_of(path);
    size_t len = strlen(name);
    char *folder =
        name == path ? xalloc_copy(".") : xalloc_copy_n(path, (size_t)(name - path));
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

const char *
family_suffix(const char *member, const char *path)
{
    return member + strlen(path);
}

/* Takes away what lies beside `to` and is no copy of a session beside `path`. */
static void
remove_stale(const struct family *f, const char *path, const char *to)
{
    struct family old;

    family_find(&old, to);
    for (size_t i = 0; i < old.n; i++) {
        const char *suffix = family_suffix(old.paths[i], to);
        bool is_ours = false;

        for (size_t j = 0; j < f->n; j++)
            is_ours |= strcmp(family_suffix(f->paths[j], path), suffix) == 0;
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
        char *name = xalloc_printf("%s%s", to, family_suffix(f.paths[i], path));

        ok = save_member(f.paths[i], name, err);
        free(name);
    }
    family_release(&f);
    return ok;
}

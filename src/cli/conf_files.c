#include "cli/conf_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/utf8.h"
#include "base/xalloc.h"
#include "cli/conf_yaml.h"

#define PROJECT_FILE ".ttrace.yaml"
#define OTHERS_WRITE (S_IWGRP | S_IWOTH)

/* The user's own file */

/* NULL when there is no home to look in. */
static char *
user_path(void)
{
    const char *base = getenv("XDG_CONFIG_HOME");
    const char *home = getenv("HOME");

    if (base && base[0] == '/')
        return xalloc_printf("%s/ttrace/config.yaml", base);
    if (home && home[0] == '/')
        return xalloc_printf("%s/.config/ttrace/config.yaml", home);
    return NULL;
}

bool
conf_files_load_one(struct conf *c, const char *path, struct err *err)
{
    struct buf text = {0};
    bool ok = file_read(path, CONF_YAML_SIZE_MAX, &text, err) &&
              conf_yaml_read(c, path, buf_str(&text), text.len, CONF_USER, err);

    buf_release(&text);
    return ok;
}

static bool
load_user(struct conf *c, struct err *err)
{
    char *path = user_path();
    bool ok = true;

    if (path && access(path, F_OK) == 0)
        ok = conf_files_load_one(c, path, err);
    free(path);
    return ok;
}

/* The project's file */

static bool
has_entry(int folder, const char *name)
{
    return faccessat(folder, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static bool
is_same(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* Whether the search ends with this folder. */
static bool
is_border(int folder, const struct stat *st)
{
    const char *home = getenv("HOME");
    struct stat home_st;

    return has_entry(folder, ".git") || has_entry(folder, "pyproject.toml") ||
           (home && stat(home, &home_st) == 0 && is_same(st, &home_st));
}

/* Why a project's file cannot be trusted; NULL if it can. The caller's to free. */
static char *
distrust(const struct stat *folder, const struct stat *file)
{
    if (!S_ISREG(file->st_mode))
        return xalloc_copy("it is no regular file");
    if (file->st_uid != geteuid())
        return xalloc_printf("it belongs to user %u", (unsigned)file->st_uid);
    if (folder->st_uid != geteuid())
        return xalloc_printf("its folder belongs to user %u", (unsigned)folder->st_uid);
    if (file->st_mode & OTHERS_WRITE)
        return xalloc_copy("others can write to it (chmod go-w)");
    if (folder->st_mode & OTHERS_WRITE)
        return xalloc_copy("others can write to its folder (chmod go-w)");
    return NULL;
}

/* One byte more than is allowed is enough for the error. */
static bool
read_all(int fd, const char *path, struct buf *text, struct err *err)
{
    char chunk[4096];
    ssize_t len;

    while ((len = read(fd, chunk, sizeof(chunk))) != 0) {
        if (len < 0 && errno == EINTR)
            continue;
        if (len < 0)
            return err_sys(err, errno, "%s", path);
        buf_add(text, chunk, (size_t)len);
        if (text->len > CONF_YAML_SIZE_MAX)
            break;
    }
    return true;
}

static bool
load_project_file(struct conf *c, int fd, const char *path, const struct stat *folder,
                  struct buf *notes, struct err *err)
{
    struct buf text = {0};
    struct stat st;
    char *why;
    bool ok;

    if (fstat(fd, &st) < 0)
        return err_sys(err, errno, "%s", path);
    why = distrust(folder, &st);
    if (why) {
        utf8_show(notes, path, strlen(path), 0);
        buf_printf(notes, ": not read: %s\n", why);
        free(why);
        return true;
    }
    ok = read_all(fd, path, &text, err) &&
         conf_yaml_read(c, path, buf_str(&text), text.len, CONF_PROJECT, err);
    buf_release(&text);
    return ok;
}

/* Looks for the file in `folder` (open as `at`, named `path`). *found: the search is
 * over. */
static bool
try_folder(struct conf *c, int at, const struct stat *folder, const char *path,
           bool *found, struct buf *notes, struct err *err)
{
    char *name =
        xalloc_printf("%s%s" PROJECT_FILE, path, strcmp(path, "/") != 0 ? "/" : "");
    /* No link is followed, and a FIFO or a terminal has no chance to do harm. */
    int fd = openat(at, PROJECT_FILE,
                    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    bool ok = true;

    *found = fd >= 0 || errno != ENOENT;
    if (fd >= 0) {
        ok = load_project_file(c, fd, name, folder, notes, err);
        close(fd);
    } else if (*found) {
        utf8_show(notes, name, strlen(name), 0);
        buf_printf(notes, ": not read: %s\n",
                   errno == ELOOP ? "it is a symbolic link" : strerror(errno));
    }
    free(name);
    return ok;
}

/* `path`, which is absolute and has no links in it, without its last part. */
static void
cut_last(char *path)
{
    char *slash = strrchr(path, '/');

    slash[slash == path] = '\0';
}

static bool
load_project(struct conf *c, const char *folder, struct buf *notes, struct err *err)
{
    char *path = realpath(folder, NULL);
    struct stat st, below;
    bool done = !path, first = true, ok = true;

    while (!done) {
        int at = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        if (at < 0)
            break;
        done = fstat(at, &st) < 0 || (!first && st.st_dev != below.st_dev);
        if (!done) {
            ok = try_folder(c, at, &st, path, &done, notes, err);
            done = done || is_border(at, &st) || strcmp(path, "/") == 0;
        }
        close(at);
        below = st;
        first = false;
        cut_last(path);
    }
    free(path);
    return ok;
}

bool
conf_files_load(struct conf *c, const char *folder, struct buf *notes, struct err *err)
{
    return load_user(c, err) && load_project(c, folder, notes, err);
}

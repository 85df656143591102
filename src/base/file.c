#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/xalloc.h"

#define PIECE 65536u

enum { HIGH_MIN = 240 }; /* where programs rarely look */

static const char *
sort_of(mode_t mode)
{
    return S_ISDIR(mode)    ? "a folder"
           : S_ISLNK(mode)  ? "a symbolic link"
           : S_ISFIFO(mode) ? "a FIFO"
           : S_ISSOCK(mode) ? "a socket"
                            : "a device";
}

static bool
read_all(int fd, const char *path, size_t max_len, struct buf *out, struct err *err)
{
    char *piece = xalloc_array(PIECE, 1);
    size_t len = 0;
    ssize_t n;
    bool ok;

    while ((n = read(fd, piece, PIECE)) != 0) {
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 || (size_t)n > max_len - len)
            break;
        buf_add(out, piece, (size_t)n);
        len += (size_t)n;
    }
    ok = n == 0;
    if (n < 0)
        err_sys(err, errno, "%s", path);
    else if (!ok)
        err_set(err, "%s: larger than %zu bytes", path, max_len);
    free(piece);
    return ok;
}

bool
file_read(const char *path, size_t max_len, struct buf *out, struct err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    size_t old_len = out->len;
    struct stat st;
    bool ok = false;

    if (fd < 0)
        return err_sys(err, errno, "%s", path);
    if (fstat(fd, &st) < 0)
        err_sys(err, errno, "%s", path);
    else if (!S_ISREG(st.st_mode))
        err_set(err, "%s: is %s, not a file", path, sort_of(st.st_mode));
    else if (st.st_size > 0 && (uintmax_t)st.st_size > max_len)
        err_set(err, "%s: larger than %zu bytes", path, max_len);
    else
        ok = read_all(fd, path, max_len, out, err);
    close(fd);
    if (!ok && out->data) {
        out->len = old_len;
        out->data[old_len] = '\0';
    }
    return ok;
}

const char *
file_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

size_t
file_stem_len(const char *path)
{
    const char *name = file_name(path);
    const char *dot = strrchr(name, '.');

    return dot && name + strspn(name, ".") < dot ? (size_t)(dot - path) : strlen(path);
}

char *
file_folder(const char *path)
{
    size_t len = (size_t)(file_name(path) - path);

    return len ? xalloc_copy_n(path, len) : xalloc_copy(".");
}

/* What stands at the place now: *mode becomes its mode, *exists says if there is one.
 */
static bool
check_target(struct file_draft *d, bool *exists, mode_t *mode, struct err *err)
{
    const char *name = file_name(d->path);
    struct stat st;

    *exists = fstatat(d->folder, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
    if (!*exists)
        return errno == ENOENT || err_sys(err, errno, "%s", d->path);
    if (!S_ISREG(st.st_mode))
        return err_set(err, "%s: is %s, not a file", d->path, sort_of(st.st_mode));
    /* Renaming over it would not ask. */
    if (faccessat(d->folder, name, W_OK, AT_EACCESS) < 0)
        return err_sys(err, errno, "%s", d->path);
    *mode = st.st_mode & 0777;
    return true;
}

static bool
open_folder(struct file_draft *d, struct err *err)
{
    char *folder = file_folder(d->path);

    d->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (d->folder < 0)
        err_sys(err, errno, "%s", folder);
    else if (!*file_name(d->path))
        err_set(err, "%s: is a folder, not a file", d->path);
    free(folder);
    return d->folder >= 0 && *file_name(d->path);
}

static bool
open_draft(struct file_draft *d, mode_t mode, struct err *err)
{
    uint64_t number = 0;

    for (int i = 0; i < 16; i++) {
        if (getrandom(&number, sizeof(number), GRND_NONBLOCK) < 0)
            number = number + (uint64_t)getpid(); /* O_EXCL makes up for it */
        snprintf(d->name, sizeof(d->name), ".ttrace-%016llx",
                 (unsigned long long)number);
        d->fd = openat(d->folder, d->name,
                       O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
        if (d->fd >= 0 || errno != EEXIST)
            break;
    }
    return d->fd >= 0 || err_sys(err, errno, "%s", d->path);
}

bool
file_begin(struct file_draft *d, const char *path, mode_t mode, struct err *err)
{
    bool exists;

    *d = (struct file_draft){.path = xalloc_copy(path), .fd = -1, .folder = -1};
    if (!open_folder(d, err) || !check_target(d, &exists, &mode, err) ||
        !open_draft(d, mode, err))
        goto fail;
    if (exists && fchmod(d->fd, mode) < 0) {
        err_sys(err, errno, "%s", path);
        goto fail;
    }
    return true;
fail:
    file_abandon(d);
    return false;
}

bool
file_add(struct file_draft *d, const void *bytes, size_t len, struct err *err)
{
    const char *p = bytes;

    while (len > 0) {
        ssize_t n = write(d->fd, p, len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_sys(err, errno, "%s", d->path);
        p += n;
        len -= (size_t)n;
    }
    return true;
}

bool
file_commit(struct file_draft *d, struct err *err)
{
    int fd = d->fd;
    bool ok;

    /* Where the disk is remote, closing is what says that it is full. */
    d->fd = -1;
    ok = close(fd) == 0 &&
         renameat(d->folder, d->name, d->folder, file_name(d->path)) == 0;
    if (ok)
        d->name[0] = '\0';
    else
        err_sys(err, errno, "%s", d->path);
    file_abandon(d);
    return ok;
}

void
file_abandon(struct file_draft *d)
{
    if (d->fd >= 0)
        close(d->fd);
    if (d->folder >= 0) {
        if (d->name[0])
            unlinkat(d->folder, d->name, 0);
        close(d->folder);
    }
    free(d->path);
    *d = (struct file_draft){.fd = -1, .folder = -1};
}

bool
file_write(const char *path, const void *bytes, size_t len, struct err *err)
{
    struct file_draft d;

    if (!file_begin(&d, path, 0666, err))
        return false;
    if (file_add(&d, bytes, len, err))
        return file_commit(&d, err);
    file_abandon(&d);
    return false;
}

int
file_move_up(int fd)
{
    int high = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, HIGH_MIN);

    if (high < 0)
        return fd;
    close(fd);
    return high;
}

bool
file_make_dir(const char *path, struct err *err)
{
    char *head = xalloc_copy(path);
    struct stat st;
    bool ok = true;

    for (char *p = head; ok && *p; p++) {
        if (p == head || *p != '/')
            continue;
        *p = '\0';
        ok = mkdir(head, 0777) == 0 || errno == EEXIST;
        *p = '/';
    }
    if (ok)
        ok = mkdir(head, 0777) == 0 || errno == EEXIST;
    if (!ok)
        err_sys(err, errno, "%s", path);
    else if (stat(path, &st) < 0)
        ok = err_sys(err, errno, "%s", path);
    else if (!S_ISDIR(st.st_mode))
        ok = err_set(err, "%s: exists, and is not a folder", path);
    free(head);
    return ok;
}

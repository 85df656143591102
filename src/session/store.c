#include "session/store.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

/* A store into a mapped block that the disk has no room for is SIGBUS, in the middle of
 * the user's program. Hence blocks are allocated before they are touched: a full disk
 * is then an error code. The file's size, on the other hand, is final from the start;
 * what lies behind the allocated blocks costs nothing. */

static char *
absolute(const char *path)
{
    char folder[PATH_MAX];
    char *s = NULL;

    if (path[0] == '/')
        return strdup(path);
    if (!getcwd(folder, sizeof(folder)) || asprintf(&s, "%s/%s", folder, path) < 0)
        return NULL;
    return s;
}

bool
store_create(struct store *s, const char *path, struct err *err)
{
    struct stat st;

    *s = (struct store){.fd = -1, .page = (uint64_t)sysconf(_SC_PAGESIZE)};
    s->path = absolute(path);
    if (!s->path)
        return err_sys(err, errno, "%s", path);
    s->fd = file_move_up(
        open(s->path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (s->fd < 0) {
        err_sys(err, errno, "%s", path);
        store_close(s);
        return false;
    }
    /* The umask may have taken bits away, and a folder's default ACL may add some. */
    if (fchmod(s->fd, 0600) < 0 || fstat(s->fd, &st) < 0) {
        err_sys(err, errno, "%s", path);
        store_remove(s);
        return false;
    }
    s->device = st.st_dev;
    s->inode = st.st_ino;
    /* For others to see that somebody writes here; some network disks have no locks. */
    flock(s->fd, LOCK_EX | LOCK_NB);
    return true;
}

int
store_resize(struct store *s, uint64_t size)
{
    struct rlimit limit;

    if (size > SIZE_MAX || size > INT64_MAX)
        return EFBIG;
    /* Asked first, since exceeding the limit is a deadly signal. */
    if (getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY &&
        size > limit.rlim_cur)
        return EFBIG;
    if (ftruncate(s->fd, (off_t)size) < 0)
        return errno;
    s->size = size;
    return 0;
}

int
store_map(struct store *s, void *at)
{
    void *map = mmap(at, s->size, PROT_READ | PROT_WRITE,
                     MAP_SHARED | MAP_NORESERVE | (at ? MAP_FIXED : 0), s->fd, 0);

    if (map == MAP_FAILED)
        return errno;
    /* What lies ahead of a fault is a hole: reading ahead of it takes milliseconds
     * where the device reads ahead by megabytes. */
    madvise(map, s->size, MADV_RANDOM);
    s->map = map;
    return 0;
}

static bool
is_ours(const struct store *s, int fd)
{
    struct stat st;

    return fd >= 0 && fstat(fd, &st) == 0 && st.st_dev == s->device &&
           st.st_ino == s->inode;
}

/* Programs close descriptors that they did not open (daemons do), and the number then
 * belongs to a file of theirs, which must not get our blocks. */
static bool
reopen(struct store *s)
{
    int fd;

    if (is_ours(s, s->fd))
        return true;
    s->fd = -1;
    fd = open(s->path, O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return false;
    if (!is_ours(s, fd)) {
        close(fd);
        return false;
    }
    s->fd = file_move_up(fd);
    flock(s->fd, LOCK_EX | LOCK_NB);
    return true;
}

int
store_allocate(struct store *s, uint64_t offset, uint64_t len)
{
    if (len == 0)
        return 0;
    if (!reopen(s))
        return EBADF;
    return posix_fallocate(s->fd, (off_t)offset, (off_t)len);
}

int
store_write(struct store *s, uint64_t offset, const void *bytes, uint64_t len)
{
    const uint8_t *p = bytes;

    while (len > 0) {
        ssize_t n = pwrite(s->fd, p, len, (off_t)offset);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno;
        if (n == 0)
            return ENOSPC;
        p += n;
        offset += (uint64_t)n;
        len -= (uint64_t)n;
    }
    return 0;
}

void
store_seal(uint8_t *at, uint64_t used, uint64_t span, uint64_t page)
{
    const int how = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED;
    uint64_t kept = (used + page - 1) / page * page;
    void *copy = used ? malloc(used) : NULL;

    if (copy)
        memcpy(copy, at, used);
    /* Not one large writable piece: where memory is strictly accounted for, the whole
     * reserve would be charged. */
    if (span > kept)
        mmap(at + kept, span - kept, PROT_NONE, how, -1, 0);
    if (kept)
        mmap(at, kept, PROT_READ | PROT_WRITE, how, -1, 0);
    if (copy)
        memcpy(at, copy, used);
    free(copy);
}

void
store_close(struct store *s)
{
    if (is_ours(s, s->fd))
        close(s->fd);
    free(s->path);
    s->path = NULL;
    s->fd = -1;
}

void
store_remove(struct store *s)
{
    int saved = errno;

    if (s->path)
        unlink(s->path);
    store_close(s);
    errno = saved;
}

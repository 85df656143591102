#include "cli/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/xalloc.h"

/* Folders in memory come first where they can: making and removing a session there
 * takes 1 ms, on a disk 15. They can be small (64 MiB in a container), and a long run
 * fills more than that. */
#define PLENTY ((uint64_t)1 << 30)

/* Who owns a folder can put another one in place of ours, so it must be the user or
 * root. */
static bool
is_usable(const char *path, uint64_t room)
{
    struct statvfs fs;
    struct stat st;

    return path && path[0] == '/' && access(path, W_OK | X_OK) == 0 &&
           stat(path, &st) == 0 && (st.st_uid == geteuid() || st.st_uid == 0) &&
           statvfs(path, &fs) == 0 && (uint64_t)fs.f_bavail * fs.f_frsize >= room;
}

bool
folder_make(char **path, const char *near, struct err *err)
{
    const struct {
        const char *path;
        uint64_t room; /* that it must have */
    } places[] = {
        {near, 0},
        {getenv("XDG_RUNTIME_DIR"), PLENTY},
        {getenv("TMPDIR"), 0},
        {"/dev/shm", PLENTY},
    };
    const char *base = "/tmp";

    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        if (is_usable(places[i].path, places[i].room)) {
            base = places[i].path;
            break;
        }
    }
    *path = xalloc_printf("%s/ttrace-XXXXXX", base);
    if (mkdtemp(*path))
        return true;
    err_sys(err, errno, "%s", *path);
    free(*path);
    *path = NULL;
    return false;
}

void
folder_remove(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    struct dirent *entry;
    char *gone;
    bool renamed;

    if (!dir) {
        if (fd >= 0)
            close(fd);
        return;
    }
    /* Under another name nobody puts anything into it any more. */
    gone = xalloc_printf("%s.gone", path);
    renamed = rename(path, gone) == 0;
    while ((entry = readdir(dir)))
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            unlinkat(fd, entry->d_name, 0);
    closedir(dir);
    rmdir(renamed ? gone : path);
    free(gone);
}

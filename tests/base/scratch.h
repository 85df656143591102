/* A folder for one test program's files, away from the tree, removed at the end. */
#ifndef TESTS_BASE_SCRATCH_H
#define TESTS_BASE_SCRATCH_H

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char scratch_dir[512];

static inline int
scratch_make(void **state)
{
    const char *tmp = getenv("TMPDIR");

    (void)state;
    snprintf(scratch_dir, sizeof(scratch_dir), "%s/ttrace-test-XXXXXX",
             tmp ? tmp : "/tmp");
    return mkdtemp(scratch_dir) ? 0 : -1;
}

/* A path in the folder. The last eight answers stay as they are. */
static inline const char *
scratch_path(const char *name)
{
    static char paths[8][1024];
    static unsigned next;
    char *path = paths[next++ % 8];

    snprintf(path, sizeof(paths[0]), "%s/%s", scratch_dir, name);
    return path;
}

/* How many files the folder has; `remove` takes them away. */
static inline int
scratch_count(int remove)
{
    DIR *dir = opendir(scratch_dir);
    struct dirent *entry;
    int n = 0;

    while (dir && (entry = readdir(dir)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        n++;
        if (remove && unlinkat(dirfd(dir), entry->d_name, 0) < 0)
            unlinkat(dirfd(dir), entry->d_name, AT_REMOVEDIR);
    }
    if (dir)
        closedir(dir);
    return n;
}

static inline int
scratch_clear(void **state)
{
    (void)state;
    scratch_count(1);
    return 0;
}

static inline int
scratch_unlink(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st;
    (void)type;
    (void)at;
    return remove(path);
}

static inline int
scratch_remove(void **state)
{
    (void)state;
    return nftw(scratch_dir, scratch_unlink, 8, FTW_DEPTH | FTW_PHYS);
}

#endif

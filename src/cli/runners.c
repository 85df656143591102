#include "cli/runners.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/xalloc.h"
#include "cli/ask.h"

#define PREFIX "ttrace-runner-"
#define ASK_MS 10000

static const char *const places[] = {"", "/../libexec/ttrace"}; /* behind own_dir */
#define N_PLACES (sizeof(places) / sizeof(places[0]))

bool
runners_own_dir(char **dir, struct err *err)
{
    *dir = realpath("/proc/self/exe", NULL);
    if (!*dir)
        return err_sys(err, errno, "/proc/self/exe");
    *strrchr(*dir, '/') = '\0';
    return true;
}

static int
is_runner(const struct dirent *entry)
{
    return strncmp(entry->d_name, PREFIX "3.", sizeof(PREFIX) + 1) == 0;
}

void
runners_list(const char *own_dir, struct texts *paths)
{
    for (size_t i = 0; i < N_PLACES; i++) {
        char *dir = xalloc_printf("%s%s", own_dir, places[i]);
        struct dirent **entries;
        int n = scandir(dir, &entries, is_runner, versionsort);

        for (int j = 0; j < n; j++) {
            char *path = xalloc_printf("%s/%s", dir, entries[j]->d_name);

            if (access(path, X_OK) == 0)
                texts_add(paths, path);
            free(path);
            free(entries[j]);
        }
        if (n >= 0)
            free(entries);
        free(dir);
    }
}

static const char *
version_of(const char *path)
{
    return strrchr(path, '/') + sizeof(PREFIX);
}

static bool
fail_none(const char *own_dir, const struct python *python, struct err *err)
{
    struct texts paths = {0};
    struct buf there = {0};

    runners_list(own_dir, &paths);
    for (size_t i = 0; i < paths.n; i++)
        buf_printf(&there, "%s%s", i ? ", " : " (there are some for ",
                   version_of(paths.items[i]));
    buf_add_str(&there, paths.n ? ")" : "");
    err_set(err,
            "%s is Python %s, and there is no runner for that%s; to build it: "
            "make PYTHON=%s",
            python->exe, python->version, buf_str(&there), python->exe);
    buf_release(&there);
    texts_release(&paths);
    return false;
}

bool
runners_get(const char *own_dir, const struct python *python, char **path,
            struct err *err)
{
    for (size_t i = 0; i < N_PLACES; i++) {
        *path = xalloc_printf("%s%s/" PREFIX "%s", own_dir, places[i], python->version);
        if (access(*path, X_OK) == 0)
            return true;
        free(*path);
    }
    *path = NULL;
    return fail_none(own_dir, python, err);
}

char *
runners_ask(const char *path, struct err *err)
{
    char *program = xalloc_copy(path);
    char version[] = "--version";
    char *argv[] = {program, version, NULL};
    struct buf answer = {0};
    bool ok = ask_program(argv, ASK_MS, &answer, err);

    free(program);
    if (!ok) {
        buf_release(&answer);
        return NULL;
    }
    if (answer.len > 0)
        answer.data[strcspn(answer.data, "\n")] = '\0';
    return buf_take(&answer);
}

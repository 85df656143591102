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

    if (strverscmp(python->version, "3.11") < 0)
        return err_set(err, "%s is Python %s; 3.11 or a newer one is needed",
                       python->exe, python->version);
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

/* All that a runner says of itself: "3.11.2 bytecode (why)", and the prefix it was
 * built for. */
static char *
ask(const char *path, struct err *err)
{
    char *program = xalloc_copy(path);
    char version[] = "--version";
    char *argv[] = {program, version, NULL};
    struct buf answer = {0};
    bool ok = ask_program(argv, ASK_MS, &answer, err);

    free(program);
    if (ok)
        return buf_take(&answer);
    buf_release(&answer);
    return NULL;
}

/* The folder above that in which an interpreter lies, where links end. */
static char *
prefix_of(const char *exe)
{
    char *path = realpath(exe, NULL), *slash;

    for (int i = 0; path && i < 2; i++)
        if ((slash = strrchr(path, '/')))
            *slash = '\0';
    return path;
}

/* A runner has the interpreter inside that it was built for. One of another patch
 * release would load this one's extension modules, which need not fit. */
static bool
check_release(const char *path, const struct python *python, struct err *err)
{
    char *version = ask(path, err), *prefix = prefix_of(python->exe), *own = NULL;
    char *built_for = version ? strchr(version, '\n') : NULL;
    bool ok = version != NULL;

    if (built_for) {
        *built_for++ = '\0';
        built_for[strcspn(built_for, "\n")] = '\0';
    }
    if (version)
        version[strcspn(version, " ")] = '\0';
    if (ok && (!prefix || !built_for || strcmp(prefix, built_for) != 0)) {
        own = python_release_of(python, err);
        ok = own && (strcmp(own, version) == 0 ||
                     err_set(err,
                             "%s is Python %s, and the runner is for %s; to build the "
                             "one that fits: make PYTHON=%s",
                             python->exe, own, version, python->exe));
    }
    free(own);
    free(prefix);
    free(version);
    return ok;
}

bool
runners_get(const char *own_dir, const struct python *python, char **path,
            struct err *err)
{
    for (size_t i = 0; i < N_PLACES; i++) {
        *path = xalloc_printf("%s%s/" PREFIX "%s", own_dir, places[i], python->version);
        if (access(*path, X_OK) == 0) {
            if (check_release(*path, python, err))
                return true;
            free(*path);
            *path = NULL;
            return false;
        }
        free(*path);
    }
    *path = NULL;
    return fail_none(own_dir, python, err);
}

char *
runners_ask(const char *path, struct err *err)
{
    char *answer = ask(path, err);

    if (answer)
        answer[strcspn(answer, "\n")] = '\0';
    return answer;
}

#include "cli/strict.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/xalloc.h"
#include "cli/python.h"
#include "cli/runners.h"

#define START "ttrace/_strict" /* a folder, which python can run */

static const char *const places[] = {"/build/python", "/../lib/ttrace/python"};
#define N_PLACES (sizeof(places) / sizeof(places[0]))

/* The options that may stand in front. Takes the one at `*at`, and its value, if it is
 * `name`; `*value` is NULL where it has none. */
static bool
take(char *const **at, const char *name, const char **value)
{
    size_t len = strlen(name);
    const char *word = **at;

    if (!word || strncmp(word, name, len) != 0 || (word[len] && word[len] != '='))
        return false;
    ++*at;
    *value = word[len] ? word + len + 1 : **at;
    if (!word[len] && *value)
        ++*at;
    return true;
}

bool
strict_is_asked(int argc, char *const *argv)
{
    char *const *at = argv + (argc > 0);
    const char *value;

    while (take(&at, "--python", &value))
        continue;
    return take(&at, "--compat", &value) && value && strcmp(value, "strict") == 0;
}

bool
strict_parse(struct strict *s, int argc, char *const *argv, struct err *err)
{
    char *const *at = argv + (argc > 0);
    const char *value;

    *s = (struct strict){0};
    for (;;) {
        if (take(&at, "--python", &s->python)) {
            if (!s->python)
                return err_set(err, "'--python' needs a value: PATH");
        } else if (!take(&at, "--compat", &value)) {
            break;
        } else if (!value || strcmp(value, "strict") != 0) {
            return err_set(err, "'--compat=strict' stands beside another --compat");
        }
    }
    s->words = at;
    return true;
}

/* What the interpreter is to run; NULL on failure. */
static char *
find_start(struct err *err)
{
    char *own_dir;

    if (!runners_own_dir(&own_dir, err))
        return NULL;
    for (size_t i = 0; i < N_PLACES; i++) {
        char *path = xalloc_printf("%s%s/" START, own_dir, places[i]);

        if (access(path, R_OK) == 0) {
            free(own_dir);
            return path;
        }
        free(path);
    }
    err_set(err, "the package ttrace is neither in %s%s nor in %s%s", own_dir,
            places[0], own_dir, places[1]);
    free(own_dir);
    return NULL;
}

void
strict_exec(const struct strict *s, struct err *err)
{
    struct python python;
    char *start = find_start(err), **argv;
    size_t n = 0;

    if (!start)
        return;
    if (!python_find(&python, s->python, err)) {
        free(start);
        return;
    }
    if (strverscmp(python.version, "3.11") < 0) {
        err_set(err, "%s is Python %s; 3.11 or a newer one is needed", python.exe,
                python.version);
    } else {
        while (s->words[n])
            n++;
        argv = xalloc_array(n + 3, sizeof(*argv));
        argv[0] = python.exe;
        argv[1] = start;
        memcpy(argv + 2, s->words, n * sizeof(*argv));
        execv(python.exe, argv);
        err_sys(err, errno, "%s", python.exe);
        free(argv);
    }
    python_release(&python);
    free(start);
}

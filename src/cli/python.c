#include "cli/python.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/xalloc.h"
#include "cli/ask.h"

#define ASK_MS 10000
#define CFG_SIZE_MAX (64u << 10)

/* Finding it */

static bool
is_program(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

/* The file of that name on PATH; NULL if there is none. The caller's to free. */
static char *
search_path(const char *name)
{
    const char *dirs = getenv("PATH");

    for (const char *end; dirs; dirs = *end ? end + 1 : NULL) {
        char *path;

        end = dirs + strcspn(dirs, ":");
        if (end > dirs)
            path = xalloc_printf("%.*s/%s", (int)(end - dirs), dirs, name);
        else /* an empty entry is the present folder */
            path = xalloc_printf("./%s", name);
        if (is_program(path))
            return path;
        free(path);
    }
    return NULL;
}

/* Made absolute, without touching links: what lies beside a link (pyvenv.cfg) counts.
 * Takes `path` over. */
static char *
make_absolute(char *path)
{
    char *cwd, *absolute;
    const char *tail = path;

    if (path[0] == '/')
        return path;
    cwd = getcwd(NULL, 0);
    if (!cwd)
        return path;
    while (strncmp(tail, "./", 2) == 0)
        tail += 2;
    absolute = xalloc_printf("%s/%s", cwd, tail);
    free(cwd);
    free(path);
    return absolute;
}

static bool
find_exe(char **exe, const char *wanted, struct err *err)
{
    const char *venv = getenv("VIRTUAL_ENV");

    *exe = NULL;
    if (wanted && strchr(wanted, '/')) {
        if (!is_program(wanted))
            return err_set(err, "--python %s: no such program", wanted);
        *exe = xalloc_copy(wanted);
    } else if (wanted) {
        *exe = search_path(wanted);
        if (!*exe)
            return err_set(err, "--python %s: no such program on PATH", wanted);
    } else if (venv && *venv) {
        *exe = xalloc_printf("%s/bin/python", venv);
        if (!is_program(*exe)) {
            free(*exe);
            *exe = NULL;
        }
    }
    if (!*exe)
        *exe = search_path("python3");
    if (!*exe)
        return err_set(err, "no python3 on PATH; --python names an interpreter");
    *exe = make_absolute(*exe);
    return true;
}

/* Its version */

/* "3.11" at the start of `text`, followed by one of the characters in `ends` or the
 * end; NULL if it is something else. */
static char *
take_version(const char *text, const char *ends)
{
    size_t len = 2;

    if (strncmp(text, "3.", 2) != 0)
        return NULL;
    while (isdigit((unsigned char)text[len]))
        len++;
    if (len == 2 || len > 4 || (text[len] && !strchr(ends, text[len])))
        return NULL;
    return xalloc_copy_n(text, len);
}

static bool
is_script(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    char head[2] = {0};
    bool script;

    if (fd < 0)
        return false;
    script = read(fd, head, sizeof(head)) == 2 && head[0] == '#' && head[1] == '!';
    close(fd);
    return script;
}

/* By the name of the file where the links end: python3.11. */
static char *
version_by_name(const char *exe)
{
    char *path = realpath(exe, NULL);
    const char *name = path ? strrchr(path, '/') : NULL;
    char *version = NULL;

    if (name && strncmp(name, "/python", 7) == 0 && !is_script(path))
        version = take_version(name + 7, "");
    free(path);
    return version;
}

/* By the pyvenv.cfg of a virtual environment with a copy of the interpreter:
 * "version = 3.11.2", or "version_info = 3.11.2.final.0". */
static char *
version_in(const char *cfg)
{
    for (const char *line = cfg; line; line = strchr(line, '\n')) {
        char *version;

        line += strspn(line, "\n");
        if (strncmp(line, "version", 7) != 0)
            continue;
        line += strcspn(line, "=\n");
        line += strspn(line, "= ");
        version = take_version(line, ".");
        if (version)
            return version;
    }
    return NULL;
}

static char *
version_by_cfg(const char *exe)
{
    const char *slash = strrchr(exe, '/');
    char *path;
    struct buf cfg = {0};
    char *version = NULL;

    if (!slash || is_script(exe))
        return NULL;
    path = xalloc_printf("%.*s/../pyvenv.cfg", (int)(slash - exe), exe);
    if (file_read(path, CFG_SIZE_MAX, &cfg, NULL))
        version = version_in(buf_str(&cfg));
    buf_release(&cfg);
    free(path);
    return version;
}

/* Runs the interpreter with a line of Python, without site, the user's folders and the
 * environment's wishes. */
static bool
ask_python(const char *exe, const char *line, const char *arg, struct buf *out,
           struct err *err)
{
    const char *words[] = {exe, "-I", "-S", "-c", line, arg, NULL};
    char *argv[7] = {0};
    bool ok;

    for (size_t i = 0; words[i]; i++)
        argv[i] = xalloc_copy(words[i]);
    ok = ask_program(argv, ASK_MS, out, err);
    for (size_t i = 0; argv[i]; i++)
        free(argv[i]);
    return ok;
}

/* Asks for the version and for the real interpreter behind a wrapper script. */
static bool
ask_version(struct python *p, struct err *err)
{
    static const char line[] =
        "import sys\n"
        "print(sys.implementation.name)\n"
        "print('%d.%d%s' % (*sys.version_info[:2], 't' * ('t' in sys.abiflags)))\n"
        "print(sys.executable)";
    struct buf answer = {0};
    char *name = NULL, *version = NULL, *exe = NULL, *rest = NULL;
    bool ok = ask_python(p->exe, line, NULL, &answer, err);

    if (ok) {
        name = strtok_r(answer.data, "\n", &rest);
        version = strtok_r(NULL, "\n", &rest);
        exe = strtok_r(NULL, "\n", &rest);
        ok = (name && version && exe && exe[0] == '/') ||
             err_set(err, "%s: not an answer of Python's", p->exe);
    }
    if (ok && strcmp(name, "cpython") != 0)
        ok = err_set(err, "%s: this is %s; ttrace needs CPython", p->exe, name);
    if (ok) {
        free(p->exe);
        p->exe = xalloc_copy(exe);
        p->version = xalloc_copy(version);
    }
    buf_release(&answer);
    return ok;
}

bool
python_find(struct python *p, const char *wanted, struct err *err)
{
    *p = (struct python){0};
    if (!find_exe(&p->exe, wanted, err))
        return false;
    p->version = version_by_name(p->exe);
    if (!p->version)
        p->version = version_by_cfg(p->exe);
    return p->version || ask_version(p, err);
}

void
python_release(struct python *p)
{
    free(p->exe);
    free(p->version);
    *p = (struct python){0};
}

char *
python_release_of(const struct python *p, struct err *err)
{
    static const char line[] = "import sys\nprint(sys.version.split()[0], end='')";
    struct buf answer = {0};

    if (ask_python(p->exe, line, NULL, &answer, err))
        return buf_take(&answer);
    buf_release(&answer);
    return NULL;
}

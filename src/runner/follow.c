/* A child is followed in one of two ways.
 *
 * TTRACE_CHILDREN holds, with newlines between: the id of the process that set it, the
 * folder of our sitecustomize.py, the folder of the runners, and the runner's options.
 * PYTHONPATH has the first of the folders in front. So a Python that is started by
 * whatever program in between imports that file and is handed to a runner by it.
 *
 * The functions of libc that start programs are replaced by those below, for the
 * interpreter and for extension modules alike, since an executable's symbols come
 * before a library's. They add both variables to an environment that the program has
 * made up itself; and where the interpreter to be started is this one, they start the
 * runner in its place, which saves a start of Python and works for `python -I`, too.
 * They run in the child of a vfork() as well, on its parent's memory: no lock, no
 * malloc(). */
#include "runner/py.h"

#include "runner/follow.h"

#include <alloca.h>
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/buf.h"
#include "runner/sink.h"

#define WORDS "TTRACE_CHILDREN="
#define PATH "PYTHONPATH="

enum {
    PID_DIGITS = 10, /* so that fork() can write another one over it */
    N_FOREIGN = 3,   /* parts of the variable that are no options */
    N_OWN_WORDS = 5, /* in front of a child's arguments */
    WORDS_MAX = 1 << 16,
    VARIABLE_MAX = 1 << 16
};

static struct format_header *header;
static pid_t own_pid;
static char *variable; /* TTRACE_CHILDREN=...; NULL: nobody is followed */
static char folder[PATH_MAX], runner[PATH_MAX];
static struct stat python; /* the interpreter that runs here */
static char *taken_words, *taken_path;

/* The functions in whose place ours stand. */
static struct {
    int (*exec)(const char *, char *const[], char *const[]);
    int (*fexec)(int, char *const[], char *const[]);
    int (*spawn)(pid_t *, const char *, const posix_spawn_file_actions_t *,
                 const posix_spawnattr_t *, char *const[], char *const[]);
    int (*spawnp)(pid_t *, const char *, const posix_spawn_file_actions_t *,
                  const posix_spawnattr_t *, char *const[], char *const[]);
} libc;

static void
find_libc(void)
{
    void *found[] = {dlsym(RTLD_NEXT, "execve"), dlsym(RTLD_NEXT, "fexecve"),
                     dlsym(RTLD_NEXT, "posix_spawn"), dlsym(RTLD_NEXT, "posix_spawnp")};

    memcpy(&libc.exec, &found[0], sizeof(libc.exec));
    memcpy(&libc.fexec, &found[1], sizeof(libc.fexec));
    memcpy(&libc.spawn, &found[2], sizeof(libc.spawn));
    memcpy(&libc.spawnp, &found[3], sizeof(libc.spawnp));
}

/* What the parent left */

/* The part of TTRACE_CHILDREN behind `n` newlines; NULL if it has no such part. */
static char *
part(char *words, int n)
{
    for (; words && n > 0; n--) {
        words = strchr(words, '\n');
        words = words ? words + 1 : NULL;
    }
    return words;
}

static void
take_path(char *words)
{
    char *ours = part(words, 1), *path = getenv("PYTHONPATH");
    size_t len = ours ? strcspn(ours, "\n") : 0;

    if (!path || len == 0 || strncmp(path, ours, len) != 0 ||
        (path[len] != ':' && path[len] != '\0'))
        return;
    taken_path = strdup(path);
    if (taken_path && path[len])
        setenv("PYTHONPATH", taken_path + len + 1, 1);
    else if (taken_path)
        unsetenv("PYTHONPATH");
}

static bool
is_child(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--child") == 0)
            return true;
    return false;
}

/* The arguments with the options in front that the variable has; it is cut up. */
static char **
add_words(char *words, int *argc, char **argv)
{
    char *options = part(words, N_FOREIGN), *word;
    size_t n = 2 + (size_t)*argc;
    struct buf parent = {0};
    char **all;

    for (word = options; word; word = part(word, 1))
        n++;
    all = options ? calloc(n + 1, sizeof(*all)) : NULL;
    if (!all)
        return argv;
    buf_printf(&parent, "--parent=%.*s", PID_DIGITS, words);
    n = 0;
    all[n++] = argv[0];
    all[n++] = buf_take(&parent);
    while ((word = strsep(&options, "\n")))
        if (*word)
            all[n++] = word;
    memcpy(all + n, argv + 1, (size_t)*argc * sizeof(*all)); /* and the NULL */
    *argc += (int)n - 1;
    return all;
}

char **
follow_take(int *argc, char **argv)
{
    const char *words = getenv("TTRACE_CHILDREN");
    char *copy = words ? strdup(words) : NULL;

    if (!copy)
        return argv;
    taken_words = strdup(words);
    take_path(copy);
    unsetenv("TTRACE_CHILDREN");
    return is_child(*argc, argv) ? add_words(copy, argc, argv) : argv;
}

void
follow_give_up(const char *exe, char **argv)
{
    if (taken_words)
        setenv("TTRACE_CHILDREN", taken_words, 1);
    if (taken_path)
        setenv("PYTHONPATH", taken_path, 1);
    setenv("TTRACE_UNFIT", PY_VERSION, 1);
    execv(exe, argv);
}

/* What children find */

/* The folder of sitecustomize.py, beside the installed runner or in the source tree. */
static void
find_folder(const char *own)
{
    static const char *const places[] = {"follow", "src/runner/follow"};
    char file[PATH_MAX + 32];

    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        if (snprintf(folder, sizeof(folder), "%s/%s", own, places[i]) >= PATH_MAX)
            break;
        snprintf(file, sizeof(file), "%s/sitecustomize.py", folder);
        if (access(file, R_OK) == 0 && !strpbrk(folder, ":\n"))
            return;
    }
    folder[0] = '\0';
}

static void
write_pid(void)
{
    char digits[PID_DIGITS + 1];

    snprintf(digits, sizeof(digits), "%0*d", PID_DIGITS, (int)own_pid);
    memcpy(variable + strlen(WORDS), digits, PID_DIGITS);
}

static void
put_path(void)
{
    const char *old = getenv("PYTHONPATH");
    struct buf path = {0};

    buf_printf(&path, "%s%s%s", folder, old ? ":" : "", old ? old : "");
    setenv("PYTHONPATH", buf_str(&path), 1);
    buf_release(&path);
}

void
follow_start(const struct follow_options *o)
{
    ssize_t len = readlink("/proc/self/exe", runner, sizeof(runner) - 1);
    struct buf text = {0};
    char *slash;

    find_libc();
    header = o->header;
    own_pid = getpid();
    runner[len > 0 ? len : 0] = '\0';
    slash = strrchr(runner, '/');
    if (!o->words || !slash)
        return;
    *slash = '\0';
    find_folder(runner);
    buf_printf(&text, WORDS "%0*d\n%s\n%s\n%s", PID_DIGITS, (int)own_pid, folder,
               runner, o->words);
    *slash = '/';
    if (text.len > VARIABLE_MAX || !o->python || stat(o->python, &python) < 0)
        python = (struct stat){0};
    if (text.len <= VARIABLE_MAX)
        variable = buf_take(&text);
    buf_release(&text);
    if (variable && putenv(variable) == 0 && folder[0])
        put_path();
}

void
follow_after_fork(void)
{
    own_pid = getpid();
    if (variable)
        write_pid();
}

/* Starting programs */

enum how { EXEC, FEXEC, SPAWN, SPAWNP };

struct call {
    enum how how;
    const char *path;
    int fd;
    pid_t *pid;
    const posix_spawn_file_actions_t *actions;
    const posix_spawnattr_t *attr;
};

static int
make(const struct call *c, const char *path, char *const argv[], char *const env[])
{
    if (!libc.exec)
        find_libc();
    switch (c->how) {
    case FEXEC:
        return libc.fexec(c->fd, argv, env);
    case SPAWN:
        return libc.spawn(c->pid, path, c->actions, c->attr, argv, env);
    case SPAWNP:
        return libc.spawnp(c->pid, path, c->actions, c->attr, argv, env);
    default:
        return libc.exec(path, argv, env);
    }
}

static size_t
count(char *const words[])
{
    size_t n = 0;

    while (words && words[n])
        n++;
    return n;
}

static const char *
find_path(char *const env[])
{
    for (; env && *env; env++)
        if (strncmp(*env, PATH, strlen(PATH)) == 0)
            return *env + strlen(PATH);
    return NULL;
}

/* Whether it would be this interpreter. What it then takes for sys.executable is
 * argv[0], so that must be as good as the path. */
static bool
is_this_python(const struct call *c, char *const argv[])
{
    struct stat st;

    return c->how != FEXEC && python.st_ino && argv && argv[0] && argv[0][0] == '/' &&
           strcmp(c->path, argv[0]) == 0 && stat(c->path, &st) == 0 &&
           st.st_ino == python.st_ino && st.st_dev == python.st_dev;
}

/* "PYTHONPATH=" with our folder in front of what `path` has. `out` has room for it. */
static void
join_path(char *out, const char *path)
{
    size_t len = strlen(folder);

    out = stpcpy(stpcpy(out, PATH), folder);
    if (path && strncmp(path, folder, len) == 0 && (!path[len] || path[len] == ':'))
        strcpy(out, path + len);
    else if (path)
        strcpy(stpcpy(out, ":"), path);
}

/* Copies an environment with our two variables in the place of those it has. */
static void
join_env(char **out, char *const env[], char *path)
{
    for (; env && *env; env++) {
        bool is_path = strncmp(*env, PATH, strlen(PATH)) == 0;

        if (strncmp(*env, WORDS, strlen(WORDS)) != 0 && !(is_path && path))
            *out++ = *env;
    }
    *out++ = variable;
    if (path)
        *out++ = path;
    *out = NULL;
}

/* Copies the arguments of an interpreter, for the runner that is started instead. */
static void
join_argv(char **out, char *const argv[])
{
    static char child[] = "--child", exe[] = "--exe", end[] = "--";

    *out++ = runner;
    *out++ = child;
    *out++ = exe;
    *out++ = argv[0];
    *out++ = end;
    do
        *out++ = *++argv;
    while (*argv);
}

static int
start(const struct call *c, char *const argv[], char *const env[])
{
    size_t n_env = count(env), n_argv = count(argv);
    const char *path = find_path(env);
    size_t path_len = path ? strlen(path) : 0;
    char **own_env, **own_argv, *own_path = NULL;

    /* What the kernel would refuse is not for our stack. */
    if (!variable || n_env > WORDS_MAX || n_argv > WORDS_MAX || path_len > WORDS_MAX)
        return make(c, c->path, argv, env);
    if (folder[0]) {
        own_path = alloca(sizeof(PATH) + strlen(folder) + 1 + path_len);
        join_path(own_path, path);
    }
    own_env = alloca((n_env + 3) * sizeof(*own_env));
    join_env(own_env, env, own_path);
    if (!is_this_python(c, argv))
        return make(c, c->path, argv, own_env);
    own_argv = alloca((n_argv + N_OWN_WORDS + 1) * sizeof(*own_argv));
    join_argv(own_argv, argv);
    return make(c, runner, own_argv, own_env);
}

/* Starts a program in the place of this one, which ends then. In the child of a vfork()
 * it is not this one. */
static int
replace(const struct call *c, char *const argv[], char *const env[])
{
    bool ends = header && getpid() == own_pid;
    uint32_t state;
    int result, error;

    if (!ends)
        return start(c, argv, env);
    sink_flush();
    state =
        atomic_exchange_explicit(&header->state, FORMAT_REPLACED, memory_order_release);
    result = start(c, argv, env);
    error = errno;
    atomic_store_explicit(&header->state, state, memory_order_release);
    errno = error;
    return result;
}

/* The functions of libc */

ATTR_EXPORT int
execve(const char *path, char *const argv[], char *const env[])
{
    return replace(&(struct call){.how = EXEC, .path = path}, argv, env);
}

ATTR_EXPORT int
execv(const char *path, char *const argv[])
{
    return execve(path, argv, environ);
}

ATTR_EXPORT int
fexecve(int fd, char *const argv[], char *const env[])
{
    return replace(&(struct call){.how = FEXEC, .fd = fd}, argv, env);
}

ATTR_EXPORT int
posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
            const posix_spawnattr_t *attr, char *const argv[], char *const env[])
{
    struct call c = {SPAWN, path, -1, pid, actions, attr};

    return start(&c, argv, env);
}

ATTR_EXPORT int
posix_spawnp(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
             const posix_spawnattr_t *attr, char *const argv[], char *const env[])
{
    struct call c = {SPAWNP, path, -1, pid, actions, attr};

    return start(&c, argv, env);
}

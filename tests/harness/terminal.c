#include "tests/harness/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utmp.h>

#include "base/mono.h"
#include "base/xalloc.h"

/* The slave end stays open here, too, so that the terminal outlives its program and its
 * settings can be looked at afterwards. The end of the program is therefore seen by
 * waitpid(), never by an end of file. */
struct terminal {
    struct display *display;
    int master, slave; /* -1 after a hang-up */
    pid_t pid;
    bool ended;
    int status;
    uint64_t n_bytes;
};

#define STEP_MS 10  /* how often a wait looks whether the program has ended */
#define QUIET_MS 15 /* silence after which a frame is taken to be whole */

static const char *const fixed_env[] = {"TERM=xterm-256color",
                                        "LC_ALL=C.UTF-8",
                                        "LANG=C.UTF-8",
                                        "TZ=UTC",
                                        "PAGER=cat",
                                        "LINES",
                                        "COLUMNS",
                                        "NO_COLOR",
                                        "CI",
                                        "LANGUAGE",
                                        "COLORTERM",
                                        "VIRTUAL_ENV",
                                        NULL};

static void
set_env(const char *const *env)
{
    for (; env && *env; env++) {
        const char *eq = strchr(*env, '=');
        char *name = eq ? xalloc_copy_n(*env, (size_t)(eq - *env)) : NULL;

        if (name)
            setenv(name, eq + 1, 1);
        else
            unsetenv(*env);
        free(name);
    }
}

static bool
redirect(const char *path, int flags, int to)
{
    int fd = path ? open(path, flags, 0600) : -1;
    bool ok = !path || (fd >= 0 && dup2(fd, to) == to);

    if (fd > STDERR_FILENO)
        close(fd);
    return ok;
}

static void
run_child(struct terminal *t, const struct terminal_setup *setup)
{
    close(t->master);
    login_tty(t->slave);
    set_env(fixed_env);
    set_env(setup->env);
    if (setup->dir && chdir(setup->dir) < 0) {
        dprintf(STDERR_FILENO, "%s: %s\n", setup->dir, strerror(errno));
    } else if (!redirect(setup->input, O_RDONLY, STDIN_FILENO) ||
               !redirect(setup->output, O_WRONLY | O_CREAT | O_TRUNC, STDOUT_FILENO)) {
        dprintf(STDERR_FILENO, "redirection: %s\n", strerror(errno));
    } else {
        execvp(setup->argv[0], (char *const *)(uintptr_t)setup->argv);
        dprintf(STDERR_FILENO, "%s: %s\n", setup->argv[0], strerror(errno));
    }
    _exit(127);
}

struct terminal *
terminal_open(const struct terminal_setup *setup)
{
    struct terminal *t = XALLOC_NEW(struct terminal);
    struct winsize size = {.ws_row = (unsigned short)setup->rows,
                           .ws_col = (unsigned short)setup->cols};

    t->display = display_new(setup->rows, setup->cols);
    if (openpty(&t->master, &t->slave, NULL, NULL, &size) < 0)
        xalloc_die("no pseudo-terminal: %s", strerror(errno));
    fcntl(t->master, F_SETFD, FD_CLOEXEC);
    fcntl(t->slave, F_SETFD, FD_CLOEXEC);
    fcntl(t->master, F_SETFL, O_NONBLOCK);
    t->pid = fork();
    if (t->pid < 0)
        xalloc_die("fork: %s", strerror(errno));
    if (t->pid == 0)
        run_child(t, setup);
    return t;
}

void
terminal_hang_up(struct terminal *t)
{
    close(t->master);
    close(t->slave);
    t->master = t->slave = -1;
}

void
terminal_close(struct terminal *t)
{
    if (!t)
        return;
    if (!t->ended) {
        kill(t->pid, SIGKILL);
        waitpid(t->pid, &t->status, 0);
    }
    if (t->master >= 0)
        terminal_hang_up(t);
    display_free(t->display);
    free(t);
}

pid_t
terminal_pid(const struct terminal *t)
{
    return t->pid;
}

struct display *
terminal_display(const struct terminal *t)
{
    return t->display;
}

/* Sends what the screen has for the program. */
static void
send_output(struct terminal *t)
{
    char bytes[1024];
    size_t len;

    while ((len = display_take_output(t->display, bytes, sizeof(bytes))) > 0) {
        for (size_t sent = 0; sent < len;) {
            ssize_t n = write(t->master, bytes + sent, len - sent);

            if (n > 0)
                sent += (size_t)n;
            else if (errno != EINTR && errno != EAGAIN)
                return;
        }
    }
}

/* Takes in what has come within `ms`. True if something has. */
static bool
pump(struct terminal *t, int ms)
{
    struct pollfd fd = {.fd = t->master, .events = POLLIN};
    char bytes[65536];
    ssize_t n;

    if (poll(&fd, 1, ms) <= 0)
        return false;
    n = read(t->master, bytes, sizeof(bytes));
    if (n <= 0)
        return false;
    t->n_bytes += (uint64_t)n;
    display_feed(t->display, bytes, (size_t)n);
    send_output(t);
    return true;
}

static bool
has_ended(struct terminal *t)
{
    if (!t->ended && waitpid(t->pid, &t->status, WNOHANG) == t->pid)
        t->ended = true;
    return t->ended;
}

static mono_ns
deadline(int ms)
{
    return mono_clock() + (mono_ns)ms * 1000000u;
}

/* Takes in the rest of a frame: until nothing comes for a moment, but not for ever. */
static void
settle(struct terminal *t)
{
    mono_ns end = deadline(100);

    while (pump(t, QUIET_MS) && mono_clock() < end)
        continue;
}

void
terminal_type(struct terminal *t, const char *keys)
{
    while (*keys) {
        bool is_escape = strncmp(keys, "<Esc>", 5) == 0;

        keys += display_press(t->display, keys);
        send_output(t);
        /* An escape is a key of its own only when nothing follows it for a while. */
        if (is_escape)
            terminal_watch(t, 60);
    }
}

void
terminal_resize(struct terminal *t, int rows, int cols)
{
    struct winsize size = {.ws_row = (unsigned short)rows,
                           .ws_col = (unsigned short)cols};

    while (pump(t, 0))
        continue;
    display_resize(t->display, rows, cols);
    ioctl(t->master, TIOCSWINSZ, &size);
}

bool
terminal_wait_until(struct terminal *t, terminal_condition holds, void *arg,
                    int limit_ms)
{
    mono_ns end = deadline(limit_ms);

    for (;;) {
        if (holds(t->display, arg)) {
            settle(t);
            if (holds(t->display, arg))
                return true;
        }
        if (has_ended(t)) { /* what it wrote last may still be on its way */
            settle(t);
            return holds(t->display, arg);
        }
        if (mono_clock() >= end)
            return false;
        pump(t, STEP_MS);
    }
}

static bool
has_text(struct display *s, void *text)
{
    return display_find(s, 0, text, NULL, NULL);
}

static bool
lacks_text(struct display *s, void *text)
{
    return !has_text(s, text);
}

bool
terminal_wait(struct terminal *t, const char *text, int limit_ms)
{
    return terminal_wait_until(t, has_text, (void *)(uintptr_t)text, limit_ms);
}

bool
terminal_wait_gone(struct terminal *t, const char *text, int limit_ms)
{
    return terminal_wait_until(t, lacks_text, (void *)(uintptr_t)text, limit_ms);
}

bool
terminal_wait_exit(struct terminal *t, int *status, int limit_ms)
{
    mono_ns end = deadline(limit_ms);

    while (!has_ended(t) && mono_clock() < end)
        pump(t, STEP_MS);
    settle(t);
    if (t->ended && status)
        *status = t->status;
    return t->ended;
}

void
terminal_watch(struct terminal *t, int ms)
{
    mono_ns end = deadline(ms);

    while (mono_clock() < end)
        pump(t, STEP_MS);
}

void
terminal_settings(const struct terminal *t, struct termios *settings)
{
    memset(settings, 0, sizeof(*settings));
    tcgetattr(t->slave, settings);
}

uint64_t
terminal_n_bytes(const struct terminal *t)
{
    return t->n_bytes;
}

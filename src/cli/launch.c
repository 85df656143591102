#include "cli/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "base/xalloc.h"
#include "cli/folder.h"
#include "session/control.h"

/* What the child needs, made before fork(): after it, nothing allocates. */
struct child {
    char *const *argv;
    char *const *env;
    enum launch_how how;
    int terminal;  /* the slave of the new terminal, or -1 */
    int control;   /* its end of the channel */
    int report;    /* takes errno if there is no exec; closed by one */
    sigset_t mask; /* of signals */
};

/* The terminal */

/* The first of the standard streams that is a terminal; -1 if none is. */
static int
find_terminal(void)
{
    for (int fd = 0; fd <= 2; fd++)
        if (isatty(fd))
            return fd;
    return -1;
}

/* Gives the new terminal the settings and the size of ours. */
static void
copy_terminal(int to, int from)
{
    struct termios settings;
    struct winsize size;

    if (tcgetattr(from, &settings) == 0)
        tcsetattr(to, TCSANOW, &settings);
    if (ioctl(from, TIOCGWINSZ, &size) == 0)
        ioctl(to, TIOCSWINSZ, &size);
}

static bool
open_terminal(int *master, int *slave, int like, struct err *err)
{
    char name[64];

    *slave = -1;
    *master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (*master >= 0 && grantpt(*master) == 0 && unlockpt(*master) == 0 &&
        ptsname_r(*master, name, sizeof(name)) == 0)
        *slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (*slave < 0)
        return err_sys(err, errno, "a terminal for the program");
    copy_terminal(*slave, like);
    return fcntl(*master, F_SETFL, O_NONBLOCK) == 0 ||
           err_sys(err, errno, "a terminal for the program");
}

/* The child */

/* Puts the new terminal where the old one was. */
static bool
take_terminal(const struct child *c)
{
    if (setsid() < 0)
        return false;
    if (c->terminal < 0)
        return true;
    if (ioctl(c->terminal, TIOCSCTTY, 0) < 0)
        return false;
    for (int fd = 0; fd <= 2; fd++)
        if (isatty(fd) && dup2(c->terminal, fd) < 0)
            return false;
    return true;
}

static void
run_child(const struct child *c)
{
    int errnum;

    if (c->how == LAUNCH_PLAIN || take_terminal(c)) {
        fcntl(c->control, F_SETFD, 0); /* the one descriptor that is handed on */
        sigprocmask(SIG_SETMASK, &c->mask, NULL);
        execve(c->argv[0], c->argv, c->env);
    }
    errnum = errno;
    while (write(c->report, &errnum, sizeof(errnum)) < 0 && errno == EINTR)
        ;
    _exit(127);
}

/* Forks with all signals blocked, so that no handler of ours runs in the child. Returns
 * after its exec(): by then it has its terminal. */
static bool
fork_child(struct child *c, pid_t *pid, struct err *err)
{
    int report[2], errnum = 0;
    sigset_t all, before;
    ssize_t len;

    if (pipe2(report, O_CLOEXEC) < 0)
        return err_sys(err, errno, "pipe");
    c->report = report[1];
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    *pid = fork();
    if (*pid == 0)
        run_child(c);
    errnum = *pid < 0 ? errno : 0;
    sigprocmask(SIG_SETMASK, &before, NULL);
    close(report[1]);
    if (*pid > 0) {
        do
            len = read(report[0], &errnum, sizeof(errnum));
        while (len < 0 && errno == EINTR);
        if (errnum)
            waitpid(*pid, NULL, 0);
    }
    close(report[0]);
    return errnum == 0 || err_sys(err, errnum, "cannot start %s", c->argv[0]);
}

/* The whole */

/* Our environment; on a terminal of its own the program finds the one that the Output
 * pane is, and nothing about the size of the one outside. */
static void
build_env(struct texts *env, bool own_terminal)
{
    static const char *const outside[] = {"TERM=", "LINES=", "COLUMNS="};

    for (char *const *word = environ; *word; word++) {
        bool dropped = false;

        for (size_t i = 0; own_terminal && i < sizeof(outside) / sizeof(outside[0]);
             i++)
            dropped |= strncmp(*word, outside[i], strlen(outside[i])) == 0;
        if (!dropped)
            texts_add(env, *word);
    }
    if (own_terminal)
        texts_add(env, "TERM=xterm-256color");
}

static void
build_argv(struct texts *argv, const struct launch *l, const struct plan *plan,
           const struct texts *program, int control)
{
    texts_add(argv, plan->runner);
    texts_take(argv, xalloc_printf("--session=%s", l->session));
    texts_take(argv, xalloc_printf("--control=%d", control));
    texts_take(argv, xalloc_printf("--exe=%s", plan->python.exe));
    for (size_t i = 0; i < plan->options.n; i++)
        texts_add(argv, plan->options.items[i]);
    texts_add(argv, "--");
    for (size_t i = 0; i < program->n; i++)
        texts_add(argv, program->items[i]);
}

bool
launch_start(struct launch *l, const struct plan *plan, const struct texts *program,
             enum launch_how how, const sigset_t *mask, struct err *err)
{
    struct child child = {.how = how, .terminal = -1, .control = -1};
    int like = how == LAUNCH_SCREEN ? find_terminal() : -1;
    struct texts argv = {0}, env = {0};
    int ends[2];
    bool ok;

    *l = (struct launch){.control_fd = -1, .pty_fd = -1};
    sigprocmask(SIG_SETMASK, NULL, &child.mask);
    if (mask)
        child.mask = *mask;
    ok = folder_make(&l->folder, plan->near, err) && control_pair(ends, err);
    if (ok) {
        l->control_fd = ends[0];
        child.control = ends[1];
        l->session = xalloc_printf("%s/session", l->folder);
        build_argv(&argv, l, plan, program, child.control);
        build_env(&env, like >= 0);
        child.argv = texts_argv(&argv);
        child.env = texts_argv(&env);
        ok = fcntl(l->control_fd, F_SETFL, O_NONBLOCK) == 0 ||
             err_sys(err, errno, "control channel");
        ok = ok &&
             (like < 0 || open_terminal(&l->pty_fd, &child.terminal, like, err)) &&
             fork_child(&child, &l->pid, err);
    }
    if (child.terminal >= 0)
        close(child.terminal);
    if (child.control >= 0)
        close(child.control);
    texts_release(&argv);
    texts_release(&env);
    if (!ok)
        launch_end(l);
    return ok;
}

void
launch_end(struct launch *l)
{
    if (l->control_fd >= 0)
        close(l->control_fd);
    if (l->pty_fd >= 0)
        close(l->pty_fd);
    if (l->folder)
        folder_remove(l->folder);
    free(l->folder);
    free(l->session);
    *l = (struct launch){.control_fd = -1, .pty_fd = -1};
}

static void
read_dry(int fd)
{
    char chunk[4096];
    ssize_t len;

    fcntl(fd, F_SETFL, 0);
    do
        len = read(fd, chunk, sizeof(chunk));
    while (len > 0 || (len < 0 && errno == EINTR));
}

void
launch_keep_terminal(const struct launch *l)
{
    int null;

    if (l->pty_fd < 0 || fork() != 0)
        return;
    setsid();
    close(l->control_fd);
    null = open("/dev/null", O_RDWR);
    for (int fd = 0; null >= 0 && fd <= 2; fd++)
        dup2(null, fd);
    read_dry(l->pty_fd);
    _exit(0);
}

void
launch_hold_signals(sigset_t *held, sigset_t *before)
{
    static const int signals[] = {SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGCHLD};

    sigemptyset(held);
    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
        sigaddset(held, signals[i]);
    sigprocmask(SIG_BLOCK, held, before);
}

int
launch_exit_status(int wait_status)
{
    if (WIFSIGNALED(wait_status))
        return 128 + WTERMSIG(wait_status);
    return WEXITSTATUS(wait_status);
}

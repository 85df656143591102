#include "cli/headless.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/children.h"
#include "cli/keeper.h"
#include "cli/launch.h"
#include "cli/results.h"
#include "session/reader.h"

/* A key on the terminal reaches the program without us, as a member of the same job. */
static bool
came_from_terminal(const siginfo_t *info)
{
    return (info->si_signo == SIGINT || info->si_signo == SIGQUIT) && info->si_code > 0;
}

/* Waits for the program's end, and hands it the signals that were meant for it: its
 * results are wanted also when somebody stops it through us. */
static int
wait_program(pid_t pid, const sigset_t *held)
{
    siginfo_t info;
    int status = 0;

    while (waitpid(pid, &status, WNOHANG) == 0) {
        if (sigwaitinfo(held, &info) > 0 && info.si_signo != SIGCHLD &&
            !came_from_terminal(&info))
            kill(pid, info.si_signo);
    }
    return status;
}

static void
say_killed(int wait_status)
{
    int signal = WTERMSIG(wait_status);

    if (signal != SIGINT && signal != SIGPIPE)
        fprintf(stderr, "ttrace: the program was ended by signal %d (%s)\n", signal,
                strsignal(signal));
}

/* What a recording has, in a line for the user. */
static void
say_kept(const char *path, const char *session)
{
    struct reader *reader;
    uint64_t lost, dropped;

    if (!reader_open(&reader, session, READER_LIVE, NULL))
        return;
    lost = reader_load(&reader_header(reader)->n_lost_events);
    dropped = reader_load(&reader_header(reader)->n_dropped);
    fprintf(stderr, "ttrace: kept in %s", path);
    if (lost)
        fprintf(stderr, ", without the first %llu events", (unsigned long long)lost);
    if (dropped)
        fprintf(stderr, "; %llu records are lost: no room",
                (unsigned long long)dropped);
    fputc('\n', stderr);
    reader_close(reader);
}

static void
say_children(const char *session)
{
    struct buf lines = {0};
    const char *at, *line;
    size_t len;

    children_describe(session, &lines);
    at = buf_str(&lines);
    while ((line = buf_line(&at, &len)))
        fprintf(stderr, "ttrace: %.*s\n", (int)len, line);
    buf_release(&lines);
}

/* What is wanted of the session. Both are tried, whatever becomes of the first. */
static bool
save(const struct argv *a, const struct plan *plan, struct launch *l, struct err *err)
{
    struct err first = {""}, second = {""};
    bool ok;

    children_settle(l->session);
    say_children(l->session);
    ok = a->action != ARGV_TRACE || results_write(l, plan, &first) ||
         keeper_leave(l, first.text, err);
    if (!a->output)
        return ok;
    if (keeper_save(l, a->output, &second)) {
        if (a->action == ARGV_RECORD)
            say_kept(a->output, l->session);
        return ok;
    }
    if (ok)
        return err_set(err, "%s", second.text);
    fprintf(stderr, "ttrace: %s\n", second.text);
    return false;
}

/* Nobody sees a status line here, so a slower engine than usual is named. */
static void
say_engine(const struct argv *a, const char *session)
{
    const struct format_header *h;
    struct reader *reader;
    const char *engine;

    if (strcmp(a->engine, "auto") != 0 ||
        !reader_open(&reader, session, READER_LIVE, NULL))
        return;
    h = reader_header(reader);
    engine = reader_string(reader, h->engine, NULL);
    if (strcmp(engine, "monitoring") == 0)
        fprintf(stderr, "ttrace: counted by sys.monitoring, which is slower: %s\n",
                reader_string(reader, h->engine_why, NULL));
    reader_close(reader);
}

bool
headless_run(const struct argv *a, const struct plan *plan, int *wait_status,
             struct err *err)
{
    struct launch launch;
    sigset_t held, before;
    bool ok;

    launch_hold_signals(&held, &before);
    ok = launch_start(&launch, plan, &a->program, LAUNCH_PLAIN, &before, err);
    if (ok) {
        *wait_status = wait_program(launch.pid, &held);
        if (WIFSIGNALED(*wait_status))
            say_killed(*wait_status);
        /* A program that Python refused to start has said so itself. */
        if (access(launch.session, F_OK) == 0) {
            say_engine(a, launch.session);
            ok = save(a, plan, &launch, err);
        }
        launch_end(&launch);
    }
    sigprocmask(SIG_SETMASK, &before, NULL);
    return ok;
}

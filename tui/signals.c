#include "tui/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

static const struct {
    int number;
    unsigned bit;
} table[] = {
    {SIGWINCH, SIGNALS_RESIZE},  {SIGCHLD, SIGNALS_CHILD},
    {SIGTERM, SIGNALS_END},      {SIGHUP, SIGNALS_END},
    {SIGINT, SIGNALS_INTERRUPT}, {SIGTSTP, SIGNALS_SUSPEND},
    {SIGCONT, SIGNALS_CONTINUE},
};

#define N_TABLE (sizeof(table) / sizeof(table[0]))

/* A handler has no other way to reach its state. */
static int pipe_ends[2] = {-1, -1};
static struct sigaction before[N_TABLE];
static struct sigaction before_pipe;

static void
on_signal(int number)
{
    int saved = errno;
    char byte = (char)number;
    ssize_t n = write(pipe_ends[1], &byte, 1); /* full: one of its kind is waiting */

    (void)n;
    errno = saved;
}

bool
signals_open(struct err *err)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    struct sigaction ignore = {.sa_handler = SIG_IGN};

    if (pipe2(pipe_ends, O_CLOEXEC | O_NONBLOCK) != 0)
        return err_sys(err, errno, "pipe");
    sigemptyset(&action.sa_mask);
    sigemptyset(&ignore.sa_mask);
    for (size_t i = 0; i < N_TABLE; i++)
        sigaction(table[i].number, &action, &before[i]);
    sigaction(SIGPIPE, &ignore, &before_pipe);
    return true;
}

void
signals_close(void)
{
    if (pipe_ends[0] < 0)
        return;
    for (size_t i = 0; i < N_TABLE; i++)
        sigaction(table[i].number, &before[i], NULL);
    sigaction(SIGPIPE, &before_pipe, NULL);
    close(pipe_ends[0]);
    close(pipe_ends[1]);
    pipe_ends[0] = -1;
    pipe_ends[1] = -1;
}

int
signals_fd(void)
{
    return pipe_ends[0];
}

unsigned
signals_take(void)
{
    char bytes[64];
    unsigned bits = 0;
    ssize_t n;

    while ((n = read(pipe_ends[0], bytes, sizeof(bytes))) > 0) {
        for (ssize_t i = 0; i < n; i++) {
            for (size_t j = 0; j < N_TABLE; j++)
                bits |= table[j].number == bytes[i] ? table[j].bit : 0;
        }
    }
    return bits;
}

void
signals_stop_self(void)
{
    raise(SIGSTOP);
}

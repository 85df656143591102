#include "cli/ask.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mono.h"

extern char **environ;

static bool
start(char *const *argv, int out, pid_t *pid, struct err *err)
{
    posix_spawn_file_actions_t actions;
    int errnum;

    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, out, 1);
    errnum = posix_spawn(pid, argv[0], &actions, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    return errnum == 0 || err_sys(err, errnum, "%s", argv[0]);
}

/* Reads up to the end of the file, or the deadline. */
static bool
read_answer(int fd, const char *program, int timeout_ms, struct buf *out,
            struct err *err)
{
    mono_ns deadline = mono_clock() + (mono_ns)timeout_ms * 1000000u;
    char chunk[512];

    for (;;) {
        mono_ns now = mono_clock();
        struct pollfd ready = {.fd = fd, .events = POLLIN};
        int left = now < deadline ? (int)((deadline - now) / 1000000u) + 1 : 0;
        int n = left > 0 ? poll(&ready, 1, left) : 0;
        ssize_t len;

        if (n == 0)
            return err_set(err, "%s: no answer within %d s", program,
                           timeout_ms / 1000);
        if (n < 0 && errno != EINTR)
            return err_sys(err, errno, "%s", program);
        if (n < 0)
            continue;
        len = read(fd, chunk, sizeof(chunk));
        if (len == 0)
            return true;
        if (len < 0)
            return err_sys(err, errno, "%s", program);
        buf_add(out, chunk, (size_t)len);
        if (out->len > ASK_SIZE_MAX)
            return err_set(err, "%s: too long an answer", program);
    }
}

static int
wait_for(pid_t pid)
{
    int status;

    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return -1;
    return status;
}

bool
ask_program(char *const *argv, int timeout_ms, struct buf *out, struct err *err)
{
    int ends[2];
    pid_t pid;
    bool ok;

    if (pipe2(ends, O_CLOEXEC) < 0)
        return err_sys(err, errno, "%s", argv[0]);
    ok = start(argv, ends[1], &pid, err);
    close(ends[1]);
    if (ok) {
        ok = read_answer(ends[0], argv[0], timeout_ms, out, err);
        if (!ok)
            kill(pid, SIGKILL);
        if (wait_for(pid) != 0 && ok)
            ok = err_set(err, "%s: it does not run", argv[0]);
    }
    close(ends[0]);
    return ok;
}

#include "tui/waits.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Calls, and what their first argument is when they are about descriptor 0 alone:
 * input() reads it, and with the readline module it selects among the first one. */
static const struct {
    long call;
    unsigned long first;
} calls[] = {
    {SYS_read, 0},
    {SYS_readv, 0},
#ifdef SYS_select
    {SYS_select, 1},
#endif
    {SYS_pselect6, 1},
};

/* Where the standard input is a file or a pipe, nobody can type. */
static bool
has_terminal(pid_t pid)
{
    char path[64], target[64];
    ssize_t n;

    snprintf(path, sizeof(path), "/proc/%ld/fd/0", (long)pid);
    n = readlink(path, target, sizeof(target) - 1);
    target[n > 0 ? n : 0] = '\0';
    return strncmp(target, "/dev/pts/", 9) == 0 || strncmp(target, "/dev/tty", 8) == 0;
}

bool
waits_for_input(pid_t pid)
{
    char path[64], text[128];
    unsigned long first;
    ssize_t n;
    long call;
    int fd;

    snprintf(path, sizeof(path), "/proc/%ld/syscall", (long)pid);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    n = read(fd, text, sizeof(text) - 1);
    close(fd);
    text[n > 0 ? n : 0] = '\0';
    if (sscanf(text, "%ld %lx", &call, &first) != 2)
        return false; /* "running" */
    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
        if (calls[i].call == call && calls[i].first == first)
            return has_terminal(pid);
    }
    return false;
}

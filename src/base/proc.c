#include "base/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The letter behind the name in /proc/PID/stat; the name may hold anything. */
static char
state_of(pid_t pid)
{
    char path[32], text[512];
    const char *name_end;
    ssize_t len;
    int fd;

    snprintf(path, sizeof(path), "/proc/%ld/stat", (long)pid);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return '\0';
    len = read(fd, text, sizeof(text) - 1);
    close(fd);
    text[len > 0 ? len : 0] = '\0';
    name_end = strrchr(text, ')');
    return name_end && name_end[1] ? name_end[2] : '\0';
}

bool
proc_is_alive(pid_t pid)
{
    char state;

    if (pid <= 0 || (kill(pid, 0) < 0 && errno == ESRCH))
        return false;
    state = state_of(pid);
    return state != 'Z' && state != 'X';
}

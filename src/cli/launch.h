/* Starts a runner, on a terminal of its own or with the streams as they are, and clears
 * up behind it. */
#ifndef CLI_LAUNCH_H
#define CLI_LAUNCH_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "cli/plan.h"
#include "cli/texts.h"

enum launch_how {
    LAUNCH_PLAIN,  /* as a part of this process's job, with its streams */
    LAUNCH_SCREEN, /* in a session of its own; those of its streams that are terminals
                      become a new one, the others stay as they are */
};

struct launch {
    char *folder;  /* private to the run */
    char *session; /* the session file in it, which the runner makes */
    int control_fd;
    int pty_fd; /* the master, non-blocking; -1: no stream was a terminal */
    pid_t pid;
};

/* The child gets the signal mask `mask`, or this process's if that is NULL. False: the
 * runner could not be started, and nothing is left behind. */
bool launch_start(struct launch *l, const struct plan *plan,
                  const struct texts *program, enum launch_how how,
                  const sigset_t *mask, struct err *err);

/* Closes the descriptors and removes the folder. The process is not waited for. */
void launch_end(struct launch *l);

/* Leaves a small process behind that keeps the program's terminal open, and reads it
 * dry, for as long as anybody uses it. For a program that goes on without us. */
void launch_keep_terminal(const struct launch *l);

/* Holds back the signals that could end us, so that a run is cleared up in peace. *held
 * gets them, and SIGCHLD with them; *before the mask there was. */
void launch_hold_signals(sigset_t *held, sigset_t *before);

/* What a shell would say of a status as from waitpid(): 128 + n for a signal. */
int launch_exit_status(int wait_status);

#endif

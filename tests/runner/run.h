/* A program under a real runner, with the control channel in the test's hands. */
#ifndef TESTS_RUNNER_RUN_H
#define TESTS_RUNNER_RUN_H

#include "runner/py.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "session/control.h"
#include "session/reader.h"

#define STRING(x) STRING_(x)
#define STRING_(x) #x
#define RUNNER "./ttrace-runner-" STRING(PY_MAJOR_VERSION) "." STRING(PY_MINOR_VERSION)

enum { PATIENCE_S = 20 };

static char folder[] = "/tmp/test_gate_XXXXXX";
static unsigned n_runs;
static const char *engine = "--engine=auto";

struct run { /* a program under a runner */
    pid_t pid;
    int fd;
    struct reader *reader;
    char session[128];
    char script[128];
};

static inline void
write_script(struct run *r, const char *text)
{
    FILE *f;

    snprintf(r->script, sizeof(r->script), "%s/prog%u.py", folder, n_runs);
    snprintf(r->session, sizeof(r->session), "%s/s%u", folder, n_runs++);
    f = fopen(r->script, "w");
    assert_non_null(f);
    fputs(text, f);
    assert_int_equal(fclose(f), 0);
}

static inline void
exec_runner(const struct run *r, int fd, const char *option)
{
    char session[160], control[32];

    snprintf(session, sizeof(session), "--session=%s", r->session);
    snprintf(control, sizeof(control), "--control=%d", fd);
    execl(RUNNER, RUNNER, session, control, engine, option, "--", r->script,
          (char *)NULL);
    _exit(127);
}

static inline uint32_t
expect(const struct run *r, enum control_type type)
{
    struct control_msg msg;
    int got;

    do
        got = control_recv(r->fd, &msg);
    while (got == 1 && msg.type != type && msg.type != CONTROL_REFUSED);
    assert_int_equal(got, 1);
    assert_int_equal(msg.type, type);
    return msg.number;
}

static inline void
start(struct run *r, const char *text, const char *option)
{
    struct timeval patience = {PATIENCE_S, 0};
    struct err err = {""};
    int ends[2];

    write_script(r, text);
    assert_true(control_pair(ends, &err));
    r->pid = fork();
    if (r->pid == 0) {
        int fd = dup(ends[1]); /* without close-on-exec */

        exec_runner(r, fd, option);
    }
    close(ends[1]);
    r->fd = ends[0];
    setsockopt(r->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    expect(r, CONTROL_READY);
    if (!reader_open(&r->reader, r->session, READER_LIVE, &err))
        fail_msg("%s", err.text);
}

static inline int
finish(struct run *r)
{
    int status;

    assert_int_equal(waitpid(r->pid, &status, 0), r->pid);
    reader_close(r->reader);
    close(r->fd);
    return status;
}

/* The line the program stands on, after `type` was sent. */
static inline uint32_t
line_after(struct run *r, enum control_type type)
{
    const struct format_stop *stop;
    uint32_t index;

    assert_true(control_send(r->fd, type, 0, NULL));
    index = expect(r, CONTROL_STOPPED);
    reader_refresh(r->reader);
    stop = reader_stop(r->reader, index);
    assert_non_null(stop);
    return reader_frame(r->reader, stop->first_frame)->line;
}

static inline int
run_set_up(void **state)
{
    (void)state;
    signal(SIGPIPE, SIG_IGN);
    return mkdtemp(folder) ? 0 : -1;
}

static inline int
run_tear_down(void **state)
{
    char command[160];

    (void)state;
    snprintf(command, sizeof(command), "rm -rf '%s'", folder);
    return system(command);
}

#endif

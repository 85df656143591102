/* The screen of a run or of a recording, from the first frame until the user quits. */
#ifndef TUI_APP_H
#define TUI_APP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "tui/keys.h"

/* What to show. The caller has started it; the descriptors stay the caller's, the
 * process is waited for here. */
struct app_program {
    const char *session_path; /* opened once CONTROL_READY has come; at once for a
                                 recording */
    const char *script;       /* for the first line until the session says it better */
    int control_fd;           /* -1: a recording */
    int pty_fd; /* the master; -1: the program's streams are passed through */
    pid_t pid;  /* of the runner, the leader of its process group; 0: none */
};

enum app_flag {
    APP_ASCII = 1, /* no signs outside ASCII */
    APP_MONO = 2,  /* no colours; bold, underline and reverse stay */
    APP_RAW_TIMES = 4,
    APP_KEPT = 8, /* the session is kept in any case: nothing to ask about that */
};

/* What becomes of a program that still runs when the user quits. */
enum app_quit { APP_QUIT_ASK, APP_QUIT_TERMINATE, APP_QUIT_KILL, APP_QUIT_DETACH };

struct app_break { /* breakpoints the runner was started with */
    const char *path;
    uint32_t line;
};

struct app_options {
    const char *theme;       /* "default" */
    unsigned flags;          /* enum app_flag; 0 */
    int fps;                 /* frames a second at most, 1 to 60; 20 */
    int scrollback;          /* lines of output kept; 10000 */
    const char *save_dir;    /* where `S c` proposes to write; "cov" */
    enum app_quit quit;      /* APP_QUIT_ASK */
    const struct keys *keys; /* NULL: the default ones */
    const struct app_break *breaks;
    size_t n_breaks;
};

/* The defaults noted above. */
void app_options_init(struct app_options *o);

enum app_end {
    APP_END_NONE,     /* a recording */
    APP_END_PROGRAM,  /* the program is over: `wait_status` says how */
    APP_END_DETACHED, /* it goes on without us */
};

struct app_result {
    enum app_end end;
    int wait_status; /* as from waitpid() */
};

/* Owns the terminal until the user quits, then gives it back as it was. False: the
 * terminal cannot be used, or the session cannot be opened; the program has then been
 * ended. SIGTERM and SIGHUP end the program and return true. */
bool app_run(const struct app_program *program, const struct app_options *options,
             struct app_result *result, struct err *err);

#endif

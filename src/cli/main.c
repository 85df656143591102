/* ttrace: watches a Python program run. */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/utf8.h"
#include "base/xalloc.h"
#include "cli/argv.h"
#include "cli/argv_help.h"
#include "cli/conf.h"
#include "cli/conf_files.h"
#include "cli/conf_print.h"
#include "cli/headless.h"
#include "cli/keeper.h"
#include "cli/launch.h"
#include "cli/plan.h"
#include "cli/runners.h"
#include "cli/strict.h"
#include "cli/watch.h"

#define VERSION "0.1.0"

enum { STATUS_FAILED = 1, STATUS_USAGE = 2 };

/* Every sentence for the user goes through here: it may quote a file name. */
static void
say(const char *text)
{
    struct buf shown = {0};

    utf8_show(&shown, text, strlen(text), 0);
    fprintf(stderr, "ttrace: %s\n", buf_str(&shown));
    buf_release(&shown);
}

static int
fail(const struct err *err, int status)
{
    say(err->text);
    return status;
}

static int
print(struct buf *text)
{
    bool ok = fputs(buf_str(text), stdout) != EOF && fflush(stdout) != EOF;
    struct err err;

    buf_release(text);
    if (ok)
        return EXIT_SUCCESS;
    err_sys(&err, errno, "standard output");
    return fail(&err, STATUS_FAILED);
}

/* The process */

/* Standard streams that are closed become /dev/null, lest a file of ours take their
 * place. */
static void
open_streams(void)
{
    int fd;

    do
        fd = open("/dev/null", O_RDWR);
    while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd >= 0)
        close(fd);
}

static bool
prepare(struct err *err)
{
    struct sigaction by_default = {.sa_handler = SIG_DFL};

    open_streams();
    setlocale(LC_ALL, "");
    if (geteuid() != getuid() || getegid() != getgid())
        return err_set(err, "not made to run with the rights of another user");
    /* Where SIGCHLD is ignored, nobody can be waited for. */
    sigaction(SIGCHLD, &by_default, NULL);
    return true;
}

/* Answers that run nothing */

static int
print_version(void)
{
    struct buf out = {0};
    struct texts paths = {0};
    struct err err;
    char *own_dir;

    if (!runners_own_dir(&own_dir, &err))
        return fail(&err, STATUS_FAILED);
    buf_add_str(&out, "ttrace " VERSION "\n");
    runners_list(own_dir, &paths);
    for (size_t i = 0; i < paths.n; i++) {
        char *answer = runners_ask(paths.items[i], &err);
        const char *engine = answer ? strchr(answer, ' ') : NULL;

        if (engine)
            buf_printf(&out, "Python %.*s, engine%s\n", (int)(engine - answer), answer,
                       engine);
        else
            say(answer ? paths.items[i] : err.text);
        free(answer);
    }
    if (paths.n == 0)
        buf_add_str(&out, "no runner for any Python; make PYTHON=python3 builds one\n");
    free(own_dir);
    texts_release(&paths);
    return print(&out);
}

static int
print_help(void)
{
    struct buf out = {0};

    argv_help(&out);
    return print(&out);
}

static int
print_config(const struct conf *c)
{
    struct buf out = {0};

    conf_print_origins(c, &out);
    return print(&out);
}

/* Settings */

/* The folder whose .ttrace.yaml counts: that of what runs, or the present one. */
static char *
project_folder(const struct argv *a)
{
    struct stat st;

    if (a->script && stat(a->script, &st) == 0 && S_ISDIR(st.st_mode))
        return xalloc_copy(a->script);
    return file_folder(a->script ? a->script : "");
}

static bool
take_options(struct conf *c, const struct argv *a, struct err *err)
{
    for (size_t i = 0; i < a->n_settings; i++) {
        const struct argv_setting *s = &a->settings[i];
        struct err why;
        enum conf_id id;
        char *origin;

        if (!conf_find(s->name, &id))
            xalloc_die("no setting '%s'", s->name);
        if (!conf_check(id, NULL, s->text, &why))
            return err_set(err, "--%s: %s", s->option, why.text);
        origin = xalloc_printf("--%s", s->option);
        conf_add_option(c, id, s->text, origin);
        free(origin);
    }
    return true;
}

/* From far to near: defaults, files, options. The form of `python -m trace` looks for
 * no files and includes everything, as `trace` does. */
static bool
load_settings(struct conf *c, const struct argv *a, struct err *err)
{
    bool trace = a->action == ARGV_TRACE;
    struct buf notes = {0};
    char *folder = project_folder(a);
    bool ok = true;

    conf_init(c);
    if (trace) {
        conf_take_over(c, CONF_INCLUDE, NULL, "default");
        conf_add(c, CONF_INCLUDE, NULL, "all", "default");
    } else if (!(a->flags & ARGV_NO_CONFIG)) {
        ok = conf_files_load(c, folder, &notes, err);
    }
    if (ok && a->config)
        ok = conf_files_load_one(c, a->config, err);
    ok = ok && take_options(c, a, err) && watch_check(c, err);
    if (notes.len > 0)
        fprintf(stderr, "ttrace: %s", buf_str(&notes));
    buf_release(&notes);
    free(folder);
    return ok;
}

/* Runs */

static int
open_recording(const struct argv *a, const struct conf *c)
{
    struct err err = {0};

    if (a->n_args > 0)
        err_set(&err, "%s is a recording, which takes no arguments", a->script);
    else if (watch_is_possible(&err) && watch_open(a, c, &err))
        return EXIT_SUCCESS;
    return fail(&err, STATUS_USAGE);
}

/* Ctrl-C that has ended the program ends us as well, so that who has started us sees
 * it. Other signals leave a status. */
static void
interrupt(int signal_number)
{
    if (signal_number != SIGINT)
        return;
    fflush(NULL);
    signal(SIGINT, SIG_DFL);
    raise(SIGINT);
}

static int
run_program(const struct argv *a, const struct conf *c)
{
    bool screen = a->action == ARGV_WATCH && strcmp(conf_text(c, CONF_IO), "auto") == 0;
    int status = STATUS_USAGE, wait_status = -1;
    bool stops = a->flags & ARGV_PAUSE || a->breaks.n > 0;
    struct plan plan = {0};
    struct err err = {0};
    bool ok =
        (!a->output || keeper_check(a->output, &err)) && plan_make(&plan, a, c, &err);

    if (a->action == ARGV_RECORD && stops)
        ok = err_set(&err, "--pause and --break need a screen, record has none");
    if (ok && screen && !watch_is_possible(&err)) {
        screen = false;
        if (stops) {
            plan_release(&plan);
            return fail(&err, STATUS_USAGE); /* who stops there could not go on */
        }
        fprintf(stderr, "ttrace: %s, so no screen%s\n", err.text,
                a->output ? "" : "; -o FILE would keep what is recorded");
    }
    if (ok && screen)
        ok = watch_run(a, c, &plan, &status, &err);
    else if (ok)
        ok = headless_run(a, &plan, &wait_status, &err);
    plan_release(&plan);
    if (wait_status != -1)
        status = launch_exit_status(wait_status);
    if (ok && wait_status != -1 && WIFSIGNALED(wait_status))
        interrupt(WTERMSIG(wait_status));
    if (ok)
        return status;
    say(err.text);
    return status ? status : STATUS_FAILED;
}

static int
run(const struct argv *a)
{
    struct conf conf;
    struct err err = {0};
    int status;

    if (a->action == ARGV_HELP)
        return print_help();
    if (a->action == ARGV_VERSION)
        return print_version();
    if (!load_settings(&conf, a, &err))
        status = fail(&err, STATUS_USAGE);
    else if (a->action == ARGV_PRINT_CONFIG)
        status = print_config(&conf);
    else if (a->action == ARGV_WATCH && a->script && watch_is_recording(a->script))
        status = open_recording(a, &conf);
    else
        status = run_program(a, &conf);
    conf_release(&conf);
    return status;
}

/* The streams, signals and locale are the interpreter's affair: nothing is prepared. */
static int
be_trace(int argc, char **argv)
{
    struct strict s;
    struct err err = {0};

    if (!strict_parse(&s, argc, argv, &err))
        return fail(&err, STATUS_USAGE);
    strict_exec(&s, &err);
    return fail(&err, STATUS_FAILED);
}

int
main(int argc, char **argv)
{
    struct argv a = {0};
    struct err err = {0};
    int status;

    if (strict_is_asked(argc, argv))
        return be_trace(argc, argv);
    if (!prepare(&err))
        return fail(&err, STATUS_FAILED);
    if (argv_parse(&a, argc, argv, &err))
        status = run(&a);
    else
        status = fail(&err, STATUS_USAGE);
    argv_release(&a);
    return status;
}

#include "cli/watch.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/xalloc.h"
#include "cli/keeper.h"
#include "cli/launch.h"
#include "session/reader.h"
#include "tui/app.h"
#include "tui/keys.h"

bool
watch_is_possible(struct err *err)
{
    const char *term = getenv("TERM");
    int fd;

    if (term && strcmp(term, "dumb") == 0)
        return err_set(err, "TERM is dumb");
    if (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))
        return true;
    fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (fd < 0)
        return err_set(err, "no terminal");
    close(fd);
    return true;
}

/* Settings */

/* One keys_bind() for each action; its keys lie side by side in the setting. */
static bool
bind_keys(struct keys *keys, const struct conf *c, struct err *err)
{
    const struct conf_value *v = conf_value(c, CONF_KEYS);
    bool ok = true;

    for (size_t i = 0; ok && i < v->n;) {
        const struct conf_item *first = &v->items[i];
        struct buf names = {0};

        for (; i < v->n && strcmp(v->items[i].key, first->key) == 0; i++)
            buf_printf(&names, "%s ", v->items[i].text);
        ok = keys_bind(keys, first->key, buf_str(&names), first->origin, err);
        buf_release(&names);
    }
    return ok && keys_check(keys, err);
}

bool
watch_check(const struct conf *c, struct err *err)
{
    struct keys *keys = keys_new();
    bool ok = bind_keys(keys, c, err);

    keys_free(keys);
    return ok;
}

static bool
is_mono(const struct conf *c)
{
    const char *color = conf_text(c, CONF_COLOR);
    const char *no_color = getenv("NO_COLOR");

    if (strcmp(color, "auto") == 0)
        return no_color && *no_color;
    return strcmp(color, "never") == 0;
}

static enum app_quit
quit_of(const char *word)
{
    static const struct {
        const char *word;
        enum app_quit quit;
    } table[] = {
        {"ask", APP_QUIT_ASK},
        {"terminate", APP_QUIT_TERMINATE},
        {"kill", APP_QUIT_KILL},
        {"detach", APP_QUIT_DETACH},
    };

    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        if (strcmp(table[i].word, word) == 0)
            return table[i].quit;
    return APP_QUIT_ASK;
}

/* The options of the screen, with what they point to. */
struct setup {
    struct app_options options;
    struct keys *keys;
    struct app_break *breaks;
    char **paths; /* of the breakpoints */
    size_t n_breaks;
};

static void
set_breaks(struct setup *s, const struct texts *places)
{
    s->n_breaks = places->n;
    s->breaks = xalloc_array(places->n + 1, sizeof(*s->breaks));
    s->paths = xalloc_array(places->n + 1, sizeof(*s->paths));
    for (size_t i = 0; i < places->n; i++) {
        const char *colon = strrchr(places->items[i], ':');

        s->paths[i] =
            xalloc_copy_n(places->items[i], (size_t)(colon - places->items[i]));
        s->breaks[i].path = s->paths[i];
        s->breaks[i].line = (uint32_t)strtoul(colon + 1, NULL, 10);
    }
}

static void
release_setup(struct setup *s)
{
    for (size_t i = 0; i < s->n_breaks; i++)
        free(s->paths[i]);
    free(s->paths);
    free(s->breaks);
    keys_free(s->keys);
}

/* False: the keys clash. To be released in any case. */
static bool
make_setup(struct setup *s, const struct argv *a, const struct conf *c, struct err *err)
{
    *s = (struct setup){.keys = keys_new()};
    set_breaks(s, &a->breaks);
    app_options_init(&s->options);
    s->options.theme = conf_text(c, CONF_THEME);
    s->options.fps = conf_int(c, CONF_FPS);
    s->options.save_dir = conf_text(c, CONF_SAVE_DIR);
    s->options.quit = quit_of(conf_text(c, CONF_EXIT));
    s->options.flags |= conf_is_on(c, CONF_ASCII) ? APP_ASCII : 0u;
    s->options.flags |= is_mono(c) ? APP_MONO : 0u;
    s->options.flags |= a->output ? APP_KEPT : 0u;
    s->options.keys = s->keys;
    s->options.breaks = s->breaks;
    s->options.n_breaks = s->n_breaks;
    return bind_keys(s->keys, c, err);
}

/* Runs */

static bool
show(const struct launch *l, const struct argv *a, const struct setup *s, int *status,
     struct err *err)
{
    struct app_program program = {.session_path = l->session,
                                  .script = argv_title(a),
                                  .control_fd = l->control_fd,
                                  .pty_fd = l->pty_fd,
                                  .pid = l->pid};
    struct app_result result = {0};

    if (!app_run(&program, &s->options, &result, err))
        return false;
    *status = 0;
    if (result.end == APP_END_PROGRAM)
        *status = launch_exit_status(result.wait_status);
    else if (result.end == APP_END_DETACHED)
        launch_keep_terminal(l);
    return true;
}

bool
watch_run(const struct argv *a, const struct conf *c, const struct plan *plan,
          int *status, struct err *err)
{
    struct launch launch = {0};
    struct setup setup;
    sigset_t held, before;
    bool started = make_setup(&setup, a, c, err) &&
                   launch_start(&launch, plan, &a->program, LAUNCH_SCREEN, NULL, err);
    bool ok = started && show(&launch, a, &setup, status, err);

    launch_hold_signals(&held, &before);
    if (ok && a->output)
        ok = keeper_save(&launch, a->output, err);
    if (started)
        launch_end(&launch);
    sigprocmask(SIG_SETMASK, &before, NULL);
    release_setup(&setup);
    return ok;
}

/* Recordings */

bool
watch_is_recording(const char *path)
{
    const char suffix[] = ".ttrace";
    size_t len = strlen(path);

    return (len >= sizeof(suffix) &&
            strcmp(path + len + 1 - sizeof(suffix), suffix) == 0) ||
           reader_is_session(path);
}

bool
watch_open(const struct argv *a, const struct conf *c, struct err *err)
{
    struct app_program program = {
        .session_path = a->script, .script = a->script, .control_fd = -1, .pty_fd = -1};
    struct app_result result = {0};
    struct setup setup;
    bool ok = make_setup(&setup, a, c, err) &&
              app_run(&program, &setup.options, &result, err);

    release_setup(&setup);
    return ok;
}

#include "tests/harness/stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/xalloc.h"

#define FILE_MAX (64u << 20)
#define ARGS_MAX 32

struct stage {
    char *dir;
    char *ttrace;
    char *home_env, *tmp_env;
    struct terminal *terminal;
    struct termios before;
};

const char *
stage_python(void)
{
    const char *python = getenv("PYTHON");

    return python && *python ? python : "python3";
}

char *
stage_path(const struct stage *s, const char *name)
{
    return xalloc_printf("%s/%s", s->dir, name);
}

static void
must(bool ok, const struct err *err)
{
    if (!ok)
        fail_msg("%s", err->text);
}

void
stage_write(struct stage *s, const char *name, const char *text)
{
    char *path = stage_path(s, name);
    struct err err = {0};

    must(file_write(path, text, strlen(text), &err), &err);
    free(path);
}

char *
stage_read(struct stage *s, const char *name)
{
    char *path = stage_path(s, name);
    struct buf text = {0};
    bool ok = file_read(path, FILE_MAX, &text, NULL);

    free(path);
    if (ok)
        return text.len ? buf_take(&text) : xalloc_copy("");
    buf_release(&text);
    return NULL;
}

static void
copy_program(struct stage *s, const char *program)
{
    char *from = xalloc_printf("tests/programs/%s", program);
    const char *slash = strrchr(program, '/');
    char *to = stage_path(s, slash ? slash + 1 : program);
    struct buf text = {0};
    struct err err = {0};

    must(file_read(from, FILE_MAX, &text, &err), &err);
    must(file_write(to, buf_str(&text), text.len, &err), &err);
    buf_release(&text);
    free(from);
    free(to);
}

struct stage *
stage_new(const char *const *programs)
{
    struct stage *s = XALLOC_NEW(struct stage);
    const char *tmp = getenv("TMPDIR");
    const char *ttrace = getenv("TTRACE");

    s->dir = xalloc_printf("%s/ttrace-test-XXXXXX", tmp ? tmp : "/tmp");
    assert_non_null(mkdtemp(s->dir));
    s->ttrace = realpath(ttrace ? ttrace : "ttrace", NULL);
    if (!s->ttrace)
        fail_msg("there is no ./ttrace to test: %s", strerror(errno));
    s->home_env = xalloc_printf("HOME=%s", s->dir);
    s->tmp_env = xalloc_printf("TMPDIR=%s", s->dir);
    for (; *programs; programs++)
        copy_program(s, *programs);
    return s;
}

static int
remove_entry(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st;
    (void)type;
    (void)at;
    return remove(path);
}

void
stage_free(struct stage *s)
{
    terminal_close(s->terminal);
    nftw(s->dir, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    free(s->dir);
    free(s->ttrace);
    free(s->home_env);
    free(s->tmp_env);
    free(s);
}

void
stage_start_setup(struct stage *s, const struct terminal_setup *setup)
{
    const char *argv[ARGS_MAX] = {s->ttrace, "--python", stage_python()};
    const char *env[ARGS_MAX] = {s->home_env, s->tmp_env, "XDG_CONFIG_HOME",
                                 "XDG_STATE_HOME", "XDG_RUNTIME_DIR"};
    struct terminal_setup own = *setup;
    size_t n_argv = 3, n_env = 5;

    for (size_t i = 0; setup->argv[i] && n_argv < ARGS_MAX - 1; i++)
        argv[n_argv++] = setup->argv[i];
    for (size_t i = 0; setup->env && setup->env[i] && n_env < ARGS_MAX - 1; i++)
        env[n_env++] = setup->env[i];
    own.argv = argv;
    own.env = env;
    own.dir = s->dir;
    terminal_close(s->terminal);
    s->terminal = terminal_open(&own);
    terminal_settings(s->terminal, &s->before);
}

void
stage_start(struct stage *s, int cols, int rows, const char *const *args)
{
    struct terminal_setup setup = {.argv = args, .cols = cols, .rows = rows};

    stage_start_setup(s, &setup);
}

struct terminal *
stage_terminal(const struct stage *s)
{
    return s->terminal;
}

struct display *
stage_display(const struct stage *s)
{
    return terminal_display(s->terminal);
}

void
stage_type(struct stage *s, const char *keys)
{
    terminal_type(s->terminal, keys);
}

static void
fail_at(struct stage *s, const char *what, const char *file, int line)
{
    display_dump(stage_display(s), stderr);
    print_error("%s\n", what);
    _fail(file, line);
}

void
stage_check(struct stage *s, bool ok, const char *what, const char *file, int line)
{
    if (!ok)
        fail_at(s, what, file, line);
}

void
stage_see(struct stage *s, const char *text, const char *file, int line)
{
    if (!terminal_wait(s->terminal, text, TERMINAL_PATIENCE_MS)) {
        print_error("not seen: %s\n", text);
        fail_at(s, "", file, line);
    }
}

void
stage_gone(struct stage *s, const char *text, const char *file, int line)
{
    if (!terminal_wait_gone(s->terminal, text, TERMINAL_PATIENCE_MS)) {
        print_error("still there: %s\n", text);
        fail_at(s, "", file, line);
    }
}

void
stage_until(struct stage *s, terminal_condition holds, void *arg, const char *what,
            const char *file, int line)
{
    stage_check(s, terminal_wait_until(s->terminal, holds, arg, TERMINAL_PATIENCE_MS),
                what, file, line);
}

struct wanted_text {
    char digit;
    const char *text; /* NULL: the pane is enough */
};

static bool
has_in_box(struct display *display, void *arg)
{
    const struct wanted_text *want = arg;
    struct box box;

    return box_find(display, want->digit, &box) &&
           (!want->text || box_has(display, &box, want->text, NULL));
}

struct box
stage_box(struct stage *s, char digit, const char *file, int line)
{
    struct wanted_text want = {.digit = digit};
    struct box box = {0};

    stage_until(s, has_in_box, &want, "the pane is there", file, line);
    box_find(stage_display(s), digit, &box);
    return box;
}

void
stage_see_in(struct stage *s, char digit, const char *text, const char *file, int line)
{
    struct wanted_text want = {.digit = digit, .text = text};

    if (!terminal_wait_until(s->terminal, has_in_box, &want, TERMINAL_PATIENCE_MS)) {
        print_error("not seen in pane %c: %s\n", digit, text);
        fail_at(s, "", file, line);
    }
}

static bool
arrow_is_at(struct display *display, void *number)
{
    char *text = xalloc_printf(" %d -> ", *(int *)number);
    struct box box;
    bool found = box_find(display, '2', &box) && box_has(display, &box, text, NULL);

    free(text);
    return found;
}

void
stage_at(struct stage *s, int number, const char *file, int line)
{
    if (!terminal_wait_until(s->terminal, arrow_is_at, &number, TERMINAL_PATIENCE_MS)) {
        print_error("the arrow is not on line %d\n", number);
        fail_at(s, "", file, line);
    }
}

struct wanted_hits {
    const char *text;
    long hits;
};

static bool
has_hits(struct display *display, void *arg)
{
    const struct wanted_hits *want = arg;

    return box_hits(display, want->text) == want->hits;
}

void
stage_hits(struct stage *s, const char *text, long hits, const char *file, int line)
{
    struct wanted_hits want = {.text = text, .hits = hits};

    if (!terminal_wait_until(s->terminal, has_hits, &want, TERMINAL_PATIENCE_MS)) {
        print_error("line '%s' has %ld hits, not %ld\n", text,
                    box_hits(stage_display(s), text), hits);
        fail_at(s, "", file, line);
    }
}

int
stage_exit(struct stage *s, const char *file, int line)
{
    struct termios after;
    int status = 0;

    stage_check(s, terminal_wait_exit(s->terminal, &status, TERMINAL_PATIENCE_MS),
                "ttrace has ended", file, line);
    terminal_settings(s->terminal, &after);
    stage_check(s, memcmp(&after, &s->before, sizeof(after)) == 0,
                "the terminal's settings are as before", file, line);
    stage_check(s, !display_is_alternate(stage_display(s)),
                "the alternate screen is left", file, line);
    stage_check(s, display_has_cursor(stage_display(s), NULL, NULL),
                "the cursor is shown again", file, line);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int
stage_quit(struct stage *s, const char *file, int line)
{
    /* The first asks, as nothing was saved; the second is the answer. */
    stage_type(s, "qq");
    return stage_exit(s, file, line);
}

/* Runs a shell command in the scratch folder, whatever its status. */
static void
shell(const struct stage *s, const char *command)
{
    char *line = xalloc_printf("cd '%s' && { %s; } >/dev/null 2>&1", s->dir, command);

    (void)!system(line);
    free(line);
}

void
stage_same_cover(struct stage *s, const char *cover, const char *program,
                 const char *input)
{
    const char *slash = strrchr(cover, '/');
    char *want_path = xalloc_printf("golden/%s", slash ? slash + 1 : cover);
    char *command, *want, *got;

    stage_write(s, "golden-input", input ? input : "");
    command = xalloc_printf("prefix=$('%s' -c 'import sys; print(sys.base_prefix)'); "
                            "'%s' -m trace --count --missing -C golden "
                            "--ignore-dir=$prefix %s <golden-input",
                            stage_python(), stage_python(), program);
    shell(s, command);
    want = stage_read(s, want_path);
    got = stage_read(s, cover);
    if (!want)
        fail_msg("python -m trace made no %s", want_path);
    if (!got)
        fail_msg("there is no %s", cover);
    assert_string_equal(got, want);
    free(want);
    free(got);
    free(command);
    free(want_path);
}

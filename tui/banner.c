#include "tui/banner.h"

#include <string.h>
#include <sys/wait.h>

#include "base/utf8.h"

static void
show(struct buf *out, const char *text)
{
    utf8_show(out, text, strlen(text), 0);
}

/* "fib:5". */
static void
add_place(struct buf *out, const struct reader *r, strings_id qualname, uint32_t line)
{
    show(out, reader_string(r, qualname, NULL));
    buf_printf(out, ":%u", line);
}

/* Where a thread is: "ask:4". */
static void
add_thread_place(struct buf *out, const struct reader *r, threads_id id)
{
    const struct format_thread *t = reader_thread(r, id);
    const struct format_line *line =
        t != NULL ? reader_line(r, reader_load32(&t->line)) : NULL;
    const struct format_code *code = line != NULL ? reader_code(r, line->code) : NULL;

    if (code != NULL)
        add_place(out, r, code->qualname, line->line);
    else
        buf_add_str(out, "code that is not traced");
}

/* The type in "ZeroDivisionError: division by zero". */
static void
add_type(struct buf *out, const char *text)
{
    utf8_show(out, text, strcspn(text, ":\n"), 0);
}

static void
describe_stop(const struct steer *s, struct buf *out)
{
    const struct reader *r = s->view->reader;
    uint32_t id = s->n_stops_seen > 0 ? s->n_stops_seen - 1 : FORMAT_NONE;
    const struct format_stop *stop = r != NULL ? reader_stop(r, id) : NULL;
    const struct format_frame *f =
        stop != NULL ? reader_frame(r, stop->first_frame) : NULL;

    if (f == NULL)
        return;
    add_place(out, r, f->qualname, f->line);
    buf_printf(out, "  depth %u", stop->n_frames);
    if (stop->reason == FORMAT_STOP_BREAK)
        buf_add_str(out, "  breakpoint");
}

/* What raised, and where: "  ZeroDivisionError  load:11". */
static void
describe_raised(const struct steer *s, struct buf *out)
{
    const struct view *v = s->view;
    const struct format_stop *stop;
    const struct format_frame *f;

    if (v->reader == NULL || v->now_line == 0)
        return;
    stop = reader_stop(v->reader, steer_raised(v->reader));
    if (stop == NULL)
        return;
    f = reader_frame(v->reader, stop->first_frame + steer_own_frame(v->reader, stop));
    add_type(out, reader_string(v->reader, stop->text, NULL));
    if (f != NULL) {
        buf_add_str(out, "  ");
        add_place(out, v->reader, f->qualname, f->line);
    }
}

/* Nobody here waits for a child: only it can have said how it ends. */
static void
describe_end_of_child(const struct steer *s, struct banner *text)
{
    const struct format_header *h = reader_header(s->view->reader);
    int status = atomic_load_explicit(&h->exit_status, memory_order_relaxed);
    uint32_t state = reader_load32(&h->state);

    text->style = status == 0 ? THEME_GOOD : THEME_ERROR;
    if (state == FORMAT_EXITED)
        buf_printf(&text->word, "EXIT %d", status);
    else
        buf_add_str(&text->word, state == FORMAT_REPLACED ? "EXEC" : "ENDED");
    describe_raised(s, &text->detail);
}

static void
describe_end(const struct steer *s, struct banner *text)
{
    if (WIFSIGNALED(s->wait_status)) {
        const char *name = sigabbrev_np(WTERMSIG(s->wait_status));

        buf_printf(&text->word, "SIG%s", name != NULL ? name : "?");
        text->style = THEME_ERROR;
    } else {
        buf_printf(&text->word, "EXIT %d", WEXITSTATUS(s->wait_status));
        text->style = s->wait_status == 0 ? THEME_GOOD : THEME_ERROR;
    }
    describe_raised(s, &text->detail);
}

static void
describe_recording(const struct steer *s, struct banner *text)
{
    const struct format_header *h = reader_header(s->view->reader);

    buf_add_str(&text->word, "SAVED");
    text->style = THEME_WAIT;
    if (reader_load32(&h->state) == FORMAT_EXITED)
        buf_printf(&text->detail, "exit %d  ",
                   atomic_load_explicit(&h->exit_status, memory_order_relaxed));
    else if (reader_has_ended(s->view->reader))
        buf_add_str(&text->detail, "until it became another program  ");
    else
        buf_add_str(&text->detail, "while it ran  ");
    describe_raised(s, &text->detail);
}

static void
describe_input(const struct steer *s, struct buf *out)
{
    if (s->waits) {
        buf_add_str(out, "waits in ");
        add_thread_place(out, s->view->reader, 0);
        buf_add_str(out, s->view->typing ? " - Ctrl-] leaves" : " - press i");
    } else {
        buf_add_str(out, "Ctrl-] leaves");
    }
}

static bool
is_in_state(const struct reader *r, enum format_state state)
{
    return r != NULL && reader_load32(&reader_header(r)->state) == state;
}

static void
describe_run(const struct steer *s, struct banner *text)
{
    const struct view *v = s->view;

    if (v->child != 0 && is_in_state(v->main, FORMAT_PAUSED)) {
        buf_add_str(&text->detail, "the program itself is PAUSED");
    } else if (v->child == 0 && is_in_state(v->reader, FORMAT_REPLACED)) {
        buf_clear(&text->word);
        buf_add_str(&text->word, "EXEC");
        buf_add_str(&text->detail, "it became another program");
    }
}

void
banner_describe(const struct steer *s, struct banner *text)
{
    static const struct {
        const char *word;
        enum theme_style style;
    } words[] = {
        [VIEW_STARTING] = {"STARTING", THEME_WAIT},
        [VIEW_RUN] = {"RUN", THEME_GOOD},
        [VIEW_PAUSING] = {"PAUSING", THEME_WAIT},
        [VIEW_PAUSED] = {"PAUSED", THEME_WAIT},
        [VIEW_INPUT] = {"INPUT", THEME_WAIT},
    };
    enum view_mode mode = s->view->mode;

    buf_clear(&text->word);
    buf_clear(&text->detail);
    if (mode == VIEW_EXIT) {
        (s->view->child != 0 ? describe_end_of_child : describe_end)(s, text);
        return;
    }
    if (mode == VIEW_SAVED) {
        describe_recording(s, text);
        return;
    }
    buf_add_str(&text->word, words[mode].word);
    text->style = words[mode].style;
    if (mode == VIEW_PAUSED) {
        describe_stop(s, &text->detail);
    } else if (mode == VIEW_PAUSING) {
        buf_add_str(&text->detail, "waits in ");
        add_thread_place(&text->detail, s->view->reader, 0);
    } else if (mode == VIEW_INPUT) {
        describe_input(s, &text->detail);
    } else if (mode == VIEW_RUN) {
        describe_run(s, text);
    }
}

void
banner_release(struct banner *text)
{
    buf_release(&text->word);
    buf_release(&text->detail);
}

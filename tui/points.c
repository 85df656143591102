#include "tui/points.h"

#include <string.h>

#include "base/buf.h"

uint32_t
points_line(const struct view *v, files_id file, uint32_t line)
{
    uint32_t n = 0;
    const lines_id *ids = v->reader != NULL ? reader_lines(v->reader, file, &n) : NULL;

    for (uint32_t i = 0; i < n; i++) {
        const struct format_line *record = reader_line(v->reader, ids[i]);

        if (record != NULL && record->line >= line)
            return record->line;
    }
    return 0;
}

static void
set_break(struct wire *w, const char *path, uint32_t line)
{
    if (wire_send(w, CONTROL_BREAK, line, path))
        view_add_break(w->view, path, line);
}

void
points_clear(struct wire *w, const char *path, uint32_t line)
{
    const struct view_break *found =
        view_find_break(w->view, view_find_file(w->view, path), line);
    struct buf set_as = {0};

    /* The runner knows it by the path it was set with. */
    buf_add_str(&set_as, found != NULL ? found->path : path);
    if (wire_send(w, CONTROL_CLEAR, line, buf_str(&set_as)) &&
        !view_remove_break(w->view, buf_str(&set_as), line))
        view_say(w->view, "no breakpoint there");
    buf_release(&set_as);
}

void
points_clear_all(struct wire *w)
{
    while (w->view->n_breaks > 0) {
        const struct view_break *b = &w->view->breaks[w->view->n_breaks - 1];

        if (!wire_send(w, CONTROL_CLEAR, b->line, b->path))
            return;
        view_remove_break(w->view, b->path, b->line);
    }
}

void
points_set(struct wire *w, const char *path, uint32_t line)
{
    files_id file = view_find_file(w->view, path);
    uint32_t at = file != FORMAT_NONE ? points_line(w->view, file, line) : line;

    if (at == 0)
        view_say(w->view, "%s:%u: no line from there on can run", path, line);
    else
        set_break(w, file != FORMAT_NONE ? view_path(w->view, file) : path, at);
}

void
points_toggle(struct wire *w, files_id file, uint32_t line)
{
    uint32_t at = points_line(w->view, file, line);
    const char *path = view_path(w->view, file);

    if (at == 0)
        view_say(w->view, "no line from here on can run");
    else if (view_find_break(w->view, file, at) != NULL)
        points_clear(w, path, at);
    else
        set_break(w, path, at);
}

void
points_settle(struct wire *w)
{
    struct view *v = w->view;

    for (size_t i = 0; i < v->n_breaks; i++) {
        struct view_break *b = &v->breaks[i];
        files_id file = view_find_file(v, b->path);
        uint32_t at = file != FORMAT_NONE ? points_line(v, file, b->line) : 0;

        if (at == 0 || !wire_is_up(w))
            continue;
        if (at != b->line) {
            wire_send(w, CONTROL_CLEAR, b->line, b->path);
            wire_send(w, CONTROL_BREAK, at, b->path);
            b->line = at;
        }
        b->state = VIEW_BREAK_SET;
    }
}

void
points_note_set(struct wire *w, const struct control_msg *msg)
{
    struct view *v = w->view;

    for (size_t i = 0; i < v->n_breaks; i++) {
        if (v->breaks[i].line == msg->number &&
            strcmp(v->breaks[i].path, msg->text) == 0 &&
            view_find_file(v, msg->text) != FORMAT_NONE)
            v->breaks[i].state = VIEW_BREAK_SET;
    }
}

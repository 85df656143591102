#include "tui/view.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

#define SAY_MAX 512

static void
select_nothing(struct view *v)
{
    v->file = FORMAT_NONE;
    v->line = 0;
    v->code = FORMAT_NONE;
    v->node = FORMAT_NONE;
    v->thread = FORMAT_NONE;
    v->stop = FORMAT_NONE;
    v->frame = 0;
    v->now_file = FORMAT_NONE;
    v->now_line = 0;
    v->now_node = FORMAT_NONE;
    v->n_selects = 0;
}

void
view_init(struct view *v, const struct glyphs *glyphs)
{
    *v = (struct view){.glyphs = glyphs};
    select_nothing(v);
}

void
view_release(struct view *v)
{
    for (size_t i = 0; i < v->n_breaks; i++)
        free(v->breaks[i].path);
    for (size_t i = 0; i < v->n_hidden; i++)
        free(v->hidden[i]);
    free(v->breaks);
    free(v->hidden);
    *v = (struct view){0};
}

void
view_show(struct view *v, struct reader *reader, uint32_t child)
{
    v->reader = reader;
    v->child = child;
    v->mode = VIEW_STARTING;
    select_nothing(v);
}

static void
go_to_code(struct view *v, codes_id id)
{
    const struct format_code *code = reader_code(v->reader, id);

    v->code = id;
    if (code != NULL) {
        v->file = code->file;
        v->line = code->first_line;
    }
}

void
view_select_line(struct view *v, files_id file, uint32_t line)
{
    const struct format_line *record;

    if (v->reader == NULL)
        return;
    v->file = file;
    v->line = line;
    record = reader_line(v->reader, reader_find_line(v->reader, file, line));
    v->code = record != NULL ? record->code : FORMAT_NONE;
    v->n_selects++;
}

void
view_select_code(struct view *v, codes_id code)
{
    if (v->reader == NULL)
        return;
    go_to_code(v, code);
    v->n_selects++;
}

void
view_select_node(struct view *v, nodes_id id)
{
    const struct format_node *node;

    if (v->reader == NULL)
        return;
    node = reader_node(v->reader, id);
    v->node = id;
    if (node != NULL) {
        v->thread = node->thread;
        if (node->code != FORMAT_NONE)
            go_to_code(v, node->code);
    }
    v->n_selects++;
}

void
view_select_thread(struct view *v, threads_id id)
{
    const struct format_thread *thread;
    const struct format_line *line;

    if (v->reader == NULL)
        return;
    v->thread = id;
    thread = reader_thread(v->reader, id);
    if (thread != NULL) {
        v->node = reader_load32(&thread->node);
        line = reader_line(v->reader, reader_load32(&thread->line));
        if (line != NULL) {
            v->file = line->file;
            v->line = line->line;
            v->code = line->code;
        }
    }
    v->n_selects++;
}

/* The node of a frame of a thread that stands still: as many steps above the thread's
 * own as there are frames with probes between. */
static nodes_id
node_above(const struct view *v, const struct format_stop *stop, uint32_t frame)
{
    const struct format_thread *thread = reader_thread(v->reader, stop->thread);
    nodes_id id = thread != NULL ? reader_load32(&thread->node) : FORMAT_NONE;

    for (uint32_t i = 0; i <= frame; i++) {
        const struct format_frame *f = reader_frame(v->reader, stop->first_frame + i);
        const struct format_node *node = reader_node(v->reader, id);

        if (f == NULL || node == NULL)
            return FORMAT_NONE;
        if (f->code == FORMAT_NONE)
            continue; /* no probes, no node */
        if (f->code != node->code)
            return FORMAT_NONE;
        if (i < frame)
            id = node->parent < id ? node->parent : FORMAT_NONE;
    }
    return id;
}

/* The same for a thread that has left its frames: down from its root. Children come
 * behind their parents, so one pass finds them all. */
static nodes_id
node_below(const struct view *v, const struct format_stop *stop, uint32_t frame)
{
    const struct format_thread *thread = reader_thread(v->reader, stop->thread);
    nodes_id at = thread != NULL ? thread->root : FORMAT_NONE;
    uint32_t n = reader_count(v->reader, FORMAT_NODES), left = stop->n_frames;

    for (nodes_id id = at; at != FORMAT_NONE && id < n && left > frame;) {
        const struct format_frame *f =
            reader_frame(v->reader, stop->first_frame + left - 1);
        const struct format_node *node = reader_node(v->reader, id);

        if (f == NULL || node == NULL)
            return FORMAT_NONE;
        if (f->code == FORMAT_NONE) {
            left--;
            continue;
        }
        if (node->parent == at && node->code == f->code) {
            at = id;
            left--;
        }
        id++;
    }
    return left == frame ? at : FORMAT_NONE;
}

void
view_select_frame(struct view *v, uint32_t id, uint32_t frame)
{
    const struct format_stop *stop;
    const struct format_frame *f;
    nodes_id node;

    if (v->reader == NULL || (stop = reader_stop(v->reader, id)) == NULL)
        return;
    if (frame >= stop->n_frames)
        frame = stop->n_frames > 0 ? stop->n_frames - 1 : 0;
    v->stop = id;
    v->frame = frame;
    v->thread = stop->thread;
    f = reader_frame(v->reader, stop->first_frame + frame);
    if (f != NULL) {
        const struct format_code *code = reader_code(v->reader, f->code);

        v->code = f->code;
        v->file = code != NULL
                      ? code->file
                      : view_find_file(v, reader_string(v->reader, f->path, NULL));
        v->line = f->line;
    }
    node = node_above(v, stop, frame);
    if (node == FORMAT_NONE)
        node = node_below(v, stop, frame);
    if (node != FORMAT_NONE)
        v->node = node;
    v->n_selects++;
}

const struct format_frame *
view_frame(const struct view *v)
{
    const struct format_stop *stop;

    if (v->reader == NULL)
        return NULL;
    stop = reader_stop(v->reader, v->stop);
    if (stop == NULL || v->frame >= stop->n_frames)
        return NULL;
    return reader_frame(v->reader, stop->first_frame + v->frame);
}

/* Whether `path` is the end of `whole`, from a folder's name on. */
static bool
is_end_of(const char *path, const char *whole)
{
    size_t len = strlen(path), whole_len = strlen(whole);

    if (len == 0 || len > whole_len || strcmp(whole + whole_len - len, path) != 0)
        return false;
    return len == whole_len || whole[whole_len - len - 1] == '/';
}

const char *
view_path(const struct view *v, files_id file)
{
    const struct format_file *f =
        v->reader != NULL ? reader_file(v->reader, file) : NULL;

    return f != NULL ? reader_string(v->reader, f->path, NULL) : "";
}

files_id
view_find_file(const struct view *v, const char *path)
{
    uint32_t n = v->reader != NULL ? reader_count(v->reader, FORMAT_FILES) : 0;
    files_id found = FORMAT_NONE;

    for (files_id id = 0; id < n; id++) {
        const char *whole = view_path(v, id);

        if (strcmp(whole, path) == 0)
            return id;
        if (found == FORMAT_NONE && is_end_of(path, whole))
            found = id;
    }
    return found;
}

const struct view_break *
view_find_break(const struct view *v, files_id file, uint32_t line)
{
    const char *path = view_path(v, file);

    for (size_t i = 0; i < v->n_breaks; i++) {
        if (v->breaks[i].line == line && is_end_of(v->breaks[i].path, path))
            return &v->breaks[i];
    }
    return NULL;
}

static size_t
find_exact(const struct view *v, const char *path, uint32_t line)
{
    size_t i = 0;

    while (i < v->n_breaks &&
           (v->breaks[i].line != line || strcmp(v->breaks[i].path, path) != 0))
        i++;
    return i;
}

struct view_break *
view_add_break(struct view *v, const char *path, uint32_t line)
{
    size_t at = find_exact(v, path, line);

    if (at == v->n_breaks) {
        v->breaks = xalloc_grow(v->breaks, &v->breaks_cap, at + 1, sizeof(*v->breaks));
        v->breaks[at] =
            (struct view_break){xalloc_copy(path), line, VIEW_BREAK_PENDING};
        v->n_breaks++;
    }
    return &v->breaks[at];
}

bool
view_remove_break(struct view *v, const char *path, uint32_t line)
{
    size_t at = find_exact(v, path, line);

    if (at == v->n_breaks)
        return false;
    free(v->breaks[at].path);
    v->n_breaks--;
    memmove(&v->breaks[at], &v->breaks[at + 1],
            (v->n_breaks - at) * sizeof(*v->breaks));
    return true;
}

void
view_add_hidden(struct view *v, const char *rule)
{
    v->hidden =
        xalloc_grow(v->hidden, &v->hidden_cap, v->n_hidden + 1, sizeof(*v->hidden));
    v->hidden[v->n_hidden++] = xalloc_copy(rule);
}

char *
view_take_hidden(struct view *v)
{
    return v->n_hidden > 0 ? v->hidden[--v->n_hidden] : NULL;
}

char *
view_remove_hidden(struct view *v, const char *rule)
{
    for (size_t i = v->n_hidden; i-- > 0;) {
        char *found = v->hidden[i];

        if (strcmp(found, rule) != 0)
            continue;
        v->n_hidden--;
        memmove(&v->hidden[i], &v->hidden[i + 1],
                (v->n_hidden - i) * sizeof(*v->hidden));
        return found;
    }
    return NULL;
}

void
view_toggle_break(struct view *v, files_id file, uint32_t line)
{
    v->host->toggle_break(v->host_data, file, line);
}

/* The `def` is a line of the code around a function: it has run when the function can
 * be called. The first line that is the function's own is where it begins. */
void
view_toggle_break_in(struct view *v, codes_id id)
{
    const struct format_code *code = reader_code(v->reader, id);
    const struct format_line *line;
    const lines_id *lines;
    uint32_t n = 0;

    if (code == NULL)
        return;
    lines = reader_lines(v->reader, code->file, &n);
    for (uint32_t i = 0; i < n; i++) {
        line = reader_line(v->reader, lines[i]);
        if (line != NULL && line->code == id) {
            view_toggle_break(v, code->file, line->line);
            return;
        }
    }
    view_toggle_break(v, code->file, code->first_line);
}

void
view_hide(struct view *v, const char *rule)
{
    v->host->hide(v->host_data, rule);
}

void
view_unhide(struct view *v)
{
    v->host->unhide(v->host_data);
}

void
view_focus(struct view *v, char digit)
{
    v->host->focus(v->host_data, digit);
}

void
view_say(struct view *v, const char *fmt, ...)
{
    char text[SAY_MAX];
    va_list args;

    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    v->host->say(v->host_data, text);
}

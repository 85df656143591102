#include "tui/prompt.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "base/utf8.h"
#include "base/xalloc.h"

#define HISTORY_MAX 100
#define TEXT_MAX 2000 /* bytes: what is pasted may be anything */

void
prompt_release(struct prompt *p)
{
    for (size_t i = 0; i < p->n_history; i++)
        free(p->history[i]);
    free(p->history);
    free(p->label);
    free(p->draft);
    buf_release(&p->text);
    *p = (struct prompt){0};
}

void
prompt_set(struct prompt *p, const char *text)
{
    buf_clear(&p->text);
    buf_add_str(&p->text, text);
    p->at = p->text.len;
}

void
prompt_open(struct prompt *p, const char *label, const char *text)
{
    free(p->label);
    p->label = xalloc_copy(label);
    p->recalled = p->n_history;
    prompt_set(p, text);
}

const char *
prompt_text(const struct prompt *p)
{
    return buf_str(&p->text);
}

/* Editing. */

static int
point_at(const struct prompt *p, size_t at, size_t *len)
{
    int32_t point;

    *len = utf8_decode(p->text.data + at, p->text.len - at, &point);
    return point;
}

/* The place behind the character at `at`, with its combining marks. */
static size_t
after(const struct prompt *p, size_t at)
{
    size_t len;

    if (at >= p->text.len)
        return p->text.len;
    point_at(p, at, &len);
    at += len;
    while (at < p->text.len && wcwidth((wchar_t)point_at(p, at, &len)) == 0)
        at += len;
    return at;
}

static size_t
before(const struct prompt *p, size_t at)
{
    size_t here = 0;

    while (here < at && after(p, here) < at)
        here = after(p, here);
    return here;
}

/* The start of the word in front of the cursor. */
static size_t
word_start(const struct prompt *p)
{
    const char *text = buf_str(&p->text);
    size_t at = p->at;

    while (at > 0 && text[at - 1] == ' ')
        at--;
    while (at > 0 && text[at - 1] != ' ')
        at--;
    return at;
}

static void
cut(struct prompt *p, size_t from, size_t to)
{
    if (from >= to)
        return;
    memmove(p->text.data + from, p->text.data + to, p->text.len - to + 1);
    p->text.len -= to - from;
    p->at = from;
}

static bool
insert(struct prompt *p, keys_code key)
{
    struct buf text = {0};
    size_t at;

    if (key < KEYS_SPACE || key == KEYS_BACKSPACE || key >= KEYS_UP ||
        p->text.len >= TEXT_MAX)
        return false;
    buf_add(&text, buf_str(&p->text), p->at);
    utf8_add(&text, key);
    at = text.len;
    buf_add_str(&text, buf_str(&p->text) + p->at);
    buf_release(&p->text);
    p->text = text;
    p->at = at;
    return true;
}

static void
recall(struct prompt *p, size_t which)
{
    if (p->recalled == p->n_history) {
        free(p->draft);
        p->draft = xalloc_copy(prompt_text(p));
    }
    p->recalled = which;
    prompt_set(p, which == p->n_history ? p->draft : p->history[which]);
}

static void
remember(struct prompt *p)
{
    const char *text = prompt_text(p);

    if (text[0] == '\0' ||
        (p->n_history > 0 && strcmp(p->history[p->n_history - 1], text) == 0))
        return;
    if (p->n_history == HISTORY_MAX) {
        free(p->history[0]);
        p->n_history--;
        memmove(p->history, p->history + 1, p->n_history * sizeof(*p->history));
    }
    p->history =
        xalloc_grow(p->history, &p->history_cap, p->n_history + 1, sizeof(*p->history));
    p->history[p->n_history++] = xalloc_copy(text);
    p->recalled = p->n_history;
}

/* Keys. */

static void
go_left(struct prompt *p)
{
    p->at = before(p, p->at);
}

static void
go_right(struct prompt *p)
{
    p->at = after(p, p->at);
}

static void
go_start(struct prompt *p)
{
    p->at = 0;
}

static void
go_end(struct prompt *p)
{
    p->at = p->text.len;
}

static void
cut_before(struct prompt *p)
{
    cut(p, before(p, p->at), p->at);
}

static void
cut_after(struct prompt *p)
{
    cut(p, p->at, after(p, p->at));
}

static void
cut_word(struct prompt *p)
{
    cut(p, word_start(p), p->at);
}

static void
cut_to_start(struct prompt *p)
{
    cut(p, 0, p->at);
}

static void
cut_to_end(struct prompt *p)
{
    cut(p, p->at, p->text.len);
}

static void
recall_older(struct prompt *p)
{
    if (p->recalled > 0)
        recall(p, p->recalled - 1);
}

static void
recall_newer(struct prompt *p)
{
    if (p->recalled < p->n_history)
        recall(p, p->recalled + 1);
}

static const struct {
    keys_code key;
    void (*edit)(struct prompt *p);
} edits[] = {
    {KEYS_LEFT, go_left},
    {KEYS_CTRL_OF('b'), go_left},
    {KEYS_RIGHT, go_right},
    {KEYS_CTRL_OF('f'), go_right},
    {KEYS_HOME, go_start},
    {KEYS_CTRL_OF('a'), go_start},
    {KEYS_END, go_end},
    {KEYS_CTRL_OF('e'), go_end},
    {KEYS_BACKSPACE, cut_before},
    {KEYS_DELETE, cut_after},
    {KEYS_CTRL_OF('d'), cut_after},
    {KEYS_CTRL_OF('w'), cut_word},
    {KEYS_CTRL_OF('u'), cut_to_start},
    {KEYS_CTRL_OF('k'), cut_to_end},
    {KEYS_UP, recall_older},
    {KEYS_CTRL_OF('p'), recall_older},
    {KEYS_DOWN, recall_newer},
    {KEYS_CTRL_OF('n'), recall_newer},
};

enum prompt_answer
prompt_key(struct prompt *p, keys_code key)
{
    if (key == KEYS_ENTER || key == KEYS_CTRL_OF('j')) {
        remember(p);
        return PROMPT_DONE;
    }
    if (key == KEYS_TAB)
        return PROMPT_COMPLETE;
    if (key == KEYS_ESC || key == KEYS_CTRL_OF('c') ||
        (key == KEYS_BACKSPACE && p->text.len == 0))
        return PROMPT_CANCEL;
    for (size_t i = 0; i < sizeof(edits) / sizeof(edits[0]); i++) {
        if (edits[i].key == key) {
            edits[i].edit(p);
            return PROMPT_CHANGED;
        }
    }
    return insert(p, key) ? PROMPT_CHANGED : PROMPT_SAME;
}

int
prompt_draw(const struct prompt *p, const struct grid_part *part)
{
    struct buf head = {0}, tail = {0};
    int col, cursor, hidden;
    struct grid_part field;

    grid_clear(part);
    col = grid_put(part, 0, 0, THEME_KEY, p->label);
    utf8_show(&head, buf_str(&p->text), p->at, 0);
    utf8_show(&tail, buf_str(&p->text) + p->at, p->text.len - p->at, 0);
    cursor = utf8_width(buf_str(&head));
    hidden = col + cursor >= part->cols ? col + cursor - part->cols + 1 : 0;
    field = grid_part(part, 0, col, 1, part->cols - col);
    grid_put(&field, 0, -hidden, THEME_TEXT, buf_str(&head));
    grid_put(&field, 0, cursor - hidden, THEME_TEXT, buf_str(&tail));
    buf_release(&head);
    buf_release(&tail);
    return col + cursor - hidden;
}

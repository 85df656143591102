#include "tui/list.h"

#include <stdio.h>

void
list_init(struct list *l)
{
    *l = (struct list){.id = LIST_NONE, .rows = 1};
}

static void
take_row(struct list *l, size_t row, list_id_at id_at, const void *table)
{
    l->row = row;
    l->id = l->n > 0 ? id_at(table, row) : LIST_NONE;
}

/* Rows mostly stay near where they were, so the search goes outwards from there. */
static bool
find_id(const struct list *l, uint64_t id, list_id_at id_at, const void *table,
        size_t *row)
{
    size_t start = l->row < l->n ? l->row : l->n;

    for (size_t far = 0; far <= start || start + far < l->n; far++) {
        if (start + far < l->n && id_at(table, start + far) == id) {
            *row = start + far;
            return true;
        }
        if (far <= start && start - far < l->n && id_at(table, start - far) == id) {
            *row = start - far;
            return true;
        }
    }
    return false;
}

/* Keeps the selected row where it is on the screen. */
static void
move_top(struct list *l, size_t old_row)
{
    if (l->row >= old_row)
        l->top += l->row - old_row;
    else
        l->top -= old_row - l->row < l->top ? old_row - l->row : l->top;
}

void
list_set(struct list *l, size_t n, list_id_at id_at, const void *table)
{
    size_t old_row = l->row, row;

    l->n = n;
    if (n == 0) {
        l->row = 0;
        l->top = 0;
        return; /* the id stays: its row may come back */
    }
    if (l->follow)
        take_row(l, n - 1, id_at, table);
    else if (l->id == LIST_NONE)
        take_row(l, 0, id_at, table);
    else if (find_id(l, l->id, id_at, table, &row)) {
        l->row = row;
        move_top(l, old_row);
    } else
        take_row(l, old_row < n ? old_row : n - 1, id_at, table);
}

void
list_select_row(struct list *l, size_t row, list_id_at id_at, const void *table)
{
    if (l->n == 0)
        return;
    l->follow = false;
    take_row(l, row < l->n ? row : l->n - 1, id_at, table);
}

bool
list_select_id(struct list *l, uint64_t id, list_id_at id_at, const void *table)
{
    size_t row;

    if (!find_id(l, id, id_at, table, &row))
        return false;
    l->follow = false;
    l->row = row;
    l->id = id;
    return true;
}

static size_t
one_row(const struct list *l)
{
    (void)l;
    return 1;
}

static size_t
one_page(const struct list *l)
{
    return l->rows > 1 ? (size_t)l->rows - 1 : 1;
}

static size_t
half_page(const struct list *l)
{
    return (one_page(l) + 1) / 2;
}

static size_t
all_rows(const struct list *l)
{
    return l->n;
}

static const struct move {
    enum actions_id action;
    bool down;
    size_t (*rows)(const struct list *l);
} moves[] = {
    {ACTIONS_UP, false, one_row},        {ACTIONS_DOWN, true, one_row},
    {ACTIONS_PAGE_UP, false, one_page},  {ACTIONS_PAGE_DOWN, true, one_page},
    {ACTIONS_HALF_UP, false, half_page}, {ACTIONS_HALF_DOWN, true, half_page},
    {ACTIONS_FIRST, false, all_rows},    {ACTIONS_LAST, true, all_rows},
};

static const struct move *
find_move(enum actions_id action)
{
    for (size_t i = 0; i < sizeof(moves) / sizeof(moves[0]); i++) {
        if (moves[i].action == action)
            return &moves[i];
    }
    return NULL;
}

bool
list_move(struct list *l, enum actions_id action, list_id_at id_at, const void *table)
{
    const struct move *move = find_move(action);
    size_t by;

    if (move == NULL)
        return false;
    by = move->rows(l);
    if (move->down)
        list_select_row(l, l->row + by, id_at, table);
    else
        list_select_row(l, by < l->row ? l->row - by : 0, id_at, table);
    l->follow = l->can_follow && action == ACTIONS_LAST;
    return true;
}

void
list_fit(struct list *l, int rows)
{
    size_t height = rows > 0 ? (size_t)rows : 1;
    size_t last_top = l->n > height ? l->n - height : 0;

    l->rows = rows > 0 ? rows : 1;
    if (l->top > l->row)
        l->top = l->row;
    if (l->row >= l->top + height)
        l->top = l->row - height + 1;
    if (l->top > last_top)
        l->top = last_top;
}

size_t
list_end(const struct list *l)
{
    size_t end = l->top + (size_t)l->rows;

    return end < l->n ? end : l->n;
}

void
list_where(const struct list *l, char *text)
{
    if (l->n == 0)
        text[0] = '\0';
    else
        snprintf(text, LIST_WHERE_MAX, "%zu/%zu", l->row + 1, l->n);
}

/* Rows are counted off the items: each knows how many it holds. The place of the last
 * row asked for is kept, since lists are read from top to bottom. Times are added up
 * for all items, so that a total is always what the item and those inside it took by
 * themselves, however recursion was folded. */
#include "report/tree.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "report/items.h"

enum { NONE = ITEMS_NONE };

struct cursor { /* where the last question about a row ended */
    size_t row;
    uint32_t item;
    uint32_t depth;
    unsigned n_changes; /* of the items, when that was so */
};

struct tree {
    const struct reader *reader;
    const struct totals *totals;
    struct items items;
    bool show_hidden;

    uint8_t *code_hidden; /* as the items know it */
    uint32_t n_codes;
    size_t code_hidden_cap;

    uint32_t *running; /* items whose row shows where a thread is */
    size_t n_running;
    size_t running_cap;

    struct sums { /* of each item */
        uint64_t calls;
        uint64_t self_ticks;
        uint64_t total_ticks;
    } * sums;
    size_t sums_cap;

    struct cursor *cursor;
};

static uint32_t
hidden_flags(const struct tree *t, codes_id code)
{
    if (code >= t->n_codes || !t->code_hidden[code])
        return 0;
    return t->show_hidden ? ITEMS_HIDDEN : ITEMS_HIDDEN | ITEMS_ABSENT;
}

/* The process and the main thread need no row: what they run stands at the top. */
static uint32_t
first_flags(const void *data, nodes_id head, codes_id code)
{
    const struct tree *t = data;
    const struct format_node *node = reader_node(t->reader, head);

    if (head == 0 || (code == FORMAT_NONE && node && node->thread == 0))
        return ITEMS_ABSENT;
    return hidden_flags(t, code);
}

struct tree *
tree_new(const struct reader *r, const struct totals *totals)
{
    struct tree *t = XALLOC_NEW(struct tree);

    t->reader = r;
    t->totals = totals;
    t->items.totals = totals;
    t->items.first_flags = first_flags;
    t->items.data = t;
    t->cursor = XALLOC_NEW(struct cursor);
    t->cursor->item = NONE;
    return t;
}

void
tree_free(struct tree *t)
{
    if (!t)
        return;
    items_release(&t->items);
    free(t->code_hidden);
    free(t->running);
    free(t->sums);
    free(t->cursor);
    free(t);
}

/* True if another code is hidden than before. */
static bool
refresh_hidden(struct tree *t)
{
    uint32_t n = reader_count(t->reader, FORMAT_CODES);
    const struct format_code *code;
    bool changed = false;
    uint8_t hidden;

    t->code_hidden = xalloc_grow(t->code_hidden, &t->code_hidden_cap, n, 1);
    for (codes_id i = 0; i < n; i++) {
        code = reader_code(t->reader, i);
        hidden = code && reader_load32(&code->flags) & FORMAT_CODE_HIDDEN;
        changed |= i < t->n_codes && t->code_hidden[i] != hidden;
        t->code_hidden[i] = hidden;
    }
    t->n_codes = n;
    return changed;
}

static void
hide_items(struct tree *t)
{
    const uint32_t both = ITEMS_HIDDEN | ITEMS_ABSENT;

    for (uint32_t i = 1; i < t->items.n; i++) {
        struct items_item *item = &t->items.all[i];

        if (item->code != FORMAT_NONE)
            item->flags = (item->flags & ~both) | hidden_flags(t, item->code);
    }
    items_recount(&t->items);
}

static void
find_running(struct tree *t)
{
    uint32_t n = reader_count(t->reader, FORMAT_THREADS);
    const struct format_thread *thread;

    t->n_running = 0;
    if (reader_has_ended(t->reader))
        return;
    for (uint32_t i = 0; i < n; i++) {
        thread = reader_thread(t->reader, i);
        if (!thread || reader_load32(&thread->state) != FORMAT_THREAD_RUNS)
            continue;
        t->running = xalloc_grow(t->running, &t->running_cap, t->n_running + 1,
                                 sizeof(*t->running));
        t->running[t->n_running++] =
            items_shown(&t->items, reader_load32(&thread->node));
    }
}

static void
add_up(struct tree *t)
{
    const struct items *items = &t->items;

    t->sums = xalloc_grow(t->sums, &t->sums_cap, items->n, sizeof(*t->sums));
    memset(t->sums, 0, items->n * sizeof(*t->sums));
    for (nodes_id i = 0; i < items->n_nodes; i++) {
        struct totals_node node = totals_node(t->totals, i);
        struct sums *sums = &t->sums[items->of_node[i]];

        sums->calls += node.calls;
        sums->self_ticks += node.self_ticks;
        sums->total_ticks += node.self_ticks;
    }
    for (uint32_t i = items->n; i-- > 1;)
        t->sums[items->all[i].parent].total_ticks += t->sums[i].total_ticks;
}

/* What depends on which items there are. */
static void
follow_items(struct tree *t)
{
    add_up(t);
    find_running(t);
}

bool
tree_update(struct tree *t, bool show_hidden)
{
    bool changed = refresh_hidden(t) || show_hidden != t->show_hidden;
    size_t before = tree_n_rows(t);

    t->show_hidden = show_hidden;
    if (changed)
        hide_items(t);
    items_take(&t->items);
    follow_items(t);
    return changed || tree_n_rows(t) != before;
}

size_t
tree_n_rows(const struct tree *t)
{
    return t->items.n ? t->items.all[0].rows : 0;
}

/* The next item in the order of the rows, whether it makes one or not. Its depth is
 * counted along. */
static uint32_t
step(const struct items *t, uint32_t i, uint32_t *depth)
{
    const struct items_item *item = &t->all[i];

    if (item->first_child != NONE && items_is_open(item)) {
        *depth += (uint32_t)items_own_rows(item);
        return item->first_child;
    }
    while (t->all[i].next == NONE) {
        i = t->all[i].parent;
        if (i == NONE)
            return NONE;
        *depth -= (uint32_t)items_own_rows(&t->all[i]);
    }
    return t->all[i].next;
}

static void
next_row(const struct tree *t, struct cursor *c)
{
    c->row++;
    do
        c->item = step(&t->items, c->item, &c->depth);
    while (c->item != NONE && t->items.all[c->item].flags & ITEMS_ABSENT);
}

/* Goes down to the row: past whole siblings, into the item that has it. */
static void
descend(const struct tree *t, size_t row, struct cursor *c)
{
    *c = (struct cursor){.row = row, .n_changes = t->items.n_changes};
    if (row >= tree_n_rows(t))
        c->item = NONE;
    while (c->item != NONE) {
        const struct items_item *item = &t->items.all[c->item];

        if (row >= item->rows) {
            row -= item->rows;
            c->item = item->next;
            continue;
        }
        if (items_own_rows(item)) {
            if (row == 0)
                return;
            row--;
            c->depth++;
        }
        c->item = item->first_child;
    }
}

static const struct cursor *
locate(const struct tree *t, size_t row)
{
    struct cursor *c = t->cursor;
    bool is_valid = c->item != NONE && c->n_changes == t->items.n_changes;

    if (is_valid && c->row + 1 == row)
        next_row(t, c);
    else if (!is_valid || c->row != row)
        descend(t, row, c);
    return c;
}

/* Few functions are ever resumed or left by an exception. */
static void
count_rare(const struct tree *t, const struct items_item *item, struct tree_row *row)
{
    const struct totals_code *code = totals_code(t->totals, item->code);

    if (!(code->resumes | code->raised))
        return;
    for (nodes_id id = item->last; id != FORMAT_NONE; id = t->items.before[id]) {
        const struct format_node *node = reader_node(t->reader, id);

        if (!node)
            continue;
        row->resumes += reader_load(&node->resumes);
        row->raised += reader_load(&node->raised);
    }
}

static unsigned
thread_flags(const struct tree *t, const struct tree_row *row)
{
    const struct format_thread *thread = reader_thread(t->reader, row->thread);

    if (row->code != FORMAT_NONE)
        return 0;
    if (thread && reader_load32(&thread->state) == FORMAT_THREAD_ENDED)
        return TREE_THREAD | TREE_ENDED;
    return TREE_THREAD;
}

static unsigned
item_flags(const struct tree *t, uint32_t id)
{
    const struct items_item *item = &t->items.all[id];
    bool has_children = item->first_child != NONE;
    unsigned flags = 0;

    if (has_children && items_is_open(item))
        flags |= TREE_OPEN;
    else if (has_children || items_rolls(item))
        flags |= TREE_FOLDED;
    if (item->flags & ITEMS_RECURSIVE)
        flags |= TREE_RECURSIVE;
    if (item->flags & ITEMS_HIDDEN)
        flags |= TREE_HIDDEN;
    for (size_t i = 0; i < t->n_running; i++)
        if (t->running[i] == id)
            flags |= TREE_RUNS;
    return flags;
}

static struct tree_row
make_row(const struct tree *t, const struct cursor *c)
{
    const struct items_item *item = &t->items.all[c->item];
    const struct format_node *node = reader_node(t->reader, item->head);
    struct tree_row row = {
        .node = item->head,
        .code = item->code,
        .thread = node ? node->thread : FORMAT_NONE,
        .depth = c->depth,
        .calls = t->sums[c->item].calls,
        .self_ticks = t->sums[c->item].self_ticks,
        .total_ticks = t->sums[c->item].total_ticks,
    };

    row.flags = item_flags(t, c->item) | thread_flags(t, &row);
    count_rare(t, item, &row);
    return row;
}

size_t
tree_rows(const struct tree *t, size_t first, size_t n, struct tree_row *rows)
{
    size_t got = 0;
    const struct cursor *c;

    while (got < n) {
        c = locate(t, first + got);
        if (c->item == NONE)
            break;
        rows[got++] = make_row(t, c);
    }
    return got;
}

nodes_id
tree_at(const struct tree *t, size_t row)
{
    const struct cursor *c = locate(t, row);

    return c->item == NONE ? FORMAT_NONE : t->items.all[c->item].head;
}

bool
tree_find(const struct tree *t, nodes_id node, size_t *row)
{
    const struct items *items = &t->items;
    uint32_t i = items_shown(items, node);

    if (i == NONE)
        return false;
    for (*row = 0; items->all[i].parent != NONE; i = items->all[i].parent) {
        const struct items_item *up = &items->all[items->all[i].parent];

        for (uint32_t k = up->first_child; k != i; k = items->all[k].next)
            *row += items->all[k].rows;
        *row += items_own_rows(up);
    }
    return true;
}

nodes_id
tree_parent(const struct tree *t, nodes_id node)
{
    uint32_t i = items_shown(&t->items, node);

    do
        i = i == NONE ? NONE : t->items.all[i].parent;
    while (i != NONE && t->items.all[i].flags & ITEMS_ABSENT);
    return i == NONE ? FORMAT_NONE : t->items.all[i].head;
}

bool
tree_open(struct tree *t, nodes_id node)
{
    uint32_t i = items_shown(&t->items, node);

    if (i == NONE || !items_open(&t->items, i))
        return false;
    follow_items(t);
    return true;
}

bool
tree_close(struct tree *t, nodes_id node)
{
    uint32_t i = items_shown(&t->items, node);

    if (i == NONE || !items_close(&t->items, i))
        return false;
    follow_items(t);
    return true;
}

bool
tree_reveal(struct tree *t, nodes_id node)
{
    if (!items_reveal(&t->items, node))
        return false;
    find_running(t);
    return true;
}

void
tree_close_all(struct tree *t)
{
    items_set_all(&t->items, true);
    find_running(t);
}

void
tree_open_all(struct tree *t)
{
    items_set_all(&t->items, false);
    find_running(t);
}

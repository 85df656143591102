/* Most items stand for one node. A node whose code already runs further up joins the
 * item up there, and what it calls hangs from that item, too: so recursion, direct or
 * through others, is one item whatever its depth, and no path has the same function
 * twice. An item that the user unrolls takes no node from below; inside it each node is
 * an item of its own. What joins an item outside an unrolled one never gets inside it,
 * so a look for recursion may go past the unrolled ones at once: their paths can be as
 * long as the program's stack.
 *
 * Every item keeps how many rows it and the items inside it make, so that the n-th row
 * is found by going down from the top, and a new node changes only the counts of its
 * ancestors, up to the first that is closed.
 *
 * Unrolling changes which node belongs to which item: all items are made anew then, and
 * what was open is found again by the marks of nodes. */
#include "report/items.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

enum { NONE = ITEMS_NONE, BULK = 1000 };

enum mark {
    MARK_CLOSED = 1,
    MARK_UNROLLED = 2,
};

void
items_release(struct items *t)
{
    free(t->all);
    free(t->of_node);
    free(t->before);
    free(t->marks);
    free(t->table);
    *t = (struct items){0};
}

/* Rows. */

/* The rows of an item became more or fewer: those around it, too, as far as it shows.
 */
static void
spread(struct items *t, uint32_t item, size_t more, size_t less)
{
    t->n_changes++;
    for (uint32_t i = t->all[item].parent; i != NONE; i = t->all[i].parent) {
        if (!items_is_open(&t->all[i]))
            break;
        t->all[i].rows += more - less;
    }
}

static void
recount_one(struct items *t, uint32_t id)
{
    struct items_item *item = &t->all[id];
    size_t before = item->rows;

    item->rows = items_own_rows(item);
    if (items_is_open(item))
        for (uint32_t i = item->first_child; i != NONE; i = t->all[i].next)
            item->rows += t->all[i].rows;
    spread(t, id, item->rows, before);
}

void
items_recount(struct items *t)
{
    t->n_changes++;
    for (uint32_t i = t->n; i-- > 0;)
        t->all[i].rows = items_own_rows(&t->all[i]);
    for (uint32_t i = t->n; i-- > 1;) {
        struct items_item *up = &t->all[t->all[i].parent];

        if (items_is_open(up))
            up->rows += t->all[i].rows;
    }
}

/* The table of items by parent and code. Most items have one node, and no two children
 * of a node have the same code: only the children of others need to be found again. */

static uint32_t
slot_of(const struct items *t, uint32_t parent, codes_id code)
{
    uint64_t h = ((uint64_t)parent << 32 | code) * 0x9e3779b97f4a7c15u;

    return (uint32_t)(h >> 32) & (t->table_size - 1);
}

static void
put_in_table(struct items *t, uint32_t item)
{
    uint32_t slot = slot_of(t, t->all[item].parent, t->all[item].code);

    while (t->table[slot] != NONE)
        slot = (slot + 1) & (t->table_size - 1);
    t->table[slot] = item;
}

static void
empty_table(struct items *t)
{
    for (uint32_t i = 0; i < t->table_size; i++)
        t->table[i] = NONE;
}

static void
add_to_table(struct items *t, uint32_t item)
{
    uint32_t *old = t->table;
    uint32_t old_size = t->table_size;

    if (++t->n_in_table > t->table_size / 2) {
        t->table_size = old_size ? old_size * 2 : 1024;
        t->table = xalloc_array(t->table_size, sizeof(*t->table));
        empty_table(t);
        for (uint32_t i = 0; i < old_size; i++)
            if (old[i] != NONE)
                put_in_table(t, old[i]);
        free(old);
    }
    put_in_table(t, item);
}

/* The item gets a second node. */
static void
index_children(struct items *t, uint32_t item)
{
    if (t->all[item].flags & ITEMS_INDEXED)
        return;
    t->all[item].flags |= ITEMS_INDEXED;
    for (uint32_t i = t->all[item].first_child; i != NONE; i = t->all[i].next)
        add_to_table(t, i);
}

static uint32_t
find_child(const struct items *t, uint32_t parent, codes_id code)
{
    uint32_t slot, i;

    if (parent == NONE || !(t->all[parent].flags & ITEMS_INDEXED) || !t->table_size)
        return NONE;
    slot = slot_of(t, parent, code);
    while ((i = t->table[slot]) != NONE) {
        if (t->all[i].parent == parent && t->all[i].code == code)
            return i;
        slot = (slot + 1) & (t->table_size - 1);
    }
    return NONE;
}

/* Taking nodes. */

static void
hang(struct items *t, uint32_t id)
{
    struct items_item *up = &t->all[t->all[id].parent];

    if (up->last_child == NONE)
        up->first_child = id;
    else
        t->all[up->last_child].next = id;
    up->last_child = id;
    if (!t->is_bulk)
        spread(t, id, t->all[id].rows, 0);
}

static uint32_t
add_item(struct items *t, nodes_id head, uint32_t parent, codes_id code)
{
    uint32_t id = t->n;
    const struct items_item *up;
    struct items_item *item;

    t->all = xalloc_grow(t->all, &t->cap, (size_t)id + 1, sizeof(*t->all));
    item = &t->all[id];
    *item = (struct items_item){parent, NONE, NONE, NONE, NONE, head, NONE, code, 0, 0};
    item->flags = t->first_flags(t->data, head, code);
    if (t->marks[head] & MARK_CLOSED)
        item->flags |= ITEMS_CLOSED;
    up = parent == NONE ? NULL : &t->all[parent];
    if (up && up->flags & ITEMS_UNROLLED) {
        item->flags |= ITEMS_UNROLLED;
        item->above = up->above;
    } else if (t->marks[head] & MARK_UNROLLED) {
        item->flags |= ITEMS_UNROLLED;
        item->above = parent;
    }
    item->rows = items_own_rows(item);
    t->n++;
    if (up && up->flags & ITEMS_INDEXED)
        add_to_table(t, id);
    if (up)
        hang(t, id);
    return id;
}

static uint32_t
find_recursion(const struct items *t, uint32_t from, codes_id code)
{
    uint32_t i = from;

    if (i != NONE && t->all[i].flags & ITEMS_UNROLLED)
        i = t->all[i].above;
    while (i != NONE && t->all[i].code != code)
        i = t->all[i].parent;
    return i;
}

static void
take_node(struct items *t, nodes_id id)
{
    nodes_id up = totals_parent(t->totals, id);
    codes_id code = totals_node_code(t->totals, id);
    uint32_t parent = up == FORMAT_NONE ? NONE : t->of_node[up];
    uint32_t item = NONE;

    if (code != FORMAT_NONE) {
        item = find_recursion(t, parent, code);
        if (item != NONE)
            t->all[item].flags |= ITEMS_RECURSIVE;
        else
            item = find_child(t, parent, code);
    }
    if (item == NONE)
        item = add_item(t, id, parent, code);
    else
        index_children(t, item);
    t->of_node[id] = item;
    t->before[id] = t->all[item].last;
    t->all[item].last = id;
}

static void
take_up_to(struct items *t, uint32_t n)
{
    t->is_bulk = n - t->n_nodes > BULK;
    while (t->n_nodes < n)
        take_node(t, t->n_nodes++);
    if (t->is_bulk)
        items_recount(t);
}

void
items_take(struct items *t)
{
    uint32_t n = totals_n_nodes(t->totals);

    if (n <= t->n_nodes)
        return;
    t->of_node = xalloc_grow(t->of_node, &t->of_node_cap, n, sizeof(*t->of_node));
    t->before = xalloc_grow(t->before, &t->before_cap, n, sizeof(*t->before));
    t->marks = xalloc_grow(t->marks, &t->marks_cap, n, sizeof(*t->marks));
    memset(t->marks + t->n_nodes, 0, n - t->n_nodes);
    take_up_to(t, n);
}

static void
make_anew(struct items *t)
{
    uint32_t n = t->n_nodes;

    t->n_nodes = t->n = t->n_in_table = 0;
    t->n_changes++;
    empty_table(t);
    take_up_to(t, n);
}

/* Looking. */

bool
items_rolls(const struct items_item *i)
{
    return (i->flags & (ITEMS_RECURSIVE | ITEMS_UNROLLED)) == ITEMS_RECURSIVE;
}

uint32_t
items_shown(const struct items *t, nodes_id node)
{
    uint32_t own = node < t->n_nodes ? t->of_node[node] : NONE;
    uint32_t found = own;

    for (uint32_t i = own; i != NONE; i = t->all[i].parent)
        if (i != own && !items_is_open(&t->all[i]))
            found = i;
    while (found != NONE && t->all[found].flags & ITEMS_ABSENT)
        found = t->all[found].parent;
    return found;
}

/* Opening and closing. */

static void
set_closed(struct items *t, uint32_t i, bool closed)
{
    struct items_item *item = &t->all[i];

    if (closed) {
        item->flags |= ITEMS_CLOSED;
        t->marks[item->head] |= MARK_CLOSED;
    } else {
        item->flags &= ~(uint32_t)ITEMS_CLOSED;
        t->marks[item->head] &= (uint8_t)~MARK_CLOSED;
    }
}

bool
items_open(struct items *t, uint32_t i)
{
    bool was_closed = !items_is_open(&t->all[i]);

    set_closed(t, i, false);
    if (was_closed && t->all[i].first_child != NONE) {
        recount_one(t, i);
    } else if (items_rolls(&t->all[i])) {
        t->marks[t->all[i].head] |= MARK_UNROLLED;
        make_anew(t);
    } else {
        return false;
    }
    return true;
}

bool
items_close(struct items *t, uint32_t i)
{
    nodes_id head = t->all[i].head;

    if (t->marks[head] & MARK_UNROLLED) {
        t->marks[head] &= (uint8_t)~MARK_UNROLLED;
        make_anew(t);
    } else if (items_is_open(&t->all[i]) && t->all[i].first_child != NONE) {
        set_closed(t, i, true);
        recount_one(t, i);
    } else {
        return false;
    }
    return true;
}

bool
items_reveal(struct items *t, nodes_id node)
{
    bool changed = false;

    if (node >= t->n_nodes)
        return false;
    for (uint32_t i = t->all[t->of_node[node]].parent; i != NONE;
         i = t->all[i].parent) {
        if (items_is_open(&t->all[i]))
            continue;
        set_closed(t, i, false);
        changed = true;
    }
    if (changed)
        items_recount(t);
    return changed;
}

void
items_set_all(struct items *t, bool closed)
{
    for (uint32_t i = 0; i < t->n; i++)
        if (!closed || t->all[i].first_child != NONE)
            set_closed(t, i, closed);
    items_recount(t);
}

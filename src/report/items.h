/* The items of the call tree: which nodes make one row together, what is open, and how
 * many rows that makes. For tree.c only, which turns them into rows with numbers. */
#ifndef REPORT_ITEMS_H
#define REPORT_ITEMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "report/totals.h"

#define ITEMS_NONE FORMAT_NONE

enum items_flag {
    ITEMS_CLOSED = 1,
    ITEMS_UNROLLED = 2,  /* its recursion is shown call by call, as inside it */
    ITEMS_RECURSIVE = 4, /* has nodes of several depths */
    ITEMS_ABSENT = 8,    /* makes no row; its children stand in its place */
    ITEMS_HIDDEN = 16,   /* a rule hides its code */
    ITEMS_INDEXED = 32,  /* its children are in the table */
};

struct items_item {
    uint32_t parent;
    uint32_t first_child;
    uint32_t last_child;
    uint32_t next;  /* sibling */
    uint32_t above; /* unrolled ones: the nearest around it that is not */
    nodes_id head;  /* its first node: its name to the outside */
    nodes_id last;  /* of the chain of its nodes, latest first */
    codes_id code;
    uint32_t flags;
    size_t rows; /* of the item and what is shown inside it */
};

struct items {
    const struct totals *totals;
    /* The flags that `data` gives a new item by its head and code: ITEMS_ABSENT and
     * ITEMS_HIDDEN. */
    uint32_t (*first_flags)(const void *data, nodes_id head, codes_id code);
    const void *data;

    struct items_item *all; /* item 0 is the process; parents come before children */
    uint32_t n;
    size_t cap;

    uint32_t n_nodes;  /* taken so far */
    uint32_t *of_node; /* the item of each */
    nodes_id *before;  /* the node before it in its item's chain */
    uint8_t *marks;    /* what outlives the items */
    size_t of_node_cap, before_cap, marks_cap;

    uint32_t *table; /* hash table by (parent, code) */
    uint32_t table_size;
    uint32_t n_in_table;
    bool is_bulk;       /* rows are counted at the end */
    unsigned n_changes; /* grows whenever rows came or went */
};

void items_release(struct items *t);

/* Takes the nodes that `totals` has and the items not yet. */
void items_take(struct items *t);

/* Counts all rows anew, after flags were changed from outside. */
void items_recount(struct items *t);

static inline bool
items_is_open(const struct items_item *i)
{
    return !(i->flags & ITEMS_CLOSED) || i->flags & ITEMS_ABSENT;
}

static inline size_t
items_own_rows(const struct items_item *i)
{
    return !(i->flags & ITEMS_ABSENT);
}

/* Whether the item folds a recursion that can be unrolled. */
bool items_rolls(const struct items_item *i);

/* The item whose row stands for a node's item: its own, or the closed one around it.
 * ITEMS_NONE if none does. */
uint32_t items_shown(const struct items *t, nodes_id node);

/* Opens and closes: first the children, then the recursion, and back. False: there is
 * nothing to do. After a change of the recursion all items are others. */
bool items_open(struct items *t, uint32_t item);
bool items_close(struct items *t, uint32_t item);
bool items_reveal(struct items *t, nodes_id node);
void items_set_all(struct items *t, bool closed);

#endif

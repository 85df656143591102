/* The call tree as rows to show: threads and functions, children in the order of their
 * first call, recursion folded. Only what is asked for is built, so that a tree of a
 * million nodes is no slower to look at than a small one.
 *
 * A row is known by the id of the first node it stands for, which stays the same while
 * the tree grows and rows are opened and closed. */
#ifndef REPORT_TREE_H
#define REPORT_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "report/totals.h"
#include "session/reader.h"

struct tree;

enum tree_row_flag {
    TREE_OPEN = 1,      /* its children are among the rows */
    TREE_FOLDED = 2,    /* more is inside than the rows show */
    TREE_RECURSIVE = 4, /* stands for calls of several depths */
    TREE_RUNS = 8,      /* a thread is here, or inside where that is not shown */
    TREE_HIDDEN = 16,   /* a rule hides it; it is shown all the same */
    TREE_THREAD = 32,   /* a thread's root: `thread` has its name, `code` is none */
    TREE_ENDED = 64,    /* that thread is over */
};

struct tree_row {
    nodes_id node;
    codes_id code;
    threads_id thread;
    uint32_t depth; /* of indentation */
    unsigned flags; /* enum tree_row_flag */
    uint64_t calls;
    uint64_t resumes;
    uint64_t raised;
    uint64_t self_ticks;
    uint64_t total_ticks; /* of this row and all inside it */
};

/* `t` must outlive it. */
struct tree *tree_new(const struct reader *r, const struct totals *t);
void tree_free(struct tree *t);

/* After totals_update(). `show_hidden` shows rows whose code a rule hides; else their
 * children stand in their place. True if rows came or went. */
bool tree_update(struct tree *t, bool show_hidden);

size_t tree_n_rows(const struct tree *t);

/* Fills in up to `n` rows from `first` on; returns how many. */
size_t tree_rows(const struct tree *t, size_t first, size_t n, struct tree_row *rows);

/* The row's node, FORMAT_NONE behind the last. Rows asked for one after the other are
 * quick. */
nodes_id tree_at(const struct tree *t, size_t row);

/* The row that shows a node: its own, or that of what it is folded into. False: none
 * does. */
bool tree_find(const struct tree *t, nodes_id node, size_t *row);

/* The node of the row that this row is inside of; FORMAT_NONE at the top. */
nodes_id tree_parent(const struct tree *t, nodes_id node);

/* Opens a row: shows its children, then the single calls of a recursion. Closes it: the
 * other way round. False: there was nothing to do. */
bool tree_open(struct tree *t, nodes_id node);
bool tree_close(struct tree *t, nodes_id node);

/* Opens what encloses a node, so that it has a row of its own if it can. */
bool tree_reveal(struct tree *t, nodes_id node);

/* Closes all rows inside others, or opens all. */
void tree_close_all(struct tree *t);
void tree_open_all(struct tree *t);

#endif

/* The calling-context tree: which node a call belongs to. A node stands for a path of
 * calls, whichever thread's, and is found again by its parent and its code. */
#ifndef RUNNER_PATHS_H
#define RUNNER_PATHS_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/err.h"
#include "session/format.h"
#include "session/writer.h"

/* Begins the tree with node 0. `is_new`, if not NULL, is called when a node for that
 * code has been made. */
bool paths_start(struct writer *writer, void (*is_new)(codes_id code), struct err *err);

extern struct format_node *paths_nodes; /* node 0, the others behind it */

/* A new node, not to be found again: a thread's root. FORMAT_NONE: no room. */
nodes_id paths_add(nodes_id parent, codes_id code, threads_id thread);

/* The node for `code` under `parent`, which is made if there is none yet. Where there
 * is no room, the path folds into the nearest ancestor of the same code, or into the
 * caller, and the header counts it. */
nodes_id paths_find(nodes_id parent, codes_id code, threads_id thread);

static inline nodes_id
paths_child(nodes_id parent, codes_id code, threads_id thread)
{
    nodes_id id = paths_nodes[parent].last_child_used;

    return ATTR_LIKELY(id && paths_nodes[id].code == code)
               ? id
               : paths_find(parent, code, thread);
}

#endif

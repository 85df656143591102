#include "runner/paths.h"

#include <stdint.h>

#include "base/table.h"

struct format_node *paths_nodes;

static struct writer *writer;
static void (*on_new)(codes_id code);

static struct table known; /* (parent, code) -> node; node 0 is nobody's child */

bool
paths_start(struct writer *w, void (*is_new)(codes_id code), struct err *err)
{
    void *place;

    if (writer_add(w, FORMAT_NODES, 1, &place) != 0)
        return err_set(err, "no room for the call tree in the session");
    writer = w;
    on_new = is_new;
    paths_nodes = place;
    paths_nodes[0].parent = paths_nodes[0].code = paths_nodes[0].thread = FORMAT_NONE;
    writer_publish(w, FORMAT_NODES);
    return true;
}

nodes_id
paths_add(nodes_id parent, codes_id code, threads_id thread)
{
    struct format_node *node;
    void *place;
    nodes_id id = writer_add(writer, FORMAT_NODES, 1, &place);

    if (id == FORMAT_NONE)
        return FORMAT_NONE;
    node = place;
    node->parent = parent;
    node->code = code;
    node->thread = thread;
    node->depth = paths_nodes[parent].depth + 1;
    writer_publish(writer, FORMAT_NODES);
    return id;
}

static nodes_id
fold(nodes_id parent, codes_id code)
{
    nodes_id id = parent;

    atomic_fetch_add_explicit(&writer_header(writer)->n_folded, 1,
                              memory_order_relaxed);
    while (id != FORMAT_NONE && paths_nodes[id].code != code)
        id = paths_nodes[id].parent;
    return id == FORMAT_NONE ? parent : id;
}

nodes_id
paths_find(nodes_id parent, codes_id code, threads_id thread)
{
    uint64_t key = table_pair(parent, code);
    nodes_id id;

    if (!table_reserve(&known))
        return fold(parent, code);
    id = table_get(&known, key);
    if (!id) {
        id = paths_add(parent, code, thread);
        if (id == FORMAT_NONE)
            return fold(parent, code);
        table_set(&known, key, id);
        if (on_new)
            on_new(code);
    }
    paths_nodes[parent].last_child_used = id;
    return id;
}

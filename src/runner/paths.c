#include "runner/paths.h"

#include <stdint.h>
#include <stdlib.h>

enum { FIRST_KNOWN = 1 << 10 };

struct format_node *paths_nodes;

static struct writer *writer;

/* (parent, code) -> node, open addressing, at most half full; size is a power of two.
 */
struct known {
    nodes_id parent;
    codes_id code;
    nodes_id child; /* 0: free; node 0 is nobody's child */
};
static struct known *known;
static uint32_t known_size, n_known;

bool
paths_start(struct writer *w, struct err *err)
{
    void *place;

    if (writer_add(w, FORMAT_NODES, 1, &place) != 0)
        return err_set(err, "no room for the call tree in the session");
    writer = w;
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

static struct known *
slot_of(struct known *table, uint32_t size, nodes_id parent, codes_id code)
{
    uint32_t i = (parent * 0x9e3779b1u ^ code * 0x85ebca6bu) & (size - 1);

    while (table[i].child && (table[i].parent != parent || table[i].code != code))
        i = (i + 1) & (size - 1);
    return &table[i];
}

static bool
grow(void)
{
    uint32_t size = known_size ? known_size * 2 : FIRST_KNOWN;
    struct known *table = calloc(size, sizeof(*table));

    if (!table)
        return false;
    for (uint32_t i = 0; i < known_size; i++)
        if (known[i].child)
            *slot_of(table, size, known[i].parent, known[i].code) = known[i];
    free(known);
    known = table;
    known_size = size;
    return true;
}

nodes_id
paths_find(nodes_id parent, codes_id code, threads_id thread)
{
    struct known *k;
    nodes_id id;

    if (n_known * 2 >= known_size && !grow())
        return fold(parent, code);
    k = slot_of(known, known_size, parent, code);
    if (!k->child) {
        id = paths_add(parent, code, thread);
        if (id == FORMAT_NONE)
            return fold(parent, code);
        *k = (struct known){parent, code, id};
        n_known++;
    }
    paths_nodes[parent].last_child_used = k->child;
    return k->child;
}

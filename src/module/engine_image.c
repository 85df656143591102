#include "runner/py.h"

#include "module/engine_image.h"

#include <stdlib.h>
#include <string.h>

#include "module/engine_session.h"
#include "runner/codes.h"
#include "runner/sink.h"
#include "session/sections.h"

/* Counting */

/* Room for `n` records of `per` bytes; new ones are zero. NULL: no memory, and all is
 * as it was. */
static void *
make_room(void *counters, uint32_t have, uint32_t n, size_t per)
{
    char *grown = n > have || !counters ? realloc(counters, (n + 1) * per) : counters;

    if (grown && n > have)
        memset(grown + have * per, 0, (n - have) * per);
    return grown;
}

static bool
make_rooms(struct engine_image_counters *c, uint32_t lines, uint32_t nodes,
           uint32_t timings)
{
    uint64_t *l, *n;
    uint32_t *t;

    l = make_room(c->lines, c->n_lines, lines, ENGINE_IMAGE_PER_LINE * sizeof(*l));
    if (!l)
        return false;
    c->lines = l;
    c->n_lines = lines;
    n = make_room(c->nodes, c->n_nodes, nodes, ENGINE_IMAGE_PER_NODE * sizeof(*n));
    if (!n)
        return false;
    c->nodes = n;
    c->n_nodes = nodes;
    t = make_room(c->timings, c->n_timings, timings,
                  FORMAT_TIMING_BUCKETS * sizeof(*t));
    if (!t)
        return false;
    c->timings = t;
    c->n_timings = timings;
    return true;
}

static void
count(uint64_t *to, const _Atomic uint64_t *counter, bool add)
{
    uint64_t n = atomic_load_explicit(counter, memory_order_relaxed);

    *to += add ? n : -n;
}

static void
count_line(uint64_t *to, const struct format_line *line, bool add)
{
    count(&to[0], &line->hits, add);
    count(&to[1], &line->self_ticks, add);
    count(&to[2], &line->below_ticks, add);
    count(&to[3], &line->calls, add);
}

static void
count_node(uint64_t *to, const struct format_node *node, bool add)
{
    count(&to[0], &node->calls, add);
    count(&to[1], &node->resumes, add);
    count(&to[2], &node->self_ticks, add);
    count(&to[3], &node->suspended_ticks, add);
    count(&to[4], &node->raised, add);
}

static void
count_timing(uint32_t *to, const struct format_timing *timing, bool add)
{
    for (uint32_t i = 0; i < FORMAT_TIMING_BUCKETS; i++) {
        uint32_t n = atomic_load_explicit(&timing->calls[i], memory_order_relaxed);

        to[i] += add ? n : -n;
    }
}

struct opens {
    struct engine_image_counters *counters;
    bool add;
};

static void
count_open(lines_id line, uint64_t ticks, void *arg)
{
    struct opens *o = arg;

    if (line < o->counters->n_lines)
        o->counters->lines[line * ENGINE_IMAGE_PER_LINE + 2] += o->add ? ticks : -ticks;
}

bool
engine_image_count(struct engine_image_counters *c, bool add)
{
    struct writer *w = engine_session_writer();
    uint32_t n_lines = writer_count(w, FORMAT_LINES);
    uint32_t n_nodes = writer_count(w, FORMAT_NODES);
    uint32_t n_timings = writer_count(w, FORMAT_TIMINGS);
    struct opens opens = {c, add};

    if (!make_rooms(c, n_lines, n_nodes, n_timings))
        return false;
    sink_book_all();
    for (uint32_t i = 0; i < n_lines; i++)
        count_line(&c->lines[i * ENGINE_IMAGE_PER_LINE],
                   writer_record(w, FORMAT_LINES, i), add);
    for (uint32_t i = 0; i < n_nodes; i++)
        count_node(&c->nodes[i * ENGINE_IMAGE_PER_NODE],
                   writer_record(w, FORMAT_NODES, i), add);
    for (uint32_t i = 0; i < n_timings; i++)
        count_timing(&c->timings[i * FORMAT_TIMING_BUCKETS],
                     writer_record(w, FORMAT_TIMINGS, i), add);
    sink_each_open(count_open, &opens);
    return true;
}

void
engine_image_release(struct engine_image_counters *c)
{
    free(c->lines);
    free(c->nodes);
    free(c->timings);
    *c = (struct engine_image_counters){0};
}

/* Making */

struct making {
    const struct engine_image_counters *counters;
    const struct engine_rules *rules;
    struct writer *writer;
    uint8_t *wanted; /* by code */
    uint32_t n_codes;
    nodes_id *map;    /* by node of the session: the one that stands for it */
    uint8_t *is_live; /* something was counted in it, or below */
    struct format_node *nodes;
    nodes_id *siblings; /* by new node: the one made before it under its parent */
    nodes_id *children; /* by new node: the one made last under it */
    uint32_t n_nodes;
    struct format_timing *timings;
    uint32_t n_timings;
    struct format_rule *rules_made;
    uint32_t n_rules;
};

static struct making *making; /* for codes_each(), which passes nothing on */

static void
ask(struct codes_entry *e)
{
    struct scope_subject what = {e->path, e->module, e->qualname};

    if (e->id < making->n_codes)
        making->wanted[e->id] = engine_rules_want(making->rules, &what);
}

static bool
is_wanted(const struct making *m, codes_id code)
{
    return code < m->n_codes && m->wanted[code];
}

static const uint64_t *
of_node(const struct making *m, nodes_id id)
{
    static const uint64_t nothing[ENGINE_IMAGE_PER_NODE];

    return id < m->counters->n_nodes ? &m->counters->nodes[id * ENGINE_IMAGE_PER_NODE]
                                     : nothing;
}

static void
find_live(struct making *m, uint32_t n)
{
    for (nodes_id i = n; i-- > 1;) {
        const struct format_node *node = writer_record(m->writer, FORMAT_NODES, i);
        const uint64_t *counters = of_node(m, i);

        for (int k = 0; k < ENGINE_IMAGE_PER_NODE; k++)
            m->is_live[i] |= counters[k] != 0;
        m->is_live[node->parent] |= m->is_live[i];
    }
}

static nodes_id
new_node(struct making *m, const struct format_node *from, nodes_id parent)
{
    nodes_id id = m->n_nodes++;
    struct format_node *node = &m->nodes[id];

    node->parent = id ? parent : FORMAT_NONE;
    node->code = from->code;
    node->thread = from->thread;
    node->depth = id ? m->nodes[parent].depth + 1 : 0;
    if (id) {
        m->siblings[id] = m->children[parent];
        m->children[parent] = id;
    }
    return id;
}

static nodes_id
node_under(struct making *m, const struct format_node *from, nodes_id parent)
{
    nodes_id id = m->children[parent];

    while (id && m->nodes[id].code != from->code)
        id = m->siblings[id];
    return id ? id : new_node(m, from, parent);
}

/* The time of code that is not wanted belongs to who called it. */
static void
take_node(struct making *m, nodes_id id)
{
    const struct format_node *node = writer_record(m->writer, FORMAT_NODES, id);
    const uint64_t *counters = of_node(m, id);
    nodes_id parent = id ? m->map[node->parent] : 0;
    struct format_node *to;

    if (id == 0 || node->code == FORMAT_NONE)
        m->map[id] = new_node(m, node, parent);
    else if (m->is_live[id] && is_wanted(m, node->code))
        m->map[id] = node_under(m, node, parent);
    else
        m->map[id] = parent;
    to = &m->nodes[m->map[id]];
    format_add(&to->self_ticks, counters[2]);
    if (m->map[id] == parent && id)
        return;
    format_add(&to->calls, counters[0]);
    format_add(&to->resumes, counters[1]);
    format_add(&to->suspended_ticks, counters[3]);
    format_add(&to->raised, counters[4]);
}

/* The least and the most of these calls are not known, but that they lie in the
 * buckets' bounds and in those of all calls there were. */
static uint64_t
bucket_start(uint32_t bucket)
{
    if (bucket < FORMAT_TIMING_STEPS)
        return bucket;
    return (uint64_t)(FORMAT_TIMING_STEPS + bucket % FORMAT_TIMING_STEPS)
           << (bucket / FORMAT_TIMING_STEPS - 1);
}

static void
take_timing(struct making *m, uint32_t id)
{
    const struct format_timing *from = writer_record(m->writer, FORMAT_TIMINGS, id);
    const uint32_t *calls = &m->counters->timings[id * FORMAT_TIMING_BUCKETS];
    struct format_timing *to = &m->timings[m->n_timings];
    uint64_t min = UINT64_MAX, max = 0;
    uint64_t all_min = atomic_load_explicit(&from->min_ticks, memory_order_relaxed);
    uint64_t all_max = atomic_load_explicit(&from->max_ticks, memory_order_relaxed);

    for (uint32_t i = 0; i < FORMAT_TIMING_BUCKETS; i++) {
        atomic_init(&to->calls[i], calls[i]);
        if (!calls[i])
            continue;
        if (min == UINT64_MAX)
            min = bucket_start(i) > all_min ? bucket_start(i) : all_min;
        max = bucket_start(i + 1) - 1 < all_max ? bucket_start(i + 1) - 1 : all_max;
    }
    if (min == UINT64_MAX || !is_wanted(m, from->code))
        return;
    to->code = from->code;
    atomic_init(&to->min_ticks, min);
    atomic_init(&to->max_ticks, max);
    m->n_timings++;
}

static void
count_rule(const char *text, bool include, void *arg)
{
    struct making *m = arg;

    (void)text;
    (void)include;
    m->n_rules++;
}

static void
take_rule(const char *text, bool include, void *arg)
{
    struct making *m = arg;
    struct format_rule *r = &m->rules_made[m->n_rules++];

    r->text = writer_string(m->writer, text, strlen(text));
    r->include = include;
}

static bool
prepare(struct making *m, uint32_t n_nodes)
{
    m->n_codes = writer_count(m->writer, FORMAT_CODES);
    engine_rules_each(m->rules, count_rule, m);
    m->wanted = calloc(m->n_codes + 1, sizeof(*m->wanted));
    m->map = calloc(n_nodes, sizeof(*m->map));
    m->is_live = calloc(n_nodes, sizeof(*m->is_live));
    m->nodes = calloc(n_nodes, sizeof(*m->nodes));
    m->siblings = calloc(n_nodes, sizeof(*m->siblings));
    m->children = calloc(n_nodes, sizeof(*m->children));
    m->timings = calloc(m->counters->n_timings + 1, sizeof(*m->timings));
    m->rules_made = calloc(m->n_rules + 1, sizeof(*m->rules_made));
    m->n_rules = 0;
    return m->wanted && m->map && m->is_live && m->nodes && m->siblings &&
           m->children && m->timings && m->rules_made;
}

static void
release(struct making *m)
{
    free(m->wanted);
    free(m->map);
    free(m->is_live);
    free(m->nodes);
    free(m->siblings);
    free(m->children);
    free(m->timings);
    free(m->rules_made);
}

static void
put_lines(const struct making *m, struct format_line *lines, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        const uint64_t *counters =
            i < m->counters->n_lines && is_wanted(m, lines[i].code)
                ? &m->counters->lines[i * ENGINE_IMAGE_PER_LINE]
                : (const uint64_t[ENGINE_IMAGE_PER_LINE]){0};

        atomic_init(&lines[i].hits, counters[0]);
        atomic_init(&lines[i].self_ticks, counters[1]);
        atomic_init(&lines[i].below_ticks, counters[2]);
        atomic_init(&lines[i].calls, counters[3]);
    }
}

static void
put_threads(const struct making *m, struct format_thread *threads, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        threads[i].root = m->map[threads[i].root];
        atomic_init(&threads[i].state, FORMAT_THREAD_ENDED);
        atomic_init(&threads[i].node, threads[i].root);
        atomic_init(&threads[i].line, FORMAT_NONE);
    }
}

static void
put_codes(const struct making *m, struct format_code *codes, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if (!is_wanted(m, i))
            atomic_init(&codes[i].flags, codes[i].flags | (uint32_t)FORMAT_CODE_HIDDEN);
}

/* What a section has, before it is changed: how many records, and from where. */
static const void *
section_of(const struct making *m, unsigned section, uint32_t *n)
{
    switch (section) {
    case FORMAT_NODES:
        *n = m->n_nodes;
        return m->nodes;
    case FORMAT_TIMINGS:
        *n = m->n_timings;
        return m->timings;
    case FORMAT_RULES:
        *n = m->n_rules;
        return m->rules_made;
    case FORMAT_STRINGS:
    case FORMAT_FILES:
    case FORMAT_CODES:
    case FORMAT_LINES:
    case FORMAT_THREADS:
        *n = writer_count(m->writer, section);
        return writer_record(m->writer, section, 0);
    default:
        *n = 0;
        return NULL;
    }
}

static void
put_header(const struct making *m, struct format_header *h, unsigned mode)
{
    sink_note_clocks();
    memcpy(h, writer_header(m->writer), sizeof(*h));
    h->mode = mode;
    atomic_init(&h->state, FORMAT_EXITED);
    atomic_init(&h->exit_status, 0);
    atomic_init(&h->stop, 0);
    atomic_init(&h->n_hidden_codes, 0);
}

static size_t
lay_out(const struct making *m, struct format_header *h)
{
    uint64_t offset = FORMAT_HEADER_SIZE;

    for (unsigned i = 0; i < FORMAT_N_SECTIONS; i++) {
        struct format_entry *e = &h->sections[i];
        uint32_t n;

        section_of(m, i, &n);
        e->offset = offset;
        e->reserve = (uint64_t)n * sections[i].record_size;
        e->record_size = sections[i].record_size;
        atomic_init(&e->count, n);
        offset = (offset + e->reserve + 63) / 64 * 64;
    }
    return offset;
}

static void *
put_all(const struct making *m, unsigned mode, size_t *size)
{
    struct format_header h;
    char *bytes;

    put_header(m, &h, mode);
    *size = lay_out(m, &h);
    bytes = calloc(1, *size);
    if (!bytes)
        return NULL;
    memcpy(bytes, &h, sizeof(h));
    for (unsigned i = 0; i < FORMAT_N_SECTIONS; i++) {
        uint32_t n;
        const void *from = section_of(m, i, &n);
        void *to = bytes + h.sections[i].offset;

        if (n)
            memcpy(to, from, (size_t)n * sections[i].record_size);
        if (i == FORMAT_LINES)
            put_lines(m, to, n);
        else if (i == FORMAT_THREADS)
            put_threads(m, to, n);
        else if (i == FORMAT_CODES)
            put_codes(m, to, n);
    }
    return bytes;
}

void *
engine_image_make(const struct engine_image_counters *c,
                  const struct engine_rules *rules, unsigned mode, size_t *size)
{
    struct making m = {
        .counters = c, .rules = rules, .writer = engine_session_writer()};
    uint32_t n_nodes = writer_count(m.writer, FORMAT_NODES);
    void *bytes = NULL;

    if (prepare(&m, n_nodes)) {
        making = &m;
        codes_each(ask);
        find_live(&m, n_nodes);
        for (nodes_id i = 0; i < n_nodes; i++)
            take_node(&m, i);
        for (uint32_t i = 0; i < c->n_timings; i++)
            take_timing(&m, i);
        engine_rules_each(rules, take_rule, &m);
        bytes = put_all(&m, mode, size);
    }
    release(&m);
    return bytes;
}

#include "report/calls.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/xalloc.h"

void
calls_release(struct calls *c)
{
    for (size_t i = 0; i < c->n_functions; i++) {
        free(c->functions[i].module);
        free(c->functions[i].name);
    }
    free(c->functions);
    free(c->called);
    free(c->pairs);
    *c = (struct calls){0};
}

/* Taking. */

enum early {
    LATE,
    WAITS, /* for run(), which has not been called below it yet */
    EARLY, /* called before that */
};

struct taking {
    struct calls *calls;
    const struct reader *reader;
    const struct calls_function *tracer;
    uint32_t *of_code; /* the function of each code object + 1; 0: not met yet */
    uint8_t *early;    /* enum early of each node */
    uint32_t tracer_id;
};

static uint32_t
add_function(struct calls *c, struct calls_function f)
{
    c->functions = xalloc_grow(c->functions, &c->functions_cap, c->n_functions + 1,
                               sizeof(*c->functions));
    c->functions[c->n_functions] = f;
    return (uint32_t)c->n_functions++;
}

static char *
stem(const char *path)
{
    const char *name = file_name(path);

    return xalloc_copy_n(name, file_stem_len(name));
}

static const char *
class_of(const struct reader *r, const struct format_code *code)
{
    /* The string was there before its id: acquire. */
    return reader_string(r, atomic_load_explicit(&code->class, memory_order_acquire),
                         NULL);
}

static uint32_t
function_of(struct taking *t, codes_id id)
{
    const struct format_code *code = reader_code(t->reader, id);
    const struct format_file *file = code ? reader_file(t->reader, code->file) : NULL;
    const char *path = file ? reader_string(t->reader, file->path, NULL) : "";
    const char *class = code ? class_of(t->reader, code) : "";
    const char *name = code ? reader_string(t->reader, code->name, NULL) : "";

    if (t->of_code[id])
        return t->of_code[id] - 1;
    t->of_code[id] =
        1 + add_function(t->calls,
                         (struct calls_function){
                             path, stem(path),
                             xalloc_printf("%s%s%s", class, *class ? "." : "", name)});
    return t->of_code[id] - 1;
}

static uint32_t
tracer_of(struct taking *t)
{
    if (t->tracer_id == UINT32_MAX)
        t->tracer_id = add_function(
            t->calls,
            (struct calls_function){t->tracer->file, xalloc_copy(t->tracer->module),
                                    xalloc_copy(t->tracer->name)});
    return t->tracer_id;
}

static void
add_called(struct calls *c, uint32_t function)
{
    c->called =
        xalloc_grow(c->called, &c->called_cap, c->n_called + 1, sizeof(*c->called));
    c->called[c->n_called++] = function;
}

static void
add_pair(struct calls *c, uint32_t caller, uint32_t callee)
{
    c->pairs = xalloc_grow(c->pairs, &c->pairs_cap, c->n_pairs + 1, sizeof(*c->pairs));
    c->pairs[c->n_pairs++] = (struct calls_pair){caller, callee};
}

/* `trace` is in a thread from run() on. What has called that is no call of its own, and
 * what that called before is left out: those nodes are older. */
static bool
begins_thread(const struct reader *r, codes_id id)
{
    const struct format_code *code = reader_code(r, id);
    const struct format_file *file = code ? reader_file(r, code->file) : NULL;
    const char *name = code ? reader_string(r, code->qualname, NULL) : "";

    return file &&
           (strcmp(name, "Thread._bootstrap") == 0 ||
            strcmp(name, "Thread._bootstrap_inner") == 0) &&
           strcmp(file_name(reader_string(r, file->path, NULL)), "threading.py") == 0;
}

static bool
is_run(const struct reader *r, codes_id id)
{
    const struct format_code *code = reader_code(r, id);

    return code && strcmp(reader_string(r, code->name, NULL), "run") == 0;
}

/* Whether the node is one of those, by what is known of the node above it. */
static bool
is_too_early(struct taking *t, nodes_id id, const struct format_node *node)
{
    nodes_id above = node->parent;
    bool is_below = above < id && t->early[above] == EARLY;

    if (begins_thread(t->reader, node->code))
        t->early[id] = WAITS;
    else if (is_below ||
             (above < id && t->early[above] == WAITS && !is_run(t->reader, node->code)))
        t->early[id] = EARLY;
    else if (above < id && t->early[above] == WAITS)
        t->early[above] = LATE; /* run() has begun */
    return t->early[id] == EARLY;
}

static void
take_node(struct taking *t, const struct format_node *node, enum calls_what what)
{
    const struct format_node *above = reader_node(t->reader, node->parent);
    bool is_top = !above || above->code == FORMAT_NONE;
    uint32_t callee;

    if (!reader_code(t->reader, node->code) || begins_thread(t->reader, node->code) ||
        !(reader_load(&node->calls) + reader_load(&node->resumes)))
        return;
    callee = function_of(t, node->code);
    if (what == CALLS_FUNCTIONS || (what == CALLS_FILED && is_top))
        add_called(t->calls, callee);
    else if (!is_top && reader_code(t->reader, above->code))
        add_pair(t->calls, function_of(t, above->code), callee);
    else if (t->tracer && node->thread == 0)
        add_pair(t->calls, tracer_of(t), callee);
}

void
calls_add(struct calls *c, const struct reader *r, enum calls_what what,
          const struct calls_function *tracer)
{
    uint32_t n = reader_count(r, FORMAT_NODES);
    struct taking t = {.calls = c, .reader = r, .tracer = tracer};
    const struct format_node *node;

    t.of_code = xalloc_array(reader_count(r, FORMAT_CODES) + 1, sizeof(*t.of_code));
    t.tracer_id = UINT32_MAX;
    t.early = xalloc_array(n, sizeof(*t.early));
    for (nodes_id id = 1; id < n; id++)
        if ((node = reader_node(r, id)) && !is_too_early(&t, id, node))
            take_node(&t, node, what);
    free(t.of_code);
    free(t.early);
}

/* Order. */

struct ranked {
    const struct calls_function *function;
    uint32_t id;
};

static int
compare_functions(const void *a, const void *b)
{
    const struct calls_function *x = ((const struct ranked *)a)->function;
    const struct calls_function *y = ((const struct ranked *)b)->function;
    int order = strcmp(x->file, y->file);

    order = order ? order : strcmp(x->module, y->module);
    return order ? order : strcmp(x->name, y->name);
}

/* The functions in order, those that are equal once; *rank gets each one's new place.
 */
static void
rank_functions(struct calls *c, uint32_t *rank)
{
    struct ranked *all = xalloc_array(c->n_functions + 1, sizeof(*all));
    struct calls_function *sorted = xalloc_array(c->n_functions + 1, sizeof(*sorted));
    size_t n = 0;

    for (size_t i = 0; i < c->n_functions; i++)
        all[i] = (struct ranked){&c->functions[i], (uint32_t)i};
    qsort(all, c->n_functions, sizeof(*all), compare_functions);
    for (size_t i = 0; i < c->n_functions; i++) {
        struct calls_function *f = &c->functions[all[i].id];

        if (i && compare_functions(&all[i - 1], &all[i]) == 0) {
            free(f->module);
            free(f->name);
            *f = sorted[n - 1]; /* the next one is compared with it */
        } else {
            sorted[n++] = *f;
        }
        rank[all[i].id] = (uint32_t)(n - 1);
    }
    free(all);
    free(c->functions);
    c->functions = sorted;
    c->functions_cap = c->n_functions + 1;
    c->n_functions = n;
}

static int
compare_numbers(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

static int
compare_pairs(const void *a, const void *b)
{
    const struct calls_pair *x = a, *y = b;
    int order = compare_numbers(&x->caller, &y->caller);

    return order ? order : compare_numbers(&x->callee, &y->callee);
}

/* Sorts `n` items of `size` bytes and keeps each once; returns how many are left. */
static size_t
sort_once(void *items, size_t n, size_t size,
          int (*compare)(const void *, const void *))
{
    char *at = items;
    size_t kept = 0;

    if (n)
        qsort(items, n, size, compare);
    for (size_t i = 0; i < n; i++)
        if (!kept || compare(at + (kept - 1) * size, at + i * size) != 0)
            memmove(at + kept++ * size, at + i * size, size);
    return kept;
}

void
calls_sort(struct calls *c)
{
    uint32_t *rank = xalloc_array(c->n_functions + 1, sizeof(*rank));

    rank_functions(c, rank);
    for (size_t i = 0; i < c->n_called; i++)
        c->called[i] = rank[c->called[i]];
    for (size_t i = 0; i < c->n_pairs; i++)
        c->pairs[i] =
            (struct calls_pair){rank[c->pairs[i].caller], rank[c->pairs[i].callee]};
    c->n_called =
        sort_once(c->called, c->n_called, sizeof(*c->called), compare_numbers);
    c->n_pairs = sort_once(c->pairs, c->n_pairs, sizeof(*c->pairs), compare_pairs);
    free(rank);
}

/* Printing. */

void
calls_print_functions(const struct calls *c, struct buf *out)
{
    if (!c->n_called)
        return;
    buf_add_str(out, "\nfunctions called:\n");
    for (size_t i = 0; i < c->n_called; i++) {
        const struct calls_function *f = &c->functions[c->called[i]];

        buf_printf(out, "filename: %s, modulename: %s, funcname: %s\n", f->file,
                   f->module, f->name);
    }
}

void
calls_print_pairs(const struct calls *c, struct buf *out)
{
    const char *file = "", *called_file = "";

    if (!c->n_pairs)
        return;
    buf_add_str(out, "\ncalling relationships:\n");
    for (size_t i = 0; i < c->n_pairs; i++) {
        const struct calls_function *from = &c->functions[c->pairs[i].caller];
        const struct calls_function *to = &c->functions[c->pairs[i].callee];

        if (strcmp(from->file, file) != 0) {
            buf_printf(out, "\n*** %s ***\n", from->file);
            file = from->file;
            called_file = "";
        }
        if (strcmp(to->file, from->file) != 0 && strcmp(to->file, called_file) != 0) {
            buf_printf(out, "  --> %s\n", to->file);
            called_file = to->file;
        }
        buf_printf(out, "    %s.%s -> %s.%s\n", from->module, from->name, to->module,
                   to->name);
    }
}

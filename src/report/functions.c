#include "report/functions.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

struct key { /* what a row is sorted by */
    uint64_t number;
    const char *name; /* NULL: by number */
    codes_id code;
};

void
functions_release(struct functions *f)
{
    free(f->rows);
    *f = (struct functions){0};
}

static int
compare(const void *a, const void *b)
{
    const struct key *x = a, *y = b;
    int by_name = x->name && y->name ? strcmp(x->name, y->name) : 0;

    if (by_name)
        return by_name;
    if (x->number != y->number)
        return x->number > y->number ? -1 : 1;
    return x->code < y->code ? -1 : 1;
}

static uint64_t
number(const struct functions_source *from, codes_id code, enum functions_order order)
{
    const struct totals_code *c = totals_code(from->totals, code);

    if (order == FUNCTIONS_BY_CALLS)
        return c->calls + c->resumes;
    if (order == FUNCTIONS_BY_LONGEST)
        return percentiles_longest(from->percentiles, from->reader, from->totals, code);
    if (!(reader_header(from->reader)->mode & FORMAT_MODE_TIMES))
        return c->hits;
    return order == FUNCTIONS_BY_TOTAL ? c->total_ticks : c->self_ticks;
}

void
functions_build(struct functions *f, const struct functions_source *from,
                enum functions_order order)
{
    const struct reader *r = from->reader;
    uint32_t n = reader_count(r, FORMAT_CODES);
    struct key *keys = xalloc_array(n, sizeof(*keys));
    size_t n_keys = 0;

    for (codes_id i = 0; i < n; i++) {
        const struct totals_code *c = totals_code(from->totals, i);
        const struct format_code *code = reader_code(r, i);

        if (!code || !(c->calls | c->resumes | c->hits))
            continue;
        keys[n_keys++] = (struct key){
            .number = number(from, i, order),
            .name = order == FUNCTIONS_BY_NAME ? reader_string(r, code->qualname, NULL)
                                               : NULL,
            .code = i,
        };
    }
    qsort(keys, n_keys, sizeof(*keys), compare);
    f->rows = xalloc_grow(f->rows, &f->cap, n_keys, sizeof(*f->rows));
    f->n = n_keys;
    for (size_t i = 0; i < n_keys; i++)
        f->rows[i] = keys[i].code;
    free(keys);
}

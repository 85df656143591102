#include "report/percentiles.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

void
percentiles_release(struct percentiles *p)
{
    free(p->timings);
    *p = (struct percentiles){0};
}

void
percentiles_update(struct percentiles *p, const struct reader *r)
{
    uint32_t n = reader_count(r, FORMAT_CODES);

    p->timings = xalloc_grow(p->timings, &p->cap, n, sizeof(*p->timings));
    memset(p->timings + p->n_codes, 0, (n - p->n_codes) * sizeof(*p->timings));
    p->n_codes = n;
    for (; p->n_timings < reader_count(r, FORMAT_TIMINGS); p->n_timings++) {
        const struct format_timing *t = reader_timing(r, p->n_timings);

        if (t->code < n)
            p->timings[t->code] = p->n_timings + 1;
    }
}

/* The smallest duration of a bucket. */
static uint64_t
start_of(uint32_t bucket)
{
    uint32_t power;

    if (bucket < FORMAT_TIMING_STEPS)
        return bucket;
    power = bucket / FORMAT_TIMING_STEPS - 1;
    return (uint64_t)(FORMAT_TIMING_STEPS + bucket % FORMAT_TIMING_STEPS) << power;
}

struct calls {
    uint32_t of[FORMAT_TIMING_BUCKETS];
    uint64_t n;
    double min, max;
};

static bool
read_calls(struct calls *c, const struct format_timing *t)
{
    c->n = 0;
    for (uint32_t i = 0; i < FORMAT_TIMING_BUCKETS; i++) {
        c->of[i] = reader_load32(&t->calls[i]);
        c->n += c->of[i];
    }
    c->min = (double)reader_load(&t->min_ticks);
    c->max = (double)reader_load(&t->max_ticks);
    return c->n > 0 && c->min <= c->max;
}

/* What `share` of the calls stayed below; calls of one bucket are taken to lie in it at
 * equal distances. */
static double
below(const struct calls *c, double share)
{
    double rank = share * (double)c->n, ticks = c->max;

    for (uint32_t i = 0; i < FORMAT_TIMING_BUCKETS; i++) {
        double start = (double)start_of(i), end = (double)start_of(i + 1);

        if (c->of[i] && rank <= c->of[i]) {
            ticks = start + (end - start) * rank / c->of[i];
            break;
        }
        rank -= c->of[i];
    }
    return ticks < c->min ? c->min : ticks > c->max ? c->max : ticks;
}

static const struct format_timing *
timing_of(const struct percentiles *p, const struct reader *r, codes_id code)
{
    uint32_t id = code < p->n_codes ? p->timings[code] : 0;

    return id ? reader_timing(r, id - 1) : NULL;
}

/* The share of the calls' time that is the program's. Of a generator's time the most
 * may be what it was suspended for. */
static double
kept_of(const struct reader *r, const struct totals *t, codes_id code)
{
    const struct format_code *record = reader_code(r, code);

    return !record || reader_load32(&record->flags) & FORMAT_CODE_GENERATOR
               ? 1
               : totals_kept(t, code);
}

bool
percentiles_get(const struct percentiles *p, const struct reader *r,
                const struct totals *t, codes_id code, struct percentiles_row *out)
{
    const struct format_timing *timing = timing_of(p, r, code);
    struct calls c;
    double kept;

    *out = (struct percentiles_row){0};
    if (!timing || !read_calls(&c, timing))
        return false;
    kept = kept_of(r, t, code);
    out->calls = c.n;
    out->min_ticks = (uint64_t)(kept * c.min);
    out->p50_ticks = (uint64_t)(kept * below(&c, 0.50));
    out->p95_ticks = (uint64_t)(kept * below(&c, 0.95));
    out->p99_ticks = (uint64_t)(kept * below(&c, 0.99));
    out->max_ticks = (uint64_t)(kept * c.max);
    return true;
}

uint64_t
percentiles_longest(const struct percentiles *p, const struct reader *r,
                    const struct totals *t, codes_id code)
{
    const struct format_timing *timing = timing_of(p, r, code);

    return timing ? (uint64_t)(kept_of(r, t, code) *
                               (double)reader_load(&timing->max_ticks))
                  : 0;
}

#include "runner/timings.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static struct writer *writer;
struct format_timing **timings_by_code;
uint32_t timings_n;

void
timings_start(struct writer *w)
{
    writer = w;
}

void
timings_forget(void)
{
    if (timings_n)
        memset(timings_by_code, 0, timings_n * sizeof(struct format_timing *));
}

static bool
make_room(codes_id code)
{
    uint32_t n = timings_n ? timings_n : 256;
    struct format_timing **grown;

    if (code < timings_n)
        return true;
    while (n <= code)
        n *= 2;
    grown = realloc(timings_by_code, n * sizeof(struct format_timing *));
    if (!grown)
        return false;
    memset(grown + timings_n, 0, (n - timings_n) * sizeof(struct format_timing *));
    timings_by_code = grown;
    timings_n = n;
    return true;
}

struct format_timing *
timings_new(codes_id code)
{
    struct format_timing *t;
    void *place;

    if (!make_room(code) ||
        writer_add(writer, FORMAT_TIMINGS, 1, &place) == FORMAT_NONE)
        return NULL;
    t = place;
    t->code = code;
    atomic_store_explicit(&t->min_ticks, UINT64_MAX, memory_order_relaxed);
    writer_publish(writer, FORMAT_TIMINGS);
    return timings_by_code[code] = t;
}

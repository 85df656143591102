/* How long calls took, by function: the session's histograms. */
#ifndef RUNNER_TIMINGS_H
#define RUNNER_TIMINGS_H

#include <assert.h>

#include "base/attr.h"
#include "session/format.h"
#include "session/writer.h"

void timings_start(struct writer *writer);

/* In a forked child, whose session has none yet: forgets them. */
void timings_forget(void);

/* By code; NULL where there is none yet. */
extern struct format_timing **timings_by_code;
extern uint32_t timings_n;

/* The record of a code object that has none yet; NULL: no room. */
struct format_timing *timings_new(codes_id code);

static inline uint32_t
timings_bucket(uint64_t ticks)
{
    const uint32_t bits = 3; /* FORMAT_TIMING_STEPS is two to this power */
    uint32_t power, bucket;

    static_assert(FORMAT_TIMING_STEPS == 1u << 3, "steps");
    if (ATTR_UNLIKELY(ticks < FORMAT_TIMING_STEPS))
        return (uint32_t)ticks;
    power = 63 - (uint32_t)__builtin_clzll(ticks);
    bucket = (power - bits + 1) * FORMAT_TIMING_STEPS +
             ((uint32_t)(ticks >> (power - bits)) & (FORMAT_TIMING_STEPS - 1));
    return bucket < FORMAT_TIMING_BUCKETS ? bucket : FORMAT_TIMING_BUCKETS - 1;
}

/* A call of the function took so many ticks. */
static inline void
timings_add(codes_id code, uint64_t ticks)
{
    struct format_timing *t = code < timings_n ? timings_by_code[code] : NULL;
    _Atomic uint32_t *calls;
    uint32_t n;

    if (ATTR_UNLIKELY(!t)) {
        t = timings_new(code);
        if (!t)
            return;
    }
    if (ATTR_UNLIKELY(ticks <
                      atomic_load_explicit(&t->min_ticks, memory_order_relaxed)))
        atomic_store_explicit(&t->min_ticks, ticks, memory_order_relaxed);
    if (ATTR_UNLIKELY(ticks >
                      atomic_load_explicit(&t->max_ticks, memory_order_relaxed)))
        atomic_store_explicit(&t->max_ticks, ticks, memory_order_relaxed);
    calls = &t->calls[timings_bucket(ticks)];
    n = atomic_load_explicit(calls, memory_order_relaxed);
    atomic_store_explicit(calls, n + (n != UINT32_MAX), memory_order_relaxed);
}

#endif

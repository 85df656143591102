/* Time: the monotonic clock in nanoseconds, and ticks, the cheapest steady counter of
 * this machine (the time-stamp counter where it is invariant, else nanoseconds). */
#ifndef BASE_MONO_H
#define BASE_MONO_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>
#if defined(__x86_64__)
#include <x86intrin.h>
#endif

typedef uint64_t mono_ns;

static inline mono_ns
mono_clock(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (mono_ns)ts.tv_sec * 1000000000u + (mono_ns)ts.tv_nsec;
}

/* Whether mono_ticks(true) may be used: the counter runs at one rate on all cores, in
 * every power state. Asks the CPU, so ask once. */
bool mono_has_tsc(void);

/* One tick. `tsc` is what mono_has_tsc() said; pass it as a constant or a global. */
static inline uint64_t
mono_ticks(bool tsc)
{
#if defined(__x86_64__)
    if (tsc)
        return __rdtsc();
#else
    (void)tsc;
#endif
    return mono_clock();
}

#endif

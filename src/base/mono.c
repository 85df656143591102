#include "base/mono.h"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

bool
mono_has_tsc(void)
{
#if defined(__x86_64__)
    unsigned a, b, c, d;

    /* Advanced power management information: bit 8 of EDX is "invariant TSC". */
    if (!__get_cpuid(0x80000007u, &a, &b, &c, &d))
        return false;
    return (d >> 8) & 1;
#else
    return false;
#endif
}

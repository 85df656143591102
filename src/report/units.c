#include "report/units.h"

#include <inttypes.h>
#include <stdio.h>

struct unit {
    const char *name;
    double ns;
    uint64_t below_ns; /* a column with no time as long as this has this unit */
};

/* Minutes are not among them: 14.2 min reads as easily as 14:20 and means another. */
static const struct unit units[] = {
    {"us", 1e3, 100000u},
    {"ms", 1e6, 1000000000u},
    {"s", 1e9, 100000u * 1000000000ull},
    {"h", 3600e9, UINT64_MAX},
};

enum { FINEST, N_UNITS = sizeof(units) / sizeof(units[0]) };

struct units_scale
units_scale(uint64_t max_ns)
{
    struct units_scale scale = {FINEST, 1};
    double max;

    while (scale.unit + 1 < N_UNITS && max_ns >= units[scale.unit].below_ns)
        scale.unit++;
    max = (double)max_ns / units[scale.unit].ns;
    if (scale.unit != FINEST)
        scale.decimals = max < 99.995 ? 2 : max < 99999.95 ? 1 : 0;
    return scale;
}

void
units_time(struct buf *out, struct units_scale scale, uint64_t ns)
{
    const struct unit *u = &units[scale.unit < N_UNITS ? scale.unit : N_UNITS - 1];

    if (ns && (double)ns / u->ns < (scale.decimals == 2 ? 0.005 : 0.05)) {
        scale = units_scale(ns);
        u = &units[scale.unit];
    }
    buf_printf(out, "%.*f %s", scale.decimals, (double)ns / u->ns, u->name);
}

void
units_time_alone(struct buf *out, uint64_t ns)
{
    units_time(out, units_scale(ns), ns);
}

void
units_count(struct buf *out, uint64_t n, int cols)
{
    static const char letters[] = "kMGTPE";
    char exact[24];
    double x = (double)n;
    int len = snprintf(exact, sizeof(exact), "%" PRIu64, n);
    int i = -1;

    if (len <= cols || n < 1000) {
        buf_add_str(out, exact);
        return;
    }
    while (x >= 999.5 && i < 5) {
        x /= 1000;
        i++;
    }
    buf_printf(out, "%.*f %c", x < 9.995 ? 2 : x < 99.95 ? 1 : 0, x, letters[i]);
}

void
units_share(struct buf *out, uint64_t part, uint64_t whole)
{
    double share = whole ? 100.0 * (double)part / (double)whole : 0;

    if (part && whole && share < 1)
        buf_add_str(out, "<1 %");
    else
        buf_printf(out, "%.0f %%", share > 100 ? 100.0 : share);
}

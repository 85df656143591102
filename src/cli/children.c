#include "cli/children.h"

#include <string.h>
#include <time.h>

#include "base/proc.h"
#include "session/family.h"

enum {
    SETTLE_MS = 200,
    STEP_MS = 5,
    NAMED = 8 /* processes */
};

/* The number of processes that still run; `ids`, if not NULL, gets the first of them.
 */
static size_t
count_alive(const char *session, struct buf *ids)
{
    struct family f;
    size_t n = 0;

    family_find(&f, session);
    for (size_t i = 0; i < f.n; i++) {
        pid_t pid = family_pid(f.paths[i], session);

        /* One that became another program has several sessions. */
        if ((i > 0 && pid == family_pid(f.paths[i - 1], session)) ||
            !proc_is_alive(pid))
            continue;
        if (ids && n < NAMED)
            buf_printf(ids, "%s%ld", n ? ", " : "", (long)pid);
        n++;
    }
    if (ids && n > NAMED)
        buf_add_str(ids, ", ...");
    family_release(&f);
    return n;
}

void
children_settle(const char *session)
{
    const struct timespec step = {0, STEP_MS * 1000000L};

    for (int ms = 0; ms < SETTLE_MS && count_alive(session, NULL) > 0; ms += STEP_MS)
        nanosleep(&step, NULL);
}

void
children_describe(const char *session, struct buf *out)
{
    struct buf ids = {0}, missed = {0};
    size_t n = count_alive(session, &ids);
    const char *at, *line;
    size_t len;

    if (n > 0)
        buf_printf(out, "%zu process%s still run%s (%s), counted up to now\n", n,
                   n == 1 ? "" : "es", n == 1 ? "s" : "", buf_str(&ids));
    family_add_missed(&missed, session);
    at = buf_str(&missed);
    while ((line = buf_line(&at, &len)))
        buf_printf(out, "not every process was watched: %.*s\n", (int)len, line);
    buf_release(&missed);
    buf_release(&ids);
}

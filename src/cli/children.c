#include "cli/children.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/file.h"
#include "base/proc.h"
#include "base/utf8.h"
#include "base/xalloc.h"
#include "cli/texts.h"
#include "session/family.h"

enum {
    SETTLE_MS = 200,
    STEP_MS = 5,
    NAMED = 8, /* processes */
    MISSED_MAX = 1 << 20
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

/* Each kind of interpreter that could not be followed is told once. */
static void
describe_missed(const char *session, struct buf *out)
{
    char *path = xalloc_printf("%s.missed", session);
    struct texts lines = {0}, told = {0};
    struct buf text = {0};

    if (file_read(path, MISSED_MAX, &text, NULL))
        texts_split(&lines, buf_str(&text), '\n');
    for (size_t i = 0; i < lines.n; i++) {
        if (texts_has(&told, lines.items[i]))
            continue;
        texts_add(&told, lines.items[i]);
        buf_add_str(out, "a child was not watched: ");
        utf8_show(out, lines.items[i], strlen(lines.items[i]), 0);
        buf_add_char(out, '\n');
    }
    texts_release(&lines);
    texts_release(&told);
    buf_release(&text);
    free(path);
}

void
children_describe(const char *session, struct buf *out)
{
    struct buf ids = {0};
    size_t n = count_alive(session, &ids);

    if (n > 0)
        buf_printf(out, "%zu process%s still run%s (%s), counted up to now\n", n,
                   n == 1 ? "" : "es", n == 1 ? "s" : "", buf_str(&ids));
    describe_missed(session, out);
    buf_release(&ids);
}

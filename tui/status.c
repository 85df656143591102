#include "tui/status.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "base/xalloc.h"
#include "report/units.h"

#define COUNT_NS 500000000u
#define GAP 3 /* columns between two fields */

void
status_init(struct status *s, const char *script)
{
    *s =
        (struct status){.slow = 1, .script = xalloc_copy(script != NULL ? script : "")};
}

void
status_release(struct status *s)
{
    free(s->script);
    *s = (struct status){0};
}

/* Counting. */

static uint64_t
count_hits(const struct reader *r)
{
    uint32_t n = reader_count(r, FORMAT_LINES);
    uint64_t sum = 0;

    for (lines_id id = 0; id < n; id++) {
        const struct format_line *line = reader_line(r, id);

        if (line != NULL)
            sum += reader_load(&line->hits);
    }
    return sum;
}

static uint64_t
count_calls(const struct reader *r)
{
    uint32_t n = reader_count(r, FORMAT_NODES);
    uint64_t sum = 0;

    for (nodes_id id = 0; id < n; id++) {
        const struct format_node *node = reader_node(r, id);

        if (node != NULL)
            sum += reader_load(&node->calls) + reader_load(&node->resumes);
    }
    return sum;
}

/* Ticks since the start, the pauses left out. */
static uint64_t
elapsed_ticks(const struct reader *r)
{
    uint64_t now = reader_now(r), start = reader_header(r)->start_ticks;

    return now > start ? now - start : 0;
}

/* How many times slower than without us, by what the probes are known to cost. */
static double
slow_down(const struct reader *r, uint64_t hits)
{
    const struct format_header *h = reader_header(r);
    double all = (double)elapsed_ticks(r);
    double ours = (double)hits * (double)h->line_cost_ticks +
                  (double)count_calls(r) * (double)h->call_cost_ticks;

    return ours > 0 && ours < all ? all / (all - ours) : 1;
}

bool
status_update(struct status *s, const struct view *v, mono_ns now)
{
    uint64_t hits, before = s->hits;
    mono_ns passed = now - s->counted_at;
    bool first = s->counted_at == 0 || s->reader != v->reader;

    if (v->reader == NULL || (!first && passed < COUNT_NS))
        return false;
    hits = count_hits(v->reader);
    if (!first && hits >= before)
        s->hits_per_s = (uint64_t)((double)(hits - before) * 1e9 / (double)passed);
    s->hits = hits;
    s->counted_at = now;
    s->reader = v->reader;
    s->slow = slow_down(v->reader, hits);
    return hits != before;
}

/* Drawing. */

/* A field of the right half. It appends its text, or nothing. */
typedef void (*field)(const struct status *s, const struct view *v, struct buf *out);

static bool
is_running(const struct view *v)
{
    return v->mode == VIEW_RUN || v->mode == VIEW_INPUT || v->mode == VIEW_PAUSING;
}

static void
add_elapsed(const struct status *s, const struct view *v, struct buf *out)
{
    uint64_t tenths = reader_ns(v->reader, elapsed_ticks(v->reader)) / 100000000u;
    unsigned long seconds = (unsigned long)(tenths / 10);

    (void)s;
    if (seconds >= 3600)
        buf_printf(out, "%lu:%02lu:%02lu", seconds / 3600, seconds / 60 % 60,
                   seconds % 60);
    else
        buf_printf(out, "%02lu:%02lu.%u", seconds / 60, seconds % 60,
                   (unsigned)(tenths % 10));
}

static void
add_speed(const struct status *s, const struct view *v, struct buf *out)
{
    if (!is_running(v) || s->hits_per_s == 0)
        return;
    units_count(out, s->hits_per_s, 6);
    buf_add_str(out, " lines/s");
}

static void
add_slow(const struct status *s, const struct view *v, struct buf *out)
{
    if (s->slow >= 1.05)
        buf_printf(out, "slow %s%.1f", v->glyphs->times, s->slow);
}

static void
add_python(const struct status *s, const struct view *v, struct buf *out)
{
    const char *version =
        reader_string(v->reader, reader_header(v->reader)->python, NULL);
    const char *dot = strchr(version, '.');
    size_t len = dot != NULL ? (size_t)(dot - version) + 1 : strlen(version);

    (void)s;
    len += dot != NULL ? strcspn(dot + 1, ".") : 0;
    if (len == 0)
        return;
    buf_add_str(out, "py ");
    utf8_show(out, version, len, 0);
}

static void
add_engine(const struct status *s, const struct view *v, struct buf *out)
{
    const char *engine =
        reader_string(v->reader, reader_header(v->reader)->engine, NULL);

    (void)s;
    utf8_show(out, engine, strlen(engine), 0);
}

static void
add_threads(const struct status *s, const struct view *v, struct buf *out)
{
    uint32_t n = reader_count(v->reader, FORMAT_THREADS), n_running = 0;

    (void)s;
    if (v->mode == VIEW_EXIT || v->mode == VIEW_SAVED)
        return;
    for (threads_id id = 0; id < n; id++)
        n_running +=
            reader_load32(&reader_thread(v->reader, id)->state) == FORMAT_THREAD_RUNS;
    if (n_running > 0)
        buf_printf(out, "%u thread%s", n_running, n_running == 1 ? "" : "s");
}

static void
add_processes(const struct status *s, const struct view *v, struct buf *out)
{
    (void)s;
    if (v->n_processes > 1)
        buf_printf(out, "%zu processes", v->n_processes);
}

static void
add_losses(const struct status *s, const struct view *v, struct buf *out)
{
    uint64_t n = reader_load(&reader_header(v->reader)->n_dropped);

    (void)s;
    if (n > 0)
        buf_printf(out, "%llu lost", (unsigned long long)n);
}

/* In the order of the screen; `rank` is that of their worth. */
static const struct {
    field add;
    int rank;
} fields[] = {
    {add_losses, 0}, {add_elapsed, 1}, {add_speed, 3},   {add_slow, 2},
    {add_python, 5}, {add_engine, 7},  {add_threads, 6}, {add_processes, 4},
};

#define N_FIELDS (int)(sizeof(fields) / sizeof(fields[0]))

/* Appends the fields of the `n` best ranks. */
static void
add_fields(const struct status *s, const struct view *v, int n, struct buf *out)
{
    struct buf text = {0};

    for (int i = 0; i < N_FIELDS; i++) {
        buf_clear(&text);
        if (fields[i].rank < n)
            fields[i].add(s, v, &text);
        if (text.len > 0)
            buf_printf(out, "%*s%s", GAP, "", buf_str(&text));
    }
    buf_release(&text);
}

/* The left half: returns the column behind it. */
static int
draw_left(const struct status *s, const struct view *v, const struct banner *text,
          const struct grid_part *part)
{
    struct buf script = {0}, cut = {0};
    int room = part->cols - utf8_width(buf_str(&text->word)) -
               utf8_width(buf_str(&text->detail)) - 8;
    int col;

    utf8_show(&script, s->script, strlen(s->script), 0);
    if (v->child != 0)
        buf_printf(&script, " %s process %u", v->glyphs->arrow, v->child);
    utf8_fit(&cut, buf_str(&script), room < 12 ? 12 : room, UTF8_CUT_START,
             v->glyphs->ascii);
    col = grid_put(part, 0, 1, THEME_TITLE, buf_str(&cut)) + 2;
    col = grid_put(part, 0, col, text->style, buf_str(&text->word)) + 2;
    col = grid_put(part, 0, col, THEME_TITLE, buf_str(&text->detail));
    buf_release(&script);
    buf_release(&cut);
    return col;
}

void
status_draw(const struct status *s, const struct view *v, const struct banner *text,
            const struct grid_part *part)
{
    struct buf right = {0};
    int col;

    grid_repeat(part, 0, 0, part->cols, THEME_TITLE, " ");
    col = draw_left(s, v, text, part);
    for (int n = N_FIELDS; v->reader != NULL && n > 0; n--) {
        buf_clear(&right);
        add_fields(s, v, n, &right);
        if (col + utf8_width(buf_str(&right)) + 1 <= part->cols) {
            grid_put(part, 0, part->cols - 1 - utf8_width(buf_str(&right)), THEME_TITLE,
                     buf_str(&right));
            break;
        }
    }
    grid_back(part, 0, 0, part->cols, THEME_TITLE);
    buf_release(&right);
}

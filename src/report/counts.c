/* Protocol 1, as `trace` writes it: a stack machine's program. A key that comes again
 * and again, the name of a file, is kept once under a number. */
#include "report/counts.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/utf8.h"
#include "base/xalloc.h"

enum { /* instructions */
       MARK = '(',
       TUPLE = 't', /* of all from the mark on */
       EMPTY_DICT = '}',
       SET_ITEMS = 'u', /* keys and values from the mark on */
       TEXT = 'X',      /* 4 bytes of length, UTF-8 */
       BYTE = 'K',
       SHORT = 'M',
       INT = 'J',
       LONG = 'L', /* decimal digits, "L", a newline */
       KEEP = 'r', /* what is on top, under a number of 4 bytes */
       KEPT = 'j',
       STOP = '.',
};

struct pickle {
    struct buf *out;
    uint32_t n_kept;
};

static void
add_bytes(struct buf *out, uint64_t value, int n)
{
    for (int i = 0; i < n; i++)
        buf_add_char(out, (char)(value >> (8 * i)));
}

static void
add_number(struct buf *out, uint64_t n)
{
    if (n > INT32_MAX) {
        buf_printf(out, "%c%lluL\n", LONG, (unsigned long long)n);
    } else {
        buf_add_char(out, n <= UINT8_MAX ? BYTE : n <= UINT16_MAX ? SHORT : INT);
        add_bytes(out, n, n <= UINT8_MAX ? 1 : n <= UINT16_MAX ? 2 : 4);
    }
}

/* Bytes that are no UTF-8 are what Python makes lone surrogates of. */
static void
add_text(struct buf *out, const char *s)
{
    enum { SURROGATE = 0xdc00 };
    size_t len = strlen(s);
    struct buf text = {0};
    int32_t point;

    for (size_t i = 0, n; i < len; i += n) {
        n = utf8_decode(s + i, len - i, &point);
        if (point >= 0)
            buf_add(&text, s + i, n);
        else
            utf8_add(&text, (uint32_t)(SURROGATE - point - 1));
    }
    buf_add_char(out, TEXT);
    add_bytes(out, text.len, 4);
    buf_add(out, buf_str(&text), text.len);
    buf_release(&text);
}

/* A text that comes again: *number is 0 before its first time. */
static void
add_kept(struct pickle *p, const char *s, uint32_t *number)
{
    if (*number) {
        buf_add_char(p->out, KEPT);
        add_bytes(p->out, *number - 1, 4);
        return;
    }
    add_text(p->out, s);
    buf_add_char(p->out, KEEP);
    add_bytes(p->out, p->n_kept, 4);
    *number = ++p->n_kept;
}

static void
begin_dict(struct pickle *p)
{
    buf_add_char(p->out, EMPTY_DICT);
    buf_add_char(p->out, MARK);
}

/* Hits. */

struct hit {
    uint32_t line;
    uint64_t n;
};

static int
compare_hits(const void *a, const void *b)
{
    const struct hit *x = a, *y = b;

    return (x->line > y->line) - (x->line < y->line);
}

/* The lines of a file that ran, by what all sessions counted; `*n` of them. */
static struct hit *
hits_of(const struct merge_file *f, size_t *n)
{
    struct hit *hits = NULL;
    size_t cap = 0;

    *n = 0;
    for (size_t i = 0; i < f->n; i++) {
        const struct reader *r = f->parts[i].reader;
        uint32_t n_lines;
        const lines_id *ids = reader_lines(r, f->parts[i].file, &n_lines);

        for (uint32_t j = 0; j < n_lines; j++) {
            const struct format_line *line = reader_line(r, ids[j]);
            uint64_t run = line ? reader_load(&line->hits) : 0;

            if (!run)
                continue;
            hits = xalloc_grow(hits, &cap, *n + 1, sizeof(*hits));
            hits[(*n)++] = (struct hit){line->line, run};
        }
    }
    if (*n)
        qsort(hits, *n, sizeof(*hits), compare_hits);
    return hits;
}

static void
add_hits(struct pickle *p, const struct merge_file *f)
{
    const struct merge_part *first = &f->parts[0];
    const char *path = reader_string(
        first->reader, reader_file(first->reader, first->file)->path, NULL);
    uint32_t kept = 0;
    size_t n;
    struct hit *hits = hits_of(f, &n);

    for (size_t i = 0, next; i < n; i = next) {
        uint64_t sum = 0;

        for (next = i; next < n && hits[next].line == hits[i].line; next++)
            sum += hits[next].n;
        buf_add_char(p->out, MARK);
        add_kept(p, path, &kept);
        add_number(p->out, hits[i].line);
        buf_add_char(p->out, TUPLE);
        add_number(p->out, sum);
    }
    free(hits);
}

/* Functions. */

/* A function's number in `kept` is that of its tuple. */
static void
add_function(struct pickle *p, const struct calls_function *f, uint32_t *kept)
{
    if (*kept) {
        add_kept(p, NULL, kept);
        return;
    }
    buf_add_char(p->out, MARK);
    add_text(p->out, f->file);
    add_text(p->out, f->module);
    add_text(p->out, f->name);
    buf_add_char(p->out, TUPLE);
    buf_add_char(p->out, KEEP);
    add_bytes(p->out, p->n_kept, 4);
    *kept = ++p->n_kept;
}

void
counts_pickle(const struct merge *m, const struct calls *calls, struct buf *out)
{
    struct pickle p = {.out = out};
    uint32_t *kept = xalloc_array(calls->n_functions + 1, sizeof(*kept));

    buf_add_char(out, MARK);
    begin_dict(&p);
    for (size_t i = 0; i < m->n; i++)
        add_hits(&p, &m->files[i]);
    buf_add_char(out, SET_ITEMS);
    begin_dict(&p);
    for (size_t i = 0; i < calls->n_called; i++) {
        uint32_t id = calls->called[i];

        add_function(&p, &calls->functions[id], &kept[id]);
        add_number(out, 1);
    }
    buf_add_char(out, SET_ITEMS);
    begin_dict(&p);
    for (size_t i = 0; i < calls->n_pairs; i++) {
        struct calls_pair pair = calls->pairs[i];

        buf_add_char(out, MARK);
        add_function(&p, &calls->functions[pair.caller], &kept[pair.caller]);
        add_function(&p, &calls->functions[pair.callee], &kept[pair.callee]);
        buf_add_char(out, TUPLE);
        add_number(out, 1);
    }
    buf_add_char(out, SET_ITEMS);
    buf_add_char(out, TUPLE);
    buf_add_char(out, STOP);
    free(kept);
}

/* Into a device or a pipe, as `trace` would. */
static bool
write_through(const char *path, const struct buf *text)
{
    FILE *f = fopen(path, "wbe");
    bool ok = f && fwrite(text->data, 1, text->len, f) == text->len;

    return f && fclose(f) == 0 && ok;
}

bool
counts_write(const char *path, const struct merge *m, const struct calls *calls,
             struct err *err)
{
    struct buf text = {0};
    char *real = realpath(path, NULL); /* a link's file is written, not the link */
    const char *to = real ? real : path;
    struct err why;
    struct stat st;
    bool ok;

    counts_pickle(m, calls, &text);
    errno = 0;
    if (stat(to, &st) == 0 && !S_ISREG(st.st_mode))
        ok = write_through(to, &text);
    else
        ok = file_write(to, text.data, text.len, &why);
    if (!ok)
        err_set(err, "[Errno %d] %s: '%s'", errno, strerror(errno), path);
    buf_release(&text);
    free(real);
    return ok;
}

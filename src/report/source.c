/* Text that is UTF-8, as most is, stays where it is in the session; other encodings are
 * converted once. Lines are found at once, their words when they are wanted: lexing
 * goes through the file from its start in pieces as large as the caller can afford, and
 * keeps its state every few lines, so that any line that was passed is lexed again from
 * nearby. */
#include "report/source.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

enum { STEP = 128 }; /* lines between two kept states */

struct source {
    const struct reader *reader;
    files_id file;
    struct record_of { /* other sessions' records of the file */
        const struct reader *reader;
        files_id file;
    } * others;
    size_t n_others;
    size_t others_cap;
    struct encoding encoding;
    bool has_text;
    bool is_decoded;
    bool has_pragmas;       /* some line has one */
    bool fstrings_are_docs; /* they are string tokens, up to Python 3.11 */

    const char *text;
    struct buf converted;
    uint32_t n_lines;
    uint32_t *starts; /* n_lines + 1 */

    struct lexer lexer; /* before line n_read + 1 */
    uint32_t n_read;
    struct lexer *states; /* before lines 1, STEP + 1, ... */
    uint8_t *docs;        /* for each line */

    struct lexer near; /* before line near_line */
    uint32_t near_line;
    struct lexer_line words;
};

/* The place behind the next line end: "\n", "\r\n" or "\r". */
static size_t
line_end(const char *text, size_t len, size_t at, bool has_cr)
{
    const char *n;

    if (!has_cr) {
        n = memchr(text + at, '\n', len - at);
        return n ? (size_t)(n - text) + 1 : len;
    }
    while (at < len && text[at] != '\n' && text[at] != '\r')
        at++;
    if (at + 1 < len && text[at] == '\r' && text[at + 1] == '\n')
        at++;
    return at < len ? at + 1 : len;
}

static void
split(struct source *s, size_t len)
{
    bool has_cr = memchr(s->text, '\r', len) != NULL;
    size_t cap = 0, at = 0;

    s->starts = xalloc_grow(NULL, &cap, len / 32 + 2, sizeof(*s->starts));
    s->starts[0] = 0;
    while (at < len) {
        at = line_end(s->text, len, at, has_cr);
        s->n_lines++;
        s->starts =
            xalloc_grow(s->starts, &cap, (size_t)s->n_lines + 1, sizeof(*s->starts));
        s->starts[s->n_lines] = (uint32_t)at;
    }
}

static bool
has_pragma(const char *text, size_t len)
{
    static const char pragma[] = "#pragma NO COVER";

    return memmem(text, len, pragma, sizeof(pragma) - 1) != NULL;
}

static void
load(struct source *s, const char *bytes, size_t len)
{
    struct buf *out = &s->converted;

    encoding_detect(&s->encoding, bytes, len);
    if (s->encoding.kind == ENCODING_UTF8)
        s->is_decoded = encoding_is_utf8(bytes, len);
    else
        s->is_decoded = encoding_decode(&s->encoding, bytes, len, out);
    if (s->is_decoded && s->encoding.kind != ENCODING_UTF8) {
        bytes = buf_str(out);
        len = out->len;
    } else if (s->encoding.mark) {
        bytes += 3;
        len -= 3;
    }
    s->text = bytes;
    s->has_pragmas = has_pragma(bytes, len);
    split(s, len);
}

static bool
is_before_3_12(const struct reader *r)
{
    const char *version = reader_string(r, reader_header(r)->python, NULL);

    return !strncmp(version, "3.", 2) && atoi(version + 2) < 12;
}

struct source *
source_new(const struct reader *r, files_id file)
{
    const struct format_file *f = reader_file(r, file);
    struct source *s = XALLOC_NEW(struct source);
    const char *bytes = "";
    size_t len = 0;

    s->reader = r;
    s->file = file;
    s->fstrings_are_docs = is_before_3_12(r);
    s->has_text = f && f->flags & FORMAT_FILE_SOURCE;
    if (s->has_text)
        bytes = reader_string(r, f->source, &len);
    load(s, bytes, len < UINT32_MAX / 2 ? len : UINT32_MAX / 2);
    s->states = xalloc_array(s->n_lines / STEP + 1, sizeof(*s->states));
    s->docs = xalloc_array(s->n_lines, 1);
    return s;
}

void
source_free(struct source *s)
{
    if (!s)
        return;
    buf_release(&s->converted);
    free(s->others);
    free(s->starts);
    free(s->states);
    free(s->docs);
    lexer_line_release(&s->words);
    free(s);
}

void
source_add(struct source *s, const struct reader *r, files_id file)
{
    s->others =
        xalloc_grow(s->others, &s->others_cap, s->n_others + 1, sizeof(*s->others));
    s->others[s->n_others++] = (struct record_of){r, file};
}

files_id
source_file(const struct source *s)
{
    return s->file;
}

bool
source_has_text(const struct source *s)
{
    return s->has_text;
}

bool
source_is_decoded(const struct source *s)
{
    return s->is_decoded;
}

const struct encoding *
source_encoding(const struct source *s)
{
    return &s->encoding;
}

uint32_t
source_n_lines(const struct source *s)
{
    return s->n_lines;
}

const char *
source_text(const struct source *s, uint32_t line, size_t *len)
{
    const char *text;

    *len = 0;
    if (line < 1 || line > s->n_lines)
        return "";
    text = s->text + s->starts[line - 1];
    *len = s->starts[line] - s->starts[line - 1];
    if (*len && text[*len - 1] == '\n')
        --*len;
    if (*len && text[*len - 1] == '\r')
        --*len;
    return text;
}

static bool
is_excused(const struct source *s, uint32_t line)
{
    size_t len;
    const char *text = source_text(s, line, &len);

    return s->has_pragmas && has_pragma(text, len);
}

static unsigned
line_flags(const struct source *s, uint32_t line, uint64_t hits)
{
    unsigned flags = SOURCE_EXECUTABLE;

    if (line >= 1 && line <= s->n_lines && s->docs[line - 1])
        flags |= SOURCE_DOC;
    if (!hits && !(flags & SOURCE_DOC) && !is_excused(s, line))
        flags |= SOURCE_MISSED;
    return flags;
}

/* Adds what other sessions counted. True if one of them knows the line. */
static bool
add_others(const struct source *s, uint32_t line, uint64_t *hits)
{
    bool is_known = false;

    for (size_t i = 0; i < s->n_others; i++) {
        const struct record_of *o = &s->others[i];
        const struct format_line *record =
            reader_line(o->reader, reader_find_line(o->reader, o->file, line));

        if (!record)
            continue;
        is_known = true;
        *hits += reader_load(&record->hits);
    }
    return is_known;
}

struct source_line
source_line(const struct source *s, const struct spent *spent, uint32_t line)
{
    struct source_line l = {.id = reader_find_line(s->reader, s->file, line)};
    const struct format_line *record = reader_line(s->reader, l.id);

    if (record)
        l.hits = reader_load(&record->hits);
    if (!add_others(s, line, &l.hits) && !record)
        return l;
    l.flags = line_flags(s, line, l.hits);
    if (spent && record)
        l.self_ticks = spent_line(spent, l.id, record);
    return l;
}

static void
count_line(const struct source *s, const struct spent *spent, lines_id id,
           struct source_count *count)
{
    const struct format_line *line = reader_line(s->reader, id);
    uint64_t hits, ticks;

    if (!line || (s->has_text && line->line > s->n_lines))
        return;
    hits = reader_load(&line->hits);
    if (!hits) {
        count->n_lines += line_flags(s, line->line, 0) & SOURCE_MISSED ? 1 : 0;
        return;
    }
    ticks = spent ? spent_line(spent, id, line) : 0;
    count->n_run++;
    count->n_lines++;
    count->most_hits = hits > count->most_hits ? hits : count->most_hits;
    count->most_ticks = ticks > count->most_ticks ? ticks : count->most_ticks;
}

struct source_count
source_count(const struct source *s, const struct spent *spent)
{
    struct source_count count = {0};
    uint32_t n;
    const lines_id *ids = reader_lines(s->reader, s->file, &n);

    for (uint32_t i = 0; i < n; i++)
        count_line(s, spent, ids[i], &count);
    return count;
}

bool
source_read(struct source *s, uint32_t budget)
{
    unsigned docs = s->fstrings_are_docs ? LEXER_DOC | LEXER_DOC_F : LEXER_DOC;
    size_t len;
    const char *text;

    for (; budget && s->n_read < s->n_lines; budget--, s->n_read++) {
        if (s->n_read % STEP == 0)
            s->states[s->n_read / STEP] = s->lexer;
        text = source_text(s, s->n_read + 1, &len);
        s->docs[s->n_read] = (lexer_take(&s->lexer, text, len, NULL) & docs) != 0;
    }
    return s->n_read < s->n_lines;
}

const struct lexer_line *
source_words(struct source *s, uint32_t line)
{
    size_t len;
    const char *text;

    s->words.n = 0;
    if (line < 1 || line > s->n_read)
        return &s->words;
    if (!s->near_line || line < s->near_line || line - s->near_line > STEP) {
        s->near_line = (line - 1) / STEP * STEP + 1;
        s->near = s->states[(line - 1) / STEP];
    }
    for (; s->near_line <= line; s->near_line++) {
        text = source_text(s, s->near_line, &len);
        lexer_take(&s->near, text, len, s->near_line == line ? &s->words : NULL);
    }
    return &s->words;
}

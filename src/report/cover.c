/* What follows is `trace`, warts included: files are taken in the order they came; the
 * name is what remains of the path without the longest entry of sys.path; two files of
 * the same name are written one over the other, and the summary knows the last one. */
#include "report/cover.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/utf8.h"
#include "base/xalloc.h"
#include "report/merge.h"

enum { TAB = 8 };

struct row { /* of the summary */
    char *name;
    const char *path;
    struct source_count count;
};

struct report {
    const struct reader *first;
    const struct reader *reader; /* that has the text of the file at hand */
    const struct cover_options *options;
    struct cover_result *result;
    char **written; /* paths */
    size_t n_written;
    size_t written_cap;
    bool has_folder;
    struct row *rows;
    size_t n_rows;
    size_t rows_cap;
};

void
cover_result_release(struct cover_result *result)
{
    buf_release(&result->summary);
    buf_release(&result->notes);
}

/* Names. */

/* Length of the longest entry of sys.path that the path lies below. */
static size_t
folder_len(const struct reader *r, const char *path)
{
    const char *at = r ? reader_string(r, reader_header(r)->paths, NULL) : "", *entry;
    size_t longest = 0, len;

    while ((entry = buf_line(&at, &len)))
        if (len > longest && !strncmp(path, entry, len) && path[len] == '/')
            longest = len;
    return longest;
}

static void
add_full_name(const struct reader *r, const char *path, struct buf *out)
{
    size_t folder = folder_len(r, path), len;
    char *name = xalloc_copy(path + (folder ? folder + 1 : 0));
    const char *at = name;

    for (char *c = name; *c; c++)
        if (*c == '/')
            *c = '.';
    len = file_stem_len(name);
    for (; len && *at == '.'; at++)
        len--;
    buf_add(out, at, len);
    free(name);
}

void
cover_name(const struct reader *r, const char *path, bool beside, struct buf *out)
{
    const char *name = file_name(path);

    if (beside)
        buf_add(out, name, file_stem_len(name));
    else
        add_full_name(r, path, out);
    buf_add_str(out, ".cover");
}

/* One file's text. */

static void
add_line(struct buf *out, const char *text, size_t len)
{
    size_t column = 0, from = 0;

    for (size_t i = 0; i < len; i++) {
        if (text[i] != '\t') {
            column += ((unsigned char)text[i] & 0xc0) != 0x80;
            continue;
        }
        buf_add(out, text + from, i - from);
        do
            buf_add_char(out, ' ');
        while (++column % TAB);
        from = i + 1;
    }
    buf_add(out, text + from, len - from);
    buf_add_char(out, '\n');
}

static bool
is_at_least_3_13(const struct reader *r)
{
    const char *version = reader_string(r, reader_header(r)->python, NULL);

    return strncmp(version, "3.", 2) != 0 || atoi(version + 2) >= 13;
}

struct source_count
cover_print(const struct reader *r, const struct source *s, unsigned flags,
            struct buf *out)
{
    struct source_count count = {0};
    uint32_t n = source_is_decoded(s) ? source_n_lines(s) : 0;
    struct buf text = {0};
    const char *line;
    size_t len;

    /* From 3.13 on, linecache gives an empty file one line. */
    if (!n && source_is_decoded(s) && is_at_least_3_13(r))
        n = 1;
    for (uint32_t i = 1; i <= n; i++) {
        struct source_line l = source_line(s, NULL, i);

        if (l.hits) {
            buf_printf(&text, "%5llu: ", (unsigned long long)l.hits);
            count.n_run++;
            count.n_lines++;
        } else if (flags & COVER_MISSING && l.flags & SOURCE_MISSED) {
            buf_add_str(&text, ">>>>>> ");
            count.n_lines++;
        } else {
            buf_add_str(&text, "       ");
        }
        line = source_text(s, i, &len);
        add_line(&text, line, len);
    }
    if (text.len)
        encoding_encode(source_encoding(s), buf_str(&text), text.len, out);
    buf_release(&text);
    return count;
}

/* All files. */

static void
note(struct report *p, const char *path, const char *what)
{
    struct buf *out = &p->result->notes;

    utf8_show(out, path, strlen(path), 0);
    buf_printf(out, ": %s\n", what);
}

static void
skip(struct report *p, const char *path, const char *why)
{
    p->result->n_skipped++;
    note(p, path, why);
}

/* Whether the body of a module of this file was given probes. */
static bool
has_module(const struct reader *r, files_id file)
{
    uint32_t n = reader_count(r, FORMAT_CODES);
    const unsigned both = FORMAT_CODE_MODULE | FORMAT_CODE_HIDDEN;
    const struct format_code *code;

    for (codes_id i = 0; i < n; i++) {
        code = reader_code(r, i);
        if (code && code->file == file &&
            (reader_load32(&code->flags) & both) == FORMAT_CODE_MODULE)
            return true;
    }
    return false;
}

/* Whether `trace` has counts for the file. A module without code has no line; there it
 * counts one that is not in the file. */
static bool
is_counted(const struct reader *r, files_id file)
{
    uint32_t n;
    const lines_id *ids = reader_lines(r, file, &n);
    const struct format_line *line;

    if (!(reader_header(r)->mode & FORMAT_MODE_LINES))
        return false;
    if (!n)
        return has_module(r, file);
    for (uint32_t i = 0; i < n; i++) {
        line = reader_line(r, ids[i]);
        if (line && reader_load(&line->hits))
            return true;
    }
    return false;
}

/* The folder for a file's .cover, with a slash behind it. */
static void
add_folder(const struct report *p, const char *path, struct buf *out)
{
    if (p->options->dir) {
        buf_add_str(out, *p->options->dir ? p->options->dir : ".");
        buf_add_char(out, '/');
        return;
    }
    if (*path != '/') {
        buf_add_str(out, reader_string(p->reader, reader_header(p->reader)->cwd, NULL));
        buf_add_char(out, '/');
    }
    buf_add(out, path, (size_t)(file_name(path) - path));
}

static bool
is_written(const struct report *p, const char *cover)
{
    for (size_t i = 0; i < p->n_written; i++)
        if (strcmp(p->written[i], cover) == 0)
            return true;
    return false;
}

static void
remember(struct report *p, const char *path, const char *cover)
{
    if (is_written(p, cover)) {
        note(p, path, "another file had the same name, its .cover is written over");
        return;
    }
    p->written =
        xalloc_grow(p->written, &p->written_cap, p->n_written + 1, sizeof(*p->written));
    p->written[p->n_written++] = xalloc_copy(cover);
}

static void
summarise(struct report *p, const char *path, const char *name,
          struct source_count count)
{
    size_t len = strlen(name) - strlen(".cover");
    struct row *row;

    if (!count.n_lines)
        return;
    for (row = p->rows; row < p->rows + p->n_rows; row++)
        if (strlen(row->name) == len && !memcmp(row->name, name, len))
            break;
    if (row == p->rows + p->n_rows) {
        p->rows = xalloc_grow(p->rows, &p->rows_cap, p->n_rows + 1, sizeof(*p->rows));
        row = &p->rows[p->n_rows++];
        row->name = xalloc_copy_n(name, len);
    }
    row->path = path;
    row->count = count;
}

/* Appends the name of a file's .cover, and its path. What only a child knows gets a
 * name by the sys.path of the first process, if it can, and writes over nothing: a
 * Python of another version has modules of the same names. */
static void
add_names(const struct report *p, const char *path, struct buf *name, struct buf *to)
{
    const struct reader *by = p->reader;

    if (by != p->first && folder_len(p->first, path) >= folder_len(by, path))
        by = p->first;
    add_folder(p, path, to);
    cover_name(by, path, !p->options->dir, name);
    buf_add(to, buf_str(name), name->len);
    if (p->reader == p->first || !is_written(p, buf_str(to)))
        return;
    buf_clear(name);
    buf_clear(to);
    add_folder(p, path, to);
    cover_name(NULL, path, !p->options->dir, name);
    buf_add(to, buf_str(name), name->len);
}

static void
write_file(struct report *p, const struct merge_file *f, files_id file,
           const char *path)
{
    struct source *s = source_new(p->reader, file);
    struct buf text = {0}, to = {0}, name = {0};
    struct source_count count;
    struct err why;

    for (size_t i = 0; i < f->n; i++)
        if (f->parts[i].reader != p->reader)
            source_add(s, f->parts[i].reader, f->parts[i].file);
    source_read(s, UINT32_MAX);
    add_names(p, path, &name, &to);
    if (!source_is_decoded(s))
        note(p, path, "the source cannot be decoded, its .cover is empty");
    count = cover_print(p->reader, s, p->options->flags, &text);
    if (file_write(buf_str(&to), buf_str(&text), text.len, &why)) {
        p->result->n_written++;
        remember(p, path, buf_str(&to));
        summarise(p, path, buf_str(&name), count);
    } else {
        skip(p, path, why.text);
    }
    buf_release(&text);
    buf_release(&to);
    buf_release(&name);
    source_free(s);
}

/* The session that has the file's text; the first one, if none has. */
static const struct merge_part *
find_text(const struct merge_file *f)
{
    for (size_t i = 0; i < f->n; i++)
        if (reader_file(f->parts[i].reader, f->parts[i].file)->flags &
            FORMAT_FILE_SOURCE)
            return &f->parts[i];
    return &f->parts[0];
}

/* Whether one of its sessions has counts of it, and it is a file at all. */
static bool
is_wanted(const struct merge_file *f, const char *path)
{
    size_t len = strlen(path);
    bool counted = false;

    for (size_t i = 0; i < f->n && !counted; i++)
        counted = is_counted(f->parts[i].reader, f->parts[i].file);
    return counted && len && !(path[0] == '<' && path[len - 1] == '>');
}

/* The folder is made when the first file is written into it. False: it cannot be. */
static bool
make_folder(struct report *p, struct err *err)
{
    const char *dir = p->options->dir;

    if (dir && *dir && !p->has_folder && !file_make_dir(dir, err))
        return false;
    p->has_folder = true;
    return true;
}

/* False: nothing can be written at all. */
static bool
take_file(struct report *p, const struct merge_file *f, struct err *err)
{
    const struct merge_part *text = find_text(f);
    const struct format_file *file = reader_file(text->reader, text->file);
    const char *path = reader_string(text->reader, file->path, NULL);

    if (!is_wanted(f, path))
        return true;
    p->reader = text->reader;
    if (!(file->flags & FORMAT_FILE_SOURCE))
        skip(p, path, "no source in the session, so no .cover");
    else if (make_folder(p, err))
        write_file(p, f, text->file, path);
    else
        return false;
    return true;
}

void
cover_each_partial(struct reader *const *readers, size_t n,
                   void (*each)(void *arg, const char *path), void *arg)
{
    struct merge merge;

    merge_make(&merge, readers, n);
    for (size_t i = 0; i < merge.n; i++) {
        const struct merge_file *f = &merge.files[i];
        const struct merge_part *text = find_text(f);
        const char *path = reader_string(
            text->reader, reader_file(text->reader, text->file)->path, NULL);
        bool seen = false;

        for (size_t j = 0; j < f->n && !seen; j++)
            seen = has_module(f->parts[j].reader, f->parts[j].file);
        if (!seen && is_wanted(f, path))
            each(arg, path);
    }
    merge_release(&merge);
}

static int
compare_rows(const void *a, const void *b)
{
    const struct row *x = a, *y = b;

    return strcmp(x->name, y->name);
}

static void
print_summary(struct report *p)
{
    struct buf *out = &p->result->summary;

    if (!p->n_rows)
        return;
    qsort(p->rows, p->n_rows, sizeof(*p->rows), compare_rows);
    buf_add_str(out, "lines   cov%   module   (path)\n");
    for (size_t i = 0; i < p->n_rows; i++) {
        const struct row *row = &p->rows[i];

        buf_printf(out, "%5u   %3u%%   %s   (%s)\n", row->count.n_lines,
                   (unsigned)(100ull * row->count.n_run / row->count.n_lines),
                   row->name, row->path);
    }
}

bool
cover_write(struct reader *const *readers, size_t n, const struct cover_options *o,
            struct cover_result *result, struct err *err)
{
    struct report p = {.first = readers[0], .options = o, .result = result};
    struct merge merge;
    bool ok = true;

    *result = (struct cover_result){0};
    merge_make(&merge, readers, n);
    for (size_t i = 0; i < merge.n && ok; i++)
        ok = take_file(&p, &merge.files[i], err);
    if (o->flags & COVER_SUMMARY)
        print_summary(&p);
    for (size_t i = 0; i < p.n_written; i++)
        free(p.written[i]);
    for (size_t i = 0; i < p.n_rows; i++)
        free(p.rows[i].name);
    free(p.written);
    free(p.rows);
    merge_release(&merge);
    return ok;
}

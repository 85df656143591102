#include "runner/py.h"

#include "module/engine_results.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "report/cover.h"
#include "report/source.h"
#include "report/spent.h"
#include "report/totals.h"

static double
seconds(const struct reader *r, uint64_t ticks)
{
    return (double)reader_ns(r, ticks) / 1e9;
}

/* Names that are no UTF-8 come back as the program has them. */
static PyObject *
text_of(const struct reader *r, strings_id id)
{
    size_t len;
    const char *text = reader_string(r, id, &len);

    return PyUnicode_DecodeUTF8(text, (Py_ssize_t)len, "surrogateescape");
}

static PyObject *
path_of(const struct reader *r, files_id id)
{
    const struct format_file *file = reader_file(r, id);

    return text_of(r, file ? file->path : 0);
}

/* Appends what is made by Py_BuildValue() with N, so that NULL stands for an error. */
static int
append(PyObject *list, PyObject *row)
{
    int status = row ? PyList_Append(list, row) : -1;

    Py_XDECREF(row);
    return status;
}

PyObject *
engine_results_lines(const struct reader *r)
{
    PyObject *list = PyList_New(0);
    int status = list ? 0 : -1;

    for (lines_id i = 0; status == 0 && i < reader_count(r, FORMAT_LINES); i++) {
        const struct format_line *line = reader_line(r, i);
        uint64_t hits = reader_load(&line->hits), self = reader_load(&line->self_ticks);

        if (hits || self)
            status = append(
                list,
                Py_BuildValue("NIKdd", path_of(r, line->file), line->line, hits,
                              seconds(r, self),
                              seconds(r, self + reader_load(&line->below_ticks))));
    }
    if (status < 0)
        Py_CLEAR(list);
    return list;
}

/* Functions and calls */

struct sums {
    struct spent spent;
    struct totals *totals;
};

static void
add_up(struct sums *s, const struct reader *r)
{
    spent_init(&s->spent, r);
    spent_update(&s->spent, SPENT_RAW);
    s->totals = totals_new(r, &s->spent);
    totals_update(s->totals);
}

static void
release(struct sums *s)
{
    totals_free(s->totals);
    spent_release(&s->spent);
}

PyObject *
engine_results_functions(const struct reader *r)
{
    PyObject *list = PyList_New(0);
    int status = list ? 0 : -1;
    struct sums s;

    add_up(&s, r);
    for (codes_id i = 0; status == 0 && i < reader_count(r, FORMAT_CODES); i++) {
        const struct format_code *code = reader_code(r, i);
        const struct totals_code *sum = totals_code(s.totals, i);

        if (sum->calls || sum->resumes || sum->total_ticks)
            status =
                append(list, Py_BuildValue("NINKdd", path_of(r, code->file),
                                           code->first_line, text_of(r, code->qualname),
                                           sum->calls, seconds(r, sum->self_ticks),
                                           seconds(r, sum->total_ticks)));
    }
    release(&s);
    if (status < 0)
        Py_CLEAR(list);
    return list;
}

struct edge {
    codes_id caller, callee;
    uint64_t count;
    uint64_t ticks;
};

static int
compare_edges(const void *a, const void *b)
{
    const struct edge *x = a, *y = b;

    if (x->caller != y->caller)
        return x->caller < y->caller ? -1 : 1;
    return x->callee < y->callee ? -1 : x->callee > y->callee;
}

/* Whether the same call, of the same function by the same, is open above the node. */
static bool
is_inner(const struct totals *t, nodes_id id)
{
    codes_id callee = totals_node_code(t, id);
    nodes_id parent = totals_parent(t, id);
    codes_id caller = totals_node_code(t, parent);

    for (nodes_id at = parent; at && at != FORMAT_NONE; at = totals_parent(t, at))
        if (totals_node_code(t, at) == callee &&
            totals_node_code(t, totals_parent(t, at)) == caller)
            return true;
    return false;
}

static size_t
find_edges(const struct reader *r, const struct totals *t, struct edge *edges)
{
    size_t n = 0, kept = 0;

    for (nodes_id i = 1; i < totals_n_nodes(t); i++) {
        const struct format_node *node = reader_node(r, i);
        codes_id callee = totals_node_code(t, i);

        if (callee == FORMAT_NONE || !node || !reader_load(&node->calls))
            continue;
        edges[n++] = (struct edge){totals_node_code(t, totals_parent(t, i)), callee,
                                   reader_load(&node->calls),
                                   is_inner(t, i) ? 0 : totals_node(t, i).total_ticks};
    }
    qsort(edges, n, sizeof(*edges), compare_edges);
    for (size_t i = 0; i < n; i++) {
        if (kept && compare_edges(&edges[kept - 1], &edges[i]) == 0) {
            edges[kept - 1].count += edges[i].count;
            edges[kept - 1].ticks += edges[i].ticks;
        } else {
            edges[kept++] = edges[i];
        }
    }
    return kept;
}

static PyObject *
name_of(const struct reader *r, codes_id id)
{
    const struct format_code *code = reader_code(r, id);

    if (!code)
        return Py_NewRef(Py_None);
    return Py_BuildValue("NIN", path_of(r, code->file), code->first_line,
                         text_of(r, code->qualname));
}

PyObject *
engine_results_calls(const struct reader *r)
{
    PyObject *list = PyList_New(0);
    int status = list ? 0 : -1;
    struct edge *edges;
    struct sums s;
    size_t n;

    add_up(&s, r);
    edges = xalloc_array(totals_n_nodes(s.totals) + 1u, sizeof(*edges));
    n = find_edges(r, s.totals, edges);
    for (size_t i = 0; status == 0 && i < n; i++)
        status = append(list, Py_BuildValue("NNKd", name_of(r, edges[i].caller),
                                            name_of(r, edges[i].callee), edges[i].count,
                                            seconds(r, edges[i].ticks)));
    free(edges);
    release(&s);
    if (status < 0)
        Py_CLEAR(list);
    return list;
}

/* Files */

static bool
has_run(const struct reader *r, files_id file)
{
    uint32_t n;
    const lines_id *ids = reader_lines(r, file, &n);

    for (uint32_t i = 0; i < n; i++)
        if (reader_load(&reader_line(r, ids[i])->hits))
            return true;
    return false;
}

/* Without its text, a file has the lines of the code that was seen. */
static PyObject *
cover(const struct reader *r, files_id file)
{
    struct source *source = source_new(r, file);
    PyObject *missing = PyList_New(0), *row = NULL;
    uint32_t n, n_run = 0, n_all = 0;
    const lines_id *ids = reader_lines(r, file, &n);
    bool has_text = source_has_text(source);
    int status = missing ? 0 : -1;

    source_read(source, UINT32_MAX);
    for (uint32_t i = 0; status == 0 && i < n; i++) {
        const struct format_line *line = reader_line(r, ids[i]);
        bool ran = reader_load(&line->hits) != 0;

        if (!ran && has_text &&
            !(source_line(source, NULL, line->line).flags & SOURCE_MISSED))
            continue;
        n_all++;
        n_run += ran;
        if (!ran)
            status = append(missing, PyLong_FromUnsignedLong(line->line));
    }
    if (status == 0)
        row = Py_BuildValue("NIIO", path_of(r, file), n_run, n_all, missing);
    Py_XDECREF(missing);
    source_free(source);
    return row;
}

PyObject *
engine_results_coverage(const struct reader *r)
{
    PyObject *list = PyList_New(0);
    int status = list ? 0 : -1;

    for (files_id i = 0; status == 0 && i < reader_count(r, FORMAT_FILES); i++)
        if (has_run(r, i))
            status = append(list, cover(r, i));
    if (status < 0)
        Py_CLEAR(list);
    return list;
}

PyObject *
engine_results_sources(const struct reader *r)
{
    PyObject *list = PyList_New(0);
    int status = list ? 0 : -1;

    for (files_id i = 0; status == 0 && i < reader_count(r, FORMAT_FILES); i++) {
        const struct format_file *file = reader_file(r, i);
        const char *text;
        size_t len;

        if (!(file->flags & FORMAT_FILE_SOURCE) || !has_run(r, i))
            continue;
        text = reader_string(r, file->source, &len);
        status =
            append(list, Py_BuildValue("NNy#", path_of(r, i), text_of(r, file->module),
                                       text, (Py_ssize_t)len));
    }
    if (status < 0)
        Py_CLEAR(list);
    return list;
}

PyObject *
engine_results_write_cover(struct reader *r, const char *dir, unsigned flags)
{
    const struct cover_options options = {dir, flags};
    struct cover_result result = {0};
    struct err err = {""};
    PyObject *row = NULL;

    if (cover_write(&r, 1, &options, &result, &err))
        row = Py_BuildValue("IN", result.n_written,
                            PyUnicode_DecodeUTF8(buf_str(&result.notes),
                                                 (Py_ssize_t)result.notes.len,
                                                 "replace"));
    else
        PyErr_Format(PyExc_OSError, "%s", err.text);
    cover_result_release(&result);
    return row;
}

#include "module/files.h"

#include <string.h>

/* Room for `n` things of `size` bytes, doubling; NULL, with an exception, if there is
 * none. `*cap` counts things. */
static void *
grow(void *things, size_t *cap, size_t n, size_t size)
{
    size_t more = *cap ? *cap : 16;
    void *moved;

    if (n <= *cap)
        return things;
    while (more < n)
        more *= 2;
    moved = PyMem_Realloc(things, more * size);
    if (!moved)
        return PyErr_NoMemory();
    *cap = more;
    return moved;
}

/* Files */

static PyObject *
last_part(PyObject *path)
{
    Py_ssize_t len = PyUnicode_GET_LENGTH(path);
    Py_ssize_t slash = PyUnicode_FindChar(path, '/', 0, len, -1);

    return slash < -1 ? NULL : PyUnicode_Substring(path, slash + 1, len);
}

static struct files_file *
add(struct files *f, PyObject *name)
{
    struct files_file **all = grow(f->all, &f->cap, f->n + 1, sizeof(*all));
    struct files_file *file = NULL;
    PyObject *number = NULL;

    if (!all)
        return NULL;
    f->all = all;
    file = PyMem_Calloc(1, sizeof(*file));
    if (!file)
        return (struct files_file *)PyErr_NoMemory();
    file->base = last_part(name);
    number = file->base ? PyLong_FromSize_t(f->n) : NULL;
    if (!number || PyDict_SetItem(f->index, name, number) < 0) {
        Py_XDECREF(number);
        Py_XDECREF(file->base);
        PyMem_Free(file);
        return NULL;
    }
    Py_DECREF(number);
    file->name = Py_NewRef(name);
    f->all[f->n++] = file;
    return file;
}

struct files_file *
files_get(struct files *f, PyObject *name)
{
    PyObject *number;

    if (!f->index && !(f->index = PyDict_New()))
        return NULL;
    number = PyDict_GetItemWithError(f->index, name);
    if (number)
        return f->all[PyLong_AsSize_t(number)];
    return PyErr_Occurred() ? NULL : add(f, name);
}

void
files_release(struct files *f)
{
    struct files old = *f;

    *f = (struct files){0};
    for (size_t i = 0; i < old.n; i++) {
        struct files_file *file = old.all[i];

        for (int line = 0; line < file->n_lines; line++) {
            Py_XDECREF(file->lines[line].source);
            Py_XDECREF(file->lines[line].text);
        }
        Py_DECREF(file->name);
        Py_DECREF(file->base);
        PyMem_Free(file->lines);
        PyMem_Free(file);
    }
    PyMem_Free(old.all);
    PyMem_Free(old.marks);
    Py_XDECREF(old.index);
}

bool
files_grow(struct files_file *file, int line)
{
    size_t cap = (size_t)file->n_lines, old = cap;
    struct files_line *lines;

    if (line < file->n_lines)
        return true;
    lines = grow(file->lines, &cap, (size_t)line + 1, sizeof(*lines));
    if (!lines)
        return false;
    memset(lines + old, 0, (cap - old) * sizeof(*lines));
    file->lines = lines;
    file->n_lines = (int)cap;
    return true;
}

/* Hits */

bool
files_first_hit(struct files *f, struct files_file *file, int line)
{
    struct files_mark *marks;

    if (!files_grow(file, line))
        return false;
    marks = grow(f->marks, &f->marks_cap, f->n_marks + 1, sizeof(*marks));
    if (!marks)
        return false;
    f->marks = marks;
    f->marks[f->n_marks++] = (struct files_mark){file, line};
    file->lines[line].hits = 1;
    return true;
}

static int
add_hits(PyObject *counts, const struct files_mark *mark, uint64_t hits)
{
    PyObject *key = Py_BuildValue("(Oi)", mark->file->name, mark->line);
    PyObject *n = key ? PyLong_FromUnsignedLongLong(hits) : NULL;
    PyObject *old = n ? PyDict_GetItemWithError(counts, key) : NULL;
    int status = -1;

    if (old)
        Py_SETREF(n, PyNumber_Add(old, n));
    if (n && !PyErr_Occurred())
        status = PyDict_SetItem(counts, key, n);
    Py_XDECREF(key);
    Py_XDECREF(n);
    return status;
}

/* Whatever Python code runs meanwhile (the collector may call some) may hit lines:
 * these get marks of their own. */
bool
files_fold(struct files *f, PyObject *counts)
{
    struct files_mark *marks = f->marks;
    size_t n = f->n_marks;
    bool ok = true;

    f->marks = NULL;
    f->n_marks = f->marks_cap = 0;
    for (size_t i = 0; i < n; i++) {
        struct files_line *line = &marks[i].file->lines[marks[i].line];
        uint64_t hits = line->hits;

        line->hits = 0;
        ok = ok && add_hits(counts, &marks[i], hits) == 0;
    }
    PyMem_Free(marks);
    return ok;
}

void
files_drop(struct files *f)
{
    for (size_t i = 0; i < f->n_marks; i++)
        f->marks[i].file->lines[f->marks[i].line].hits = 0;
    f->n_marks = 0;
}

#include "module/source.h"

#include "module/version.h"

/* Whether linecache has its own function of that name. */
static bool
is_own(const struct interp *in, PyObject *name)
{
    PyObject *function = PyDict_GetItemWithError(in->linecache, name);

    return function && PyFunction_Check(function) &&
           PyFunction_GET_GLOBALS(function) == in->linecache;
}

static void
look(struct source *s, const struct interp *in)
{
    if (version_is(s->of_linecache, in->linecache))
        return;
    *s = (struct source){.of_linecache = version_take(in, in->linecache)};
    if (is_own(in, in->names.getline) && is_own(in, in->names.getlines)) {
        s->cache = PyDict_GetItemWithError(in->linecache, in->names.cache);
        if (s->cache && !PyDict_CheckExact(s->cache))
            s->cache = NULL;
        s->updates = is_own(in, in->names.updatecache);
    }
    PyErr_Clear();
}

/* What the cache has for the file: borrowed, or NULL. */
static PyObject *
find_entry(const struct source *s, const struct interp *in, struct files_file *file)
{
    if (!version_is(file->of_cache, s->cache)) {
        file->of_cache = version_take(in, s->cache);
        file->entry = PyDict_GetItemWithError(s->cache, file->name);
        PyErr_Clear();
    }
    return file->entry;
}

static bool
is_in_brackets(PyObject *name)
{
    Py_ssize_t len = PyUnicode_GET_LENGTH(name);

    return len > 1 && PyUnicode_READ_CHAR(name, 0) == '<' &&
           PyUnicode_READ_CHAR(name, len - 1) == '>';
}

bool
source_find(struct source *s, const struct interp *in, struct files_file *file,
            int line, PyObject **line_source)
{
    PyObject *entry, *lines, *found = NULL;

    look(s, in);
    if (!s->cache)
        return false;
    *line_source = NULL;
    entry = find_entry(s, in, file);
    if (!entry) /* later versions may find these, too */
        return PY_VERSION_HEX < 0x030e0000 && s->updates && is_in_brackets(file->name);
    if (!PyTuple_CheckExact(entry) || PyTuple_GET_SIZE(entry) != 4)
        return false;
    lines = PyTuple_GET_ITEM(entry, 2);
    if (!PyList_CheckExact(lines))
        return false;
    if (line >= 1 && line <= PyList_GET_SIZE(lines))
        found = PyList_GET_ITEM(lines, line - 1);
    *line_source = found;
    return !found || (PyUnicode_CheckExact(found) && PyUnicode_GET_LENGTH(found) > 0);
}

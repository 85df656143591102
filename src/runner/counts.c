#include "runner/py.h"

#include "runner/counts.h"

#include "runner/codes.h"
#include "runner/paths.h"

static struct writer *writer;

/* The entry of code that names a file, a function, or both; NULL: no room. */
static struct codes_entry *
entry_of(PyObject *code)
{
    PyObject *globals =
        Py_BuildValue("{sO}", "__file__", ((PyCodeObject *)code)->co_filename);
    struct codes_entry *e = globals ? codes_get((PyCodeObject *)code, globals) : NULL;

    Py_XDECREF(globals);
    PyErr_Clear();
    return e;
}

static void
take_lines(PyObject *code, PyObject *hits)
{
    struct codes_entry *e = entry_of(code);
    PyObject *line, *n;
    Py_ssize_t at = 0;

    while (e && PyDict_Next(hits, &at, &line, &n)) {
        struct format_line *record =
            codes_add_line(e, (uint32_t)PyLong_AsUnsignedLong(line));

        if (record)
            format_add(&record->hits, PyLong_AsUnsignedLongLong(n));
    }
}

/* A node for the code, called so often. A file whose body was called has no lines for
 * that: it is no module that ran without any. */
static nodes_id
add_node(nodes_id parent, PyObject *code, uint64_t calls)
{
    struct codes_entry *e = entry_of(code);
    nodes_id id = e ? paths_add(parent, e->id, FORMAT_NONE) : FORMAT_NONE;
    struct format_code *record;

    if (id == FORMAT_NONE)
        return FORMAT_NONE;
    record = writer_record(writer, FORMAT_CODES, e->id);
    atomic_fetch_and_explicit(&record->flags, ~(uint32_t)FORMAT_CODE_MODULE,
                              memory_order_relaxed);
    format_add(&paths_nodes[id].calls, calls);
    return id;
}

bool
counts_take(struct writer *w, PyObject *read, const char *path, PyObject *files)
{
    PyObject *name = path ? PyUnicode_DecodeFSDefault(path) : Py_NewRef(Py_None);
    PyObject *all = name ? PyObject_CallFunctionObjArgs(read, name, files, NULL) : NULL;
    PyObject *part, *item;
    nodes_id id;

    Py_XDECREF(name);
    if (!all)
        return false;
    writer = w;
    part = PyTuple_GET_ITEM(all, 0);
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(part); i++) {
        item = PyList_GET_ITEM(part, i);
        take_lines(PyTuple_GET_ITEM(item, 0), PyTuple_GET_ITEM(item, 1));
    }
    part = PyTuple_GET_ITEM(all, 1);
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(part); i++)
        add_node(0, PyList_GET_ITEM(part, i), 1);
    part = PyTuple_GET_ITEM(all, 2);
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(part); i++) {
        item = PyList_GET_ITEM(part, i);
        id = add_node(0, PyTuple_GET_ITEM(item, 0), 0);
        if (id != FORMAT_NONE)
            add_node(id, PyTuple_GET_ITEM(item, 1), 1);
    }
    Py_DECREF(all);
    return true;
}

#include "runner/py.h"

#include "runner/errors.h"

#include <string.h>

#include "base/table.h"
#include "runner/codes.h"

/* (raised, handled) -> a number from 1 on; (that, type) -> the record + 1. */
static struct table spots, known;
static struct writer *writer;

void
errors_start(struct writer *w)
{
    writer = w;
}

void
errors_forget(void)
{
    table_release(&spots);
    table_release(&known);
}

/* The words of an exception */

static bool
is_plain(PyObject *v)
{
    return PyUnicode_CheckExact(v) || PyLong_CheckExact(v) || PyFloat_CheckExact(v) ||
           PyBytes_CheckExact(v) || PyBool_Check(v) || v == Py_None;
}

/* Whether str(exception) runs no code of the program: a builtin type's __str__ on
 * arguments of builtin types. */
static bool
has_plain_text(PyObject *exception)
{
    PyTypeObject *type = Py_TYPE(exception);
    PyObject *args = ((PyBaseExceptionObject *)exception)->args; /* borrowed */

    while (type->tp_flags & Py_TPFLAGS_HEAPTYPE)
        type = type->tp_base;
    if (Py_TYPE(exception)->tp_str != type->tp_str || !args ||
        !PyTuple_CheckExact(args))
        return false;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(args); i++)
        if (!is_plain(PyTuple_GET_ITEM(args, i)))
            return false;
    return true;
}

strings_id
errors_describe(struct writer *w, PyObject *exception)
{
    const char *name = strrchr(Py_TYPE(exception)->tp_name, '.');
    PyObject *message = has_plain_text(exception) ? PyObject_Str(exception) : NULL;
    PyObject *text = NULL;
    const char *utf8;
    Py_ssize_t len;
    strings_id id;

    PyErr_Clear();
    name = name ? name + 1 : Py_TYPE(exception)->tp_name;
    if (message && PyUnicode_GET_LENGTH(message))
        text = PyUnicode_FromFormat("%s: %.500U", name, message);
    utf8 = text ? PyUnicode_AsUTF8AndSize(text, &len) : NULL;
    id = utf8 ? writer_string(w, utf8, (size_t)len) : 0;
    if (!id)
        id = writer_string(w, name, strlen(name));
    PyErr_Clear();
    Py_XDECREF(text);
    Py_XDECREF(message);
    return id;
}

/* Records */

static lines_id
line_of(const PyTracebackObject *tb)
{
    PyCodeObject *co = PyFrame_GetCode(tb->tb_frame);
    struct codes_entry *e = codes_find(co);
    int line = e ? PyCode_Addr2Line(co, tb->tb_lasti) : 0;
    lines_id id = FORMAT_NONE;

    if (line > 0)
        codes_line(e, (uint32_t)line, &id);
    Py_DECREF(co);
    return id;
}

/* The innermost line on its way that is watched. */
static lines_id
innermost(PyObject *exception)
{
    PyTracebackObject *first = py_traceback(exception);
    lines_id id = FORMAT_NONE, line;

    for (const PyTracebackObject *tb = first; tb; tb = tb->tb_next) {
        line = line_of(tb);
        if (line != FORMAT_NONE)
            id = line;
    }
    Py_XDECREF(first);
    return id;
}

/* The first exception of a group, borrowed; NULL of another one. */
static PyObject *
first_of_group(PyObject *exception)
{
    PyObject *all = NULL;

    if (PyType_IsSubtype(Py_TYPE(exception), (PyTypeObject *)PyExc_BaseExceptionGroup))
        all = ((PyBaseExceptionGroupObject *)exception)->excs; /* borrowed */
    return all && PyTuple_CheckExact(all) && PyTuple_GET_SIZE(all)
               ? PyTuple_GET_ITEM(all, 0)
               : NULL;
}

/* What is raised in the handlers of except* comes out of them in a group that has not
 * been anywhere itself. */
static lines_id
raised_on(PyObject *exception)
{
    lines_id id = innermost(exception);

    while (id == FORMAT_NONE && (exception = first_of_group(exception)))
        id = innermost(exception);
    return id;
}

/* 0: no memory. */
static uint32_t
number_of(lines_id raised, lines_id handled)
{
    uint64_t key = table_pair(raised, handled);
    uint32_t number = table_get(&spots, key);

    if (number || !table_reserve(&spots))
        return number;
    number = (uint32_t)spots.n_keys + 1;
    table_set(&spots, key, number);
    return number;
}

static uint32_t
add(PyObject *exception, strings_id type, lines_id raised, lines_id handled,
    uint64_t now)
{
    struct format_error *e;
    void *place;
    uint32_t id = writer_add(writer, FORMAT_ERRORS, 1, &place);

    if (id == FORMAT_NONE)
        return id;
    e = place;
    e->type = type;
    e->text = errors_describe(writer, exception);
    e->raised = raised;
    e->handled = handled;
    e->first_ticks = now;
    writer_publish(writer, FORMAT_ERRORS);
    return id;
}

uint32_t
errors_add(PyObject *exception, lines_id handled, uint64_t now)
{
    const char *name = Py_TYPE(exception)->tp_name;
    strings_id type = writer_string(writer, name, strlen(name));
    lines_id raised = raised_on(exception);
    uint32_t number = number_of(raised, handled), id;
    uint64_t key = table_pair(number, type);
    struct format_error *e;

    if (!number || !table_reserve(&known))
        return FORMAT_NONE;
    id = table_get(&known, key) - 1; /* 0 becomes FORMAT_NONE */
    if (id == FORMAT_NONE) {
        id = add(exception, type, raised, handled, now);
        if (id == FORMAT_NONE)
            return id;
        table_set(&known, key, id + 1);
    }
    e = writer_record(writer, FORMAT_ERRORS, id);
    format_add(&e->count, 1);
    atomic_store_explicit(&e->last_ticks, now, memory_order_relaxed);
    return id;
}

#include "runner/py.h"

#include "runner/printer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mono.h"

static bool is_on, has_times;
static mono_ns start_ns;
static PyObject *get_line;   /* linecache.getline */
static PyTypeObject *stream; /* io.TextIOWrapper, whose write() is known */
static PyObject *write_name, *empty, *newline, *colon, *blank;

/* Finished texts, by the ids of lines and codes; NULL where there is none. What has no
 * file may have another text the next time. */
struct texts {
    PyObject **at;
    uint32_t n;
};
static struct texts lines, calls;

static _Thread_local bool busy;

bool
printer_start(bool times, struct err *err)
{
    PyObject *io = PyImport_ImportModule("io");
    PyObject *linecache = PyImport_ImportModule("linecache");

    get_line = linecache ? PyObject_GetAttrString(linecache, "getline") : NULL;
    stream = io ? (PyTypeObject *)PyObject_GetAttrString(io, "TextIOWrapper") : NULL;
    write_name = PyUnicode_InternFromString("write");
    empty = PyUnicode_FromString("");
    newline = PyUnicode_FromString("\n");
    colon = PyUnicode_FromString(": ");
    blank = PyUnicode_FromString(" ");
    Py_XDECREF(io);
    Py_XDECREF(linecache);
    has_times = times;
    start_ns = mono_clock();
    is_on = get_line && stream && write_name && empty && newline && colon && blank;
    PyErr_Clear();
    return is_on || err_set(err, "the interpreter has no linecache");
}

bool
printer_is_busy(void)
{
    return busy;
}

static PyObject **
slot(struct texts *t, uint32_t id)
{
    uint32_t n = t->n ? t->n : 1024;
    PyObject **grown;

    if (id < t->n)
        return &t->at[id];
    while (n <= id)
        n *= 2;
    grown = realloc(t->at, n * sizeof(*grown));
    if (!grown)
        return NULL;
    memset(grown + t->n, 0, (n - t->n) * sizeof(*grown));
    t->at = grown;
    t->n = n;
    return &t->at[id];
}

/* Writing. */

/* Writes the parts one by one, as print() would: a stream of the program's own may look
 * at each. */
static int
write_parts(PyObject *out, PyObject *const *parts, int n)
{
    PyThreadState *tstate = PyThreadState_Get();
    int status = 0;

    PyThreadState_EnterTracing(tstate);
    for (int i = 0; i < n && status == 0; i++)
        status = PyFile_WriteObject(parts[i], out, Py_PRINT_RAW);
    PyThreadState_LeaveTracing(tstate);
    return status;
}

static int
write_whole(PyObject *out, PyObject *text)
{
    PyObject *done = PyObject_CallMethodOneArg(out, write_name, text);

    Py_XDECREF(done);
    return done ? 0 : -1;
}

/* sys.stdout: borrowed. NULL: there is none to write to, with or without an exception.
 */
static PyObject *
find_out(void)
{
    PyObject *out = PySys_GetObject("stdout");

    if (!out)
        PyErr_SetString(PyExc_RuntimeError, "lost sys.stdout");
    return out == Py_None ? NULL : out;
}

static int
write_time(PyObject *out)
{
    char text[32];
    PyObject *time;
    int status;

    snprintf(text, sizeof(text), "%.2f ", (double)(mono_clock() - start_ns) / 1e9);
    time = PyUnicode_FromString(text);
    status = time ? write_whole(out, time) : -1;
    Py_XDECREF(time);
    return status;
}

/* Calls. */

static PyObject *
call_text(const struct codes_entry *e)
{
    const char *name = file_name(e->path);
    PyObject *module =
        PyUnicode_DecodeFSDefaultAndSize(name, (Py_ssize_t)file_stem_len(name));
    PyObject *function = PyUnicode_DecodeFSDefault(e->name);
    PyObject *text = NULL;

    if (module && function)
        text =
            PyUnicode_FromFormat(" --- modulename: %U, funcname: %U", module, function);
    Py_XDECREF(module);
    Py_XDECREF(function);
    return text;
}

static int
write_call(PyObject *out, const struct codes_entry *e)
{
    PyObject **known = slot(&calls, e->id), *text, *whole;
    int status = -1;

    if (known && *known && Py_IS_TYPE(out, stream))
        return write_whole(out, *known);
    text = call_text(e);
    if (!text)
        return -1;
    if (!Py_IS_TYPE(out, stream)) {
        status = write_parts(out, (PyObject *[]){text, newline}, 2);
    } else if ((whole = PyUnicode_Concat(text, newline))) {
        status = write_whole(out, whole);
        if (known)
            Py_XSETREF(*known, Py_NewRef(whole));
        Py_DECREF(whole);
    }
    Py_DECREF(text);
    return status;
}

/* Lines. */

/* What stands before the text of a line: "fib.py(3)". */
static PyObject *
place_text(const struct codes_entry *e, uint32_t line)
{
    PyObject *name = PyUnicode_DecodeFSDefault(file_name(e->file->path));
    PyObject *text = name ? PyUnicode_FromFormat("%U(%u)", name, line) : NULL;

    Py_XDECREF(name);
    return text;
}

static PyObject *
source_text(const struct codes_entry *e, uint32_t line)
{
    PyObject *path = PyUnicode_DecodeFSDefault(e->file->path);
    PyThreadState *tstate = PyThreadState_Get();
    PyObject *text;

    PyThreadState_EnterTracing(tstate);
    text = path ? PyObject_CallFunction(get_line, "OI", path, line) : NULL;
    PyThreadState_LeaveTracing(tstate);
    Py_XDECREF(path);
    if (text && !PyUnicode_Check(text))
        Py_SETREF(text, PyObject_Str(text));
    return text;
}

/* 3.13 prints the parts of a line one after the other; before, it was one text, and a
 * line without text had no end. Fills in the parts, which are borrowed from `place`,
 * `source` and here; returns how many. */
static int
split(PyObject *place, PyObject *source, PyObject **parts)
{
    int n = 0;

    parts[n++] = place;
#if PY_VERSION_HEX >= 0x030d0000
    if (PyUnicode_GET_LENGTH(source) == 0) {
        parts[n++] = newline;
        return n;
    }
    parts[n++] = empty;
    parts[n++] = colon;
    parts[n++] = blank;
    parts[n++] = source;
    parts[n++] = empty;
#else
    parts[n++] = colon;
    parts[n++] = source;
#endif
    return n;
}

static PyObject *
join(PyObject *const *parts, int n)
{
    PyObject *text = Py_NewRef(empty);

    for (int i = 0; i < n && text; i++)
        PyUnicode_Append(&text, parts[i]);
    return text;
}

/* The same to a stream of the program's own. */
static int
write_split(PyObject *out, PyObject *const *parts, int n)
{
#if PY_VERSION_HEX >= 0x030d0000
    return write_parts(out, parts, n);
#else
    PyObject *whole = join(parts, n);
    int status = whole ? write_parts(out, (PyObject *[]){whole, empty}, 2) : -1;

    Py_XDECREF(whole);
    return status;
#endif
}

static int
write_new_line(PyObject *out, const struct codes_entry *e, uint32_t line,
               PyObject **known)
{
    PyObject *place = place_text(e, line), *source = NULL, *whole = NULL, *parts[8];
    int n, status = -1;

    source = place ? source_text(e, line) : NULL;
    if (!source)
        goto done;
    n = split(place, source, parts);
    if (!Py_IS_TYPE(out, stream)) {
        status = write_split(out, parts, n);
        goto done;
    }
    whole = join(parts, n);
    status = whole ? write_whole(out, whole) : -1;
    if (whole && known && e->file->path[0] != '<' && PyUnicode_GET_LENGTH(source) > 0)
        Py_XSETREF(*known, Py_NewRef(whole));
done:
    Py_XDECREF(whole);
    Py_XDECREF(source);
    Py_XDECREF(place);
    return status;
}

static int
write_line(PyObject *out, const struct codes_entry *e, uint32_t line, lines_id id)
{
    PyObject **known = slot(&lines, id);

    if (has_times && write_time(out) < 0)
        return -1;
    if (known && *known && Py_IS_TYPE(out, stream))
        return write_whole(out, *known);
    return write_new_line(out, e, line, known);
}

/* Both. */

/* sys.stdout, if it is to be written to now: a new reference. */
static PyObject *
begin(int *status)
{
    PyObject *out = is_on && !busy ? find_out() : NULL;

    *status = PyErr_Occurred() ? -1 : 0;
    busy = out != NULL || busy;
    return Py_XNewRef(out);
}

static int
end(PyObject *out, int status)
{
    Py_DECREF(out);
    busy = false;
    if (status < 0)
        is_on = false;
    return status;
}

int
printer_call(const struct codes_entry *e)
{
    int status;
    PyObject *out = begin(&status);

    return out ? end(out, write_call(out, e)) : status;
}

int
printer_line(const struct codes_entry *e, uint32_t line, lines_id id)
{
    int status;
    PyObject *out = begin(&status);

    return out ? end(out, write_line(out, e, line, id)) : status;
}

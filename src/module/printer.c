/* A text is made once for each line, and used again while linecache has the same source
 * for it. Wherever something is not as usual - another print(), a patched linecache, no
 * standard output, times before the lines - a method in Python prints instead, by the
 * very calls that the standard library's trace makes. */
#include "module/printer.h"

#include "module/known.h"

/* From 3.13 on a line is printed in pieces, and one without source ends all the same.
 */
#define IN_PIECES (PY_VERSION_HEX >= 0x030d0000)

/* Headers */

static PyObject *
header_text(struct tracer *t, PyCodeObject *code, PyObject *module)
{
    struct known *k = known_get(t->interp, code, t->serial);
    PyObject *text;

    if (!k)
        return NULL;
    if (k->header && k->module == module)
        return Py_NewRef(k->header);
    text = PyUnicode_FromFormat(" --- modulename: %S, funcname: %U", module,
                                code->co_name);
    k = text ? known_get(t->interp, code, t->serial) : NULL; /* str() may be Python's */
    if (k) {
        Py_XSETREF(k->module, Py_NewRef(module));
        Py_XSETREF(k->header, Py_NewRef(text));
    }
    return text;
}

int
printer_header(struct tracer *t, PyCodeObject *code, PyObject *module)
{
    const struct interp *in = t->interp;
    PyObject *text, *file, *done;
    struct output out;
    bool ok;

    output_look(&t->output, in);
    out = t->output;
    if (!out.file) {
        done = PyObject_CallMethod((PyObject *)t, "_print_header", "OO", module,
                                   code->co_name);
        Py_XDECREF(done);
        return done ? 0 : -1;
    }
    file = Py_NewRef(out.file);
    text = header_text(t, code, module);
    ok = text && output_put(&out, in, text) && output_put(&out, in, in->newline);
    Py_XDECREF(text);
    Py_DECREF(file);
    return ok ? 0 : -1;
}

/* Lines */

static PyObject *
line_text(const struct files_file *file, int line, PyObject *source)
{
    if (IN_PIECES)
        return PyUnicode_FromFormat("%U(%d)", file->base, line);
    if (source)
        return PyUnicode_FromFormat("%U(%d): %U", file->base, line, source);
    return PyUnicode_FromFormat("%U(%d): ", file->base, line);
}

/* The text of the line, with *source: new references. NULL without an exception: it has
 * to be asked for. */
static PyObject *
find_text(struct tracer *t, struct files_file *file, int line, PyObject **source)
{
    struct files_line *l;
    PyObject *text;

    if (line < 0 || line > FILES_LINE_MAX ||
        !source_find(&t->source, t->interp, file, line, source) ||
        !files_grow(file, line))
        return NULL;
    l = &file->lines[line];
    if (!l->text || l->source != *source) {
        text = line_text(file, line, *source);
        if (!text)
            return NULL;
        Py_XSETREF(l->text, text);
        Py_XSETREF(l->source, Py_XNewRef(*source));
    }
    Py_XINCREF(*source);
    return Py_NewRef(l->text);
}

static bool
put_line(const struct interp *in, const struct output *out, PyObject *text,
         PyObject *source)
{
    if (!output_put(out, in, text) || !output_put_nothing(out, in))
        return false;
    if (!IN_PIECES)
        return true;
    if (!source)
        return output_put(out, in, in->newline);
    return output_put(out, in, in->colon) && output_put(out, in, in->blank) &&
           output_put(out, in, source) && output_put_nothing(out, in);
}

/* The way that is always right. */
static int
ask(struct tracer *t, const struct files_file *file, int line)
{
    PyObject *number = line < 0 ? Py_NewRef(Py_None) : PyLong_FromLong(line);
    PyObject *done = number ? PyObject_CallMethod((PyObject *)t, "_print_line", "OO",
                                                  file->name, number)
                            : NULL;

    Py_XDECREF(number);
    Py_XDECREF(done);
    return done ? 0 : -1;
}

int
printer_line(struct tracer *t, struct files_file *file, int line)
{
    PyObject *text = NULL, *source = NULL, *output;
    struct output out = {0};
    bool ok;

    if (!t->start_time || t->start_time == Py_None) {
        output_look(&t->output, t->interp);
        out = t->output;
    }
    if (out.file)
        text = find_text(t, file, line, &source);
    if (!text)
        return PyErr_Occurred() ? -1 : ask(t, file, line);
    output = Py_NewRef(out.file);
    ok = put_line(t->interp, &out, text, source);
    Py_DECREF(output);
    Py_DECREF(text);
    Py_XDECREF(source);
    return ok ? 0 : -1;
}

#include "runner/py.h"

#include "runner/values.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/attr.h"

enum {
    DEPTH_MAX = 4,
    ITEMS_MAX = 30,
    CHARS_MAX = 200,   /* of one string */
    DIGITS_BITS = 2048 /* longer integers are shown by their size */
};

static void write_value(struct values_text *out, PyObject *v, int depth);

static void
put_bytes(struct values_text *out, const char *bytes, size_t len)
{
    if (len > VALUES_TEXT_MAX - out->len) {
        out->cut = true;
        return;
    }
    memcpy(out->data + out->len, bytes, len);
    out->len += len;
    out->data[out->len] = '\0';
}

static void
put(struct values_text *out, const char *s)
{
    put_bytes(out, s, strlen(s));
}

static void putf(struct values_text *out, const char *fmt, ...) ATTR_PRINTF(2, 3);

static void
putf(struct values_text *out, const char *fmt, ...)
{
    char text[256];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    put(out, text);
}

static bool
is_full(const struct values_text *out)
{
    return out->cut || out->len + 40 > VALUES_TEXT_MAX;
}

static void
put_utf8(struct values_text *out, Py_UCS4 c)
{
    char b[4];

    if (c < 0x80) {
        b[0] = (char)c;
        put_bytes(out, b, 1);
    } else if (c < 0x800) {
        b[0] = (char)(0xc0 | (c >> 6));
        b[1] = (char)(0x80 | (c & 63));
        put_bytes(out, b, 2);
    } else if (c < 0x10000) {
        b[0] = (char)(0xe0 | (c >> 12));
        b[1] = (char)(0x80 | ((c >> 6) & 63));
        b[2] = (char)(0x80 | (c & 63));
        put_bytes(out, b, 3);
    } else {
        b[0] = (char)(0xf0 | (c >> 18));
        b[1] = (char)(0x80 | ((c >> 12) & 63));
        b[2] = (char)(0x80 | ((c >> 6) & 63));
        b[3] = (char)(0x80 | (c & 63));
        put_bytes(out, b, 4);
    }
}

static void
put_char(struct values_text *out, Py_UCS4 c, Py_UCS4 quote)
{
    static const char escapes[] = {
        ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't', ['\\'] = '\\'};

    if (c < sizeof(escapes) && escapes[c])
        putf(out, "\\%c", escapes[c]);
    else if (c == quote)
        putf(out, "\\%c", (char)c);
    else if (c < 0x20 || c == 0x7f)
        putf(out, "\\x%02x", (unsigned)c);
    else if (c < 0x80 || Py_UNICODE_ISPRINTABLE(c))
        put_utf8(out, c);
    else if (c < 0x100)
        putf(out, "\\x%02x", (unsigned)c);
    else if (c < 0x10000)
        putf(out, "\\u%04x", (unsigned)c);
    else
        putf(out, "\\U%08x", (unsigned)c);
}

/* A string that is longer than what stands there says how long it is. */
static void
end_string(struct values_text *out, char quote, Py_ssize_t written, Py_ssize_t len)
{
    out->cut |= is_full(out);
    if (written == len)
        putf(out, "%c", quote);
    else
        putf(out, "\u2026%c (%zd)", quote, len);
}

static void
write_str(struct values_text *out, PyObject *s)
{
    Py_ssize_t len = PyUnicode_GET_LENGTH(s), shown = len < CHARS_MAX ? len : CHARS_MAX;
    Py_ssize_t at = 0;
    bool single = false, twice = false;
    char quote;

    for (Py_ssize_t i = 0; i < shown; i++) {
        single |= PyUnicode_READ_CHAR(s, i) == '\'';
        twice |= PyUnicode_READ_CHAR(s, i) == '"';
    }
    quote = single && !twice ? '"' : '\'';
    putf(out, "%c", quote);
    for (; at < shown && !is_full(out); at++)
        put_char(out, PyUnicode_READ_CHAR(s, at), (Py_UCS4)quote);
    end_string(out, quote, at, len);
}

static void
write_bytes(struct values_text *out, const char *bytes, Py_ssize_t len)
{
    Py_ssize_t shown = len < CHARS_MAX ? len : CHARS_MAX;
    char quote =
        memchr(bytes, '\'', (size_t)shown) && !memchr(bytes, '"', (size_t)shown) ? '"'
                                                                                 : '\'';
    Py_ssize_t at = 0;

    putf(out, "b%c", quote);
    for (; at < shown && !is_full(out); at++) {
        unsigned char c = (unsigned char)bytes[at];

        if (c < 0x80)
            put_char(out, c, (Py_UCS4)quote);
        else
            putf(out, "\\x%02x", c);
    }
    end_string(out, quote, at, len);
}

/* Of an exact int. */
static bool
has_many_digits(PyObject *v)
{
    PyObject *bits = PyObject_CallMethod(v, "bit_length", NULL);
    bool many = bits && PyLong_AsLong(bits) > DIGITS_BITS;

    Py_XDECREF(bits);
    PyErr_Clear();
    return many;
}

/* repr() of an exact builtin number runs no user code. */
static void
write_number(struct values_text *out, PyObject *v)
{
    PyObject *repr = NULL;
    const char *text;

    if (PyLong_CheckExact(v) && has_many_digits(v)) {
        put(out, "<int of many digits>");
        return;
    }
    repr = PyObject_Repr(v);
    text = repr ? PyUnicode_AsUTF8(repr) : NULL;
    put(out, text ? text : "<number>");
    Py_XDECREF(repr);
    PyErr_Clear();
}

static void
write_items(struct values_text *out, PyObject *v, const char *open, const char *close,
            int depth)
{
    PyObject *it = PyObject_GetIter(v), *item;
    int n = 0;

    put(out, open);
    while (it && (item = PyIter_Next(it))) {
        if (n)
            put(out, ", ");
        if (n++ == ITEMS_MAX || is_full(out)) {
            out->cut |= is_full(out);
            putf(out, "\u2026 %zd", PyObject_Size(v));
            Py_DECREF(item);
            break;
        }
        write_value(out, item, depth + 1);
        Py_DECREF(item);
    }
    put(out, close);
    Py_XDECREF(it);
    PyErr_Clear();
}

static void
write_dict(struct values_text *out, PyObject *v, int depth)
{
    PyObject *key, *value;
    Py_ssize_t pos = 0;
    int n = 0;

    put(out, "{");
    while (PyDict_Next(v, &pos, &key, &value)) {
        if (n)
            put(out, ", ");
        if (n++ == ITEMS_MAX || is_full(out)) {
            out->cut |= is_full(out);
            putf(out, "\u2026 %zd", PyDict_GET_SIZE(v));
            break;
        }
        write_value(out, key, depth + 1);
        put(out, ": ");
        if (PyUnicode_CheckExact(key) && PyUnicode_AsUTF8(key) &&
            values_is_secret(PyUnicode_AsUTF8(key)))
            put(out, "***");
        else
            write_value(out, value, depth + 1);
        PyErr_Clear();
    }
    put(out, "}");
}

static void
write_named(struct values_text *out, const char *what, PyObject *name)
{
    const char *text = name && PyUnicode_Check(name) ? PyUnicode_AsUTF8(name) : NULL;

    PyErr_Clear();
    putf(out, "<%s %.200s>", what, text ? text : "?");
}

static void
write_opaque(struct values_text *out, PyObject *v, int depth)
{
    const char *name = Py_TYPE(v)->tp_name;

    if (depth == 0)
        out->opaque = true;
    putf(out, "<%.200s>", name);
}

/* Containers; false if it is none. */
static bool
write_container(struct values_text *out, PyObject *v, int depth)
{
    static const struct {
        PyTypeObject *type;
        const char *open, *close, *empty;
    } kinds[] = {
        {&PyList_Type, "[", "]", "[]"},
        {&PyTuple_Type, "(", ")", "()"},
        {&PySet_Type, "{", "}", "set()"},
        {&PyFrozenSet_Type, "frozenset({", "})", "frozenset()"},
        {&PyDict_Type, "{", "}", "{}"},
    };

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (!Py_IS_TYPE(v, kinds[i].type))
            continue;
        if (PyObject_Size(v) == 0)
            put(out, kinds[i].empty);
        else if (depth >= DEPTH_MAX)
            putf(out, "%s\u2026%s", kinds[i].open, kinds[i].close);
        else if (PyDict_CheckExact(v))
            write_dict(out, v, depth);
        else if (PyTuple_CheckExact(v) && PyTuple_GET_SIZE(v) == 1)
            write_items(out, v, "(", ",)", depth);
        else
            write_items(out, v, kinds[i].open, kinds[i].close, depth);
        return true;
    }
    return false;
}

static void
write_value(struct values_text *out, PyObject *v, int depth)
{
    if (is_full(out)) {
        out->cut = true;
        return;
    }
    if (v == Py_None || v == Py_Ellipsis || PyBool_Check(v))
        put(out, v == Py_None       ? "None"
                 : v == Py_Ellipsis ? "Ellipsis"
                 : v == Py_True     ? "True"
                                    : "False");
    else if (PyLong_CheckExact(v) || PyFloat_CheckExact(v) || PyComplex_CheckExact(v))
        write_number(out, v);
    else if (PyUnicode_CheckExact(v))
        write_str(out, v);
    else if (PyBytes_CheckExact(v))
        write_bytes(out, PyBytes_AS_STRING(v), PyBytes_GET_SIZE(v));
    else if (PyByteArray_CheckExact(v))
        write_bytes(out, PyByteArray_AS_STRING(v), PyByteArray_GET_SIZE(v));
    else if (PyFunction_Check(v))
        write_named(out, "function", ((PyFunctionObject *)v)->func_qualname);
    else if (PyModule_CheckExact(v))
        putf(out, "<module %.200s>", PyModule_GetName(v) ? PyModule_GetName(v) : "?");
    else if (PyType_Check(v))
        putf(out, "<class %.200s>", ((PyTypeObject *)v)->tp_name);
    else if (!write_container(out, v, depth))
        write_opaque(out, v, depth);
    PyErr_Clear();
}

void
values_write(struct values_text *out, PyObject *value)
{
    struct py_raised raised = py_put_aside();
    /* A collection would run the program's finalizers. */
    int collects = PyGC_Disable();

    *out = (struct values_text){.len = 0};
    write_value(out, value, 0);
    if (collects)
        PyGC_Enable();
    py_put_back(raised);
}

bool
values_is_secret(const char *name)
{
    static const char *const words[] = {"password", "passwd",     "passphrase",
                                        "token",    "secret",     "api_key",
                                        "apikey",   "credential", "private_key"};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (strcasestr(name, words[i]))
            return true;
    return false;
}

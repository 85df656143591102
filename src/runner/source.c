#include "runner/py.h"

#include "runner/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool
read_all(int fd, char *bytes, size_t size, size_t *len)
{
    ssize_t n;

    for (*len = 0; *len < size; *len += (size_t)n) {
        n = read(fd, bytes + *len, size - *len);
        if (n < 0 && errno == EINTR)
            n = 0;
        else if (n < 0)
            return false;
        else if (n == 0)
            break;
    }
    return true;
}

/* Only regular files: a FIFO would block the program, a device might do anything. */
static bool
add_file(struct writer *w, const char *path, strings_id *text)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    char *bytes = NULL;
    struct stat st;
    size_t len;
    bool ok = false;

    if (fd < 0)
        return false;
    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size > WRITER_STRING_MAX)
        goto done;
    bytes = malloc((size_t)st.st_size + 1);
    if (!bytes || !read_all(fd, bytes, (size_t)st.st_size, &len))
        goto done;
    *text = writer_string(w, bytes, len);
    ok = *text || !len;
done:
    free(bytes);
    close(fd);
    return ok;
}

/* Whether it is the standard library's own importer: another one's code is the
 * program's, and is not run. */
static bool
is_zipimporter(PyObject *loader)
{
    PyObject *module = PyDict_GetItemString(PyImport_GetModuleDict(), "zipimport");
    PyObject *type = module && PyModule_Check(module)
                         ? PyDict_GetItemString(PyModule_GetDict(module), "zipimporter")
                         : NULL; /* borrowed */

    return loader && type && (PyObject *)Py_TYPE(loader) == type;
}

/* A module from an archive: its loader has get_data(), which takes co_filename. */
static bool
add_from_archive(struct writer *w, const char *path, PyObject *globals,
                 strings_id *text)
{
    PyObject *loader = PyDict_GetItemString(globals, "__loader__"); /* borrowed */
    PyObject *data = NULL;
    char *bytes;
    Py_ssize_t len;
    bool ok = false;

    if (!is_zipimporter(loader))
        return false;
    data = PyObject_CallMethod(loader, "get_data", "s", path);
    if (data && PyBytes_AsStringAndSize(data, &bytes, &len) == 0 &&
        len <= WRITER_STRING_MAX) {
        *text = writer_string(w, bytes, (size_t)len);
        ok = *text || !len;
    }
    Py_XDECREF(data);
    PyErr_Clear();
    return ok;
}

/* What stood behind -c: with it, sys.argv is "-c" and the words behind the command. */
static bool
add_command(struct writer *w, strings_id *text)
{
    PyObject *all = PySys_GetObject("orig_argv"), *bytes = NULL; /* borrowed */
    PyObject *rest = PySys_GetObject("argv");
    Py_ssize_t at;

    if (!all || !rest || !PyList_Check(all) || !PyList_Check(rest) ||
        PyList_GET_SIZE(rest) < 1 || !PyUnicode_Check(PyList_GET_ITEM(rest, 0)) ||
        PyUnicode_CompareWithASCIIString(PyList_GET_ITEM(rest, 0), "-c") != 0)
        return false;
    at = PyList_GET_SIZE(all) - PyList_GET_SIZE(rest);
    if (at > 0 && PyUnicode_Check(PyList_GET_ITEM(all, at)))
        bytes = PyUnicode_EncodeFSDefault(PyList_GET_ITEM(all, at));
    if (bytes)
        *text =
            writer_string(w, PyBytes_AS_STRING(bytes), (size_t)PyBytes_GET_SIZE(bytes));
    PyErr_Clear();
    Py_XDECREF(bytes);
    return bytes != NULL;
}

bool
source_keep(struct writer *w, const char *path, PyObject *globals, bool is_main,
            strings_id *text)
{
    if (is_main && strcmp(path, "<string>") == 0)
        return add_command(w, text);
    if (path[0] == '<')
        return false;
    if (add_file(w, path, text))
        return true;
    return globals && add_from_archive(w, path, globals, text);
}

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

/* A module from an archive: its loader has get_data(), which takes co_filename. Only
 * the standard library's own importer is asked, another one's code is the program's. */
static bool
add_from_archive(struct writer *w, const char *path, PyObject *globals,
                 strings_id *text)
{
    PyObject *data = NULL;
    PyObject *loader = PyDict_GetItemString(globals, "__loader__"); /* borrowed */
    char *bytes;
    Py_ssize_t len;
    bool ok = false;

    if (!loader || strcmp(Py_TYPE(loader)->tp_name, "zipimporter") != 0)
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

/* What stood behind -c: the last -c that Python itself saw. */
static bool
add_command(struct writer *w, strings_id *text)
{
    PyObject *argv = PySys_GetObject("orig_argv"), *bytes = NULL; /* borrowed */
    PyObject *rest = PySys_GetObject("argv");
    Py_ssize_t at = 0;

    if (!argv || !rest || !PyList_Check(argv) || !PyList_Check(rest))
        return false;
    at = PyList_GET_SIZE(argv) - PyList_GET_SIZE(rest);
    if (at > 0 && at < PyList_GET_SIZE(argv))
        bytes = PyUnicode_EncodeFSDefault(PyList_GET_ITEM(argv, at));
    if (bytes)
        *text =
            writer_string(w, PyBytes_AS_STRING(bytes), (size_t)PyBytes_GET_SIZE(bytes));
    PyErr_Clear();
    Py_XDECREF(bytes);
    return bytes != NULL;
}

bool
source_add(struct writer *w, const char *path, PyObject *globals, strings_id *text)
{
    if (strcmp(path, "<string>") == 0 && globals && globals == py_main_globals())
        return add_command(w, text);
    if (path[0] == '<')
        return false;
    if (add_file(w, path, text))
        return true;
    return globals && add_from_archive(w, path, globals, text);
}

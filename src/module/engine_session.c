#include "runner/py.h"

#include "module/engine_session.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "module/engine_rules.h"
#include "runner/codes.h"
#include "runner/origin.h"
#include "runner/sink.h"

static struct writer *writer;
static bool is_parents;

struct writer *
engine_session_writer(void)
{
    return writer;
}

void
engine_session_after_fork(void)
{
    is_parents = writer != NULL;
}

static bool
open_at(const char *path, struct err *err)
{
    return is_parents ? writer_fork(writer, path, err)
                      : writer_open(&writer, path, err);
}

/* In a folder that nobody else can look into, and both are taken away at once: what is
 * mapped stays. */
static bool
open_nameless(struct err *err)
{
    const char *tmp = getenv("TMPDIR");
    struct buf folder = {0}, path = {0};
    bool ok;

    buf_printf(&folder, "%s/ttrace-XXXXXX", tmp && *tmp ? tmp : "/tmp");
    if (!mkdtemp(folder.data)) {
        err_sys(err, errno, "%s", buf_str(&folder));
        buf_release(&folder);
        return false;
    }
    buf_printf(&path, "%s/session", buf_str(&folder));
    ok = open_at(buf_str(&path), err);
    unlink(buf_str(&path));
    rmdir(buf_str(&folder));
    buf_release(&path);
    buf_release(&folder);
    return ok;
}

/* The words behind the interpreter's own name. */
static char **
words(void)
{
    PyObject *argv = PySys_GetObject("orig_argv"); /* borrowed */
    Py_ssize_t n = argv && PyList_Check(argv) ? PyList_GET_SIZE(argv) : 0;
    char **out = calloc((size_t)n + 1, sizeof(*out));
    size_t at = 0;

    for (Py_ssize_t i = 1; out && i < n; i++) {
        PyObject *o = PyList_GET_ITEM(argv, i);
        const char *text = PyUnicode_Check(o) ? PyUnicode_AsUTF8(o) : NULL;

        if (text)
            out[at++] = (char *)(uintptr_t)text; /* only read */
    }
    PyErr_Clear();
    return out;
}

static bool
start(struct err *err)
{
    const struct sink_options sink = {
        .writer = writer,
        .mode = FORMAT_MODE_LINES | FORMAT_MODE_TIMES | FORMAT_MODE_TREE,
        .log = FORMAT_LOG_NONE,
        .thread_name = origin_thread,
    };
    const struct codes_options codes = {
        .writer = writer,
        .wants = engine_rules_wanted,
        .skips_file = engine_rules_skip_file,
    };
    char **argv = words();

    if (!argv)
        return err_set(err, "out of memory");
    origin_write(writer, "trace function", "tracing was asked for by the program",
                 argv);
    free(argv);
    return sink_start(&sink, err) && codes_start(&codes, err);
}

int
engine_session_start(void)
{
    struct err err = {""};
    bool ok;

    if (writer && !is_parents)
        return 0;
    ok = open_nameless(&err);
    if (ok && is_parents)
        sink_after_fork();
    else if (ok)
        ok = start(&err);
    if (!ok) {
        PyErr_Format(PyExc_OSError, "cannot record: %s", err.text);
        return -1;
    }
    is_parents = false;
    return 0;
}

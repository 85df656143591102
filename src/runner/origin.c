#include "runner/py.h"

#include "runner/origin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"

/* A string of sys, or "". */
static const char *
sys_text(const char *name)
{
    PyObject *o = PySys_GetObject(name); /* borrowed */
    const char *text = o && PyUnicode_Check(o) ? PyUnicode_AsUTF8(o) : NULL;

    PyErr_Clear();
    return text ? text : "";
}

const char *
origin_stdlib(void)
{
    return sys_text("_stdlib_dir");
}

static strings_id
intern(struct writer *w, const char *s)
{
    return writer_string(w, s, strlen(s));
}

void
origin_note_paths(struct writer *w)
{
    PyObject *path = PySys_GetObject("path"), *bytes; /* borrowed */
    struct buf text = {0};

    for (Py_ssize_t i = 0; path && PyList_Check(path) && i < PyList_GET_SIZE(path);
         i++) {
        bytes = NULL;
        if (PyUnicode_Check(PyList_GET_ITEM(path, i)))
            bytes = PyUnicode_EncodeFSDefault(PyList_GET_ITEM(path, i));
        if (bytes)
            buf_printf(&text, "%s\n", PyBytes_AS_STRING(bytes));
        Py_XDECREF(bytes);
    }
    PyErr_Clear();
    /* A reader that sees the id sees the string: release. */
    atomic_store_explicit(&writer_header(w)->paths,
                          writer_string(w, buf_str(&text), text.len),
                          memory_order_release);
    buf_release(&text);
}

static strings_id
words(struct writer *w, char *const *argv)
{
    struct buf text = {0};
    strings_id id;

    while (*argv)
        buf_printf(&text, "%s\n", *argv++);
    id = writer_string(w, buf_str(&text), text.len);
    buf_release(&text);
    return id;
}

void
origin_note_start(struct writer *w)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    writer_header(w)->start_unix_ns =
        (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void
origin_write(struct writer *w, const char *engine, const char *why, char *const *argv)
{
    struct format_header *h = writer_header(w);
    const char *version = Py_GetVersion();
    char *cwd = getcwd(NULL, 0);

    h->pid = (uint32_t)getpid();
    origin_note_start(w);
    h->command = words(w, argv);
    h->cwd = intern(w, cwd ? cwd : "");
    h->python = writer_string(w, version, strcspn(version, " "));
    h->executable = intern(w, sys_text("executable"));
    h->engine = intern(w, engine);
    h->engine_why = intern(w, why);
    origin_note_paths(w);
    free(cwd);
}

/* The Thread object of the calling thread; borrowed, NULL if threading has none. */
static PyObject *
current_thread(void)
{
    PyObject *threading = PyDict_GetItemString(PyImport_GetModuleDict(), "threading");
    PyObject *active =
        threading && PyModule_Check(threading)
            ? PyDict_GetItemString(PyModule_GetDict(threading), "_active")
            : NULL; /* borrowed */
    PyObject *ident = PyLong_FromUnsignedLong(PyThread_get_thread_ident());
    PyObject *thread = NULL;

    if (active && ident && PyDict_CheckExact(active))
        thread = PyDict_GetItemWithError(active, ident);
    Py_XDECREF(ident);
    return thread;
}

void
origin_thread(char *out, size_t size)
{
    struct py_raised raised = py_put_aside();
    PyObject *thread = current_thread();
    PyObject *dict = thread ? PyObject_GenericGetDict(thread, NULL) : NULL;
    PyObject *name =
        dict && PyDict_CheckExact(dict) ? PyDict_GetItemString(dict, "_name") : NULL;

    if (name && PyUnicode_Check(name) && PyUnicode_AsUTF8(name))
        snprintf(out, size, "%s", PyUnicode_AsUTF8(name));
    else if (gettid() == getpid())
        snprintf(out, size, "MainThread");
    else
        snprintf(out, size, "Thread-%d", (int)gettid());
    Py_XDECREF(dict);
    py_put_back(raised);
}

static PyObject *
call(PyObject *module, const char *name)
{
    PyObject *f = PyObject_GetAttrString(module, name);
    PyObject *result = f ? PyObject_CallNoArgs(f) : NULL;

    Py_XDECREF(f);
    return result;
}

/* 3.11 has no function in C that says it, but a table by loop. */
static PyObject *
task_in_table(PyObject *module)
{
    PyObject *loop = call(module, "_get_running_loop"), *key, *task;
    PyObject *table = PyObject_GetAttrString(module, "_current_tasks");
    PyObject *found = NULL;
    Py_ssize_t at = 0;

    while (loop && table && PyDict_CheckExact(table) && !found &&
           PyDict_Next(table, &at, &key, &task))
        if (key == loop)
            found = Py_NewRef(task);
    Py_XDECREF(table);
    Py_XDECREF(loop);
    return found;
}

/* get_name() as asyncio's own type has it, whatever a type made from it does. */
static bool
name_task(PyObject *module, PyObject *task, char *out, size_t size)
{
    PyObject *type = PyObject_GetAttrString(module, "Task"), *name = NULL;
    bool ok = type && PyType_Check(type) &&
              PyType_IsSubtype(Py_TYPE(task), (PyTypeObject *)type);

    if (ok)
        name = PyObject_CallMethod(type, "get_name", "O", task);
    ok = name && PyUnicode_Check(name) && PyUnicode_AsUTF8(name);
    if (ok)
        snprintf(out, size, "%s", PyUnicode_AsUTF8(name));
    Py_XDECREF(name);
    Py_XDECREF(type);
    return ok;
}

bool
origin_task(const void **identity, char *out, size_t size)
{
    struct py_raised raised = py_put_aside();
    PyObject *module = PyDict_GetItemString(PyImport_GetModuleDict(), "_asyncio");
    PyObject *task = NULL; /* owned */
    bool ok;

    if (module && PyModule_Check(module))
        task = PyObject_HasAttrString(module, "current_task")
                   ? call(module, "current_task")
                   : task_in_table(module);
    ok = task && task != Py_None && name_task(module, task, out, size);
    *identity = task;
    Py_XDECREF(task); /* asyncio has it as long as it runs */
    py_put_back(raised);
    return ok;
}

#include "runner/py.h"

#include "runner/children.h"

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/buf.h"
#include "runner/errors.h"
#include "runner/follow.h"
#include "runner/listener.h"
#include "runner/origin.h"
#include "runner/sink.h"

enum { LEFT_PART = 16 }; /* of a disk: what sessions of children leave free */

static struct children_options options;

/* A program may fork ten thousand times, and the disk may be memory. */
static bool
has_room(const char *session)
{
    struct statvfs fs;

    return statvfs(session, &fs) < 0 || fs.f_blocks == 0 ||
           fs.f_bavail >= fs.f_blocks / LEFT_PART;
}

bool
children_have_room(const char *session)
{
    static const char text[] = "the disk is nearly full\n";
    struct buf path = {0};
    int fd;

    if (has_room(session))
        return true;
    buf_printf(&path, "%s.missed", session);
    fd = open(buf_str(&path), O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC,
              0600);
    buf_release(&path);
    if (fd < 0)
        return false;
    (void)!write(fd, text, sizeof(text) - 1); /* a full disk may not even take that */
    close(fd);
    return false;
}

static PyObject *
before_fork(PyObject *self, PyObject *ignored)
{
    (void)self;
    (void)ignored;
    listener_before_fork();
    Py_RETURN_NONE;
}

static int
listen_again(void *ignored)
{
    (void)ignored;
    listener_after_fork_in_parent();
    return 0;
}

/* Python may still look whether the parent has threads, to warn of them: so later. */
static PyObject *
after_fork_in_parent(PyObject *self, PyObject *ignored)
{
    (void)self;
    (void)ignored;
    if (Py_AddPendingCall(listen_again, NULL) < 0)
        listen_again(NULL);
    Py_RETURN_NONE;
}

static void
open_session(void)
{
    struct buf path = {0};

    writer_add_name(&path, options.session, getpid());
    if (writer_fork(options.writer, buf_str(&path), NULL))
        origin_note_start(options.writer);
    buf_release(&path);
}

static PyObject *
after_fork_in_child(PyObject *self, PyObject *ignored)
{
    (void)self;
    (void)ignored;
    if (options.session && children_have_room(options.session))
        open_session();
    else
        writer_forget(options.writer);
    sink_after_fork();
    errors_forget();
    listener_after_fork_in_child();
    follow_after_fork();
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    {"before", before_fork, METH_NOARGS, NULL},
    {"after_in_parent", after_fork_in_parent, METH_NOARGS, NULL},
    {"after_in_child", after_fork_in_child, METH_NOARGS, NULL},
};

enum { N_METHODS = sizeof(methods) / sizeof(methods[0]) };

bool
children_start(const struct children_options *o)
{
    PyObject *posix = PyImport_ImportModule("posix"), *names = PyDict_New();
    PyObject *none = PyTuple_New(0), *method = NULL, *done = NULL, *function;
    bool ok = posix && names && none;

    options = *o;
    for (int i = 0; ok && i < N_METHODS; i++) {
        function = PyCFunction_New(&methods[i], NULL);
        ok = function && PyDict_SetItemString(names, methods[i].ml_name, function) == 0;
        Py_XDECREF(function);
    }
    if (ok)
        method = PyObject_GetAttrString(posix, "register_at_fork");
    if (method)
        done = PyObject_Call(method, none, names);
    Py_XDECREF(method);
    Py_XDECREF(none);
    Py_XDECREF(names);
    Py_XDECREF(posix);
    Py_XDECREF(done);
    return done != NULL;
}

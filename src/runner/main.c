/* ttrace-runner: a Python interpreter that writes down what it runs. Its command line
 * is between ttrace and itself; what comes behind "--" is what python would get. */
#include "runner/py.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runner/codes.h"
#include "runner/disguise.h"
#include "runner/door.h"
#include "runner/gate.h"
#include "runner/origin.h"
#include "runner/probe.h"
#include "runner/sink.h"
#include "session/control.h"
#include "session/scope.h"

struct options {
    const char *session;
    const char *executable;
    const char *engine;
    unsigned mode;
    int control_fd;
    bool pause;
    char **python; /* argv for Python; [0] is for the executable */
    int n_python;
    char **argv; /* ours, to be looked through again for rules and breakpoints */
    int argc;
};

static struct writer *writer;

static const struct option long_options[] = {
    {"session", required_argument, NULL, 's'},
    {"control", required_argument, NULL, 'c'},
    {"exe", required_argument, NULL, 'x'},
    {"mode", required_argument, NULL, 'm'},
    {"engine", required_argument, NULL, 'e'},
    {"include", required_argument, NULL, 'i'},
    {"exclude", required_argument, NULL, 'n'},
    {"break", required_argument, NULL, 'b'},
    {"pause", no_argument, NULL, 'p'},
    {"version", no_argument, NULL, 'v'},
    {NULL, 0, NULL, 0},
};

static void
fail(const char *text)
{
    fprintf(stderr, "ttrace-runner: %s\n", text);
    exit(2);
}

static void
print_version(void)
{
    struct err err = {""};
    const char *why;
    const struct probe_ops *ops = probe_choose("auto", &why, &err);

    printf("%s %s\n", PY_VERSION, ops ? ops->name : err.text);
    exit(0);
}

static void
set_mode(struct options *o, const char *word)
{
    if (strcmp(word, "count") == 0)
        o->mode = FORMAT_MODE_LINES;
    else if (strcmp(word, "full") == 0)
        o->mode = FORMAT_MODE_LINES | FORMAT_MODE_TIMES | FORMAT_MODE_TREE;
    else
        fail("--mode is count or full");
}

static void
parse(struct options *o, int argc, char **argv)
{
    int c;

    while ((c = getopt_long(argc, argv, "+", long_options, NULL)) != -1) {
        switch (c) {
        case 's':
            o->session = optarg;
            break;
        case 'c':
            o->control_fd = atoi(optarg);
            break;
        case 'x':
            o->executable = optarg;
            break;
        case 'm':
            set_mode(o, optarg);
            break;
        case 'e':
            o->engine = optarg;
            break;
        case 'p':
            o->pause = true;
            break;
        case 'v':
            print_version();
            break;
        case '?':
            exit(2);
        default: /* rules and breakpoints are taken when there is a session */
            break;
        }
    }
    o->argv = argv;
    o->argc = optind;
    o->n_python = argc - optind + 1;
    o->python = argv + optind - 1;
}

/* Calls back with the argument of each option `letter`, in order. */
static bool
each_option(const struct options *o, int letter,
            bool (*each)(void *arg, const char *value, struct err *err), void *arg,
            struct err *err)
{
    int c;

    optind = 1;
    while ((c = getopt_long(o->argc, o->argv, "+", long_options, NULL)) != -1)
        if (c == letter && !each(arg, optarg, err))
            return false;
    return true;
}

static void
start_python(const struct options *o)
{
    PyConfig config;
    PyStatus status;

    PyConfig_InitPythonConfig(&config);
    config.parse_argv = 1;
    if (o->executable)
        o->python[0] = (char *)(uintptr_t)o->executable;
    /* The arguments come first: they decide how the interpreter pre-initialises. */
    status = PyConfig_SetBytesArgv(&config, o->n_python, o->python);
    if (!PyStatus_Exception(status) && o->executable)
        status = PyConfig_SetBytesString(&config, &config.executable, o->executable);
    if (!PyStatus_Exception(status))
        status = Py_InitializeFromConfig(&config);
    PyConfig_Clear(&config);
    if (PyStatus_IsExit(status))
        exit(status.exitcode);
    if (PyStatus_Exception(status))
        Py_ExitStatusException(status);
}

static bool
add_rule(struct scope *scope, const char *rule, bool include, struct err *err)
{
    if (!scope_add(scope, rule, include, err))
        return false;
    codes_add_rule(rule, include);
    return true;
}

static bool
add_include(void *scope, const char *rule, struct err *err)
{
    return add_rule(scope, rule, true, err);
}

static bool
add_exclude(void *scope, const char *rule, struct err *err)
{
    return add_rule(scope, rule, false, err);
}

static bool
add_break(void *arg, const char *where, struct err *err)
{
    (void)arg;
    return gate_add_break(where, err);
}

/* Called in every child of os.fork(). */
static PyObject *
after_fork(PyObject *self, PyObject *ignored)
{
    const char *path = PyBytes_AS_STRING(self);
    char child[4096];

    (void)ignored;
    snprintf(child, sizeof(child), "%s.%d", path, (int)getpid());
    writer_fork(writer, child, NULL);
    sink_after_fork();
    gate_after_fork();
    Py_RETURN_NONE;
}

static PyMethodDef after_fork_method = {"after_fork", after_fork, METH_NOARGS, NULL};

static bool
watch_forks(const char *session)
{
    PyObject *path = PyBytes_FromString(session);
    PyObject *function = path ? PyCFunction_New(&after_fork_method, path) : NULL;
    PyObject *posix = PyImport_ImportModule("posix"), *done = NULL;
    PyObject *method = NULL, *none = PyTuple_New(0), *names = NULL;

    if (posix && function && none) {
        method = PyObject_GetAttrString(posix, "register_at_fork");
        names = Py_BuildValue("{sO}", "after_in_child", function);
        done = method && names ? PyObject_Call(method, none, names) : NULL;
    }
    Py_XDECREF(names);
    Py_XDECREF(none);
    Py_XDECREF(method);
    Py_XDECREF(posix);
    Py_XDECREF(function);
    Py_XDECREF(path);
    PyErr_Clear();
    Py_XDECREF(done);
    return done != NULL;
}

static bool
start_tracing(const struct options *o, struct err *err)
{
    struct sink_options sink = {writer, o->mode, origin_thread};
    struct gate_options gate = {writer, NULL, o->control_fd, o->pause};
    struct codes_options codes = {writer, scope_new(origin_stdlib())};
    const char *why;
    const struct probe_ops *ops = probe_choose(o->engine, &why, err);

    if (!ops || !codes.scope)
        return ops ? err_set(err, "out of memory") : false;
    gate.ops = ops;
    origin_write(writer, ops->name, why, o->python + 1);
    return sink_start(&sink, err) && codes_start(&codes, err) &&
           each_option(o, 'i', add_include, codes.scope, err) &&
           each_option(o, 'n', add_exclude, codes.scope, err) &&
           ops->start(o->mode, err) && gate_start(&gate, err) &&
           each_option(o, 'b', add_break, NULL, err) && door_open(ops, err) &&
           disguise_put_on(ops, err) &&
           (watch_forks(o->session) || err_set(err, "os.register_at_fork() failed"));
}

/* The end of the run, as far as the session is concerned. */
static void
note_end(int status)
{
    struct format_header *h = writer_header(writer);

    sink_flush();
    atomic_store_explicit(&h->exit_status, status, memory_order_relaxed);
    atomic_store_explicit(&h->state, FORMAT_EXITED, memory_order_release);
}

int
main(int argc, char **argv)
{
    struct options o = {
        .control_fd = -1,
        .engine = "auto",
        .mode = FORMAT_MODE_LINES | FORMAT_MODE_TIMES | FORMAT_MODE_TREE,
    };
    struct err err = {""};
    int status;

    parse(&o, argc, argv);
    if (o.control_fd >= 0)
        fcntl(o.control_fd, F_SETFD, FD_CLOEXEC);
    if (o.session && !writer_open(&writer, o.session, &err))
        fail(err.text);
    start_python(&o);
    if (o.session) {
        if (!start_tracing(&o, &err))
            fail(err.text);
        atomic_store_explicit(&writer_header(writer)->state, FORMAT_RUNNING,
                              memory_order_release);
        if (o.control_fd >= 0)
            control_send(o.control_fd, CONTROL_READY, 0, NULL);
    }
    status = Py_RunMain();
    if (o.session)
        note_end(status);
    return status;
}

/* ttrace-runner: a Python interpreter that writes down what it runs. Its command line
 * is between ttrace and itself; what comes behind "--" is what python would get. */
#include "runner/py.h"

#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "runner/codes.h"
#include "runner/cost.h"
#include "runner/errors.h"
#include "runner/gate.h"
#include "runner/origin.h"
#include "runner/probe.h"
#include "runner/sink.h"
#include "session/scope.h"

struct options {
    const char *session;
    const char *executable;
    const char *engine;
    unsigned mode;
    enum format_log log;
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
    {"events", required_argument, NULL, 'l'},
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

    printf("%s %s (%s)\n%s\n", PY_VERSION, ops ? ops->name : "none",
           ops ? why : err.text, PY_PREFIX);
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
set_log(struct options *o, const char *word)
{
    static const char *const words[] = {[FORMAT_LOG_NONE] = "none",
                                        [FORMAT_LOG_RING] = "ring",
                                        [FORMAT_LOG_ALL] = "log"};

    for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp(words[i], word) == 0) {
            o->log = i;
            return;
        }
    }
    fail("--events is none, ring or log");
}

static int
number(const char *word)
{
    char *end;
    long n = strtol(word, &end, 10);

    if (end == word || *end || n < 0 || n > INT_MAX)
        fail("--control takes the number of a descriptor");
    return (int)n;
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
            o->control_fd = number(optarg);
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
        case 'l':
            set_log(o, optarg);
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

/* Around every os.fork(); `self` has the session's path. */
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

static PyObject *
after_fork_in_child(PyObject *self, PyObject *ignored)
{
    struct buf path = {0};

    (void)ignored;
    buf_printf(&path, "%s.%d", PyBytes_AS_STRING(self), (int)getpid());
    writer_fork(writer, buf_str(&path), NULL);
    buf_release(&path);
    sink_after_fork();
    errors_forget();
    listener_after_fork_in_child();
    Py_RETURN_NONE;
}

static PyMethodDef fork_methods[] = {
    {"before", before_fork, METH_NOARGS, NULL},
    {"after_in_parent", after_fork_in_parent, METH_NOARGS, NULL},
    {"after_in_child", after_fork_in_child, METH_NOARGS, NULL},
};

enum { N_FORK_METHODS = sizeof(fork_methods) / sizeof(fork_methods[0]) };

static bool
watch_forks(const char *session)
{
    char *absolute = realpath(session, NULL);
    PyObject *path = PyBytes_FromString(absolute ? absolute : session);
    PyObject *posix = PyImport_ImportModule("posix"), *names = PyDict_New();
    PyObject *none = PyTuple_New(0), *method = NULL, *done = NULL, *function;
    bool ok = path && posix && names && none;

    for (int i = 0; ok && i < N_FORK_METHODS; i++) {
        function = PyCFunction_New(&fork_methods[i], path);
        ok = function &&
             PyDict_SetItemString(names, fork_methods[i].ml_name, function) == 0;
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
    Py_XDECREF(path);
    PyErr_Clear();
    free(absolute);
    Py_XDECREF(done);
    return done != NULL;
}

static bool
measure_cost(const struct options *o, const struct probe_ops *ops)
{
    if (o->mode & FORMAT_MODE_TIMES)
        cost_measure(ops, writer);
    return true;
}

static bool
start_tracing(const struct options *o, struct err *err)
{
    struct sink_options sink = {writer, o->mode, o->log, origin_thread, origin_task};
    struct gate_options gate = {writer, NULL, o->control_fd, o->pause};
    struct codes_options codes = {writer, scope_new(origin_stdlib())};
    const char *why;
    const struct probe_ops *ops = probe_choose(o->engine, &why, err);

    if (!ops || !codes.scope)
        return ops ? err_set(err, "out of memory") : false;
    gate.ops = ops;
    origin_write(writer, ops->name, why, o->python + 1);
    errors_start(writer);
    return sink_start(&sink, err) && codes_start(&codes, err) &&
           each_option(o, 'i', add_include, codes.scope, err) &&
           each_option(o, 'n', add_exclude, codes.scope, err) &&
           ops->start(o->mode, err) && measure_cost(o, ops) &&
           (!ops->open || ops->open(err)) && gate_start(&gate, err) &&
           each_option(o, 'b', add_break, NULL, err) &&
           (watch_forks(o->session) || err_set(err, "os.register_at_fork() failed"));
}

/* The end of the run, as far as the session is concerned. sys.exit() ends the process
 * from inside Py_RunMain(), so this is called from exit(). */
static void
note_end(int status, void *ignored)
{
    struct format_header *h = writer_header(writer);

    (void)ignored;
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

    parse(&o, argc, argv);
    if (o.control_fd >= 0)
        fcntl(o.control_fd, F_SETFD, FD_CLOEXEC);
    if (o.session && !writer_open(&writer, o.session, &err))
        fail(err.text);
    start_python(&o);
    if (o.session) {
        if (!start_tracing(&o, &err))
            fail(err.text);
        on_exit(note_end, NULL);
        atomic_store_explicit(&writer_header(writer)->state, FORMAT_RUNNING,
                              memory_order_release);
        listener_answer(CONTROL_READY, 0, NULL);
    }
    return Py_RunMain();
}

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
#include "runner/children.h"
#include "runner/classes.h"
#include "runner/codes.h"
#include "runner/cost.h"
#include "runner/counts.h"
#include "runner/errors.h"
#include "runner/follow.h"
#include "runner/gate.h"
#include "runner/listener.h"
#include "runner/offer.h"
#include "runner/origin.h"
#include "runner/printer.h"
#include "runner/probe.h"
#include "runner/program.h"
#include "runner/sink.h"
#include "session/scope.h"

struct options {
    const char *session;
    const char *executable;
    const char *argv0;   /* what python was called as, where that is something else */
    const char *release; /* of the interpreter that is to be run; NULL: this one's */
    const char *engine;
    unsigned mode;
    enum format_log log;
    int control_fd;
    uint32_t parent; /* the process that has left these options, of a child */
    bool pause;
    bool follows; /* children are watched, too */
    bool is_child;
    const char *counts; /* a file of `trace` that is the session's instead of a run */
    bool takes_files;   /* it, or lines of files, are */
    bool is_form;       /* what is run are the words of `python -m trace` */
    char **python;      /* argv for Python; [0] is for the executable */
    int n_python;
    char **argv; /* ours, to be looked through again for rules and breakpoints */
    int argc;
};

static struct writer *writer;
static const struct probe_ops *engine;

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
    {"children", required_argument, NULL, 'C'},
    {"child", no_argument, NULL, 'f'},
    {"parent", required_argument, NULL, 'P'},
    {"argv0", required_argument, NULL, 'a'},
    {"release", required_argument, NULL, 'r'},
    {"form", no_argument, NULL, 'F'},
    {"counts", required_argument, NULL, 'N'},
    {"lines", required_argument, NULL, 'L'},
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

static const char *const log_words[] = {
    [FORMAT_LOG_NONE] = "none", [FORMAT_LOG_RING] = "ring", [FORMAT_LOG_ALL] = "log"};

static void
set_log(struct options *o, const char *word)
{
    for (unsigned i = 0; i < sizeof(log_words) / sizeof(log_words[0]); i++) {
        if (strcmp(log_words[i], word) == 0) {
            o->log = i;
            return;
        }
    }
    fail("--events is none, ring or log");
}

static bool
is_follow(const char *word)
{
    if (strcmp(word, "follow") != 0 && strcmp(word, "ignore") != 0)
        fail("--children is follow or ignore");
    return word[0] == 'f';
}

static int
number(const char *word)
{
    char *end;
    long n = strtol(word, &end, 10);

    if (end == word || *end || n < 0 || n > INT_MAX)
        fail("--control and --parent take a number");
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
        case 'C':
            o->follows = is_follow(optarg);
            break;
        case 'f':
            o->is_child = true;
            break;
        case 'P':
            o->parent = (uint32_t)number(optarg);
            break;
        case 'a':
            o->argv0 = optarg;
            break;
        case 'r':
            o->release = optarg;
            break;
        case 'F':
            o->is_form = true;
            break;
        case 'N':
            o->counts = optarg;
            o->takes_files = true;
            break;
        case 'L':
            o->takes_files = true;
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
    if (o->executable)
        o->python[0] = (char *)(uintptr_t)(o->argv0 ? o->argv0 : o->executable);
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

/* Where the run's first session is, for all who lie beside it. */
static char *
first_session(const struct options *o)
{
    char *absolute = realpath(o->session, NULL);

    return absolute ? absolute : strdup(o->session);
}

/* The options that the runners of children get. */
static void
add_words(const struct options *o, const char *session, struct buf *out)
{
    int c;

    buf_printf(out, "--session=%s\n--mode=%s\n--engine=%s\n--events=%s", session,
               o->mode == FORMAT_MODE_LINES ? "count" : "full", o->engine,
               log_words[o->log]);
    optind = 1;
    while ((c = getopt_long(o->argc, o->argv, "+", long_options, NULL)) != -1)
        if (c == 'i' || c == 'n')
            buf_printf(out, "\n--%s=%s", c == 'i' ? "include" : "exclude", optarg);
}

/* Children that are not followed count nowhere. */
static bool
watch_children(const struct options *o, struct err *err)
{
    struct children_options children = {writer, NULL};
    struct follow_options follow = {writer_header(writer), NULL, o->executable};
    struct buf words = {0};

    if (o->follows) {
        children.session = first_session(o); /* for good */
        add_words(o, children.session, &words);
        follow.words = buf_str(&words);
    }
    follow_start(&follow);
    buf_release(&words);
    if (children_start(&children))
        return true;
    PyErr_Clear();
    return err_set(err, "os.register_at_fork() failed");
}

static bool
measure_cost(const struct options *o, const struct probe_ops *ops)
{
    if (o->mode & FORMAT_MODE_TIMES)
        cost_measure(ops, writer);
    return true;
}

/* What a program in the form of `trace` wants beside all others. */
static bool
start_form(const struct program *p, struct scope *scope, struct err *err)
{
    PyObject *rules = p->rules, *request = p->request;
    const char *rule;

    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(rules); i++) {
        rule = PyUnicode_AsUTF8(PyList_GET_ITEM(rules, i));
        PyErr_Clear();
        if (rule && !add_rule(scope, rule, false, err))
            return false;
    }
    writer_header(writer)->request = writer_string(writer, PyBytes_AS_STRING(request),
                                                   (size_t)PyBytes_GET_SIZE(request));
    return !(p->mode & FORMAT_MODE_PRINT) || printer_start(p->times, err);
}

/* `p` is NULL where a program runs as Python runs it. */
static bool
start_tracing(const struct options *o, const struct program *p, struct err *err)
{
    bool names_classes = p && o->mode & FORMAT_MODE_TREE;
    struct sink_options sink = {.writer = writer,
                                .mode = o->mode,
                                .log = o->log,
                                .thread_name = origin_thread,
                                .current_task = origin_task,
                                .new_path = names_classes ? classes_note : NULL};
    struct gate_options gate = {writer, NULL, o->control_fd, o->pause};
    struct codes_options codes = {.writer = writer,
                                  .scope = scope_new(origin_stdlib()),
                                  .flags = !p              ? 0
                                           : names_classes ? CODES_ALL
                                                           : CODES_BY_FILE};
    const char *why;
    const struct probe_ops *ops = probe_choose(o->engine, &why, err);

    engine = ops;
    if (!ops || !codes.scope)
        return ops ? err_set(err, "out of memory") : false;
    gate.ops = ops;
    origin_write(writer, ops->name, why, o->python + 1);
    errors_start(writer);
    if (names_classes && !classes_start(writer, err))
        return false;
    return sink_start(&sink, err) && codes_start(&codes, err) &&
           each_option(o, 'i', add_include, codes.scope, err) &&
           each_option(o, 'n', add_exclude, codes.scope, err) &&
           (!p || start_form(p, codes.scope, err)) && ops->start(o->mode, err) &&
           measure_cost(o, ops) && (!ops->open || ops->open(err)) &&
           gate_start(&gate, err) && each_option(o, 'b', add_break, NULL, err) &&
           watch_children(o, err);
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

/* Not even an error may show in a child: then it is not watched. */
static void
open_child(struct options *o)
{
    struct buf path = {0};
    struct err err;
    const char *why;

    if (o->release && strcmp(o->release, PY_VERSION) != 0)
        follow_give_up(o->executable, o->python);
    if (!o->session || !children_have_room(o->session) ||
        !probe_choose(o->engine, &why, &err)) {
        o->session = NULL;
        return;
    }
    writer_add_name(&path, o->session, getpid());
    if (writer_open(&writer, buf_str(&path), &err))
        writer_header(writer)->parent_pid = o->parent;
    else
        o->session = NULL;
    buf_release(&path);
}

static bool
add_file(void *list, const char *path, struct err *err)
{
    PyObject *name = PyUnicode_DecodeFSDefault(path);
    bool ok = name && PyList_Append(list, name) == 0;

    Py_XDECREF(name);
    PyErr_Clear();
    return ok || err_set(err, "out of memory");
}

/* Makes the session out of files. The exit status. */
static int
take_files(const struct options *o)
{
    struct sink_options sink = {.writer = writer, .mode = FORMAT_MODE_LINES};
    struct codes_options codes = {.writer = writer,
                                  .scope = scope_new(origin_stdlib()),
                                  .flags = CODES_BY_FILE | CODES_ALL};
    PyObject *names = PyDict_New(), *files = PyList_New(0);
    struct err err = {""};
    bool ok;

    origin_write(writer, "none", "", o->python + 1);
    if (!codes.scope || !sink_start(&sink, &err) || !codes_start(&codes, &err) ||
        !add_rule(codes.scope, "all", true, &err) || !files ||
        !each_option(o, 'L', add_file, files, &err))
        fail(err.text);
    ok = names && program_load("counts.py", names) &&
         counts_take(writer, PyDict_GetItemString(names, "read"), o->counts, files);
    if (!ok)
        PyErr_Print();
    Py_XDECREF(files);
    Py_XDECREF(names);
    return Py_FinalizeEx() < 0 || !ok;
}

/* What was loaded already is watched, too. The collector has nothing to find in what is
 * made for that. */
static void
watch_loaded(void)
{
    int was_on = PyGC_Disable();

    engine->refresh();
    if (was_on)
        PyGC_Enable();
}

static void
start_session(const struct options *o, const struct program *p)
{
    struct err err = {""};

    if (!start_tracing(o, p, &err)) {
        if (!o->is_child)
            fail(err.text);
    } else if (!p || p->code) {
        watch_loaded();
    }
    on_exit(note_end, NULL);
    atomic_store_explicit(&writer_header(writer)->state, FORMAT_RUNNING,
                          memory_order_release);
    listener_answer(CONTROL_READY, 0, NULL);
}

int
main(int argc, char **argv)
{
    struct options o = {
        .control_fd = -1,
        .engine = "auto",
        .follows = true,
        .mode = FORMAT_MODE_LINES | FORMAT_MODE_TIMES | FORMAT_MODE_TREE,
    };
    struct program program = {0};
    struct err err = {""};

    argv = follow_take(&argc, argv);
    parse(&o, argc, argv);
    if (o.control_fd >= 0)
        fcntl(o.control_fd, F_SETFD, FD_CLOEXEC);
    if (o.is_child)
        open_child(&o);
    else if (o.session && !writer_open(&writer, o.session, &err))
        fail(err.text);
    offer_module();
    start_python(&o);
    if (o.takes_files)
        return take_files(&o);
    if (o.is_form) {
        program_read(&program);
        o.mode = program.mode;
    }
    if (o.session)
        start_session(&o, o.is_form ? &program : NULL);
    return o.is_form ? program_run(&program, engine) : Py_RunMain();
}

#include "runner/py.h"

#include "runner/cost.h"

#include "base/mono.h"
#include "runner/codes.h"
#include "runner/sink.h"

enum {
    N_LINES_MAX = 16,
    TIMES = 250, /* around the loop */
    ROUNDS = 6,
    WARM_UPS = 2 /* until the interpreter has specialised the code */
};

/* What is run, and how many lines and calls are in one turn of its loop. */
struct sample {
    const char *source; /* defines f(n) */
    unsigned n_lines, n_calls;
};

static const struct sample lines_sample = {"def f(n):\n"
                                           "    i = 0\n"
                                           "    while i < n:\n"
                                           "        a = i\n"
                                           "        b = a\n"
                                           "        c = b\n"
                                           "        d = c\n"
                                           "        e = d\n"
                                           "        i += 1\n",
                                           7, 0};

static const struct sample calls_sample = {"def h(x):\n"
                                           "    return x\n"
                                           "def g(x):\n"
                                           "    return h(x) + h(x)\n"
                                           "def f(n):\n"
                                           "    i = 0\n"
                                           "    while i < n:\n"
                                           "        g(i)\n"
                                           "        i += 1\n",
                                           6, 3};

struct job {
    const struct probe_ops *ops;
    struct codes_entry *entry; /* of all code in a sample */
    uint64_t line_ticks, call_ticks;
};

/* Puts probes into the functions of a namespace. */
static bool
instrument(const struct job *job, PyObject *namespace)
{
    PyObject *name, *f, *code;
    Py_ssize_t at = 0;
    bool ok = true;

    while (ok && PyDict_Next(namespace, &at, &name, &f)) {
        if (!PyFunction_Check(f))
            continue;
        code = PyFunction_GET_CODE(f);
        codes_attach((PyCodeObject *)code, job->entry);
        code = (PyObject *)job->ops->instrument((PyCodeObject *)code, job->entry);
        ok = code && PyObject_SetAttrString(f, "__code__", code) == 0;
        Py_XDECREF(code);
    }
    return ok;
}

/* The sample's f(n); `namespace`, new, keeps what it calls. */
static PyObject *
make(const struct sample *s, PyObject *namespace)
{
    PyObject *code = Py_CompileString(s->source, "<ttrace>", Py_file_input);
    PyObject *done = NULL, *f;

    if (code &&
        PyDict_SetItemString(namespace, "__builtins__", PyEval_GetBuiltins()) == 0)
        done = PyEval_EvalCode(code, namespace, namespace);
    f = done ? PyDict_GetItemString(namespace, "f") : NULL;
    Py_XDECREF(done);
    Py_XDECREF(code);
    return f;
}

static uint64_t
run(PyObject *f)
{
    uint64_t start = mono_ticks(sink_tsc);
    PyObject *n = PyLong_FromLong(TIMES);
    PyObject *result = n ? PyObject_CallOneArg(f, n) : NULL;

    Py_XDECREF(n);
    Py_XDECREF(result);
    return result ? mono_ticks(sink_tsc) - start : UINT64_MAX;
}

/* Ticks that the probes of one turn take. */
static uint64_t
measure(const struct job *job, const struct sample *s)
{
    PyObject *plain = PyDict_New(), *probed = PyDict_New();
    PyObject *f = plain ? make(s, plain) : NULL, *g = probed ? make(s, probed) : NULL;
    uint64_t best_f = UINT64_MAX, best_g = UINT64_MAX, ticks;

    for (int i = 0; f && g && i < ROUNDS + WARM_UPS; i++) {
        if (i == 0 && !instrument(job, probed))
            break;
        ticks = run(f);
        best_f = i >= WARM_UPS && ticks < best_f ? ticks : best_f;
        ticks = run(g);
        best_g = i >= WARM_UPS && ticks < best_g ? ticks : best_g;
    }
    Py_XDECREF(plain);
    Py_XDECREF(probed);
    PyErr_Clear();
    return best_g != UINT64_MAX && best_g > best_f ? (best_g - best_f) / TIMES : 0;
}

static void
measure_both(void *arg)
{
    struct job *job = arg;
    uint64_t both;

    job->line_ticks = measure(job, &lines_sample) / lines_sample.n_lines;
    both = measure(job, &calls_sample);
    if (both > calls_sample.n_lines * job->line_ticks)
        job->call_ticks =
            (both - calls_sample.n_lines * job->line_ticks) / calls_sample.n_calls;
}

/* They outlive the measuring: the interpreter may keep code of the samples. */
static lines_id by_line[N_LINES_MAX];
static struct codes_file file = {
    .path = "<ttrace>", .by_line = by_line, .n_lines = N_LINES_MAX};
static struct codes_entry entry = {
    .file = &file, .wanted = true, .qualname = "f", .module = ""};

void
cost_measure(const struct probe_ops *ops, struct writer *w)
{
    struct job job = {.ops = ops, .entry = &entry};
    uint32_t first = writer_add(w, FORMAT_LINES, N_LINES_MAX, NULL);
    struct format_header *h = writer_header(w);

    if (first == FORMAT_NONE)
        return;
    for (uint32_t i = 0; i < N_LINES_MAX; i++)
        by_line[i] = first + i;
    sink_rehearse(measure_both, &job);
    writer_take_back(w, FORMAT_LINES, N_LINES_MAX);
    h->line_cost_ticks = job.line_ticks;
    h->call_cost_ticks = job.call_ticks;
}

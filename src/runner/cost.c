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
    struct codes_entry *plain, *probed; /* of all code in a sample */
    uint64_t line_ticks, call_ticks;
};

/* Adds a sample's function to a namespace, with probes if that is what its entry wants.
 * The sample's own body, which would define it, never runs: it is nobody's code. */
static bool
add(const struct job *job, PyObject *code, struct codes_entry *e, PyObject *namespace)
{
    PyObject *made, *f = NULL;
    bool ok;

    codes_attach((PyCodeObject *)code, e);
    made = e->wanted ? (PyObject *)job->ops->instrument((PyCodeObject *)code, e)
                     : Py_NewRef(code);
    f = made ? PyFunction_New(made, namespace) : NULL;
    ok = f && PyDict_SetItem(namespace, ((PyCodeObject *)code)->co_name, f) == 0;
    Py_XDECREF(f);
    Py_XDECREF(made);
    return ok;
}

/* The sample's f(n), borrowed from `namespace`, which gets all its functions. */
static PyObject *
make(const struct job *job, const struct sample *s, struct codes_entry *e,
     PyObject *namespace)
{
    PyObject *code = Py_CompileString(s->source, "<ttrace>", Py_file_input), *c;
    PyObject *consts = code ? ((PyCodeObject *)code)->co_consts : NULL;
    bool ok = consts && PyDict_SetItemString(namespace, "__builtins__",
                                             PyEval_GetBuiltins()) == 0;

    for (Py_ssize_t i = 0; ok && i < PyTuple_GET_SIZE(consts); i++) {
        c = PyTuple_GET_ITEM(consts, i);
        ok = !PyCode_Check(c) || add(job, c, e, namespace);
    }
    Py_XDECREF(code);
    return ok ? PyDict_GetItemString(namespace, "f") : NULL;
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
    PyObject *f = plain ? make(job, s, job->plain, plain) : NULL;
    PyObject *g = probed ? make(job, s, job->probed, probed) : NULL;
    uint64_t best_f = UINT64_MAX, best_g = UINT64_MAX, ticks;

    for (int i = 0; f && g && i < ROUNDS + WARM_UPS; i++) {
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
static struct codes_entry plain = {.file = &file, .qualname = "f", .module = ""};
static struct codes_entry probed = {
    .file = &file, .wanted = true, .qualname = "f", .module = ""};

void
cost_measure(const struct probe_ops *ops, struct writer *w)
{
    struct job job = {.ops = ops, .plain = &plain, .probed = &probed};
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

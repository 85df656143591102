/* The least that the interpreter's own hooks cost: a trace function that does nothing,
 * and callbacks of sys.monitoring that count lines, calls and returns, and do nothing
 * else. An importable module; bench.py builds it for each Python that it measures. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdint.h>

static int
do_nothing(PyObject *self, PyFrameObject *frame, int event, PyObject *arg)
{
    (void)self;
    (void)frame;
    (void)event;
    (void)arg;
    return 0;
}

/* Switches the empty trace function on, for the calling thread. Takes what a trace
 * function takes, too, so that threading.settrace() can be given it: a new thread calls
 * it once. */
static PyObject *
trace(PyObject *module, PyObject *args)
{
    (void)module;
    (void)args;
    PyEval_SetTrace(do_nothing, NULL);
    Py_RETURN_NONE;
}

/* Counters by code object and line, or 0 for its calls and -1 for its returns. */

enum { N_COUNTERS = 1 << 16 };

static struct counter {
    const PyObject *code; /* never dropped: a code object that ends keeps its place */
    long line;
    uint64_t n;
} counters[N_COUNTERS];

static void
count(const PyObject *code, long line)
{
    uint64_t at = ((uint64_t)(uintptr_t)code >> 4) + (uint64_t)line;

    for (uint64_t i = at * 0x9e3779b97f4a7c15u >> 48;; i = (i + 1) % N_COUNTERS) {
        struct counter *c = &counters[i];

        if (!c->code) {
            c->code = code;
            c->line = line;
        }
        if (c->code == code && c->line == line) {
            c->n++;
            return;
        }
    }
}

static PyObject *
on_line(PyObject *module, PyObject *const *args, Py_ssize_t n)
{
    (void)module;
    (void)n;
    count(args[0], PyLong_AsLong(args[1]));
    Py_RETURN_NONE;
}

static PyObject *
on_start(PyObject *module, PyObject *const *args, Py_ssize_t n)
{
    (void)module;
    (void)n;
    count(args[0], 0);
    Py_RETURN_NONE;
}

static PyObject *
on_return(PyObject *module, PyObject *const *args, Py_ssize_t n)
{
    (void)module;
    (void)n;
    count(args[0], -1);
    Py_RETURN_NONE;
}

static PyObject *
total(PyObject *module, PyObject *args)
{
    unsigned long long n = 0;

    (void)module;
    (void)args;
    for (size_t i = 0; i < N_COUNTERS; i++)
        n += counters[i].n;
    return PyLong_FromUnsignedLongLong(n);
}

#define FASTCALL(f) (PyCFunction)(void (*)(void))(f)

static PyMethodDef methods[] = {
    {"trace", trace, METH_VARARGS, NULL},
    {"on_line", FASTCALL(on_line), METH_FASTCALL, NULL},
    {"on_start", FASTCALL(on_start), METH_FASTCALL, NULL},
    {"on_return", FASTCALL(on_return), METH_FASTCALL, NULL},
    {"total", total, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "floor",
    .m_size = -1,
    .m_methods = methods,
};

PyMODINIT_FUNC PyInit_floor(void);

PyMODINIT_FUNC
PyInit_floor(void)
{
    return PyModule_Create(&definition);
}

#include "module/extension.h"

#include "module/interp.h"
#include "module/tracer.h"

static int
execute(PyObject *module)
{
    struct interp *in = PyModule_GetState(module);

    return interp_init(in) < 0 ? -1 : tracer_init(module, in);
}

static int
traverse(PyObject *module, visitproc visit, void *arg)
{
    return interp_traverse(PyModule_GetState(module), visit, arg);
}

static int
clear(PyObject *module)
{
    interp_clear(PyModule_GetState(module));
    return 0;
}

static void
release(void *module)
{
    interp_clear(PyModule_GetState(module));
}

static PyModuleDef_Slot slots[] = {
    {Py_mod_exec, execute},
    {0, NULL},
};

struct PyModuleDef extension_definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "ttrace._tracer",
    .m_doc = "The trace functions of ttrace's class Trace, in C.",
    .m_size = sizeof(struct interp),
    .m_slots = slots,
    .m_traverse = traverse,
    .m_clear = clear,
    .m_free = release,
};

PyMODINIT_FUNC PyInit__tracer(void);

PyMODINIT_FUNC
PyInit__tracer(void)
{
    return PyModuleDef_Init(&extension_definition);
}

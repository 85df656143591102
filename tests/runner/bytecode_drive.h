/* What the tests of the bytecode rewriter share: Python, started with the module
 * `probes` of the test, and the driver beside this file. A test ends with
 *
 *     return RUN_DRIVE(tests, stop_drive);
 */
#ifndef TESTS_RUNNER_BYTECODE_DRIVE_H
#define TESTS_RUNNER_BYTECODE_DRIVE_H

#include "runner/py.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/attr.h"
#include "runner/bytecode.h"

/* Makes the module `probes`; the test has it. */
static PyObject *probes_init(void);

/* The module bytecode_drive, and the path of the programs that it runs. */
static PyObject *driver;
static char cases_path[1024];

/* The bytes of a code object, borrowed from it and from `co_code`, which is owned. */
struct view {
    PyObject *co_code;
    struct bytecode_code code;
};

static inline struct bytecode_bytes
view_bytes(PyObject *bytes)
{
    return (struct bytecode_bytes){(const uint8_t *)PyBytes_AS_STRING(bytes),
                                   (size_t)PyBytes_GET_SIZE(bytes)};
}

static inline bool
view_init(struct view *v, PyCodeObject *code)
{
    int suspends = CO_GENERATOR | CO_COROUTINE | CO_ASYNC_GENERATOR;

    v->co_code = PyCode_GetCode(code);
    if (!v->co_code)
        return false;
    v->code = (struct bytecode_code){
        .code = view_bytes(v->co_code),
        .linetable = view_bytes(code->co_linetable),
        .exceptiontable = view_bytes(code->co_exceptiontable),
        .first_line = code->co_firstlineno,
        .stack_size = code->co_stacksize,
        .suspends = (code->co_flags & suspends) != 0,
    };
    return true;
}

/* Calls a function of the driver and fails with the text that it returns, if any. */
static inline void
assert_drive(const char *function, const char *format, ...)
{
    PyObject *method = PyObject_GetAttrString(driver, function);
    PyObject *args, *text = NULL;
    va_list ap;

    va_start(ap, format);
    args = Py_VaBuildValue(format, ap);
    va_end(ap);
    if (method && args)
        text = PyObject_CallObject(method, args);
    if (!text)
        PyErr_Print();
    assert_non_null(text);
    if (PyUnicode_GetLength(text) > 0)
        fail_msg("\n%.4000s", PyUnicode_AsUTF8(text));
    Py_DECREF(text);
    Py_DECREF(args);
    Py_DECREF(method);
}

static inline PyObject *
make_probes(PyMethodDef *methods)
{
    static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, .m_name = "probes",
                                        .m_size = -1};

    module.m_methods = methods;
    return PyModule_Create(&module);
}

/* None, or the error as an exception. */
static inline PyObject *
verdict(const PyCodeObject *code, bool ok, const struct err *err)
{
    return ok ? Py_NewRef(Py_None)
              : PyErr_Format(PyExc_ValueError, "%U: %s", code->co_qualname, err->text);
}

static inline int
start_drive(void **state)
{
    char folder[] = __FILE__;
    PyObject *path;

    (void)state;
    *strrchr(folder, '/') = '\0';
    snprintf(cases_path, sizeof(cases_path), "%s/bytecode_cases.py", folder);
    PyImport_AppendInittab("probes", probes_init);
    Py_Initialize();
    path = PyUnicode_FromString(folder);
    if (!path || PyList_Insert(PySys_GetObject("path"), 0, path) < 0)
        return -1;
    Py_DECREF(path);
    PySys_SetObject("dont_write_bytecode", Py_True);
    driver = PyImport_ImportModule("bytecode_drive");
    if (!driver)
        PyErr_Print();
    return driver ? 0 : -1;
}

static inline int
stop_drive(void **state)
{
    (void)state;
    Py_CLEAR(driver);
    return Py_FinalizeEx();
}

static inline void
test_bytecode_refuses_an_unknown_version(void **state)
{
    struct bytecode_job job = {.want = BYTECODE_WANT_LINES};
    struct bytecode_code in = {.first_line = 1}, out = {.first_line = 0};
    struct err err;

    (void)state;
    assert_false(bytecode_rewrite(&in, &job, &out, &err));
    assert_non_null(strstr(err.text, "not known"));
}

/* Where the bytecode is not known, nothing else can be shown. */
static inline int
run_on_unknown(size_t n_left_out)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bytecode_refuses_an_unknown_version),
    };

    print_message("# the bytecode of Python %s is not known: %zu tests are skipped\n",
                  PY_VERSION, n_left_out);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#define RUN_DRIVE(tests, stop)                                              \
    (bytecode_is_known() ? cmocka_run_group_tests(tests, start_drive, stop) \
                         : run_on_unknown(sizeof(tests) / sizeof((tests)[0])))

#endif

#include "tests/runner/bytecode_drive.h"

#include "runner/bytecode.h"
#include "runner/bytecode_places.h"

/* The programs and what compares them are Python: bytecode_cases.py and
 * bytecode_drive.py. No probe here is ever run. */

static int
number_probe(void *arg, enum bytecode_probe kind, int line)
{
    int *n = arg;

    (void)kind, (void)line;
    return (*n)++;
}

static PyObject *
bytes_from(struct bytecode_bytes bytes)
{
    return PyBytes_FromStringAndSize((const char *)bytes.data, (Py_ssize_t)bytes.len);
}

/* [(old unit, whether it was added), ...] */
static PyObject *
list_places(const struct bytecode_places *p)
{
    PyObject *list = PyList_New(0), *item;

    for (uint32_t i = 0; list && i < p->n; i++) {
        item = Py_BuildValue("IN", bytecode_places_old(p, i),
                             PyBool_FromLong(bytecode_places_is_added(p, i)));
        if (!item || PyList_Append(list, item) < 0)
            Py_CLEAR(list);
        Py_XDECREF(item);
    }
    return list;
}

/* places(code, want) -> (code with probes' instructions, places) */
static PyObject *
probes_places(PyObject *module, PyObject *args)
{
    int n = 0;
    struct bytecode_places places = {0};
    struct bytecode_job job = {.probe = number_probe, .arg = &n, .places = &places};
    struct bytecode_code out;
    struct view v;
    struct err err = {""};
    PyObject *code, *method, *none, *parts, *new = NULL;

    (void)module;
    if (!PyArg_ParseTuple(args, "O!I", &PyCode_Type, &code, &job.want) ||
        !view_init(&v, (PyCodeObject *)code))
        return NULL;
    n = (int)PyTuple_GET_SIZE(((PyCodeObject *)code)->co_consts);
    if (!bytecode_rewrite(&v.code, &job, &out, &err))
        return PyErr_Format(PyExc_ValueError, "%R: %s", code, err.text);
    Py_DECREF(v.co_code);
    method = PyObject_GetAttrString(code, "replace");
    none = PyTuple_New(0);
    parts = Py_BuildValue("{s:N,s:N,s:N}", "co_code", bytes_from(out.code),
                          "co_linetable", bytes_from(out.linetable),
                          "co_exceptiontable", bytes_from(out.exceptiontable));
    bytecode_release(&out);
    if (method && none && parts)
        new = PyObject_Call(method, none, parts);
    Py_XDECREF(parts);
    Py_XDECREF(none);
    Py_XDECREF(method);
    if (new)
        new = Py_BuildValue("NN", new, list_places(&places));
    bytecode_places_release(&places);
    return new;
}

static PyMethodDef probes_methods[] = {
    {"places", probes_places, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyObject *
probes_init(void)
{
    return make_probes(probes_methods);
}

static void
test_bytecode_places_says_where_each_instruction_stood(void **state)
{
    (void)state;
    assert_drive("compare_places", "(si)", cases_path, BYTECODE_WANT_LINES);
    assert_drive("compare_places", "(si)", cases_path,
                 BYTECODE_WANT_LINES | BYTECODE_WANT_CALLS);
}

/* 3 units, of which the second was added in front of the third. */
static void
test_bytecode_places_goes_both_ways(void **state)
{
    uint32_t old[] = {0, 1 | BYTECODE_PLACES_ADDED, 1};
    const struct bytecode_places p = {old, 3, 3};

    (void)state;
    assert_int_equal(bytecode_places_old(&p, 1), 1);
    assert_int_equal(bytecode_places_old(&p, 2), 1);
    assert_int_equal(bytecode_places_new(&p, 1), 2);
    assert_true(bytecode_places_is_added(&p, 1));
    assert_false(bytecode_places_is_added(&p, 2));
    assert_int_equal(bytecode_places_old(&p, bytecode_places_new(&p, 7)), 7);
    assert_true(bytecode_places_new(&p, 7) >= p.n);
    assert_false(bytecode_places_is_added(&p, 7));
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bytecode_places_says_where_each_instruction_stood),
        cmocka_unit_test(test_bytecode_places_goes_both_ways),
    };

    return RUN_DRIVE(tests, stop_drive);
}

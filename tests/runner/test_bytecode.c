#include "tests/runner/bytecode_drive.h"

#include "runner/bytecode.h"

/* The programs and what compares them are Python, beside this file: bytecode_cases.py
 * and bytecode_drive.py. Here is a probe that notes what it sees. */

enum {
    LINES = BYTECODE_WANT_LINES,
    CALLS = BYTECODE_WANT_CALLS,
    BOTH = LINES | CALLS,
    SUMS = LINES | BYTECODE_WANT_SUMS
};

static PyObject *events; /* of all probes: (kind, line, code, frame) */
static PyObject *places; /* of all code: (code, line, [(place, sign), ...]) */

struct probe {
    PyObject_HEAD int kind, line;
    PyObject *code;
};

static int
probe_note(PyObject *self)
{
    struct probe *p = (struct probe *)self;
    PyObject *event = Py_BuildValue("iiOn", p->kind, p->line, p->code,
                                    (Py_ssize_t)(uintptr_t)py_frame());
    int status = event ? PyList_Append(events, event) : -1;

    Py_XDECREF(event);
    return status;
}

static int
probe_bool(PyObject *self)
{
    return probe_note(self);
}

static PyObject *
probe_invert(PyObject *self)
{
    return probe_note(self) < 0 ? NULL : Py_NewRef(self);
}

static void
probe_dealloc(PyObject *self)
{
    Py_XDECREF(((struct probe *)self)->code);
    PyObject_Free(self);
}

static PyNumberMethods probe_number = {.nb_bool = probe_bool,
                                       .nb_invert = probe_invert};

static PyTypeObject probe_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "probes.probe",
    .tp_basicsize = sizeof(struct probe),
    .tp_dealloc = probe_dealloc,
    .tp_as_number = &probe_number,
    .tp_flags = Py_TPFLAGS_DEFAULT,
};

/* One rewriting with real probes. */
struct probing {
    PyCodeObject *code;
    PyObject *consts; /* list */
};

static int
make_probe(void *arg, enum bytecode_probe kind, int line)
{
    struct probing *p = arg;
    struct probe *probe = PyObject_New(struct probe, &probe_type);
    int status;

    if (!probe)
        return -1;
    probe->kind = (int)kind;
    probe->line = line;
    probe->code = Py_NewRef(p->code);
    status = PyList_Append(p->consts, (PyObject *)probe);
    Py_DECREF(probe);
    return status < 0 ? -1 : (int)PyList_GET_SIZE(p->consts) - 1;
}

static int
make_place(void *arg, int line, const struct bytecode_term *terms, uint32_t n_terms)
{
    struct probing *p = arg;
    PyObject *list = PyList_New((Py_ssize_t)n_terms), *place = NULL;
    int status = -1;

    for (uint32_t i = 0; list && i < n_terms; i++)
        PyList_SET_ITEM(list, (Py_ssize_t)i,
                        Py_BuildValue("Ii", terms[i].place, terms[i].sign));
    if (list)
        place = Py_BuildValue("OiN", p->code, line, list);
    if (place)
        status = PyList_Append(places, place);
    Py_XDECREF(place);
    return status < 0 ? -1 : (int)PyList_GET_SIZE(places) - 1;
}

static PyObject *
bytes_from(struct bytecode_bytes bytes)
{
    return PyBytes_FromStringAndSize((const char *)bytes.data, (Py_ssize_t)bytes.len);
}

static PyObject *
replace(PyCodeObject *code, const struct bytecode_code *new, PyObject *consts)
{
    PyObject *method = PyObject_GetAttrString((PyObject *)code, "replace");
    PyObject *none = PyTuple_New(0);
    PyObject *values =
        Py_BuildValue("{s:N,s:N,s:N,s:i,s:N}", "co_code", bytes_from(new->code),
                      "co_linetable", bytes_from(new->linetable), "co_exceptiontable",
                      bytes_from(new->exceptiontable), "co_stacksize", new->stack_size,
                      "co_consts", PyList_AsTuple(consts));
    PyObject *result = NULL;

    if (method && none && values)
        result = PyObject_Call(method, none, values);
    Py_XDECREF(values);
    Py_XDECREF(none);
    Py_XDECREF(method);
    return result;
}

static PyObject *
instrument(PyCodeObject *code, unsigned want)
{
    struct probing p = {.code = code, .consts = PySequence_List(code->co_consts)};
    struct bytecode_job job = {
        .want = want, .probe = make_probe, .place = make_place, .arg = &p};
    struct bytecode_code out;
    struct view v = {0};
    struct err err = {""};
    PyObject *result = NULL;
    Py_ssize_t i;

    for (i = 0; p.consts && i < PyList_GET_SIZE(p.consts); i++) {
        PyObject *inner = PyList_GET_ITEM(p.consts, i);

        if (!PyCode_Check(inner))
            continue;
        inner = instrument((PyCodeObject *)inner, want);
        if (!inner || PyList_SetItem(p.consts, i, inner) < 0)
            goto done;
    }
    if (!p.consts || !view_init(&v, code))
        goto done;
    if (!bytecode_rewrite(&v.code, &job, &out, &err)) {
        PyErr_Format(PyExc_ValueError, "%U: %s", code->co_qualname, err.text);
        goto done;
    }
    result = replace(code, &out, p.consts);
    bytecode_release(&out);
done:
    Py_XDECREF(v.co_code);
    Py_XDECREF(p.consts);
    return result;
}

static PyObject *
probes_instrument(PyObject *module, PyObject *args)
{
    PyObject *code;
    unsigned want;

    (void)module;
    if (!PyArg_ParseTuple(args, "O!I", &PyCode_Type, &code, &want))
        return NULL;
    return instrument((PyCodeObject *)code, want);
}

static PyObject *
probes_take(PyObject *module, PyObject *unused)
{
    PyObject *taken = events;

    (void)module, (void)unused;
    events = PyList_New(0);
    return taken;
}

static PyObject *
probes_places(PyObject *module, PyObject *unused)
{
    (void)module, (void)unused;
    return Py_NewRef(places);
}

static PyMethodDef probes_methods[] = {
    {"instrument", probes_instrument, METH_VARARGS, NULL},
    {"take", probes_take, METH_NOARGS, NULL},
    {"places", probes_places, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyObject *
probes_init(void)
{
    if (PyType_Ready(&probe_type) < 0)
        return NULL;
    events = PyList_New(0);
    places = PyList_New(0);
    return make_probes(probes_methods);
}

static void
test_bytecode_counts_lines_as_settrace_does(void **state)
{
    (void)state;
    assert_drive("compare_lines", "(sI)", cases_path, LINES);
    assert_drive("compare_lines", "(sI)", cases_path, BOTH);
    assert_drive("compare_lines", "(sI)", cases_path, SUMS);
}

static void
test_bytecode_changes_no_result_with_call_probes_alone(void **state)
{
    (void)state;
    assert_drive("compare_lines", "(sI)", cases_path, CALLS);
}

static void
test_bytecode_makes_calls_that_nest(void **state)
{
    (void)state;
    assert_drive("nest", "(s)", cases_path);
}

static void
test_bytecode_leaves_settrace_its_lines(void **state)
{
    (void)state;
    assert_drive("compare_traced", "(sI)", cases_path, BOTH);
    assert_drive("compare_traced", "(sI)", cases_path, SUMS);
}

/* A signal that is handled in the first RESUME: the frame was never entered, so that no
 * one may hear that it is left. */
static void
test_bytecode_hears_nothing_of_frames_that_never_start(void **state)
{
    PyObject *starters = PyObject_CallMethod(driver, "starters", NULL);
    Py_ssize_t i;

    (void)state;
    assert_non_null(starters);
    for (i = 0; i < PyList_GET_SIZE(starters); i++) {
        PyObject *taken =
            PyObject_CallMethod(PyImport_AddModule("probes"), "take", NULL);
        PyObject *result;

        Py_XDECREF(taken);
        PyErr_SetInterrupt();
        result = PyObject_CallNoArgs(PyList_GET_ITEM(starters, i));
        assert_null(result);
        assert_true(PyErr_ExceptionMatches(PyExc_KeyboardInterrupt));
        PyErr_Clear();
        assert_int_equal(PyList_GET_SIZE(events), 0);
    }
    Py_DECREF(starters);
}

static int
end(void **state)
{
    Py_CLEAR(events);
    Py_CLEAR(places);
    return stop_drive(state);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bytecode_counts_lines_as_settrace_does),
        cmocka_unit_test(test_bytecode_changes_no_result_with_call_probes_alone),
        cmocka_unit_test(test_bytecode_makes_calls_that_nest),
        cmocka_unit_test(test_bytecode_leaves_settrace_its_lines),
        cmocka_unit_test(test_bytecode_hears_nothing_of_frames_that_never_start),
    };

    return RUN_DRIVE(tests, end);
}

#include "runner/py.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "runner/values.h"

static PyObject *globals;

static struct values_text
text_of(const char *expression)
{
    PyObject *value = PyRun_String(expression, Py_eval_input, globals, globals);
    struct values_text text;

    if (!value)
        PyErr_Print();
    assert_non_null(value);
    values_write(&text, value);
    assert_null(PyErr_Occurred());
    Py_DECREF(value);
    return text;
}

static void
assert_text(const char *expression, const char *expected)
{
    struct values_text text = text_of(expression);

    assert_string_equal(text.data, expected);
    assert_int_equal(text.len, strlen(expected));
    assert_false(text.cut);
}

static void
test_values_write_builtins_as_repr_does(void **state)
{
    static const char *const same[] = {
        "None",      "True",
        "...",       "12",
        "-1.5",      "2j",
        "'abc'",     "\"it's\"",
        "'a\\n\\t'", "b'a\\x00\\''",
        "[1, 2]",    "(1,)",
        "()",        "{}",
        "set()",     "{1: 'x'}",
        "{3}",       "[[], ()]",
        "'\\udc80'", "10**100",
        "'\\x7f'",   "frozenset({1})",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
        PyObject *value = PyRun_String(same[i], Py_eval_input, globals, globals);
        PyObject *repr = PyObject_Repr(value);
        const char *expected =
            value == Py_Ellipsis ? "Ellipsis" : PyUnicode_AsUTF8(repr);

        assert_text(same[i], expected);
        Py_DECREF(repr);
        Py_DECREF(value);
    }
}

static void
test_values_write_non_ascii_text_as_it_is(void **state)
{
    (void)state;
    assert_text("'gr\\u00fc\\u00dfe \\u6f22'", "'gr\u00fc\u00dfe \u6f22'");
    assert_text("'\\u202e'", "'\\u202e'");
}

static void
test_values_say_the_size_of_what_is_too_long(void **state)
{
    struct values_text text = text_of("'x' * 50_000_000");

    (void)state;
    assert_non_null(strstr(text.data, "(50000000)"));
    assert_true(text.len < 300);
    text = text_of("list(range(10**6))");
    assert_non_null(strstr(text.data, "1000000"));
    text = text_of("1 << 10**6");
    assert_string_equal(text.data, "<int of many digits>");
}

static void
test_values_never_write_past_their_end(void **state)
{
    struct values_text text = text_of("[['\\u6f22' * 150] * 30] * 30");

    (void)state;
    assert_true(text.cut);
    assert_true(text.len <= VALUES_TEXT_MAX);
    assert_int_equal(strlen(text.data), text.len);
}

static void
test_values_survive_a_list_in_itself(void **state)
{
    struct values_text text = text_of("loop");

    (void)state;
    assert_string_equal(text.data, "[[[[[\u2026]]]]]");
}

static void
test_values_run_no_code_of_the_program(void **state)
{
    struct values_text text = text_of("Loud()");

    (void)state;
    assert_true(text.opaque);
    assert_string_equal(text.data, "<Loud>");
    text = text_of("[Loud(), Sub([1])]");
    assert_string_equal(text.data, "[<Loud>, <Sub>]");
    assert_int_equal(PyList_Size(PyDict_GetItemString(globals, "ran")), 0);
}

static void
test_values_keep_secrets(void **state)
{
    (void)state;
    assert_true(values_is_secret("db_password"));
    assert_true(values_is_secret("API_KEY"));
    assert_false(values_is_secret("passenger"));
    assert_text("{'token': 'abc', 'n': 1}", "{'token': ***, 'n': 1}");
}

static void
test_values_leave_an_exception_on_its_way_alone(void **state)
{
    struct values_text text;

    (void)state;
    PyErr_SetString(PyExc_KeyError, "k");
    values_write(&text, Py_None);
    assert_true(PyErr_ExceptionMatches(PyExc_KeyError));
    PyErr_Clear();
}

static int
set_up(void **state)
{
    (void)state;
    Py_InitializeEx(0);
    globals = PyModule_GetDict(PyImport_AddModule("__main__"));
    return PyRun_SimpleString("ran = []\n"
                              "class Loud:\n"
                              "    def __repr__(self):\n"
                              "        ran.append(1)\n"
                              "    def __len__(self):\n"
                              "        ran.append(1)\n"
                              "class Sub(list):\n"
                              "    def __iter__(self):\n"
                              "        ran.append(1)\n"
                              "        return iter(())\n"
                              "loop = []\n"
                              "loop.append(loop)\n");
}

static int
tear_down(void **state)
{
    (void)state;
    return Py_FinalizeEx();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values_write_builtins_as_repr_does),
        cmocka_unit_test(test_values_write_non_ascii_text_as_it_is),
        cmocka_unit_test(test_values_say_the_size_of_what_is_too_long),
        cmocka_unit_test(test_values_never_write_past_their_end),
        cmocka_unit_test(test_values_survive_a_list_in_itself),
        cmocka_unit_test(test_values_run_no_code_of_the_program),
        cmocka_unit_test(test_values_keep_secrets),
        cmocka_unit_test(test_values_leave_an_exception_on_its_way_alone),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}

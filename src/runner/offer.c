#include "runner/py.h"

#include "runner/offer.h"

#include <stdio.h>
#include <string.h>

#include "runner/codes.h"
#include "runner/nearby.h"

#define NAME "ttrace"

static void
ignore_entry(struct codes_entry *e)
{
    (void)e;
}

/* It is no code of the program's. */
static void
leave_out(const char *path)
{
    char rule[PATH_MAX + 8];

    snprintf(rule, sizeof(rule), "%.*s/**", (int)(strlen(path) - strlen(".py")), path);
    codes_exclude(rule, ignore_entry, NULL);
    codes_exclude(path, ignore_entry, NULL);
}

static PyObject *
own_spec(PyObject *external)
{
    char path[PATH_MAX];

    if (!nearby_find(path, "../../lib/ttrace/python", "build/python", NAME ".py")) {
        PyErr_SetString(PyExc_ModuleNotFoundError,
                        "the module " NAME " does not lie beside the runner");
        return NULL;
    }
    if (codes_are_open())
        leave_out(path);
    return PyObject_CallMethod(external, "spec_from_file_location", "ss", NAME, path);
}

/* A folder of that name is no module if there is one elsewhere. */
static bool
has_file(PyObject *spec)
{
    PyObject *origin = spec == Py_None ? NULL : PyObject_GetAttrString(spec, "origin");
    bool has = origin && origin != Py_None;

    Py_XDECREF(origin);
    PyErr_Clear();
    return has;
}

/* What sys.path has under that name, or else ours: a new reference. */
static PyObject *
find_spec(PyObject *external)
{
    PyObject *finder = PyObject_GetAttrString(external, "PathFinder");
    PyObject *spec =
        finder ? PyObject_CallMethod(finder, "find_spec", "s", NAME) : NULL;

    Py_XDECREF(finder);
    if (spec && !has_file(spec))
        Py_SETREF(spec, own_spec(external));
    return spec;
}

static bool
copy(PyObject *module, const char *name, PyObject *spec, const char *from)
{
    PyObject *value = PyObject_GetAttrString(spec, from);
    bool ok =
        value && (value == Py_None || PyObject_SetAttrString(module, name, value) == 0);

    Py_XDECREF(value);
    return ok;
}

/* Makes the module what it would be without being a builtin one. */
static int
fill(PyObject *module)
{
    PyObject *external = PyImport_ImportModule("_frozen_importlib_external");
    PyObject *spec = external ? find_spec(external) : NULL, *loader = NULL,
             *done = NULL;

    if (spec && PyObject_SetAttrString(module, "__spec__", spec) == 0 &&
        copy(module, "__file__", spec, "origin") &&
        copy(module, "__loader__", spec, "loader") &&
        copy(module, "__path__", spec, "submodule_search_locations"))
        loader = PyObject_GetAttrString(spec, "loader");
    if (loader)
        done = PyObject_CallMethod(loader, "exec_module", "O", module);
    Py_XDECREF(done);
    Py_XDECREF(loader);
    Py_XDECREF(spec);
    Py_XDECREF(external);
    return done ? 0 : -1;
}

static PyModuleDef_Slot slots[] = {{Py_mod_exec, (void *)fill}, {0, NULL}};
static PyModuleDef definition = {PyModuleDef_HEAD_INIT, .m_name = NAME,
                                 .m_slots = slots};

static PyObject *
init(void)
{
    return PyModuleDef_Init(&definition);
}

void
offer_module(void)
{
    PyImport_AppendInittab(NAME, init);
}

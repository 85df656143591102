#include "module/output.h"

#include "module/version.h"

static bool
is_up_to_date(const struct output *o, const struct interp *in)
{
    return version_is(o->of_builtins, in->builtins) && version_is(o->of_sys, in->sys) &&
           (!o->dict || version_is(o->of_file, o->dict));
}

/* A program may have given the file a write() of its own. */
static void
look_at_file(struct output *o, const struct interp *in)
{
    PyObject *dict = PyObject_GenericGetDict(o->file, NULL);

    if (dict) {
        o->dict = dict;
        o->of_file = version_take(in, dict);
        if (PyDict_Contains(dict, in->names.write) == 0)
            o->write = in->text_write;
        Py_DECREF(dict);
    }
}

void
output_look(struct output *o, const struct interp *in)
{
    PyObject *print, *file = NULL;

    if (is_up_to_date(o, in))
        return;
    *o = (struct output){
        .of_builtins = version_take(in, in->builtins),
        .of_sys = version_take(in, in->sys),
    };
    print = PyDict_GetItemWithError(in->builtins, in->names.print);
    if (print && print == in->print)
        file = PyDict_GetItemWithError(in->sys, in->names.stdout);
    if (file && file != Py_None)
        o->file = file;
    if (o->file && Py_IS_TYPE(o->file, in->text_file))
        look_at_file(o, in);
    PyErr_Clear();
}

bool
output_put(const struct output *o, const struct interp *in, PyObject *text)
{
    PyObject *args[] = {NULL, o->file, text}, *result;

    if (o->write)
        result = o->write(o->file, text);
    else
        result = PyObject_VectorcallMethod(in->names.write, args + 1,
                                           2 | PY_VECTORCALL_ARGUMENTS_OFFSET, NULL);
    Py_XDECREF(result);
    return result != NULL;
}

bool
output_put_nothing(const struct output *o, const struct interp *in)
{
    return o->write || output_put(o, in, in->nothing);
}

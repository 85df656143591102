#include "runner/py.h"

#include "runner/twin.h"

#include <stdlib.h>

#include "runner/codes.h"

/* co_extra: of a twin the struct, of an origin its twin, or an odd number: the
 * generation of the rules by which it has none. */
static Py_ssize_t twin_index = -1, made_index = -1;

static void *
extra(PyCodeObject *co, Py_ssize_t index)
{
    void *data = NULL;

    py_get_extra(co, index, &data);
    return data;
}

static void *
none(void)
{
    return (void *)((uintptr_t)codes_generation() << 1 | 1);
}

/* Called for every code object that goes and has data of anybody's. The twin itself is
 * gone: only its address is compared. */
static void
drop_twin(void *data)
{
    struct twin *t = data;
    struct twin *latest;
    PyCodeObject *made;

    if (!t)
        return;
    made = extra(t->origin, made_index);
    latest = made && !((uintptr_t)made & 1) ? extra(made, twin_index) : NULL;
    if (latest == t)
        py_set_extra(t->origin, made_index, NULL);
    Py_DECREF(t->origin);
    bytecode_places_release(&t->places);
    free(t);
}

bool
twin_start(void)
{
    made_index = py_new_extra(NULL);
    twin_index = py_new_extra(drop_twin);
    return made_index >= 0 && twin_index >= 0;
}

struct twin *
twin_get(PyCodeObject *made)
{
    return extra(made, twin_index);
}

PyCodeObject *
twin_origin(PyCodeObject *co)
{
    const struct twin *t = extra(co, twin_index);

    return t ? t->origin : co;
}

PyCodeObject *
twin_of(PyCodeObject *co)
{
    void *made = extra(co, made_index);

    if ((uintptr_t)made & 1)
        return made == none() ? co : NULL;
    return made;
}

struct twin *
twin_join(PyCodeObject *co, PyCodeObject *made)
{
    struct twin *t = calloc(1, sizeof(*t));

    if (!t)
        return NULL;
    t->origin = (PyCodeObject *)Py_NewRef(co);
    t->generation = codes_generation();
    if (py_set_extra(made, twin_index, t) < 0) {
        PyErr_Clear();
        Py_DECREF(co);
        free(t);
        return NULL;
    }
    if (py_set_extra(co, made_index, made) < 0)
        PyErr_Clear();
    return t;
}

void
twin_none(PyCodeObject *co)
{
    if (py_set_extra(co, made_index, none()) < 0)
        PyErr_Clear();
}

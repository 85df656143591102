#include "module/version.h"

#if VERSION_BY_WATCHING

atomic_uint_fast64_t version_n_changes = 1;

static int
note_change(PyDict_WatchEvent event, PyObject *dict, PyObject *key, PyObject *value)
{
    (void)event;
    (void)dict;
    (void)key;
    (void)value;
    atomic_fetch_add_explicit(&version_n_changes, 1, memory_order_relaxed);
    return 0;
}

void
version_init(struct interp *in)
{
    in->watcher = PyDict_AddWatcher(note_change) + 1;
    PyErr_Clear();
}

/* Without data of ours: the dicts keep the number of the watcher, which may become
 * somebody else's, but it is only told of changes more than it asked for. */
void
version_release(struct interp *in)
{
    if (in->watcher > 0 && PyDict_ClearWatcher(in->watcher - 1) < 0)
        PyErr_Clear();
    in->watcher = 0;
}

uint64_t
version_take(const struct interp *in, PyObject *dict)
{
    if (in->watcher > 0 && PyDict_Watch(in->watcher - 1, dict) == 0)
        return atomic_load_explicit(&version_n_changes, memory_order_relaxed);
    PyErr_Clear();
    return 0;
}

#else

void
version_init(struct interp *in)
{
    in->watcher = 0;
}

void
version_release(struct interp *in)
{
    (void)in;
}

uint64_t
version_take(const struct interp *in, PyObject *dict)
{
    (void)in;
    return ((PyDictObject *)dict)->ma_version_tag;
}

#endif

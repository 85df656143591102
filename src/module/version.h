/* Versions of dicts: numbers by which one knows that a dict is as it was, without
 * looking anything up in it. 3.11 counts for each dict; from 3.12 on dicts can be
 * watched, and one number changes with any of those that are. 0 is the version of none.
 */
#ifndef MODULE_VERSION_H
#define MODULE_VERSION_H

#include <stdatomic.h>

#include "module/interp.h"

#define VERSION_BY_WATCHING (PY_VERSION_HEX >= 0x030c0000)

/* Begins and ends watching. No exception: there may be too many that watch. */
void version_init(struct interp *in);
void version_release(struct interp *in);

/* The version that the dict has now, to be compared with later ones; 0: it has none. */
uint64_t version_take(const struct interp *in, PyObject *dict);

#if VERSION_BY_WATCHING
/* Global, since who watches is told nothing but the dict. */
extern atomic_uint_fast64_t version_n_changes;
#endif

/* Whether the dict is as it was when `taken` was. */
static inline bool
version_is(uint64_t taken, PyObject *dict)
{
#if VERSION_BY_WATCHING
    (void)dict;
    return taken == atomic_load_explicit(&version_n_changes, memory_order_relaxed);
#else
    return taken == ((PyDictObject *)dict)->ma_version_tag;
#endif
}

#endif

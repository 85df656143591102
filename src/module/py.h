/* This room's door for Python.h. All goes by the public API, so that the extension
 * builds for versions that nobody has heard of yet. The one exception are the frame
 * objects of 3.11 and 3.12, which do not change any more: there a field without an API
 * decides what a program sees in frame.f_locals. */
#ifndef MODULE_PY_H
#define MODULE_PY_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdbool.h>

#ifdef Py_GIL_DISABLED
#error "free-threaded builds of Python are not supported: counters have one writer"
#endif

#define PY_HAS_FAST_LOCALS (PY_VERSION_HEX < 0x030d0000)

#if PY_HAS_FAST_LOCALS
#include <frameobject.h>
#define Py_BUILD_CORE 1
#include <internal/pycore_frame.h>
#undef Py_BUILD_CORE
#endif

/* Data of ours on code objects (PEP 523), under the names of 3.12. */
#if PY_VERSION_HEX >= 0x030c0000
#define py_new_extra PyUnstable_Eval_RequestCodeExtraIndex
#define py_get_extra(co, i, out) PyUnstable_Code_GetExtra((PyObject *)(co), i, out)
#define py_set_extra(co, i, data) PyUnstable_Code_SetExtra((PyObject *)(co), i, data)
#else
#define py_new_extra _PyEval_RequestCodeExtraIndex
#define py_get_extra(co, i, out) _PyCode_GetExtra((PyObject *)(co), i, out)
#define py_set_extra(co, i, data) _PyCode_SetExtra((PyObject *)(co), i, data)
#endif

#endif

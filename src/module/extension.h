/* The extension module ttrace._tracer. */
#ifndef MODULE_EXTENSION_H
#define MODULE_EXTENSION_H

#include "module/py.h"

extern struct PyModuleDef extension_definition;

#endif

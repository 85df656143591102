/* Prints what --trace prints, as print() would: to what sys.stdout is at that moment,
 * and in as many writes, so that what is written past it comes at the same places. */
#ifndef MODULE_PRINTER_H
#define MODULE_PRINTER_H

#include "module/tracer.h"

/* The line at a call. 0, or -1 with an exception. */
int printer_header(struct tracer *t, PyCodeObject *code, PyObject *module);

/* The line before it runs; -1: one without a number. */
int printer_line(struct tracer *t, struct files_file *file, int line);

#endif

/* Prints the lines of the program as they run, as `python -m trace --trace` does: to
 * sys.stdout as it is at that moment, through whatever the program has put there, so
 * that they stand in order with what the program prints. */
#ifndef RUNNER_PRINTER_H
#define RUNNER_PRINTER_H

#include "runner/py.h"

#include <stdbool.h>

#include "base/err.h"
#include "runner/codes.h"

/* `times`: seconds since now stand in front of each line. */
bool printer_start(bool times, struct err *err);

/* A frame begins or goes on; a line begins. 0, or -1 with the exception that printing
 * raised, after which nothing is printed any more: it is the program's, at that line. A
 * line that runs because of a print, in a sys.stdout of the program's own, is not
 * printed. */
int printer_call(const struct codes_entry *e);
int printer_line(const struct codes_entry *e, uint32_t line, lines_id id);

/* Whether the calling thread prints just now, so that what runs is nobody's line. */
bool printer_is_busy(void);

#endif

/* The text of --help, made from the table of options. */
#ifndef CLI_ARGV_HELP_H
#define CLI_ARGV_HELP_H

#include "base/buf.h"

/* Appends it. */
void argv_help(struct buf *out);

#endif

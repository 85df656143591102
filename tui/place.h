/* Where something is in the source, in as few words as will do. */
#ifndef TUI_PLACE_H
#define TUI_PLACE_H

#include <stdint.h>

#include "base/buf.h"
#include "session/reader.h"

/* Appends a file's path, from the program's folder on where it lies there. */
void place_add_file(const struct reader *r, files_id file, struct buf *out);

/* "orders/price.py:31" */
void place_add(const struct reader *r, files_id file, uint32_t line, struct buf *out);

/* The qualified name of a function; for a module's body, which module it is, too. */
void place_add_name(const struct reader *r, codes_id code, struct buf *out);

#endif

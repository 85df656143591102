/* Files, read whole and written so that a failure leaves the old one. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

/* Reads a regular file of at most `max_len` bytes into `out` (appended). Never blocks
 * on a FIFO or a device: they are refused. */
bool file_read(const char *path, size_t max_len, struct buf *out, struct err *err);

/* Writes beside, then renames: `path` holds either its old bytes or all of the new
 * ones. Never follows a symbolic link at `path`, never writes into a FIFO or a device.
 */
bool file_write(const char *path, const void *bytes, size_t len, struct err *err);

/* Makes a folder and those above it; one that exists is fine. */
bool file_make_dir(const char *path, struct err *err);

#endif

/* Text in lines of a given width. */
#ifndef CLI_WRAP_H
#define CLI_WRAP_H

#include "base/buf.h"

/* Appends the words of `text`, in lines of at most `cols` columns where the words allow
 * it. The first line goes on from column `at`; the others begin with `indent`. No
 * newline behind the last. Bytes are counted as columns. */
void wrap_add(struct buf *out, const char *text, size_t at, const char *indent,
              size_t cols);

#endif

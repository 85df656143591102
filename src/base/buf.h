/* A growing string of bytes, always NUL-terminated. Zeroed memory is an empty one. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stddef.h>

#include "base/attr.h"

struct buf {
    char *data; /* NULL while empty and never used */
    size_t len;
    size_t cap;
};

void buf_release(struct buf *b);
void buf_clear(struct buf *b); /* keeps the memory */
void buf_add(struct buf *b, const void *bytes, size_t len);
void buf_add_str(struct buf *b, const char *s);
void buf_add_char(struct buf *b, char c);
void buf_printf(struct buf *b, const char *fmt, ...) ATTR_PRINTF(2, 3);

/* The text; "" when empty. Borrowed until the next change. */
const char *buf_str(const struct buf *b);

/* The text, now the caller's to free; the buffer is empty again. */
char *buf_take(struct buf *b);

/* The line at `*at`, of `*len` bytes without its end; NULL behind the last. Moves `*at`
 * to the next one. */
const char *buf_line(const char **at, size_t *len);

#endif

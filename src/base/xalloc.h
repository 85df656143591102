/* Memory for the front-end: never NULL. When there is none left, the die hook puts the
 * terminal back and the program ends with status 1. The runner does not use it. */
#ifndef BASE_XALLOC_H
#define BASE_XALLOC_H

#include <stddef.h>

#include "base/attr.h"

/* Called with the sentence before the program ends; NULL takes the hook away. */
void xalloc_on_die(void (*hook)(void));

/* Zeroed memory for `n` items of `size` bytes. Free it with free(). */
void *xalloc_array(size_t n, size_t size);

#define XALLOC_NEW(type) ((type *)xalloc_array(1, sizeof(type)))

/* Makes room for at least `want` items; `*cap` is in items and grows by half. New
 * memory is not zeroed. Returns the array's new place. */
void *xalloc_grow(void *array, size_t *cap, size_t want, size_t size);

/* A copy of a string. xalloc_copy(NULL) is NULL. */
char *xalloc_copy(const char *s);
char *xalloc_copy_n(const char *s, size_t len);

/* A formatted string on the heap. */
char *xalloc_printf(const char *fmt, ...) ATTR_PRINTF(1, 2);

/* Runs the die hook, prints the sentence to stderr and ends with status 1. */
void xalloc_die(const char *fmt, ...) ATTR_PRINTF(1, 2) ATTR_NORETURN;

#endif

#include "base/xalloc.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void (*die_hook)(void);

void
xalloc_on_die(void (*hook)(void))
{
    die_hook = hook;
}

void
xalloc_die(const char *fmt, ...)
{
    va_list ap;

    if (die_hook)
        die_hook();
    fputs("ttrace: ", stderr);
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fputc('\n', stderr);
    exit(1);
}

void *
xalloc_array(size_t n, size_t size)
{
    void *p = calloc(n ? n : 1, size ? size : 1);

    if (!p)
        xalloc_die("out of memory for %zu items of %zu bytes", n, size);
    return p;
}

void *
xalloc_grow(void *array, size_t *cap, size_t want, size_t size)
{
    size_t n = *cap + *cap / 2;
    void *p;

    if (want <= *cap && array)
        return array;
    if (n < want)
        n = want;
    if (n < 8)
        n = 8;
    if (n > SIZE_MAX / size || !(p = realloc(array, n * size)))
        xalloc_die("out of memory for %zu items of %zu bytes", n, size);
    *cap = n;
    return p;
}

char *
xalloc_copy_n(const char *s, size_t len)
{
    char *p = xalloc_array(len + 1, 1);

    memcpy(p, s, len);
    return p;
}

char *
xalloc_copy(const char *s)
{
    return s ? xalloc_copy_n(s, strlen(s)) : NULL;
}

char *
xalloc_printf(const char *fmt, ...)
{
    va_list ap;
    char *p;
    int len;

    va_start(ap, fmt);
    len = vasprintf(&p, fmt, ap);
    va_end(ap);
    if (len < 0)
        xalloc_die("no memory to format '%s'", fmt);
    return p;
}

/* A growing list of strings that can stand as an argument vector. Zeroed memory is an
 * empty one. */
#ifndef CLI_TEXTS_H
#define CLI_TEXTS_H

#include <stdbool.h>
#include <stddef.h>

struct texts {
    char **items; /* NULL behind the last; NULL itself while never used */
    size_t n;
    size_t cap;
};

void texts_release(struct texts *t);
void texts_add(struct texts *t, const char *text); /* copied */
void texts_take(struct texts *t, char *text);      /* from the heap; freed here */
bool texts_has(const struct texts *t, const char *text);

/* Adds the pieces between the separators but for the empty ones. */
void texts_split(struct texts *t, const char *text, char separator);

/* The argument vector; never NULL. Borrowed until the next change. */
char *const *texts_argv(const struct texts *t);

#endif

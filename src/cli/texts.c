#include "cli/texts.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

void
texts_release(struct texts *t)
{
    for (size_t i = 0; i < t->n; i++)
        free(t->items[i]);
    free(t->items);
    *t = (struct texts){0};
}

void
texts_take(struct texts *t, char *text)
{
    t->items = xalloc_grow(t->items, &t->cap, t->n + 2, sizeof(*t->items));
    t->items[t->n++] = text;
    t->items[t->n] = NULL;
}

void
texts_add(struct texts *t, const char *text)
{
    texts_take(t, xalloc_copy(text));
}

bool
texts_has(const struct texts *t, const char *text)
{
    for (size_t i = 0; i < t->n; i++)
        if (strcmp(t->items[i], text) == 0)
            return true;
    return false;
}

void
texts_split(struct texts *t, const char *text, char separator)
{
    while (*text) {
        const char *end = strchr(text, separator);
        size_t len = end ? (size_t)(end - text) : strlen(text);

        if (len > 0)
            texts_take(t, xalloc_copy_n(text, len));
        text += len + (end != NULL);
    }
}

char *const *
texts_argv(const struct texts *t)
{
    static char *const none[] = {NULL};

    return t->items ? t->items : none;
}

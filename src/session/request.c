#include "session/request.h"

#include <stddef.h>
#include <string.h>

static const struct {
    const char *word;
    unsigned flag;
} flags[] = {
    {"count", REQUEST_COUNT},     {"functions", REQUEST_FUNCTIONS},
    {"callers", REQUEST_CALLERS}, {"missing", REQUEST_MISSING},
    {"summary", REQUEST_SUMMARY}, {"quiet", REQUEST_QUIET},
};

static const struct {
    const char *name; /* with its "=" */
    size_t offset;
} values[] = {
    {"coverdir=", offsetof(struct request, cover_dir)},
    {"file=", offsetof(struct request, counts)},
    {"tracer=", offsetof(struct request, tracer)},
};

static void
take(struct request *r, const char *word)
{
    for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
        if (strcmp(word, flags[i].word) == 0)
            r->flags |= flags[i].flag;
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        size_t len = strlen(values[i].name);
        const char *value = word + len;

        if (strncmp(word, values[i].name, len) == 0)
            memcpy((char *)r + values[i].offset, &value, sizeof(value));
    }
}

struct request
request_parse(const char *text, size_t len)
{
    struct request r = {.tracer = "trace.py"};

    for (const char *end = text + len; text < end; text += strlen(text) + 1)
        take(&r, text);
    return r;
}

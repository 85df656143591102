/* The encoding of a Python source: found as the tokenizer finds it, from a byte order
 * mark or a coding cookie in one of the first two lines. */
#ifndef REPORT_ENCODING_H
#define REPORT_ENCODING_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

#define ENCODING_NAME_MAX 64

enum encoding_kind {
    ENCODING_UTF8,
    ENCODING_LATIN1, /* and what cannot be converted here: bytes stay as they are */
    ENCODING_OTHER,  /* by iconv */
};

struct encoding {
    enum encoding_kind kind;
    bool mark;                    /* begins with a byte order mark */
    char name[ENCODING_NAME_MAX]; /* iconv's name, for ENCODING_OTHER */
};

void encoding_detect(struct encoding *e, const char *bytes, size_t len);

/* Whether the bytes are UTF-8, as strictly as Python takes it. */
bool encoding_is_utf8(const char *bytes, size_t len);

/* Appends the text behind the byte order mark as UTF-8. False: it is not in that
 * encoding, and nothing was appended. */
bool encoding_decode(const struct encoding *e, const char *bytes, size_t len,
                     struct buf *out);

/* The way back; with the mark if there was one. Characters the encoding does not have
 * become question marks. */
void encoding_encode(const struct encoding *e, const char *text, size_t len,
                     struct buf *out);

#endif

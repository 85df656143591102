/* Python's words, line by line: for colours, and for knowing which lines are strings
 * where a docstring could stand. Understands what any Python 3 accepts, nested
 * f-strings included, and takes what none would accept without stumbling. */
#ifndef REPORT_LEXER_H
#define REPORT_LEXER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LEXER_NEST_MAX 12 /* strings inside fields of strings; deeper ones are text */

enum lexer_kind {
    LEXER_NAME,
    LEXER_KEYWORD,
    LEXER_SOFT_KEYWORD, /* match, case, type, where they are meant so */
    LEXER_BUILTIN,
    LEXER_FUNCTION, /* the name behind def */
    LEXER_CLASS,    /* the name behind class */
    LEXER_DECORATOR,
    LEXER_NUMBER,
    LEXER_STRING,
    LEXER_COMMENT,
    LEXER_OPERATOR,
};

struct lexer_span {
    uint32_t at; /* bytes from the start of the line */
    uint32_t len;
    uint8_t kind; /* enum lexer_kind */
};

/* What a line is part of, besides its words. */
enum lexer_line_flag {
    LEXER_DOC = 1,   /* a string at the start of the file or of a block, no f-string */
    LEXER_DOC_F = 2, /* an f-string there: a string token up to Python 3.11 */
};

struct lexer_nest { /* a string, or a replacement field of the string below it */
    uint8_t quote;  /* 0 for a field */
    uint8_t flags;
    uint16_t depth; /* open brackets inside a field */
};

/* The state between two lines. Zeroed memory is the start of a file. */
struct lexer {
    uint32_t indent; /* of the last logical line */
    uint32_t depth;  /* open brackets outside strings */
    uint8_t started; /* any token was there */
    uint8_t inside;  /* a logical line goes on */
    uint8_t doc;     /* enum lexer_line_flag of the string that is open */
    uint8_t first;   /* what its first word may be */
    uint8_t before;  /* what the last word means for the next */
    uint8_t n_nests;
    struct lexer_nest nests[LEXER_NEST_MAX];
};

/* The words of a line; grows as needed and is used again. */
struct lexer_line {
    struct lexer_span *spans; /* in order; blanks are in none */
    size_t n;
    size_t cap;
    unsigned flags; /* enum lexer_line_flag */
};

void lexer_line_release(struct lexer_line *line);

/* Takes the next line, without its end. `line` may be NULL when only the state matters;
 * the flags are returned. */
unsigned lexer_take(struct lexer *x, const char *text, size_t len,
                    struct lexer_line *line);

#endif

/* A line is lexed from the state before it. Most of that state is the nest: the strings
 * and replacement fields that are open, a field inside the string it belongs to. Where
 * the innermost is a string, or a field behind its colon, text is scanned; else words
 * are.
 *
 * Up to Python 3.11 an f-string is one token and fields are found later; what those
 * versions accept ends at the same quote either way. */
#include "report/lexer.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "report/words.h"

enum nest_flag {
    TRIPLE = 1,
    RAW = 2,
    FORMAT = 4, /* has replacement fields */
    SPEC = 8    /* a field, behind its colon */
};

enum first {                    /* bits of lexer.first */
             FIRST = 1,         /* no word of the logical line was there yet, */
             FIRST_OF_BLOCK = 2 /* and it begins a block, or the file */
};

enum before { NOTHING, AFTER_DEF, AFTER_CLASS, AFTER_DOT, IN_DECORATOR };

struct scan {
    struct lexer *x;
    const char *s;
    size_t len;
    size_t at;
    struct lexer_line *line; /* NULL: nobody wants the words */
    unsigned flags;
};

/* The character `ahead` of the place, NUL behind the end. */
static char
peek(const struct scan *c, size_t ahead)
{
    return c->at + ahead < c->len ? c->s[c->at + ahead] : '\0';
}

static void
emit(struct scan *c, size_t from, size_t to, enum lexer_kind kind)
{
    struct lexer_line *line = c->line;

    if (!line || from == to)
        return;
    line->spans =
        xalloc_grow(line->spans, &line->cap, line->n + 1, sizeof(*line->spans));
    line->spans[line->n++] = (struct lexer_span){
        .at = (uint32_t)from,
        .len = (uint32_t)(to - from),
        .kind = (uint8_t)kind,
    };
}

static void
take_as(struct scan *c, size_t to, enum lexer_kind kind)
{
    emit(c, c->at, to, kind);
    c->at = to;
}

/* The nest. */

static struct lexer_nest *
innermost(struct lexer *x)
{
    return x->n_nests ? &x->nests[x->n_nests - 1] : NULL;
}

static bool
is_text(const struct lexer_nest *n)
{
    return n && (n->quote || n->flags & SPEC);
}

static bool
push(struct lexer *x, struct lexer_nest nest)
{
    if (x->n_nests == LEXER_NEST_MAX)
        return false;
    x->nests[x->n_nests++] = nest;
    return true;
}

static void
pop(struct lexer *x)
{
    x->n_nests--;
    if (!x->n_nests)
        x->doc = 0;
}

/* The string that the innermost text is in. */
static const struct lexer_nest *
text_string(const struct lexer *x)
{
    const struct lexer_nest *n = &x->nests[x->n_nests - 1];

    while (!n->quote)
        n--;
    return n;
}

static void
pop_string(struct lexer *x)
{
    while (!x->nests[x->n_nests - 1].quote)
        pop(x);
    pop(x);
}

/* Text of strings. */

/* Length of what a backslash takes along. */
static size_t
escape_len(const struct scan *c, const struct lexer_nest *string)
{
    const char *end;

    if (!(string->flags & FORMAT))
        return 2;
    if (peek(c, 1) == '{' || peek(c, 1) == '}')
        return 1;
    if (string->flags & RAW || peek(c, 1) != 'N' || peek(c, 2) != '{')
        return 2;
    end = memchr(c->s + c->at, '}', c->len - c->at);
    return end ? (size_t)(end - c->s) + 1 - c->at : 2;
}

static bool
is_end(const struct scan *c, const struct lexer_nest *string)
{
    char q = (char)string->quote;

    if (peek(c, 0) != q)
        return false;
    return !(string->flags & TRIPLE) || (peek(c, 1) == q && peek(c, 2) == q);
}

static void
open_field(struct scan *c, size_t from)
{
    emit(c, from, c->at, LEXER_STRING);
    if (push(c->x, (struct lexer_nest){0}))
        take_as(c, c->at + 1, LEXER_OPERATOR);
    else
        take_as(c, c->at + 1, LEXER_STRING);
}

/* At a brace in text. True when the text ends here, and its end is taken. */
static bool
take_brace(struct scan *c, size_t from)
{
    const struct lexer_nest *n = innermost(c->x);
    bool in_spec = n->flags & SPEC;
    char brace = peek(c, 0);

    if (!in_spec && peek(c, 1) == brace) {
        c->at += 2;
        return false;
    }
    if (brace == '{') {
        open_field(c, from);
        return true;
    }
    if (!in_spec) {
        c->at++;
        return false;
    }
    emit(c, from, c->at, LEXER_STRING);
    take_as(c, c->at + 1, LEXER_OPERATOR);
    pop(c->x);
    return true;
}

static void
take_text(struct scan *c)
{
    const struct lexer_nest *string = text_string(c->x);
    size_t from = c->at;
    bool goes_on = string->flags & TRIPLE;

    while (c->at < c->len) {
        if (is_end(c, string)) {
            c->at += string->flags & TRIPLE ? 3 : 1;
            emit(c, from, c->at, LEXER_STRING);
            pop_string(c->x);
            return;
        }
        if (peek(c, 0) == '\\') {
            goes_on |= c->at + 1 == c->len;
            c->at += escape_len(c, string);
        } else if (string->flags & FORMAT && (peek(c, 0) == '{' || peek(c, 0) == '}')) {
            if (take_brace(c, from))
                return;
        } else {
            c->at++;
        }
    }
    c->at = c->len;
    emit(c, from, c->at, LEXER_STRING);
    if (!goes_on)
        pop_string(c->x);
}

static void
take_string(struct scan *c, size_t prefix_len, int prefix)
{
    struct lexer *x = c->x;
    char quote = peek(c, prefix_len);
    size_t from = c->at;
    unsigned flags = 0, doc = 0;

    if (prefix & WORDS_RAW)
        flags |= RAW;
    if (prefix & WORDS_FORMAT)
        flags |= FORMAT;
    if (x->first & FIRST_OF_BLOCK)
        doc = flags & FORMAT ? LEXER_DOC_F : LEXER_DOC;
    x->first = 0;
    x->before = NOTHING;
    c->at += prefix_len + 1;
    if (peek(c, 0) == quote && peek(c, 1) == quote) {
        c->at += 2;
        flags |= TRIPLE;
    }
    emit(c, from, c->at, LEXER_STRING);
    c->flags |= doc;
    if (push(x, (struct lexer_nest){(uint8_t)quote, (uint8_t)flags, 0}) && doc)
        x->doc = (uint8_t)doc;
}

/* Words. */

static size_t
skip_blanks(const struct scan *c, size_t at)
{
    while (at < c->len && (c->s[at] == ' ' || c->s[at] == '\t' || c->s[at] == '\f'))
        at++;
    return at;
}

/* Whether the line ends with a colon, a comment aside: good enough for what only
 * decides about a colour. */
static bool
has_colon_end(const struct scan *c)
{
    const char *hash = memchr(c->s + c->at, '#', c->len - c->at);
    size_t ends[2] = {c->len, hash ? (size_t)(hash - c->s) : c->len};

    for (int i = 0; i < 2; i++) {
        size_t end = ends[i];

        while (end > c->at && isspace((unsigned char)c->s[end - 1]))
            end--;
        if (end > c->at && c->s[end - 1] == ':')
            return true;
    }
    return false;
}

/* A name that begins a statement: whether it is match, case or type as a keyword. */
static bool
is_soft_keyword(const struct scan *c, size_t end)
{
    const char *word = c->s + c->at;
    size_t next = skip_blanks(c, end);
    char after = next < c->len ? c->s[next] : '\0';

    if (end - c->at == 4 && !memcmp(word, "type", 4)) {
        if (next == end || !words_is_name_start(after))
            return false;
        while (next < c->len && words_is_name_char(c->s[next]))
            next++;
        next = skip_blanks(c, next);
        return next < c->len && (c->s[next] == '=' || c->s[next] == '[');
    }
    if ((end - c->at != 5 || memcmp(word, "match", 5) != 0) &&
        (end - c->at != 4 || memcmp(word, "case", 4) != 0))
        return false;
    return after && !strchr("=.,:)]};+/%&|^<>@!#", after) && has_colon_end(c);
}

static bool
is_builtin(const struct scan *c, size_t end)
{
    size_t next = skip_blanks(c, end);
    bool is_argument = (c->x->depth || c->x->n_nests) && next < c->len &&
                       c->s[next] == '=' &&
                       (next + 1 == c->len || c->s[next + 1] != '=');

    return !is_argument && words_is_builtin(c->s + c->at, end - c->at);
}

static enum lexer_kind
name_kind(const struct scan *c, size_t end)
{
    const struct lexer *x = c->x;

    switch ((enum before)x->before) {
    case IN_DECORATOR:
        return LEXER_DECORATOR;
    case AFTER_DEF:
        return LEXER_FUNCTION;
    case AFTER_CLASS:
        return LEXER_CLASS;
    case AFTER_DOT:
    case NOTHING:
        break;
    }
    if (words_is_keyword(c->s + c->at, end - c->at))
        return LEXER_KEYWORD;
    if (x->before == AFTER_DOT)
        return LEXER_NAME;
    if (x->first & FIRST && is_soft_keyword(c, end))
        return LEXER_SOFT_KEYWORD;
    return is_builtin(c, end) ? LEXER_BUILTIN : LEXER_NAME;
}

static void
take_name(struct scan *c)
{
    struct lexer *x = c->x;
    const char *word = c->s + c->at;
    size_t end = c->at, len;
    enum lexer_kind kind;
    int prefix;

    while (end < c->len && words_is_name_char(c->s[end]))
        end++;
    len = end - c->at;
    if (end < c->len && (c->s[end] == '"' || c->s[end] == '\'')) {
        prefix = words_string_prefix(word, len);
        if (prefix >= 0) {
            take_string(c, len, prefix);
            return;
        }
    }
    kind = name_kind(c, end);
    if (kind == LEXER_KEYWORD && len == 3 && !memcmp(word, "def", 3))
        x->before = AFTER_DEF;
    else if (kind == LEXER_KEYWORD && len == 5 && !memcmp(word, "class", 5))
        x->before = AFTER_CLASS;
    else if (kind != LEXER_DECORATOR)
        x->before = NOTHING;
    x->first = 0;
    take_as(c, end, kind);
}

/* Brackets, and what ends or divides a field. */
static void
take_operator(struct scan *c)
{
    struct lexer *x = c->x;
    struct lexer_nest *field = innermost(x);
    uint32_t depth = field ? field->depth : x->depth;
    char o = peek(c, 0);

    if (o == '@' && x->first & FIRST) {
        x->before = IN_DECORATOR;
        x->first = 0;
        take_as(c, c->at + 1, LEXER_DECORATOR);
        return;
    }
    if (field && !depth && o == ':')
        field->flags |= SPEC;
    if (o == '(' || o == '[' || o == '{')
        depth += depth < UINT16_MAX;
    else if ((o == ')' || o == ']' || o == '}') && depth)
        depth--;
    else if (field && o == '}')
        pop(x);
    if (field)
        field->depth = (uint16_t)depth;
    else
        x->depth = depth;
    if (o != '.')
        x->before = NOTHING;
    else if (x->before != IN_DECORATOR)
        x->before = AFTER_DOT;
    x->first = 0;
    take_as(c, c->at + 1, LEXER_OPERATOR);
}

/* True if the line goes on behind its end. */
static bool
take_word(struct scan *c)
{
    char o = peek(c, 0);

    if (o == ' ' || o == '\t' || o == '\f') {
        c->at++;
    } else if (o == '#') {
        take_as(c, c->len, LEXER_COMMENT);
    } else if (o == '\\' && c->at + 1 == c->len) {
        c->at++;
        return true;
    } else if (o == '"' || o == '\'') {
        take_string(c, 0, 0);
    } else if (words_is_name_start(o)) {
        take_name(c);
    } else if (isdigit((unsigned char)o) ||
               (o == '.' && isdigit((unsigned char)peek(c, 1)))) {
        c->x->first = 0;
        c->x->before = NOTHING;
        take_as(c, c->at + words_number_len(c->s + c->at, c->len - c->at),
                LEXER_NUMBER);
    } else {
        take_operator(c);
    }
    return false;
}

/* Lines. */

/* Measures the indentation. True if there is code on the line. */
static bool
begin_line(struct scan *c)
{
    struct lexer *x = c->x;
    uint32_t column = 0;

    for (; c->at < c->len; c->at++) {
        if (c->s[c->at] == ' ')
            column++;
        else if (c->s[c->at] == '\t')
            column = column / 8 * 8 + 8;
        else if (c->s[c->at] == '\f')
            column = 0;
        else
            break;
    }
    if (c->at == c->len || c->s[c->at] == '#')
        return false;
    x->first = FIRST;
    if (!x->started || column > x->indent)
        x->first |= FIRST_OF_BLOCK;
    x->indent = column;
    x->before = NOTHING;
    return true;
}

unsigned
lexer_take(struct lexer *x, const char *text, size_t len, struct lexer_line *line)
{
    struct scan c = {.x = x, .s = text, .len = len, .line = line, .flags = x->doc};
    bool goes_on = false;

    if (line)
        line->n = 0;
    if (!x->inside && !begin_line(&c))
        x->started = 1;
    /* An empty line in a string has no text, but it may end the string. */
    if (c.len == 0 && is_text(innermost(x)))
        take_text(&c);
    while (c.at < c.len) {
        if (is_text(innermost(x)))
            take_text(&c);
        else
            goes_on = take_word(&c);
    }
    x->started |= !(x->first & FIRST);
    x->inside = goes_on || x->depth || x->n_nests;
    if (line)
        line->flags = c.flags;
    return c.flags;
}

void
lexer_line_release(struct lexer_line *line)
{
    free(line->spans);
    *line = (struct lexer_line){0};
}
